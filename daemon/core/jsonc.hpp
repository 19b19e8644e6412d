// A JSONC document that loses nothing: comments, order, indentation, line breaks and every byte
// outside an edit stay. Reading gives nodes with offsets; an edit gives a new document whose text
// is the old one with splices.
//
//   auto document = Jsonc::parse(text);
//   Jsonc::Edit edit(*document);
//   edit.set(path, {"value"});
//   edit.remove(document->find(other_path));
//   auto edited = edit.apply();
//
// What is accepted is what Qwen Code's reader accepts (facts, 1.3): one BOM, // and /* */
// comments, then strict JSON. A trailing comma is tolerated here but remembered, because Qwen Code
// refuses the file: `trailing_commas` says where they are and `without_trailing_commas` is the
// repair. Edits are made on documents without them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
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
  enum class Cause : std::uint8_t { syntax, too_deep, too_large } cause = Cause::syntax;
};

// An edit that would have to write through something that is not an object (or array).
struct WrongShape {
  std::string path;      // "security.auth"
  std::string expected;  // "an object"
  Position at;
};

// Of an edit that is made alone: its shape, or that the document would pass a limit.
using EditError = std::variant<WrongShape, JsoncError>;

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
  std::string_view source(Node node) const;  // the bytes of a value
  std::size_t offset(Node node) const { return at(node).begin; }
  Position position(Node node) const;          // of a value
  std::string key(Node node) const;            // of a member, decoded
  std::string string(Node node) const;         // of a string, decoded
  Json value(Node node) const;                 // members sorted by name
  OrderedJson ordered_value(Node node) const;  // members in the order of the text
  std::vector<Node> children(Node node) const;
  Node parent(Node node) const { return at(node).parent; }  // `none` for the root

  // Duplicate names: the last one wins, as in JSON.parse. `none` where there is no such member,
  // or `object` is `none` or not an object.
  Node member(Node object, std::string_view name) const;
  Node find(MemberPath path) const;
  // The string at a path, nothing where there is none or it is not a string.
  std::string string_at(MemberPath path) const;
  // The same for a member of an object, which may be `none`.
  std::string string_member(Node object, std::string_view name) const;
  // The member or element before this one, none where it is the first.
  Node previous(Node node) const { return at(node).previous; }
  // How often a name occurs in an object.
  std::size_t occurrences(Node object, std::string_view name) const;

  const std::vector<std::uint32_t>& trailing_commas() const { return data_->trailing_commas; }
  std::vector<std::string_view> comments()
      const;  // parts of text(), in its order, without line ends
  Position position_of_offset(std::size_t offset) const;

  // A value to be written: as JSON, or as the source text that it is to have, comments and all.
  struct NewValue {
    OrderedJson value = nullptr;
    std::string source = {};
  };
  class Edit;
  // One edit alone; Edit makes many of them at the cost of one.
  std::expected<Jsonc, EditError> set(MemberPath path, const OrderedJson& value) const;
  Jsonc remove(Node node) const;
  // The repair: removes the trailing commas and not a byte besides.
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
    std::uint32_t outer_begin() const { return key_end ? key_begin : begin; }  // with its name
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
  class Scanner;  // text to nodes
  class Layout;   // lines, indentation, whose a comment is
  class Writer;   // edits to splices

  explicit Jsonc(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  const NodeData& at(Node node) const { return data_->nodes[node]; }
  template <class J>
  J build(Node node) const;
  std::string spliced(std::vector<Splice> splices) const;
  static std::expected<Jsonc, JsoncError> parse_edited(std::string text);
  static std::expected<void, JsoncError> within_size(std::string_view text);

  std::shared_ptr<const Data> data_;
};

// Edits of one document, collected and then made at once, so that any number of them costs one
// scan. Nodes and paths are those of the document as it is, whatever has been collected already.
// Of two edits of one node the later counts; an edit inside a node that is removed or replaced is
// without effect, whichever came first. The document has no trailing commas.
//
// What is written takes the style of its neighbours: indentation, line breaks, one line or many.
// Misuse (a node that is not there, a source that is not one JSONC value without trailing commas)
// throws std::invalid_argument.
class Jsonc::Edit {
 public:
  explicit Edit(Jsonc document) : document_(std::move(document)) {}

  // Sets the member at `path`; objects on the way are made where there are none (null counts as
  // none), and new members go to the end. A value that is equal already changes no byte.
  std::expected<void, WrongShape> set(MemberPath path, NewValue value);
  // Objects in `patch`, which is one, are merged into the document's; everything else in it is
  // set. After an error the edit is not to be applied, for a part of the patch is in it.
  std::expected<void, WrongShape> merge(const OrderedJson& patch);
  // A new value of a member or an element; the comments around it stay.
  void replace(Node node, NewValue value);
  // Removes a member or an element with its comma and the comments that are its own.
  void remove(Node node);
  // A new element behind the element `after`, or before the first one where that is `none`.
  // Several at one place keep the order of the calls.
  void insert(Node array, Node after, NewValue element);

  // The document with all edits made; without any, the document itself. The error is a limit that
  // the result would pass, with the position in the result.
  std::expected<Jsonc, JsoncError> apply() const;
  // Its text, for a caller that parses it before it counts on it. Of the limits only the size has
  // been looked at.
  std::expected<std::string, JsoncError> text() const;

 private:
  friend class Jsonc::Writer;
  struct Member;
  // A value to be: one that was given, or an object that is made of what was set in it.
  struct Value {
    NewValue given = {};
    bool made = false;
    std::vector<Member> members = {};
    std::unordered_map<std::string, std::size_t> places = {};

    Value& member(const std::string& name, bool& is_new);
  };
  struct Member {
    std::string name;
    Value value;
  };
  struct Change {
    enum class What : std::uint8_t { kept, replaced, removed } what = What::kept;
    Value value = {};
  };
  struct Insertion {
    Node after;
    Value value;
  };
  // An object: one of the document, one that is made, or neither where an outer edit wins.
  struct Place {
    Node node = none;
    Value* made = nullptr;
  };
  // The names of an object, once it has been asked often.
  struct Names {
    std::size_t asked = 0;
    std::unordered_map<std::string, Node> nodes = {};
  };

  Node member(Node object, const std::string& name);
  Place step(Place object, const std::string& name);
  std::expected<Place, WrongShape> object_at(MemberPath path);
  std::expected<void, WrongShape> merge_at(std::vector<std::string>& path,
                                           const OrderedJson& patch);

  Jsonc document_;
  // Nodes are numbered in the order of the text.
  std::map<Node, Change> changes_;
  std::map<Node, Value> new_members_;                  // by object
  std::map<Node, std::vector<Insertion>> insertions_;  // by array
  std::unordered_map<Node, Names> names_;
  bool too_deep_ = false;
};

}  // namespace authd::core
