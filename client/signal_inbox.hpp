// Signals as something to poll: a handler may do next to nothing, so it only leaves a byte.
#pragma once

#include <signal.h>

#include <optional>
#include <vector>

namespace authd::client {

// At most one at a time in a process. The former handlers come back with the destructor. A signal
// that was ignored when we started (nohup) stays ignored.
class SignalInbox {
 public:
  explicit SignalInbox(const std::vector<int>& signals);
  SignalInbox(const SignalInbox&) = delete;
  SignalInbox& operator=(const SignalInbox&) = delete;
  ~SignalInbox();

  int descriptor() const;  // readable when a signal has come
  std::optional<int> take();

 private:
  struct Former {
    int signal;
    struct sigaction action;
  };
  std::vector<Former> former_;
};

}  // namespace authd::client
