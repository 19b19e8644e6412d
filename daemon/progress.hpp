// $/progress for who asked for it with a workDoneToken (rpc-contract, LSP's
// window/workDoneProgress).
#pragma once

#include <memory>
#include <string>

#include "daemon/rpc/dispatcher.hpp"

namespace authd {

struct Progress {
  std::shared_ptr<rpc::Peer> peer;
  Json token;  // null: nobody asked

  bool is_wanted() const { return !token.is_null(); }
  void begin(const std::string& message) const { tell("begin", message); }
  void report(const std::string& message) const { tell("report", message); }
  void end(const std::string& message) const { tell("end", message); }

 private:
  void tell(const char* kind, const std::string& message) const {
    if (!is_wanted()) return;
    peer->notify("$/progress",
                 {{"token", token}, {"value", {{"kind", kind}, {"message", message}}}});
  }
};

}  // namespace authd
