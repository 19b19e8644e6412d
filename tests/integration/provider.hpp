// The provider on loopback, and what it was asked.
#pragma once

#include <optional>

#include "process.hpp"
#include "protocol/json.hpp"
#include "scratch.hpp"

namespace authd::tests {

class Provider {
 public:
  explicit Provider(std::vector<std::string> arguments = {});

  // "http://127.0.0.1:PORT", "PORT".
  const std::string& origin() const { return origin_; }
  std::string port() const { return origin_.substr(origin_.rfind(':') + 1); }
  // A base URL that suits the protocol; every request to it is answered in this mode.
  std::string base_url(const std::string& protocol, const std::string& mode = "ok") const;

  // The requests so far, oldest first: {method, path, headers, body, …}.
  std::vector<Json> requests() const;
  // Waits until there are as many.
  bool was_asked(std::size_t times = 1) const;

 private:
  Scratch scratch_;
  std::optional<Process> process_;
  std::string origin_;
};

}  // namespace authd::tests
