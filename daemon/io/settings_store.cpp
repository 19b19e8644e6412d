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
#include "daemon/core/text.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/listen_socket.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t drop_interval = 16;
constexpr int restore_replans_max = 10;

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

SettingsStore::Identity identity_of(const struct stat& st) {
  return {st.st_dev, st.st_ino, static_cast<std::uint64_t>(st.st_size), nanoseconds(st.st_mtim), nanoseconds(st.st_ctim)};
}

// Times have a grain: of a file that changed within the last second they prove nothing.
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

// Names begin with the time, so that they sort by age.
std::string snapshot_id(const std::string& etag) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char name[48] = {};
  const std::size_t length = std::strftime(name, sizeof name, "%Y%m%dT%H%M%S", &utc);
  std::snprintf(name + length, sizeof name - length, ".%09ldZ", now.tv_nsec);
  return std::string(name) + "-" + etag.substr(0, 8);
}

// What was there before a write is a file of its own, "<id>.before" (none where nothing was); what
// is known of each write is a line of JSON in "index.jsonl", so that a write costs one new file.
class History {
 public:
  explicit History(std::string directory) : directory_(std::move(directory)) {}

  std::string before_path(const std::string& id) const { return directory_ + "/" + id + ".before"; }

  Result<void> keep(const std::string& id, const std::optional<std::string>& before) const {
    int error = exists(directory_) ? 0 : make_directories(directory_);
    if (error == 0 && before) error = write_new_file(before_path(id), *before);
    if (error == 0) return {};
    return std::unexpected(not_writable(
        before_path(id), error, "Cannot keep a copy in " + directory_ + ": " + std::strerror(error) +
                                    ". Without it nothing is written."));
  }
  void discard(const std::string& id) const { unlink(before_path(id).c_str()); }

