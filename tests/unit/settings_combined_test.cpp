// The settings as Qwen Code sees them: four files as one, and where each member comes from.
#include <catch2/catch.hpp>

#include "daemon/core/settings_merge.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

struct Combined {
  Json value = Json::object(), origins = Json::object();
};

Combined combined(const test::SettingsTexts& texts) {
  const MergedSettings merged = merge(test::settings_files(texts));
  Combined result{merged.value};
  for (const auto& [path, scope] : merged.origins) result.origins[path_text(path)] = scope_name(scope);
  return result;
}

}  // namespace

TEST_CASE("files are merged low to high, and each member knows its file") {
  struct Row {
    std::string what;
    test::SettingsTexts texts;
    std::string value, origins;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing", {}, "{}", "{}"},
      {"the order of the scopes",
       {.user = R"({"a": "u", "b": "u", "c": "u"})", .workspace = R"({"b": "w", "c": "w"})", .system = R"({"c": "s"})",
        .system_defaults = R"({"a": "d", "d": "d"})"},
       R"({"a": "u", "b": "w", "c": "s", "d": "d"})",
       R"({"a": "user", "b": "workspace", "c": "system", "d": "system-defaults"})"},
      {"objects member by member", {.user = R"({"ui": {"x": {"a": 1, "b": 1}}})", .workspace = R"({"ui": {"x": {"b": 2}, "y": 3}})"},
       R"({"ui": {"x": {"a": 1, "b": 2}, "y": 3}})", R"({"ui.x.a": "user", "ui.x.b": "workspace", "ui.y": "workspace"})"},
      {"arrays replace", {.user = R"({"a": [1, 2]})", .workspace = R"({"a": [3]})"}, R"({"a": [3]})", R"({"a": "workspace"})"},
      {"providers one by one, their lists whole",
       {.user = R"({"modelProviders": {"openai": [{"id": "u"}], "gemini": [{"id": "g"}]}})",
        .workspace = R"({"modelProviders": {"openai": [{"id": "w"}], "mine": []}})"},
       R"({"modelProviders": {"openai": [{"id": "w"}], "gemini": [{"id": "g"}], "mine": []}})",
       R"({"modelProviders.openai": "workspace", "modelProviders.gemini": "user", "modelProviders.mine": "workspace"})"},
      {"env name by name", {.user = R"({"env": {"A": "1", "B": "1"}})", .workspace = R"({"env": {"B": "2"}})"},
       R"({"env": {"A": "1", "B": "2"}})", R"({"env.A": "user", "env.B": "workspace"})"},
      {"a server is one thing", {.user = R"({"mcpServers": {"s": {"command": "a", "args": []}, "t": {}}})",
                                 .workspace = R"({"mcpServers": {"s": {"url": "b"}}})"},
       R"({"mcpServers": {"s": {"url": "b"}, "t": {}}})", R"({"mcpServers.s": "workspace", "mcpServers.t": "user"})"},
      {"an object over a value", {.user = R"({"a": 1})", .workspace = R"({"a": {"b": 2}})"}, R"({"a": {"b": 2}})",
       R"({"a.b": "workspace"})"},
      {"a value over an object", {.user = R"({"a": {"b": {"c": 1}}, "ab": 1})", .workspace = R"({"a": 2})"}, R"({"a": 2, "ab": 1})",
       R"({"a": "workspace", "ab": "user"})"},
      {"an empty object hides nothing", {.user = R"({"a": {"b": 1}})", .workspace = R"({"a": {}, "e": {}})"}, R"({"a": {"b": 1}, "e": {}})",
       R"({"a.b": "user", "e": "workspace"})"},
      {"an empty object is filled", {.user = R"({"a": {}})", .workspace = R"({"a": {"b": 1}})"}, R"({"a": {"b": 1}})",
       R"({"a.b": "workspace"})"},
      {"what a workspace may not say",
       {.user = R"({"tools": {"executionSandbox": "u", "x": 1}})",
        .workspace = R"({"tools": {"executionSandbox": "w", "x": 2}, "security": {"allowPrivateNetworkHooks": true}})"},
       R"({"tools": {"executionSandbox": "u", "x": 2}, "security": {}})", R"({"tools.executionSandbox": "user", "tools.x": "workspace"})"},
      {"but the system may", {.workspace = R"({"tools": {"executionSandbox": "w"}})", .system = R"({"tools": {"executionSandbox": "s"}})"},
       R"({"tools": {"executionSandbox": "s"}})", R"({"tools.executionSandbox": "system"})"},
      {"names that are skipped", {.user = R"({"__proto__": 1, "a": {"constructor": 2, "b": 1}})"}, R"({"a": {"b": 1}})", R"({"a.b": "user"})"},
      {"a workspace that is not trusted", {.user = R"({"a": 1})", .workspace = R"({"a": 2})", .trusted = false}, R"({"a": 1})",
       R"({"a": "user"})"},
      {"a file that does not parse", {.user = "{ broken", .system = R"({"a": 1})"}, R"({"a": 1})", R"({"a": "system"})"},
      {"a file that Qwen Code refuses", {.user = R"({"a": 1,})", .system_defaults = R"({"a": 2})"}, R"({"a": 2})",
       R"({"a": "system-defaults"})"},
      {"a file that is no object", {.user = "[1]", .system = R"({"a": 1})"}, R"({"a": 1})", R"({"a": "system"})"},
      {"the last of two members", {.user = R"({"a": 1, "a": 2})"}, R"({"a": 2})", R"({"a": "user"})"},
  }));
  CAPTURE(row.what);
  const Combined result = combined(row.texts);
  CHECK(result.value == Json::parse(row.value));
  CHECK(result.origins == Json::parse(row.origins));
}

}  // namespace authd::core
