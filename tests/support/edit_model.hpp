// What edits must make of a document, told without any text: the same calls as Jsonc::Edit, on
// values. And batches of edits out of a tape, made in both.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "daemon/core/jsonc.hpp"
#include "tests/support/document_generator.hpp"

namespace authd::test {

class EditModel {
 public:
  using Jsonc = core::Jsonc;
  using Node = Jsonc::Node;
  using Path = std::vector<std::string>;

  explicit EditModel(Jsonc document) : document_(std::move(document)) {}

  // False where the document must refuse.
  bool set(const Path& path, const OrderedJson& value) { return put(path, value); }
  bool merge(const OrderedJson& patch) { return merge_at({}, patch); }
  void replace(Node node, const OrderedJson& value) { changes_[node] = {value}; }
  void remove(Node node) { changes_[node] = {std::nullopt}; }
  void insert(Node array, Node after, const OrderedJson& value) {
    inserted_[array].push_back({after, value});
  }

  bool only_adds() const { return changes_.empty(); }

  OrderedJson value(Node node = 0) const {
    if (const auto change = changes_.find(node); change != changes_.end() && !change->second.made)
      return *change->second.value;
    if (document_.kind(node) == Jsonc::Kind::array) return array(node);
    if (document_.kind(node) == Jsonc::Kind::object || changes_.contains(node)) return object(node);
    return document_.ordered_value(node);
  }

  // Whether everything that was not edited has its bytes and its place in the edited document.
  bool kept_its_bytes(const Jsonc& edited) const {
    std::set<Node> touched;
    const auto touch = [&](const auto& edits) {
      for (const auto& [node, edit] : edits) touch_upwards(0, node, touched);
    };
    touch(changes_);
    touch(below_);
    touch(inserted_);
    return same_bytes(0, edited, 0, touched);
  }

 private:
  struct Change {
    std::optional<OrderedJson> value;  // nothing where it is removed
    bool made = false;  // a null that became an object, because something was set in it
  };
  // Set below an object that has no such member; without a value, an object is to be there.
  struct Below {
    Path path;
    std::optional<OrderedJson> value;
  };

  bool merge_at(const Path& path, const OrderedJson& patch) {
    if (!put(path, std::nullopt)) return false;
    for (const auto& [name, value] : patch.items()) {
      Path inner = path;
      inner.push_back(name);
      if (!(value.is_object() ? merge_at(inner, value) : put(inner, value))) return false;
    }
    return true;
  }

  bool put(const Path& path, const std::optional<OrderedJson>& value) {
    Node at = document_.root();
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (document_.kind(at) != Jsonc::Kind::object) return false;
      const Node found = document_.member(at, path[i]);
      if (found == Jsonc::none) {
        below_[at].push_back({rest(path, i), value});
        return true;
      }
      const bool is_last = i + 1 == path.size();
      if (document_.kind(found) == Jsonc::Kind::null && !(is_last && value)) {
        const auto change = changes_.try_emplace(found, Change{OrderedJson::object(), true}).first;
        if (change->second.made && !is_last) below_[found].push_back({rest(path, i + 1), value});
        return true;
      }
      at = found;
    }
    if (value) replace(at, *value);
    return value || document_.kind(at) == Jsonc::Kind::object;
  }
  static Path rest(const Path& path, std::size_t from) {
    return {path.begin() + static_cast<std::ptrdiff_t>(from), path.end()};
  }

  bool is_removed(Node node) const {
    const auto change = changes_.find(node);
    return change != changes_.end() && !change->second.value;
  }

  OrderedJson object(Node node) const {
    OrderedJson value = OrderedJson::object();
    for (const Node child : document_.children(node))
      if (!is_removed(child)) value[document_.key(child)] = this->value(child);
    const auto below = below_.find(node);
    if (below == below_.end()) return value;
    for (const Below& set : below->second) {
      // The outer wins; and a value wins over an object that only has to be there.
      const bool overruled =
          std::any_of(below->second.begin(), below->second.end(), [&](const Below& other) {
            const bool covers = other.value && other.path.size() <= set.path.size() &&
                                std::equal(other.path.begin(), other.path.end(), set.path.begin());
            return covers && (other.path.size() < set.path.size() || !set.value);
          });
      if (overruled) continue;
      OrderedJson* at = &value;
      for (const std::string& name : set.path) {
        at = &(*at)[name];
        if (at->is_null()) *at = OrderedJson::object();
      }
      if (set.value) *at = *set.value;
    }
    return value;
  }

  OrderedJson array(Node node) const {
    OrderedJson value = OrderedJson::array();
    const auto inserted = inserted_.find(node);
    const auto take = [&](Node after) {
      if (inserted == inserted_.end()) return;
      for (const auto& [behind, element] : inserted->second)
        if (behind == after) value.push_back(element);
    };
    take(Jsonc::none);
    for (const Node child : document_.children(node)) {
      if (!is_removed(child)) value.push_back(this->value(child));
      take(child);
    }
    return value;
  }

