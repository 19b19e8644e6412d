// Jsonc: lines, indentation, and whose a comment is.
#include "daemon/core/jsonc_layout.hpp"

#include <algorithm>

namespace authd::core {

std::string Jsonc::Layout::line_break() const {
  return text_.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
}

std::size_t Jsonc::Layout::line_begin(std::size_t offset) {
  if (offset < line_begin_) line_begin_ = line_known_to_ = 0;
  if (offset <= line_known_to_) return line_begin_;
  const std::string_view unknown = text_.substr(line_known_to_, offset - line_known_to_);
  if (const std::size_t last = unknown.rfind('\n'); last != std::string_view::npos)
    line_begin_ = line_known_to_ + last + 1;
  line_known_to_ = offset;
  return line_begin_;
}

std::string Jsonc::Layout::indent_of_line(std::size_t offset) {
  const std::size_t begin = line_begin(offset);
  std::size_t end = begin;
  while (end < text_.size() && is_space(text_[end])) ++end;
  return std::string(text_.substr(begin, end - begin));
}

std::string Jsonc::Layout::indent_unit() {
  const Node first = document_.at(document_.root()).first_child;
  if (first == none || !is_multiline(document_.root())) return "  ";
  const std::string indent = indent_of_line(document_.at(first).outer_begin());
  return indent.empty() ? "  " : indent;
}

bool Jsonc::Layout::is_multiline(Node container) {
  if (const auto known = multiline_.find(container); known != multiline_.end())
    return known->second;
  const NodeData& data = document_.at(container);
  bool multiline = true;
  if (data.first_child != none) {
    const std::size_t first = document_.at(data.first_child).begin;
    const std::size_t last = document_.at(data.last_child).end;
    multiline = text_.substr(data.begin, first - data.begin).find('\n') != std::string_view::npos ||
                text_.substr(last, data.end - last).find('\n') != std::string_view::npos;
  } else if (data.parent != none) {
    multiline = is_multiline(data.parent);  // an empty container follows what it stands in
  }
  return multiline_[container] = multiline;
}

std::string Jsonc::Layout::child_indent(Node container) {
  const NodeData& data = document_.at(container);
  if (data.first_child != none) {
    // Only where the first child begins its line does that line's indentation belong to it.
    const std::size_t begin = document_.at(data.first_child).outer_begin();
    const std::string indent = indent_of_line(begin);
    if (line_begin(begin) + indent.size() == begin) return indent;
  }
  return indent_of_line(data.begin) + indent_unit();
}

std::size_t Jsonc::Layout::line_break_after(std::size_t offset) const {
  while (offset < text_.size() && (is_space(text_[offset]) || text_[offset] == '\r')) ++offset;
  return offset < text_.size() && text_[offset] == '\n' ? offset : std::string_view::npos;
}

// Behind the comment that begins at `offset`; `offset` where none does.
std::size_t Jsonc::Layout::comment_end(std::size_t offset) const {
  if (text_.substr(offset).starts_with("//"))
    return std::min(text_.find('\n', offset), text_.size());
  if (text_.substr(offset).starts_with("/*")) return text_.find("*/", offset + 2) + 2;
  return offset;
}

// Where the comments end that stand behind `offset` on the same line; `offset` where none do.
std::size_t Jsonc::Layout::same_line_comments_end(std::size_t offset) const {
  std::size_t end = offset;
  for (std::size_t at = offset; at < text_.size();) {
    if (is_space(text_[at]) || text_[at] == ',') {
      ++at;
      continue;
    }
    const std::size_t close = comment_end(at);
    if (close == at || text_.substr(at, close - at).find('\n') != std::string_view::npos) break;
    at = end = close;
  }
  return end;
}

std::size_t Jsonc::Layout::comma_after(std::size_t offset) const {
  while (offset < text_.size() && text_[offset] != ',') {
    const std::size_t next = is_blank(text_[offset]) ? offset + 1 : comment_end(offset);
    if (next == offset) return std::string_view::npos;
    offset = next;
  }
  return offset < text_.size() ? offset : std::string_view::npos;
}

Jsonc::Layout::Place Jsonc::Layout::behind(std::size_t offset) const {
  const std::size_t line_feed = line_break_after(same_line_comments_end(offset));
  if (line_feed == std::string_view::npos) return {offset, false};
  return {text_[line_feed - 1] == '\r' ? line_feed - 1 : line_feed, true};
}

// Comments directly before a child belong to it: on its line, and on lines of their own above it,
// up to a blank line or to what stands on the line of its predecessor. Where it begins its line,
// it begins with the indentation.
std::size_t Jsonc::Layout::own_comments_begin(Node node) const {
  const NodeData& data = document_.at(node);
  const std::size_t before = data.previous == none
                                 ? document_.at(data.parent).begin + std::size_t{1}
                                 : comma_after(document_.at(data.previous).end) + 1;
  constexpr std::size_t nowhere = std::string_view::npos;
  std::size_t own = nowhere, line = nowhere;  // where the comments and the current line begin
  bool line_is_blank = false;
  for (std::size_t at = behind(before).offset; at < data.outer_begin();) {
    const std::size_t close = comment_end(at);
    if (close > at) {
      if (own == nowhere) own = line_is_blank ? line : at;
      line_is_blank = false;
      at = close;
    } else if (text_[at++] == '\n') {
      if (line_is_blank || line == nowhere) own = nowhere;
      line = at;
      line_is_blank = true;
    }
  }
  if (own != nowhere) return own;
  return line_is_blank ? line : data.outer_begin();
}

Jsonc::Splice Jsonc::Layout::removal_of(Node node) const {
  const NodeData& data = document_.at(node);
  const std::size_t begin = own_comments_begin(node);
  const bool is_last = data.next == none;
  std::size_t end = is_last ? std::size_t{data.end} : comma_after(data.end) + 1;
  if (const Place place = behind(end); place.ends_line) {
    end = begins_line(begin) ? line_break_after(place.offset) + 1 : place.offset;
  } else if (is_last) {
    end = same_line_comments_end(end);  // before the bracket, a comment can only be its own
  } else {
    while (is_space(text_[end])) ++end;  // a comment here is the next one's
  }
  return {begin, end, ""};
}

}  // namespace authd::core
