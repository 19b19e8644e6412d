// Tells a thread that waits with poll to stop.
#pragma once

#include <sys/eventfd.h>

#include <atomic>

#include "daemon/io/system_call.hpp"

namespace authd::io {

// Shared by the thread that asks and the one that stops; safe to use from both.
class StopSignal {
 public:
  StopSignal() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  void request() {
    requested_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written =
        uninterrupted([&] { return ::write(event_.get(), &one, sizeof one); });
  }
  bool is_requested() const { return requested_; }
  int fd() const { return event_.get(); }  // readable once it was requested

 private:
  FileDescriptor event_;
  std::atomic<bool> requested_ = false;
};

}  // namespace authd::io