  bool touch_upwards(Node at, Node target, std::set<Node>& touched) const {
    bool inside = at == target;
    for (const Node child : document_.children(at))
      inside = touch_upwards(child, target, touched) || inside;
    if (inside) touched.insert(at);
    return inside;
  }

  bool same_bytes(Node before, const Jsonc& edited, Node after,
                  const std::set<Node>& touched) const {
    if (changes_.contains(before)) return true;
    if (!touched.contains(before)) return document_.source(before) == edited.source(after);
    std::vector<Node> slots;  // what was there before, by its place now; none for what is new
    const auto inserted = inserted_.find(before);
    const auto take = [&](Node behind) {
      if (inserted == inserted_.end()) return;
      for (const auto& element : inserted->second)
        if (element.first == behind) slots.push_back(Jsonc::none);
    };
    take(Jsonc::none);
    for (const Node child : document_.children(before)) {
      if (!is_removed(child)) slots.push_back(child);
      take(child);
    }
    const std::vector<Node> children = edited.children(after);
    if (children.size() < slots.size()) return false;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] == Jsonc::none) continue;
      if (document_.key(slots[i]) != edited.key(children[i])) return false;
      if (!same_bytes(slots[i], edited, children[i], touched)) return false;
    }
    return true;
  }

  Jsonc document_;
  std::map<Node, Change> changes_;
  std::map<Node, std::vector<Below>> below_;
  std::map<Node, std::vector<std::pair<Node, OrderedJson>>> inserted_;
};

inline void collect_nodes(const core::Jsonc& document, core::Jsonc::Node node,
                          std::vector<core::Jsonc::Node>& all) {
  for (const core::Jsonc::Node child : document.children(node)) {
    all.push_back(child);
    collect_nodes(document, child, all);
  }
}
// All nodes but the root, in the order of the text.
inline std::vector<core::Jsonc::Node> nodes_below_root(const core::Jsonc& document) {
  std::vector<core::Jsonc::Node> all;
  collect_nodes(document, document.root(), all);
  return all;
}

// A value, and the same as it is given: as JSON or as somebody's text.
struct GivenValue {
  OrderedJson value;
  core::Jsonc::NewValue given;

  explicit GivenValue(Tape& tape) : value(any_value(tape, 2)), given{value} {
    if (tape.below(3) != 1) return;
    const Writing writing = Writing::of(tape);
    given = {nullptr, DocumentWriter(tape, writing).write(value)};
    if (given.source.starts_with("\xEF\xBB\xBF")) given.source.erase(0, 3);
    if (tape.below(4) == 1) given.source += "// not swallowing what follows";
  }
};

// Down through members that exist, often to one that does not.
inline std::vector<std::string> any_path(Tape& tape, const core::Jsonc& document) {
  std::vector<std::string> path;
  core::Jsonc::Node at = document.root();
  for (std::size_t steps = 1 + tape.below(3); steps > 0; --steps) {
    const auto children =
        at == core::Jsonc::none ? std::vector<core::Jsonc::Node>() : document.children(at);
    if (children.empty() || tape.below(3) == 1) {
      path.push_back("new" + std::to_string(tape.below(3)));
    } else {
      path.push_back(document.key(children[tape.below(children.size())]));
    }
    at = document.member(at, path.back());
  }
  return path;
}

inline OrderedJson any_patch(Tape& tape, const core::Jsonc& document) {
  OrderedJson patch = OrderedJson::object();
  for (std::size_t count = tape.below(3); count > 0; --count) {
    OrderedJson* at = &patch;
    for (const std::string& name : any_path(tape, document)) {
      if (!at->is_object()) *at = OrderedJson::object();
      at = &(*at)[name];
    }
    *at = any_value(tape, 2);
  }
  return patch;
}

// One edit in both. False where the document refuses, which ends a batch; `agreed` says whether
// both did the same.
inline bool edit_both(Tape& tape, const core::Jsonc& document,
                      const std::vector<core::Jsonc::Node>& nodes, core::Jsonc::Edit& edit,
                      EditModel& model, bool& agreed) {
  const std::size_t choice = tape.below(8);
  if (choice == 0 || nodes.empty()) {
    const OrderedJson patch = any_patch(tape, document);
    const bool possible = model.merge(patch);
    agreed = edit.merge(patch).has_value() == possible;
    return possible;
  }
  if (choice < 4) {
    const auto path = any_path(tape, document);
    const GivenValue value(tape);
    const bool possible = model.set(path, value.value);
    agreed = edit.set(path, value.given).has_value() == possible;
    return possible;
  }
  const core::Jsonc::Node node = nodes[tape.below(nodes.size())];
  if (choice == 4) {
    edit.remove(node);
    model.remove(node);
  } else if (document.kind(node) == core::Jsonc::Kind::array) {
    const auto children = document.children(node);
    const std::size_t place = tape.below(children.size() + 1);
    const core::Jsonc::Node after = place == 0 ? core::Jsonc::none : children[place - 1];
    const GivenValue value(tape);
    edit.insert(node, after, value.given);
    model.insert(node, after, value.value);
  } else {
    const GivenValue value(tape);
    edit.replace(node, value.given);
    model.replace(node, value.value);
  }
  return true;
}

}  // namespace authd::test
