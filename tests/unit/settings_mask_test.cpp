// What may be shown of a file: no secret in any text, patch or diff.
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::openrouter;
using test::plan;

std::string masked(const std::string& text) {
  auto document = Jsonc::parse(text);
  if (!document) throw std::runtime_error("does not parse");
  return masked_text(*document);
}

}  // namespace

TEST_CASE("secrets of a file are masked wherever they stand, and nothing else is touched") {
  struct Row {
    std::string text, shown;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"env": {"A": "sk-0123456789", "B" : "short", "C": 5}})",
       R"({"env": {"A": "sk-••••••••••••••••", "B" : "••••••••••••••••", "C": 5}})"},
      {R"({"security": {"auth": {"apiKey": "sk-0123456789", "baseUrl": "https://h/v1"}}})",
       R"({"security": {"auth": {"apiKey": "sk-••••••••••••••••", "baseUrl": "https://h/v1"}}})"},
      {R"({"mcpServers": {"x": {"env": {"T": "0123456789abc"}, "command": "run-it-now-please"}}})",
       R"({"mcpServers": {"x": {"env": {"T": "012••••••••••••••••"}, "command": "run-it-now-please"}}})"},
      {R"({"mcpServers": {"x": {"headers": {"Authorization": "Bearer 0123456789"}}}})",
       R"({"mcpServers": {"x": {"headers": {"Authorization": "Bea••••••••••••••••"}}}})"},
      {R"({"generationConfig": {"customHeaders": {"X-Any": "0123456789abc"}}})",
       R"({"generationConfig": {"customHeaders": {"X-Any": "012••••••••••••••••"}}})"},
      {R"({"x": {"password": "0123456789abc", "client_SECRET": ["0123456789abc"]}, "refreshToken": "0123456789abc"})",
       R"({"x": {"password": "012••••••••••••••••", "client_SECRET": ["012••••••••••••••••"]}, "refreshToken": "012••••••••••••••••"})"},
      {R"({"\u0065nv": {"A": "\u0073k-0123456789"}})", R"({"\u0065nv": {"A": "sk-••••••••••••••••"}})"},
      {"{ // c\n  \"model\": {\"name\": \"qwen3-coder-plus\"}, /* d */\n}", "{ // c\n  \"model\": {\"name\": \"qwen3-coder-plus\"}, /* d */\n}"},
      {R"({"modelProviders": {"openai": [{"id": "qwen3-coder-plus", "envKey": "QWEN_CUSTOM_API_KEY_X"}]}})",
       R"({"modelProviders": {"openai": [{"id": "qwen3-coder-plus", "envKey": "QWEN_CUSTOM_API_KEY_X"}]}})"},
  }));
  CAPTURE(row.text);
  CHECK(masked(row.text) == row.shown);
}

TEST_CASE("a diff shows that a key changes and neither of the two") {
  const InstallationPlan before = plan({}, openrouter(), "sk-former-0123456789");
  const std::string diff = plan_diff(plan({.user = before.new_text}, openrouter(), "sk-later-0123456789"));
  CHECK(contains(diff, "\n-    \"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1\": \"sk-••••••••••••••••\"\n"
                       "+    \"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1\": \"sk-••••••••••••••••\"\n"));
  CHECK_FALSE(contains(diff, "0123456789"));
  CHECK(diff.starts_with("--- /home/u/.qwen/settings.json\n+++ /home/u/.qwen/settings.json\n@@ "));
}

TEST_CASE("the diff of a new file is the whole file") {
  const std::string diff = plan_diff(plan({}, openrouter(), "sk-0123456789"));
  CHECK(diff.starts_with("--- /dev/null\n+++ /home/u/.qwen/settings.json\n@@ -0,0 +1,"));
  CHECK(contains(diff, "\n+  \"$version\": 4,\n"));
  CHECK_FALSE(contains(diff, "\n-"));
  CHECK_FALSE(contains(diff, "0123456789"));
}

TEST_CASE("a diff never shows the key, even where the file holds it in a place that is no secret") {
  const std::string key = "sk-canary-0123456789";
  const auto text = GENERATE_COPY(as<std::string>(), "{\n  // my key: " + key + "\n  \"a\": 1\n}",
                                  "{\n  \"a\": 1 /* " + key + " */\n}", "{\n  \"args\": [\"--key\", \"" + key + "\"]\n}",
                                  "{\n  \"" + key + "\": 1\n}",
                                  "{\n  \"modelProviders\": {\"openai\": [{\"id\": \"x\", \"envKey\": \"" + key + "\"}]}\n}");
  CAPTURE(text);
  const InstallationPlan made = plan({.user = text}, openrouter(), key);
  CHECK_FALSE(contains(plan_diff(made), "canary"));
  CHECK_FALSE(contains(made.patch.dump(), "canary"));
}

TEST_CASE("a key that was commented out is not shown by the diff around it") {
  const std::string diff = plan_diff(plan({.user = R"({
  "env": {
    // "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "sk-former-canary-01234",
    "A": "b"
  }
})"},
                                          openrouter(), "sk-later-0123456789"));
  CHECK_FALSE(contains(diff, "canary"));
}

TEST_CASE("a variable that is no secret does not hide the same words elsewhere") {
  const std::string diff = plan_diff(plan({.user = R"({"env": {"OPENAI_BASE_URL": "https://openrouter.ai/api/v1", "OPENAI_MODEL": "qwen/qwen3-coder"}})"},
                                          openrouter(), "sk-0123456789"));
  CAPTURE(diff);
  CHECK(contains(diff, R"("baseUrl": "https://openrouter.ai/api/v1")"));
  CHECK(contains(diff, R"("name": "qwen/qwen3-coder")"));
}

TEST_CASE("masked text is still JSON, whatever the secrets are") {
  const auto secret = GENERATE(as<std::string>(), R"(\"•••••••••)", R"(\", \"A\": \")", "••••••••••••••••", R"(\\\\\\\\)", "}}}}}}}}", "\\u0022\\u0022\\u0022\\u0022x\\u0022\\u0022\\u0022");
  CAPTURE(secret);
  const std::string shown = masked(R"({"env": {"A": ")" + secret + R"(", "B": {"A": ")" + secret + "\"}}}");
  CAPTURE(shown);
  const auto document = Jsonc::parse(shown);
  REQUIRE(document);
  CHECK(document->children(document->find(std::vector<std::string>{"env"})).size() == 2);
}

TEST_CASE("headers that an entry keeps are masked in the patch") {
  const InstallationPlan made = plan({.user = R"({"modelProviders": {"openai": [{"id": "qwen/qwen3-coder", "baseUrl": "https://openrouter.ai/api/v1",
      "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1",
      "generationConfig": {"customHeaders": {"X-Gateway": "gateway-canary-0123"}}}]}})"},
                         openrouter(), "sk-0123456789");
  CHECK_FALSE(contains(made.patch.dump(), "canary"));
  CHECK_FALSE(contains(plan_diff(made), "canary"));
  CHECK(made.first_entry.at("generationConfig").at("customHeaders").at("X-Gateway") == "gateway-canary-0123");
  CHECK(contains(made.new_text, "gateway-canary-0123"));
}

}  // namespace authd::core
