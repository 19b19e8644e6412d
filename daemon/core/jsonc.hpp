// A JSONC document that loses nothing: comments, order, indentation, line breaks and every byte
// outside an edit stay. Reading gives nodes with offsets; an edit gives a new document whose text
// is the old one with splices.
//
// What is accepted is what Qwen Code's reader accepts (facts, 1.3): one BOM, // and /* */
// comments, then strict JSON. A trailing comma is tolerated here but remembered, because Qwen Code
// refuses the file: `trailing_commas` says where they are and `without_trailing_commas` is the
// repair. Edits are made on documents without them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json.hpp"

namespace authd::core {

// Both count from 1; a column counts characters, not bytes.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

struct JsoncError {
  std::size_t offset = 0;
  Position at;
  std::string message;  // never quotes the text, which may be a key
};

// An edit that would have to write through something that is not an object (or array).
struct WrongShape {
  std::string path;      // "security.auth"
  std::string expected;  // "an object"
  Position at;
};

using MemberPath = std::span<const std::string>;

// A value type: copies share the text and the nodes, which never change. Safe to read from
// several threads.
class Jsonc {
 public:
  enum class Kind : std::uint8_t { object, array, string, number, boolean, null };
  using Node = std::uint32_t;
  static constexpr Node none = UINT32_MAX;

  // Linear in the text. Refuses more than 64 levels and more than 32 MiB.
  static std::expected<Jsonc, JsoncError> parse(std::string text);

  const std::string& text() const { return data_->text; }
  Node root() const { return 0; }

  Kind kind(Node node) const { return at(node).kind; }
  std::string_view source(Node node) const;    // the bytes of a value
  std::size_t offset(Node node) const { return at(node).begin; }
  Position position(Node node) const;          // of a value
  std::string key(Node node) const;            // of a member, decoded
  std::string string(Node node) const;         // of a string, decoded
  Json value(Node node) const;                 // members sorted by name
  OrderedJson ordered_value(Node node) const;  // members in the order of the text
  std::vector<Node> children(Node node) const;

  // Duplicate names: the last one wins, as in JSON.parse. `none` where there is no such member,
  // or `object` is `none` or not an object.
  Node member(Node object, std::string_view name) const;
  Node find(MemberPath path) const;
  // The string at a path, nothing where there is none or it is not a string.
  std::string string_at(MemberPath path) const;
  // How often a name occurs in an object.
  std::size_t occurrences(Node object, std::string_view name) const;

  const std::vector<std::uint32_t>& trailing_commas() const { return data_->trailing_commas; }
  Position position_of_offset(std::size_t offset) const;

  // Sets the member at `path`, making the objects on the way. A value that is already equal
  // changes no byte. New members go to the end of their object, in the style of their neighbours.
  std::expected<Jsonc, WrongShape> set(MemberPath path, const OrderedJson& value) const;
  // An element as a value, or as the text that it is to have.
  struct Element {
    OrderedJson value = nullptr;
    std::string source = {};
  };
  // What becomes of an array: elements that go before those that stay, children that go.
  struct ArrayEdit {
    Node array = none;
    std::vector<Element> first;
    std::vector<Node> removed;  // in the order of the text
  };
  // Several edits at once, at the cost of one: objects in `patch` are merged into the document's,
  // everything else in it is set, and one array is edited by its elements.
  std::expected<Jsonc, WrongShape> merge(const OrderedJson& patch, const ArrayEdit& array) const;
  // Removes a member or an element with its comma and the comments that belong to it.
  Jsonc remove(Node node) const;
  // Puts elements before the first one of an array.
  Jsonc insert_first(Node array, const std::vector<OrderedJson>& elements) const;
  Jsonc without_trailing_commas() const;

  // What an editor wrote in this file, for text that is added: "  ", "\t", …; "\n" or "\r\n".
  std::string indent_unit() const;
  std::string line_break() const;

 private:
  struct NodeData {
    Kind kind = Kind::null;
    std::uint32_t begin = 0, end = 0;          // the value's bytes
    std::uint32_t key_begin = 0, key_end = 0;  // a member's name with its quotes; 0, 0 without
    Node parent = none, first_child = none, last_child = none, next = none, previous = none;
  };
  struct Data {
    std::string text;
    std::vector<NodeData> nodes;
    std::vector<std::uint32_t> trailing_commas;
  };
  struct Splice {
    std::size_t begin, end;
    std::string text;
  };
  class Scanner;

  explicit Jsonc(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  const NodeData& at(Node node) const { return data_->nodes[node]; }
  template <class J>
  J build(Node node) const;
  Jsonc spliced(std::vector<Splice> splices) const;

  bool is_multiline(Node container) const;
  std::string indent_of_line(std::size_t offset) const;
  std::string child_indent(Node container) const;
  std::size_t same_line_comments_end(std::size_t offset) const;
  std::size_t comma_after(std::size_t offset) const;
  std::size_t own_comments_begin(Node node) const;
  std::string written(const OrderedJson& value, Node container) const;
  using Members = std::vector<std::pair<std::string, OrderedJson>>;
  void append_members(Node object, const Members& members, std::vector<Splice>& splices) const;
  std::expected<void, WrongShape> merge_into(Node object, const OrderedJson& patch, const std::string& path,
                                             std::vector<Splice>& splices) const;
  void insert_elements(const ArrayEdit& edit, std::vector<Splice>& splices) const;
  void remove_children(const std::vector<Node>& removed, std::vector<Splice>& splices) const;
  Splice removal_of(Node node) const;

  std::shared_ptr<const Data> data_;
};

// `value` as indented text whose lines after the first begin with `indent`.
std::string indented(const OrderedJson& value, const std::string& unit, const std::string& indent,
                     const std::string& line_break);

}  // namespace authd::core
