// How one request is answered: the vendors' ways, and every way in which they go wrong.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "http.hpp"
#include "vendor.hpp"

namespace loopback {

struct Options {
  std::string mode = "ok";
  std::string key;  // empty: any key will do
  // By Host: the key that is taken there, and nothing else. Where it is not empty, every other host
  // refuses every key.
  std::map<std::string, std::string> host_keys;
  std::string answer = "pong";
  std::string redirect_to;
  std::vector<std::string> models = {"loopback-model", "loopback-small"};
  bool only_listed_models = false;
};

bool is_mode(const std::string& name);
// One per line, for --help.
std::string mode_list();

// Answers `request`; false when the connection has to end now.
bool answer(Stream& stream, HttpConnection& http, const Request& request, const Route& route,
            const Options& options);

}  // namespace loopback
