// SettingsStore: reading, and telling what other programs wrote. (settings_write.cpp writes.)
#include "daemon/io/settings_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <thread>

#include "daemon/core/settings_changes.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/system_call.hpp"
#include "daemon/io/work_tree.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

using namespace std::chrono_literals;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool exists(const std::string& path) {
  struct stat st {};
  return lstat(path.c_str(), &st) == 0;
}

// A write of another program can have a moment without the file. Qwen Code's has one while its own
// two names are there (facts, 1.4); of a file that was there a moment ago nobody's absence is
// believed at once.
std::expected<FileContent, int> read_past_foreign_write(const std::string& path, bool was_there) {
  auto content = read_file(path, limits::settings_bytes_max);
  for (int tries = 0; tries < 20 && !content && content.error() == ENOENT; ++tries) {
    if (!was_there && !exists(path + ".orig") && !exists(path + ".tmp")) break;
    std::this_thread::sleep_for(2ms);
    content = read_file(path, limits::settings_bytes_max);
  }
  return content;
}

SettingsStore::Identity identity_of(const struct stat& st) {
  return {st.st_dev, st.st_ino, static_cast<std::uint64_t>(st.st_size), nanoseconds(st.st_mtim),
          nanoseconds(st.st_ctim)};
}

// Times have a grain: of a file that changed within the last second they prove nothing.
bool changed_just_now(const struct stat& st) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now) - nanoseconds(st.st_mtim) < 1'000'000'000;
}

// What is no regular file could not be written either, which is the error that its reader gets.
Error trouble_with(const std::string& path, int error) {
  Error trouble = not_readable(path, error, limits::settings_bytes_max);
  if (error == EISDIR || error == EINVAL) trouble.kind = ErrorKind::settings_not_writable;
  return trouble;
}

std::string real_or_as_it_is(const std::string& path) { return real_path(path).value_or(path); }

// A link that cannot be read is believed to say what it said before.
core::FileFacts facts_of(const std::string& path, const struct stat& st,
                         const std::string& link_before) {
  core::FileFacts facts;
  facts.mode = st.st_mode & 07777U;
  facts.is_ours = st.st_uid == geteuid();
  facts.link = link_at(path).value_or(link_before);
  return facts;
}

// What was read, as a value.
void fill(core::SettingsFile& file, FileContent content, const std::string& link_before) {
  file.exists = true;
  file.content_id = core::content_id(content.text);
  file.etag = file.content_id.substr(0, 16);
  file.facts = facts_of(file.path, content.st, link_before);
  auto document = core::Jsonc::parse(std::move(content.text));
  if (document)
    file.document = *std::move(document);
  else
    file.fault = document.error();
}

core::Jsonc document_of(const core::SettingsFile& file) {
  return file.document ? *file.document : core::Jsonc::parse("{}").value();
}

// What is believed to be in a file: one that does not parse may hold what it held before.
core::Jsonc believed_in(const core::SettingsFile& before, const core::SettingsFile& after) {
  return document_of(after.fault ? before : after);
}

std::vector<core::Notice> notices_of(const core::SettingsFile& before,
                                     const core::SettingsFile& after, bool is_tightened) {
  std::vector<core::Notice> notices;
  if (after.fault)
    notices.push_back({"F801",
                       "file.unparseable",
                       "Another program left " + after.path + " unreadable: " +
                           after.fault->message + " (line " + std::to_string(after.fault->at.line) +
                           "). Restoring the snapshot puts the last good state back.",
                       {}});
  // A file that is gone was not made anything else.
  const core::FileFacts& facts = after.exists ? after.facts : before.facts;
  for (core::Notice& notice :
       core::foreign_notices(document_of(before), before.facts, believed_in(before, after), facts,
                             after.path, is_tightened))
    notices.push_back(std::move(notice));
  return notices;
}

// Open to its owner alone.
bool make_private(const std::string& path) {
  const FileDescriptor file = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  return file && fchmod(file.get(), 0600) == 0;
}

