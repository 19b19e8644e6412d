#include "daemon/core/path.hpp"

#include <algorithm>

#include "daemon/core/text.hpp"
#include "protocol/json.hpp"

namespace authd::core {
namespace {

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_word_character(c) || c == '$' || c == '@' || c == '-';
  });
}

// Takes a name from the front of the text.
std::optional<std::string> take_plain(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_of(".[]\""), text.size());
  if (length == 0) return std::nullopt;
  std::string name(text.substr(0, length));
  text.remove_prefix(length);
  return name;
}

// Takes ["…"] from the front of the text.
std::optional<std::string> take_bracketed(std::string_view& text) {
  if (!text.starts_with("[\"")) return std::nullopt;
  std::size_t close = 2;
  while (close < text.size() && text[close] != '"') close += text[close] == '\\' ? 2 : 1;
  if (close >= text.size() || !text.substr(close).starts_with("\"]")) return std::nullopt;
  const auto name = parse_json(text.substr(1, close));
  if (!name || !name->is_string()) return std::nullopt;
  text.remove_prefix(close + 2);
  return name->get<std::string>();
}

}  // namespace

std::string path_text(const Path& path) {
  std::string text;
  for (const std::string& name : path) {
    if (!is_plain_name(name))
      text += "[" + quote(name) + "]";
    else
      text += (text.empty() ? "" : ".") + name;
  }
  return text;
}

std::optional<Path> parse_path(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Path path;
  while (!text.empty()) {
    const bool bracketed = text.front() == '[';
    if (!bracketed && !path.empty()) {
      if (text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    auto name = bracketed ? take_bracketed(text) : take_plain(text);
    if (!name) return std::nullopt;
    path.push_back(*std::move(name));
  }
  return path;
}

bool is_skipped_name(std::string_view name) {
  return name == "__proto__" || name == "constructor" || name == "prototype";
}

bool is_below(const Path& path, const Path& root) {
  return path.size() >= root.size() && std::equal(root.begin(), root.end(), path.begin());
}

}  // namespace authd::core
