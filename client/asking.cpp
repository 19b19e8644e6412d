#include "client/asking.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "client/interactive.hpp"
#include "client/output.hpp"
#include "client/plain.hpp"

namespace authd::client {
namespace {

bool terminal_is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::string_view(term).empty() || std::string_view(term) == "dumb";
}

// Keys come from stdin, or from the terminal itself where stdin brings the API key.
bool has_keyboard(const SetupOptions& options) {
  if (isatty(STDIN_FILENO) == 1) return true;
  if (!options.key_from_stdin) return false;
  const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (tty >= 0) close(tty);
  return tty >= 0;
}

// Answers may come line by line from a pipe; known to bring none are /dev/null and one that ended.
bool has_nothing_to_read(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  int bytes = 0;
  return poll(&ready, 1, 0) == 1 && (ioctl(descriptor, FIONREAD, &bytes) != 0 || bytes == 0);
}

}  // namespace

bool on_terminal(const Arguments& arguments) {
  return !arguments.json && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

Asking asking_of_wizard(const Arguments& arguments) {
  const SetupOptions& setup = arguments.setup;
  if (arguments.json) return Asking::no;
  const bool can_draw = has_keyboard(setup) && isatty(STDOUT_FILENO) == 1;
  if (can_draw && !arguments.plain && !terminal_is_dumb()) return Asking::interactive;
  const bool half_answered = setup.has_answers() && !can_draw && !arguments.plain;
  const bool unanswered = isatty(STDIN_FILENO) == 0 && has_nothing_to_read(STDIN_FILENO);
  if (setup.key_from_stdin || half_answered || unanswered) return Asking::no;
  return Asking::plain;
}

Asking asking_of_command(const Arguments& arguments) {
  if (!on_terminal(arguments)) return Asking::no;
  return arguments.plain || terminal_is_dumb() ? Asking::plain : Asking::interactive;
}

std::unique_ptr<Frontend> make_frontend(Asking asking) {
  if (asking == Asking::interactive) {
    const bool from_stdin = isatty(STDIN_FILENO) == 1;
    const int input = from_stdin ? STDIN_FILENO : open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (auto terminal = Terminal::open(input, STDOUT_FILENO, !from_stdin))
      return std::make_unique<Interactive>(std::move(terminal), wants_colours(STDOUT_FILENO));
  }
  return std::make_unique<Plain>(STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace authd::client
