#include "daemon/core/settings_undo.hpp"

#include <algorithm>
#include <map>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

// No file says as much as an empty object. Nothing for a text that is none.
std::optional<Jsonc> document_of(const std::optional<std::string>& text) {
  auto document = Jsonc::parse(text.value_or("{}"));
  if (!document || document->kind(document->root()) != Jsonc::Kind::object) return std::nullopt;
  return *std::move(document);
}

class Undo {
 public:
  Undo(const Jsonc& before, const Jsonc& after, const Jsonc& now)
      : before_(before), after_(after), now_(now), edit_(now) {}

  std::expected<void, WrongShape> take_back(const Change& change) {
    const Jsonc::Node now = stands_now(change);
    if (is_same(now_, now, before_, change.before))
      return {};  // somebody has taken it back already
    if (!is_same(now_, now, after_, change.after)) {
      conflicts_.push_back(conflict(change, now));
      return {};
    }
    keys_.push_back(change.path);
    Jsonc::NewValue former;
    if (change.before != Jsonc::none) former.source = element_of(before_, change.before).text();
    if (change.before == Jsonc::none)
      edit_.remove(now);
    else if (now != Jsonc::none)
      edit_.replace(now, std::move(former));
    else if (change.entry)
      insert(change, std::move(former));
    else
      return edit_.set(change.path, std::move(former));
    return {};
  }

  const Json& conflicts() const { return conflicts_; }
  std::vector<Path> keys() {
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
    return keys_;
  }
  std::expected<Jsonc, JsoncError> apply() {
    for (const auto& [path, elements] : missing_lists_)
      if (!edit_.set(path, {nullptr, "[" + elements + "]"}))
        break;  // not on a path through objects any more
    return edit_.apply();
  }
  // Lists and objects that the write made and that hold nothing any more go, too. An empty
  // modelProviders is not nothing: it would draw later saves into a workspace (PRD, Persist scope).
  Jsonc without_new_empty_parents(Jsonc document) const {
    for (Path path : keys_)
      for (; !path.empty(); path.pop_back()) {
        const Jsonc::Node node = document.find(path);
        if (node == Jsonc::none) continue;
        const bool holds_something =
            document.kind(node) > Jsonc::Kind::array || !document.children(node).empty();
        if (holds_something || before_.find(path) != Jsonc::none) break;
        document = document.remove(node);
      }
    return document;
  }

 private:
  // What stands at the place of a change. An entry without an id is known by its value alone.
  Jsonc::Node stands_now(const Change& change) {
    if (!change.entry) return now_.find(change.path);
    const EntryIndex& entries = entries_now(change.path);
    if (!change.entry->id.empty()) return entries.find(place_of(change));
    return change.after != Jsonc::none ? entries.find_equal(after_, change.after)
                                       : entries.find_equal(before_, change.before);
  }

  // An entry that the write removed would stand behind those of its identity that it left.
  EntryIdentity place_of(const Change& change) {
    EntryIdentity identity = *change.entry;
    if (change.after == Jsonc::none)
      identity.ordinal = entries_after_.try_emplace(change.path, after_, change.path)
                             .first->second.count(identity);
    return identity;
  }
  const EntryIndex& entries_now(const Path& list) {
    return entries_now_.try_emplace(list, now_, list).first->second;
  }

  // Of an entry of a former list, the nearest one before it that is still there.
  Jsonc::Node neighbour_of(const Change& change) {
    const auto [place, is_new] = neighbours_.try_emplace(change.path);
    if (is_new) {
      const EntryIndex& entries = entries_now(change.path);
      Jsonc::Node behind = Jsonc::none;
      for (const Jsonc::Node entry : before_.children(before_.find(change.path))) {
        place->second.emplace(entry, behind);
        const EntryIdentity identity = identity_of(before_, entry);
        const Jsonc::Node found =
            identity.id.empty() ? entries.find_equal(before_, entry) : entries.find(identity);
        if (found != Jsonc::none) behind = found;
      }
    }
    return place->second.at(change.before);
  }

