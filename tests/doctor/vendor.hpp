// A server on loopback that plays every vendor of a scenario, as the scenario's rules say: reached
// directly, or as the proxy that the scenario's environment names, also for https, because it then
// shows a certificate of the test's own authority. One request per connection.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "authority.hpp"
#include "protocol/json.hpp"

namespace authd::doctor {

class Vendor {
 public:
  // The first of `rules` that matches a request answers it, with a reply of its own or one named in
  // `replies`; see scenarios/README.md. Listens on 127.0.0.1, or on [::1] alone.
  Vendor(OrderedJson rules, const OrderedJson& replies, Authority& authority, bool on_ipv6);
  Vendor(const Vendor&) = delete;
  Vendor& operator=(const Vendor&) = delete;
  ~Vendor();

  std::string port() const { return std::to_string(port_); }
  // "POST https://api.deepseek.com/chat/completions -> 401", oldest first, without keys.
  std::vector<std::string> requests();

 private:
  struct Request;
  struct Place;
  void accept_all();
  void serve(int descriptor);
  void answer(class Peer& peer, const Request& request, const Place& place);
  const OrderedJson* rule_for(const Request& request, const Place& place) const;

  const OrderedJson rules_;
  const OrderedJson& replies_;
  Authority& authority_;
  unsigned short port_ = 0;
  int listener_ = -1;  // after port_, which it fills
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> open_;
  std::vector<std::jthread> serving_;
  std::jthread accepting_;
};

// Whether this machine can listen on [::1].
bool has_ipv6();

}  // namespace authd::doctor
