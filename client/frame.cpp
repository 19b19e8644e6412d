#include "client/frame.hpp"

#include <algorithm>

#include "client/characters.hpp"

namespace authd::client {
namespace {

constexpr std::size_t columns_max = 96;  // longer lines are hard to read
constexpr std::size_t columns_min = 20;
constexpr std::size_t sides = 4;  // "│ " and " │"

std::size_t columns_outside(const TerminalSize& size) {
  // One column stays free: a full last column makes some terminals break the line.
  return std::clamp(size.columns - 1, columns_min, columns_max);
}

struct Part {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Borders, title, the blank lines around the body, footer, and the row below for the cursor.
std::size_t rows_besides_body(const Panel& panel) {
  return 2 + 2 + (panel.footer.empty() ? 0 : panel.footer.size() + 1) + 1;
}

std::size_t body_rows(const Panel& panel, const TerminalSize& size) {
  const std::size_t others = rows_besides_body(panel);
  const std::size_t room = size.rows > others + 3 ? size.rows - others : 3;
  return std::min(panel.body.size(), room);
}

Part visible_part(const Panel& panel, const TerminalSize& size) {
  const std::size_t count = body_rows(panel, size);
  const std::size_t last_first = panel.body.size() - count;
  std::size_t first = std::min(panel.scrolled, last_first);
  const std::size_t focus = panel.cursor ? panel.cursor->row : panel.focus_row.value_or(0);
  if (focus + 1 >= first + count && count > 0) first = std::min(focus - count / 2, last_first);
  return {first, count};
}

Line boxed(Line inside, std::size_t width) {
  const std::size_t used = columns_of_line(inside);
  inside.insert(inside.begin(), Span{"│ ", Tone::faint});
  inside.push_back(Span{std::string(width > used ? width - used : 0, ' ')});
  inside.push_back(Span{" │", Tone::faint});
  return inside;
}

Line more_marker(const char* arrow, std::size_t lines) {
  return line(std::string(arrow) + " " + std::to_string(lines) + (lines == 1 ? " line" : " lines"),
              Tone::faint);
}

}  // namespace

std::size_t columns_inside(const TerminalSize& size) { return columns_outside(size) - sides; }

std::size_t scroll_max(const Panel& panel, const TerminalSize& size) {
  return panel.body.size() - body_rows(panel, size);
}

Picture framed(const std::vector<Line>& above, const Panel& panel, const TerminalSize& size) {
  const std::size_t width = columns_inside(size);
  const Part part = visible_part(panel, size);
  const std::size_t rows = rows_besides_body(panel) + part.count;
  const std::size_t room_above = size.rows > rows ? size.rows - rows : 0;
  const std::size_t shown_above = std::min(above.size(), room_above);

  Picture picture;
  picture.lines.assign(above.end() - static_cast<std::ptrdiff_t>(shown_above), above.end());
  picture.lines.push_back(line("┌" + repeated("─", width + 2) + "┐", Tone::faint));
  const auto add = [&](Line inside) { picture.lines.push_back(boxed(std::move(inside), width)); };
  for (Line& title : wrapped(panel.title, width, Tone::strong)) {
    add(std::move(title));
    break;  // a title is one line; a longer one is cut
  }
  add({});
  if (panel.cursor)
    picture.cursor = Position{picture.lines.size() + panel.cursor->row - part.first,
                              panel.cursor->column + sides / 2};
  const std::size_t below = panel.body.size() - part.first - part.count;
  for (std::size_t i = 0; i < part.count; ++i) {
    if (i == 0 && part.first > 0)
      add(more_marker("↑", part.first + 1));
    else if (i + 1 == part.count && below > 0)
      add(more_marker("↓", below + 1));
    else
      add(panel.body[part.first + i]);
  }
  if (!panel.footer.empty()) add({});
  for (const Line& footer : panel.footer) add(footer);
  picture.lines.push_back(line("└" + repeated("─", width + 2) + "┘", Tone::faint));
  return picture;
}

}  // namespace authd::client
