#include "client/near_names.hpp"

#include <algorithm>

#include "client/words.hpp"

namespace authd::client {
namespace {

constexpr std::size_t names_max = 5;

// How many characters must be put in, taken out or replaced.
std::size_t edits_between(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j < row.size(); ++j) {
      const std::size_t replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names) {
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
  add([&](const std::string& candidate) { return edits_between(wanted, candidate) <= edits_max; });
  return near;
}

}  // namespace authd::client
