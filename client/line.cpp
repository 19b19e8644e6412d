#include "client/line.hpp"

#include <algorithm>
#include <iterator>

#include "client/characters.hpp"

namespace authd::client {
namespace {

std::string_view sgr(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::strong: return "\x1b[1m";
    case Tone::faint: return "\x1b[2m";
    case Tone::chosen: return "\x1b[36m";
    case Tone::good: return "\x1b[32m";
    case Tone::warning: return "\x1b[33m";
    case Tone::bad: return "\x1b[31m";
  }
  return "";
}

// How many bytes of `text` fit in `columns`; at least one character, so that a loop gets on.
std::size_t bytes_that_fit(std::string_view text, std::size_t columns) {
  std::size_t used = 0, at = 0;
  while (at < text.size()) {
    const Character character = first_character(text.substr(at));
    used += static_cast<std::size_t>(columns_of(character.code));
    if (used > columns && at > 0) break;
    at += character.bytes;
  }
  return at;
}

std::vector<std::string> pieces(std::string_view text, std::size_t columns, std::size_t hanging) {
  std::vector<std::string> out;
  const std::size_t own_indent = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t indent = std::min(own_indent + hanging, columns / 2);
  std::string prefix;
  while (columns_of(text) + prefix.size() > columns) {
    const std::size_t room = columns - prefix.size();
    std::size_t cut = bytes_that_fit(text, room);
    const std::size_t blank = text.substr(0, cut + 1).rfind(' ');
    const std::size_t first_word = std::min(text.find_first_not_of(' '), text.size());
    if (blank != std::string_view::npos && blank > first_word) cut = blank;
    out.push_back(prefix + std::string(text.substr(0, cut)));
    text.remove_prefix(cut);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    prefix.assign(indent, ' ');
    if (text.empty()) return out;
  }
  out.push_back(prefix + std::string(text));
  return out;
}

}  // namespace

Line line(std::string text, Tone tone) { return {Span{std::move(text), tone}}; }

void append(std::vector<Line>& lines, std::vector<Line> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

std::string plain_text(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

std::size_t columns_of_line(const Line& line) {
  std::size_t columns = 0;
  for (const Span& span : line) columns += columns_of(span.text);
  return columns;
}

std::vector<Line> wrapped(std::string_view text, std::size_t columns, Tone tone,
                          std::size_t hanging) {
  std::vector<Line> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    for (std::string& piece :
         pieces(text.substr(0, end), std::max<std::size_t>(columns, 2), hanging))
      lines.push_back(line(std::move(piece), tone));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::vector<Line> wrapped_after(const Line& lead, std::string_view text, std::size_t columns,
                                Tone tone) {
  const std::size_t indent = columns_of_line(lead);
  // Where the lead leaves little room, the text goes under it instead of beside it.
  const bool beside = indent + 16 <= columns || indent + columns_of(text) <= columns;
  std::vector<Line> lines;
  if (!beside) {
    lines.push_back(lead);
    for (Line& more : wrapped(text, columns > 2 ? columns - 2 : 2, tone)) {
      more.insert(more.begin(), Span{"  "});
      lines.push_back(std::move(more));
    }
    return lines;
  }
  for (Line& more : wrapped(text, columns - indent, tone)) {
    if (lines.empty())
      more.insert(more.begin(), lead.begin(), lead.end());
    else
      more.insert(more.begin(), Span{std::string(indent, ' ')});
    lines.push_back(std::move(more));
  }
  return lines;
}

std::string encoded(const Line& line, bool colours) {
  std::string bytes;
  for (const Span& span : line) {
    const std::string_view start = colours ? sgr(span.tone) : std::string_view();
    bytes.append(start).append(span.text);
    if (!start.empty()) bytes += "\x1b[0m";
  }
  return bytes;
}

std::vector<Line> diff_lines(std::string_view diff, std::size_t columns) {
  std::vector<Line> lines;
  while (!diff.empty()) {
    const std::size_t end = std::min(diff.find('\n'), diff.size());
    const std::string_view text = diff.substr(0, end);
    const bool is_header = text.starts_with("+++") || text.starts_with("---");
    Tone tone = Tone::plain;
    if (is_header || text.starts_with("@@"))
      tone = Tone::faint;
    else if (text.starts_with("+"))
      tone = Tone::good;
    else if (text.starts_with("-"))
      tone = Tone::bad;
    for (Line& piece : wrapped(text, columns, tone, 2)) lines.push_back(std::move(piece));
    diff.remove_prefix(std::min(end + 1, diff.size()));
  }
  return lines;
}

}  // namespace authd::client
