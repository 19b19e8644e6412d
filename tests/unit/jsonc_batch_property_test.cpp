// The laws of editing in batches: what a batch makes, what it leaves, and what takes it back.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "tests/support/edit_model.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::Pieces;
using test::Tape;
using Bytes = std::vector<std::uint8_t>;

Jsonc generated_document(Tape& tape) {
  const test::Writing writing = test::Writing::of(tape);
  OrderedJson value = OrderedJson::object();
  for (std::size_t count = tape.below(5); count > 0; --count)
    value[test::odd_string(tape)] = test::any_value(tape);
  return Jsonc::parse(test::DocumentWriter(tape, writing).write(value)).value();
}

// A container that an edit can be taken back in: emptied, it is written "[]" or "{}".
bool shows_no_style(const Jsonc& document, Jsonc::Node node) {
  return document.children(node).empty() && document.source(node).size() > 2;
}

}  // namespace

TEST_CASE("a batch of edits makes what the same edits make of the value") {
  REQUIRE(rc::check("batch", [](const Bytes& edits, const Bytes& bytes) {
    Tape text(bytes), tape(edits);
    const Jsonc before = generated_document(text);
    const auto nodes = test::nodes_below_root(before);
    Jsonc::Edit edit(before);
    test::EditModel model(before);
    for (std::size_t count = tape.below(8); count > 0; --count) {
      bool agreed = true;
      const bool possible = test::edit_both(tape, before, nodes, edit, model, agreed);
      RC_ASSERT(agreed);
      if (!possible) return;
    }
    const Jsonc after = edit.apply().value();
    RC_LOG() << before.text() << "\n=>\n" << after.text() << "\n";
    RC_ASSERT(after.trailing_commas().empty());
    RC_ASSERT(after.value(after.root()) == Json(model.value()));
    // A second parser agrees.
    RC_ASSERT(test::read_value(after.text()) == after.value(after.root()));
    RC_ASSERT(model.kept_its_bytes(after));
    if (!model.only_adds()) return;
    const Pieces old_pieces(before.text()), new_pieces(after.text());
    RC_ASSERT(test::is_subsequence(old_pieces.comments, new_pieces.comments));
    RC_ASSERT(test::is_subsequence(old_pieces.tokens, new_pieces.tokens));
  }));
}

TEST_CASE("putting the old source back restores every byte") {
  REQUIRE(rc::check("replace and back", [](const Bytes& edits, const Bytes& bytes) {
    Tape text(bytes), tape(edits);
    const Jsonc before = generated_document(text);
    const auto nodes = test::nodes_below_root(before);
    if (nodes.empty()) return;
    const std::size_t victim = tape.below(nodes.size());
    Jsonc::Edit edit(before);
    edit.replace(nodes[victim], {test::any_value(tape, 2)});
    const Jsonc after = edit.apply().value();
    Jsonc::Edit back(after);
    back.replace(nodes[victim], {nullptr, std::string(before.source(nodes[victim]))});
    RC_ASSERT(back.apply()->text() == before.text());
  }));
}

TEST_CASE("removing what was put in restores every byte") {
  REQUIRE(rc::check("insert and remove", [](const Bytes& edits, const Bytes& bytes) {
    Tape text(bytes), tape(edits);
    const Jsonc before = generated_document(text);
    auto nodes = test::nodes_below_root(before);
    nodes.push_back(before.root());
    const Jsonc::Node container = nodes[tape.below(nodes.size())];
    if (shows_no_style(before, container)) return;
    const auto children = before.children(container);
    Jsonc::Edit edit(before);
    std::size_t place = children.size();
    if (before.kind(container) == Jsonc::Kind::object) {
      test::EditModel::Path path{"not there yet"};
      for (Jsonc::Node node = container; node != before.root(); node = before.parent(node)) {
        if (before.kind(before.parent(node)) != Jsonc::Kind::object) return;
        path.insert(path.begin(), before.key(node));
      }
      RC_ASSERT(edit.set(path, {test::any_value(tape, 2)}).has_value());
    } else if (before.kind(container) == Jsonc::Kind::array) {
      place = tape.below(children.size() + 1);
      edit.insert(container, place == 0 ? Jsonc::none : children[place - 1],
                  {test::any_value(tape, 2)});
    } else {
      return;
    }
    const Jsonc after = edit.apply().value();
    const Jsonc back = after.remove(after.children(container).at(place));
    RC_LOG() << before.text() << "\n=>\n" << after.text() << "\n=>\n" << back.text() << "\n";
    RC_ASSERT(back.text() == before.text());
  }));
}

TEST_CASE("no edit is no new document") {
  const Jsonc before = Jsonc::parse("{\"a\": 1}").value();
  Jsonc::Edit edit(before);
  CHECK(edit.apply()->text().data() == before.text().data());
  REQUIRE(edit.set(std::vector<std::string>{"a"}, {1}));
  CHECK(edit.apply()->text().data() == before.text().data());
}

}  // namespace authd::core
