// The laws of editing, on generated documents.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <functional>

#include "daemon/core/jsonc.hpp"
#include "tests/support/document_generator.hpp"
#include "tests/support/edit_model.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::Pieces;
using test::Tape;
using Bytes = std::vector<std::uint8_t>;
using Path = std::vector<std::string>;

struct Generated {
  OrderedJson value = OrderedJson::object();
  test::Writing writing;
  std::string text;
};

Generated generated(Tape& tape, bool chaos_allowed = true) {
  Generated made;
  made.writing = test::Writing::of(tape);
  if (!chaos_allowed) made.writing.chaos = false;
  for (std::size_t count = tape.below(5); count > 0; --count)
    made.value[test::odd_string(tape)] = test::any_value(tape);
  made.text = test::DocumentWriter(tape, made.writing).write(made.value);
  return made;
}

// A path that often exists, sometimes ends somewhere new, and seldom leads through a scalar.
Path some_path(Tape& tape, const OrderedJson& value) {
  Path path;
  const OrderedJson* at = &value;
  for (std::size_t steps = 1 + tape.below(3); steps > 0; --steps) {
    if (!at || !at->is_object() || at->empty() || tape.below(3) == 1) {
      path.push_back(test::odd_string(tape) + (at && at->is_object() ? "new" : ""));
      at = nullptr;
      if (tape.yes()) break;
      continue;
    }
    auto item = at->begin();
    std::advance(item, static_cast<std::ptrdiff_t>(tape.below(at->size())));
    path.push_back(item.key());
    at = &item.value();
  }
  return path;
}

// What `set` must make of a value; false where it must refuse.
bool set_in(OrderedJson& value, const Path& path, const OrderedJson& wanted, std::size_t depth = 0) {
  if (depth == path.size()) {
    value = wanted;
    return true;
  }
  if (value.is_null() && depth > 0) value = OrderedJson::object();
  return value.is_object() && set_in(value[path[depth]], path, wanted, depth + 1);
}

Jsonc reparsed(const std::string& text) {
  auto again = Jsonc::parse(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->trailing_commas().empty());
  RC_ASSERT(dump(test::read_value(text)) == dump(again->value(again->root())));  // a second parser agrees
  return *std::move(again);
}

std::expected<Jsonc, WrongShape> merged_into(const Jsonc& document, const OrderedJson& patch) {
  Jsonc::Edit edit(document);
  if (auto ok = edit.merge(patch); !ok) return std::unexpected(ok.error());
  return edit.apply().value();
}

std::vector<std::string> numbered(const std::string& text) {
  std::vector<std::string> numbers;
  for (const std::string& comment : Pieces(text).comments) {
    const std::size_t begin = comment.find('#');
    if (begin != std::string::npos) numbers.push_back(comment.substr(begin, comment.find('#', begin + 1) + 1 - begin));
  }
  return numbers;
}

}  // namespace

TEST_CASE("a generated document reads as the value it was written from") {
  REQUIRE(rc::check("text reads as its value", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Generated made = generated(tape);
    const Jsonc parsed = reparsed(made.text);
    RC_ASSERT(dump(parsed.ordered_value(parsed.root())) == dump(made.value));
    RC_ASSERT(parsed.text() == made.text);
  }));
}

