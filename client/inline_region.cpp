#include "client/inline_region.hpp"

#include <algorithm>

namespace authd::client {
namespace {

std::string moved(std::size_t count, char direction) {
  return count == 0 ? std::string() : "\x1b[" + std::to_string(count) + direction;
}

}  // namespace

// A terminal that became narrower has broken the lines drawn before into several rows each.
std::string InlineRegion::back_to_top() const {
  if (widths_.empty()) return "\r";
  const std::size_t columns = terminal_.size().columns;
  std::size_t rows_above = cursor_.column / columns;
  for (std::size_t i = 0; i < cursor_.row && i < widths_.size(); ++i)
    rows_above += std::max<std::size_t>(1, (widths_[i] + columns - 1) / columns);
  return "\r" + moved(rows_above, 'A');
}

void InlineRegion::draw(const Picture& picture) {
  std::string bytes = "\x1b[?25l" + back_to_top();
  // A terminal that reflows remembers which rows were one line; erased, they are their own again.
  if (const std::size_t columns = terminal_.size().columns; columns != columns_) {
    columns_ = columns;
    bytes += "\x1b[J";
  }
  widths_.clear();
  for (std::size_t i = 0; i < picture.lines.size(); ++i) {
    if (i > 0) bytes += "\r\n";
    bytes += encoded(picture.lines[i], colours_) + "\x1b[K";
    widths_.push_back(columns_of_line(picture.lines[i]));
  }
  const std::size_t last = picture.lines.empty() ? 0 : picture.lines.size() - 1;
  bytes += "\x1b[J";
  cursor_ = picture.cursor.value_or(Position{last, 0});
  bytes += "\r" + moved(last - std::min(last, cursor_.row), 'A') + moved(cursor_.column, 'C');
  if (picture.cursor) bytes += "\x1b[?25h";
  terminal_.write(bytes);
}

void InlineRegion::leave(const std::vector<Line>& lines) {
  std::string bytes = "\x1b[?25l" + back_to_top() + "\x1b[J";
  for (const Line& line : lines) bytes += encoded(line, colours_) + "\r\n";
  terminal_.write(bytes + "\x1b[?25h");
  widths_.clear();
  cursor_ = {};
}

}  // namespace authd::client
