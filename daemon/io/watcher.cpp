#include "daemon/io/watcher.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "daemon/io/file.hpp"

namespace authd::io {
namespace {

constexpr std::size_t watched_files_max = 256;
constexpr std::uint32_t mask = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
                               IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Watcher::Watcher() : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

void Watcher::watch(const std::string& path) {
  if (!inotify_ || (files_.size() >= watched_files_max && !files_.contains(path))) return;
  files_.insert(path);
  watch_name(path, path);
  if (const auto target = followed(path); target && *target != path) watch_name(*target, path);
}

// Where the directory is missing, its own name is what is waited for.
void Watcher::watch_name(const std::string& path, const std::string& file) {
  for (std::string at = path; at != "/"; at = parent_directory(at)) {
    const std::string directory = parent_directory(at);
    const int watch = inotify_add_watch(inotify_.get(), directory.c_str(), mask);
    if (watch < 0) continue;
    auto& files = directories_[watch].files;
    directories_[watch].path = directory;
    const auto [first, last] = files.equal_range(name_of(at));
    if (std::none_of(first, last, [&](const auto& entry) { return entry.second == file; }))
      files.emplace(name_of(at), file);
    // What is waited for may have come while the watch was made.
    if (at != path && inotify_add_watch(inotify_.get(), at.c_str(), mask) >= 0)
      watch_name(path, file);
    return;
  }
}

void Watcher::forget_directory(int watch) {
  inotify_rm_watch(inotify_.get(), watch);
  directories_.erase(watch);
}

std::set<std::string> Watcher::touched() {
  std::set<std::string> touched;
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  for (ssize_t bytes = 0;
       inotify_ && (bytes = read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < bytes;) {
      const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->mask & IN_Q_OVERFLOW) touched = files_;
      const auto directory = directories_.find(event->wd);
      if (directory == directories_.end()) continue;
      const bool is_gone = event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED);
      const auto range =
          event->len > 0 && !is_gone
              ? directory->second.files.equal_range(event->name)
              : std::pair{directory->second.files.begin(), directory->second.files.end()};
      for (auto entry = range.first; entry != range.second; ++entry) touched.insert(entry->second);
      if (is_gone) forget_directory(event->wd);
    }
  }
  // Links may lead elsewhere now, and directories have come or gone.
  for (const std::string& path : touched) watch(path);
  return touched;
}

}  // namespace authd::io
