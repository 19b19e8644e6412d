// The user's terminal in raw mode: events in, bytes out, and given back as it was on every way out.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/key.hpp"
#include "client/signal_inbox.hpp"

namespace authd::client {

struct Event {
  enum class Kind {
    key,
    redraw,     // the size changed: draw again in place
    resumed,    // back from a stop: what was drawn is the shell's now, draw anew
    interrupt,  // Ctrl-C, Ctrl-D or SIGINT
    terminate,  // SIGTERM, SIGHUP or the terminal went away; `signal` says which
    tick,       // the time-out of `wait` has passed
  };
  Kind kind;
  Key key = {Key::Kind::escape};
  int signal = 0;
};

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

// Owns the mode of the terminal behind `input`. One thread, one at a time in a process. Suspends
// itself on Ctrl-Z and SIGTSTP and takes raw mode again when it is continued.
class Terminal {
 public:
  // Nothing where `input` has no terminal mode to change. Takes `input`, not `output`, into its
  // ownership if `owns_input`.
  static std::unique_ptr<Terminal> open(int input, int output, bool owns_input = false);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  // The next event; a tick after `timeout_ms`, never where it is negative.
  Event wait(int timeout_ms);

  // For whoever polls elsewhere: what to poll, and what to call when one of them is readable. The
  // events are kept for `wait`; only an interrupt or a termination is handed out at once.
  std::vector<int> descriptors() const;
  std::optional<Event> pump();

  // Called before Ctrl-Z gives the terminal to the shell.
  void set_before_suspend(std::function<void()> action) { before_suspend_ = std::move(action); }

  TerminalSize size() const;
  void write(std::string_view bytes);

 private:
  Terminal(int input, int output, bool owns_input);
  void read_input();
  void read_signals();
  void keep_keys();
  void suspend();
  std::optional<Event> take_urgent();

  int input_;
  int output_;
  bool owns_input_;
  SignalInbox signals_;
  KeyDecoder decoder_;
  std::deque<Event> events_;
  std::function<void()> before_suspend_;
};

}  // namespace authd::client