bool is_private_scope(core::Scope scope) {
  return scope == core::Scope::user || scope == core::Scope::workspace;
}

constexpr std::size_t known_files_max = 256;

}  // namespace

void SettingsStore::begin(const core::Environment& environment) {
  history_.sweep();
  load(environment, Freshness::by_content);
}

core::SettingsFile SettingsStore::read(core::Scope scope, const std::string& path) {
  return read_content(scope, path);
}

core::SettingsFile SettingsStore::read_content(core::Scope scope, const std::string& path) {
  core::SettingsFile file;
  file.scope = scope;
  file.path = path;
  const auto known = known_.find(path);
  if (known == known_.end()) watcher_.watch(path);  // before it is read: nothing comes in between
  const std::string link_before =
      known != known_.end() ? known->second.file.facts.link : std::string();
  if (known != known_.end() && known->second.file.exists)
    if (const auto same = open_if_says(path, known->second.file.text())) {
      file = known->second.file;
      file.scope = scope;
      file.facts = facts_of(path, same->st, link_before);
      return remember(file, identity_of(same->st));
    }
  auto content = read_past_foreign_write(path, known != known_.end() && known->second.file.exists);
  if (!content) {
    file.exists = content.error() != ENOENT && content.error() != ENOTDIR;
    if (!file.exists) return remember(file, {});
    file.trouble = trouble_with(path, content.error());
    return file;
  }
  const bool is_young = changed_just_now(content->st);
  struct stat st = content->st;
  std::string text = content->text;
  fill(file, *std::move(content), link_before);
  if (file.fault && is_young) {
    // Perhaps a torn write of somebody else: it is read again before it is believed.
    std::this_thread::sleep_for(50ms);
    if (auto again = read_past_foreign_write(path, true)) {
      st = again->st;
      text = again->text;
      file.fault.reset();
      fill(file, *std::move(again), link_before);
    }
  }
  if (file.fault) file.raw = std::make_shared<const std::string>(std::move(text));
  return remember(file, identity_of(st));
}

// The file is from now on what is known; what it was before tells what others did to it.
core::SettingsFile SettingsStore::remember(core::SettingsFile file, const Identity& identity) {
  const auto known = known_.find(file.path);
  if (known == known_.end())
    meet(file);
  else
    compare(known->second.file, file);
  if (known_.size() >= known_files_max && known == known_.end())
    known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  known_[file.path] = {identity, file, ++clock_};
  return file;
}

// What a write of ours found in its place is a reading, too: its own writer may overwrite it with
// what it read while ours stood there. Half a write is none.
void SettingsStore::remember_found(const core::Plan& plan, FileContent content) {
  core::SettingsFile file;
  file.scope = plan.file.scope;
  file.path = plan.file.path;
  fill(file, std::move(content), known_[plan.file.path].file.facts.link);
  if (file.document) remember(std::move(file), {});
}

// For the first time in this process.
void SettingsStore::meet(core::SettingsFile& file) {
  const auto last = history_.last(file.path);
  if (last) catch_up(file, *last);
  if (is_private_scope(file.scope)) sweep(file, last);
}

// The file may have been written while no daemon ran, and a write of ours may have been cut short.
void SettingsStore::catch_up(core::SettingsFile& file, const Snapshot& last) {
  const bool is_same = last.after.value_or("") == file.content_id;
  if (is_same && file.exists && !history_.holds(file.content_id))
    unkept_.insert_or_assign(file.content_id, file);
  if (!is_same && last.by == "self" && last.before.value_or("") == file.content_id)
    return history_.withdraw(last.id);
  core::SettingsFile before = file;
  if (!is_same) {
    before = {};
    before.scope = file.scope;
    before.path = file.path;
    before.facts = file.facts;
  }
  // With a key in it, it was private when it was last seen.
  before.facts.mode = 0600;
  before.facts.link = last.link;
  if (!is_same && last.after) {
    before.exists = true;
    before.content_id = *last.after;
    before.etag = before.content_id.substr(0, 16);
    if (auto text = history_.content(before.content_id)) {
      auto document = core::Jsonc::parse(*text);
      if (document)
        before.document = *std::move(document);
      else
        before.raw = std::make_shared<const std::string>(*std::move(text));
    }
  }
  compare(before, file);
}

