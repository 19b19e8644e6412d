// Edits of JSONC documents: every byte outside the edit stays.
#include <catch2/catch.hpp>

#include "daemon/core/jsonc.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using Path = std::vector<std::string>;
using test::parsed;

Jsonc::Node at(const Jsonc& document, const Path& path, std::size_t index) {
  return document.children(document.find(path)).at(index);
}

// With elements before the first one.
Jsonc inserted_first(const Jsonc& document, Jsonc::Node array, const std::vector<OrderedJson>& elements) {
  Jsonc::Edit edit(document);
  for (const OrderedJson& element : elements) edit.insert(array, Jsonc::none, {element});
  return edit.apply().value();
}

}  // namespace

TEST_CASE("setting a member changes nothing else") {
  struct Row {
    std::string text;
    Path path;
    OrderedJson value;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      // A new member goes to the end, in the style of its neighbours.
      {"{}", {"a"}, 1, "{\n  \"a\": 1\n}"},
      {"{\n}\n", {"a"}, 1, "{\n  \"a\": 1\n}\n"},
      {"{\n  \"a\": 1\n}\n", {"b"}, 2, "{\n  \"a\": 1,\n  \"b\": 2\n}\n"},
      {"{\n\t\"a\": 1\n}", {"b"}, 2, "{\n\t\"a\": 1,\n\t\"b\": 2\n}"},
      {"{\r\n    \"a\": 1\r\n}\r\n", {"b"}, 2, "{\r\n    \"a\": 1,\r\n    \"b\": 2\r\n}\r\n"},
      {"{\"a\": 1}", {"b"}, 2, "{\"a\": 1, \"b\": 2}"},
      {"{\"a\": {}}", {"a", "b"}, 2, "{\"a\": {\"b\": 2}}"},
      {"{\n  \"a\": {}\n}", {"a", "b"}, 2, "{\n  \"a\": {\n    \"b\": 2\n  }\n}"},
      {"{\n  \"a\": {\"x\": 1}\n}", {"a", "b"}, 2, "{\n  \"a\": {\"x\": 1, \"b\": 2}\n}"},
      {"\xEF\xBB\xBF{\n  \"a\": 1\n}", {"b"}, 2, "\xEF\xBB\xBF{\n  \"a\": 1,\n  \"b\": 2\n}"},
      // Objects on the way are made.
      {"{\n  \"a\": 1\n}", {"b", "c", "d"}, true,
       "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": {\n      \"d\": true\n    }\n  }\n}"},
      {"{\r\n\t\"a\": 1\r\n}", {"b", "c"}, 2, "{\r\n\t\"a\": 1,\r\n\t\"b\": {\r\n\t\t\"c\": 2\r\n\t}\r\n}"},
      {"{\n  \"b\": null\n}", {"b", "c"}, 2, "{\n  \"b\": {\n    \"c\": 2\n  }\n}"},
      // Comments stay where they are.
      {"{\n  \"a\": 1 // one\n}", {"b"}, 2, "{\n  \"a\": 1, // one\n  \"b\": 2\n}"},
      {"{\n  \"a\": 1 /* one */ // uno\n  // end\n}", {"b"}, 2,
       "{\n  \"a\": 1, /* one */ // uno\n  \"b\": 2\n  // end\n}"},
      {"{\n  // blanks  \n}", {"a"}, 1, "{\n  // blanks  \n  \"a\": 1\n}"},
      {"{\n  // nothing here\n}", {"a"}, 1, "{\n  // nothing here\n  \"a\": 1\n}"},
      {"{\r\n  \"a\": 1 // one\r\n}", {"b"}, 2, "{\r\n  \"a\": 1, // one\r\n  \"b\": 2\r\n}"},
      {"{\"a\": 1 /* one */}", {"b"}, 2, "{\"a\": 1 /* one */, \"b\": 2}"},
      {"{\"a\": 1 /*/ one */}", {"b"}, 2, "{\"a\": 1 /*/ one */, \"b\": 2}"},
      {"{\n  \"a\": 1 /*/ one */\n}", {"b"}, 2, "{\n  \"a\": 1, /*/ one */\n  \"b\": 2\n}"},
      // A value is replaced and nothing around it.
      {"{ \"a\" /* k */ : /* v */ 1 /* w */ , \"b\" : 2 }", {"a"}, "x",
       "{ \"a\" /* k */ : /* v */ \"x\" /* w */ , \"b\" : 2 }"},
      {"{\"a\": {\"b\": [1, 2]}, \"c\": 12345678901234567890}", {"a", "b"}, OrderedJson::array({3}),
       "{\"a\": {\"b\": [3]}, \"c\": 12345678901234567890}"},
      // A value that is equal already changes no byte, however it is written.
      {"{\"a\": \"\\u0078\" , \"b\":[ 1 ,2 ]}", {"a"}, "x", "{\"a\": \"\\u0078\" , \"b\":[ 1 ,2 ]}"},
      {"{\"b\":[ 1 ,/* c */2 ]}", {"b"}, OrderedJson::array({1, 2}), "{\"b\":[ 1 ,/* c */2 ]}"},
      // Text that needs escapes is written with them.
      {"{}", {"a\"b"}, "c\\d\n", "{\n  \"a\\\"b\": \"c\\\\d\\n\"\n}"},
  }));
  CAPTURE(row.text);
  const auto edited = parsed(row.text).set(row.path, row.value);
  REQUIRE(edited);
  CHECK(edited->text() == row.expected);
  CHECK(edited->trailing_commas().empty());
  CHECK(edited->value(edited->find(row.path)) == Json::parse(row.value.dump()));
}