  // After the write, so that a line means that it took place. A line that cannot be written costs
  // the snapshot its record, not the user the save.
  void record(Json line) const {
    const FileDescriptor file(::open(index_path().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    const std::string text = dump(line) + "\n";
    if (file && ::write(file.get(), text.data(), text.size()) < 0) return;
  }

  // Oldest first. A torn last line is passed over.
  std::vector<Json> records() const {
    std::vector<Json> list;
    const auto index = read_file(index_path(), limits::settings_bytes_max);
    if (!index) return list;
    for (const std::string_view line : core::split(index->text, '\n'))
      if (auto record = parse_json(line); record && record->is_object() && record->contains("id"))
        list.push_back(*std::move(record));
    return list;
  }

  // Drops the oldest snapshots past the bound, with slack so that it is not done at every write.
  void drop_oldest() const {
    std::vector<Json> kept = records();
    if (kept.size() <= limits::snapshots_max + limits::snapshots_max / 4) return;
    const auto first = kept.end() - static_cast<std::ptrdiff_t>(limits::snapshots_max);
    for (auto record = kept.begin(); record != first; ++record) discard(record->value("id", ""));
    std::string text;
    for (auto record = first; record != kept.end(); ++record) text += dump(*record) + "\n";
    if (auto index = Replacement::open(index_path(), std::nullopt); index && index->write(text)) (void)index->commit();
  }

 private:
  std::string index_path() const { return directory_ + "/index.jsonl"; }
  std::string directory_;
};

// What stands at the target now; nothing where there is no file.
Result<std::optional<std::string>> text_at(const std::string& path) {
  auto content = read_past_foreign_write(path);
  if (content) return std::move(content->text);
  if (content.error() == ENOENT) return std::nullopt;
  return std::unexpected(unreadable(path, content.error()));
}

Error changed_underneath(const std::string& path, const std::optional<std::string>& now) {
  return Error{ErrorKind::settings_conflict, path + " was changed by somebody else meanwhile.", "etag",
               "Look at the file as it is now, then try again.",
               {{"path", path}, {"etag", now ? etag_of(*now) : "absent"}}};
}

Json record_of(const Saved& saved, const core::Plan& plan) {
  Json record = {{"id", saved.snapshot}, {"path", saved.path}, {"scope", core::scope_name(saved.scope)}, {"by", "self"},
                 {"keys", saved.keys}, {"before", plan.etag}, {"after", saved.etag}};
  if (plan.new_document) record["members"] = core::member_fingerprints(*plan.new_document, saved.keys);
  return record;
}

}  // namespace

core::SettingsFile SettingsStore::read_content(core::Scope scope, const std::string& path) {
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
  if (const auto cached = cache_.find(path);
      cached != cache_.end() && cached->second.file.document && cached->second.file.document->text() == content->text) {
    cached->second.identity = identity_of(content->st);
    file = cached->second.file;
    file.scope = scope;
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
  cache_[path] = {identity_of(content->st), file};
  return file;
}

core::SettingsFile SettingsStore::read(core::Scope scope, const std::string& path, Freshness freshness) {
  const auto cached = cache_.find(path);
  struct stat st {};
  if (freshness == Freshness::by_content || cached == cache_.end() || stat(path.c_str(), &st) != 0 ||
      cached->second.identity != identity_of(st) || changed_just_now(st))
    return read_content(scope, path);
  core::SettingsFile file = cached->second.file;
  file.scope = scope;
  return file;
}

core::SettingsFiles SettingsStore::load(const core::Environment& environment, Freshness freshness) {
  std::vector<std::vector<core::DotenvEntry>> home_dotenvs;
  for (const std::string& path : core::home_dotenv_paths(environment))
    if (auto content = read_file(path, limits::message_bytes_max))
      home_dotenvs.push_back(core::parse_dotenv(content->text));
  const core::SettingsPaths paths = core::settings_paths(environment, home_dotenvs);
  core::SettingsFiles files;
  files.system_defaults = read(core::Scope::system_defaults, paths.system_defaults, freshness);
  files.user = read(core::Scope::user, paths.user, freshness);
  files.system = read(core::Scope::system, paths.system, freshness);
  if (!paths.workspace) return files;
  // In the home directory the workspace's file would be the user's (facts, 1.1).
  const std::string workspace = real_path(*environment.cwd);
  if (workspace == real_path(environment.home) || real_path(*paths.workspace) == real_path(paths.user)) return files;
  files.workspace = read(core::Scope::workspace, *paths.workspace, freshness);
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
  struct stat st {};
  const bool there = stat(target.c_str(), &st) == 0;
  if (there && (st.st_mode & S_IWUSR) == 0)
    return std::unexpected(not_writable(target, EACCES, target + " is read-only."));
  const std::string directory = parent_directory(target);
  if (const int error = exists(directory) ? 0 : make_directories(directory))
    return std::unexpected(not_writable(target, error, "Cannot make " + directory + ": " + std::strerror(error) + "."));
  saved.etag = etag_of(plan.new_text);
  saved.snapshot = snapshot_id(saved.etag);
  const History history(history_directory());
  if (auto kept = history.keep(saved.snapshot, planned_on); !kept) return std::unexpected(kept.error());
  const auto replaced = [&]() -> Result<void> {
    auto replacement = Replacement::open(target, there ? std::optional(st) : std::nullopt);
    if (!replacement) return std::unexpected(replacement.error());
    if (auto ok = replacement->write(plan.new_text); !ok) return ok;
    // Whoever wrote since the plan was made must not be overwritten.
    auto now = text_at(target);
    if (!now) return std::unexpected(now.error());
    if (*now != planned_on) return std::unexpected(changed_underneath(plan.path, *now));
    return replacement->commit();
  }();
  if (!replaced) {
    history.discard(saved.snapshot);
    return std::unexpected(replaced.error());
  }
  remember(plan, saved.etag);
  saved.changed = true;
  if (planned_on) saved.backup = history.before_path(saved.snapshot);
  unrecorded_.push_back(record_of(saved, plan));
  return saved;
}

// What was just written need not be parsed again; its identity is looked up at the next reading.
void SettingsStore::remember(const core::Plan& plan, const std::string& etag) {
  cache_.erase(plan.path);
  if (!plan.new_document) return;
  core::SettingsFile file;
  file.path = plan.path;
  file.exists = true;
  file.etag = etag;
  file.document = plan.new_document;
  cache_[plan.path] = {{}, std::move(file)};
}

void SettingsStore::settle() {
  const History history(history_directory());
  for (Json& line : std::exchange(unrecorded_, {})) {
    history.record(std::move(line));
    if (++writes_ % drop_interval == 1) history.drop_oldest();
  }
}

Result<Saved> SettingsStore::restore(const std::string& id) {
  settle();
  const History history(history_directory());
  const std::vector<Json> records = history.records();
  const auto record = std::find_if(records.begin(), records.end(), [&](const Json& r) { return r["id"] == id; });
  const auto unknown = [](const char* message) { return fail(ErrorKind::unknown_snapshot, message, "snapshot"); };
  if (record == records.end()) return unknown("There is no such snapshot.");
  core::Restoration restoration{record->value("path", ""),
                                record->value("scope", "user") == "workspace" ? core::Scope::workspace : core::Scope::user,
                                record->value("keys", std::vector<std::string>()),
                                record->value("members", std::map<std::string, std::string>()), std::nullopt, false};
  if (auto before = read_file(history.before_path(id), limits::settings_bytes_max))
    restoration.before = std::move(before->text);
  else if (record->value("before", "") != "absent")
    return unknown("The copy that belongs to this snapshot is gone.");
  for (int replans = 0;; ++replans) {
    const core::SettingsFile now = read_content(restoration.scope, restoration.path);
    if (now.trouble) return std::unexpected(*now.trouble);
    // Neither then nor now: nothing to take back.
    if (!now.exists && !restoration.before)
      return Saved{restoration.scope, restoration.path, now.etag, false, {}, std::nullopt, restoration.keys};
    restoration.unchanged = now.etag == record->value("after", "");
    const auto plan = core::plan_restoration(now, restoration);
    if (!plan) return std::unexpected(plan.error());
    auto saved = plan->removes_file ? remove_file(*plan) : write(*plan);
    const bool again = !saved && saved.error().kind == ErrorKind::settings_conflict && replans < restore_replans_max;
    if (!again) return saved;
  }
}

// What is there now is kept as a snapshot, too, then goes.
Result<Saved> SettingsStore::remove_file(const core::Plan& plan) {
  const std::string target = followed(plan.path);
  const History history(history_directory());
  Saved saved{plan.scope, plan.path, "absent", true, snapshot_id(plan.etag), std::nullopt, plan.keys};
  if (auto kept = history.keep(saved.snapshot, plan.old_text); !kept) return std::unexpected(kept.error());
  if (auto now = text_at(target); !now || *now != plan.old_text) {
    history.discard(saved.snapshot);
    return std::unexpected(now ? changed_underneath(plan.path, *now) : now.error());
  }
  if (unlink(target.c_str()) != 0) {
    history.discard(saved.snapshot);
    return std::unexpected(not_writable(target, errno, "Cannot remove " + target + "."));
  }
  cache_.erase(plan.path);
  saved.backup = history.before_path(saved.snapshot);
  unrecorded_.push_back(record_of(saved, plan));
  return saved;
}

}  // namespace authd::io
