// What `status` says, with the texts of the facts file, 7, as its base.
#include "daemon/core/auth_status.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/place.hpp"

namespace authd::core {
namespace {

using test::place;
using test::PlaceTexts;

AuthStatus status(const PlaceTexts& texts) {
  const auto at = place(texts);
  return auth_status(at.resolved(), at.surroundings.files);
}

std::string entry_settings(const std::string& entry, const std::string& more = "", const std::string& protocol = "openai") {
  return R"({"env": {"BAILIAN_CODING_PLAN_API_KEY": "sk-sp-0123456789", "DASHSCOPE_API_KEY": "sk-0123456789ab", "OPENROUTER_API_KEY": "sk-or-v1-0123456789", "K": "0123456789abcdef"},
"modelProviders": {")" + protocol + R"(": [)" + entry + R"(]}, "security": {"auth": {"selectedType": ")" + protocol + R"("}}, "model": {"name": "m"})" + more + "}";
}

}  // namespace

TEST_CASE("the method is that of the active model's entry (facts, 7)") {
  struct Row {
    const char *name, *entry, *method, *title, *region;
  };
  const auto row = GENERATE(values<Row>({
      {"7: Coding Plan, China", R"({"id": "m", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"})",
       "coding-plan", "Alibaba Cloud Coding Plan", "china"},
      {"7: Coding Plan, Global", R"({"id": "m", "baseUrl": "https://coding-intl.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"})",
       "coding-plan", "Alibaba Cloud Coding Plan", "global"},
      {"7: Coding Plan under another variable", R"({"id": "m", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "K"})",
       "coding-plan", "Alibaba Cloud Coding Plan", "china"},
      {"7: Standard", R"({"id": "m", "baseUrl": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "envKey": "DASHSCOPE_API_KEY"})",
       "alibaba-standard", "Alibaba Cloud ModelStudio Standard API Key", "sg-singapore"},
      {"7: OpenRouter", R"({"id": "m", "baseUrl": "https://openrouter.ai/api/v1", "envKey": "OPENROUTER_API_KEY"})", "openrouter", "OpenRouter", ""},
      {"7: generic", R"({"id": "m", "baseUrl": "https://gw.example/v1", "envKey": "K"})", "custom-api-key", "OpenAI-compatible Provider", ""},
  }));
  CAPTURE(row.name);
  const AuthStatus made = status({.user = entry_settings(row.entry)});
  CHECK(made.configured);
  CHECK(made.complete);
  CHECK(made.method == row.method);
  CHECK(made.title == row.title);
  CHECK((made.region ? std::string(made.region->id) : "") == row.region);
  CHECK(made.scope == Scope::user);
  CHECK(made.path == "/home/u/.qwen/settings.json");
}

TEST_CASE("a complete set-up is told in the words of `qwen auth status`, and where the key is from (facts, 7)") {
  CHECK(status({.user = entry_settings(R"({"id": "m", "baseUrl": "https://coding-intl.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"})",
                                       R"(, "codingPlan": {"region": "global", "version": "2e8bb143fced23e2"})")}).lines ==
        std::vector<std::string>{
            "✓ Authentication Method: Alibaba Cloud Coding Plan",
            "  Region: Global - Alibaba Cloud",
            "  Current Model: m",
            "  Config Version: 2e8bb143...",
            "  Status: API key configured",
            "  API Key: sk-••••••••••••••••, BAILIAN_CODING_PLAN_API_KEY in /home/u/.qwen/settings.json:1",
        });
  CHECK(status({.user = entry_settings(R"({"id": "m", "baseUrl": "https://gw.example/v1", "envKey": "K"})"), .env = {{"K", "0123456789abcdef"}}}).lines ==
        std::vector<std::string>{
            "✓ Authentication Method: OpenAI-compatible Provider",
            "  Current Model: m",
            "  Base URL: https://gw.example/v1",
            "  Status: API key configured",
            "  API Key: 012••••••••••••••••, exported as K",
        });
}

TEST_CASE("a version of a template is found where newer versions keep it (facts, 4)") {
  const AuthStatus made = status({.user = entry_settings(R"({"id": "m", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY"})",
                                                         R"(, "providerMetadata": {"coding-plan": {"version": "526212538b2f2fc5"}})")});
  CHECK(made.config_version == "52621253");
}

TEST_CASE("without its key a set-up is incomplete, with the command that mends it (facts, 7)") {
  struct Row {
    const char *entry, *title, *command;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"id": "m", "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "NOPE"})", "Alibaba Cloud Coding Plan", "qwen-authctl coding-plan"},
      {R"({"id": "m", "baseUrl": "https://openrouter.ai/api/v1", "envKey": "NOPE"})", "OpenRouter", "qwen-authctl setup openrouter"},
      {R"({"id": "m", "baseUrl": "https://gw.example/v1", "envKey": "NOPE"})", "OpenAI-compatible Provider", "qwen-authctl api-key"},
  }));
  CAPTURE(row.title);
  const AuthStatus made = status({.user = entry_settings(row.entry)});
  CHECK(made.configured);
  CHECK_FALSE(made.complete);
  CHECK(made.lines.front() == std::string("⚠️  Authentication Method: ") + row.title + " (Incomplete)");
  const auto has = [&](const std::string& line) { return std::find(made.lines.begin(), made.lines.end(), line) != made.lines.end(); };
  CHECK(has("  Issue: API key not found in environment or settings"));
  CHECK(has("  NOPE is named by the model's entry, and nothing sets it."));
  CHECK(made.lines.back() == std::string("  Run `") + row.command + "` to re-configure.");
}