// Removes what a killed process left beside the file. One that was killed just when it had found
// somebody else's write in its hands left that: it is nowhere else, so the history takes it. `last`
// tells what its own write was, also where that did not take place and has been withdrawn. What can
// be neither read nor kept stays where it is.
void SettingsStore::sweep(const core::SettingsFile& file, const std::optional<Snapshot>& last) {
  const auto target = followed(file.path);
  if (!target) return;
  for (const std::string& path : abandoned_files(parent_directory(*target))) {
    // Half a link, which says nothing.
    if (!link_at(path).value_or("").empty()) {
      unlink(path.c_str());
      continue;
    }
    const auto content = read_file(path, limits::settings_bytes_max);
    if (!content) continue;
    const std::string id = core::content_id(content->text);
    const auto knows = [&id](const std::optional<Snapshot>& write) {
      return write && (write->before == id || write->after == id);
    };
    const bool is_known = knows(last) || knows(history_.last(file.path));
    // What does not parse is half of a write of ours.
    if (!is_known && core::Jsonc::parse(content->text)) {
      Snapshot snapshot = Snapshot::now(id);
      snapshot.by = "foreign";
      snapshot.path = file.path;
      snapshot.scope = core::scope_name(file.scope);
      snapshot.link = file.facts.link;
      snapshot.before = id;
      if (file.exists) snapshot.after = kept(file);
      if (!history_.keep(id, content->text) || !history_.record(snapshot))
        continue;  // the next start's
    }
    unlink(path.c_str());
  }
}

// Records what somebody else did between two readings, and takes back what nobody wants: a file
// with keys in it that others can read.
void SettingsStore::compare(const core::SettingsFile& before, core::SettingsFile& after) {
  const bool has_other_content = before.etag != after.etag;
  const bool other_link = before.exists && after.exists && !before.facts.link.empty() &&
                          after.facts.link != before.facts.link;
  const bool is_loose = after.exists && is_private_scope(after.scope) && after.facts.is_ours &&
                        (after.facts.mode & 0077U) != 0 &&
                        (has_other_content || (before.facts.mode & 0077U) == 0) &&
                        core::holds_secret(believed_in(before, after));
  if (!has_other_content && !other_link && !is_loose) return;
  const bool is_tightened = is_loose && make_private(after.path);
  ForeignWrite write{after.scope, after.path, after.etag,
                     {},          {},         notices_of(before, after, is_tightened)};
  if (is_tightened) after.facts.mode = 0600;
  if (before.exists == before.document.has_value() && after.exists == after.document.has_value())
    write.keys = core::changed_keys(core::changes(document_of(before), document_of(after)));
  if (has_other_content || other_link)
    write.snapshot = record_foreign(before, after, write.keys, other_link);
  foreign_writes_.push_back(std::move(write));
}

// The name of a file's text, of which there is a copy then, or there will be as soon as that can
// be: it is named in any case, because a record without a name says that there was no file. Of what
// stood there before this process only the name may be known.
std::string SettingsStore::kept(const core::SettingsFile& file) {
  const bool is_only_name = file.text().empty() && file.content_id != core::content_id("");
  if (!is_only_name && !history_.keep(file.content_id, file.text()))
    unkept_.insert_or_assign(file.content_id, file);
  return file.content_id;
}

