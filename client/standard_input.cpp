#include "client/standard_input.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>

#include "client/characters.hpp"
#include "client/line_input.hpp"
#include "protocol/limits.hpp"

namespace authd::client {
namespace {

std::unexpected<Fault> interrupted_by(int signal) {
  return fault(exit_code_of_signal(signal), "interrupted", "Interrupted.");
}

std::unexpected<Fault> unreadable(const std::string& path, const std::string& why) {
  return fault(ExitCode::error, "unreadable", "Cannot read " + path + ": " + why + ".");
}

Secret without_line_end(const Secret& text) {
  const std::string_view all = text.reveal();
  return Secret(all.substr(0, all.find_last_not_of("\r\n") + 1));
}

// Nothing is what a pipe brings whose other end failed, and must not take the place of a key.
Outcome<Secret> checked(Secret text) {
  if (text.reveal().empty()) return usage("Nothing came on standard input.");
  if (!is_utf8(text.reveal())) return usage("What came on standard input is not UTF-8.");
  return text;
}

}  // namespace

SignalInbox command_signals() { return SignalInbox({SIGINT, SIGTERM, SIGHUP}); }

Outcome<Secret> read_all(int descriptor, SignalInbox& signals) {
  auto all = LineInput(descriptor, signals).rest();
  if (!all.line) return interrupted_by(all.signal);
  if (all.line->reveal().size() > limits::message_bytes_max)
    return fault(ExitCode::error, "too_large", "The input is larger than 4 MiB.");
  return std::move(*all.line);
}

// A named pipe is as good as a file, so the signals are heeded here as well.
Outcome<Secret> read_file(const std::string& path, SignalInbox& signals) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(path, strerror(errno));
  struct stat facts {};
  const bool is_directory = fstat(descriptor, &facts) == 0 && S_ISDIR(facts.st_mode);
  auto text = is_directory ? unreadable(path, strerror(EISDIR)) : read_all(descriptor, signals);
  close(descriptor);
  return text;
}

Outcome<Secret> secret_from_stdin(const char* prompt, SignalInbox& signals) {
  if (isatty(STDIN_FILENO) == 0) {
    auto all = read_all(STDIN_FILENO, signals);
    if (!all) return all;
    return checked(without_line_end(*all));
  }
  auto typed = LineInput(STDIN_FILENO, signals).next(true, [&] {
    std::cerr << prompt << " (not shown): " << std::flush;
  });
  std::cerr << std::endl;
  if (typed.line) return checked(std::move(*typed.line));
  if (typed.signal != 0) return interrupted_by(typed.signal);
  return usage("Nothing came on standard input.");
}

Outcome<bool> confirmed(const std::string& question, SignalInbox& signals) {
  std::cerr << question << " [y/N] " << std::flush;
  const auto answer = LineInput(STDIN_FILENO, signals).next(false);
  if (answer.signal != 0) return interrupted_by(answer.signal);
  if (!answer.line) return false;
  const std::string_view text = answer.line->reveal();
  return text == "y" || text == "yes" || text == "Y";
}

}  // namespace authd::client
