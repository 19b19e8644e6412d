// What the flow of a provider writes and removes (facts, 4, 5; the documentation on switching).
#include <catch2/catch.hpp>

#include "support.hpp"

namespace authd::core {
namespace {

using test::plan;
using test::read_value;

const std::string china = "https://coding.dashscope.aliyuncs.com/v1", global = "https://coding-intl.dashscope.aliyuncs.com/v1",
                  beijing = "https://dashscope.aliyuncs.com/compatible-mode/v1";

Installation of(const char* provider, const std::string& base_url, std::vector<std::string> ids = {}) {
  const Provider* row = find_provider(provider);
  if (ids.empty())
    for (const TemplateModel& model : row->models_at(base_url)) ids.emplace_back(model.id);
  return {"openai", base_url, ids, row};
}

std::vector<std::string> names(const Json& settings) {
  std::vector<std::string> all;
  for (const Json& entry : settings["modelProviders"]["openai"]) all.push_back(entry["name"]);
  return all;
}

}  // namespace

TEST_CASE("the Coding Plan writes what 0.15.6 wrote, the version's hash included (facts, 4)") {
  const Json made = read_value(plan({}, of("coding-plan", china), "sk-sp-1234567890").new_text);
  CHECK(made["env"] == Json{{"BAILIAN_CODING_PLAN_API_KEY", "sk-sp-1234567890"}});
  CHECK(made["codingPlan"] ==
        Json{{"region", "china"}, {"version", "793dbc7512eec8838b5a8f3cb4c7baf9c516d6b06439c30929d394fb22a0d26d"}});
  CHECK(made["modelProviders"]["openai"].size() == 9);
  CHECK(made["security"]["auth"]["selectedType"] == "openai");
  CHECK(made["model"] == Json{{"name", "qwen3.5-plus"}});
  CHECK_FALSE(made.contains("providerMetadata"));
  const Json other = read_value(plan({}, of("coding-plan", global), "sk-sp-1234567890").new_text);
  CHECK(other["codingPlan"] ==
        Json{{"region", "global"}, {"version", "2e8bb143fced23e2e092f56c5e1e27a1e459a054aba71ac5a6a6eaff8831f7c1"}});
  CHECK(other["modelProviders"]["openai"][0]["name"] == "[ModelStudio Coding Plan for Global/Intl] qwen3.5-plus");
}

TEST_CASE("a file that has the newer metadata gets the newer metadata") {
  const Json made = read_value(
      plan({.user = R"({"providerMetadata": {"deepseek": {"version": "v"}}})"}, of("coding-plan", china), "sk-sp-1234567890").new_text);
  CHECK_FALSE(made.contains("codingPlan"));
  CHECK(made["providerMetadata"]["coding-plan"]["baseUrl"] == china);
  CHECK(made["providerMetadata"]["coding-plan"]["version"].get<std::string>().size() == 64);
  CHECK(made["providerMetadata"]["deepseek"] == Json{{"version", "v"}});
  const Json both = read_value(plan({.user = R"({"providerMetadata": {}, "codingPlan": {"region": "global", "version": "1"}})"},
                                    of("coding-plan", china), "sk-sp-1234567890").new_text);
  CHECK(both["codingPlan"]["region"] == "china");
  CHECK(both["providerMetadata"]["coding-plan"]["baseUrl"] == china);
}

TEST_CASE("another region takes the place of the first, and nobody else's entries") {
  const auto first = plan({.user = R"({"modelProviders": {"openai": [
    {"id": "mine", "name": "mine", "baseUrl": "https://a.example/v1", "envKey": "MINE"},
    {"id": "glm-5", "name": "own", "baseUrl": "https://proxy.example/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"}]}})"},
                          of("coding-plan", china), "sk-sp-1234567890");
  const auto second = plan({.user = first.new_text}, of("coding-plan", global), "sk-sp-0987654321");
  const Json made = read_value(second.new_text);
  CHECK(made["modelProviders"]["openai"].size() == 11);
  CHECK(names(made)[0] == "[ModelStudio Coding Plan for Global/Intl] qwen3.5-plus");
  CHECK(names(made)[9] == "mine");
  CHECK(names(made)[10] == "own");
  CHECK(made["env"]["BAILIAN_CODING_PLAN_API_KEY"] == "sk-sp-0987654321");
  CHECK(made["codingPlan"]["region"] == "global");
}

