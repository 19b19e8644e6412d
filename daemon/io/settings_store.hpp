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

  enum class Freshness {
    by_times,    // what is cached is believed while a file's identity and times are unchanged
    by_content,  // every file is read, and parsed again where its bytes have changed
  };
  // Every file that takes part.
  core::SettingsFiles load(const core::Environment& environment, Freshness freshness);
  void forget() { cache_.clear(); }

  // Snapshot, temporary file with mode 0600 in the same directory, fsync, rename, fsync of the
  // directory. A symlink is followed. settings_conflict where the file is no longer what the plan
  // was made on: nothing was written, plan again. settings_not_writable names path and errno.
  Result<Saved> write(const core::Plan& plan);

  // Takes the write that made the snapshot back. Later edits of other members stay;
  // settings_conflict where one of the write's own members was edited since.
  Result<Saved> restore(const std::string& snapshot);

  // Book-keeping that no answer has to wait for: records of the writes since, old snapshots.
  void settle();

  struct Identity {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool operator==(const Identity&) const = default;
  };

 private:
  struct Cached {
    Identity identity;
    core::SettingsFile file;
  };

  core::SettingsFile read(core::Scope scope, const std::string& path, Freshness freshness);
  core::SettingsFile read_content(core::Scope scope, const std::string& path);
  void remember(const core::Plan& plan, const std::string& etag);
  Result<Saved> remove_file(const core::Plan& plan);
  bool workspace_is_trusted(const core::SettingsFiles& files, const core::SettingsPaths& paths,
                            const std::string& workspace);
  std::string history_directory() const { return state_directory_ + "/history"; }

  std::string state_directory_;
  std::map<std::string, Cached> cache_;
  std::vector<Json> unrecorded_;  // lines for the history's index
  std::size_t writes_ = 0;
};

}  // namespace authd::io
