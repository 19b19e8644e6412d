#include "daemon/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace authd::core {
namespace {

// Invisible, and never part of what a person meant to type.
bool is_zero_width(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0x180E;
}

CodePoint last_code_point(std::string_view text) {
  std::size_t begin = text.size() - 1;
  while (begin > 0 && text.size() - begin < 4 &&
         (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80)
    --begin;
  const CodePoint found = code_point_at(text, begin);
  if (begin + found.bytes == text.size()) return found;
  return {0xFFFD, text.size() - 1, 1};
}

template <class Predicate>
std::string_view trim_where(std::string_view text, Predicate predicate) {
  while (!text.empty()) {
    const CodePoint first = code_point_at(text, 0);
    if (!predicate(first.value)) break;
    text.remove_prefix(first.bytes);
  }
  while (!text.empty()) {
    const CodePoint last = last_code_point(text);
    if (!predicate(last.value)) break;
    text.remove_suffix(last.bytes);
  }
  return text;
}

template <class Predicate>
std::optional<ForeignCharacter> first_where(std::string_view text, Predicate predicate) {
  std::size_t position = 1;
  for (std::size_t at = 0; at < text.size(); ++position) {
    const CodePoint point = code_point_at(text, at);
    if (predicate(point.value)) {
      std::array<char, 16> name{};
      std::snprintf(name.data(), name.size(), "U+%04X", static_cast<unsigned>(point.value));
      return ForeignCharacter{position, name.data()};
    }
    at += point.bytes;
  }
  return std::nullopt;
}

}  // namespace

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+=,";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos)
    return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

bool is_js_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

CodePoint code_point_at(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) {
    return offset + i < text.size() ? static_cast<unsigned char>(text[offset + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, offset, 1};
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0) return {0xFFFD, offset, 1};
  char32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {0xFFFD, offset, 1};
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  return {value, offset, length};
}

std::string_view js_trim(std::string_view text) { return trim_where(text, is_js_space); }

std::string js_upper(std::string_view text) {
  static constexpr std::array<std::pair<char32_t, std::string_view>, 17> special{{
      {0x00DF, "SS"},
      {0x0131, "I"},
      {0x0149, "ʼN"},
      {0x017F, "S"},
      {0x01F0, "J̌"},
      {0x1E96, "H̱"},
      {0x1E97, "T̈"},
      {0x1E98, "W̊"},
      {0x1E99, "Y̊"},
      {0x1E9A, "Aʾ"},
      {0xFB00, "FF"},
      {0xFB01, "FI"},
      {0xFB02, "FL"},
      {0xFB03, "FFI"},
      {0xFB04, "FFL"},
      {0xFB05, "ST"},
      {0xFB06, "ST"},
  }};
  std::string upper;
  upper.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const auto found = std::find_if(special.begin(), special.end(),
                                    [&](const auto& row) { return row.first == point.value; });
    if (found != special.end())
      upper += found->second;
    else if (point.value >= 'a' && point.value <= 'z')
      upper += static_cast<char>(point.value - 'a' + 'A');
    else
      upper.append(text, at, point.bytes);
    at += point.bytes;
  }
  return upper;
}

std::string clean_input(std::string_view text) {
  while (true) {
    const std::size_t before = text.size();
    text = trim_where(text, [](char32_t c) { return is_js_space(c) || is_zero_width(c); });
    for (const std::string_view mark : {"\x1b[200~", "\x1b[201~"}) {
      if (text.starts_with(mark)) text.remove_prefix(mark.size());
      if (text.ends_with(mark)) text.remove_suffix(mark.size());
    }
    if (text.size() == before) return std::string(text);
  }
}

std::optional<ForeignCharacter> foreign_character(std::string_view text) {
  return first_where(text, [](char32_t c) { return c < 0x21 || c > 0x7E; });
}

std::optional<ForeignCharacter> control_character(std::string_view text) {
  return first_where(text, [](char32_t c) { return c < 0x20 || c == 0x7F; });
}

Expandable next_expandable(std::string_view text, std::size_t from) {
  bool may_close = true;  // false once no brace closes any more
  for (std::size_t at = text.find('$', from); at != std::string_view::npos;
       at = text.find('$', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && is_word_character(text[end])) ++end;
    if (end > at + 1) return {at, end, text.substr(at + 1, end - at - 1)};
    if (!may_close || end >= text.size() || text[end] != '{') continue;
    const std::size_t close = text.find('}', end);
    may_close = close != std::string_view::npos;
    if (may_close && close > end + 1) return {at, close + 1, text.substr(end + 1, close - end - 1)};
  }
  return {text.size(), text.size(), {}};
}

std::optional<std::string> expandable_name(std::string_view text) {
  const Expandable first = next_expandable(text);
  if (first.name.empty()) return std::nullopt;
  return std::string(first.name);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text.append(i == 0 ? "" : separator).append(parts[i]);
  return text;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace authd::core
