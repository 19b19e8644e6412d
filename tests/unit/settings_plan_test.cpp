// The PRD's Settings Write Design: what an installation makes of the files.
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::openrouter;
using test::plan;
using test::read_value;

Json entry(const std::string& id, const std::string& base_url, const std::string& env_key) {
  return {{"id", id}, {"name", id}, {"baseUrl", base_url}, {"envKey", env_key}};
}

}  // namespace

TEST_CASE("into a new file goes the PRD's example, with the version in front") {
  const InstallationPlan made = plan({}, openrouter());
  CHECK(made.new_text == R"({
  "$version": 4,
  "env": {
    "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "sk-or-v1-xxx"
  },
  "modelProviders": {
    "openai": [
      {
        "id": "qwen/qwen3-coder",
        "name": "qwen/qwen3-coder",
        "baseUrl": "https://openrouter.ai/api/v1",
        "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"
      },
      {
        "id": "openai/gpt-4.1",
        "name": "openai/gpt-4.1",
        "baseUrl": "https://openrouter.ai/api/v1",
        "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"
      }
    ]
  },
  "security": {
    "auth": {
      "selectedType": "openai"
    }
  },
  "model": {
    "name": "qwen/qwen3-coder"
  }
}
)");
  CHECK(made.file.path == "/home/u/.qwen/settings.json");
  CHECK(made.env_key == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1");
  CHECK_FALSE(made.file.exists);
  CHECK(made.file.etag == "absent");
  CHECK(made.changed());
  CHECK(made.warnings.empty());
}

TEST_CASE("each protocol has its own list, its own type and its own name") {
  struct Row {
    std::string protocol, base_url, env_key;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "http://localhost:11434/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_LOCALHOST_11434_V1"},
      {"anthropic", "https://api.anthropic.com", "QWEN_CUSTOM_API_KEY_ANTHROPIC_HTTPS_API_ANTHROPIC_COM"},
      {"gemini", "https://generativelanguage.googleapis.com",
       "QWEN_CUSTOM_API_KEY_GEMINI_HTTPS_GENERATIVELANGUAGE_GOOGLEAPIS_COM"},
  }));
  CAPTURE(row.protocol);
  Json expected = {{"env", {{row.env_key, "the-key-itself"}}},
                         {"modelProviders", {{row.protocol, {entry("m", row.base_url, row.env_key)}}}},
                         {"security", {{"auth", {{"selectedType", row.protocol}}}}},
                         {"model", {{"name", "m"}}}};
  const Installation wanted{row.protocol, row.base_url, {"m"}};
  CHECK(read_value(plan({.user = "{}"}, wanted, "the-key-itself").new_text) == expected);
}

TEST_CASE("the base URL is saved as it was entered") {
  Json value =
      read_value(plan({}, {"anthropic", "https://API.anthropic.com/v1/", {"claude-sonnet-4-5"}}).new_text);
  CHECK(value["modelProviders"]["anthropic"][0]["baseUrl"] == "https://API.anthropic.com/v1/");
}

TEST_CASE("only a new file gets a version") {
  const auto text = GENERATE(as<std::string>(), "{}", "{\"$version\": 3}", "{\"$version\": 99, \"x\": 1}");
  CAPTURE(text);
  Json before = Json::parse(text), after = read_value(plan({.user = text}, openrouter()).new_text);
  CHECK(after.contains("$version") == before.contains("$version"));
  if (before.contains("$version")) CHECK(after["$version"] == before["$version"]);
}

TEST_CASE("planning again on what was written changes nothing") {
  const auto text = GENERATE(as<std::optional<std::string>>(), std::nullopt, "{}",
                             "{\n\t\"env\": {\"A\": \"b\"}, // c\n\t\"model\": {\"baseUrl\": \"http://x\"}\n}");
  const InstallationPlan once = plan({.user = text}, openrouter());
  CHECK(once.changed());
  const InstallationPlan twice = plan({.user = once.new_text}, openrouter());
  CHECK_FALSE(twice.changed());
  CHECK(twice.new_text == once.new_text);
  CHECK(twice.keys.empty());
  CHECK(plan_diff(twice).empty());
}

TEST_CASE("a new key for the same endpoint changes its line and no other byte") {
  const std::string before = plan({}, openrouter(), "sk-former").new_text;
  const InstallationPlan made = plan({.user = before}, openrouter(), "sk-later");
  std::string expected = before;
  expected.replace(expected.find("sk-former"), 9, "sk-later");
  CHECK(made.new_text == expected);
  CHECK(test::key_texts(made.keys) == std::vector<std::string>{"env.QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"});
}

TEST_CASE("the members that change are named") {
  CHECK(test::key_texts(plan({.user = R"({"security": {"auth": {"selectedType": "openai"}}})"}, openrouter()).keys) ==
        std::vector<std::string>{"env.QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1", "modelProviders.openai",
                                 "model.name"});
}

TEST_CASE("the type that was selected and the model are replaced") {
  Json value = read_value(
      plan({.user = R"({"security": {"auth": {"selectedType": "qwen-oauth", "useExternal": false}, "x": 1},
                        "model": {"name": "coder-model", "generationConfig": {"timeout": 1}}})"},
           openrouter())
          .new_text);
  CHECK(value["security"] == Json::parse(R"({"auth": {"selectedType": "openai", "useExternal": false}, "x": 1})"));
  CHECK(value["model"] == Json::parse(R"({"name": "qwen/qwen3-coder", "generationConfig": {"timeout": 1}})"));
}

