#include "daemon/settings_watch.hpp"

#include <unistd.h>

#include "daemon/wire.hpp"

namespace authd {
namespace {

// Qwen Code saves a setup in five to eight writes (facts, 1.4); each is over in a few milliseconds.
constexpr auto settling = std::chrono::milliseconds(100);

}  // namespace

SettingsWatch::SettingsWatch(Services& services) : services_(services), descriptor_(services.io), settled_(services.io) {
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
  services_.drop_from_overlay(write.keys);
}

// Nothing is read until the dust has settled: then all that came is one look. Meanwhile the
// descriptor is closed, so that not every event wakes this thread. It is a duplicate, because Asio
// closes what it is given.
void SettingsWatch::wait() {
  const int fd = services_.settings.watch_fd();
  if (fd < 0 || stopped_) return;
  descriptor_.assign(dup(fd));
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const asio::error_code& error) {
    if (error) return;
    descriptor_.close();
    settled_.expires_after(settling);
    settled_.async_wait([this](const asio::error_code& stopped) {
      if (stopped) return;
      services_.settings.run(
          [](io::SettingsStore& store) -> Result<bool> {
            store.observe();
            return true;
          },
          [this](Result<bool>) { wait(); });
    });
  });
}

}  // namespace authd