std::string SettingsStore::record_foreign(const core::SettingsFile& before,
                                          const core::SettingsFile& after,
                                          const std::vector<core::Path>& keys, bool other_link) {
  Snapshot snapshot = Snapshot::now(after.exists ? after.content_id : before.content_id);
  snapshot.by = "foreign";
  snapshot.path = after.path;
  snapshot.scope = core::scope_name(after.scope);
  snapshot.keys = keys;
  snapshot.link = after.facts.link;
  if (other_link) snapshot.link_before = before.facts.link;
  if (after.fault) snapshot.trouble = after.fault->message;
  if (before.exists) snapshot.before = kept(before);
  if (after.exists) snapshot.after = kept(after);
  return history_.record(snapshot) ? snapshot.id : std::string();
}

core::SettingsFile SettingsStore::read(core::Scope scope, const std::string& path,
                                       Freshness freshness) {
  const auto known = known_.find(path);
  struct stat st {};
  if (freshness == Freshness::by_content || known == known_.end() || !known->second.file.exists ||
      stat(path.c_str(), &st) != 0 || known->second.identity != identity_of(st) ||
      changed_just_now(st))
    return read_content(scope, path);
  known->second.used = ++clock_;
  core::SettingsFile file = known->second.file;
  file.scope = scope;
  return file;
}

void SettingsStore::observe() {
  std::set<std::string> touched = watcher_.touched();
  touched.merge(std::exchange(unread_, {}));
  for (const std::string& path : touched)
    if (const auto known = known_.find(path); known != known_.end())
      if (read_content(known->second.file.scope, path).trouble) unread_.insert(path);
}

void SettingsStore::forget() {
  for (auto& [path, known] : known_) known.identity = {};
  cli_finder_.forget();
}

core::SettingsPaths SettingsStore::paths(const core::Environment& environment,
                                         const core::CliRules& rules) {
  core::Environment judging = environment;
  std::vector<std::vector<core::DotenvEntry>> home_dotenvs;
  if (!rules.has_qwen_home) {
    judging.variables.erase("QWEN_HOME");
    return core::settings_paths(judging, home_dotenvs);
  }
  for (const std::string& path : core::home_dotenv_paths(environment))
    if (auto content = read_file(path, limits::dotenv_bytes_max))
      home_dotenvs.push_back(core::parse_dotenv(content->text));
  return core::settings_paths(environment, home_dotenvs);
}

core::SettingsFiles SettingsStore::load(const core::Environment& environment, Freshness freshness,
                                        const core::CliRules& rules) {
  const core::SettingsPaths paths = SettingsStore::paths(environment, rules);
  core::SettingsFiles files;
  files.system_defaults = read(core::Scope::system_defaults, paths.system_defaults, freshness);
  files.user = read(core::Scope::user, paths.user, freshness);
  files.system = read(core::Scope::system, paths.system, freshness);
  if (!paths.workspace) return files;
  // In the home directory the workspace's file would be the user's (facts, 1.1).
  const std::string workspace = real_or_as_it_is(*environment.cwd);
  if (workspace == real_or_as_it_is(environment.home) ||
      real_or_as_it_is(*paths.workspace) == real_or_as_it_is(paths.user))
    return files;
  files.workspace = read(core::Scope::workspace, *paths.workspace, freshness);
  files.workspace_trusted = workspace_is_trusted(files, paths, workspace);
  return files;
}

void SettingsStore::inspect(core::SettingsFile& file) {
  file.facts.tracked_by_git = tracked_by_git(file.path);
}

bool SettingsStore::workspace_is_trusted(const core::SettingsFiles& files,
                                         const core::SettingsPaths& paths,
                                         const std::string& workspace) {
  core::SettingsFiles without_workspace = files;
  without_workspace.workspace.reset();
  const std::vector<std::string> path{"security", "folderTrust", "enabled"};
  const auto enabled = core::merged_value(without_workspace, path);
  if (!enabled || enabled->value != true) return true;
  const auto rules = read_file(paths.trusted_folders, limits::message_bytes_max);
  if (!rules) return false;
  const auto document = core::Jsonc::parse(rules->text);
  return document && core::folder_trust(document->value(document->root()), workspace) ==
                         core::FolderTrust::trusted;
}

}  // namespace authd::io
