// Choosing a model, taking models away, logging out: the plans.
#include "daemon/core/selection.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

namespace authd::core {
namespace {

using test::read_value;

const std::string text = R"({
  "env": {"A": "ka", "BAILIAN_CODING_PLAN_API_KEY": "kb"},
  "codingPlan": {"region": "china", "version": "1"},
  "modelProviders": {
    "openai": [
      {"id": "glm-5", "name": "plan", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"},
      {"id": "glm-5", "name": "other", "baseUrl": "https://a.example/v1", "envKey": "A"}, // mine
      {"id": "own", "baseUrl": "https://proxy.example/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"}
    ],
    "gemini": [{"id": "g", "envKey": "A"}]
  },
  "security": {"auth": {"selectedType": "openai"}, "other": 1},
  "model": {"name": "glm-5", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1"}
})";

std::vector<ConfiguredModel> models(const std::string& settings = text, const CliRules& rules = {}) {
  return configured_models(test::settings_files({.user = settings}), {}, rules, {});
}

InstallationPlan select(const Selected& wanted, const test::SettingsTexts& texts = {.user = text}) {
  const auto all = models(*texts.user);
  const auto model = find_model(all, wanted);
  if (!model) throw std::runtime_error(model.error().message);
  auto plan = plan_selection(test::settings_files(texts), {.model = **model, .models = all});
  if (!plan) throw std::runtime_error(plan.error().message);
  return *std::move(plan);
}

}  // namespace

TEST_CASE("a selection writes type and name, and the base URL where one is in the way") {
  const auto gemini = select({"gemini", "g", ""});
  const Json after = read_value(gemini.new_text);
  CHECK(after["security"] == Json{{"auth", {{"selectedType", "gemini"}}}, {"other", 1}});
  // The stale base URL would send the other model's requests elsewhere (runs, 2.2).
  CHECK(after["model"] == Json{{"name", "g"}, {"baseUrl", ""}});
  CHECK(gemini.env_key == "A");
  const auto plain = select({"gemini", "g", ""}, {.user = R"({"modelProviders": {"gemini": [{"id": "g"}]}})"});
  CHECK(read_value(plain.new_text)["model"] == Json{{"name", "g"}});
  CHECK(test::key_texts(plain.keys) == std::vector<std::string>{"security.auth.selectedType", "model.name"});
}

TEST_CASE("of two models with one id the base URL picks, and without it neither is guessed") {
  const auto other = select({"openai", "glm-5", "https://a.example/v1/"});
  CHECK(read_value(other.new_text)["model"] == Json{{"name", "glm-5"}, {"baseUrl", "https://a.example/v1"}});
  CHECK(other.new_text.find("// mine") != std::string::npos);
  const auto all = models();
  const auto unclear = find_model(all, {"openai", "glm-5", ""});
  REQUIRE_FALSE(unclear);
  CHECK(unclear.error().kind == ErrorKind::invalid_input);
  CHECK(unclear.error().field == "baseUrl");
  CHECK(find_model(all, {"openai", "glm-5", "https://b.example/v1"}).error().kind == ErrorKind::unknown_model);
}

TEST_CASE("a model of a mapped provider is told from one of the protocol's own list") {
  const std::string mapped = R"({"providerProtocol": {"my": "openai"}, "modelProviders": {
    "openai": [{"id": "m1", "baseUrl": "https://one.example/v1"}], "my": [{"id": "m1", "baseUrl": "https://two.example/v1"}]}})";
  const auto made = select({"my", "m1", ""}, {.user = mapped});
  CHECK(read_value(made.new_text)["model"] == Json{{"name", "m1"}, {"baseUrl", "https://two.example/v1"}});
  CHECK(read_value(made.new_text)["security"]["auth"]["selectedType"] == "openai");
}

TEST_CASE("a logout leaves the selection of another provider's model of the same id") {
  const auto all = models();
  const auto plan = plan_logout(test::settings_files({.user = text}).user, *find_credentials("coding-plan", {}), &all[1]);
  REQUIRE(plan);
  CHECK_FALSE(plan->removes_selection);
  CHECK(read_value(plan->new_text)["model"]["name"] == "glm-5");
}

TEST_CASE("a model that Qwen Code cannot use is not selected, but can be removed") {
  const std::string broken = R"({"modelProviders": {"mygw": [{"id": "m"}], "openai": [{"id": "ok"}]}})";
  const auto all = models(broken);
  const auto refused = find_model(all, {"mygw", "m", ""});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid_input);
  CHECK_THAT(refused.error().message, Catch::Contains("Qwen Code cannot use m"));
  const auto entry = find_entry(all, {"mygw", "m", ""});
  REQUIRE(entry);
  const auto plan = plan_model_removal(test::settings_files({.user = broken}).user, **entry, false, false);
  REQUIRE(plan);
  CHECK(read_value(plan->new_text)["modelProviders"]["mygw"].empty());
}

TEST_CASE("the removed entry is the one that is meant, and takes the selection along only if it was it") {
  const auto all = models();
  const auto other = find_entry(all, {"openai", "own", ""});
  REQUIRE(other);
  const auto plan = plan_model_removal(test::settings_files({.user = text}).user, **other, false, false);
  REQUIRE(plan);
  const Json after = read_value(plan->new_text);
  CHECK(after["modelProviders"]["openai"].size() == 2);
  CHECK(after["model"]["name"] == "glm-5");
}

TEST_CASE("a logout takes what is the provider's own, and leaves what only shares its variable's name") {
  const auto credentials = find_credentials("coding-plan", {});
  REQUIRE(credentials);
  const auto all = models();
  const auto plan = plan_logout(test::settings_files({.user = text}).user, *credentials, &all.front());
  REQUIRE(plan);
  CHECK(plan->models == 1);
  CHECK(plan->removes_key);
  CHECK(plan->removes_selection);
  const Json after = read_value(plan->new_text);
  CHECK(after["env"] == Json{{"A", "ka"}});
  CHECK_FALSE(after.contains("codingPlan"));
  CHECK_FALSE(after.contains("model"));
  CHECK(after["security"] == Json{{"other", 1}});
  CHECK(after["modelProviders"]["openai"][0]["name"] == "other");
  CHECK(after["modelProviders"]["openai"][1]["id"] == "own");
}

TEST_CASE("credentials are found by id, title, variable and base URL") {
  const auto entries = model_entries(test::settings_files({.user = text}), Scope::user);
  CHECK(find_credentials("DeepSeek", entries)->env_key == "DEEPSEEK_API_KEY");
  CHECK(find_credentials("A", entries)->env_key == "A");
  CHECK(find_credentials("https://a.example/v1/", entries)->env_key == "A");
  CHECK(find_credentials("nobody", entries).error().kind == ErrorKind::unknown_provider);
}

TEST_CASE("logging out of a file that has none of it changes nothing") {
  const auto plan = plan_logout(test::settings_files({.user = R"({"ui": {}})"}).user, {find_provider("zai"), "ZAI_API_KEY"}, nullptr);
  REQUIRE(plan);
  CHECK_FALSE(plan->changed());
}

}  // namespace authd::core
