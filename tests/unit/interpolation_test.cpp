#include "daemon/core/interpolation.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "daemon/core/variable_rules.hpp"

namespace authd::core {
namespace {

std::string expanded(const std::string& text) {
  const std::map<std::string, std::string> variables{{"A", "1"}, {"LONG_NAME", "two"}, {"E", ""}, {"SELF", "$A"}, {"a b", "blank"}};
  return interpolated(text, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

}  // namespace

TEST_CASE("names are replaced in strings, and unknown ones stay (facts, 1.3)") {
  struct Row {
    const char *text, *expected;
  };
  const auto row = GENERATE(values<Row>({
      {"", ""},
      {"plain", "plain"},
      {"$A", "1"},
      {"${A}", "1"},
      {"x$A-y", "x1-y"},
      {"$A$LONG_NAME", "1two"},
      {"$AB", "$AB"},
      {"${AB}", "${AB}"},
      {"$A1", "$A1"},
      {"$NOSUCH_VAR-end", "$NOSUCH_VAR-end"},
      {"$E|", "|"},
      {"$SELF", "$A"},
      {"$$A", "$1"},
      {"\\$A", "\\1"},
      {"${}", "${}"},
      {"${A", "${A"},
      {"${a b}", "blank"},
      {"${A}}", "1}"},
      {"${${A}", "${${A}"},
      {"$", "$"},
      {"$ A", "$ A"},
      {"$é", "$é"},
      {"${A${A", "${A${A"},
      {"${x$A", "${x1"},
  }));
  CAPTURE(row.text);
  CHECK(expanded(row.text) == row.expected);
}

TEST_CASE("every string of a value is expanded, and no name of a member") {
  Json value = Json::parse(R"({"$A": "$A", "list": ["${A}", 1, null, {"deep": "$LONG_NAME"}], "n": 5})");
  interpolate(value, [](const std::string& name) { return std::optional<std::string>("<" + name + ">"); });
  CHECK(value == Json::parse(R"({"$A": "<A>", "list": ["<A>", 1, null, {"deep": "<LONG_NAME>"}], "n": 5})"));
  std::set<std::string> names;
  collect_references(Json::parse(R"({"$NOT": ["$B ${C d}", {"x": "$B"}], "y": "$"})"), names);
  CHECK(names == std::set<std::string>{"B", "C d"});
}

TEST_CASE("a session's id and the daemon's tokens are never put in (facts, 1.3)") {
  const CliRules newest, old = rules_of({0, 15, 6}), between = rules_of({0, 23, 0});
  for (const char* name : {"SESSION_ID", "session_id", "QWEN_CODE_SESSION_ID"}) {
    CHECK(is_never_expanded(name, newest));
    CHECK_FALSE(is_never_expanded(name, between));
    CHECK_FALSE(is_never_expanded(name, old));
  }
  CHECK(is_never_expanded("QWEN_SERVER_TOKEN", between));
  CHECK_FALSE(is_never_expanded("QWEN_SERVER_TOKEN", old));
  CHECK_FALSE(is_never_expanded("SESSION_ID_2", newest));
}

TEST_CASE("a text of nothing but openings is expanded in reasonable time") {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "${";
  CHECK(expanded(text) == text);
}

}  // namespace authd::core
