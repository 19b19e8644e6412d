// A file that cannot be edited is never written: what is wrong with it, and where.
#include <catch2/catch.hpp>

#include "daemon/core/settings.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::openrouter;
using test::try_plan;

Error refused(const std::string& user) {
  return test::refusal(try_plan({.user = user}, openrouter(), "sk-new-0123456789"));
}

}  // namespace

TEST_CASE("a file that does not parse is settings_unreadable with its path, line and column") {
  struct Row {
    std::string text;
    int line, column;
  };
  const auto row = GENERATE(values<Row>({
      {"", 1, 1},
      {"\n\n", 3, 1},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3},
      {"{\n  \"é\": }", 2, 8},
      {"{\"a\": 1", 1, 8},
      {"<<<<<<< HEAD\n{}", 1, 1},
      {"{\"a\": 1,}}", 1, 10},
  }));
  CAPTURE(row.text);
  const Error error = refused(row.text);
  CHECK(wire_code(error.kind) == -32020);
  CHECK(error.data.at("path") == "/home/u/.qwen/settings.json");
  CHECK(error.data.at("line") == row.line);
  CHECK(error.data.at("column") == row.column);
  CHECK_FALSE(error.data.contains("repair"));
  CHECK_FALSE(error.hint.empty());
  CHECK(contains(error.message, "line " + std::to_string(row.line)));
}

TEST_CASE("a member of the wrong shape on our path is settings_unreadable and named") {
  struct Row {
    std::string text, member;
    int line, column;
  };
  const auto row = GENERATE(values<Row>({
      {"[]", "", 1, 1},
      {"null", "", 1, 1},
      {"7", "", 1, 1},
      {"{\n  \"env\": []\n}", "env", 2, 10},
      {"{\"env\": \"x\"}", "env", 1, 9},
      {"{\"modelProviders\": []}", "modelProviders", 1, 20},
      {"{\"$version\": 4, \"modelProviders\": {\"openai\": {\"models\": []}}}", "modelProviders.openai", 1, 46},
      {"{\"modelProviders\": {\"openai\": \"x\"}}", "modelProviders.openai", 1, 31},
      {"{\"security\": true}", "security", 1, 14},
      {"{\"security\": {\"auth\": 5}}", "security.auth", 1, 23},
      {"{\"$version\": 4, \"model\": \"qwen3-coder\"}", "model", 1, 26},
  }));
  CAPTURE(row.text);
  const Error error = refused(row.text);
  CHECK(wire_code(error.kind) == -32020);
  CHECK(error.data.at("line") == row.line);
  CHECK(error.data.at("column") == row.column);
  CHECK(contains(error.message, row.member));
}

TEST_CASE("a wrong shape beside our path does not matter") {
  const std::string text = R"({"modelProviders": {"gemini": {"models": []}, "x": 1}, "ui": 5, "security": {"auth": {"selectedType": []}}})";
  const auto made = try_plan({.user = text}, openrouter());
  REQUIRE(made);
  CHECK(contains(made->new_text, R"("gemini": {"models": []}, "x": 1)"));
}

TEST_CASE("a file that only trailing commas spoil is refused with the diff that would mend it") {
  const std::string text = "{\n  \"env\": {\n    \"OTHER\": \"sk-other-0123456789\",\n  },\n}\n";
  const Error error = refused(text);
  CHECK(wire_code(error.kind) == -32020);
  CHECK(error.data.at("line") == 3);
  CHECK(error.data.at("column") == 35);
  const std::string repair = error.data.at("repair");
  for (const char* line : {"\n-    \"OTHER\": \"sk-••••••••••••••••\",\n", "\n+    \"OTHER\": \"sk-••••••••••••••••\"\n", "\n-  },\n", "\n+  }\n"}) {
    CAPTURE(line, repair);
    CHECK(contains(repair, line));
  }
  CHECK_FALSE(contains(repair, "sk-other"));
}

TEST_CASE("a repair goes into the same write, and only where it is asked for") {
  const std::string text = "{\n  // mine\n  \"ui\": [1, 2,],\n  \"model\": {\"name\": \"x\",}, // behind\n}\n";
  const auto made = try_plan({.user = text}, openrouter(), "k", "auto", {}, true);
  REQUIRE(made);
  Json value = test::read_value(made->new_text);
  CHECK(value["ui"] == Json::parse("[1, 2]"));
  CHECK(value["model"]["name"] == "qwen/qwen3-coder");
  CHECK(contains(made->new_text, "  // mine\n  \"ui\": [1, 2],\n"));
  CHECK(made->file.text() == text);
}

TEST_CASE("a repair mends nothing but trailing commas") {
  CHECK_FALSE(try_plan({.user = "{\"a\": 1,}}"}, openrouter(), "k", "auto", {}, true));
  CHECK_FALSE(try_plan({.user = "{\"a\": ,}"}, openrouter(), "k", "auto", {}, true));
  CHECK_FALSE(try_plan({.user = "{'a': 1}"}, openrouter(), "k", "auto", {}, true));
}

TEST_CASE("a repair that is asked for where nothing is broken changes nothing more") {
  const std::string text = "{\n  \"a\": 1\n}\n";
  CHECK(try_plan({.user = text}, openrouter(), "k", "auto", {}, true)->new_text == try_plan({.user = text}, openrouter(), "k")->new_text);
}

TEST_CASE("a file that cannot be read at all is refused with what the system said") {
  SettingsFiles files = test::settings_files({.user = "{}"});
  files.user.document.reset();
  files.user.trouble = Error{ErrorKind::settings_not_writable, "It is a directory.", {}, {}, {{"errno", "EISDIR"}}};
  const auto made = plan_installation(files, {}, {"auto", openrouter(), "k", false});
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == ErrorKind::settings_not_writable);
  CHECK(made.error().data.at("errno") == "EISDIR");
}

TEST_CASE("a broken file of another scope does not keep the target from being written") {
  CHECK(try_plan({.user = "{}", .workspace = "{", .system = "[1", .system_defaults = ""}, openrouter()));
  CHECK(try_plan({.user = "[]", .workspace = R"({"modelProviders": {}})", .system = "7"}, openrouter()));
}

TEST_CASE("an error never shows what the file holds") {
  for (const std::string text : {"{\"env\": {\"A\": \"sk-canary-0123456789\"} \"x\"}", "{\"env\": \"sk-canary-0123456789\"}",
                                 "{\"env\": {\"A\": \"sk-canary-0123456789\",}}", "{\"env\": {\"A\": \"sk-canary-0123456789\"}, }"}) {
    CAPTURE(text);
    CHECK_FALSE(contains(dump(to_json(refused(text))), "canary"));
  }
}

}  // namespace authd::core
