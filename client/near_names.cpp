#include "client/near_names.hpp"

#include <algorithm>

#include "client/words.hpp"
#include "protocol/edit_distance.hpp"

namespace authd::client {

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::size_t names_max = 5;
  const std::string wanted = lowered(name);
  const std::size_t edits_max = std::max<std::size_t>(2, wanted.size() / 4);
  std::vector<std::string> near;
  const auto add = [&](auto is_near) {
    for (const std::string& candidate : names)
      if (near.size() < names_max && std::ranges::find(near, candidate) == near.end() &&
          is_near(lowered(candidate)))
        near.push_back(candidate);
  };
  add([&](const std::string& candidate) { return candidate.starts_with(wanted); });
  add([&](const std::string& candidate) { return candidate.contains(wanted); });
  add([&](const std::string& candidate) { return edit_distance(wanted, candidate) <= edits_max; });
  return near;
}

}  // namespace authd::client
