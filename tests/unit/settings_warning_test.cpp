// What a plan warns of: what is saved would not take effect (issue 2, item 4).
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::find_warning;
using test::openrouter;
using test::openrouter_key_name;
using test::plan;
using test::SettingsTexts;

Environment exporting(const std::string& variable, const std::string& value) {
  Environment environment;
  environment.variables = {{variable, value}};
  environment.from_caller = true;
  return environment;
}

}  // namespace

TEST_CASE("nothing is warned of where nothing is in the way") {
  for (const SettingsTexts& texts : {SettingsTexts{}, SettingsTexts{.user = "{}"}, SettingsTexts{.user = "{}", .workspace = "{}", .system = "{}", .system_defaults = "{}"}})
    CHECK(plan(texts, openrouter()).warnings.empty());
}

TEST_CASE("an exported variable with another value shadows the key that is saved") {
  const InstallationPlan made = plan({.user = "{}"}, openrouter(), "sk-new-0123456789", "auto", exporting(openrouter_key_name, "sk-exported-0123456789"));
  const Warning* warning = find_warning(made.warnings, "E101", openrouter_key_name);
  REQUIRE(warning != nullptr);
  CHECK(warning->step == "custom-api-key-input");
  CHECK_FALSE(contains(warning->message, "sk-new"));
  CHECK_FALSE(contains(warning->message, "sk-exported"));
}

TEST_CASE("an exported variable is no matter where it is empty, equal or another one") {
  for (const Environment& environment : {exporting(openrouter_key_name, ""), exporting(openrouter_key_name, "sk-new-0123456789"), exporting("OPENAI_API_KEY", "other")})
    CHECK(plan({.user = "{}"}, openrouter(), "sk-new-0123456789", "auto", environment).warnings.empty());
}

TEST_CASE("the name that an endpoint really gets is the one looked for in the environment") {
  const SettingsTexts texts{.user = R"({"modelProviders": {"openai": [{"id": "x", "baseUrl": "https://openrouter.ai/api/v1/",
      "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27"}]}})"};
  CHECK(plan(texts, openrouter(), "k", "auto", exporting(openrouter_key_name, "other")).warnings.empty());
  CHECK(find_warning(plan(texts, openrouter(), "k", "auto", exporting(openrouter_key_name + "_D2BFDF91BF27", "other")).warnings, "E101") != nullptr);
}

TEST_CASE("an enforced type that differs is warned of, wherever it is set") {
  const std::string other = R"({"security": {"auth": {"enforcedType": "anthropic"}}})",
                    same = R"({"security": {"auth": {"enforcedType": "openai"}}})";
  for (const SettingsTexts& texts : {SettingsTexts{.user = other}, SettingsTexts{.user = "{}", .system = other},
                                     SettingsTexts{.user = "{}", .workspace = other}, SettingsTexts{.system_defaults = other}}) {
    const InstallationPlan made = plan(texts, openrouter());
    const Warning* warning = find_warning(made.warnings, "P406", "enforcedType");
    REQUIRE(warning != nullptr);
    CHECK(contains(warning->message, "anthropic"));
  }
  CHECK(plan({.user = same}, openrouter()).warnings.empty());
  CHECK(plan({.user = other, .system = same}, openrouter()).warnings.empty());  // the higher one counts
  CHECK(plan({.user = "{}", .workspace = other, .trusted = false}, openrouter()).warnings.empty());
}

TEST_CASE("a higher scope that sets the same member is named with the member and its file") {
  struct Row {
    std::string text, member;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"modelProviders": {"openai": []}})", "modelProviders.openai"},
      {R"({"security": {"auth": {"selectedType": "gemini"}}})", "security.auth.selectedType"},
      {R"({"model": {"name": "other"}})", "model.name"},
      {R"({"env": {"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "sk-other-0123456789"}})", "env." + openrouter_key_name},
  }));
  CAPTURE(row.member);
  const InstallationPlan by_system = plan({.user = "{}", .system = row.text}, openrouter(), "sk-new-0123456789");
  const Warning* warning = find_warning(by_system.warnings, "P406", row.member);
  REQUIRE(warning != nullptr);
  CHECK(contains(warning->message, "/etc/s.json"));
  CHECK_FALSE(contains(warning->message, "sk-"));
  const InstallationPlan by_workspace = plan({.user = "{}", .workspace = row.text}, openrouter(), "sk-new-0123456789", "user");
  REQUIRE(find_warning(by_workspace.warnings, "P406", row.member) != nullptr);
  CHECK(contains(find_warning(by_workspace.warnings, "P406")->message, "/repo/.qwen/settings.json"));
  const InstallationPlan into_workspace = plan({.user = "{}", .workspace = "{}", .system = row.text}, openrouter(), "k", "workspace");
  CHECK(find_warning(into_workspace.warnings, "P406", row.member) != nullptr);
}

TEST_CASE("a lower scope, an untrusted one, or the same value is not in the way") {
  const std::string all = R"({"modelProviders": {"openai": [{"id": "x"}]}, "security": {"auth": {"selectedType": "gemini"}},
      "model": {"name": "other"}})";
  CHECK(plan({.user = "{}", .system_defaults = all}, openrouter()).warnings.empty());
  CHECK(find_warning(plan({.user = all, .workspace = "{}"}, openrouter(), "k", "workspace").warnings, "P406") == nullptr);
  CHECK(plan({.user = "{}", .workspace = all, .trusted = false}, openrouter()).warnings.empty());
  CHECK(plan({.user = "{}", .system = R"({"security": {"auth": {"selectedType": "openai"}}, "model": {"name": "qwen/qwen3-coder"},
      "env": {"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "k"}, "modelProviders": {"gemini": []}})"},
             openrouter(), "k")
            .warnings.empty());
}

TEST_CASE("a warning never holds the key") {
  const std::string key = "sk-canary-0123456789";
  const InstallationPlan made = plan({.user = "{}", .system = R"({"env": {"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "sk-other-canary-99"},
      "modelProviders": {"openai": 1}, "security": {"auth": {"enforcedType": "x"}}})"},
                         openrouter(), key, "auto", exporting(openrouter_key_name, "sk-third-canary-77"));
  CHECK(made.warnings.size() >= 3);
  for (const Warning& warning : made.warnings) CHECK_FALSE(contains(warning.message, "canary"));
}

}  // namespace authd::core
