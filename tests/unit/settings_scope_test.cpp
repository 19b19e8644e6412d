// Which file is written: the PRD's persist scope (facts, 2), and what the others' lists mean for it.
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::find_warning;
using test::openrouter;
using test::plan;
using test::read_value;
using test::SettingsTexts;

const std::string user_list = R"({
  "modelProviders": {
    "openai": [
      {"id": "u1", "baseUrl": "https://u/v1", "envKey": "U", "generationConfig": {"timeout": 5}},
      {"id": "u2", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1", "baseUrl": "https://openrouter.ai/api/v1"}
    ],
    "gemini": [{"id": "g1"}]
  }
})";

}  // namespace

TEST_CASE("the workspace is written where it is trusted and has modelProviders, else the user's file") {
  struct Row {
    std::string what;
    SettingsTexts texts;
    Scope scope;
  };
  const auto row = GENERATE(values<Row>({
      {"no workspace", {.user = "{}"}, Scope::user},
      {"no file at all", {}, Scope::user},
      {"a workspace without a file", {.user = "{}", .in_workspace = true}, Scope::user},
      {"a workspace without modelProviders", {.workspace = R"({"model": {"name": "x"}})"}, Scope::user},
      {"a workspace with modelProviders", {.workspace = R"({"modelProviders": {"openai": []}})"}, Scope::workspace},
      {"the key alone counts: empty", {.workspace = R"({"modelProviders": {}})"}, Scope::workspace},
      {"the key alone counts: null", {.workspace = R"({"modelProviders": null})"}, Scope::workspace},
      {"a workspace's wins over the user's", {.user = user_list, .workspace = R"({"modelProviders": {}})"}, Scope::workspace},
      {"a workspace that is not trusted", {.workspace = R"({"modelProviders": {}})", .trusted = false}, Scope::user},
      {"a workspace that does not parse", {.workspace = R"({"modelProviders": )"}, Scope::user},
      {"modelProviders somewhere else", {.workspace = R"({"x": {"modelProviders": {}}})"}, Scope::user},
      {"the system's files never", {.system = R"({"modelProviders": {}})", .system_defaults = R"({"modelProviders": {}})"}, Scope::user},
  }));
  CAPTURE(row.what);
  CHECK(persist_scope(test::settings_files(row.texts)) == row.scope);
  CHECK(plan(row.texts, openrouter()).file.scope == row.scope);
}

TEST_CASE("a scope that is asked for is taken") {
  const SettingsTexts texts{.user = "{}", .workspace = R"({"modelProviders": {}})"};
  CHECK(plan(texts, openrouter(), "k", "user").file.path == "/home/u/.qwen/settings.json");
  CHECK(plan(texts, openrouter(), "k", "workspace").file.path == "/repo/.qwen/settings.json");
  CHECK(plan({.user = "{}", .in_workspace = true}, openrouter(), "k", "workspace").file.path == "/repo/.qwen/settings.json");
}

TEST_CASE("the workspace scope without a workspace is refused") {
  const auto made = test::try_plan({.user = "{}"}, openrouter(), "k", "workspace");
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == ErrorKind::invalid_input);
  CHECK(made.error().field == "scope");
}

TEST_CASE("writing into a workspace that is not trusted warns that it has no effect") {
  const InstallationPlan made = plan({.user = "{}", .workspace = "{}", .trusted = false}, openrouter(), "k", "workspace");
  CHECK(made.file.scope == Scope::workspace);
  CHECK(find_warning(made.warnings, "P406", "not trusted") != nullptr);
}

TEST_CASE("everything is written to the one scope") {
  const InstallationPlan made = plan({.user = user_list, .workspace = R"({"modelProviders": {"openai": []}})"}, openrouter(), "the-key");
  Json value = read_value(made.new_text);
  CHECK(value["env"]["QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"] == "the-key");
  CHECK(value["security"]["auth"]["selectedType"] == "openai");
  CHECK(value["model"]["name"] == "qwen/qwen3-coder");
}

TEST_CASE("a list of the workspace's own is the one that is kept, without the user's") {
  const InstallationPlan made = plan({.user = user_list, .workspace = R"({"modelProviders": {"openai": [{"id": "w1", "envKey": "W"}]}})"}, openrouter());
  Json list = read_value(made.new_text)["modelProviders"]["openai"];
  REQUIRE(list.size() == 3);
  CHECK(list[2] == Json{{"id", "w1"}, {"envKey", "W"}});
  CHECK(find_warning(made.warnings, "P407") == nullptr);
}

