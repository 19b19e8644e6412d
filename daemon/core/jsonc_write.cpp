// Jsonc: making edits. Every edit is a list of splices, and the result is scanned again, so that no
// document leaves this file which does not parse. Of a text that leaves it the writer finds out.
#include <algorithm>
#include <set>
#include <stdexcept>

#include "daemon/core/jsonc_layout.hpp"

namespace authd::core {
namespace {

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

class Jsonc::Writer {
 public:
  explicit Writer(const Edit& edit)
      : edit_(edit),
        document_(edit.document_),
        layout_(document_),
        line_break_(layout_.line_break()),
        unit_(layout_.indent_unit()) {}

  std::expected<std::vector<Splice>, JsoncError> splices() {
    std::set<Node> containers;
    for (const auto& [node, change] : edit_.changes_) {
      if (change.what == Edit::Change::What::kept || is_inside_a_change(parent(node))) continue;
      if (change.what == Edit::Change::What::removed)
        containers.insert(parent(node));
      else
        splices_.push_back(
            {document_.at(node).begin, document_.at(node).end, replacement(node, change.value)});
    }
    for (const auto& [node, value] : edit_.new_members_)
      if (!is_inside_a_change(node)) containers.insert(node);
    for (const auto& [node, list] : edit_.insertions_)
      if (!is_inside_a_change(node)) containers.insert(node);
    for (const Node container : containers) edit_children(container);
    if (error_) return std::unexpected(*error_);
    return std::move(splices_);
  }

 private:
  struct Style {
    bool multiline;
    std::string indent;  // of the lines after the first
  };
  // What is added to a container, in the order in which it will stand there.
  struct Added {
    Node after;
    const std::string* name;
    const Edit::Value* value;
  };
  // What lies between two children that stay, or between one and a bracket (`none`).
  struct Gap {
    Node kept = none, next = none;
    std::vector<Node> removed = {};
    std::vector<Added> added = {};
  };

  Node parent(Node node) const { return document_.at(node).parent; }
  bool is_inside_a_change(Node node) const {
    while (node != none && !edit_.changes_.contains(node)) node = parent(node);
    return node != none;
  }
  bool is_removed(Node node) const {
    const auto change = edit_.changes_.find(node);
    return change != edit_.changes_.end() && change->second.what == Edit::Change::What::removed;
  }

  std::vector<Added> added_to(Node container) const {
    std::vector<Added> added;
    if (const auto members = edit_.new_members_.find(container);
        members != edit_.new_members_.end())
      for (const Edit::Member& member : members->second.members)
        added.push_back({document_.at(container).last_child, &member.name, &member.value});
    if (const auto elements = edit_.insertions_.find(container);
        elements != edit_.insertions_.end())
      for (const Edit::Insertion& element : elements->second)
        added.push_back({element.after, nullptr, &element.value});
    // Nodes are numbered in the order of the text, and none + 1 is 0.
    std::stable_sort(added.begin(), added.end(),
                     [](const Added& a, const Added& b) { return a.after + 1 < b.after + 1; });
    return added;
  }

  void edit_children(Node container) {
    const std::vector<Added> added = added_to(container);
    if (document_.at(container).first_child == none) return fill_empty(container, added);
    auto next_added = added.begin();
    Gap gap;
    const auto take_added = [&](Node after) {
      for (; next_added != added.end() && next_added->after == after; ++next_added)
        gap.added.push_back(*next_added);
    };
    take_added(none);
    for (Node child = document_.at(container).first_child; child != none;
         child = document_.at(child).next) {
      if (is_removed(child)) {
        gap.removed.push_back(child);
      } else {
        gap.next = child;
        edit_gap(container, gap);
        gap = Gap{child};
      }
      take_added(child);
    }
    edit_gap(container, gap);
  }

  void edit_gap(Node container, const Gap& gap) {
    if (!gap.removed.empty()) remove_between(container, gap);
    if (!gap.added.empty()) add_between(container, gap);
  }

