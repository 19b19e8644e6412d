#include "daemon/core/diff.hpp"

#include <algorithm>
#include <string_view>

namespace authd::core {
namespace {

constexpr std::size_t context_lines = 3;
constexpr std::size_t shown_line_bytes_max = 2000;
// The table of the longest common subsequence has at most this many cells.
constexpr std::size_t table_cells_max = 4'000'000;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Edit {
  char sign;  // ' ', '-', '+'
  std::size_t old_line, new_line;
};

// The middle part, between the common beginning and the common end, by longest common subsequence.
void compare_middle(const Lines& a, const Lines& b, std::size_t begin, std::size_t a_end,
                    std::size_t b_end, std::vector<Edit>& edits) {
  const std::size_t rows = a_end - begin, columns = b_end - begin;
  std::size_t i = 0, j = 0;
  if (rows * columns <= table_cells_max && rows > 0 && columns > 0) {
    std::vector<std::uint32_t> length((rows + 1) * (columns + 1), 0);
    const auto cell = [&](std::size_t r, std::size_t c) -> std::uint32_t& {
      return length[r * (columns + 1) + c];
    };
    for (std::size_t r = rows; r-- > 0;)
      for (std::size_t c = columns; c-- > 0;)
        cell(r, c) = a[begin + r] == b[begin + c] ? cell(r + 1, c + 1) + 1
                                                  : std::max(cell(r + 1, c), cell(r, c + 1));
    while (i < rows && j < columns) {
      if (a[begin + i] == b[begin + j])
        edits.push_back({' ', begin + i++, begin + j++});
      else if (cell(i + 1, j) >= cell(i, j + 1))
        edits.push_back({'-', begin + i++, begin + j});
      else
        edits.push_back({'+', begin + i, begin + j++});
    }
  }
  for (; i < rows; ++i) edits.push_back({'-', begin + i, begin + j});
  for (; j < columns; ++j) edits.push_back({'+', begin + i, begin + j});
}

std::vector<Edit> compare(const Lines& a, const Lines& b) {
  std::size_t begin = 0, a_end = a.size(), b_end = b.size();
  while (begin < a_end && begin < b_end && a[begin] == b[begin]) ++begin;
  while (a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]) --a_end, --b_end;
  std::vector<Edit> edits;
  for (std::size_t i = begin - std::min(begin, context_lines); i < begin; ++i)
    edits.push_back({' ', i, i});
  compare_middle(a, b, begin, a_end, b_end, edits);
  for (std::size_t i = 0; i < context_lines && a_end + i < a.size(); ++i)
    edits.push_back({' ', a_end + i, b_end + i});
  return edits;
}

void append_line(std::string& out, char sign, std::string_view line) {
  const bool ended = line.ends_with('\n');
  if (ended) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  out += sign;
  out += line.substr(0, shown_line_bytes_max);
  if (line.size() > shown_line_bytes_max) out += "…";
  out += ended ? "\n" : "\n\\ No newline at end of file\n";
}

std::string range(std::size_t first, std::size_t count) {
  return std::to_string(count == 0 ? first : first + 1) +
         (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

std::string unified_diff(const std::string& old_text, const std::string& new_text,
                         const std::string& old_shown, const std::string& new_shown,
                         const std::string& path) {
  if (old_text == new_text) return {};
  const Lines old_lines = lines_of(old_shown), new_lines = lines_of(new_shown);
  const std::vector<Edit> edits = compare(lines_of(old_text), lines_of(new_text));
  std::string out = "--- " + (old_text.empty() ? "/dev/null" : path) + "\n+++ " + path + "\n";
  // Hunks: runs of changes with at most six unchanged lines between them.
  for (std::size_t at = 0; at < edits.size();) {
    std::size_t last_change = edits.size(), end = at;
    for (std::size_t i = at; i < edits.size(); ++i) {
      if (edits[i].sign != ' ') {
        if (last_change != edits.size() && i - last_change > 2 * context_lines + 1) break;
        last_change = i;
      }
      end = i + 1;
    }
    if (last_change == edits.size()) break;
    std::size_t first = at;
    while (edits[first].sign == ' ') ++first;
    first -= std::min(first - at, context_lines);
    end = std::min(end, last_change + 1 + context_lines);
    std::size_t old_count = 0, new_count = 0;
    for (std::size_t i = first; i < end; ++i) {
      old_count += edits[i].sign != '+';
      new_count += edits[i].sign != '-';
    }
    out += "@@ -" + range(edits[first].old_line, old_count) + " +" +
           range(edits[first].new_line, new_count) + " @@\n";
    for (std::size_t i = first; i < end; ++i)
      append_line(
          out, edits[i].sign,
          edits[i].sign == '+' ? new_lines[edits[i].new_line] : old_lines[edits[i].old_line]);
    at = last_change + 1;
  }
  return out;
}

}  // namespace authd::core
