// $NAME and ${NAME} in the strings of settings.json, as Qwen Code expands them when it reads the
// file (facts, 1.3). There is no escape.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "protocol/json.hpp"

namespace authd::core {

// The value of a variable, or nothing where it has none and the text is to stay.
using Expand = std::function<std::optional<std::string>(const std::string& name)>;

std::string interpolated(std::string_view text, const Expand& expand);
// The same in every string of a value; the names of members stay.
void interpolate(Json& value, const Expand& expand);

// The names that the strings of a value refer to.
void collect_references(const Json& value, std::set<std::string>& names);

}  // namespace authd::core
