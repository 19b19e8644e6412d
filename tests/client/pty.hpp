// qwen-authctl on a pseudo-terminal, with a screen that is drawn as a terminal would.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <functional>
#include <string>
#include <vector>

namespace authd::client::tests {

// The cells of a terminal: as much of its language as the client speaks.
class Screen {
 public:
  Screen(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), lines_(rows) {}
  void feed(const std::string& bytes);
  std::string text() const;        // with the scrollback above, trailing blanks cut
  std::size_t cursor_row() const { return row_; }
  std::size_t cursor_column() const { return column_; }
  bool cursor_shown() const { return cursor_shown_; }
  bool pastes_bracketed() const { return pastes_bracketed_; }

 private:
  void control_sequence(const std::string& arguments, char final);
  void put(const std::string& character, std::size_t width);
  void new_line();

  std::size_t columns_, rows_;
  std::vector<std::vector<std::string>> lines_;
  std::vector<std::string> scrollback_;
  std::size_t row_ = 0, column_ = 0;
  std::string pending_;
  bool cursor_shown_ = true, pastes_bracketed_ = false;
};

// What keys send.
inline const std::string enter = "\r", escape = "\x1b", backspace = "\x7f", ctrl_l = "\x0c", ctrl_u = "\x15",
                         up = "\x1b[A", down = "\x1b[B", left = "\x1b[D", page_down = "\x1b[6~";

class Pty {
 public:
  // Runs the program; `environment` is added to TERM, HOME and PATH.
  Pty(const std::vector<std::string>& words, const std::vector<std::string>& environment,
      std::size_t columns = 80, std::size_t rows = 30);
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty();

  void type(const std::string& bytes);
  void resize(std::size_t columns, std::size_t rows);
  void signal(int number);
  // Waits until the screen holds the text; false after half a minute.
  bool shows(const std::string& text);
  // The same for the bytes that came.
  bool sends(const std::string& bytes);
  // Waits for the end; the exit code, 128 + n for a signal, -1 if it does not end.
  int exit_code();

  const Screen& screen() const { return screen_; }
  const std::string& raw() const { return raw_; }  // every byte that came
  bool is_raw_mode() const;   // the terminal neither echoes nor edits lines

 private:
  bool waits_for(const std::function<bool()>& condition);
  bool read_some(int timeout_ms);

  int master_ = -1;
  pid_t child_ = -1;
  Screen screen_;
  std::string raw_;
};

}  // namespace authd::client::tests