TEST_CASE("where the workspace has no list the user's is copied, and every copied model is named") {
  const auto workspace = GENERATE(as<std::string>(), R"({"modelProviders": {}})", R"({"modelProviders": null})",
                                  R"({"modelProviders": {"gemini": []}})", R"({"modelProviders": {"openai": null}})");
  CAPTURE(workspace);
  const InstallationPlan made = plan({.user = user_list, .workspace = workspace}, openrouter());
  Json list = read_value(made.new_text)["modelProviders"]["openai"];
  REQUIRE(list.size() == 3);
  CHECK(list[0]["id"] == "qwen/qwen3-coder");
  CHECK(list[1]["id"] == "openai/gpt-4.1");
  CHECK(list[2] == Json::parse(R"({"id": "u1", "baseUrl": "https://u/v1", "envKey": "U", "generationConfig": {"timeout": 5}})"));
  const Warning* warning = find_warning(made.warnings, "P407", "u1");
  REQUIRE(warning != nullptr);
  CHECK(contains(warning->message, "/home/u/.qwen/settings.json"));
  CHECK_FALSE(contains(warning->message, "u2"));  // replaced, not copied
}

TEST_CASE("a copied list may hold entries that Qwen Code could not read") {
  const auto entry = GENERATE(as<std::string>(), R"({"id": 5, "envKey": "X"})", R"({"id": null})", R"({"id": {}})", "null", "7", R"("x")", "[]");
  CAPTURE(entry);
  const InstallationPlan made = plan({.user = R"({"modelProviders": {"openai": [)" + entry + "]}}", .workspace = R"({"modelProviders": {}})"}, openrouter());
  CHECK(read_value(made.new_text)["modelProviders"]["openai"].at(2) == Json::parse(entry));
}

TEST_CASE("a trailing comma of the user's file is not copied, but the comments are") {
  const InstallationPlan made = plan({.user = R"({"modelProviders": {"openai": [{"id": "u1", /* kept */ "envKey": "U",},],}})",
                          .workspace = R"({"modelProviders": {}})"},
                         openrouter());
  CHECK(contains(made.new_text, R"({"id": "u1", /* kept */ "envKey": "U"})"));
  CHECK(read_value(made.new_text)["modelProviders"]["openai"].at(2)["id"] == "u1");
}

TEST_CASE("what no longer fits into the file is refused") {
  const std::string user = "{\"x\": \"" + std::string(33'554'432 - 10, 'x') + "\"}";
  const auto refused = test::try_plan({.user = user}, openrouter());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::settings_unreadable);
  CHECK(contains(refused.error().message, "larger than 32 MiB"));
}

TEST_CASE("entries of the system's files are never copied") {
  const std::string list = R"({"modelProviders": {"openai": [{"id": "s1", "envKey": "S"}]}})";
  const InstallationPlan into_user = plan({.user = "{}", .system = list, .system_defaults = list}, openrouter());
  CHECK_FALSE(contains(into_user.new_text, "s1"));
  const InstallationPlan into_workspace = plan({.user = "{}", .workspace = R"({"modelProviders": {}})", .system = list, .system_defaults = list}, openrouter());
  CHECK_FALSE(contains(into_workspace.new_text, "s1"));
  CHECK(find_warning(into_workspace.warnings, "P407") == nullptr);
}

TEST_CASE("a user's file that does not parse does not keep the workspace from being written") {
  const InstallationPlan made = plan({.user = "{", .workspace = R"({"modelProviders": {}})"}, openrouter());
  CHECK(made.file.scope == Scope::workspace);
  CHECK(read_value(made.new_text)["modelProviders"]["openai"].size() == 2);
}

TEST_CASE("the merge takes a member from the highest scope that has it") {
  const SettingsFiles files = test::settings_files({.user = R"({"a": {"b": 2, "c": 2}})",
                                                    .workspace = R"({"a": {"b": 3}})",
                                                    .system = R"({"a": {"d": 4}})",
                                                    .system_defaults = R"({"a": {"b": 1, "e": 1}})"});
  struct Row {
    std::string name;
    int value;
    Scope scope;
  };
  for (const Row& row : {Row{"b", 3, Scope::workspace}, Row{"c", 2, Scope::user}, Row{"d", 4, Scope::system},
                         Row{"e", 1, Scope::system_defaults}}) {
    CAPTURE(row.name);
    const std::vector<std::string> path{"a", row.name};
    const auto found = merged_value(files, path);
    REQUIRE(found);
    CHECK(found->value == row.value);
    CHECK(found->scope == row.scope);
  }
  CHECK_FALSE(merged_value(files, std::vector<std::string>{"a", "x"}));
}

TEST_CASE("a workspace that is not trusted takes no part in the merge") {
  const SettingsFiles files = test::settings_files({.user = R"({"a": 1})", .workspace = R"({"a": 2})", .trusted = false});
  CHECK(merged_value(files, std::vector<std::string>{"a"})->value == 1);
  CHECK(model_entries(test::settings_files({.workspace = user_list, .trusted = false}), Scope::user).empty());
  CHECK(model_entries(test::settings_files({.workspace = user_list}), Scope::user).size() == 3);
}

TEST_CASE("the entries of the file that is written count, even while its folder is not trusted") {
  const SettingsTexts texts{.workspace = R"({"modelProviders": {"openai": [{"id": "x", "baseUrl": "https://openrouter-ai/api/v1",
      "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"}]}})", .trusted = false};
  CHECK(plan(texts, openrouter(), "k", "workspace").env_key == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27");
  CHECK(plan(texts, openrouter(), "k", "user").env_key == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1");
}

}  // namespace authd::core
