// SettingsStore: writing.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "daemon/core/settings_changes.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/settings_store.hpp"
#include "daemon/io/write_target.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

constexpr int replans_max = 10;

Snapshot snapshot_of(const core::Plan& plan, const WriteBy& by) {
  const std::string after = plan.removes_file ? std::string() : core::content_id(plan.new_text);
  Snapshot snapshot = Snapshot::now(after.empty() ? plan.file.content_id : after);
  snapshot.by = "self";
  snapshot.method = by.method;
  snapshot.undoes = by.undoes;
  snapshot.path = plan.file.path;
  snapshot.scope = core::scope_name(plan.file.scope);
  snapshot.keys = plan.keys;
  if (plan.file.exists) snapshot.before = plan.file.content_id;
  if (!after.empty()) snapshot.after = after;
  return snapshot;
}

// One text in the place of another; nothing = no file.
Result<Replaced> put(const std::string& path, const std::optional<std::string>& former,
                     const std::string& text, const std::optional<struct stat>& st) {
  auto replacement = Replacement::open(path, st);
  if (!replacement) return std::unexpected(replacement.error());
  if (auto ok = replacement->write(text); !ok) return std::unexpected(ok.error());
  return replacement->commit_over(former);
}

std::vector<core::Path> changed_members(const std::optional<std::string>& before,
                                        const std::string& after) {
  const auto former = core::Jsonc::parse(before.value_or("{}")), latter = core::Jsonc::parse(after);
  return former && latter ? core::changed_keys(core::changes(*former, *latter))
                          : std::vector<core::Path>();
}

// A symlink that somebody replaced by a file, or pointed elsewhere: the text goes back behind it,
// then the link to its place. What it takes the place of behind the link is a write of its own,
// with a record under that path; where the link cannot go back, neither has taken place.
// Only a text from the history is put there.
Result<Replaced> put_link_back(const core::Plan& plan, const Snapshot& snapshot, History& history) {
  const bool is_absolute = plan.link.starts_with("/");
  const auto followed_target =
      target_of(is_absolute ? plan.link : parent_directory(plan.file.path) + "/" + plan.link);
  if (!followed_target) return std::unexpected(followed_target.error());
  const std::string& target = *followed_target;
  const auto behind = read_file(target, limits::settings_bytes_max);
  if (!behind && behind.error() != ENOENT && behind.error() != ENOTDIR)
    return std::unexpected(
        not_writable(target, behind.error(),
                     "Cannot read " + target + ": " + std::strerror(behind.error()) + "."));
  if (behind && behind->text == plan.new_text)
    return replace_by_link(plan.file.path, plan.link, plan.file.text());
  const auto former = behind ? std::optional(behind->text) : std::nullopt;
  const auto former_st = behind ? std::optional(behind->st) : std::nullopt;
  if (auto ok = prepared(plan.file.path, target, behind ? &behind->st : nullptr); !ok)
    return std::unexpected(ok.error());
  std::error_code none;
  const bool is_there_already =
      std::filesystem::equivalent(plan.file.path, target, none);  // by another name
  Snapshot covered = Snapshot::now(*snapshot.after);
  covered.by = snapshot.by;
  covered.method = snapshot.method;
  covered.undoes = snapshot.undoes;
  covered.scope = snapshot.scope;
  covered.path = target;
  covered.keys = changed_members(former, plan.new_text);
  if (former) covered.before = core::content_id(*former);
  covered.after = snapshot.after;
  if (former)
    if (auto kept = history.keep(*covered.before, *former); !kept)
      return std::unexpected(kept.error());
  if (auto recorded = history.record(covered); !recorded) return std::unexpected(recorded.error());
  auto done = put(target, former, plan.new_text, former_st);
  if (done == Replaced::done) {
    done = replace_by_link(plan.file.path, plan.link,
                           is_there_already ? plan.new_text : plan.file.text());
    if (done == Replaced::done) return done;
    const auto back = former ? put(target, plan.new_text, *former, former_st)
                             : remove_if_unchanged(target, plan.new_text);
    if (back != Replaced::done) return done;  // somebody wrote there since: ours has taken place
  }
  history.withdraw(covered.id);
  return done;
}

