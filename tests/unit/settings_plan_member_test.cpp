// One member set or removed.
#include <catch2/catch.hpp>

#include "daemon/core/settings_plan.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::key_texts;
using test::refusal;

using Text = std::optional<std::string>;
using Texts = std::vector<std::string>;

SettingsFile user_file(const Text& text) { return test::settings_file(Scope::user, "/u/settings.json", text); }

std::string nested_objects(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += "{\"a\":";
  return text + "1" + std::string(static_cast<std::size_t>(levels), '}');
}

}  // namespace

TEST_CASE("a member is set, and nothing else changes") {
  struct Row {
    std::string what;
    Text before;
    Path path;
    Json value;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"a new file", std::nullopt, {"ui", "theme"}, "dark", "{\n  \"$version\": 4,\n  \"ui\": {\n    \"theme\": \"dark\"\n  }\n}\n"},
      {"a flat model in an old file", R"({"selectedAuthType": "openai"})", {"model"}, "m", R"({"selectedAuthType": "openai", "model": "m"})"},
      {"a value", "{ \"a\" : 1, // one\n \"b\":2 }", {"a"}, 3, "{ \"a\" : 3, // one\n \"b\":2 }"},
      {"between comments", "{\"a\": /* x */ 1 /* y */}", {"a"}, "s", "{\"a\": /* x */ \"s\" /* y */}"},
      {"parents that are missing", "{\"x\": 1}", {"a", "b", "c"}, true, "{\"x\": 1, \"a\": {\"b\": {\"c\": true}}}"},
      {"a parent that is null", "{\"a\": null}", {"a", "b"}, 1, "{\"a\": {\"b\": 1}}"},
      {"names with dots and quotes", "{\"mcpServers\": {}}", {"mcpServers", "a.\"b"}, Json::object(), "{\"mcpServers\": {\"a.\\\"b\": {}}}"},
      {"the empty name", "{\"x\": 1}", {""}, 1, "{\"x\": 1, \"\": 1}"},
      {"an object for an array", "{\"a\": [1, 2]}", {"a"}, {{"b", 1}}, "{\"a\": {\"b\": 1}}"},
      {"the last of two", "{\"a\": 1, \"a\": 2}", {"a"}, 3, "{\"a\": 1, \"a\": 3}"},
  }));
  CAPTURE(row.what);
  const auto plan = plan_set(user_file(row.before), row.path, row.value, false);
  REQUIRE(plan);
  CHECK(plan->new_text == row.expected);
  CHECK(plan->keys == std::vector<Path>{row.path});
  CHECK(plan->changed());
  CHECK(plan->is_edited);
}

TEST_CASE("a flat model is for old files only") {
  CHECK(refusal(plan_set(user_file(R"({"$version": 4})"), {"model"}, "m", false)).hint == "The model's name is model.name.");
  CHECK(wire_code(refusal(plan_set(user_file(std::nullopt), {"model"}, "m", false)).kind) == -32012);
}

TEST_CASE("what a member says already is not written again") {
  for (const auto& [text, value] : std::vector<std::pair<std::string, Json>>{
           {"{\"a\": 1.0}", 1}, {"{\"a\": \"\\u0041\"}", "A"}, {"{\"a\": {\"y\":2, \"x\": 1}}", {{"x", 1}, {"y", 2}}}}) {
    CAPTURE(text);
    const auto plan = plan_set(user_file(text), {"a"}, value, false);
    REQUIRE(plan);
    CHECK_FALSE(plan->changed());
    CHECK(plan->keys.empty());
  }
}

TEST_CASE("a member is removed with its comma and its comment") {
  struct Row {
    std::string before;
    Path path;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"{\"a\": 1, \"b\": 2}", {"a"}, "{\"b\": 2}"},
      {"{\"a\": 1, \"b\": 2}", {"b"}, "{\"a\": 1}"},
      {"{\n  \"a\": 1, // one\n  // two\n  \"b\": 2\n}", {"a"}, "{\n  // two\n  \"b\": 2\n}"},
      {"{\"env\": {\"A\": \"x\"}}", {"env", "A"}, "{\"env\": {}}"},
      {"{\"a\": 1, \"x\": 0, \"a\": 2}", {"a"}, "{\"x\": 0}"},
      {"{\"m\": {\"a.b\": 1, \"a\": {\"b\": 2}}}", {"m", "a.b"}, "{\"m\": {\"a\": {\"b\": 2}}}"},
      {R"({"env": {"K": "1"}, "x": 0, "env": {"K": "2", "L": "3"}})", {"env", "K"}, R"({"env": {}, "x": 0, "env": {"L": "3"}})"},
      {R"({"env": {"K": "1"}, "env": {"L": "3"}})", {"env", "K"}, R"({"env": {}, "env": {"L": "3"}})"},
      {R"({"env": {"K": "1"}, "env": 5})", {"env", "K"}, R"({"env": {}, "env": 5})"},
  }));
  CAPTURE(row.before);
  const auto plan = plan_remove(user_file(row.before), row.path, false);
  REQUIRE(plan);
  CHECK(plan->new_text == row.expected);
  CHECK(plan->keys == std::vector<Path>{row.path});
}

