// Prints generated documents, batches of edits, and what we make of them, one case a line:
//   {"text", "value", "edits": [{"path", "value"?, "insert"?}], "edited"}
// The edits are those of the batch in an order in which they can be made one after another: from
// the end of the document to its beginning. Without a value, an edit removes.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "daemon/core/jsonc.hpp"
#include "tests/support/document_generator.hpp"
#include "tests/support/edit_model.hpp"

namespace authd::test {
namespace {

using core::Jsonc;

Tape random_tape(std::mt19937& random) {
  std::vector<std::uint8_t> bytes(400);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return Tape(std::move(bytes));
}

std::size_t index_of(const Jsonc& document, Jsonc::Node node) {
  const auto siblings = document.children(document.parent(node));
  return static_cast<std::size_t>(std::find(siblings.begin(), siblings.end(), node) -
                                  siblings.begin());
}

Json path_of(const Jsonc& document, Jsonc::Node node) {
  if (node == document.root()) return Json::array();
  Json path = path_of(document, document.parent(node));
  if (document.kind(document.parent(node)) == Jsonc::Kind::object)
    path.push_back(document.key(node));
  else
    path.push_back(index_of(document, node));
  return path;
}

Json with(Json path, const Json& last) {
  path.push_back(last);
  return path;
}

// A batch on one node each, none inside another that goes.
class Batch {
 public:
  Batch(const Jsonc& document, Tape& tape) : document_(document), edit_(document) {
    const auto nodes = nodes_below_root(document);
    std::vector<Jsonc::Node> order = nodes;
    order.push_back(document.root());
    std::sort(order.rbegin(), order.rend());
    for (const Jsonc::Node node : order)
      if (tape.below(3) == 1) edit_one(node, tape);
  }
  const Json& edits() const { return edits_; }
  Jsonc edited() const { return edit_.apply().value(); }

 private:
  void edit_one(Jsonc::Node node, Tape& tape) {
    const bool in_array = node != document_.root() &&
                          document_.kind(document_.parent(node)) == Jsonc::Kind::array;
    const OrderedJson value = any_value(tape, 2);
    const Json path = path_of(document_, node);
    if (in_array && tape.yes()) {
      edit_.insert(document_.parent(node), node, {value});
      add(with(path_of(document_, document_.parent(node)), index_of(document_, node) + 1), &value,
          true);
    }
    const Jsonc::Kind kind = document_.kind(node);
    const bool is_container = kind == Jsonc::Kind::object || kind == Jsonc::Kind::array;
    if (is_container && tape.below(3) > 0) {
      add_inside(node, path, value, tape);
    } else if (node != document_.root() && !touched_.contains(node)) {
      touch(node);
      if (tape.yes()) {
        edit_.remove(node);
        add(path, nullptr, false);
      } else {
        edit_.replace(node, {value});
        add(path, &value, false);
      }
    }
  }

  void add_inside(Jsonc::Node node, const Json& path, const OrderedJson& value, Tape& tape) {
    if (document_.kind(node) == Jsonc::Kind::array) {
      edit_.insert(node, Jsonc::none, {value});
      add(with(path, 0), &value, true);
    } else {
      // An object inside an array has no path of names.
      if (std::any_of(path.begin(), path.end(), [](const Json& step) { return step.is_number(); }))
        return;
      Json member = with(path, "not there yet");
      if (tape.yes()) member.push_back("nor this");
      edit_.set(member.get<std::vector<std::string>>(), {value}).value();
      add(member, &value, false);
    }
    touch(node);
  }

  void add(const Json& path, const OrderedJson* value, bool insert) {
    Json edit = {{"path", path}};
    if (value) edit["value"] = Json(*value);
    if (insert) edit["insert"] = true;
    edits_.push_back(std::move(edit));
  }

  // What has edits inside is itself left alone.
  void touch(Jsonc::Node node) {
    for (; node != Jsonc::none; node = document_.parent(node)) touched_.insert(node);
  }

  const Jsonc& document_;
  Jsonc::Edit edit_;
  Json edits_ = Json::array();
  std::set<Jsonc::Node> touched_;
};

void print_case(std::mt19937& random) {
  Tape tape = random_tape(random);
  const Writing writing = Writing::of(tape);
  OrderedJson value = OrderedJson::object();
  for (std::size_t count = tape.below(6); count > 0; --count)
    value[odd_string(tape)] = any_value(tape);
  const Jsonc document = Jsonc::parse(DocumentWriter(tape, writing).write(value)).value();
  Tape decisions = random_tape(random);
  const Batch batch(document, decisions);
  std::puts(dump(Json{{"text", document.text()},
                      {"value", document.value(document.root())},
                      {"edits", batch.edits()},
                      {"edited", batch.edited().text()}})
                .c_str());
}

}  // namespace
}  // namespace authd::test

int main(int argc, char** argv) {
  std::mt19937 random(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1U);
  for (int cases = argc > 1 ? std::atoi(argv[1]) : 1000; cases > 0; --cases)
    authd::test::print_case(random);
}