TEST_CASE("tuning done by hand stays when a plan is set up again, what is missing comes from the template") {
  const auto again = plan({.user = R"({"modelProviders": {"openai": [{"id": "glm-5", "name": "x", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1",
    "envKey": "BAILIAN_CODING_PLAN_API_KEY", "generationConfig": {"contextWindowSize": 5, "timeout": 9}, "capabilities": {"vision": true}}]}})"},
                          of("coding-plan", china), "sk-sp-1234567890");
  const Json settings = read_value(again.new_text);
  for (const Json& entry : settings["modelProviders"]["openai"])
    if (entry["id"] == "glm-5") {
      CHECK(entry["generationConfig"] == Json{{"contextWindowSize", 5}, {"timeout", 9}, {"extra_body", {{"enable_thinking", true}}}});
      CHECK(entry["capabilities"] == Json{{"vision", true}});
      CHECK(entry["name"] == "[ModelStudio Coding Plan] glm-5");
    }
}

TEST_CASE("the standard key removes the Coding Plan's entries, key and metadata, and keeps the rest") {
  const std::string before = R"({
  // mine
  "env": {"BAILIAN_CODING_PLAN_API_KEY": "sk-sp-1234567890", "MINE": "k"},
  "codingPlan": {"region": "china", "version": "1"},
  "providerMetadata": {"coding-plan": {"version": "1"}, "deepseek": {"version": "2"}},
  "modelProviders": {"openai": [
    {"id": "glm-5", "name": "[ModelStudio Coding Plan] glm-5", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"},
    {"id": "old", "name": "[ModelStudio Standard] old", "baseUrl": "https://dashscope-us.aliyuncs.com/compatible-mode/v1", "envKey": "DASHSCOPE_API_KEY"},
    {"id": "own", "name": "own", "baseUrl": "https://proxy.example/v1", "envKey": "DASHSCOPE_API_KEY"},
    {"id": "mine", "name": "mine", "baseUrl": "https://a.example/v1", "envKey": "MINE"}],
    "anthropic": [{"id": "c", "envKey": "C"}]},
  "ui": {"theme": "x"}
})";
  const auto made = plan({.user = before}, of("alibaba-standard", beijing), "sk-1234567890ab");
  const Json after = read_value(made.new_text);
  CHECK(after["env"] == Json{{"MINE", "k"}, {"DASHSCOPE_API_KEY", "sk-1234567890ab"}});
  CHECK_FALSE(after.contains("codingPlan"));
  CHECK(after["providerMetadata"] == Json{{"deepseek", {{"version", "2"}}}});
  CHECK(names(after) == std::vector<std::string>{"[ModelStudio Standard] qwen3.5-plus", "[ModelStudio Standard] glm-5",
                                                 "[ModelStudio Standard] kimi-k2.5", "own", "mine"});
  CHECK(after["modelProviders"]["anthropic"] == Json::array({{{"id", "c"}, {"envKey", "C"}}}));
  CHECK(after["ui"] == Json{{"theme", "x"}});
  CHECK(made.new_text.find("// mine") != std::string::npos);
  CHECK(after["model"]["name"] == "qwen3.5-plus");
}

TEST_CASE("other providers remove their own entries only: the Coding Plan stays beside them") {
  const auto first = plan({}, of("coding-plan", china), "sk-sp-1234567890");
  const Json after = read_value(plan({.user = first.new_text}, of("deepseek", "https://api.deepseek.com"), "sk-1234567890ab").new_text);
  CHECK(after["modelProviders"]["openai"].size() == 11);
  CHECK(after["env"].size() == 2);
  CHECK(after["codingPlan"]["region"] == "china");
  CHECK(after["model"]["name"] == "deepseek-v4-pro");
}

TEST_CASE("a key that is kept elsewhere is not written, and a former copy goes") {
  const std::string before = R"({"env": {"DEEPSEEK_API_KEY": "sk-old-1234567890", "MINE": "k"}})";
  const Installation wanted = of("deepseek", "https://api.deepseek.com");
  const auto made = plan_installation(test::settings_files({.user = before}), {},
                                      {.installation = wanted, .api_key = "sk-new-1234567890", .key_in_settings = false, .with_patch = true});
  REQUIRE(made);
  const Json after = read_value(made->new_text);
  CHECK(after["env"] == Json{{"MINE", "k"}});
  CHECK(after["modelProviders"]["openai"][0]["envKey"] == "DEEPSEEK_API_KEY");
  CHECK_FALSE(made->patch.contains("env"));
  CHECK(made->new_text.find("sk-new") == std::string::npos);
}

}  // namespace authd::core