TEST_CASE("setting gives the wanted value and changes no byte outside") {
  REQUIRE(rc::check("set", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Generated made = generated(tape);
    const Path path = some_path(tape, made.value);
    const OrderedJson wanted = test::any_value(tape, 2);
    const Jsonc before = reparsed(made.text);
    OrderedJson expected = made.value;
    const bool possible = set_in(expected, path, wanted);
    const auto after = before.set(path, wanted);
    RC_ASSERT(after.has_value() == possible);
    if (!possible) return;
    const Jsonc again = reparsed(after->text());
    RC_ASSERT(dump(again.value(again.root())) == dump(Json::parse(expected.dump())));

    const Jsonc::Node replaced = before.find(path);
    if (replaced != Jsonc::none) {
      // In front of the old value and behind it everything is as it was.
      const std::size_t begin = before.offset(replaced), end = begin + before.source(replaced).size();
      RC_ASSERT(after->text().substr(0, begin) == made.text.substr(0, begin));
      RC_ASSERT(after->text().ends_with(made.text.substr(end)));
    } else {
      // Comments and tokens are all still there, in their order: only some came along, and a null
      // on the way went.
      const Pieces old_pieces(made.text), new_pieces(after->text());
      RC_ASSERT(old_pieces.comments == new_pieces.comments);
      std::vector<std::string> old_tokens = old_pieces.tokens;
      if (!test::is_subsequence(old_tokens, new_pieces.tokens)) {
        RC_ASSERT(old_tokens.size() <= new_pieces.tokens.size());
        const auto null = std::mismatch(old_tokens.begin(), old_tokens.end(), new_pieces.tokens.begin()).first;
        RC_ASSERT(*null == "null");
        old_tokens.erase(null);
        RC_ASSERT(test::is_subsequence(old_tokens, new_pieces.tokens));
      }
      // What differs in the old text is one stretch without any token but that null.
      const std::string& a = made.text;
      const std::string& b = after->text();
      const auto first = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
      std::size_t last = a.size();
      while (last > first && a[last - 1] == b[b.size() - (a.size() - last) - 1]) --last;
      const std::string touched = a.substr(first, last - first);
      RC_ASSERT(touched.find_first_of("{}[]:\"0123456789") == std::string::npos || touched.find('/') != std::string::npos);
    }
  }));
}

TEST_CASE("setting twice is setting once, and setting back restores the value") {
  REQUIRE(rc::check("set twice, set back", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Generated made = generated(tape);
    const Path path = some_path(tape, made.value);
    const OrderedJson wanted = test::any_value(tape, 2);
    const Jsonc before = reparsed(made.text);
    const auto once = before.set(path, wanted);
    if (!once) return;
    const auto twice = once->set(path, wanted);
    RC_ASSERT(twice.has_value());
    RC_ASSERT(twice->text() == once->text());
    const Jsonc::Node old = before.find(path);
    if (old == Jsonc::none) return;
    const auto back = once->set(path, before.ordered_value(old));
    RC_ASSERT(back.has_value());
    RC_ASSERT(dump(back->ordered_value(back->root())) == dump(made.value));
  }));
}

TEST_CASE("merging a patch sets everything in it, keeps every comment, and twice is once") {
  REQUIRE(rc::check("merge", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Generated made = generated(tape);
    OrderedJson patch = OrderedJson::object(), expected = made.value;
    bool possible = true;
    for (std::size_t count = tape.below(4); count > 0 && possible; --count) {
      const Path path = some_path(tape, made.value);
      const OrderedJson value = tape.yes() ? OrderedJson("text") : OrderedJson::array({1});
      OrderedJson tried = patch;
      if (set_in(tried, path, value)) patch = tried;  // a patch does not set through its own values
    }
    const std::function<bool(OrderedJson&, const OrderedJson&)> merged = [&](OrderedJson& into, const OrderedJson& from) {
      for (const auto& [name, value] : from.items()) {
        OrderedJson& slot = into[name];
        if (!value.is_object()) {
          slot = value;
          continue;
        }
        if (slot.is_null()) slot = OrderedJson::object();
        if (!slot.is_object() || !merged(slot, value)) return false;
      }
      return true;
    };
    possible = merged(expected, patch);
    const Jsonc before = reparsed(made.text);
    const auto after = merged_into(before, patch);
    RC_ASSERT(after.has_value() == possible);
    if (!possible) return;
    const Jsonc again = reparsed(after->text());
    RC_ASSERT(dump(again.value(again.root())) == dump(Json::parse(expected.dump())));
    RC_ASSERT(merged_into(*after, patch)->text() == after->text());
    RC_ASSERT(test::is_subsequence(Pieces(after->text()).comments, Pieces(made.text).comments));
  }));
}

