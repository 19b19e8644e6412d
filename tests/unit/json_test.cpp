#include "protocol/json.hpp"

#include <catch2/catch.hpp>

namespace authd {

TEST_CASE("a text is read strictly, whatever it holds") {
  struct Row {
    std::string text;
    bool good;
  };
  const auto row = GENERATE(values<Row>({
      {"{\"a\":[1,2.5,\"x\",true,null]}", true},
      {" 1 ", true},
      {"\"\\u00e9\\ud83d\\ude00\"", true},
      {"", false},
      {" ", false},
      {"{", false},
      {"[1,]", false},
      {"// c\n1", false},
      {"1 2", false},
      {"'a'", false},
      {"NaN", false},
      {"\"\xFF\"", false},
      {"\"\\ud800\"", false},
      {"\"a\tb\"", false},
      {"1e400", false},
  }));
  CAPTURE(row.text);
  const auto json = parse_json(row.text);
  CHECK(json.has_value() == row.good);
  if (json) CHECK(*json == Json::parse(row.text));
  if (!json) CHECK(json.error() == JsonFault::syntax);
}

TEST_CASE("depth is bounded, and told from a broken text") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_json(nested(64)));
  CHECK(parse_json(nested(65)).error() == JsonFault::too_deep);
  CHECK(parse_json(nested(3), {.depth_max = 2}).error() == JsonFault::too_deep);
  CHECK(parse_json(nested(2), {.depth_max = 2}));
  std::string objects;
  for (int i = 0; i < 64; ++i) objects += "{\"a\":";
  CHECK(parse_json(objects + "1" + std::string(64, '}')));
  CHECK(parse_json("{\"a\":" + objects + "1" + std::string(65, '}')).error() == JsonFault::too_deep);
  // Siblings are no depth.
  std::string wide = "[";
  for (int i = 0; i < 1000; ++i) wide += "[],";
  CHECK(parse_json(wide + "0]"));
}

TEST_CASE("a text of a person may have comments, and the fault has its place") {
  CHECK(*parse_json("// c\n{\"a\": /* b */ 1}", {.comments = true}) == Json::parse(R"({"a":1})"));
  for (const auto& [text, at] : {std::pair{"{\"a\": 1,\n}", 9}, {"{\"a\" 1}", 5}, {"[1", 2}, {"", 0}}) {
    CAPTURE(text);
    std::size_t fault_at = 99;
    CHECK(parse_json(text, {.fault_at = &fault_at}).error() == JsonFault::syntax);
    CHECK(fault_at == static_cast<std::size_t>(at));
  }
}

TEST_CASE("of a name that occurs twice the last one counts") {
  CHECK(*parse_json(R"({"a":{"x":1},"a":[2],"b":1,"a":{"y":3}})") == Json::parse(R"({"a":{"y":3},"b":1})"));
}

TEST_CASE("text is written on one line and never throws") {
  CHECK(dump(Json::parse("{\"b\" : [1, {}],\n \"a\": \"x\\ny\"}")) == R"({"a":"x\ny","b":[1,{}]})");
  CHECK(dump(OrderedJson::parse(R"({"b":1,"a":2})")) == R"({"b":1,"a":2})");
  CHECK(dump(Json("a\xFF" "b")) == "\"a\uFFFD" "b\"");
  CHECK(quote("a\"\\\n\x01é") == R"("a\"\\\n\u0001é")");
}

}  // namespace authd
