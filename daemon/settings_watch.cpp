#include "daemon/settings_watch.hpp"

#include <unistd.h>

#include "daemon/wire.hpp"

namespace authd {
namespace {

// Qwen Code saves a setup in five to eight writes (facts, 1.4); each is over in a few milliseconds.
constexpr auto settling = std::chrono::milliseconds(100);

}  // namespace

SettingsWatch::SettingsWatch(Services& services) : services_(services), descriptor_(services.io), settled_(services.io) {
  services_.settings.on_news = [this](io::News news) { heard(std::move(news)); };
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

void SettingsWatch::heard(io::News news) {
  for (const std::string& path : news.files) watcher_.watch(path);
  for (const io::ForeignWrite& write : news.writes) publish(write);
  look_at(std::move(news.files));  // what was written after they were read, before they were watched
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
  if (watcher_.fd() < 0 || stopped_) return;
  descriptor_.assign(dup(watcher_.fd()));
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const asio::error_code& error) {
    if (error) return;
    descriptor_.close();
    settled_.expires_after(settling);
    settled_.async_wait([this](const asio::error_code& stopped) {
      if (stopped) return;
      look_at(watcher_.touched());
      wait();
    });
  });
}

void SettingsWatch::look_at(std::set<std::string> files) {
  if (files.empty()) return;
  services_.settings.run(
      [files = std::move(files)](io::SettingsStore& store) -> Result<bool> {
        store.observe(files);
        return true;
      },
      [](Result<bool>) {});
}

}  // namespace authd
