// Several edits of one document at once, and how they meet in one place.
#include <catch2/catch.hpp>

#include <functional>

#include "daemon/core/jsonc.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using Path = std::vector<std::string>;
using Node = Jsonc::Node;
using test::parsed;

// A batch, written short.
struct Batch {
  const Jsonc& document;
  Jsonc::Edit edit{document};

  Node at(const Path& path) const { return document.find(path); }
  Node at(std::size_t index) const { return document.children(document.root()).at(index); }
  void set(const Path& path, const OrderedJson& value) { edit.set(path, {value}).value(); }
  void insert(Node after, const OrderedJson& value) { edit.insert(document.root(), after, {value}); }
};

struct Row {
  std::string text;
  std::function<void(Batch&)> edits;
  std::string expected;
};

void check(const Row& row) {
  CAPTURE(row.text);
  const Jsonc document = parsed(row.text);
  Batch batch{document};
  row.edits(batch);
  const Jsonc edited = batch.edit.apply().value();
  CHECK(edited.text() == row.expected);
  CHECK(edited.trailing_commas().empty());
}

constexpr Node first = Jsonc::none;  // behind nothing

}  // namespace

TEST_CASE("members set in one object that is missing become one object") {
  check(GENERATE(values<Row>({
      {"{}", [](Batch& b) { b.set({"a", "b", "c"}, 1), b.set({"a", "b", "d"}, 2), b.set({"a", "e"}, 3); },
       "{\n  \"a\": {\n    \"b\": {\n      \"c\": 1,\n      \"d\": 2\n    },\n    \"e\": 3\n  }\n}"},
      {"{\"x\": 0}", [](Batch& b) { b.set({"a", "b"}, 1), b.set({"a", "c"}, 2); },
       "{\"x\": 0, \"a\": {\"b\": 1, \"c\": 2}}"},
      {"{\r\n\t\"a\": null // none yet\r\n}", [](Batch& b) { b.set({"a", "b"}, 1), b.set({"a", "c"}, 2); },
       "{\r\n\t\"a\": {\r\n\t\t\"b\": 1,\r\n\t\t\"c\": 2\r\n\t} // none yet\r\n}"},
      {"{\"a\": {}}", [](Batch& b) { b.set({"a", "b"}, 1), b.set({"a", "c"}, 2); }, "{\"a\": {\"b\": 1, \"c\": 2}}"},
      {"{}", [](Batch& b) { b.edit.merge({{"a", OrderedJson::object()}}).value(), b.set({"a", "b"}, 1); },
       "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
      {"{}", [](Batch& b) { b.edit.merge({{"a", OrderedJson::object()}}).value(); }, "{\n  \"a\": {}\n}"},
  })));
}

TEST_CASE("the later of two edits of one node counts, and the outer of two that overlap") {
  check(GENERATE(values<Row>({
      {"{\"a\": 1}", [](Batch& b) { b.set({"a"}, 2), b.set({"a"}, 3); }, "{\"a\": 3}"},
      {"{\"a\": 1}", [](Batch& b) { b.set({"a"}, 2), b.set({"a"}, 1); }, "{\"a\": 1}"},
      {"{\"a\": 1}", [](Batch& b) { b.set({"b"}, 2), b.set({"b"}, 3); }, "{\"a\": 1, \"b\": 3}"},
      {"{\"a\": 1}", [](Batch& b) { b.set({"a"}, 2), b.edit.remove(b.at({"a"})); }, "{}"},
      {"{\"a\": 1}", [](Batch& b) { b.edit.remove(b.at({"a"})), b.set({"a"}, 2); }, "{\"a\": 2}"},
      {"{\"a\": 1}", [](Batch& b) { b.edit.remove(b.at({"a"})), b.edit.remove(b.at({"a"})); }, "{}"},
      {"{\"a\": {\"b\": 1}}", [](Batch& b) { b.set({"a", "b"}, 2), b.set({"a"}, 3); }, "{\"a\": 3}"},
      {"{\"a\": {\"b\": 1}}", [](Batch& b) { b.set({"a"}, 3), b.set({"a", "c"}, 2); }, "{\"a\": 3}"},
      {"{\"a\": {\"b\": [1]}, \"c\": 2}",
       [](Batch& b) {
         b.edit.remove(b.at({"a"}));
         b.edit.insert(b.at({"a", "b"}), first, {9});
         b.edit.remove(b.document.children(b.at({"a", "b"})).front());
         b.set({"a", "d"}, 4);
       },
       "{\"c\": 2}"},
      {"{}", [](Batch& b) { b.set({"a", "b"}, 1), b.set({"a"}, 2), b.set({"a", "c"}, 3); }, "{\n  \"a\": 2\n}"},
      {"{\"a\": null}", [](Batch& b) { b.set({"a", "b"}, 1), b.set({"a"}, 2); }, "{\"a\": 2}"},
      {"{\"a\": null}", [](Batch& b) { b.edit.remove(b.at({"a"})), b.set({"a", "b"}, 1); }, "{}"},
  })));
}

TEST_CASE("an object may lose its last or all members and get new ones") {
  check(GENERATE(values<Row>({
      {"{\"a\": 1, \"b\": 2}", [](Batch& b) { b.edit.remove(b.at({"b"})), b.set({"c"}, 3); }, "{\"a\": 1, \"c\": 3}"},
      {"{\"a\": 1, \"b\": 2}", [](Batch& b) { b.edit.remove(b.at(0)), b.edit.remove(b.at(1)), b.set({"c"}, 3); },
       "{\"c\": 3}"},
      {"{\n  \"a\": 1, // one\n  // of two\n  \"b\": 2 // two\n}\n",
       [](Batch& b) { b.edit.remove(b.at({"b"})), b.set({"c"}, 3); }, "{\n  \"a\": 1, // one\n  \"c\": 3\n}\n"},
      {"{\n  // of one\n  \"a\": 1,\n  \"b\": 2\n}\n",
       [](Batch& b) { b.edit.remove(b.at(0)), b.edit.remove(b.at(1)), b.set({"c"}, 3), b.set({"d"}, 4); },
       "{\n  \"c\": 3,\n  \"d\": 4\n}\n"},
      {"{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}", [](Batch& b) { b.edit.remove(b.at({"b"})), b.set({"c"}, 3); },
       "{\r\n\t\"a\": 1,\r\n\t\"c\": 3\r\n}"},
      {"\xEF\xBB\xBF{\n  \"a\": 1\n}", [](Batch& b) { b.edit.remove(b.at({"a"})), b.set({"c"}, 3); },
       "\xEF\xBB\xBF{\n  \"c\": 3\n}"},
      {"{\n  \"a\": 1,\n  \"b\": 2\n}", [](Batch& b) { b.edit.remove(b.at(0)), b.edit.remove(b.at(1)); }, "{}"},
      {"{\n  // a section\n\n  \"a\": 1\n}", [](Batch& b) { b.edit.remove(b.at(0)); }, "{\n  // a section\n\n}"},
  })));
}

TEST_CASE("elements go behind any other, in the order of the calls") {
  check(GENERATE(values<Row>({
      {"[1, 2, 3]", [](Batch& b) { b.insert(b.at(1), 8), b.insert(first, 7), b.insert(b.at(1), 9); },
       "[7, 1, 2, 8, 9, 3]"},
      {"[1, 2, 3]", [](Batch& b) { b.insert(b.at(2), 8), b.insert(b.at(2), 9); }, "[1, 2, 3, 8, 9]"},
      {"[1,2,3]", [](Batch& b) { b.insert(b.at(0), 8); }, "[1,8,2,3]"},
      {"[ 1, 2 ]", [](Batch& b) { b.insert(first, 8), b.insert(b.at(1), 9); }, "[ 8, 1, 2, 9 ]"},
      {"[\n  1, // one\n  // of two\n  2 // two\n]", [](Batch& b) { b.insert(b.at(0), 8), b.insert(b.at(1), 9); },
       "[\n  1, // one\n  8,\n  // of two\n  2, // two\n  9\n]"},
      {"[\r\n\t1,\r\n\t2\r\n]", [](Batch& b) { b.insert(b.at(0), 8); }, "[\r\n\t1,\r\n\t8,\r\n\t2\r\n]"},
      {"[1, /* of two */ 2 /* two */]", [](Batch& b) { b.insert(b.at(0), 8), b.insert(b.at(1), 9); },
       "[1, 8, /* of two */ 2 /* two */, 9]"},
      {"[1, // one\n 2]", [](Batch& b) { b.insert(b.at(0), 8); }, "[1, // one\n  8,\n 2]"},
      {"[1 // one\n, 2]", [](Batch& b) { b.insert(b.at(0), 8); }, "[1 // one\n, 8, 2]"},
      {"[\n  1, 2,\n  3, 4\n]", [](Batch& b) { b.insert(b.at(0), 8), b.insert(b.at(1), 9); },
       "[\n  1, 8, 2,\n  9,\n  3, 4\n]"},
      {"[\n  {\n    \"id\": 1\n  }, {\n    \"id\": 2\n  }\n]", [](Batch& b) { b.insert(b.at(0), {{"id", 9}}); },
       "[\n  {\n    \"id\": 1\n  }, {\n  \"id\": 9\n}, {\n    \"id\": 2\n  }\n]"},
  })));
}

TEST_CASE("elements go into an array that loses some of its own") {
  check(GENERATE(values<Row>({
      {"[1, 2, 3]", [](Batch& b) { b.edit.remove(b.at(1)), b.insert(b.at(1), 9); }, "[1, 9, 3]"},
      {"[1, 2, 3]", [](Batch& b) { b.edit.remove(b.at(2)), b.insert(b.at(1), 9); }, "[1, 2, 9]"},
      {"[1, 2, 3]", [](Batch& b) { b.edit.remove(b.at(1)), b.edit.remove(b.at(2)), b.insert(b.at(2), 9); }, "[1, 9]"},
      {"[1, 2, 3]", [](Batch& b) { b.edit.remove(b.at(0)), b.insert(first, 9); }, "[9, 2, 3]"},
      {"[1, 2]",
       [](Batch& b) {
         b.insert(b.at(1), 9), b.insert(first, 7), b.insert(b.at(0), 8);
         b.edit.remove(b.at(0)), b.edit.remove(b.at(1));
       },
       "[7, 8, 9]"},
      {"[\n  1, // one\n  2, // two\n  3 // three\n]",
       [](Batch& b) { b.edit.remove(b.at(1)), b.edit.remove(b.at(2)), b.insert(b.at(1), 9); },
       "[\n  1, // one\n  9\n]"},
      {"[\n  1,\n  2\n]", [](Batch& b) { b.edit.remove(b.at(0)), b.edit.remove(b.at(1)), b.insert(b.at(1), 9); },
       "[\n  9\n]"},
      {"[1, 2,\n 3]", [](Batch& b) { b.edit.remove(b.at(1)), b.insert(b.at(0), 9); }, "[1, 9,\n 3]"},
      {"[1, 2, 3]", [](Batch& b) { b.edit.replace(b.at(0), {7}), b.edit.remove(b.at(1)), b.edit.replace(b.at(2), {9}); },
       "[7, 9]"},
      {"[1, 2]", [](Batch& b) { b.edit.replace(b.at(0), {7}), b.edit.remove(b.at(1)), b.insert(b.at(1), 9); }, "[7, 9]"},
  })));
}

TEST_CASE("a comment goes with what it stands beside, and with nothing else") {
  check(GENERATE(values<Row>({
      {"{\"a\": 1, /* of b */ \"b\": 2, \"c\": 3}", [](Batch& b) { b.edit.remove(b.at({"b"})); }, "{\"a\": 1, \"c\": 3}"},
      {"{\"a\": 1, /* of b */ \"b\": 2}", [](Batch& b) { b.edit.remove(b.at({"b"})); }, "{\"a\": 1}"},
      {"{\"a\": 1 /* of a */, \"b\": 2}", [](Batch& b) { b.edit.remove(b.at({"b"})); }, "{\"a\": 1 /* of a */}"},
      {"{\"a\": 1 /* of a */, \"b\": 2}", [](Batch& b) { b.edit.remove(b.at({"a"})); }, "{\"b\": 2}"},
      {"{\n  \"a\": 1,\n  /* of\n     b */\n  // of b, too\n  \"b\": 2,\n  \"c\": 3\n}",
       [](Batch& b) { b.edit.remove(b.at({"b"})); }, "{\n  \"a\": 1,\n  \"c\": 3\n}"},
      {"{\n  \"a\": 1, // of a\n  \"b\": 2, // of b\n  // of c\n  \"c\": 3\n}",
       [](Batch& b) { b.edit.remove(b.at({"b"})), b.edit.remove(b.at({"c"})); }, "{\n  \"a\": 1 // of a\n}"},
      {"{\n  \"a\": /* in */ 1 /* behind */, // line\n  \"b\": 2\n}", [](Batch& b) { b.set({"a"}, {{"x", 1}}); },
       "{\n  \"a\": /* in */ {\n    \"x\": 1\n  } /* behind */, // line\n  \"b\": 2\n}"},
  })));
}

TEST_CASE("a source is written as it is, and swallows nothing") {
  const auto source = [](const char* text) { return Jsonc::NewValue{nullptr, text}; };
  const Jsonc document = parsed("[1, {\"x\": 2}]");
  Jsonc::Edit edit(document);
  edit.insert(document.root(), first, source("{ /* c */ \"y\":0}"));
  edit.replace(document.children(document.root())[0], source("3 // three"));
  edit.set(Path{}, source("{ \"x\": 2 }")).value();
  CHECK(edit.apply()->text() == "{ \"x\": 2 }");  // the outer wins
  edit = Jsonc::Edit(document);
  edit.insert(document.root(), first, source("{ /* c */ \"y\":0}"));
  edit.replace(document.children(document.root())[0], source("3 // three"));
  CHECK(edit.apply()->text() == "[{ /* c */ \"y\":0}, 3 // three\n, {\"x\": 2}]");
  edit = Jsonc::Edit(document);
  edit.replace(document.children(document.root())[1], source("{\"x\": 2}"));
  CHECK(edit.apply()->text().data() == document.text().data());
}

TEST_CASE("a source that is not one value is refused") {
  const auto text = GENERATE("1, 2", "", " ", "[1,]", "\xEF\xBB\xBF" "1", "1]", "// none");
  CAPTURE(text);
  const Jsonc document = parsed("[1]");
  Jsonc::Edit edit(document);
  edit.insert(document.root(), first, {nullptr, text});
  if (std::string(text).empty())
    CHECK(edit.apply()->text() == "[null, 1]");  // no source is a value
  else
    CHECK_THROWS_AS(edit.apply(), std::invalid_argument);
}

TEST_CASE("misuse of an edit is refused") {
  const Jsonc document = parsed("{\"a\": [1], \"b\": [2]}");
  Jsonc::Edit edit(document);
  CHECK_THROWS_AS(edit.remove(document.root()), std::invalid_argument);
  CHECK_THROWS_AS(edit.insert(document.root(), first, {1}), std::invalid_argument);
  const Node stranger = document.children(document.find(Path{"b"})).front();
  CHECK_THROWS_AS(edit.insert(document.find(Path{"a"}), stranger, {1}), std::invalid_argument);
  const Jsonc with_comma = parsed("[1,]");
  Jsonc::Edit late(with_comma);
  late.remove(with_comma.children(with_comma.root()).front());
  CHECK_THROWS_AS(late.apply(), std::invalid_argument);
}

TEST_CASE("an edit past a limit is an error that says which") {
  const Jsonc deep = parsed("{\"a\": " + std::string(63, '[') + std::string(63, ']') + "}");
  Node innermost = deep.find(Path{"a"});
  while (!deep.children(innermost).empty()) innermost = deep.children(innermost).front();
  Jsonc::Edit edit(deep);
  edit.insert(innermost, first, {1});
  CHECK(edit.apply());
  edit.insert(innermost, first, {OrderedJson::array()});
  REQUIRE_FALSE(edit.apply());
  CHECK(edit.apply().error().message == "deeper than 64 levels");
  CHECK(edit.apply().error().cause == JsoncError::Cause::too_deep);

  const Jsonc empty = parsed("{}");
  CHECK(empty.set(Path(64, "a"), 1));
  const auto too_deep = empty.set(Path(65, "a"), 1);
  REQUIRE_FALSE(too_deep);
  CHECK(std::get<JsoncError>(too_deep.error()).cause == JsoncError::Cause::too_deep);
  CHECK_FALSE(empty.set(Path(100'000, "a"), 1));

  const auto too_large = empty.set(Path{"a"}, std::string(33'554'432, 'x'));
  REQUIRE_FALSE(too_large);
  CHECK(std::get<JsoncError>(too_large.error()).message == "the file is larger than 32 MiB");
}

TEST_CASE("a hundred thousand edits of one object take no longer than they are many") {
  std::string text = "{\n";
  for (int i = 0; i < 100'000; ++i) text += "  \"m" + std::to_string(i) + "\": 0,\n";
  const Jsonc document = parsed(text + "  \"last\": 0\n}\n");
  const auto members = document.children(document.root());
  Jsonc::Edit edit(document);
  for (std::size_t i = 0; i < 100'000; ++i) {
    if (i % 2 == 0)
      edit.remove(members[i]);
    else
      edit.set(Path{"m" + std::to_string(i)}, {1}).value();
    edit.set(Path{"n" + std::to_string(i)}, {2}).value();
  }
  const Jsonc edited = edit.apply().value();  // a quadratic one would meet the timeout of the test
  CHECK(edited.children(edited.root()).size() == 150'001);
}

}  // namespace authd::core
