#include "protocol/caller_variables.hpp"

#include <algorithm>

namespace authd {

bool variable_matters(std::string_view name) {
  const auto fits = [&](std::string_view pattern) {
    return pattern.starts_with('*') ? name.ends_with(pattern.substr(1))
                                    : name.starts_with(pattern.substr(0, pattern.size() - 1));
  };
  return std::ranges::find(caller_variables, name) != caller_variables.end() ||
         std::ranges::any_of(caller_variable_patterns, fits);
}

}  // namespace authd
