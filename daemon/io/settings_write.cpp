// SettingsStore: writing.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/io/file.hpp"
#include "daemon/io/listen_socket.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/settings_store.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

constexpr int replans_max = 10;

Error managed_by_nix(const std::string& path, const std::string& target) {
  return Error{ErrorKind::settings_not_writable, path + " is managed by Nix: it leads to " + target + ".", {},
               "Add the members of the preview to your Nix or home-manager configuration, or save in another scope. "
               "Nothing was changed.",
               {{"path", target}, {"errno", "EROFS"}}};
}

Result<std::string> target_of(const std::string& path) {
  auto target = followed(path);
  if (target) return *std::move(target);
  return std::unexpected(not_writable(path, target.error(),
                                      "Cannot see where " + path + " leads: " + std::strerror(target.error()) + "."));
}

// What can be known before anything is tried.
Result<void> writable(const std::string& path, const std::string& target, const struct stat* st) {
  if (target.starts_with("/nix/store/")) return std::unexpected(managed_by_nix(path, target));
  if (st && !S_ISREG(st->st_mode)) return std::unexpected(not_writable(target, EINVAL, target + " is not a regular file."));
  if (st && (st->st_mode & S_IWUSR) == 0) return std::unexpected(not_writable(target, EACCES, target + " is read-only."));
  const std::string directory = parent_directory(target);
  struct stat there {};
  if (stat(directory.c_str(), &there) == 0) return {};
  if (const int error = make_directories(directory))
    return std::unexpected(not_writable(target, error, "Cannot make " + directory + ": " + std::strerror(error) + "."));
  return {};
}

Snapshot snapshot_of(const core::Plan& plan, const WriteBy& by) {
  const std::string after = plan.removes_file ? std::string() : core::content_id(plan.new_text);
  Snapshot snapshot = Snapshot::now(after.empty() ? plan.before_id : after);
  snapshot.by = "self";
  snapshot.method = by.method;
  snapshot.undoes = by.undoes;
  snapshot.path = plan.path;
  snapshot.scope = core::scope_name(plan.scope);
  snapshot.keys = plan.keys;
  if (plan.exists) snapshot.before = plan.before_id;
  if (!after.empty()) snapshot.after = after;
  return snapshot;
}

// A symlink that somebody replaced by a file: the text goes back behind it, then the link to its
// place. What stands behind it now is kept in the history before.
Result<Replaced> put_link_back(const core::Plan& plan, History& history) {
  const bool is_absolute = plan.link.starts_with("/");
  const auto followed_target = target_of(is_absolute ? plan.link : parent_directory(plan.path) + "/" + plan.link);
  if (!followed_target) return std::unexpected(followed_target.error());
  const std::string& target = *followed_target;
  const auto behind = read_file(target, limits::settings_bytes_max);
  if (!behind && behind.error() != ENOENT)
    return std::unexpected(not_writable(target, behind.error(), "Cannot read " + target + "."));
  if (behind)
    if (auto kept = history.keep(core::content_id(behind->text), behind->text); !kept) return std::unexpected(kept.error());
  if (!behind || behind->text != plan.new_text) {
    auto replacement = Replacement::open(target, behind ? std::optional(behind->st) : std::nullopt);
    if (!replacement) return std::unexpected(replacement.error());
    if (auto ok = replacement->write(plan.new_text); !ok) return std::unexpected(ok.error());
    const auto done = replacement->commit_over(behind ? std::optional(behind->text) : std::nullopt);
    if (!done || *done != Replaced::done) return done;
  }
  if (const auto now = read_file(plan.path, limits::settings_bytes_max); !now || now->text != plan.old_text)
    return Replaced::changed_underneath;
  if (auto ok = replace_by_link(plan.path, plan.link); !ok) return std::unexpected(ok.error());
  return Replaced::done;
}

Result<Replaced> replace(const core::Plan& plan, const std::string& target, const struct stat* st, History& history,
                         std::vector<FileContent>& found) {
  if (!plan.link.empty()) return put_link_back(plan, history);
  if (plan.removes_file) return remove_if_unchanged(target, plan.old_text);
  auto replacement = Replacement::open(target, st ? std::optional(*st) : std::nullopt);
  if (!replacement) return std::unexpected(replacement.error());
  if (auto ok = replacement->write(plan.new_text); !ok) return std::unexpected(ok.error());
  auto replaced = replacement->commit_over(plan.exists ? std::optional(plan.old_text) : std::nullopt);
  found = replacement->take_found();
  return replaced;
}

}  // namespace

