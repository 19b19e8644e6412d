#include "daemon/core/jsonc.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using Path = std::vector<std::string>;
using test::parsed;

std::string after_set(const std::string& text, const Path& path, const OrderedJson& value) {
  auto edited = parsed(text).set(path, value);
  if (!edited) throw std::runtime_error("cannot be set");
  return edited->text();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST_CASE("JSONC reads what Qwen Code's reader reads") {
  struct Row {
    std::string text, value;
  };
  const auto row = GENERATE(values<Row>({
      {"{}", "{}"},
      {"[]", "[]"},
      {" \"x\" ", "\"x\""},
      {"true", "true"},
      {"null", "null"},
      {"-0.5e+10", "-0.5e10"},
      {"12345678901234567890", "12345678901234567890"},
      {"\xEF\xBB\xBF{\"a\": 1}", R"({"a": 1})"},
      {"// one\n{/* two */\"a\"/**/:/***/1// three\n}// four", R"({"a": 1})"},
      {"/*/ still open */[1]", "[1]"},
      {"/* // */[1]", "[1]"},
      {"[1]// /* no block begins here", "[1]"},
      {"{\"a\": \"// no /* comment */\"}", R"({"a": "// no /* comment */"})"},
      {"{\r\n\t\"a\":\r\n1\r}", R"({"a": 1})"},
      {R"({"a": 1, "b": 2, "a": 3})", R"({"a": 3, "b": 2})"},
      {R"({"\u0061\n\"\\\/": "\u00e9\ud83d\ude00"})", "{\"a\\n\\\"\\\\/\": \"é😀\"}"},
      {R"([[], {}, [{}], ""])", R"([[], {}, [{}], ""])"},
  }));
  CAPTURE(row.text);
  const Jsonc document = parsed(row.text);
  CHECK(document.value(document.root()) == Json::parse(row.value));
  CHECK(document.text() == row.text);
  CHECK(document.trailing_commas().empty());
}

TEST_CASE("JSONC refuses what Qwen Code's reader refuses, and says where") {
  struct Row {
    std::string text;
    std::size_t line, column;
  };
  const auto row = GENERATE(values<Row>({
      {"", 1, 1},
      {"  \n ", 2, 2},
      {"// only a comment", 1, 18},
      {"{\n  \"a\" 1\n}", 2, 7},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3},
      {"{a: 1}", 1, 2},
      {"{'a': 1}", 1, 2},
      {"{\"é\": 01}", 1, 7},
      {"[1.]", 1, 2},
      {"[.5]", 1, 2},
      {"[+1]", 1, 2},
      {"[1e]", 1, 2},
      {"[-]", 1, 2},
      {"[0x10]", 1, 3},
      {"[NaN]", 1, 2},
      {"[True]", 1, 2},
      {"[nul]", 1, 2},
      {"[nullx]", 1, 6},
      {"[1,,2]", 1, 4},
      {"[,]", 1, 2},
      {"{,}", 1, 2},
      {"{\"a\":}", 1, 6},
      {"{\"a\"}", 1, 5},
      {"{} {}", 1, 4},
      {"[1] # no comment", 1, 5},
      {"[1}", 1, 3},
      {"{\"a\": 1]", 1, 8},
      {"]", 1, 1},
      {"[1, 2", 1, 6},
      {"{\"a\": ", 1, 7},
      {"{\"a\": \"b\n\"}", 1, 7},
      {"[\"a\tb\"]", 1, 4},
      {"[\"\\x\"]", 1, 3},
      {"[\"\\u12G4\"]", 1, 3},
      {"[\"\\", 1, 3},
      {"[1] / 2", 1, 5},
      {"\n/* open", 2, 1},
      {"[1,\v2]", 1, 4},
      {"[1,\xC2\xA0 2]", 1, 4},
      {"[\xEF\xBB\xBF]", 1, 2},
      {"\xEF\xBB\xBF[x]", 1, 2},
      {"<<<<<<< HEAD\n{}", 1, 1},
  }));
  CAPTURE(row.text);
  const auto document = Jsonc::parse(row.text);
  REQUIRE_FALSE(document);
  CHECK(document.error().at.line == row.line);
  CHECK(document.error().at.column == row.column);
  CHECK_FALSE(document.error().message.empty());
}

TEST_CASE("a NUL byte is not the end of a document") {
  CHECK_FALSE(Jsonc::parse(std::string("[1]\0", 4)));
  CHECK_FALSE(Jsonc::parse(std::string("{\"a\": 1\0}", 9)));
  CHECK_FALSE(Jsonc::parse(std::string("[\"a\0b\"]", 7)));
}

TEST_CASE("an error never quotes the text, which may be a key") {
  for (const std::string text : {"{\"QK\": sk-canary-12345}", "{\"QK\": \"sk-canary-12345}", "sk-canary-12345",
                                 "{\"a\": 1} sk-canary-12345"}) {
    CAPTURE(text);
    const auto document = Jsonc::parse(text);
    REQUIRE_FALSE(document);
    CHECK_FALSE(test::contains(document.error().message, "canary"));
  }
}

