// The settings files on disk: reads them as Qwen Code would, writes them so that nothing can be
// lost, records every write in the history, and notices what other programs wrote. Settings thread
// only.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "daemon/core/foreign_write.hpp"
#include "daemon/core/settings_plan.hpp"
#include "daemon/io/cli_finder.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/history.hpp"
#include "daemon/io/parser.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/watcher.hpp"

namespace authd::io {

// How a write ended (rpc-contract, `saved`).
struct Saved {
  core::Scope scope = core::Scope::user;
  std::string path;
  std::string etag;
  bool changed = false;
  std::string snapshot;
  std::optional<std::string> backup;  // none where there was no file
  std::vector<core::Path> keys;       // the members that changed
};

// Who writes, for the history.
struct WriteBy {
  std::string method;       // "wizard.commit"
  std::string undoes = {};  // the snapshot that the write takes back
};

// What another program did to a settings file, seen after the fact.
struct ForeignWrite {
  core::Scope scope = core::Scope::user;
  std::string path;
  std::string etag;
  std::string snapshot;  // empty where only mode or owner changed
  std::vector<core::Path> keys;
  std::vector<core::Notice> notices;
};

class SettingsStore {
 public:
  // History is kept in `state_directory`/history.
  explicit SettingsStore(const std::string& state_directory)
      : history_(state_directory + "/history") {}

  // Once, after the daemon has said that it is ready: clears what a killed process left beside the
  // user's settings and in the history, and looks at what was written while no daemon ran.
  void begin(const core::Environment& environment);

  enum class Freshness {
    by_times,    // what is cached is believed while a file's identity and times are unchanged
    by_content,  // every file is read, and parsed again where its bytes have changed
  };
  // Where the files are; reads the .env files of the home, which can say so.
  static core::SettingsPaths paths(const core::Environment& environment,
                                   const core::CliRules& rules = {});
  // Every file that takes part. Whether the workspace is trusted is told without the .env files.
  core::SettingsFiles load(const core::Environment& environment, Freshness freshness,
                           const core::CliRules& rules = {});
  // One file by content, as it is now.
  core::SettingsFile read(core::Scope scope, const std::string& path);
  // Adds what only a preview needs to know of a file: whether git tracks it.
  static void inspect(core::SettingsFile& file);
  // Nothing that is cached is believed any more.
  void forget();

  // Plans and writes; plans again where somebody else has written meanwhile, a bounded number of
  // times. The errors are the plan's, settings_not_writable with path and errno, and
  // settings_conflict where the file never stands still. An error means that nothing changed.
  Result<Saved> change(const WriteBy& by, const std::function<Result<core::Plan>()>& plan);

  // Readable when somebody has touched a file that was read once; -1 where that cannot be watched.
  int watch_fd() const { return watcher_.fd(); }
  // Looks at what was touched; what differs from what is known is recorded.
  void observe();
  // Those that were seen since; to be told to others.
  std::vector<ForeignWrite> take_foreign_writes() { return std::exchange(foreign_writes_, {}); }

  History& history() { return history_; }
  CliFinder& cli_finder() { return cli_finder_; }
  // Takes env.NAME out of every snapshot, but for what the files say at this moment.
  Result<std::size_t> purge(const std::string& name);

  // Whether a write to this path could succeed.
  static bool is_writable(const std::string& path);

  // Book-keeping that no answer has to wait for.
  void settle();
  bool is_settled() const { return !spent_ && unkept_.empty() && history_.is_settled(); }

  struct Identity {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool operator==(const Identity&) const = default;
  };

 private:
  // The last that is known of a file; it is what a foreign write is told apart from.
  struct Known {
    Identity identity;
    core::SettingsFile file;
    std::uint64_t used = 0;
  };

  core::SettingsFile read(core::Scope scope, const std::string& path, Freshness freshness);
  core::SettingsFile read_content(core::Scope scope, const std::string& path);
  core::SettingsFile remember(core::SettingsFile file, const Identity& identity);
  void meet(core::SettingsFile& file);
  void catch_up(core::SettingsFile& file, const Snapshot& last);
  void sweep(const core::SettingsFile& file, const std::optional<Snapshot>& last);
  void compare(const core::SettingsFile& before, core::SettingsFile& after);
  std::string kept(const core::SettingsFile& file);
  std::string record_foreign(const core::SettingsFile& before, const core::SettingsFile& after,
                             const std::vector<core::Path>& keys, bool other_link);
  bool workspace_is_trusted(const core::SettingsFiles& files, const core::SettingsPaths& paths,
                            const std::string& workspace);

  // Nothing where somebody else wrote meanwhile.
  Result<std::optional<Saved>> write(core::Plan& plan, const WriteBy& by);
  void remember_write(const core::Plan& plan, const Snapshot& snapshot,
                      const Parsing::Result& document);
  void remember_found(const core::Plan& plan, FileContent content);

  History history_;
  CliFinder cli_finder_;
  Watcher watcher_;
  Parser parser_;
  std::map<std::string, Known> known_;
  std::uint64_t clock_ = 0;
  // What a write left behind, to be cleared away when its answer is under way: large texts, which
  // are wiped, and the file that came out of its place.
  struct Spent {
    core::Plan plan;
    std::optional<Replacement> replacement;
  };
  std::optional<Spent> spent_;
  std::vector<ForeignWrite> foreign_writes_;
  std::set<std::string> unread_;                      // were touched and could not be read
  std::map<std::string, core::SettingsFile> unkept_;  // contents without a copy yet, by their names
};

}  // namespace authd::io