// No edit makes a text that does not parse; if one did, it would not take the file's place.
Result<void> fit_to_stand(const core::Plan& plan, const Parsing& parsing) {
  if (!plan.is_edited || parsing.result()) return {};
  const core::JsoncError& error = parsing.result().error();
  if (error.cause != core::JsoncError::Cause::syntax)
    return std::unexpected(core::past_bounds(plan.file, error));
  return fail(ErrorKind::internal_error, "What was to be saved in " + plan.file.path +
                                             " would not parse: " + error.message +
                                             ". Nothing was changed.");
}

Result<Replaced> replace(const core::Plan& plan, const std::string& target, const struct stat* st,
                         const Parsing& parsing, std::optional<Replacement>& replacement) {
  auto opened = Replacement::open(target, st ? std::optional(*st) : std::nullopt);
  if (!opened) return std::unexpected(opened.error());
  replacement.emplace(*std::move(opened));
  if (auto ok = replacement->write(plan.new_text); !ok) return std::unexpected(ok.error());
  if (auto ok = fit_to_stand(plan, parsing); !ok) return std::unexpected(ok.error());
  return replacement->commit_over(
      plan.file.exists ? std::optional<std::string_view>(plan.file.text()) : std::nullopt);
}

}  // namespace

Result<Saved> SettingsStore::change(const WriteBy& by,
                                    const std::function<Result<core::Plan>()>& make_plan) {
  core::Plan plan;
  for (int replans = 0; replans <= replans_max; ++replans) {
    auto made = make_plan();
    if (!made) return std::unexpected(made.error());
    plan = *std::move(made);
    auto saved = write(plan, by);
    if (!saved) return std::unexpected(saved.error());
    if (*saved) return **std::move(saved);
  }
  return std::unexpected(
      Error{ErrorKind::settings_conflict,
            plan.file.path + " is changed by somebody else all the time.",
            {},
            "Close the program that writes it, then try again. Nothing was changed.",
            {{"path", plan.file.path}, {"etag", plan.file.etag}}});
}

Result<std::optional<Saved>> SettingsStore::write(core::Plan& plan, const WriteBy& by) {
  Saved saved{plan.file.scope, plan.file.path, plan.file.etag, false, {}, std::nullopt, plan.keys};
  if (!plan.changed()) return saved;
  const auto followed_target = target_of(plan.file.path);
  if (!followed_target) return std::unexpected(followed_target.error());
  const std::string& target = *followed_target;
  struct stat st {};
  const struct stat* const there = stat(target.c_str(), &st) == 0 ? &st : nullptr;
  if (!there && errno != ENOENT && errno != ENOTDIR)
    return std::unexpected(not_writable(
        target, errno, "Cannot look at " + target + ": " + std::strerror(errno) + "."));
  const std::string link = link_at(plan.file.path).value_or("");
  const bool moves_link = !plan.link.empty() && plan.link != link;
  // Where the link is to lead elsewhere, nothing is written to what is behind it now.
  if (!moves_link || link.empty())
    if (auto ok = prepared(plan.file.path, target, there); !ok) return std::unexpected(ok.error());
  Snapshot snapshot = snapshot_of(plan, by);
  snapshot.link = moves_link ? plan.link : link;
  if (moves_link) snapshot.link_before = link;
  if (snapshot.before)
    if (auto kept = history_.keep(*snapshot.before, plan.file.text()); !kept)
      return std::unexpected(kept.error());
  const Parsing parsing = parser_.parse(plan.new_text);
  if (auto recorded = history_.record(snapshot); !recorded)
    return std::unexpected(recorded.error());
  std::optional<Replacement> replacement;
  Result<Replaced> replaced = Replaced::changed_underneath;
  try {
    replaced = moves_link          ? put_link_back(plan, snapshot, history_)
               : plan.removes_file ? remove_if_unchanged(target, plan.file.text())
                                   : replace(plan, target, there, parsing, replacement);
  } catch (...) {
    history_.withdraw(snapshot.id);
    throw;
  }
  if (!replaced || *replaced != Replaced::done) {
    history_.withdraw(snapshot.id);
    if (replacement)
      for (FileContent& content : replacement->take_found())
        remember_found(plan, std::move(content));
    if (!replaced) return std::unexpected(replaced.error());
    return std::nullopt;
  }
  remember_write(plan, snapshot, parsing.result());
  // As a file of its own it may have been read, too; nobody else wrote it.
  if (const auto written = followed(plan.file.path); written && *written != plan.file.path)
    known_.erase(*written);
  saved.changed = true;
  saved.snapshot = snapshot.id;
  saved.etag = snapshot.after ? snapshot.after->substr(0, 16) : "absent";
  if (snapshot.before) saved.backup = history_.path_of(*snapshot.before);
  spent_.emplace(std::move(plan), std::move(replacement));
  return saved;
}

