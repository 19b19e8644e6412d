// The vendors' hosts on loopback: a proxy that leads every CONNECT to one local server, and a
// certificate for the hosts' names by an authority of this test alone.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "scratch.hpp"

namespace authd::tests {

class VendorCertificate {
 public:
  explicit VendorCertificate(const std::vector<std::string>& hosts);
  std::string authority() const { return scratch_.path("ca.pem"); }
  // For the provider.
  std::vector<std::string> server_arguments() const;

 private:
  Scratch scratch_;
};

class VendorGate {
 public:
  // Where every connection ends, whatever host it is for.
  explicit VendorGate(const std::string& port);
  VendorGate(const VendorGate&) = delete;
  VendorGate& operator=(const VendorGate&) = delete;
  ~VendorGate();

  const std::string& url() const { return url_; }

 private:
  void serve();
  void pass_on(int client) const;

  int port_ = 0, listener_ = -1;
  std::string url_;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
  std::vector<std::thread> tunnels_;
};

}  // namespace authd::tests
