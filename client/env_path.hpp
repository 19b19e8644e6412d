// Paths to the variables that settings.json sets.
#pragma once

#include <string>
#include <string_view>

namespace authd::client {

// NAME of env.NAME or env["NAME"]; empty where the path means another member.
inline std::string env_name(std::string_view path) {
  if (path.starts_with("env.")) return std::string(path.substr(4));
  if (path.starts_with("env[\"") && path.ends_with("\"]") && path.size() > 7)
    return std::string(path.substr(5, path.size() - 7));
  return {};
}

}  // namespace authd::client
