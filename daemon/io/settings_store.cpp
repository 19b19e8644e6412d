#include "daemon/io/settings_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <thread>

#include "daemon/core/sha256.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/listen_socket.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string etag_of(std::string_view text) { return core::sha256_hex(text).substr(0, 16); }

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool exists(const std::string& path) {
  struct stat st {};
  return lstat(path.c_str(), &st) == 0;
}

// Qwen Code's write has a moment without the file (facts, 1.4): while its own names are there, a
// missing file is not believed.
std::expected<FileContent, int> read_past_foreign_write(const std::string& path) {
  auto content = read_file(path, limits::settings_bytes_max);
  for (int tries = 0; tries < 20 && !content && content.error() == ENOENT; ++tries) {
    if (!exists(path + ".orig") && !exists(path + ".tmp")) break;
    std::this_thread::sleep_for(2ms);
    content = read_file(path, limits::settings_bytes_max);
  }
  return content;
}

bool changed_just_now(const struct stat& st) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now) - nanoseconds(st.st_mtim) < 1'000'000'000;
}

Error unreadable(const std::string& path, int error) {
  const bool irregular = error == EISDIR || error == EINVAL;
  if (irregular)
    return not_writable(path, error, path + (error == EISDIR ? " is a directory." : " is not a regular file."));
  Error result = not_writable(path, error, "Cannot read " + path + ": " +
                                               (error == EFBIG ? "it is larger than 32 MiB" : std::strerror(error)) + ".");
  result.kind = ErrorKind::settings_unreadable;
  return result;
}

std::string real_path(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? path : real.string();
}

std::string snapshot_id(const std::string& text) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char name[48] = {};
  const std::size_t length = std::strftime(name, sizeof name, "%Y%m%dT%H%M%S", &utc);
  std::snprintf(name + length, sizeof name - length, ".%09ldZ", now.tv_nsec);
  return std::string(name) + "-" + core::fingerprint(text);
}

// A snapshot is two files: what was there before (none where nothing was), and what is known of
// the write.
class Snapshot {
 public:
  Snapshot(std::string directory, std::string id) : directory_(std::move(directory)), id_(std::move(id)) {}

  const std::string& id() const { return id_; }
  std::string before_path() const { return directory_ + "/" + id_ + ".before"; }
  std::string record_path() const { return directory_ + "/" + id_ + ".json"; }

  Result<void> keep(const std::optional<std::string>& before, const Json& record) const {
    int error = make_directories(directory_);
    if (error == 0 && before) error = write_new_file(before_path(), *before);
    if (error == 0) error = write_new_file(record_path(), dump(record));
    if (error == 0) return {};
    discard();
    return std::unexpected(not_writable(
        before_path(), error, "Cannot keep a copy in " + directory_ + ": " + std::strerror(error) +
                                  ". Without it nothing is written."));
  }
  void discard() const {
    unlink(before_path().c_str());
    unlink(record_path().c_str());
  }

 private:
  std::string directory_, id_;
};

// Oldest first out; names begin with the time.
void drop_oldest_snapshots(const std::string& directory) {
  std::vector<std::string> records;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".json") records.push_back(entry.path().stem().string());
  if (records.size() <= limits::snapshots_max) return;
  std::sort(records.begin(), records.end());
  for (std::size_t i = 0; i + limits::snapshots_max < records.size(); ++i)
    Snapshot(directory, records[i]).discard();
}

Error changed_underneath(const std::string& path, const std::string& etag) {
  return Error{ErrorKind::settings_conflict, path + " was changed by somebody else meanwhile.", "etag",
               "Look at the file as it is now, then try again.", {{"path", path}, {"etag", etag}}};
}

// What stands at the target now: its text and owner, or that there is nothing.
struct Current {
  std::optional<std::string> text;
  std::optional<struct stat> st;
};
Result<Current> current_at(const std::string& path) {
  auto content = read_past_foreign_write(path);
  if (content) return Current{std::move(content->text), content->st};
  if (content.error() == ENOENT) return Current{};
  return std::unexpected(unreadable(path, content.error()));
}

