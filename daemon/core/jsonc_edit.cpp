// Jsonc: collecting edits. (jsonc_write.cpp makes them.)
#include <stdexcept>

#include "daemon/core/jsonc_layout.hpp"
#include "daemon/core/text.hpp"
#include "protocol/limits.hpp"

namespace authd::core {

std::string Jsonc::indent_unit() const { return Layout(*this).indent_unit(); }
std::string Jsonc::line_break() const { return Layout(*this).line_break(); }

std::expected<Jsonc, EditError> Jsonc::set(MemberPath path, const OrderedJson& value) const {
  Edit edit(*this);
  if (auto ok = edit.set(path, {value}); !ok) return std::unexpected(ok.error());
  auto edited = edit.apply();
  if (!edited) return std::unexpected(edited.error());
  return *std::move(edited);
}

Jsonc Jsonc::remove(Node node) const {
  Edit edit(*this);
  edit.remove(node);
  return edit.apply().value();
}

Jsonc Jsonc::without_trailing_commas() const {
  std::vector<Splice> splices;
  for (const std::uint32_t comma : data_->trailing_commas)
    splices.push_back({comma, comma + std::size_t{1}, ""});
  return splices.empty() ? *this : parse_edited(spliced(std::move(splices))).value();
}

Jsonc::Edit::Value& Jsonc::Edit::Value::member(const std::string& name, bool& is_new) {
  const auto [place, added] = places.emplace(name, members.size());
  is_new = added;
  if (added) members.push_back({name, {}});
  return members[place->second].value;
}

// As Jsonc::member, but many questions about one object cost no more than an index of it.
Jsonc::Node Jsonc::Edit::member(Node object, const std::string& name) {
  Names& names = names_[object];
  if (++names.asked < 8) return document_.member(object, name);
  if (names.nodes.empty())
    for (const Node child : document_.children(object))
      names.nodes.insert_or_assign(document_.key(child), child);
  const auto found = names.nodes.find(name);
  return found == names.nodes.end() ? none : found->second;
}

// The object that a member is, made where there is none.
Jsonc::Edit::Place Jsonc::Edit::step(Place object, const std::string& name) {
  const Node found = object.made ? none : member(object.node, name);
  if (found != none && document_.kind(found) != Kind::null) return {found, nullptr};
  bool is_new = false;
  Value* value = nullptr;
  if (found != none) {
    const auto [change, added] = changes_.try_emplace(found, Change{Change::What::replaced});
    is_new = added;
    value = &change->second.value;
  } else {
    value = &(object.made ? *object.made : new_members_[object.node]).member(name, is_new);
  }
  if (is_new) value->made = true;
  return {none, value->made ? value : nullptr};
}

std::expected<Jsonc::Edit::Place, WrongShape> Jsonc::Edit::object_at(MemberPath path) {
  Place place{document_.root()};
  // The objects of a path of 64 names would be 65 levels.
  if (path.size() >= limits::depth_max) {
    too_deep_ = true;
    return Place{};
  }
  for (std::size_t i = 0;; ++i) {
    if (place.node != none && document_.kind(place.node) != Kind::object) {
      const std::vector<std::string> walked(path.begin(),
                                            path.begin() + static_cast<std::ptrdiff_t>(i));
      return std::unexpected(
          WrongShape{join(walked, "."), "an object", document_.position(place.node)});
    }
    if (i == path.size() || (place.node == none && !place.made)) return place;
    place = step(place, path[i]);
  }
}

std::expected<void, WrongShape> Jsonc::Edit::set(MemberPath path, NewValue value) {
  if (path.empty()) {
    replace(document_.root(), std::move(value));
    return {};
  }
  const auto object = object_at(path.first(path.size() - 1));
  if (!object) return std::unexpected(object.error());
  const Node found = object->node == none ? none : member(object->node, path.back());
  if (found != none) {
    replace(found, std::move(value));
  } else if (object->made || object->node != none) {
    bool is_new = false;
    Value& members = object->made ? *object->made : new_members_[object->node];
    members.member(path.back(), is_new) = Value{std::move(value)};
  }
  return {};
}

std::expected<void, WrongShape> Jsonc::Edit::merge(const OrderedJson& patch) {
  std::vector<std::string> path;
  return merge_at(path, patch);
}

std::expected<void, WrongShape> Jsonc::Edit::merge_at(std::vector<std::string>& path,
                                                      const OrderedJson& patch) {
  if (auto object = object_at(path); !object) return std::unexpected(object.error());
  for (const auto& [name, value] : patch.items()) {
    path.push_back(name);
    if (auto ok = value.is_object() ? merge_at(path, value) : set(path, {value}); !ok) return ok;
    path.pop_back();
  }
  return {};
}

void Jsonc::Edit::replace(Node node, NewValue value) {
  const bool equal = value.source.empty() ? document_.ordered_value(node) == value.value
                                          : document_.source(node) == value.source;
  changes_[node] = equal ? Change{} : Change{Change::What::replaced, {std::move(value)}};
}

void Jsonc::Edit::remove(Node node) {
  if (document_.at(node).parent == none)
    throw std::invalid_argument("the root of a document cannot be removed");
  changes_[node] = {Change::What::removed};
}

void Jsonc::Edit::insert(Node array, Node after, NewValue element) {
  if (document_.kind(array) != Kind::array ||
      (after != none && document_.at(after).parent != array))
    throw std::invalid_argument("an element goes into an array, behind one of its own");
  insertions_[array].push_back({after, {std::move(element)}});
}

}  // namespace authd::core