TEST_CASE("setting through what is no object names it and where it stands") {
  struct Row {
    std::string text;
    Path path;
    std::string wrong;
    std::size_t line, column;
  };
  const auto row = GENERATE(values<Row>({
      {"[]", {"a"}, "", 1, 1},
      {"{\n  \"model\": \"x\"\n}", {"model", "name"}, "model", 2, 12},
      {"{\"security\": {\"auth\": []}}", {"security", "auth", "selectedType"}, "security.auth", 1, 23},
      {"{\"a\": 5}", {"a", "b"}, "a", 1, 7},
  }));
  CAPTURE(row.text);
  const auto edited = parsed(row.text).set(row.path, "v");
  REQUIRE_FALSE(edited);
  CHECK(std::get<WrongShape>(edited.error()).path == row.wrong);
  CHECK(std::get<WrongShape>(edited.error()).expected == "an object");
  CHECK(std::get<WrongShape>(edited.error()).at.line == row.line);
  CHECK(std::get<WrongShape>(edited.error()).at.column == row.column);
}

TEST_CASE("removing takes a child with its comma and its own comments, and leaves the neighbours'") {
  struct Row {
    std::string text;
    Path path;
    std::size_t index;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"{\"a\": 1, \"b\": 2, \"c\": 3}", {}, 0, "{\"b\": 2, \"c\": 3}"},
      {"{\"a\": 1, \"b\": 2, \"c\": 3}", {}, 1, "{\"a\": 1, \"c\": 3}"},
      {"[1]", {}, 0, "[]"},
      {"{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", {}, 1, "{\n  \"a\": 1,\n  \"c\": 3\n}\n"},
      {"{\n  \"a\": 1,\n  \"b\": 2\n}\n", {}, 1, "{\n  \"a\": 1\n}\n"},
      {"{\r\n  \"a\": 1,\r\n  \"b\": 2,\r\n  \"c\": 3\r\n}\r\n", {}, 1, "{\r\n  \"a\": 1,\r\n  \"c\": 3\r\n}\r\n"},
      {"[\n  // of one\n  1, // behind one\n  // of two\n  2, // behind two\n  // of three\n  3 // behind three\n]", {}, 1,
       "[\n  // of one\n  1, // behind one\n  // of three\n  3 // behind three\n]"},
      {"[\n  // of one\n  1, // behind one\n  // of two\n  2, // behind two\n  // of three\n  3 // behind three\n]", {}, 0,
       "[\n  // of two\n  2, // behind two\n  // of three\n  3 // behind three\n]"},
      {"[\n  // of one\n  1, // behind one\n  // of two\n  2 // behind two\n]", {}, 1,
       "[\n  // of one\n  1 // behind one\n]"},
      {"[ // head\n  // of one\n  1,\n  2\n]", {}, 0, "[ // head\n  2\n]"},
      {"[\n  // a section\n\n  // of one\n  1,\n  2\n]", {}, 0, "[\n  // a section\n\n  2\n]"},
      {"[1, /* of two */ 2]", {}, 0, "[/* of two */ 2]"},
      {"{\"l\": [{\"x\": 1}, {\"y\": 2}], \"m\": 3}", {"l"}, 0, "{\"l\": [{\"y\": 2}], \"m\": 3}"},
  }));
  CAPTURE(row.text, row.index);
  const Jsonc document = parsed(row.text);
  CHECK(document.remove(at(document, row.path, row.index)).text() == row.expected);
}