TEST_CASE("removing anything leaves a document without it, and nothing else is lost") {
  REQUIRE(rc::check("remove", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Generated made = generated(tape);
    const Jsonc before = reparsed(made.text);
    const std::vector<Jsonc::Node> all = test::nodes_below_root(before);
    if (all.empty()) return;
    const Jsonc::Node victim = all[tape.below(all.size())];
    const Pieces removed(std::string(before.source(victim)));
    const Jsonc after = reparsed(before.remove(victim).text());
    std::vector<Jsonc::Node> inside;
    test::collect_nodes(before, victim, inside);
    RC_ASSERT(test::nodes_below_root(after).size() + inside.size() + 1 == all.size());
    RC_ASSERT(test::is_subsequence(Pieces(after.text()).tokens, Pieces(made.text).tokens));
    RC_ASSERT(test::is_subsequence(Pieces(after.text()).comments, Pieces(made.text).comments));
  }));
}

TEST_CASE("removing keeps the neighbours' comments") {
  REQUIRE(rc::check("remove keeps comments", [](const Bytes& bytes) {
    Tape tape(bytes);
    const std::size_t count = 2 + tape.below(4), victim = tape.below(count);
    const test::Writing writing = test::Writing::of(tape);
    std::string text = "[" + writing.line_break;
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string above = "#" + std::to_string(i) + "a#", behind = "#" + std::to_string(i) + "b#";
      const bool has_above = tape.yes(), has_behind = tape.yes();
      if (has_above) text += writing.unit + "// " + above + writing.line_break;
      text += writing.unit + test::any_value(tape, 1).dump() + (i + 1 < count ? "," : "");
      if (has_behind) text += " // " + behind;
      text += writing.line_break;
      if (i != victim && has_above) expected.push_back(above);
      if (i != victim && has_behind) expected.push_back(behind);
    }
    text += "]" + writing.line_break;
    const Jsonc before = reparsed(text);
    const Jsonc after = reparsed(before.remove(before.children(before.root())[victim]).text());
    RC_ASSERT(numbered(after.text()) == expected);
  }));
}

TEST_CASE("elements put first leave every old byte behind them") {
  REQUIRE(rc::check("insert_first", [](const Bytes& bytes) {
    Tape tape(bytes);
    OrderedJson list = OrderedJson::array();
    for (std::size_t count = tape.below(4); count > 0; --count) list.push_back(test::any_value(tape, 2));
    OrderedJson value = {{"before", 1}, {"list", list}, {"after", 2}};
    const test::Writing writing = test::Writing::of(tape);
    const std::string text = test::DocumentWriter(tape, writing).write(value);
    std::vector<OrderedJson> added;
    for (std::size_t count = 1 + tape.below(2); count > 0; --count) added.push_back(test::any_value(tape, 2));
    const Jsonc before = reparsed(text);
    Jsonc::Edit edit(before);
    for (const OrderedJson& element : added) edit.insert(before.find(Path{"list"}), Jsonc::none, {element});
    const Jsonc after = reparsed(edit.apply()->text());
    OrderedJson expected = added;
    for (const OrderedJson& old : list) expected.push_back(old);
    RC_ASSERT(dump(after.ordered_value(after.find(Path{"list"}))) == dump(expected));
    RC_ASSERT(Pieces(after.text()).comments == Pieces(text).comments);
    RC_ASSERT(test::is_subsequence(Pieces(text).tokens, Pieces(after.text()).tokens));
    if (list.empty()) return;
    const std::size_t first = before.offset(before.children(before.find(Path{"list"})).front());
    RC_ASSERT(after.text().ends_with(text.substr(first)));
  }));
}

TEST_CASE("a repaired document has lost its trailing commas and nothing else") {
  REQUIRE(rc::check("without_trailing_commas", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Generated made = generated(tape, false);
    // A comma behind every value that ends a container.
    std::string spoiled;
    const Jsonc before = reparsed(made.text);
    std::vector<Jsonc::Node> all = test::nodes_below_root(before);
    all.push_back(before.root());
    std::vector<std::size_t> commas;
    for (const Jsonc::Node node : all)
      if (const auto children = before.children(node); !children.empty() && tape.yes())
        commas.push_back(before.offset(children.back()) + before.source(children.back()).size());
    std::sort(commas.rbegin(), commas.rend());
    spoiled = made.text;
    for (const std::size_t comma : commas) spoiled.insert(comma, ",");
    const auto parsed = Jsonc::parse(spoiled);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->trailing_commas().size() == commas.size());
    RC_ASSERT(parsed->without_trailing_commas().text() == made.text);
  }));
}

}  // namespace authd::core
