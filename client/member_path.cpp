#include "client/member_path.hpp"

#include <algorithm>

namespace authd::client {
namespace {

// How many bytes of the text are a name in brackets, ["…"]; 0 where it does not begin with one.
std::size_t bracketed_bytes(std::string_view text) {
  if (!text.starts_with("[\"")) return 0;
  std::size_t close = 2;
  while (close < text.size() && text[close] != '"') close += text[close] == '\\' ? 2 : 1;
  return close < text.size() && text.substr(close).starts_with("\"]") ? close + 2 : 0;
}

}  // namespace

std::optional<std::vector<std::string>> parse_member_path(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty() || names.empty()) {
    if (const std::size_t bytes = bracketed_bytes(text); bytes > 0) {
      const auto name = parse_json(text.substr(1, bytes - 2));
      if (!name || !name->is_string()) return std::nullopt;
      names.push_back(name->get<std::string>());
      text.remove_prefix(bytes);
      continue;
    }
    if (!names.empty()) {
      if (!text.starts_with(".")) return std::nullopt;
      text.remove_prefix(1);
    }
    const std::size_t bytes = std::min(text.find_first_of(".[]\""), text.size());
    if (bytes == 0) return std::nullopt;
    names.emplace_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return names;
}

Outcome<void> check_member_path(std::string_view text) {
  if (parse_member_path(text)) return {};
  return usage("That is not the path of a member.",
               "A path is written as model.name, or as modelProviders[\"my.gateway\"] where a name "
               "has a dot in it.");
}

std::string env_name(std::string_view path) {
  const auto names = parse_member_path(path);
  return names && names->size() == 2 && names->front() == "env" ? names->back() : std::string();
}

}  // namespace authd::client