TEST_CASE("removing behind a block comment of several lines leaves the comment closed") {
  const auto row = GENERATE(values<std::string>({
      "{\n  \"a\": 1,\n  /*\n  // x */\n  \"b\": 2,\n  \"c\": 3 /* y */\n}",
      "{\n  \"a\": 1,\n  /* one\n  /* two */\n  \"b\": 2,\n  \"c\": 3 /* y */\n}",
  }));
  CAPTURE(row);
  const Jsonc document = parsed(row);
  const Jsonc edited = document.remove(at(document, {}, 1));
  CHECK(edited.value(edited.root()) == Json::parse(R"({"a": 1, "c": 3})"));
  CHECK(edited.trailing_commas().empty());
}

TEST_CASE("a bare carriage return is white space, so removing stops where the child stops") {
  const auto row = GENERATE(values<std::string>({
      "{\n\"a\": 1,\r\"b\": 2,\n\"c\": 3\n}",
      "{\r\"a\": 1,\r\"b\": 2,\r\"c\": 3\r}",
  }));
  CAPTURE(row);
  const Jsonc document = parsed(row);
  const Jsonc edited = document.remove(at(document, {}, 0));
  CHECK(edited.value(edited.root()) == Json::parse(R"({"b": 2, "c": 3})"));
}

TEST_CASE("new elements go before the first, whose bytes and comments stay") {
  struct Row {
    std::string text, expected;
  };
  const auto row = GENERATE(values<Row>({
      {"[]", "[\n  8,\n  9\n]"},
      {"[1]", "[8, 9, 1]"},
      {"[/* one */ 1]", "[8, 9, /* one */ 1]"},
      {"[\n  1\n]", "[\n  8,\n  9,\n  1\n]"},
      {"[\r\n\t1\r\n]", "[\r\n\t8,\r\n\t9,\r\n\t1\r\n]"},
      {"[ // head\n    // of one\n    1 // behind\n]", "[ // head\n    8,\n    9,\n    // of one\n    1 // behind\n]"},
  }));
  CAPTURE(row.text);
  const Jsonc document = parsed(row.text);
  CHECK(inserted_first(document, document.root(), {8, 9}).text() == row.expected);
  CHECK(inserted_first(document, document.root(), {}).text() == row.text);
}

TEST_CASE("elements put into an empty array keep the comments that stand in it") {
  const auto row = GENERATE(values<std::string>({
      "{\n  \"l\": [ /* none yet */ ]\n}",
      "{\n  \"l\": [\n    // none yet\n  ]\n}",
      "{\"l\": [ // none yet\n]}",
      "{\"l\": [/* none yet */], \"m\": 1}",
  }));
  CAPTURE(row);
  const Jsonc document = parsed(row);
  const Jsonc edited = inserted_first(document, document.find(Path{"l"}), {OrderedJson{{"id", "x"}}, 9});
  CHECK(edited.value(edited.find(Path{"l"})) == Json::parse(R"([{"id": "x"}, 9])"));
  CHECK(test::contains(edited.text(), "none yet"));
}

TEST_CASE("objects put before others take their indentation") {
  const Jsonc document = parsed("{\n\t\"l\": [\n\t\t{\n\t\t\t\"id\": \"a\"\n\t\t}\n\t]\n}\n");
  CHECK(inserted_first(document, document.find(Path{"l"}), {OrderedJson{{"id", "x"}}}).text() ==
        "{\n\t\"l\": [\n\t\t{\n\t\t\t\"id\": \"x\"\n\t\t},\n\t\t{\n\t\t\t\"id\": \"a\"\n\t\t}\n\t]\n}\n");
}

}  // namespace authd::core
