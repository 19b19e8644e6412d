// Jsonc: where things stand in the text. Internal to the jsonc_*.cpp files.
#pragma once

#include "daemon/core/jsonc.hpp"

namespace authd::core {

// Answers about one document, which outlives it. Asked in the order of the text, all answers
// together are linear in it.
class Jsonc::Layout {
 public:
  explicit Layout(const Jsonc& document) : document_(document), text_(document.text()) {}

  std::string line_break() const;
  std::string indent_unit();
  std::string indent_of_line(std::size_t offset);
  std::string child_indent(Node container);
  bool is_multiline(Node container);

  // Where something new goes behind a bracket, a value or a comma: at the end of the line, where
  // nothing but comments is left on it; else directly, because they belong to what follows.
  struct Place {
    std::size_t offset;
    bool ends_line;
  };
  Place behind(std::size_t offset) const;
  std::size_t same_line_comments_end(std::size_t offset) const;
  // The offset of the comma that follows a value, past white space and comments; npos without.
  std::size_t comma_after(std::size_t offset) const;

  // What goes with a child that is removed: its comma, and the comments that are its own.
  Splice removal_of(Node node) const;
  // Whether `offset` is the first of its line.
  bool begins_line(std::size_t offset) const { return offset > 0 && text_[offset - 1] == '\n'; }
  // The line break that follows past blanks; npos where something else stands there.
  std::size_t line_break_after(std::size_t offset) const;

 private:
  std::size_t line_begin(std::size_t offset);
  std::size_t comment_end(std::size_t offset) const;
  std::size_t own_comments_begin(Node node) const;

  const Jsonc& document_;
  std::string_view text_;
  std::size_t line_begin_ = 0, line_known_to_ = 0;  // no line break in between
  std::unordered_map<Node, bool> multiline_;
};

inline bool is_space(char c) { return c == ' ' || c == '\t'; }
// A carriage return alone is white space, as for JSON; with a line feed it ends a line.
inline bool is_blank(char c) { return is_space(c) || c == '\n' || c == '\r'; }

}  // namespace authd::core
