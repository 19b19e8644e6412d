// Lines of text with tones, before they become bytes for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace authd::client {

enum class Tone { plain, strong, faint, chosen, good, warning, bad };

struct Span {
  std::string text;
  Tone tone = Tone::plain;
};

using Line = std::vector<Span>;

Line line(std::string text, Tone tone = Tone::plain);

void append(std::vector<Line>& lines, std::vector<Line> more);

std::string plain_text(const Line& line);
std::size_t columns_of_line(const Line& line);

// `text` cut into lines of at most `columns`: at its own line breaks, else at blanks, else inside
// a word. The lines after a break start under the first word plus `hanging` columns.
std::vector<Line> wrapped(std::string_view text, std::size_t columns, Tone tone = Tone::plain,
                          std::size_t hanging = 0);

// One line that starts with `lead` and continues, wrapped, under the end of `lead`.
std::vector<Line> wrapped_after(const Line& lead, std::string_view text, std::size_t columns,
                                Tone tone = Tone::plain);

// The line as bytes: with SGR colours, or (NO_COLOR, no terminal) without.
std::string encoded(const Line& line, bool colours);

// A unified diff, a tone per line.
std::vector<Line> diff_lines(std::string_view diff, std::size_t columns);

}  // namespace authd::client
