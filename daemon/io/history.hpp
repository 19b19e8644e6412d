// What was written to the settings files, by whom and when, with what stood there before and
// after: the way back. Contents are files of their own (history_contents.hpp); what is known of
// each write is a line of JSON in "index.jsonl", so that a record costs no new file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/settings.hpp"
#include "daemon/io/history_contents.hpp"
#include "protocol/json.hpp"
#include "protocol/result.hpp"

namespace authd::io {

// A write that took place: what stood at a path before and after it. Contents are named by their
// SHA-256 (hex, 64 digits); nothing = no file.
struct Snapshot {
  std::string id;      // begins with the time, sorts by age: "20261121T104200.123456789Z-1a2b3c4d"
  std::string at;      // "2026-11-21T10:42:00.123Z"
  std::string by;      // "self" or "foreign"
  std::string method;  // "wizard.commit", "settings.set", …; empty for a foreign write
  std::string path;    // of the settings file
  std::string scope;   // "user", "workspace", "system", "system-defaults"
  std::vector<std::vector<std::string>> keys = {};  // paths of the members that changed, as names
  std::optional<std::string> before = {}, after = {};
  std::size_t more_keys = 0;     // changed, too; a record lists only so many
  std::string link = {};         // what the symlink at `path` says after the write
  std::string link_before = {};  // what it said before, where the write replaced it
  std::string undoes = {};       // the id of the snapshot that this write took back
  std::string trouble = {};      // one sentence where `after` does not parse

  bool operator==(const Snapshot&) const = default;
  // A new one, with the time and an id that the content's name goes into.
  static Snapshot now(std::string_view content_id);
};
// Members that are empty are left out, but `before` and `after`, which are null. Of the keys there
// are as many as a line has room for; the others are counted.
Json to_json(const Snapshot& snapshot);
// Nothing where there is no id, no path, or a content that is not named by 64 hex digits.
std::optional<Snapshot> snapshot_from(const Json& record);

// Settings thread only, and one daemon to a directory. Nothing is read or made before the first
// call that needs it. The directory is made, and made private, by whatever is written to it;
// where it belongs to somebody else that is refused.
class History {
 public:
  explicit History(std::string directory)
      : directory_(std::move(directory)), contents_(directory_) {}

  static std::string content_id(std::string_view text);
  // Where a copy is while it is not packed, which the newest ones of a file are not. The `backup`
  // of a commit is this path of its `before`.
  std::string path_of(const std::string& content_id) const { return contents_.path_of(content_id); }

  // Makes sure that there is a copy; one stat where there is. settings_not_writable: nothing kept.
  Result<void> keep(const std::string& content_id, std::string_view text);
  // Appends a line to the index. Called before the rename, so that no write is ever without its
  // record; settings_not_writable: not recorded.
  Result<void> record(const Snapshot& snapshot);
  // The write did not take place after all. As far as the disk allows.
  void withdraw(const std::string& snapshot_id);

  // Oldest first, without withdrawn ones. A torn line is passed over; of an index past
  // limits::history_bytes_max it is the newest part. settings_unreadable, with path and errno.
  Result<std::vector<Snapshot>> snapshots() const;
  // The same, and unknown_snapshot.
  Result<Snapshot> find(const std::string& id) const;
  // The newest of a file, if there is one to be had. A look at the index's size where nobody else
  // has written to it.
  std::optional<Snapshot> last(const std::string& path) const;
  // unknown_snapshot where it was dropped or is not what its name says.
  Result<std::string> content(const std::string& content_id) const;
  bool holds(const std::string& content_id) const { return contents_.holds(content_id); }

  // Flushes what was kept and recorded since. At the first call and then every `settle_interval`
  // records, or where much was kept, also packs, keeps the bounds (limits::snapshots_max,
  // limits::history_bytes_max), and deletes contents that no record names: not to be called between
  // `keep` and `record`. The oldest go first; the newest content of each path that parses never.
  void settle();
  bool is_settled() const { return unflushed_.empty(); }
  static constexpr std::size_t settle_interval = 64;
  // Deletes what a crash left behind half written. Once after the start.
  void sweep() const { contents_.drop_temporary_files(); }

  // How many snapshots hold the member env.NAME, before or after. Reads every content.
  std::size_t holding_key(const std::string& name) const;
  // Takes env.NAME out of every content, and its values wherever else they stand
  // (core/key_purge.hpp); a content that does not parse and has the name is dropped. Records then
  // name the new contents. How many snapshots changed; settings_not_writable: none did.
  // What the `current` files say at this moment is not their past, and stays; where one of them
  // says a value outside of env, none is purged: invalid_input with path. A crash leaves either all
  // as it was, or all purged and what was before to the next `settle`.
  Result<std::size_t> purge(const std::string& name,
                            const std::vector<core::SettingsFile>& current = {});

 private:
  struct Index {
    std::vector<Snapshot> snapshots;
    std::size_t bytes = 0;  // of all lines, also withdrawn ones and torn ones
    int error = 0;          // an errno; no index is an empty one
  };
  // Which index it is, and how much of it there is.
  struct IndexState {
    std::uint64_t inode = 0, bytes = 0;
    bool operator==(const IndexState&) const = default;
  };

  Index read_index() const;
  IndexState index_state() const;
  Result<void> append(const Json& line);
  Result<void> replace_index(const std::string& text);
  void flush();
  void tidy();
  std::string index_path() const { return directory_ + "/index.jsonl"; }

  std::string directory_;
  Contents contents_;
  mutable std::map<std::string, Snapshot> newest_;  // by path
  mutable IndexState newest_as_of_;
  std::set<std::string> unflushed_;  // paths
  std::size_t records_since_tidy_ = settle_interval, bytes_since_tidy_ = 0;
};

}  // namespace authd::io
