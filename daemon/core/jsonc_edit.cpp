// Jsonc: editing. Every edit is a list of splices, and the result is scanned again, so that a
// document which no longer parses can never leave this file.
#include <algorithm>
#include <stdexcept>

#include "daemon/core/jsonc.hpp"

namespace authd::core {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }
// A carriage return alone is white space, as for JSON; with a line feed it ends a line.
bool is_blank(char c) { return is_space(c) || c == '\n' || c == '\r'; }

// dump() escapes control characters inside strings, so this one can only be indentation.
constexpr char mark = '\x01';

std::string marked_text(const OrderedJson& value) {
  return value.dump(1, mark, false, OrderedJson::error_handler_t::replace);
}

// On one line, as people write it: {"a": 1, "b": [2, 3]}.
std::string on_one_line(const OrderedJson& value) {
  std::string text;
  const std::string marked = marked_text(value);
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (marked[i] == mark) continue;
    if (marked[i] != '\n') {
      text += marked[i];
      continue;
    }
    const std::size_t next = marked.find_first_not_of(mark, i + 1);
    const bool opens = text.back() == '{' || text.back() == '[';
    const bool closes = marked[next] == '}' || marked[next] == ']';
    if (!opens && !closes) text += ' ';
  }
  return text;
}

}  // namespace

std::string indented(const OrderedJson& value, const std::string& unit, const std::string& indent,
                     const std::string& line_break) {
  const std::string marked = marked_text(value);
  std::string text;
  text.reserve(marked.size() * 2);
  for (const char c : marked) {
    if (c == mark)
      text += unit;
    else if (c == '\n')
      text += line_break + indent;
    else
      text += c;
  }
  return text;
}

Jsonc Jsonc::spliced(std::vector<Splice> splices) const {
  std::stable_sort(splices.begin(), splices.end(),
                   [](const Splice& a, const Splice& b) { return a.begin < b.begin; });
  const std::string& old = data_->text;
  std::string text;
  text.reserve(old.size() + 256);
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    text.append(old, at, splice.begin - at).append(splice.text);
    at = splice.end;
  }
  text.append(old, at);
  auto result = parse(std::move(text));
  if (!result) throw std::logic_error("an edit made the document unreadable");
  return *std::move(result);
}

std::string Jsonc::line_break() const {
  return data_->text.find("\r\n") != std::string::npos ? "\r\n" : "\n";
}

std::string Jsonc::indent_of_line(std::size_t offset) const {
  const std::string& text = data_->text;
  std::size_t begin = offset;
  while (begin > 0 && text[begin - 1] != '\n') --begin;
  std::size_t end = begin;
  while (end < text.size() && is_space(text[end])) ++end;
  return text.substr(begin, end - begin);
}

std::string Jsonc::indent_unit() const {
  const Node first = at(root()).first_child;
  if (first == none || !is_multiline(root())) return "  ";
  const std::string indent = indent_of_line(at(first).key_end ? at(first).key_begin : at(first).begin);
  return indent.empty() ? "  " : indent;
}

bool Jsonc::is_multiline(Node container) const {
  const NodeData& data = at(container);
  const std::string_view text = data_->text;
  if (data.first_child == none) {
    // An empty container follows the document it stands in.
    if (container == root()) return true;
    return is_multiline(data.parent);
  }
  const std::string_view before =
      text.substr(data.begin, at(data.first_child).begin - data.begin);
  const std::string_view after =
      text.substr(at(data.last_child).end, data.end - at(data.last_child).end);
  return before.find('\n') != std::string_view::npos || after.find('\n') != std::string_view::npos;
}

std::string Jsonc::child_indent(Node container) const {
  const NodeData& data = at(container);
  if (data.first_child != none) {
    const NodeData& first = at(data.first_child);
    const std::size_t begin = first.key_end ? first.key_begin : first.begin;
    const std::string indent = indent_of_line(begin);
    // Only where the first child begins its line does that line's indentation belong to it.
    if (begin >= indent.size() && (begin == indent.size() || data_->text[begin - indent.size() - 1] == '\n'))
      return indent;
  }
  return indent_of_line(data.begin) + indent_unit();
}

// Where the comments end that stand behind `offset` on the same line; `offset` where none do.
std::size_t Jsonc::same_line_comments_end(std::size_t offset) const {
  const std::string_view text = data_->text;
  std::size_t end = offset, at = offset;
  while (at < text.size()) {
    if (is_space(text[at]) || text[at] == ',') {
      ++at;
    } else if (text.substr(at).starts_with("//")) {
      end = std::min(text.find('\n', at), text.size());
      while (end > at && text[end - 1] == '\r') --end;
      break;
    } else if (text.substr(at).starts_with("/*")) {
      const std::size_t close = text.find("*/", at + 2) + 2;
      if (text.substr(at, close - at).find('\n') != std::string_view::npos) break;
      at = end = close;
    } else {
      break;
    }
  }
  return end;
}

