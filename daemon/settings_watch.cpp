#include "daemon/settings_watch.hpp"

#include <fcntl.h>

#include "daemon/io/file_descriptor.hpp"
#include "daemon/wire.hpp"

namespace authd {
namespace {

// Qwen Code saves a setup in five to eight writes (facts, 1.4); each is over in a few milliseconds.
constexpr auto settling = std::chrono::milliseconds(100);
constexpr auto retrying = std::chrono::milliseconds(1000);

}  // namespace

SettingsWatch::SettingsWatch(Services& services)
    : services_(services), descriptor_(services.io), settled_(services.io) {
  services_.settings.on_foreign_write = [this](const io::ForeignWrite& write) { publish(write); };
}

void SettingsWatch::begin() {
  services_.settings.run(
      [environment = services_.environment](io::SettingsStore& store) -> Result<bool> {
        store.begin(environment);
        return true;
      },
      [](Result<bool>) {});
  wait();
}

void SettingsWatch::stop() {
  stopped_ = true;
  asio::error_code ignored;
  descriptor_.close(ignored);
  settled_.cancel();
}

void SettingsWatch::publish(const io::ForeignWrite& write) {
  services_.log.info("another program wrote " + write.path);
  for (const core::Notice& notice : write.notices) services_.log.warn(notice.message);
  services_.publish("settings", "settings.changed", wire::foreign_write(write));
  services_.publish_models(write.path, write.keys);
  services_.drop_from_overlay(write.keys);
}

// Nothing is read until the dust has settled: then all that came is one look. Meanwhile the
// descriptor is closed, so that not every event wakes this thread. It is a duplicate, because Asio
// closes what it is given; where none can be had, it is a look every second until there is one.
void SettingsWatch::wait() {
  const int fd = services_.settings.watch_fd();
  if (fd < 0 || stopped_) return;
  io::FileDescriptor duplicate(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  asio::error_code refused;
  if (duplicate) descriptor_.assign(duplicate.get(), refused);
  if (!duplicate || refused) return look_after(retrying);
  duplicate.release();
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [this](const asio::error_code& error) {
                           if (error) return;
                           asio::error_code ignored;
                           descriptor_.close(ignored);
                           look_after(settling);
                         });
}

void SettingsWatch::look_after(std::chrono::milliseconds pause) {
  settled_.expires_after(pause);
  settled_.async_wait([this](const asio::error_code& stopped) {
    if (stopped) return;
    services_.settings.run(
        [](io::SettingsStore& store) -> Result<bool> {
          store.observe();
          return true;
        },
        [this](Result<bool>) { wait(); });
  });
}

}  // namespace authd
