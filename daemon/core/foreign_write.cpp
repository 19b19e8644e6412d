#include "daemon/core/foreign_write.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "daemon/core/redact.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/settings_changes.hpp"
#include "daemon/core/settings_plan.hpp"
#include "daemon/core/settings_shape.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

using Kind = Jsonc::Kind;
using Node = Jsonc::Node;

constexpr std::size_t message_bytes_max = 2000;

// "3 members: env.A, env.B, …"; a notice is a sentence, not a listing.
std::string counted(const std::string& noun, std::vector<std::string> names) {
  constexpr std::size_t names_max = 5;
  const std::size_t count = names.size();
  if (count > names_max) {
    names.resize(names_max);
    names.push_back("…");
  }
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s") + ": " + join(names, ", ");
}

// The comments of a document that would stay if some of its members went: not those inside them,
// not those on lines of their own above them, and not those behind them on the same line.
class CommentsBeside {
 public:
  CommentsBeside(const Jsonc& document, const std::unordered_set<Node>& gone)
      : document_(document), gone_(gone), comments_(document.comments()) {
    visit(document.root());
    keep_until(document.text().size());
  }
  const std::vector<std::string_view>& list() const { return list_; }

 private:
  void visit(Node container) {
    std::size_t behind = document_.offset(container) + 1;  // the former child, or the bracket
    const std::size_t closed = document_.offset(container) + document_.source(container).size();
    const std::vector<Node> children = document_.children(container);
    for (std::size_t i = 0; i < children.size(); ++i) {
      const std::size_t offset = document_.offset(children[i]);
      const std::size_t end = offset + document_.source(children[i]).size();
      const bool is_last = i + 1 == children.size();
      const std::size_t limit = is_last ? closed : document_.offset(children[i + 1]);
      if (!gone_.contains(children[i])) {
        visit(children[i]);
      } else {
        const std::size_t line_end = document_.text().find('\n', behind);
        keep_until(line_end < offset ? line_end : behind);
        skip_until(std::min(document_.text().find('\n', end), limit));
      }
      behind = end;
    }
  }

  bool next_is_before(std::size_t offset) const {
    return next_ < comments_.size() && comments_[next_].data() < document_.text().data() + offset;
  }
  void keep_until(std::size_t offset) {
    while (next_is_before(offset)) list_.push_back(comments_[next_++]);
  }
  void skip_until(std::size_t offset) {
    while (next_is_before(offset)) ++next_;
  }

  const Jsonc& document_;
  const std::unordered_set<Node>& gone_;
  std::vector<std::string_view> comments_, list_;
  std::size_t next_ = 0;
};

// What of a write is lost, and still is.
struct Loss {
  std::vector<std::string> members, literals;  // named as people know them
  std::vector<Path> keys;                      // of both, each once
  std::size_t comments = 0;
};

class ForeignWrite {
 public:
  ForeignWrite(const Jsonc& before, const Jsonc& after, const std::string& path, bool is_tightened)
      : before_(before),
        after_(after),
        path_(path),
        is_tightened_(is_tightened),
        changes_(changes(before, after)) {}

  std::vector<Notice> notices(const FileFacts& before_facts, const FileFacts& after_facts) {
    dropped_members();
    dropped_comments();
    literals();
    mode(before_facts, after_facts);
    link(before_facts, after_facts);
    return std::move(notices_);
  }

  Loss loss(const Jsonc& now) {
    Loss loss;
    const bool migrated = shape_of(before_).is_v1 && !shape_of(after_).is_v1;
    for (const Change& change : changes_) {
      if (change.before == Jsonc::none) continue;
      if (change.after == Jsonc::none) {
        note_gone(change);
        const bool is_moved = migrated && change.path.size() == 1;
        if (!is_moved && is_missing(change, now)) add(loss.members, name_of(change), change, loss);
      }
      std::vector<std::string> names;
      if (const Node node = same_in(now, change); node != Jsonc::none)
        find_literals(now, change.before, node, path_text(change.path), {}, names);
      for (std::string& name : names) add(loss.literals, std::move(name), change, loss);
    }
    loss.comments = comments_missing(now);
    return loss;
  }

