// Whether a presented chain of certificates would be trusted, by the system's store and by Node's.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/reach.hpp"

namespace authd::io {

// Where Debian's ca-certificates keeps authorities.
struct TrustStores {
  std::string system = "/etc/ssl/certs";  // of hashed names
  // Mozilla's set alone, which is what Node brings along.
  std::string mozilla = "/usr/share/ca-certificates/mozilla";
};

struct ChainQuestion {
  std::vector<std::string> pems;  // as presented, the server's own first
  std::string host;               // a name, or an address without brackets
  std::string extra_ca_file;      // NODE_EXTRA_CA_CERTS
  bool node_uses_system_store = false;
};

// Reads files: not for the io thread.
core::Chain judged_chain(const ChainQuestion& question, const TrustStores& stores = {});

}  // namespace authd::io
