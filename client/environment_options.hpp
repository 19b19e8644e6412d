// The options of env, exec and keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace authd::client {

struct EnvironmentOptions {
  std::string shell;  // empty: what $SHELL says
  bool all = false;
  std::string target;  // of env sync
  std::vector<std::string> names;
  bool remove = false;
};

struct KeysOptions {
  std::string name;
  bool shell = false;
  std::optional<unsigned> timeout_s, lifetime_s;
};

}  // namespace authd::client