Result<void> check_writable(const std::string& path, const Current& current) {
  if (current.st && (current.st->st_mode & S_IWUSR) == 0)
    return std::unexpected(not_writable(path, EACCES, path + " is read-only."));
  return {};
}

}  // namespace

core::SettingsFile SettingsStore::read_fresh(core::Scope scope, const std::string& path) {
  core::SettingsFile file;
  file.scope = scope;
  file.path = path;
  auto content = read_past_foreign_write(path);
  if (!content) {
    cache_.erase(path);
    file.exists = content.error() != ENOENT && content.error() != ENOTDIR;
    if (file.exists) file.trouble = unreadable(path, content.error());
    return file;
  }
  auto document = core::Jsonc::parse(content->text);
  if (!document && changed_just_now(content->st)) {
    // Perhaps a torn write of somebody else: it is read again before it is believed.
    std::this_thread::sleep_for(50ms);
    if (auto again = read_past_foreign_write(path)) {
      content = std::move(again);
      document = core::Jsonc::parse(content->text);
    }
  }
  file.exists = true;
  file.etag = etag_of(content->text);
  if (document)
    file.document = *std::move(document);
  else
    file.fault = document.error();
  const struct stat& st = content->st;
  cache_[path] = {{st.st_dev, st.st_ino, static_cast<std::uint64_t>(st.st_size), nanoseconds(st.st_mtim),
                   nanoseconds(st.st_ctim)},
                  file};
  return file;
}

core::SettingsFile SettingsStore::read(core::Scope scope, const std::string& path) {
  const auto cached = cache_.find(path);
  struct stat st {};
  if (cached == cache_.end() || stat(path.c_str(), &st) != 0) return read_fresh(scope, path);
  const Identity identity{st.st_dev, st.st_ino, static_cast<std::uint64_t>(st.st_size), nanoseconds(st.st_mtim),
                          nanoseconds(st.st_ctim)};
  if (identity != cached->second.identity || changed_just_now(st)) return read_fresh(scope, path);
  core::SettingsFile file = cached->second.file;
  file.scope = scope;
  return file;
}

core::SettingsFiles SettingsStore::load_fresh(const core::Environment& environment) {
  forget();
  return load(environment);
}

core::SettingsFiles SettingsStore::load(const core::Environment& environment) {
  std::vector<std::vector<core::DotenvEntry>> home_dotenvs;
  for (const std::string& path : core::home_dotenv_paths(environment))
    if (auto content = read_file(path, limits::message_bytes_max))
      home_dotenvs.push_back(core::parse_dotenv(content->text));
  const core::SettingsPaths paths = core::settings_paths(environment, home_dotenvs);
  core::SettingsFiles files;
  files.system_defaults = read(core::Scope::system_defaults, paths.system_defaults);
  files.user = read(core::Scope::user, paths.user);
  files.system = read(core::Scope::system, paths.system);
  if (!paths.workspace) return files;
  // In the home directory the workspace's file would be the user's (facts, 1.1).
  const std::string workspace = real_path(*environment.cwd);
  if (workspace == real_path(environment.home) || followed(*paths.workspace) == followed(paths.user)) return files;
  files.workspace = read(core::Scope::workspace, *paths.workspace);
  files.workspace_trusted = workspace_is_trusted(files, paths, workspace);
  return files;
}

bool SettingsStore::workspace_is_trusted(const core::SettingsFiles& files, const core::SettingsPaths& paths,
                                         const std::string& workspace) {
  core::SettingsFiles without_workspace = files;
  without_workspace.workspace.reset();
  const std::vector<std::string> path{"security", "folderTrust", "enabled"};
  const auto enabled = core::merged_value(without_workspace, path);
  if (!enabled || enabled->value != true) return true;
  const auto rules = read_file(paths.trusted_folders, limits::message_bytes_max);
  if (!rules) return false;
  const auto document = core::Jsonc::parse(rules->text);
  return document && core::folder_trust(document->value(document->root()), workspace) == core::FolderTrust::trusted;
}

