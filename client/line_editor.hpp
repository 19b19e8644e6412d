// One line of text being edited: keys in, text and cursor out. No terminal, no drawing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "client/key.hpp"

namespace authd::client {

// The text may be a key that is being typed, so every buffer it outgrows is wiped.
class LineEditor {
 public:
  explicit LineEditor(std::string_view text = {});
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  // Whether the key was one for the editor. Enter, Esc, Tab, arrows up and down are not.
  bool handle(const Key& key);

  void assign(std::string_view text);
  const std::string& text() const { return text_; }
  std::size_t cursor() const { return cursor_; }  // in bytes, between characters

 private:
  void insert(std::string_view text);
  void erase(std::size_t from, std::size_t to);
  std::size_t word_before() const;

  std::string text_;
  std::size_t cursor_ = 0;
};

// What is shown instead of a key that is being typed: the first 3 characters and a bullet for each
// further one once there are 12, else bullets only. One character in, one character out, so the
// cursor stays where it belongs.
std::string masked_while_typed(std::string_view text);

// Pasted text as one line: line breaks at its ends go, those inside become blanks.
std::string pasted_line(std::string_view text);

}  // namespace authd::client
