// Documents from anywhere, and edits that the input asks for. What parses stays a document with the
// wanted value; what was not edited keeps its bytes; what is taken back is as it was; nothing
// throws.
//
// Input: batches of edits, one per line, whose bytes are the decisions of a tape; an empty line;
// the document.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>

#include "daemon/core/jsonc.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/text.hpp"
#include "tests/support/edit_model.hpp"

namespace {

using namespace authd;
using core::Jsonc;
using test::Pieces;
using test::Tape;

void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "the law on line %u does not hold\n", static_cast<unsigned>(where.line()));
  std::abort();
}

// What every document that parsed must be able to do.
Jsonc checked(const Jsonc& document) {
  auto again = Jsonc::parse(document.text());
  require(again.has_value());
  const Json value = document.value(document.root());
  require(dump(again->value(again->root())) == dump(value));
  const std::string masked = core::masked_text(document);
  require(Jsonc::parse(masked).has_value());
  std::size_t lines = 0;
  for (const char c : document.text()) lines += c == '\n';
  for (const char c : masked) lines -= c == '\n';
  require(lines == 0);
  return *std::move(again);
}

// What a strict parser reads when the comments are gone; discarded where it refuses, as it does
// numbers out of range, lone surrogates and what is not UTF-8.
Json strictly_read(const std::string& text) {
  std::string stripped;
  const bool has_mark = text.starts_with("\xEF\xBB\xBF");
  for (const std::string& token : Pieces(has_mark ? text.substr(3) : text).tokens)
    stripped += token + " ";
  return Json::parse(stripped, nullptr, false);
}

int depth(const OrderedJson& value) {
  int deepest = 0;
  if (!value.is_structured()) return 0;
  for (const OrderedJson& child : value) deepest = std::max(deepest, depth(child));
  return deepest + 1;
}

// The document after one batch; nothing where it refuses one of the edits or would be too deep.
std::optional<Jsonc> after_batch(const Jsonc& before, Tape& tape) {
  const auto nodes = test::nodes_below_root(before);
  Jsonc::Edit edit(before);
  test::EditModel model(before);
  for (std::size_t count = 1 + tape.below(8); count > 0; --count) {
    bool agreed = true;
    const bool possible = test::edit_both(tape, before, nodes, edit, model, agreed);
    require(agreed);
    if (!possible) return std::nullopt;
  }
  const OrderedJson wanted = model.value();
  const auto after = edit.apply();
  require(after.has_value() == (depth(wanted) <= 64));
  if (!after) return std::nullopt;
  require(after->trailing_commas().empty());
  require(after->value(after->root()) == Json(wanted));
  require(model.kept_its_bytes(*after));
  if (!strictly_read(before.text()).is_discarded())
    require(strictly_read(after->text()) == after->value(after->root()));
  if (model.only_adds()) {
    require(test::is_subsequence(Pieces(before.text()).comments, Pieces(after->text()).comments));
    require(test::is_subsequence(Pieces(before.text()).tokens, Pieces(after->text()).tokens));
  }
  return *after;
}

void require_that_a_value_can_be_put_back(const Jsonc& before, Tape& tape) {
  const auto nodes = test::nodes_below_root(before);
  if (nodes.empty()) return;
  const Jsonc::Node node = nodes[tape.below(nodes.size())];
  Jsonc::Edit edit(before);
  edit.replace(node, {test::any_value(tape, 2)});
  const auto after = edit.apply();
  if (!after) return;
  Jsonc::Edit back(*after);
  back.replace(node, {nullptr, std::string(before.source(node))});
  require(back.apply()->text() == before.text());
}

void require_that_an_element_can_be_taken_out(const Jsonc& before, Tape& tape) {
  auto nodes = test::nodes_below_root(before);
  nodes.push_back(before.root());
  std::erase_if(nodes, [&](Jsonc::Node node) {
    // An emptied array is written "[]".
    const bool has_style = before.children(node).empty() && before.source(node).size() > 2;
    return before.kind(node) != Jsonc::Kind::array || has_style;
  });
  if (nodes.empty()) return;
  const Jsonc::Node array = nodes[tape.below(nodes.size())];
  const auto children = before.children(array);
  const std::size_t place = tape.below(children.size() + 1);
  Jsonc::Edit edit(before);
  edit.insert(array, place == 0 ? Jsonc::none : children[place - 1], {test::any_value(tape, 2)});
  const auto after = edit.apply();
  if (after) require(after->remove(after->children(array)[place]).text() == before.text());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = input.find("\n\n");
  const std::string_view batches =
      blank == std::string_view::npos ? std::string_view() : input.substr(0, blank);
  auto parsed =
      Jsonc::parse(std::string(blank == std::string_view::npos ? input : input.substr(blank + 2)));
  if (!parsed) {
    require(parsed.error().at.line >= 1 && parsed.error().at.column >= 1);
    return 0;
  }
  require(parsed->text().size() <= size);
  // Edits are made on documents without trailing commas.
  Jsonc document = checked(checked(*parsed).without_trailing_commas());
  require(document.trailing_commas().empty());
  for (const std::string_view batch : core::split(batches, '\n')) {
    Tape tape({batch.begin(), batch.end()});
    require_that_a_value_can_be_put_back(document, tape);
    require_that_an_element_can_be_taken_out(document, tape);
    if (auto after = after_batch(document, tape)) document = checked(*after);
  }
  return 0;
}