Result<Saved> SettingsStore::write(const core::Plan& plan) {
  Saved saved{plan.scope, plan.path, plan.etag, false, {}, std::nullopt, plan.keys};
  if (!plan.changed()) return saved;
  const std::string target = followed(plan.path);
  const std::optional<std::string> planned_on =
      plan.exists ? std::optional<std::string>(plan.old_text) : std::nullopt;
  auto current = current_at(target);
  if (!current) return std::unexpected(current.error());
  if (auto ok = check_writable(target, *current); !ok) return std::unexpected(ok.error());
  if (current->text != planned_on)
    return std::unexpected(changed_underneath(plan.path, current->text ? etag_of(*current->text) : "absent"));
  if (const int error = make_directories(parent_directory(target)))
    return std::unexpected(not_writable(target, error, "Cannot make " + parent_directory(target) + ": " +
                                                           std::strerror(error) + "."));
  saved.etag = etag_of(plan.new_text);
  const Snapshot snapshot(history_directory(), snapshot_id(plan.new_text));
  auto kept = snapshot.keep(planned_on, {{"path", plan.path}, {"by", "self"}, {"keys", plan.keys},
                                         {"scope", core::scope_name(plan.scope)},
                                         {"before", plan.etag}, {"after", saved.etag}});
  if (!kept) return std::unexpected(kept.error());
  auto result = [&]() -> Result<void> {
    auto replacement = Replacement::open(target, current->st);
    if (!replacement) return std::unexpected(replacement.error());
    if (auto ok = replacement->write(plan.new_text); !ok) return ok;
    // Whoever wrote since the plan was made must not be overwritten.
    auto now = current_at(target);
    if (!now) return std::unexpected(now.error());
    if (now->text != planned_on)
      return std::unexpected(changed_underneath(plan.path, now->text ? etag_of(*now->text) : "absent"));
    return replacement->commit();
  }();
  if (!result) {
    snapshot.discard();
    return std::unexpected(result.error());
  }
  cache_.erase(plan.path);
  drop_oldest_snapshots(history_directory());
  saved.changed = true;
  saved.snapshot = snapshot.id();
  if (planned_on) saved.backup = snapshot.before_path();
  return saved;
}

Result<Saved> SettingsStore::restore(const std::string& id) {
  const auto unknown = [&] {
    return fail(ErrorKind::unknown_snapshot, "There is no snapshot \"" + id.substr(0, 100) + "\".", "snapshot");
  };
  if (id.empty() || id.find('/') != std::string::npos || id.size() > 100) return unknown();
  const Snapshot snapshot(history_directory(), id);
  const auto record_file = read_file(snapshot.record_path(), limits::message_bytes_max);
  if (!record_file) return unknown();
  const auto record = parse_json(record_file->text);
  if (!record || !record->is_object()) return unknown();
  core::Plan plan;
  plan.path = record->value("path", "");
  plan.scope = record->value("scope", "user") == "workspace" ? core::Scope::workspace : core::Scope::user;
  plan.keys = record->value("keys", std::vector<std::string>());
  const std::string target = followed(plan.path);
  auto current = current_at(target);
  if (!current) return std::unexpected(current.error());
  plan.etag = current->text ? etag_of(*current->text) : "absent";
  if (plan.etag != record->value("after", ""))
    return std::unexpected(changed_underneath(plan.path, plan.etag));
  plan.exists = current->text.has_value();
  plan.old_text = current->text.value_or("");
  const auto before = read_file(snapshot.before_path(), limits::settings_bytes_max);
  if (before) {
    plan.new_text = before->text;
    return write(plan);
  }
  // There was no file before: what is there now is kept as a snapshot, too, then goes.
  const Snapshot of_now(history_directory(), snapshot_id(plan.old_text));
  auto kept = of_now.keep(plan.old_text, {{"path", plan.path}, {"by", "self"}, {"keys", plan.keys},
                                          {"scope", core::scope_name(plan.scope)},
                                          {"before", plan.etag}, {"after", "absent"}});
  if (!kept) return std::unexpected(kept.error());
  if (unlink(target.c_str()) != 0)
    return std::unexpected(not_writable(target, errno, "Cannot remove " + target + "."));
  cache_.erase(plan.path);
  return Saved{plan.scope, plan.path, "absent", true, of_now.id(), of_now.before_path(), plan.keys};
}

}  // namespace authd::io
