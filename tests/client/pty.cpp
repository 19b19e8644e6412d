#include "tests/client/pty.hpp"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "client/characters.hpp"

#include "tests/support/bin_dir.hpp"

namespace authd::client::tests {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{30};

std::string program() { return authd::tests::bin_dir() + "/qwen-authctl"; }

}  // namespace

void Screen::new_line() {
  if (row_ + 1 < rows_) {
    ++row_;
    return;
  }
  std::string text;
  for (const std::string& cell : lines_.front()) text += cell;
  scrollback_.push_back(text);
  lines_.erase(lines_.begin());
  lines_.emplace_back();
}

void Screen::put(const std::string& character, std::size_t width) {
  if (width == 0) {
    if (column_ > 0) lines_[row_][column_ - 1] += character;
    return;
  }
  if (column_ + width > columns_) {
    column_ = 0;
    new_line();
  }
  auto& cells = lines_[row_];
  if (cells.size() < column_ + width) cells.resize(column_ + width, " ");
  cells[column_] = character;
  if (width == 2) cells[column_ + 1] = "";
  column_ += width;
}

void Screen::control_sequence(const std::string& arguments, char final) {
  const std::size_t count = arguments.empty() || arguments[0] == '?' ? 1 : std::stoul(arguments);
  switch (final) {
    case 'A': row_ -= std::min(row_, count); break;
    case 'C': column_ = std::min(columns_ - 1, column_ + count); break;
    case 'K': lines_[row_].resize(std::min(lines_[row_].size(), column_)); break;
    case 'J':
      lines_[row_].resize(std::min(lines_[row_].size(), column_));
      for (std::size_t i = row_ + 1; i < rows_; ++i) lines_[i].clear();
      break;
    case 'h':
    case 'l':
      if (arguments == "?25") cursor_shown_ = final == 'h';
      if (arguments == "?2004") pastes_bracketed_ = final == 'h';
      break;
    case 'm': break;
    default: throw std::runtime_error("a sequence that the screen does not know");
  }
}

void Screen::feed(const std::string& bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const char byte = pending_[at];
    if (byte == '\x1b') {
      const std::size_t end = pending_.find_first_not_of("[?;0123456789", at + 1);
      if (end == std::string::npos) break;
      control_sequence(pending_.substr(at + 2, end - at - 2), pending_[end]);
      at = end + 1;
    } else if (byte == '\r') {
      column_ = 0;
      ++at;
    } else if (byte == '\n') {
      new_line();
      ++at;
    } else {
      const auto lead = static_cast<unsigned char>(byte);
      const std::size_t expected = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if (pending_.size() - at < expected) break;
      const Character character = first_character(std::string_view(pending_).substr(at));
      put(pending_.substr(at, character.bytes),
          static_cast<std::size_t>(columns_of(character.code)));
      at += character.bytes;
    }
  }
  pending_.erase(0, at);
}

std::string Screen::text() const {
  std::string all;
  const auto add = [&](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + "\n";
  };
  for (const std::string& line : scrollback_) add(line);
  for (const auto& cells : lines_) {
    std::string line;
    for (const std::string& cell : cells) line += cell;
    add(line);
  }
  return all;
}

Pty::Pty(const std::vector<std::string>& words, const std::vector<std::string>& environment,
         std::size_t columns, std::size_t rows)
    : screen_(columns, rows) {
  // Everything is laid out before the fork: other threads may hold the allocator's lock in it.
  std::vector<std::string> arguments{program()}, variables = environment;  // the first one counts
  arguments.insert(arguments.end(), words.begin(), words.end());
  variables.insert(variables.end(), {"TERM=xterm-256color", "PATH=/usr/bin:/bin"});
  std::vector<char*> argv, envp;
  for (std::string& word : arguments) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  child_ = forkpty(&master_, nullptr, nullptr, &size);
  if (child_ < 0) throw std::runtime_error("forkpty");
  if (child_ == 0) {
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
}

Pty::~Pty() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  close(master_);
}

bool Pty::read_some(int timeout_ms) {
  pollfd ready{master_, POLLIN, 0};
  if (poll(&ready, 1, timeout_ms) <= 0) return false;
  char bytes[4096];
  const ssize_t count = read(master_, bytes, sizeof bytes);
  if (count <= 0) return false;
  raw_.append(bytes, static_cast<std::size_t>(count));
  screen_.feed({bytes, static_cast<std::size_t>(count)});
  return true;
}

void Pty::type(const std::string& bytes) {
  if (write(master_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("the terminal takes no input");
}

void Pty::resize(std::size_t columns, std::size_t rows) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  ioctl(master_, TIOCSWINSZ, &size);
}

void Pty::signal(int number) { kill(child_, number); }

bool Pty::waits_for(const std::function<bool()>& condition) {
  const auto deadline = Clock::now() + patience;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    read_some(50);
  }
  while (read_some(20)) {  // the rest of what is being drawn
  }
  return true;
}

bool Pty::shows(const std::string& text) {
  return waits_for([&] { return screen_.text().find(text) != std::string::npos; });
}

bool Pty::sends(const std::string& bytes) {
  return waits_for([&] { return raw_.find(bytes) != std::string::npos; });
}

int Pty::exit_code() {
  const auto deadline = Clock::now() + patience;
  while (Clock::now() < deadline) {
    read_some(20);
    int status = 0;
    if (waitpid(child_, &status, WNOHANG) != child_) continue;
    child_ = -1;
    while (read_some(20)) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return -1;
}

bool Pty::is_raw_mode() const {
  termios mode{};
  return tcgetattr(master_, &mode) == 0 && (mode.c_lflag & (ECHO | ICANON)) == 0;
}

}  // namespace authd::client::tests
