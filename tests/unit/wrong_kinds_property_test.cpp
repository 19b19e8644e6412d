// Settings are foreign text: whatever kind of value stands where another one is meant, nothing that
// judges a place throws. Each member of settings of every shape is replaced by a value of each kind.
#include <catch2/catch.hpp>

#include "daemon/core/auth_status.hpp"
#include "daemon/core/oauth.hpp"
#include "daemon/core/selection.hpp"
#include "tests/unit/place.hpp"

namespace authd::core {
namespace {

using test::place;
using test::PlaceTexts;
using test::v0_15_6;
using test::v0_24_4;

const std::vector<std::string> foreign_values{"null", "true", "1", R"("")", "[]", "{}", R"(["x"])"};

Json current_shape() {
  return Json::parse(R"({
    "$version": 4,
    "env": {"K": "sk-user", "OTHER": "${K}"},
    "providerProtocol": {"mine": "openai"},
    "modelProviders": {
      "openai": [{"id": "m1", "name": "[OpenRouter] m1", "baseUrl": "http://a/v1", "envKey": "K", "wireApi": "responses"},
                 {"id": "m2", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY", "imageOnly": false}],
      "mine": [{"id": "m1", "baseUrl": "http://b/v1"}]
    },
    "security": {"auth": {"selectedType": "openai", "enforcedType": "openai", "apiKey": "sk-legacy", "baseUrl": "http://c", "useExternal": true},
                 "folderTrust": {"enabled": true}},
    "model": {"name": "m1", "baseUrl": "http://a/v1"},
    "advanced": {"excludedEnvVars": ["DEBUG"]},
    "providerMetadata": {"coding-plan": {"version": "0123456789"}},
    "codingPlan": {"version": "0123456789"}
  })");
}

Json first_shape() {
  return Json::parse(R"({
    "model": "m1", "selectedAuthType": "openai", "enforcedAuthType": "openai", "folderTrust": true,
    "excludedProjectEnvVars": ["DEBUG"], "env": {"K": "sk-user"},
    "security": {"auth": {"apiKey": "sk-legacy"}, "folderTrust": {"enabled": true}}, "advanced": {"excludedEnvVars": []},
    "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://a/v1", "envKey": "K"}]}
  })");
}

Json fifth_shape() {
  Json settings = current_shape();
  settings["$version"] = 5;
  for (auto& [name, list] : settings["modelProviders"].items()) list = Json{{"protocol", "openai"}, {"models", list}};
  return settings;
}

// Every place in a value, the value itself last.
void collect_places(const Json& value, const Json::json_pointer& at, std::vector<Json::json_pointer>& places) {
  if (value.is_structured())
    for (const auto& [name, member] : value.items())
      collect_places(member, value.is_array() ? at / std::stoul(name) : at / name, places);
  places.push_back(at);
}

// What the methods of the daemon ask of a place, one after the other.
void judge(const PlaceTexts& texts) {
  const test::Place here = place(texts);
  const SettingsFiles& files = here.surroundings.files;
  const Resolution resolution = here.resolved();
  const std::vector<ConfiguredModel> models = here.models();
  auth_status(resolution, files);
  here.explained("K");
  here.value("OTHER");
  names_that_matter(files);
  oauth_findings(std::nullopt, 0, files, models);
  static_cast<void>(find_credentials("K", model_entries(files, Scope::user)));
  if (!models.empty()) {
    const ConfiguredModel& model = models.back();
    static_cast<void>(plan_selection(files, {.model = model, .models = models}));
    static_cast<void>(plan_model_removal(files.at(model.scope), model, true, false));
    static_cast<void>(plan_logout(files.user, {nullptr, "K"}, &model));
  }
  static_cast<void>(plan_oauth_logout(files.user));
}

}  // namespace

TEST_CASE("no kind of value in the place of another one makes the judging of a place throw") {
  const std::vector<std::string> missing_key{"--auth-type", "openai", "--model", "m2"};
  using Row = std::tuple<Json, CliVersion, std::vector<std::string>>;
  const auto [settings, version, args] = GENERATE_COPY(values<Row>({{current_shape(), v0_24_4, {}},
                                                                   {current_shape(), v0_24_4, missing_key},
                                                                   {current_shape(), v0_15_6, missing_key},
                                                                   {first_shape(), v0_15_6, {}},
                                                                   {fifth_shape(), v0_24_4, missing_key}}));
  const std::string whole = settings.dump();
  std::vector<Json::json_pointer> places;
  collect_places(settings, Json::json_pointer(), places);
  std::vector<std::string> thrown;
  for (const Json::json_pointer& at : places)
    for (const std::string& value : foreign_values) {
      Json changed = settings;
      changed[at] = Json::parse(value);
      PlaceTexts alone{.user = changed.dump(), .args = args, .version = version};
      PlaceTexts above = alone;
      above.workspace = std::exchange(above.user, whole);
      for (const PlaceTexts& texts : {alone, above}) try {
          judge(texts);
        } catch (const std::exception& error) {
          thrown.push_back(value + " at " + at.to_string() + ": " + error.what());
        }
    }
  CAPTURE(args, version.text());
  CHECK(thrown == std::vector<std::string>());
}

}  // namespace authd::core