TEST_CASE("64 levels are read and 65 are refused") {
  CHECK(Jsonc::parse(nested(64)));
  CHECK_FALSE(Jsonc::parse(nested(65)));
  CHECK_FALSE(Jsonc::parse(std::string(1'000'000, '[')));
  CHECK_FALSE(Jsonc::parse(std::string(1'000'000, '{')));
}

TEST_CASE("32 MiB are read and a byte more is refused") {
  const std::size_t bound = 33'554'432;
  CHECK(Jsonc::parse("[]" + std::string(bound - 2, ' ')));
  CHECK_FALSE(Jsonc::parse("[]" + std::string(bound - 1, ' ')));
}

TEST_CASE("trailing commas are tolerated, remembered and can be removed") {
  struct Row {
    std::string text, repaired;
    std::size_t count;
  };
  const auto row = GENERATE(values<Row>({
      {"{\"a\": 1,}", "{\"a\": 1}", 1},
      {"[1, 2 , ]", "[1, 2  ]", 1},
      {"[[1,],]", "[[1]]", 2},
      {"{\n  \"a\": 1, // why\n}", "{\n  \"a\": 1 // why\n}", 1},
      {"{\"a\": \",}\", \"b\": [1 /* , */ ,/* c */]}", "{\"a\": \",}\", \"b\": [1 /* , */ /* c */]}", 1},
  }));
  CAPTURE(row.text);
  const Jsonc document = parsed(row.text);
  CHECK(document.trailing_commas().size() == row.count);
  for (const auto comma : document.trailing_commas()) CHECK(row.text[comma] == ',');
  CHECK(document.without_trailing_commas().text() == row.repaired);
  CHECK(document.without_trailing_commas().trailing_commas().empty());
}

TEST_CASE("a position counts characters, and the byte order mark is none") {
  const Jsonc document = parsed("\xEF\xBB\xBF{\"é\": 1,\r\n \"😀\": 2}");
  const auto children = document.children(document.root());
  REQUIRE(children.size() == 2);
  CHECK(document.position(children[0]).line == 1);
  CHECK(document.position(children[0]).column == 7);
  CHECK(document.position(children[1]).line == 2);
  CHECK(document.position(children[1]).column == 7);
}

TEST_CASE("of a name that occurs twice the last one is found, read and edited") {
  const std::string text = R"({"a": {"x": 1}, "\u0061": {"x": 2}})";
  const Jsonc document = parsed(text);
  CHECK(document.occurrences(document.root(), "a") == 2);
  CHECK(document.value(document.find(Path{"a", "x"})) == 2);
  CHECK(after_set(text, {"a", "x"}, 3) == R"({"a": {"x": 1}, "\u0061": {"x": 3}})");
}

TEST_CASE("a name is compared as it reads, not as it is spelt") {
  const Jsonc document = parsed(R"({"a\\b": 1, "\u0063": 2})");
  CHECK(document.value(document.find(Path{"a\\b"})) == 1);
  CHECK(document.find(Path{"a\\\\b"}) == Jsonc::none);
  CHECK(document.value(document.find(Path{"c"})) == 2);
  CHECK(document.find(Path{"\\u0063"}) == Jsonc::none);
}

TEST_CASE("looking for a member of what is no object finds nothing") {
  const Jsonc document = parsed(R"({"a": [1], "b": "text"})");
  CHECK(document.find(Path{"a", "b"}) == Jsonc::none);
  CHECK(document.find(Path{"b", "c"}) == Jsonc::none);
  CHECK(document.find(Path{"c", "d"}) == Jsonc::none);
  CHECK(document.string_at(Path{"a"}).empty());
  CHECK(document.string_at(Path{"b"}) == "text");
}

TEST_CASE("the style of added text is that of the file") {
  struct Row {
    std::string text, unit, line_break;
  };
  const auto row = GENERATE(values<Row>({
      {"{}", "  ", "\n"},
      {"{\"a\": 1}", "  ", "\n"},
      {"{\n    \"a\": 1\n}", "    ", "\n"},
      {"{\r\n\t\"a\": 1\r\n}", "\t", "\r\n"},
      {"{\n// c\n \"a\": 1\n}", " ", "\n"},
  }));
  CAPTURE(row.text);
  CHECK(parsed(row.text).indent_unit() == row.unit);
  CHECK(parsed(row.text).line_break() == row.line_break);
}

TEST_CASE("comments are listed as they stand, without their line ends") {
  const auto document = Jsonc::parse("\xEF\xBB\xBF// a\r\n{ /*b\n*/ \"/*\\\"//\": \"// no\", // c\n\"x\": 1 }//");
  REQUIRE(document);
  CHECK(document->comments() == std::vector<std::string_view>{"// a", "/*b\n*/", "// c", "//"});
  CHECK(Jsonc::parse("[1]")->comments().empty());
}

}  // namespace authd::core