TEST_CASE("model.baseUrl is kept right where it decides, and is not added elsewhere") {
  struct Row {
    std::string what, user;
    std::optional<std::string> workspace;
    std::optional<std::string> expected;
  };
  const std::string other = R"({"modelProviders": {"openai": [{"id": "ID", "baseUrl": "URL", "envKey": "K"}]}})";
  const auto with = [&](const std::string& id, const std::string& url) {
    std::string text = other;
    text.replace(text.find("ID"), 2, id);
    return text.replace(text.find("URL"), 3, url);
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"an empty file", "{}", {}, {}},
      {"a stale one", R"({"model": {"baseUrl": "https://stale/v1"}})", {}, "https://openrouter.ai/api/v1"},
      {"the right one", R"({"model": {"baseUrl": "https://openrouter.ai/api/v1"}})", {}, "https://openrouter.ai/api/v1"},
      {"the id at a second endpoint", with("qwen/qwen3-coder", "https://b/v1"), {}, "https://openrouter.ai/api/v1"},
      {"another id at a second endpoint", with("other", "https://b/v1"), {}, {}},
      {"a later id at a second endpoint", with("openai/gpt-4.1", "https://b/v1"), {}, {}},
      {"the id at the same endpoint", with("qwen/qwen3-coder", "https://openrouter.ai/api/v1/"), {}, {}},
      {"the id under another protocol",
       R"({"modelProviders": {"gemini": [{"id": "qwen/qwen3-coder", "baseUrl": "https://b", "envKey": "K"}]}})", {}, {}},
      {"the id in the workspace", "{}", R"({"x": 1})", {}},
  }));
  CAPTURE(row.what);
  const InstallationPlan made = plan({.user = row.user, .workspace = row.workspace}, openrouter());
  Json model = read_value(made.new_text)["model"];
  CHECK(model["name"] == "qwen/qwen3-coder");
  CHECK(model.contains("baseUrl") == row.expected.has_value());
  CHECK(made.patch.at("model").contains("baseUrl") == row.expected.has_value());
  if (row.expected) CHECK(model["baseUrl"] == *row.expected);
}

TEST_CASE("the id at a second endpoint in another scope makes model.baseUrl count, too") {
  const InstallationPlan made = plan({.user = "{}", .system = R"({"modelProviders": {"openai": [
      {"id": "qwen/qwen3-coder", "baseUrl": "https://b/v1", "envKey": "K"}]}})"},
                         openrouter());
  CHECK(read_value(made.new_text)["model"]["baseUrl"] == "https://openrouter.ai/api/v1");
}

TEST_CASE("no endpoint takes the key of another one whose name would be the same") {
  const InstallationPlan dotted = plan({}, {"openai", "https://a.b.com/v1", {"m"}}, "key-of-dotted");
  const InstallationPlan dashed = plan({.user = dotted.new_text}, {"openai", "https://a-b.com/v1", {"n"}}, "key-of-dashed");
  Json value = read_value(dashed.new_text);
  CHECK(value["env"] == Json{{"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1", "key-of-dotted"},
                             {"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1_E87D676092CC", "key-of-dashed"}});
  REQUIRE(value["modelProviders"]["openai"].size() == 2);
  CHECK(value["modelProviders"]["openai"][0] == entry("n", "https://a-b.com/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1_E87D676092CC"));
  CHECK(value["modelProviders"]["openai"][1] == entry("m", "https://a.b.com/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1"));
}

TEST_CASE("a name that another scope's endpoint uses is taken, too") {
  const InstallationPlan made = plan({.user = "{}", .system_defaults = R"({"modelProviders": {"openai": [
      {"id": "m", "baseUrl": "https://a.b.com/v1", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1"}]}})"},
                         {"openai", "https://a-b.com/v1", {"n"}});
  CHECK(made.env_key == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1_E87D676092CC");
}

TEST_CASE("what Qwen Code's own wizard set up is replaced under its own name") {
  const std::string name = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27";
  const InstallationPlan made = plan({.user = Json{{"env", {{name, "sk-former"}}},
                                       {"modelProviders", {{"openai", {entry("old", "https://openrouter.ai/api/v1/", name)}}}}}
                                      .dump()},
                         openrouter(), "sk-later");
  Json value = read_value(made.new_text);
  CHECK(made.env_key == name);
  CHECK(value["env"] == Json{{name, "sk-later"}});
  CHECK(value["modelProviders"]["openai"] ==
        Json::array({entry("qwen/qwen3-coder", "https://openrouter.ai/api/v1", name),
                     entry("openai/gpt-4.1", "https://openrouter.ai/api/v1", name)}));
}

TEST_CASE("the patch holds the new entries only, in the order of the PRD, with the key masked") {
  const InstallationPlan made = plan({.user = R"({"env": {"OTHER": "sk-other-secret"}, "modelProviders": {"openai": [
      {"id": "kept", "envKey": "OTHER"}]}})"},
                         openrouter(), "sk-or-v1-1234567890");
  CHECK(made.patch.dump(2) == R"({
  "env": {
    "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "sk-••••••••••••••••"
  },
  "modelProviders": {
    "openai": [
      {
        "id": "qwen/qwen3-coder",
        "name": "qwen/qwen3-coder",
        "baseUrl": "https://openrouter.ai/api/v1",
        "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"
      },
      {
        "id": "openai/gpt-4.1",
        "name": "openai/gpt-4.1",
        "baseUrl": "https://openrouter.ai/api/v1",
        "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"
      }
    ]
  },
  "security": {
    "auth": {
      "selectedType": "openai"
    }
  },
  "model": {
    "name": "qwen/qwen3-coder"
  }
})");
}

TEST_CASE("a short key shows none of its characters in the patch") {
  CHECK(plan({}, openrouter(), "ollama").patch.at("env").at("QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1") ==
        "••••••••••••••••");
}

}  // namespace authd::core
