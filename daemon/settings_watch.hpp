// Looks after settings files that other programs write: waits until the dust has settled, has the
// settings thread look at them, and tells whoever subscribed. Io thread only.
#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "daemon/services.hpp"

namespace authd {

class SettingsWatch {
 public:
  explicit SettingsWatch(Services& services);
  // After the daemon has said that it is ready: what has happened while it did not run.
  void begin();
  void stop();

 private:
  void publish(const io::ForeignWrite& write);
  void wait();
  void look_after(std::chrono::milliseconds pause);

  Services& services_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer settled_;
  bool stopped_ = false;
};

}  // namespace authd
