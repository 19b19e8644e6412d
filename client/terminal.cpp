#include "client/terminal.hpp"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "protocol/secret.hpp"

namespace authd::client {
namespace {

constexpr std::string_view bracketed_paste_on = "\x1b[?2004h";
// Bracketed paste off, cursor shown, colours off.
constexpr std::string_view as_it_was = "\x1b[?2004l\x1b[?25h\x1b[0m";

// What `exit` from anywhere must put back.
struct RawMode {
  bool active = false;
  int input = -1;
  int output = -1;
  termios former{};
};
RawMode raw_mode;

void write_to_terminal(int output, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(output, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd wait{output, POLLOUT, 0};
      poll(&wait, 1, 1000);
      continue;
    }
    if (written <= 0) return;  // the terminal is gone; its hang-up ends the program
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void leave_raw_mode() {
  if (!raw_mode.active) return;
  raw_mode.active = false;
  write_to_terminal(raw_mode.output, as_it_was);
  tcsetattr(raw_mode.input, TCSADRAIN, &raw_mode.former);
}

bool enter_raw_mode(int input, int output) {
  if (tcgetattr(input, &raw_mode.former) != 0) return false;
  termios raw = raw_mode.former;
  raw.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
  raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN | ISIG);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (tcsetattr(input, TCSADRAIN, &raw) != 0) return false;
  raw_mode.active = true;
  raw_mode.input = input;
  raw_mode.output = output;
  write_to_terminal(output, bracketed_paste_on);
  return true;
}

const std::vector<int> watched_signals{SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                       SIGTSTP, SIGCONT, SIGWINCH};

bool is_interrupt(const Key& key) {
  return key.kind == Key::Kind::control && (key.letter == 'c' || key.letter == 'd');
}

}  // namespace

std::unique_ptr<Terminal> Terminal::open(int input, int output, bool owns_input) {
  static const int at_exit = std::atexit(leave_raw_mode);
  if (at_exit != 0 || !enter_raw_mode(input, output)) return nullptr;
  return std::unique_ptr<Terminal>(new Terminal(input, output, owns_input));
}

Terminal::Terminal(int input, int output, bool owns_input)
    : input_(input), output_(output), owns_input_(owns_input), signals_(watched_signals) {}

Terminal::~Terminal() {
  leave_raw_mode();
  if (owns_input_) close(input_);
}

TerminalSize Terminal::size() const {
  winsize size{};
  if (ioctl(output_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

void Terminal::write(std::string_view bytes) { write_to_terminal(output_, bytes); }

std::vector<int> Terminal::descriptors() const { return {input_, signals_.descriptor()}; }

Event Terminal::wait(int timeout_ms) {
  while (true) {
    if (auto urgent = take_urgent()) return *urgent;
    if (!events_.empty()) {
      Event event = std::move(events_.front());
      events_.pop_front();
      return event;
    }
    const bool undecided = decoder_.waits_for_more();
    const int pause = undecided ? KeyDecoder::escape_pause_ms : timeout_ms;
    std::array<pollfd, 2> ready{{{input_, POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
    const int count = poll(ready.data(), ready.size(), pause);
    if (count == 0 && !undecided) return {Event::Kind::tick};
    if (count == 0) {
      decoder_.pause();
      keep_keys();
    }
    if (ready[1].revents != 0) read_signals();
    if (ready[0].revents != 0) read_input();
  }
}

std::optional<Event> Terminal::pump() {
  std::array<pollfd, 2> ready{{{input_, POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
  if (poll(ready.data(), ready.size(), 0) > 0) {
    if (ready[1].revents != 0) read_signals();
    if (ready[0].revents != 0) read_input();
  }
  return take_urgent();
}

std::optional<Event> Terminal::take_urgent() {
  const auto urgent = std::find_if(events_.begin(), events_.end(), [](const Event& event) {
    return event.kind == Event::Kind::interrupt || event.kind == Event::Kind::terminate;
  });
  if (urgent == events_.end()) return std::nullopt;
  Event event = *urgent;
  events_.erase(urgent);
  return event;
}

void Terminal::read_input() {
  std::array<char, 4096> bytes;
  const ssize_t count = read(input_, bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) {
    events_.push_back({Event::Kind::terminate, {Key::Kind::escape}, SIGHUP});
    return;
  }
  decoder_.feed({bytes.data(), static_cast<std::size_t>(count)});
  explicit_bzero(bytes.data(), bytes.size());
  keep_keys();
}

void Terminal::keep_keys() {
  while (auto key = decoder_.take()) {
    if (is_interrupt(*key)) {
      events_.push_back({Event::Kind::interrupt});
    } else if (key->kind == Key::Kind::control && key->letter == 'z') {
      suspend();
    } else {
      events_.push_back({Event::Kind::key, std::move(*key)});
    }
  }
}

void Terminal::read_signals() {
  while (const auto signal = signals_.take()) {
    switch (*signal) {
      case SIGINT: events_.push_back({Event::Kind::interrupt}); break;
      case SIGTSTP: suspend(); break;
      case SIGCONT:  // after a SIGSTOP the shell has put its own mode back
        if (raw_mode.active) {
          const termios former = raw_mode.former;
          if (enter_raw_mode(input_, output_)) raw_mode.former = former;
        }
        events_.push_back({Event::Kind::resumed});
        break;
      case SIGWINCH: events_.push_back({Event::Kind::redraw}); break;
      default: events_.push_back({Event::Kind::terminate, {Key::Kind::escape}, *signal}); break;
    }
  }
}

void Terminal::suspend() {
  if (before_suspend_) before_suspend_();
  leave_raw_mode();
  struct sigaction standard {
  }, on_stop{}, on_continue{};
  standard.sa_handler = SIG_DFL;
  sigaction(SIGTSTP, &standard, &on_stop);
  sigaction(SIGCONT, &standard, &on_continue);  // we know when we go on
  kill(0, SIGTSTP);                             // the whole job, as the terminal itself would
  sigaction(SIGTSTP, &on_stop, nullptr);
  sigaction(SIGCONT, &on_continue, nullptr);
  enter_raw_mode(input_, output_);
  events_.push_back({Event::Kind::resumed});
}

}  // namespace authd::client
