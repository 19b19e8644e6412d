#include "client/line_input.hpp"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "protocol/limits.hpp"

namespace authd::client {
namespace {

// Echo off for as long as it lives; nothing where the descriptor is no terminal.
class NoEcho {
 public:
  NoEcho(int descriptor, bool wanted) : descriptor_(descriptor) {
    active_ = wanted && tcgetattr(descriptor, &former_) == 0;
    if (!active_) return;
    termios silent = former_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(descriptor, TCSADRAIN, &silent);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (active_) tcsetattr(descriptor_, TCSADRAIN, &former_);
  }

 private:
  const int descriptor_;
  bool active_ = false;
  termios former_{};
};

}  // namespace

LineInput::Next LineInput::next(bool hidden, const std::function<void()>& ask) {
  const NoEcho silence(descriptor_, hidden);
  ask();
  while (true) {
    if (auto line = take_line()) return {std::move(line)};
    int signal = 0;
    switch (read_more(signal)) {
      case Read::more: break;
      case Read::end: return {take_line()};
      case Read::signal: return {{}, signal};
    }
  }
}

LineInput::Next LineInput::rest() {
  while (true) {
    int signal = 0;
    switch (read_more(signal)) {
      case Read::more: break;
      case Read::end: {
        Secret all{std::string_view(buffer_)};
        wipe(buffer_);
        return {std::move(all)};
      }
      case Read::signal: return {{}, signal};
    }
  }
}

std::optional<Secret> LineInput::take_line() {
  const std::size_t end = buffer_.find('\n');
  if (end == std::string::npos && (!ended_ || buffer_.empty())) return std::nullopt;
  const std::size_t bytes = std::min(end, buffer_.size());
  const bool has_return = bytes > 0 && buffer_[bytes - 1] == '\r';
  Secret line(std::string_view(buffer_).substr(0, has_return ? bytes - 1 : bytes));
  std::string rest = buffer_.substr(std::min(bytes + 1, buffer_.size()));
  wipe(buffer_);
  buffer_ = std::move(rest);
  return line;
}

LineInput::Read LineInput::read_more(int& signal) {
  while (!ended_) {
    std::array<pollfd, 2> ready{{{descriptor_, POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
    poll(ready.data(), ready.size(), -1);
    if (const auto taken = signals_.take()) {
      signal = *taken;
      return Read::signal;
    }
    if (ready[0].revents == 0) continue;
    std::array<char, 65536> bytes;
    const ssize_t count = read(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // An endless line is as good as none.
    ended_ = count <= 0 || buffer_.size() > limits::message_bytes_max;
    if (ended_) break;
    std::string grown;
    grown.reserve(buffer_.size() + static_cast<std::size_t>(count));
    grown.append(buffer_).append(bytes.data(), static_cast<std::size_t>(count));
    wipe(buffer_);
    buffer_ = std::move(grown);
    explicit_bzero(bytes.data(), bytes.size());
    return Read::more;
  }
  return Read::end;
}

}  // namespace authd::client