  void remove_between(Node container, const Gap& gap) {
    const std::size_t first = splices_.size();
    for (const Node node : gap.removed) splices_.push_back(layout_.removal_of(node));
    if (!gap.added.empty()) return;
    if (gap.kept == none) {
      if (gap.next == none) close_up(container, first);
      return;
    }
    // Where nothing follows on the line, the blanks before it have nothing left to separate.
    std::size_t& begin = splices_[first].begin;
    const bool ends_line = layout_.line_break_after(splices_.back().end) != std::string_view::npos;
    if (!layout_.begins_line(begin) && (gap.next == none || ends_line))
      while (is_space(document_.text()[begin - 1])) --begin;
    if (gap.next == none) {
      const std::size_t comma = layout_.comma_after(document_.at(gap.kept).end);
      splices_.push_back({comma, comma + 1, ""});
    }
  }

  // A container that loses everything, comments too, is written as an empty one is.
  void close_up(Node container, std::size_t first) {
    std::size_t at = document_.at(container).begin + std::size_t{1};
    const Splice all{at, document_.at(container).end - std::size_t{1}, ""};
    for (std::size_t i = first; i <= splices_.size(); ++i) {
      const bool behind = i == splices_.size();
      for (const std::size_t end = behind ? all.end : splices_[i].begin; at < end; ++at)
        if (!is_blank(document_.text()[at])) return;
      if (!behind) at = splices_[i].end;
    }
    splices_.resize(first);
    splices_.push_back(all);
  }

  void add_between(Node container, const Gap& gap) {
    const std::string& text = document_.text();
    const bool is_last = gap.kept != none && document_.at(gap.kept).next == none;
    const std::size_t kept_end = gap.kept == none ? 0 : std::size_t{document_.at(gap.kept).end};
    const std::size_t from = gap.kept == none ? document_.at(container).begin + std::size_t{1}
                             : is_last        ? kept_end
                                              : layout_.comma_after(kept_end) + 1;
    auto [at, ends_line] = layout_.behind(from);
    const Style style = style_of(container, ends_line);
    if (ends_line) {
      const std::string line = (text[at] == '\r' ? "\r\n" : "\n") + layout_.child_indent(container);
      if (is_last) splices_.push_back({kept_end, kept_end, ","});
      splices_.push_back(
          {at, at, line + joined(gap.added, "," + line, style) + (gap.next == none ? "" : ",")});
    } else if (is_last) {
      // A comment before the comma stays the child's.
      at = layout_.same_line_comments_end(kept_end);
      splices_.push_back({at, at, ", " + joined(gap.added, ", ", style)});
    } else {
      while (is_space(text[at])) ++at;
      const bool nothing_on_line =
          !gap.removed.empty() &&
          layout_.line_break_after(splices_.back().end) != std::string::npos;
      const bool spaced = !nothing_on_line && (gap.kept == none || at > from);
      const std::string_view behind = gap.next == none ? "" : spaced ? ", " : ",";
      splices_.push_back({at, at, joined(gap.added, ", ", style).append(behind)});
    }
  }

  // Behind what comments there are, with the bracket on a line of its own.
  void fill_empty(Node container, const std::vector<Added>& added) {
    const NodeData& data = document_.at(container);
    const std::size_t open = data.begin + std::size_t{1}, close = data.end - std::size_t{1};
    const Style style = style_of(container, true);
    if (!style.multiline) {
      splices_.push_back({open, open, joined(added, ", ", style)});
      return;
    }
    std::size_t inner_end = close;
    while (inner_end > open && is_blank(document_.text()[inner_end - 1])) --inner_end;
    if (const auto place = layout_.behind(inner_end); place.ends_line) inner_end = place.offset;
    const std::string line = line_break_ + style.indent;
    splices_.push_back({inner_end, close,
                        line + joined(added, "," + line, style) + line_break_ +
                            layout_.indent_of_line(data.begin)});
  }

  Style style_of(Node container, bool own_lines) {
    if (!layout_.is_multiline(container)) return {false, ""};
    return {true, own_lines ? layout_.child_indent(container)
                            : layout_.indent_of_line(document_.at(container).begin)};
  }

  std::string replacement(Node node, const Edit::Value& value) {
    return text_of(value, parent(node) == none ? Style{layout_.is_multiline(node), ""}
                                               : style_of(parent(node), true));
  }

