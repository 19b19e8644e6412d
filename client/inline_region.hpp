// A few lines at the bottom of the scrollback that are drawn again in place; never the alternate
// screen, so that everything printed before stays where it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/line.hpp"
#include "client/terminal.hpp"

namespace authd::client {

struct Position {
  std::size_t row = 0;
  std::size_t column = 0;
};

struct Picture {
  std::vector<Line> lines;         // none wider than the terminal
  std::optional<Position> cursor;  // hidden where there is none
};

class InlineRegion {
 public:
  InlineRegion(Terminal& terminal, bool colours) : terminal_(terminal), colours_(colours) {}

  void draw(const Picture& picture);
  // Puts `lines` where the region was; they stay, and the region starts anew below them.
  void leave(const std::vector<Line>& lines);
  // What is on the screen belongs to something else now (the shell wrote below us).
  void forget() { widths_.clear(); }

 private:
  std::string back_to_top() const;

  Terminal& terminal_;
  const bool colours_;
  std::vector<std::size_t> widths_;  // of the lines on the screen
  Position cursor_;
  std::size_t columns_ = 0;  // of the terminal at the last drawing
};

}  // namespace authd::client
