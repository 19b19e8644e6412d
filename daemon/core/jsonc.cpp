// Jsonc: reading nodes. (jsonc_scan.cpp makes them, jsonc_edit.cpp edits.)
#include "daemon/core/jsonc.hpp"

#include <type_traits>
#include <unordered_map>

namespace authd::core {

std::string_view Jsonc::source(Node node) const {
  return std::string_view(data_->text).substr(at(node).begin, at(node).end - at(node).begin);
}

Position Jsonc::position(Node node) const { return position_of_offset(at(node).begin); }

namespace {
std::string decoded(std::string_view literal) {
  const std::string_view inner = literal.substr(1, literal.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  // The scanner has checked the escapes; a lone surrogate is all that can still be refused.
  auto json = Json::parse(literal, nullptr, false);
  return json.is_string() ? json.get<std::string>() : std::string(inner);
}
}  // namespace

std::string Jsonc::key(Node node) const {
  const NodeData& data = at(node);
  if (data.key_end == 0) return {};
  return decoded(
      std::string_view(data_->text).substr(data.key_begin, data.key_end - data.key_begin));
}

std::string Jsonc::string(Node node) const {
  return at(node).kind == Kind::string ? decoded(source(node)) : std::string();
}

std::vector<Jsonc::Node> Jsonc::children(Node node) const {
  std::vector<Node> list;
  if (node == none) return list;
  for (Node child = at(node).first_child; child != none; child = at(child).next)
    list.push_back(child);
  return list;
}

Jsonc::Node Jsonc::member(Node object, std::string_view name) const {
  if (object == none || kind(object) != Kind::object) return none;
  for (Node child = at(object).last_child; child != none; child = at(child).previous) {
    const std::string_view literal =
        std::string_view(data_->text)
            .substr(at(child).key_begin, at(child).key_end - at(child).key_begin);
    const bool escaped = literal.find('\\') != std::string_view::npos;
    if (escaped ? key(child) == name : literal.substr(1, literal.size() - 2) == name) return child;
  }
  return none;
}

Jsonc::Node Jsonc::find(MemberPath path) const {
  Node node = root();
  for (const std::string& name : path) {
    node = member(node, name);
    if (node == none) break;
  }
  return node;
}

std::string Jsonc::string_at(MemberPath path) const {
  const Node node = find(path);
  return node == none ? std::string() : string(node);
}

std::string Jsonc::string_member(Node object, std::string_view name) const {
  const Node node = member(object, name);
  return node == none ? std::string() : string(node);
}

std::size_t Jsonc::occurrences(Node object, std::string_view name) const {
  std::size_t count = 0;
  if (object == none || kind(object) != Kind::object) return 0;
  for (Node child = at(object).first_child; child != none; child = at(child).next)
    count += key(child) == name;
  return count;
}

// Recursion is bounded by the scanner's 64 levels.
template <class J>
J Jsonc::build(Node node) const {
  switch (kind(node)) {
    case Kind::object: {
      J object = J::object();
      auto& members = object.template get_ref<typename J::object_t&>();
      // An ordered object has no index of its own.
      std::unordered_map<std::string, std::size_t> places;
      for (Node child = at(node).first_child; child != none; child = at(child).next) {
        if constexpr (std::is_same_v<J, Json>) {
          members.insert_or_assign(key(child), build<J>(child));
        } else {
          const auto [place, is_new] = places.emplace(key(child), members.size());
          if (is_new)
            members.push_back({place->first, build<J>(child)});
          else
            (members.begin() + static_cast<std::ptrdiff_t>(place->second))->second =
                build<J>(child);
        }
      }
      return object;
    }
    case Kind::array: {
      J array = J::array();
      for (Node child = at(node).first_child; child != none; child = at(child).next)
        array.push_back(build<J>(child));
      return array;
    }
    case Kind::string: return string(node);
    case Kind::number: {
      // A number past C++'s range ("1e999") stays the text that it is.
      J number = J::parse(source(node), nullptr, false);
      return number.is_discarded() ? J(std::string(source(node))) : number;
    }
    case Kind::boolean: return source(node) == "true";
    case Kind::null: break;
  }
  return nullptr;
}

Json Jsonc::value(Node node) const { return node == none ? Json() : build<Json>(node); }
OrderedJson Jsonc::ordered_value(Node node) const {
  return node == none ? OrderedJson() : build<OrderedJson>(node);
}

}  // namespace authd::core
