// Keys, and how they are told from the bytes a terminal sends.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace authd::client {

struct Key {
  enum class Kind {
    character,  // `text` is one character
    paste,      // `text` is what was pasted
    control,    // Ctrl and `letter`
    enter,
    escape,
    tab,
    backspace,
    erase,
    left,
    right,
    up,
    down,
    home,
    end,
    page_up,
    page_down,
  };
  Kind kind;
  std::string text = {};
  char letter = 0;
};

// Esc is also the first byte of every arrow key: only a pause tells them apart. `pause` is called
// when nothing has come for escape_pause_ms. Bytes between the marks of a bracketed paste are one
// key, so that a line break inside them cannot submit anything.
class KeyDecoder {
 public:
  static constexpr int escape_pause_ms = 50;

  ~KeyDecoder();

  void feed(std::string_view bytes);
  void pause();
  bool waits_for_more() const { return !buffer_.empty() && !pasting_; }

  std::optional<Key> take();

 private:
  bool decode_one();
  bool decode_escape();
  bool decode_paste();

  std::string buffer_;
  std::deque<Key> keys_;
  bool pasting_ = false;
};

}  // namespace authd::client
