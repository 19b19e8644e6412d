#include "daemon/core/settings_changes.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

namespace authd::core {
namespace {

using Kind = Jsonc::Kind;
using Node = Jsonc::Node;

// The members that count, in the order of the text, and where to find each by its name.
class Members {
 public:
  Members(const Jsonc& document, Node object) {
    for (const Node child : document.children(object)) {
      const auto [place, is_new] = places_.emplace(document.key(child), list_.size());
      if (is_new)
        list_.emplace_back(place->first, child);
      else
        list_[place->second].second = child;
    }
  }
  const std::vector<std::pair<std::string, Node>>& list() const { return list_; }
  Node find(const std::string& name) const {
    const auto place = places_.find(name);
    return place == places_.end() ? Jsonc::none : list_[place->second].second;
  }

 private:
  std::vector<std::pair<std::string, Node>> list_;
  std::unordered_map<std::string, std::size_t> places_;
};

// A number as its digits without zeros at either end, and a power of ten: one text for each value.
// An exponent that nobody writes stays as it is.
std::string exact_number(std::string_view source) {
  const std::size_t e = std::min(source.find_first_of("eE"), source.size());
  std::string_view power = source.substr(std::min(e + 1, source.size()));
  if (power.size() > 15) return std::string(source);
  if (power.starts_with("+")) power.remove_prefix(1);
  long long exponent = 0;
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  std::string digits(source.substr(0, e));
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    exponent -= static_cast<long long>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  const std::size_t first = digits.find_first_not_of("-0");
  if (first == std::string::npos) return "0";
  const std::size_t last = digits.find_last_not_of('0');
  exponent += static_cast<long long>(digits.size() - last - 1);
  const std::string sign = digits.starts_with("-") ? "-" : "";
  return sign + digits.substr(first, last + 1 - first) + "e" + std::to_string(exponent);
}

// Appends a text that two values have in common exactly where they are equal.
void append_canonical(const Jsonc& document, Node node, std::string& text) {
  const auto append_string = [&](const std::string& value) {
    text += std::to_string(value.size()) + '"' + value;
  };
  switch (document.kind(node)) {
    case Kind::object: {
      auto members = Members(document, node).list();
      std::ranges::sort(members);
      text += '{';
      for (const auto& [name, value] : members) {
        append_string(name);
        append_canonical(document, value, text);
        text += ',';
      }
      text += '}';
      return;
    }
    case Kind::array:
      text += '[';
      for (const Node child : document.children(node)) {
        append_canonical(document, child, text);
        text += ',';
      }
      text += ']';
      return;
    case Kind::string: return append_string(document.string(node));
    case Kind::number: text += exact_number(document.source(node)); return;
    case Kind::boolean:
    case Kind::null: text += document.source(node); return;
  }
}

std::string canonical(const Jsonc& document, Node node) {
  std::string text;
  append_canonical(document, node, text);
  return text;
}

class Comparison {
 public:
  Comparison(const Jsonc& before, const Jsonc& after) : before_(before), after_(after) {
    compare(before.root(), after.root());
  }
  std::vector<Change> changes() { return std::move(changes_); }

 private:
  // At least one of the two is a node. Recursion is bounded by the scanner's 64 levels.
  void compare(Node before, Node after) {
    const bool both = before != Jsonc::none && after != Jsonc::none;
    if (both && before_.source(before) == after_.source(after)) return;
    if (goes_into(before, after, Kind::object, is_section()))
      compare_members(before, after);
    else if (is_list_place() && goes_into(before, after, Kind::array, true))
      compare_entries(before, after);
    else if (!both || before_.kind(before) != after_.kind(after) ||
             canonical(before_, before) != canonical(after_, after))
      changes_.push_back({path_, {}, before, after});
  }

  // Both are containers of this kind; or one is, which is not empty, and the other is absent.
  bool goes_into(Node before, Node after, Kind kind, bool also_alone) const {
    const bool had = before != Jsonc::none, has = after != Jsonc::none;
    if ((had && before_.kind(before) != kind) || (has && after_.kind(after) != kind)) return false;
    if (had && has) return true;
    return also_alone && !(had ? before_.children(before) : after_.children(after)).empty();
  }

  bool is_section() const {
    if (path_.empty() || path_.size() > 2) return false;
    const std::string& top = path_[0];
    if (path_.size() == 2) return top == "modelProviders" || path_ == Path{"security", "auth"};
    return top == "env" || top == "modelProviders" || top == "security" || top == "model";
  }

  bool is_list_place() const {
    if (path_.empty() || path_[0] != "modelProviders") return false;
    return path_.size() == 2 || (path_.size() == 3 && path_[2] == "models");
  }

  void compare_members(Node before, Node after) {
    const Members former(before_, before), latter(after_, after);
    const auto step_into = [this](const std::string& name, Node old, Node now) {
      path_.push_back(name);
      compare(old, now);
      path_.pop_back();
    };
    for (const auto& [name, node] : latter.list()) step_into(name, former.find(name), node);
    for (const auto& [name, node] : former.list())
      if (latter.find(name) == Jsonc::none) step_into(name, node, Jsonc::none);
  }

