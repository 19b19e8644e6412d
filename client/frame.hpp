// The box around a screen of the wizard, as tall as the terminal allows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/inline_region.hpp"
#include "client/line.hpp"

namespace authd::client {

// The inside of a box; its lines are already wrapped to `columns_inside`.
struct Panel {
  std::string title;
  std::vector<Line> body;
  std::vector<Line> footer;
  std::optional<Position> cursor;             // in the body
  std::size_t scrolled = 0;                   // first line of the body to show where not all fit
  std::optional<std::size_t> focus_row = {};  // a row of the body to keep in sight
};

std::size_t columns_inside(const TerminalSize& size);

// `above` are the finished answers. Where the terminal is too low, the oldest of them are left
// out first, then the body is shown in part: around the cursor, else from `scrolled`.
Picture framed(const std::vector<Line>& above, const Panel& panel, const TerminalSize& size);

// The largest value of `scrolled` that makes a difference; 0 where the whole body fits.
std::size_t scroll_max(const Panel& panel, const TerminalSize& size);

}  // namespace authd::client