 private:
  static void add(std::vector<std::string>& names, std::string name, const Change& change,
                  Loss& loss) {
    names.push_back(std::move(name));
    if (std::ranges::find(loss.keys, change.path) == loss.keys.end())
      loss.keys.push_back(change.path);
  }

  // With another base URL it is another entry, and nothing that was lost.
  static bool is_missing(const Change& change, const Jsonc& now) {
    if (!change.entry) return now.find(change.path) == Jsonc::none;
    if (change.entry->id.empty()) return false;
    const Node list = now.find(change.path);
    if (list == Jsonc::none) return true;
    return std::ranges::none_of(now.children(list), [&](Node entry) {
      return now.string_member(entry, "id") == change.entry->id;
    });
  }

  // What stands now where the change was. A placeholder in a base URL that became literal makes
  // the entry another one, so the only one with the id is taken for it.
  static Node same_in(const Jsonc& now, const Change& change) {
    if (!change.entry) return now.find(change.path);
    Node same = EntryIndex(now, change.path).find(*change.entry);
    if (same != Jsonc::none || change.entry->id.empty()) return same;
    std::size_t count = 0;
    for (const Node entry : now.children(now.find(change.path))) {
      if (now.string_member(entry, "id") != change.entry->id) continue;
      same = entry;
      ++count;
    }
    return count == 1 ? same : Jsonc::none;
  }

  std::size_t comments_missing(const Jsonc& now) const {
    const CommentsBeside former(before_, gone_);
    const std::vector<std::string_view> kept = after_.comments(), present = now.comments();
    if (former.list().size() <= kept.size()) return 0;
    const auto is_in = [](const std::vector<std::string_view>& all, std::string_view one) {
      return std::ranges::find(all, one) != all.end();
    };
    return static_cast<std::size_t>(
        std::ranges::count_if(former.list(), [&](std::string_view comment) {
          return !is_in(kept, comment) && !is_in(present, comment);
        }));
  }

  // A name is text from outside, and may hold a key that was put at the wrong place.
  void notice(const char* code, const char* name, const std::string& message,
              std::vector<Path> keys = {}) {
    const std::string shown = without_credentials(printable(message, message_bytes_max));
    notices_.push_back({code, name, shown, std::move(keys)});
  }

  void lossy(const std::string& what, std::vector<Path> keys = {}) {
    notice("F802", "file.lossy-writer", "Another program rewrote " + path_ + " and " + what + ".",
           std::move(keys));
  }

  void dropped_members() {
    const bool migrated = shape_of(before_).is_v1 && !shape_of(after_).is_v1;
    std::vector<std::string> names;
    std::vector<Path> keys;
    for (const Change& change : changes_) {
      if (change.after != Jsonc::none) continue;
      note_gone(change);
      if (migrated && change.path.size() == 1) continue;
      names.push_back(name_of(change));
      if (keys.empty() || keys.back() != change.path) keys.push_back(change.path);
    }
    if (!names.empty()) lossy("dropped " + counted("member", std::move(names)), std::move(keys));
  }

  static std::string name_of(const Change& change) {
    const std::string member = path_text(change.path);
    if (!change.entry) return member;
    const std::string& id = change.entry->id;
    return id.empty() ? "an entry of " + member : member + " (" + id + ")";
  }

  // The member, and the sections around it that are gone with all their members.
  void note_gone(const Change& change) {
    gone_.insert(change.before);
    Path parent = change.path;
    if (!change.entry) parent.pop_back();
    for (; !parent.empty() && parents_.insert(parent).second; parent.pop_back())
      if (after_.find(parent) == Jsonc::none) gone_.insert(before_.find(parent));
  }

  // A comment that was only reworded or moved is not dropped.
  void dropped_comments() {
    const CommentsBeside former(before_, gone_);
    const std::size_t count = after_.comments().size();
    if (former.list().size() <= count) return;
    const std::size_t dropped = former.list().size() - count;
    lossy("dropped " + std::to_string(dropped) + (dropped == 1 ? " comment" : " comments"));
  }

