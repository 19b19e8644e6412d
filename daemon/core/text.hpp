// Text as JavaScript and terminals see it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

struct CodePoint {
  char32_t value = 0;  // U+FFFD for bytes that are not UTF-8
  std::size_t offset = 0;
  std::size_t bytes = 1;
};

CodePoint code_point_at(std::string_view text, std::size_t offset);

// Of ASCII.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
// What `\w` matches in a regular expression of JavaScript.
constexpr bool is_word_character(char c) { return is_alphanumeric(c) || c == '_'; }
// What begins and ends a text in JavaScript, and a value in a .env file.
constexpr bool is_quote(char c) { return c == '\'' || c == '"' || c == '`'; }

// A word as a shell takes it.
std::string shell_quoted(std::string_view word);

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts);

// What `\s` matches in a regular expression of JavaScript.
bool is_js_space(char32_t c);

// String.prototype.trim of JavaScript: its white space includes U+00A0, U+FEFF and U+2028.
std::string_view js_trim(std::string_view text);

// String.prototype.toUpperCase, as far as its result can be ASCII (facts, 3.1): seventeen code
// points outside ASCII become ASCII letters; all others are left as they are.
std::string js_upper(std::string_view text);

// What a person typed or pasted, without what they cannot see at its ends: white space, byte order
// marks, zero-width characters and the marks of a bracketed paste.
std::string clean_input(std::string_view text);

struct ForeignCharacter {
  std::size_t position;  // counts characters from 1
  std::string name;      // "U+201C"
};
// The first character outside 0x21..0x7E, which no HTTP header value of a key can hold.
std::optional<ForeignCharacter> foreign_character(std::string_view text);

// The first control character (below 0x20, or 0x7F).
std::optional<ForeignCharacter> control_character(std::string_view text);

// A `$NAME` or `${NAME}` that Qwen Code would expand when it reads settings.json (facts, 1.3).
struct Expandable {
  std::size_t begin = 0, end = 0;  // of all of it; both the text's size where there is none
  std::string_view name;           // empty where there is none
};
Expandable next_expandable(std::string_view text, std::size_t from = 0);
// The name of the first.
std::optional<std::string> expandable_name(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string lower_ascii(std::string_view text);

}  // namespace authd::core
