#include "client/characters.hpp"

#include <locale.h>
#include <wchar.h>

#include <array>
#include <cstdio>

namespace authd::client {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

bool reorders_text(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool is_harmful(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
         code == 0xFEFF || reorders_text(code);
}

std::string without_harm(std::string_view text, std::string_view line_break) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.code == '\n')
      out += line_break;
    else if (character.code == '\t')
      out += "  ";
    else if (character.code == 0xFFFD)
      out += "\uFFFD";
    else if (!is_harmful(character.code))
      out += text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
  }
  return out;
}

// glibc brings the widths of C.UTF-8 with itself, whatever locales are installed.
int width_in_utf8_locale(char32_t code) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) return 1;
  const locale_t former = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(code));
  uselocale(former);
  return width;
}

}  // namespace

Character first_character(std::string_view text) {
  constexpr Character broken{0xFFFD, 1};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return broken;
  char32_t code = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[i])) return broken;
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest[bytes] || code > 0x10FFFF || surrogate) return broken;
  return {code, bytes};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (character.code == 0xFFFD && character.bytes == 1) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

int columns_of(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return 0;
  if (code < 0x300) return code == 0xAD ? 0 : 1;
  const int width = width_in_utf8_locale(code);
  return width < 0 ? 0 : width;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += static_cast<std::size_t>(columns_of(character.code));
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::size_t character_before(std::string_view text, std::size_t at) {
  while (at > 0) {
    do --at;
    while (at > 0 && is_continuation(text[at]));
    if (columns_of(first_character(text.substr(at)).code) > 0) return at;
  }
  return 0;
}

std::size_t character_after(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  at += first_character(text.substr(at)).bytes;
  while (at < text.size()) {
    const Character next = first_character(text.substr(at));
    if (columns_of(next.code) > 0) break;
    at += next.bytes;
  }
  return at;
}

std::string printable(std::string_view text) { return without_harm(text, "\n"); }
std::string printable_line(std::string_view text) { return without_harm(text, " "); }

std::string printable_json(std::string_view json_text) {
  std::string out;
  out.reserve(json_text.size());
  while (!json_text.empty()) {
    const Character character = first_character(json_text);
    if (character.code >= 0x7F && is_harmful(character.code)) {
      std::array<char, 12> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(character.code));
      out += escape.data();
    } else {
      out += json_text.substr(0, character.bytes);
    }
    json_text.remove_prefix(character.bytes);
  }
  return out;
}

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return text + std::string(columns > used ? columns - used : 0, ' ');
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace authd::client