TEST_CASE("removing what is not there changes nothing, and makes no file") {
  for (const Text& text : {Text(), Text("{\"a\": {\"b\": 1}} "), Text("{\"env\": 5}")}) {
    for (const Path& path : {Path{"x"}, Path{"a", "b", "c"}, Path{"env", "A"}}) {
      const auto plan = plan_remove(user_file(text), path, false);
      REQUIRE(plan);
      CHECK_FALSE(plan->changed());
      CHECK(plan->keys.empty());
    }
  }
}

TEST_CASE("where a name occurs twice on the way that is said") {
  const auto plan = plan_set(user_file(R"({"env": {"A": "1"}, "env": {"A": "1", "A": "2"}})"), {"env", "A"}, "3", false);
  REQUIRE(plan);
  CHECK(plan->new_text == R"({"env": {"A": "1"}, "env": {"A": "1", "A": "3"}})");
  REQUIRE(plan->warnings.size() == 2);
  CHECK(plan->warnings[0].code == "F806");
  CHECK(plan->warnings[0].message == "env occurs twice in /u/settings.json; the last one counts and is the one edited.");
  CHECK(contains(plan->warnings[1].message, "env.A occurs twice"));
}

TEST_CASE("where a name that is removed occurs twice that is said, too") {
  const auto plan = plan_remove(user_file(R"({"env": {"A": "1"}, "env": {"A": "1", "A": "2"}})"), {"env", "A"}, false);
  REQUIRE(plan);
  CHECK(plan->new_text == R"({"env": {}, "env": {}})");
  REQUIRE(plan->warnings.size() == 2);
  CHECK(plan->warnings[0].code == "F806");
  CHECK(plan->warnings[0].message == "env occurs twice in /u/settings.json; what was removed is gone from all of them.");
  CHECK(contains(plan->warnings[1].message, "env.A occurs twice"));
  CHECK(plan_remove(user_file(R"({"env": {}, "env": {}})"), {"env", "A"}, false)->warnings.empty());
}

TEST_CASE("trailing commas go with the change where that is asked for, else nothing is planned") {
  const SettingsFile file = user_file("{\"a\": [1,], // x\n}");
  CHECK(plan_set(file, {"b"}, 2, true)->new_text == "{\"a\": [1], // x\n  \"b\": 2\n}");
  CHECK(plan_remove(file, {"a"}, true)->changed());
  for (const auto& plan : {plan_set(file, {"b"}, 2, false), plan_remove(file, {"a"}, false)}) {
    const Error error = refusal(plan);
    CHECK(wire_code(error.kind) == -32020);
    CHECK(error.data.at("line") == 1);
    CHECK(error.data.at("column") == 9);
    CHECK(contains(error.data.at("repair"), "-{\"a\": [1,], // x"));
  }
}

TEST_CASE("what cannot be edited is refused with its place") {
  struct Row {
    std::string text;
    Path path;
    std::string words;
    int line;
  };
  const auto row = GENERATE(values<Row>({
      {"{\n\"a\" 1}", {"a"}, "does not parse", 2},
      {"[1]", {"a"}, "The top level in /u/settings.json is not what Qwen Code reads: expected an object", 1},
      {"{\n\n\"a\": \"s\"}", {"a", "b"}, "a in /u/settings.json is not what Qwen Code reads: expected an object", 3},
      {"{\"a\": {\"b\": [1]}}", {"a", "b", "c"}, "a.b in /u/settings.json", 1},
  }));
  CAPTURE(row.text);
  const Error error = refusal(plan_set(user_file(row.text), row.path, 1, false));
  CHECK(wire_code(error.kind) == -32020);
  CHECK(contains(error.message, row.words));
  CHECK(error.data.at("path") == "/u/settings.json");
  CHECK(error.data.at("line") == row.line);
}

TEST_CASE("an empty file has no line to mend") {
  const auto hint = [](const char* text) { return refusal(plan_set(user_file(text), {"a"}, 1, false)).hint; };
  CHECK(hint("") == "Delete it or write {} into it, then try again. Nothing was changed.");
  CHECK(hint(" \r\n\t\n") == "Delete it or write {} into it, then try again. Nothing was changed.");
  CHECK(hint("{\"a\" 1}") == "Mend this line, then try again. Nothing was changed.");
}

TEST_CASE("a document cannot be made deeper than 64 levels") {
  const SettingsFile file = user_file(nested_objects(60));
  const Path path(60, "a");
  CHECK(plan_set(file, path, Json::parse(nested_objects(4)), false));
  const Error error = refusal(plan_set(file, path, Json::parse(nested_objects(5)), false));
  CHECK(wire_code(error.kind) == -32020);
  CHECK(contains(error.message, "does not fit into /u/settings.json"));
  CHECK(contains(error.hint, "Nothing was changed."));
}

TEST_CASE("a refused value names neither itself nor a former one") {
  const Error error = refusal(plan_set(user_file(R"({"env": {"K": "sk-former-0000000"}})"), {"env", "K"}, 1234567890123, false));
  CHECK(wire_code(error.kind) == -32012);
  CHECK_FALSE(contains(error.message + error.hint, "1234567890123"));
  CHECK_FALSE(contains(error.message + error.hint, "former"));
}

}  // namespace authd::core
