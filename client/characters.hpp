// UTF-8 characters and the columns they take on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace authd::client {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

// The first character of `text`, which is not empty. A byte that is not UTF-8 counts as U+FFFD.
Character first_character(std::string_view text);
bool is_utf8(std::string_view text);

// 0 for combining marks and controls, 2 for wide characters (CJK, emoji), else 1. Does not depend
// on the user's locale, which is often POSIX on a terminal that shows UTF-8 all the same.
int columns_of(char32_t code);
std::size_t columns_of(std::string_view text);

// The start of the character that begins before `at` resp. the end of the one that begins at `at`,
// combining marks taken along with the character they sit on.
std::size_t character_before(std::string_view text, std::size_t at);
std::size_t character_after(std::string_view text, std::size_t at);

// Text from the daemon or a provider made harmless for a terminal: controls (C0, C1, DEL), marks
// that reorder text (U+202E and its kin) and broken UTF-8 are taken out, tabs become blanks. Line
// breaks stay.
std::string printable(std::string_view text);
// The same, with line breaks turned into blanks.
std::string printable_line(std::string_view text);

// JSON text with the same characters escaped, which keeps its meaning.
std::string printable_json(std::string_view json_text);

// With blanks behind it, up to so many columns.
std::string padded(const std::string& text, std::size_t columns);

std::string repeated(std::string_view text, std::size_t times);

}  // namespace authd::client