  // Behind the entry that it stood behind, where that is still there.
  void insert(const Change& change, Jsonc::NewValue former) {
    const Jsonc::Node list = now_.find(change.path);
    if (list == Jsonc::none || now_.kind(list) == Jsonc::Kind::null) {
      std::string& elements = missing_lists_[change.path];
      elements += (elements.empty() ? "" : ", ") + former.source;
    } else if (now_.kind(list) == Jsonc::Kind::array) {
      edit_.insert(list, neighbour_of(change), std::move(former));
    } else {
      conflicts_.push_back(conflict(change, list));
    }
  }

  // Each side is masked with the secrets of all three.
  Json conflict(const Change& change, Jsonc::Node now) {
    if (!shown_) {
      Secrets secrets;
      for (const Jsonc* document : {&before_, &after_, &now_}) secrets.learn(*document);
      shown_ = Shown{secrets.masked(before_), secrets.masked(after_), secrets.masked(now_)};
    }
    Json sides = {{"path", path_text(change.path)}};
    const auto side = [&](const char* name, const Jsonc& document, Jsonc::Node node) {
      if (node != Jsonc::none) sides[name] = document.value(node);
    };
    side("before", shown_->before, change.before);
    side("after", shown_->after, change.after);
    side("now", shown_->now, now);
    return sides;
  }

  const Jsonc& before_;
  const Jsonc& after_;
  const Jsonc& now_;
  Jsonc::Edit edit_;
  struct Shown {
    Jsonc before, after, now;
  };
  std::optional<Shown> shown_;
  Json conflicts_ = Json::array();
  std::vector<Path> keys_;
  std::map<Path, EntryIndex> entries_now_, entries_after_;
  std::map<Path, std::map<Jsonc::Node, Jsonc::Node>> neighbours_;
  std::map<Path, std::string> missing_lists_;  // the elements of lists that are no more
};

Error edited_since(const SettingsFile& now, Json conflicts) {
  std::vector<std::string> members;
  for (const Json& conflict : conflicts) {  // those of one list stand together
    const auto path = conflict["path"].get<std::string>();
    if (members.empty() || members.back() != path) members.push_back(path);
  }
  const char* were = members.size() == 1 ? " was" : " were";
  return Error{ErrorKind::settings_conflict,
               join(members, ", ") + were + " edited since in " + now.path + ".",
               "snapshot",
               "Take that edit back first, or set the member yourself.",
               {{"path", now.path}, {"etag", now.etag}, {"conflicts", std::move(conflicts)}}};
}

Error not_in_part(const SettingsFile& now) {
  return Error{ErrorKind::settings_conflict,
               "What stood in " + now.path +
                   " before does not parse, so it can only be put back as a whole, and the " +
                   "file was edited since or members of it were asked for.",
               "snapshot",
               "Set the members yourself.",
               {{"path", now.path}, {"etag", now.etag}, {"conflicts", Json::array()}}};
}

Error only_comments(const SettingsFile& now) {
  return Error{ErrorKind::settings_conflict,
               "Only comments differ, and " + now.path +
                   " was edited since: they can be put back as a whole only.",
               "snapshot",
               "settings.diff shows them.",
               {{"path", now.path}, {"etag", now.etag}, {"conflicts", Json::array()}}};
}

// How many of the comments that the write dropped a document does not have.
std::size_t missing_comments(const Jsonc& before, const Jsonc& after, const Jsonc& now) {
  struct Counts {
    std::size_t before = 0, after = 0, now = 0;
  };
  std::map<std::string_view, Counts> counts;
  for (const std::string_view comment : before.comments()) ++counts[comment].before;
  for (const std::string_view comment : after.comments()) ++counts[comment].after;
  for (const std::string_view comment : now.comments()) ++counts[comment].now;
  std::size_t missing = 0;
  for (const auto& [comment, count] : counts)
    missing += count.before - std::min(count.before, std::max(count.after, count.now));
  return missing;
}

