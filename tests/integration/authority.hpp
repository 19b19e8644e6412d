// A certificate authority of one test alone, and a server certificate by it for 127.0.0.1 and 0.0.0.0.
#pragma once

#include "scratch.hpp"

namespace authd::tests {

class Authority {
 public:
  Authority();
  std::string certificate() const { return path("ca.pem"); }
  // For the provider.
  std::vector<std::string> server_arguments() const;
  std::string path(const std::string& name) const { return scratch_.path(name); }

 private:
  std::string key(const std::string& name) const { return path(name + ".key"); }
  Scratch scratch_;
};

}  // namespace authd::tests