Result<Saved> SettingsStore::change(const WriteBy& by, const std::function<Result<core::Plan>()>& make_plan) {
  core::Plan plan;
  for (int replans = 0; replans <= replans_max; ++replans) {
    auto made = make_plan();
    if (!made) return std::unexpected(made.error());
    plan = *std::move(made);
    auto saved = write(plan, by);
    if (!saved) return std::unexpected(saved.error());
    if (*saved) return **std::move(saved);
  }
  return std::unexpected(Error{ErrorKind::settings_conflict, plan.path + " is changed by somebody else all the time.",
                               {}, "Close the program that writes it, then try again. Nothing was changed.",
                               {{"path", plan.path}, {"etag", plan.etag}}});
}

Result<std::optional<Saved>> SettingsStore::write(const core::Plan& plan, const WriteBy& by) {
  Saved saved{plan.scope, plan.path, plan.etag, false, {}, std::nullopt, plan.keys};
  if (!plan.changed()) return saved;
  const auto followed_target = target_of(plan.path);
  if (!followed_target) return std::unexpected(followed_target.error());
  const std::string& target = *followed_target;
  struct stat st {};
  const struct stat* const there = stat(target.c_str(), &st) == 0 ? &st : nullptr;
  if (!there && errno != ENOENT && errno != ENOTDIR)
    return std::unexpected(not_writable(target, errno, "Cannot look at " + target + ": " + std::strerror(errno) + "."));
  if (auto ok = writable(plan.path, target, there); !ok) return std::unexpected(ok.error());
  const Snapshot snapshot = snapshot_of(plan, by);
  if (snapshot.before)
    if (auto kept = history_.keep(*snapshot.before, plan.old_text); !kept) return std::unexpected(kept.error());
  if (auto recorded = history_.record(snapshot); !recorded) return std::unexpected(recorded.error());
  std::vector<FileContent> found;
  const auto replaced = replace(plan, target, there, history_, found);
  if (!replaced || *replaced != Replaced::done) {
    history_.withdraw(snapshot.id);
    for (FileContent& content : found) remember_found(plan, std::move(content));
    if (!replaced) return std::unexpected(replaced.error());
    return std::nullopt;
  }
  remember_write(plan, snapshot);
  saved.changed = true;
  saved.snapshot = snapshot.id;
  saved.etag = snapshot.after ? snapshot.after->substr(0, 16) : "absent";
  if (snapshot.before) saved.backup = history_.path_of(*snapshot.before);
  return saved;
}

// What was just written need not be read or parsed again. Its copy is made after the answer.
void SettingsStore::remember_write(const core::Plan& plan, const Snapshot& snapshot) {
  core::SettingsFile file;
  file.scope = plan.scope;
  file.path = plan.path;
  file.facts.link = plan.link;
  if (const auto known = known_.find(plan.path); known != known_.end() && plan.link.empty())
    file.facts.link = known->second.file.facts.link;
  if (snapshot.after) {
    file.exists = true;
    file.content_id = *snapshot.after;
    file.etag = file.content_id.substr(0, 16);
    file.document = plan.new_document;
    if (!file.document) {
      auto document = core::Jsonc::parse(plan.new_text);
      if (document)
        file.document = *std::move(document);
      else
        file.raw = std::make_shared<const std::string>(plan.new_text);
    }
    unkept_.insert_or_assign(file.content_id, plan.new_text);
  }
  known_[plan.path] = {{}, std::move(file), ++clock_};
}

Result<std::size_t> SettingsStore::purge(const std::string& name) {
  settle();
  unkept_.clear();  // what could not be copied would come back unpurged
  std::set<std::string> current;
  for (const auto& [path, known] : known_)
    if (known.file.exists) current.insert(known.file.content_id);
  return history_.purge(name, current);
}

bool SettingsStore::is_writable(const std::string& path) {
  const auto target = followed(path);
  if (!target || target->starts_with("/nix/store/")) return false;
  struct stat st {};
  if (stat(target->c_str(), &st) == 0 && (!S_ISREG(st.st_mode) || (st.st_mode & S_IWUSR) == 0)) return false;
  std::string directory = parent_directory(*target);
  while (access(directory.c_str(), F_OK) != 0 && directory != "/") directory = parent_directory(directory);
  return access(directory.c_str(), W_OK) == 0;
}

void SettingsStore::settle() {
  // What cannot be copied now is tried again after the next job.
  std::erase_if(unkept_, [this](const auto& content) { return history_.keep(content.first, content.second).has_value(); });
  history_.settle();
}

}  // namespace authd::io