  std::string joined(const std::vector<Added>& list, const std::string& separator,
                     const Style& style) {
    std::string text;
    for (const Added& added : list) {
      if (&added != &list.front()) text += separator;
      if (added.name) text += quote(*added.name) + ": ";
      text += text_of(*added.value, style);
    }
    return text;
  }

  std::string text_of(const Edit::Value& value, const Style& style) {
    if (!value.made) return given_text(value.given, style);
    if (value.members.empty()) return "{}";
    std::string text = "{";
    const Style inner{style.multiline, style.indent + unit_};
    for (const Edit::Member& member : value.members) {
      if (text.size() > 1) text += style.multiline ? "," : ", ";
      if (style.multiline) text += line_break_ + inner.indent;
      text += quote(member.name) + ": " + text_of(member.value, inner);
    }
    if (style.multiline) text += line_break_ + style.indent;
    return text + "}";
  }

  std::string given_text(const NewValue& given, const Style& style) {
    if (!given.source.empty()) return source_text(given.source);
    if (!style.multiline) return on_one_line(given.value);
    std::string text;
    for (const char c : marked_text(given.value)) {
      if (c == mark)
        text += unit_;
      else if (c == '\n')
        text += line_break_ + style.indent;
      else
        text += c;
    }
    return text;
  }

  // A source is one value: it must neither end what it stands in nor swallow what follows.
  std::string source_text(const std::string& source) {
    const auto parsed = parse(source);
    if (!parsed && parsed.error().cause != JsoncError::Cause::syntax) {
      error_ = parsed.error();
      return {};
    }
    if (!parsed || !parsed->trailing_commas().empty() || source.starts_with("\xEF\xBB\xBF"))
      throw std::invalid_argument("the source of a new value is not one JSONC value");
    const std::string_view behind = std::string_view(source).substr(parsed->at(parsed->root()).end);
    const bool may_end_in_a_comment =
        behind.find("//") != std::string_view::npos && !behind.ends_with('\n');
    return may_end_in_a_comment ? source + line_break_ : source;
  }

  const Edit& edit_;
  const Jsonc& document_;
  Layout layout_;
  std::string line_break_, unit_;
  std::vector<Splice> splices_;
  std::optional<JsoncError> error_;
};

std::expected<std::string, JsoncError> Jsonc::Edit::text() const {
  if (too_deep_)
    return std::unexpected(JsoncError{0, {}, "deeper than 64 levels", JsoncError::Cause::too_deep});
  if (changes_.empty() && new_members_.empty() && insertions_.empty()) return document_.text();
  if (!document_.trailing_commas().empty())
    throw std::invalid_argument("a document is edited without its trailing commas");
  auto splices = Writer(*this).splices();
  if (!splices) return std::unexpected(splices.error());
  std::string text = document_.spliced(*std::move(splices));
  if (auto ok = within_size(text); !ok) return std::unexpected(ok.error());
  return text;
}

std::expected<Jsonc, JsoncError> Jsonc::Edit::apply() const {
  auto edited = text();
  if (!edited) return std::unexpected(edited.error());
  return *edited == document_.text() ? document_ : parse_edited(*std::move(edited));
}

std::expected<Jsonc, JsoncError> Jsonc::parse_edited(std::string text) {
  auto result = parse(std::move(text));
  if (!result && result.error().cause == JsoncError::Cause::syntax)
    throw std::logic_error("an edit made the document unreadable");
  return result;
}

std::string Jsonc::spliced(std::vector<Splice> splices) const {
  // What is only put in goes before what is replaced at the same place.
  std::stable_sort(splices.begin(), splices.end(), [](const Splice& a, const Splice& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  const std::string& old = data_->text;
  std::string text;
  std::size_t size = old.size(), at = 0;
  for (const Splice& splice : splices) size += splice.text.size();
  text.reserve(size);
  for (const Splice& splice : splices) {
    text.append(old, at, splice.begin - at).append(splice.text);
    at = splice.end;
  }
  text.append(old, at);
  return text;
}

}  // namespace authd::core