void warn_of_comments(Plan& plan, std::size_t missing) {
  if (missing == 0) return;
  const std::string comments = missing == 1 ? "1 comment" : std::to_string(missing) + " comments";
  plan.warnings.push_back({"F807",
                           "file.comments-missing",
                           {},
                           comments + " that the write dropped from " + plan.file.path +
                               (missing == 1 ? " is" : " are") +
                               " not put back, because the file was edited since. settings.diff "
                               "shows what they said."});
}

// What of the changes is asked for: those at these members and below them; of a change above one of
// them, that part. invalid_input where nothing at a member changed.
Result<std::vector<Change>> chosen(const Jsonc& before, const Jsonc& after,
                                   const std::vector<Change>& changed,
                                   const std::vector<Path>& only) {
  std::vector<Change> whole, parts;
  std::vector<bool> is_whole(changed.size());
  for (const Path& path : only) {
    bool found = false;
    for (std::size_t i = 0; i < changed.size(); ++i) {
      const Change& change = changed[i];
      if (is_below(change.path, path)) {
        is_whole[i] = found = true;
      } else if (!change.entry && is_below(path, change.path)) {
        const Change part{path, {}, before.find(path), after.find(path)};
        if (is_same(before, part.before, after, part.after)) continue;
        parts.push_back(part);
        found = true;
      }
    }
    if (!found)
      return fail(ErrorKind::invalid_input, "That write did not change " + path_text(path) + ".",
                  "keys", "settings.diff shows what it changed.");
  }
  for (std::size_t i = 0; i < changed.size(); ++i)
    if (is_whole[i]) whole.push_back(changed[i]);
  whole.insert(whole.end(), parts.begin(), parts.end());
  return whole;
}

std::string etag_of(const std::optional<std::string>& text) {
  return text ? core::etag_of(*text) : "absent";
}

}  // namespace

Result<Plan> plan_undo(const SettingsFile& now, const PastWrite& write,
                       const std::vector<Path>& only) {
  Plan plan = plan_on(now);
  const bool untouched = now.etag == etag_of(write.after);
  const std::optional<Jsonc> former = document_of(write.before);
  const Jsonc nothing = Jsonc::parse("{}").value();
  const Jsonc before = former.value_or(nothing), after = document_of(write.after).value_or(nothing);
  std::vector<Change> changed = changes(before, after);
  if (untouched && only.empty()) {
    plan.keys = changed_keys(changed);
    plan.removes_file = !write.before && now.exists;
    plan.new_text = write.before.value_or("");
    plan.link = write.link_before;
    return plan;
  }
  if (former && !only.empty()) {
    auto wanted = chosen(before, after, changed, only);
    if (!wanted) return std::unexpected(wanted.error());
    changed = *std::move(wanted);
  }
  if (!now.trouble && now.etag == etag_of(write.before)) return plan;
  if (!former) return std::unexpected(not_in_part(now));
  auto editable = editable_document(now, false);
  if (!editable) return std::unexpected(editable.error());
  Undo undo(before, after, *editable);
  for (const Change& change : changed)
    if (auto ok = undo.take_back(change); !ok) return std::unexpected(wrong_shape(now, ok.error()));
  if (!undo.conflicts().empty()) return std::unexpected(edited_since(now, undo.conflicts()));
  plan.keys = undo.keys();
  Jsonc edited = *editable;
  if (!plan.keys.empty()) {
    auto document = undo.apply();
    if (!document) return std::unexpected(past_bounds(now, document.error()));
    edited = undo.without_new_empty_parents(*std::move(document));
    put_edited(plan, edited.text());
  }
  if (!only.empty()) return plan;
  const std::size_t missing = missing_comments(before, after, edited);
  if (missing > 0 && changed.empty()) return std::unexpected(only_comments(now));
  warn_of_comments(plan, missing);
  return plan;
}

}  // namespace authd::core