// What was just written need not be read or parsed again. Its copy is made after the answer.
void SettingsStore::remember_write(const core::Plan& plan, const Snapshot& snapshot,
                                   const Parsing::Result& document) {
  core::SettingsFile file;
  file.scope = plan.file.scope;
  file.path = plan.file.path;
  file.facts.link = snapshot.link;
  if (snapshot.after) {
    file.exists = true;
    file.content_id = *snapshot.after;
    file.etag = file.content_id.substr(0, 16);
    if (document) {
      file.document = *document;
    } else {
      file.fault = document.error();
      file.raw = std::make_shared<const std::string>(plan.new_text);
    }
    unkept_.insert_or_assign(file.content_id, file);
  }
  known_[plan.file.path] = {{}, std::move(file), ++clock_};
}

// What the files say at this moment is not their past: so each is looked at, also those that only
// the records know of.
Result<std::size_t> SettingsStore::purge(const std::string& name) {
  const auto snapshots = history_.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  std::map<std::string, core::Scope> recorded;
  std::set<std::string> behind_links;
  std::vector<core::SettingsFile> current;
  for (const Snapshot& snapshot : *snapshots) {
    recorded.emplace(snapshot.path, core::scope_named(snapshot.scope));
    if (const auto target = followed(snapshot.path); target && *target != snapshot.path)
      behind_links.insert(*target);
  }
  for (const auto& [path, scope] : recorded)
    if (!behind_links.contains(path) && (known_.contains(path) || access(path.c_str(), F_OK) == 0))
      if (core::SettingsFile file = read(scope, path); file.exists)
        current.push_back(std::move(file));
  settle();
  unkept_.clear();  // what could not be copied would come back unpurged
  for (const auto& [path, known] : known_)
    if (known.file.exists) current.push_back(known.file);
  return history_.purge(name, current);
}

// By the rule that a write goes by.
bool SettingsStore::is_writable(const std::string& path) {
  const auto target = followed(path);
  if (!target) return false;
  struct stat st {};
  const bool is_there = stat(target->c_str(), &st) == 0;
  if (!is_there && errno != ENOENT && errno != ENOTDIR) return false;
  if (!writable(path, *target, is_there ? &st : nullptr)) return false;
  std::string directory = parent_directory(*target);
  while (stat(directory.c_str(), &st) != 0 && errno == ENOENT && directory != "/")
    directory = parent_directory(directory);
  return stat(directory.c_str(), &st) == 0 && S_ISDIR(st.st_mode) &&
         access(directory.c_str(), W_OK | X_OK) == 0;
}

void SettingsStore::settle() {
  spent_.reset();
  // What cannot be copied now is tried again after the next job.
  std::erase_if(unkept_, [this](const auto& content) {
    return history_.keep(content.first, content.second.text()).has_value();
  });
  history_.settle();
}

}  // namespace authd::io
