// The settings files on disk: reads them as Qwen Code would, writes them so that nothing can be
// lost, and keeps a snapshot of what was there before. Settings thread only.
#pragma once

#include <map>
#include <string>

#include "daemon/core/settings.hpp"

namespace authd::io {

// How a write ended (rpc-contract, `saved`).
struct Saved {
  core::Scope scope = core::Scope::user;
  std::string path;
  std::string etag;
  bool changed = false;
  std::string snapshot;
  std::optional<std::string> backup;  // none where there was no file
  std::vector<std::string> keys;      // the members that changed
};

class SettingsStore {
 public:
  // History is kept in `state_directory`/history.
  explicit SettingsStore(std::string state_directory) : state_directory_(std::move(state_directory)) {}

  // Every file that takes part, from the cache where its identity and times are unchanged.
  core::SettingsFiles load(const core::Environment& environment);
  // The same, read from disk whatever the cache says.
  core::SettingsFiles load_fresh(const core::Environment& environment);
  void forget() { cache_.clear(); }

  // Snapshot, temporary file with mode 0600 in the same directory, fsync, rename, fsync of the
  // directory. A symlink is followed. settings_conflict where the file is no longer what the plan
  // was made on: nothing was written, plan again. settings_not_writable names path and errno.
  Result<Saved> write(const core::Plan& plan);

  // Puts back what was there before the write that made the snapshot. settings_conflict where
  // somebody has changed the file since.
  Result<Saved> restore(const std::string& snapshot);

 private:
  struct Identity {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool operator==(const Identity&) const = default;
  };
  struct Cached {
    Identity identity;
    core::SettingsFile file;
  };

  core::SettingsFile read(core::Scope scope, const std::string& path);
  core::SettingsFile read_fresh(core::Scope scope, const std::string& path);
  bool workspace_is_trusted(const core::SettingsFiles& files, const core::SettingsPaths& paths,
                            const std::string& workspace);
  std::string history_directory() const { return state_directory_ + "/history"; }

  std::string state_directory_;
  std::map<std::string, Cached> cache_;
};

}  // namespace authd::io