TEST_CASE("other protocols are judged like openai, and not believed (facts, 7)") {
  for (const auto& [protocol, title] : {std::pair{"anthropic", "Anthropic-compatible Provider"}, std::pair{"gemini", "Gemini-compatible Provider"}}) {
    CAPTURE(protocol);
    const std::string entry = R"({"id": "m", "baseUrl": "https://gw.example", "envKey": "K"})", keyless = R"({"id": "m", "baseUrl": "https://gw.example", "envKey": "NOPE"})";
    CHECK(status({.user = entry_settings(entry, "", protocol)}).complete);
    CHECK(status({.user = entry_settings(entry, "", protocol)}).title == title);
    CHECK_FALSE(status({.user = entry_settings(keyless, "", protocol)}).complete);
  }
}

TEST_CASE("variables alone are a method, too") {
  const AuthStatus made = status({.env = {{"OPENAI_API_KEY", "sk-0123456789ab"}, {"OPENAI_MODEL", "m"}, {"OPENAI_BASE_URL", "https://gw.example/v1"}}});
  CHECK(made.complete);
  CHECK(made.method == "api-key");
  CHECK_FALSE(made.scope);
  CHECK(made.lines == std::vector<std::string>{
                          "✓ Authentication Method: OpenAI-compatible Provider",
                          "  Current Model: m",
                          "  Base URL: https://gw.example/v1",
                          "  Status: API key configured",
                          "  API Key: sk-••••••••••••••••, exported as OPENAI_API_KEY",
                          "  Note: No security.auth.selectedType is set; Qwen Code takes openai because of the variables that are set.",
                      });
}

TEST_CASE("nothing configured says how to begin (facts, 7)") {
  const AuthStatus made = status({});
  CHECK_FALSE(made.configured);
  CHECK(made.method == "none");
  CHECK(made.lines.at(0) == "⚠️  No authentication method configured.");
  CHECK(made.lines.at(2) == "Run one of the following commands to get started:");
  CHECK(made.lines.at(7) == "Or simply run:");
  const AuthStatus broken = status({.user = "{,}"});
  CHECK_FALSE(broken.configured);
  CHECK(test::contains(broken.lines.at(1), "  Issue: Cannot read operator sandbox policy"));
}

TEST_CASE("Qwen OAuth is told as discontinued, and incomplete (facts, 6 and 7)") {
  const AuthStatus made = status({.user = R"({"security": {"auth": {"selectedType": "qwen-oauth"}}})"});
  CHECK(made.configured);
  CHECK_FALSE(made.complete);
  CHECK(made.method == "qwen-oauth");
  CHECK(made.lines == std::vector<std::string>{
                          "⚠️  Authentication Method: Qwen OAuth (Incomplete)",
                          "  Type: Free tier (discontinued 2026-04-15)",
                          "  Limit: No longer available",
                          "  Models: Qwen latest models",
                          "",
                          "  ⚠ Run `qwen-authctl qwen-oauth` to switch to Coding Plan or another provider.",
                      });
}

TEST_CASE("a type that Qwen Code does not know is no method") {
  const AuthStatus made = status({.user = R"({"security": {"auth": {"selectedType": "OpenAI"}}})"});
  CHECK(made.configured);
  CHECK_FALSE(made.complete);
  CHECK(made.method == "none");
  CHECK(made.title == "OpenAI");
  CHECK(made.lines.back() == "  Run `qwen-authctl` to re-configure.");
}

TEST_CASE("Google's own credentials need no key") {
  const AuthStatus made = status({.env = {{"GOOGLE_CLOUD_PROJECT", "p"}, {"GOOGLE_MODEL", "m"}}});
  CHECK(made.complete);
  CHECK(std::find(made.lines.begin(), made.lines.end(), "  API Key: not needed (Google's own credentials)") != made.lines.end());
}

}  // namespace authd::core
