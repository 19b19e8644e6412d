// How a person types where a member stands: model.name, modelProviders["my.gw"].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/fault.hpp"

namespace authd::client {

// The names from the root; nothing where the text is no path.
std::optional<std::vector<std::string>> parse_member_path(std::string_view text);

// A usage fault where it is none.
Outcome<void> check_member_path(std::string_view text);

// NAME of env.NAME or env["NAME"]; empty where the path means another member.
std::string env_name(std::string_view path);

}  // namespace authd::client