// The offset of the comma that follows a value, past white space and comments; npos without.
std::size_t Jsonc::comma_after(std::size_t offset) const {
  const std::string_view text = data_->text;
  while (offset < text.size()) {
    const char c = text[offset];
    if (c == ',') return offset;
    if (is_blank(c)) {
      ++offset;
    } else if (text.substr(offset).starts_with("//")) {
      offset = std::min(text.find('\n', offset), text.size());
    } else if (text.substr(offset).starts_with("/*")) {
      offset = text.find("*/", offset + 2) + 2;
    } else {
      break;
    }
  }
  return std::string::npos;
}

std::string Jsonc::written(const OrderedJson& value, Node container) const {
  if (!is_multiline(container)) return on_one_line(value);
  return indented(value, indent_unit(), child_indent(container), line_break());
}

void Jsonc::append_members(Node object, const Members& members, std::vector<Splice>& splices) const {
  if (members.empty()) return;
  const NodeData& data = at(object);
  const bool multiline = is_multiline(object);
  std::string text;
  for (const auto& [name, value] : members) {
    const bool first = text.empty() && data.last_child == none;
    if (!text.empty()) text += ',';
    if (multiline)
      text += line_break() + child_indent(object);
    else if (!first)
      text += ' ';
    text += quote(name) + ": " + written(value, object);
  }
  if (data.last_child != none) {
    const std::size_t value_end = at(data.last_child).end;
    const std::size_t after = same_line_comments_end(value_end);
    splices.push_back({value_end, value_end, ","});
    splices.push_back({after, after, std::move(text)});
    return;
  }
  // No members: behind what comments there are, with the brace on a line of its own.
  const std::string& old = data_->text;
  std::size_t inner_end = multiline ? data.end - 1 : data.begin + 1;
  while (inner_end > data.begin + 1 && is_blank(old[inner_end - 1]))
    --inner_end;
  if (!multiline)
    splices.push_back({inner_end, inner_end, std::move(text)});
  else
    splices.push_back({inner_end, data.end - std::size_t{1}, text + line_break() + indent_of_line(data.begin)});
}

std::expected<void, WrongShape> Jsonc::merge_into(Node object, const OrderedJson& patch, const std::string& path,
                                                  std::vector<Splice>& splices) const {
  if (kind(object) != Kind::object) return std::unexpected(WrongShape{path, "an object", position(object)});
  Members missing;
  for (const auto& [name, value] : patch.items()) {
    const Node found = member(object, name);
    if (found == none) {
      missing.emplace_back(name, value);
    } else if (value.is_object() && kind(found) != Kind::null) {
      if (auto ok = merge_into(found, value, path + (path.empty() ? "" : ".") + name, splices); !ok) return ok;
    } else if (ordered_value(found) != value) {
      // null says nothing, so that an object in its place loses nothing.
      splices.push_back({at(found).begin, at(found).end, written(value, object)});
    }
  }
  append_members(object, missing, splices);
  return {};
}

std::expected<Jsonc, WrongShape> Jsonc::merge(const OrderedJson& patch, const ArrayEdit& array) const {
  std::vector<Splice> splices;
  if (auto ok = merge_into(root(), patch, "", splices); !ok) return std::unexpected(ok.error());
  insert_elements(array, splices);
  remove_children(array.removed, splices);
  return splices.empty() ? *this : spliced(std::move(splices));
}

std::expected<Jsonc, WrongShape> Jsonc::set(MemberPath path, const OrderedJson& value) const {
  Node object = root();
  std::string walked;
  std::vector<Splice> splices;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (kind(object) != Kind::object) return std::unexpected(WrongShape{walked, "an object", position(object)});
    const Node found = member(object, path[i]);
    const bool last = i + 1 == path.size();
    if (found != none && !last && kind(found) != Kind::null) {
      walked += (walked.empty() ? "" : ".") + path[i];
      object = found;
      continue;
    }
    if (found != none && last && ordered_value(found) == value) return *this;
    OrderedJson rest = value;
    for (std::size_t j = path.size() - 1; j > i; --j) rest = OrderedJson{{path[j], std::move(rest)}};
    if (found == none)
      append_members(object, {{path[i], std::move(rest)}}, splices);
    else
      splices.push_back({at(found).begin, at(found).end, written(rest, object)});
    break;
  }
  return splices.empty() ? *this : spliced(std::move(splices));
}

// Comments on lines of their own directly above a child belong to it; a blank line ends them.
// Where the child does not begin its line, it begins where it stands.
std::size_t Jsonc::own_comments_begin(Node node) const {
  const std::string_view text = data_->text;
  const NodeData& data = at(node);
  const std::size_t begin = data.key_end ? data.key_begin : data.begin;
  std::size_t at_offset = data.previous != none ? same_line_comments_end(at(data.previous).end)
                                                : same_line_comments_end(at(data.parent).begin + 1);
  // Forwards, because only so can it be told what is inside a comment.
  std::size_t own = std::string_view::npos;  // where the run of lines begins that belongs to it
  bool line_is_blank = false, on_own_line = false;
  while (at_offset < begin) {
    const char c = text[at_offset];
    if (c == '\n') {
      if (line_is_blank || !on_own_line) own = at_offset + 1;
      line_is_blank = true;
      on_own_line = false;
      ++at_offset;
    } else if (text.substr(at_offset).starts_with("//") || text.substr(at_offset).starts_with("/*")) {
      on_own_line = line_is_blank;
      line_is_blank = false;
      const bool block = text[at_offset + 1] == '*';
      at_offset = block ? text.find("*/", at_offset + 2) + 2 : std::min(text.find('\n', at_offset), begin);
    } else {
      if (!is_blank(c)) line_is_blank = on_own_line = false;  // the comma of the one before
      ++at_offset;
    }
  }
  return own == std::string_view::npos || !line_is_blank ? begin : own;
}