  void literals() {
    std::vector<std::string> names;
    std::vector<Path> keys;
    for (const Change& change : changes_) {
      if (change.before == Jsonc::none || change.after == Jsonc::none) continue;
      const std::size_t known = names.size();
      find_literals(after_, change.before, change.after, path_text(change.path), {}, names);
      if (names.size() > known && (keys.empty() || keys.back() != change.path))
        keys.push_back(change.path);
    }
    if (!names.empty())
      lossy("put literal values in place of the placeholders in " +
                counted("member", std::move(names)),
            std::move(keys));
  }

  // `inside` is where the two stand below the changed member or entry.
  void find_literals(const Jsonc& later, Node before, Node after, const std::string& where,
                     const Path& inside, std::vector<std::string>& names) const {
    if (before_.kind(before) != later.kind(after)) return;
    if (before_.kind(before) == Kind::string) {
      const std::string now = later.string(after);
      if (expandable_name(before_.string(before)) && !now.empty() && !expandable_name(now))
        names.push_back(where + (inside.empty() ? "" : " (" + path_text(inside) + ")"));
      return;
    }
    const auto latter = by_name(later, after);
    for (const auto& [name, node] : by_name(before_, before)) {
      const auto same = latter.find(name);
      if (same == latter.end()) continue;
      Path deeper = inside;
      deeper.push_back(name);
      find_literals(later, node, same->second, where, deeper, names);
    }
  }

  // Members by their names, elements by their numbers.
  static std::map<std::string, Node> by_name(const Jsonc& document, Node container) {
    std::map<std::string, Node> children;
    const bool is_object = document.kind(container) == Kind::object;
    for (const Node child : document.children(container))
      children.insert_or_assign(is_object ? document.key(child) : std::to_string(children.size()),
                                child);
    return children;
  }

  void mode(const FileFacts& before, const FileFacts& after) {
    if ((after.mode & 077U) == 0 || !holds_secret(after_)) return;
    notice("F804", "file.owner-mode",
           path_ +
               (!is_tightened_              ? " is"
                : (before.mode & 077U) == 0 ? " was made"
                                            : " was") +
               " readable by others (" + octal(after.mode) + ")" +
               (is_tightened_ ? "; it is 0600 again." : ", and holds keys."));
  }

  void link(const FileFacts& before, const FileFacts& after) {
    if (before.link.empty() || after.link == before.link) return;
    notice("F803", "file.symlink-readonly",
           "Another program replaced the symlink " + path_ + ", which pointed to " + before.link +
               ", by " + (after.link.empty() ? "a file" : "one to " + after.link) +
               ". Restoring the file puts the symlink back.");
  }

  const Jsonc& before_;
  const Jsonc& after_;
  const std::string& path_;
  bool is_tightened_;
  std::vector<Change> changes_;
  std::unordered_set<Node> gone_;
  std::set<Path> parents_;  // of what is gone
  std::vector<Notice> notices_;
};

}  // namespace

std::vector<Notice> foreign_notices(const Jsonc& before, const FileFacts& before_facts,
                                    const Jsonc& after, const FileFacts& after_facts,
                                    const std::string& path, bool is_tightened) {
  return ForeignWrite(before, after, path, is_tightened).notices(before_facts, after_facts);
}

std::optional<Notice> lasting_loss(const Jsonc& before, const Jsonc& after, const Jsonc& now,
                                   const std::string& path, const std::string& at) {
  Loss loss = ForeignWrite(before, after, path, false).loss(now);
  std::vector<std::string> parts;
  if (!loss.members.empty())
    parts.push_back("dropped " + counted("member", std::move(loss.members)));
  if (loss.comments > 0)
    parts.push_back("dropped " + std::to_string(loss.comments) +
                    (loss.comments == 1 ? " comment" : " comments"));
  if (!loss.literals.empty())
    parts.push_back("put literal values in place of the placeholders in " +
                    counted("member", std::move(loss.literals)));
  if (parts.empty()) return std::nullopt;
  const std::string message = "Another program rewrote " + path + " at " + at + " and " +
                              join(parts, ", and ") + "; that is still so.";
  return Notice{"F802", "file.lossy-writer",
                without_credentials(printable(message, message_bytes_max)), std::move(loss.keys)};
}

bool holds_secret(const Jsonc& document) {
  return std::ranges::any_of(secret_strings(document), [&](Jsonc::Node node) {
    const std::string text = document.string(node);
    return !text.empty() && !is_placeholder(text);
  });
}

}  // namespace authd::core
