#include "client/signal_inbox.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace authd::client {
namespace {

std::array<int, 2> inbox{-1, -1};  // a handler can reach nothing but a global

void leave_a_byte(int signal) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(signal);
  [[maybe_unused]] const auto written = write(inbox[1], &byte, 1);
  errno = saved;
}

}  // namespace

SignalInbox::SignalInbox(const std::vector<int>& signals) {
  if (pipe2(inbox.data(), O_NONBLOCK | O_CLOEXEC) != 0) inbox = {-1, -1};
  for (const int signal : signals) {
    struct sigaction action {};
    action.sa_handler = leave_a_byte;
    sigemptyset(&action.sa_mask);
    Former former{signal, {}};
    sigaction(signal, nullptr, &former.action);
    if (former.action.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
    former_.push_back(former);
  }
}

SignalInbox::~SignalInbox() {
  for (const Former& former : former_) sigaction(former.signal, &former.action, nullptr);
  for (int& end : inbox) {
    if (end >= 0) close(end);
    end = -1;
  }
}

int SignalInbox::descriptor() const { return inbox[0]; }

std::optional<int> SignalInbox::take() {
  unsigned char byte = 0;
  if (read(inbox[0], &byte, 1) != 1) return std::nullopt;
  return byte;
}

}  // namespace authd::client