Jsonc::Splice Jsonc::removal_of(Node node) const {
  const std::string_view text = data_->text;
  const NodeData& data = at(node);
  const std::size_t begin = own_comments_begin(node);
  std::size_t end = data.next != none ? comma_after(data.end) + 1 : std::size_t{data.end};
  const bool begins_line = begin > 0 && text[begin - 1] == '\n';
  // The line break behind a place, past blanks; npos where something else stands there.
  const auto line_break_after = [&](std::size_t offset) {
    while (offset < text.size() && (is_space(text[offset]) || text[offset] == '\r')) ++offset;
    return offset < text.size() && text[offset] == '\n' ? offset : std::string_view::npos;
  };
  const std::size_t behind_comments = same_line_comments_end(end);
  const std::size_t line_end = line_break_after(behind_comments);
  if (begins_line && line_end != std::string_view::npos) {
    end = line_end + 1;
  } else if (line_end != std::string_view::npos || data.next == none) {
    end = behind_comments;  // before a line break or the bracket, a comment can only be its own
  } else {
    while (end < text.size() && is_space(text[end])) ++end;  // a comment here is the next one's
  }
  return {begin, end, ""};
}

void Jsonc::remove_children(const std::vector<Node>& removed, std::vector<Splice>& splices) const {
  if (removed.empty()) return;
  // Where the last one goes, the last one that stays loses its comma.
  if (at(removed.back()).next == none) {
    std::size_t run = removed.size() - 1;
    while (run > 0 && at(removed[run]).previous == removed[run - 1]) --run;
    if (const Node kept = at(removed[run]).previous; kept != none) {
      const std::size_t comma = comma_after(at(kept).end);
      splices.push_back({comma, comma + 1, ""});
    }
  }
  for (const Node node : removed) splices.push_back(removal_of(node));
}

Jsonc Jsonc::remove(Node node) const {
  std::vector<Splice> splices;
  remove_children({node}, splices);
  return spliced(std::move(splices));
}

void Jsonc::insert_elements(const ArrayEdit& edit, std::vector<Splice>& splices) const {
  if (edit.first.empty()) return;
  const Node array = edit.array;
  const NodeData& data = at(array);
  const std::size_t open = data.begin + 1;
  const bool empty = data.first_child == none;
  const std::size_t first = empty ? data.end - 1 : std::size_t{at(data.first_child).begin};
  const bool multiline = is_multiline(array);
  const bool own_lines =
      multiline && (empty || std::string_view(data_->text).substr(open, first - open).find('\n') != std::string_view::npos);
  const bool something_stays = children(array).size() > edit.removed.size();
  std::string added;
  for (std::size_t i = 0; i < edit.first.size(); ++i) {
    const Element& element = edit.first[i];
    if (own_lines) added += line_break() + child_indent(array);
    if (!element.source.empty())
      added += element.source;
    else if (own_lines || !multiline)
      added += written(element.value, array);
    else
      added += indented(element.value, indent_unit(), indent_of_line(data.begin), line_break());
    if (something_stays || i + 1 < edit.first.size()) added += own_lines ? "," : ", ";
  }
  const std::size_t where = own_lines ? same_line_comments_end(open) : open;
  // An empty array gets its bracket on a line of its own, behind what comments there are.
  const std::string_view inner = std::string_view(data_->text).substr(where, data.end - 1 - where);
  const bool needs_line = empty && own_lines && inner.find('\n') == std::string_view::npos;
  if (needs_line) added += inner.empty() ? line_break() + indent_of_line(data.begin) : line_break() + child_indent(array);
  splices.push_back({where, where, std::move(added)});
  if (needs_line && !inner.empty()) {
    const std::size_t end = data.end - std::size_t{1};
    splices.push_back({end, end, line_break() + indent_of_line(data.begin)});
  }
}

Jsonc Jsonc::insert_first(Node array, const std::vector<OrderedJson>& elements) const {
  ArrayEdit edit{array, {}, {}};
  for (const OrderedJson& element : elements) edit.first.push_back({element, {}});
  std::vector<Splice> splices;
  insert_elements(edit, splices);
  return splices.empty() ? *this : spliced(std::move(splices));
}

Jsonc Jsonc::without_trailing_commas() const {
  std::vector<Splice> splices;
  for (const std::uint32_t comma : data_->trailing_commas)
    splices.push_back({comma, comma + std::size_t{1}, ""});
  return splices.empty() ? *this : spliced(std::move(splices));
}

}  // namespace authd::core