  struct Entry {
    EntryIdentity identity;
    Node node;
    std::pair<std::string, std::string> key() const { return {identity.id, identity.base_url}; }
  };

  static std::vector<Entry> entries_of(const Jsonc& document, Node list) {
    std::vector<Entry> entries;
    std::map<std::pair<std::string, std::string>, std::size_t> counts;
    for (const Node node : document.children(list)) {
      Entry& entry = entries.emplace_back(identity_of(document, node), node);
      entry.identity.ordinal = counts[entry.key()]++;
    }
    return entries;
  }

  // Entries that are equal on both sides are no change, wherever they stand.
  void drop_equal(std::vector<Entry>& former, std::vector<Entry>& latter) const {
    std::unordered_map<std::string, std::size_t> there, common;
    for (const Entry& entry : latter) ++there[canonical(after_, entry.node)];
    std::erase_if(former, [&](const Entry& entry) {
      const std::string value = canonical(before_, entry.node);
      const auto left = there.find(value);
      if (left == there.end() || left->second == 0) return false;
      --left->second;
      ++common[value];
      return true;
    });
    std::erase_if(latter, [&](const Entry& entry) {
      const auto left = common.find(canonical(after_, entry.node));
      if (left == common.end() || left->second == 0) return false;
      --left->second;
      return true;
    });
  }

  // What is left of one identity on both sides are entries that were edited, first with first.
  void compare_entries(Node before, Node after) {
    std::vector<Entry> former = entries_of(before_, before), latter = entries_of(after_, after);
    drop_equal(former, latter);
    std::map<std::pair<std::string, std::string>, std::vector<Entry*>> edited;  // last first
    for (Entry& entry : former | std::views::reverse)
      if (!entry.identity.id.empty()) edited[entry.key()].push_back(&entry);
    for (const Entry& entry : latter) {
      Change& change = changes_.emplace_back(path_, entry.identity, Jsonc::none, entry.node);
      std::vector<Entry*>& candidates = edited[entry.key()];
      if (candidates.empty()) continue;
      change.before = std::exchange(candidates.back()->node, Jsonc::none);
      candidates.pop_back();
    }
    for (const Entry& entry : former)
      if (entry.node != Jsonc::none)
        changes_.push_back({path_, entry.identity, entry.node, Jsonc::none});
  }

  const Jsonc& before_;
  const Jsonc& after_;
  Path path_;
  std::vector<Change> changes_;
};

}  // namespace

EntryIdentity identity_of(const Jsonc& document, Node entry) {
  const auto string_member = [&](std::string_view name) {
    const Node node = document.member(entry, name);
    return node == Jsonc::none ? std::string() : document.string(node);
  };
  EntryIdentity identity{string_member("id"), string_member("baseUrl")};
  return identity.id.empty() ? EntryIdentity{} : identity;
}

std::vector<Change> changes(const Jsonc& before, const Jsonc& after) {
  return Comparison(before, after).changes();
}

std::vector<Path> changed_keys(const std::vector<Change>& changes) {
  std::vector<Path> keys;
  for (const Change& change : changes)  // those of one list stand together
    if (keys.empty() || keys.back() != change.path) keys.push_back(change.path);
  return keys;
}

bool is_same(const Jsonc& left, Node left_node, const Jsonc& right, Node right_node) {
  if (left_node == Jsonc::none || right_node == Jsonc::none) return left_node == right_node;
  return left.source(left_node) == right.source(right_node) ||
         canonical(left, left_node) == canonical(right, right_node);
}

EntryIndex::EntryIndex(const Jsonc& document, const Path& list) {
  const Node array = document.find(list);
  if (array == Jsonc::none || document.kind(array) != Kind::array) return;
  for (const Node entry : document.children(array)) {
    const EntryIdentity identity = identity_of(document, entry);
    if (identity.id.empty())
      by_value_.emplace(canonical(document, entry), entry);
    else
      by_identity_[{identity.id, identity.base_url}].push_back(entry);
  }
}

Node EntryIndex::find(const EntryIdentity& identity) const {
  const auto found = by_identity_.find({identity.id, identity.base_url});
  if (found == by_identity_.end() || identity.ordinal >= found->second.size()) return Jsonc::none;
  return found->second[identity.ordinal];
}

std::size_t EntryIndex::count(const EntryIdentity& identity) const {
  const auto found = by_identity_.find({identity.id, identity.base_url});
  return found == by_identity_.end() ? 0 : found->second.size();
}

Node EntryIndex::find_equal(const Jsonc& of, Node node) const {
  const auto found = by_value_.find(canonical(of, node));
  return found == by_value_.end() ? Jsonc::none : found->second;
}

}  // namespace authd::core
