// What may be shown of a file: no secret in any text, patch or diff.
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "daemon/core/settings_undo.hpp"
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

// A member, masked with the secrets of the whole text.
Json shown(const std::string& text, const Path& path) {
  const Jsonc document = Jsonc::parse(text).value();
  Secrets secrets;
  secrets.learn(document);
  return secrets.masked(document).value(document.find(path));
}

SettingsFile file_of(const std::string& text) {
  SettingsFile file;
  file.path = "/s.json";
  file.exists = true;
  file.etag = etag_of(text);
  file.document = Jsonc::parse(text).value();
  return file;
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

TEST_CASE("a key that another file holds is masked in what an entry keeps") {
  const InstallationPlan made = plan({.user = R"({"env": {"GW": "gateway-canary-0123"}, "modelProviders": {"openai": [{"id": "qwen/qwen3-coder",
      "baseUrl": "https://openrouter.ai/api/v1", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1",
      "generationConfig": {"extra_body": {"user": "gateway-canary-0123"}}}]}})"},
                         openrouter(), "sk-0123456789");
  CHECK(contains(made.patch.dump(), "extra_body"));
  CHECK_FALSE(contains(made.patch.dump(), "canary"));
}

TEST_CASE("one member alone shows no secret that the whole text knows of") {
  const std::string text = R"({"env": {"OPENAI_API_KEY": "sk-realkey-0123456789", "MY_GATEWAY": "gateway-canary-0123"},
      "mcpServers": {"gh": {"args": ["--key", "sk-realkey-0123456789", "-x", "gateway-canary-0123"],
                            "url": "https://me:hunter2pass@h/sse?api_key=AIzaSy0123456789"}},
      "note": "sk-realkey-0123456789", "gateway-canary-0123": 1, "pass": "hunter2pass"})";
  CHECK(shown(text, {"note"}) == "sk-••••••••••••••••");
  CHECK(shown(text, {"mcpServers", "gh", "args"}) ==
        Json{"--key", "sk-••••••••••••••••", "-x", "gat••••••••••••••••"});
  CHECK(shown(text, {"mcpServers", "gh", "url"}) == "https://me:••••••••••••••••@h/sse?api_key=AIz••••••••••••••••");
  CHECK(shown(text, {"pass"}) == "••••••••••••••••");
  const std::string whole = shown(text, {}).dump();
  for (const char* canary : {"realkey", "hunter2", "AIzaSy", "canary"}) CHECK_FALSE(contains(whole, canary));
  const std::string diff = masked_diff("{}", text, "/f");
  for (const char* canary : {"realkey", "hunter2", "AIzaSy", "canary"}) CHECK_FALSE(contains(diff, canary));
}

TEST_CASE("credentials are masked in any value, and what only refers to one is not") {
  struct Row {
    std::string text, shown;
  };
  const auto row = GENERATE(values<Row>({
      {R"(["--api-key", "plainword"])", R"(["--api-key", "••••••••••••••••"])"},
      {R"(["--token", "0123456789abc", "more"])", R"(["--token", "012••••••••••••••••", "more"])"},
      {R"(["--api-key=zyx-0123456789", "b"])", R"(["--api-key=zyx••••••••••••••••", "b"])"},
      {R"(["-e", "GITHUB_TOKEN=zyx-0123456789"])", R"(["-e", "GITHUB_TOKEN=zyx••••••••••••••••"])"},
      {R"(["run --password hunter2 now"])", R"(["run --password •••••••••••••••• now"])"},
      {R"(["X-Api-Key: zyx-0123456789"])", R"(["X-Api-Key: zyx••••••••••••••••"])"},
      {R"(["Authorization: Bearer zyx-0123456789"])", R"(["Authorization: Bearer zyx••••••••••••••••"])"},
      {R"({"auth": "Basic dXNlcjpwYXNzd29yZA=="})", R"({"auth": "Basic dXN••••••••••••••••"})"},
      {R"({"privateKey": "short", "AccessKey": "zyx-0123456789", "x-auth-key": "short"})",
       R"({"privateKey": "••••••••••••••••", "AccessKey": "zyx••••••••••••••••", "x-auth-key": "••••••••••••••••"})"},
      {R"({"a": "postgres://u:p@h/db", "b": "https://0123456789abcdef0@h/1"})",
       R"({"a": "postgres://u:••••••••••••••••@h/db", "b": "https://012••••••••••••••••@h/1"})"},
      {R"({"a": "https://h/?x=1&token=canary&y=2#z"})", R"({"a": "https://h/?x=1&token=••••••••••••••••&y=2#z"})"},
      {"{} // OPENAI_API_KEY = zyx-0123456789", "{} // OPENAI_API_KEY = zyx••••••••••••••••"},
      {"{} // a \r \"token=zyx-0123456789\n", "{} // a \r \"token=zyx••••••••••••••••\n"},
      {"{/*token=zyx-0123456789*/}", "{/*token=zyx••••••••••••••••*/}"},
      {R"({"\u0061piKey": "zyx-0123456789", "a\/b": "\u007ayx-0123456789"})",
       R"({"\u0061piKey": "zyx••••••••••••••••", "a\/b": "zyx••••••••••••••••"})"},
      // A secret of digits is masked as a number, too, and the text stays JSON.
      {R"({"apiKey": "1234567890", "n": 1234567890, "m": 12345})",
       R"({"apiKey": "••••••••••••••••", "n": "••••••••••••••••", "m": 12345})"},
      {R"({"token": "}}}}}}}}", "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}})",
       R"({"token": "••••••••••••••••", "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}})"},
      // One secret may be the beginning of another one, or overlap it.
      {R"({"token": "zyx-01234567", "secret": ["zyx-0123456789"], "a": "-zyx-0123456789-zyx-01234567-"})",
       R"({"token": "zyx••••••••••••••••", "secret": ["zyx••••••••••••••••"], "a": "-zyx••••••••••••••••-zyx••••••••••••••••-"})"},
      {R"({"token": "abcdefgh", "secret": "efghijkl", "a": "abcdefghijkl"})",
       R"({"token": "••••••••••••••••", "secret": "••••••••••••••••", "a": "abc••••••••••••••••"})"},
  }));
  CAPTURE(row.text);
  CHECK(masked(row.text) == row.shown);
}

TEST_CASE("what is no credential stays readable") {
  const auto text = GENERATE(as<std::string>(),
      R"(["--key", "/etc/ssl/key.pem", "--token", "${MY_TOKEN}", "--token-file", "~/t", "--api-key-env", "OPENAI_API_KEY"])",
      R"(["--max-tokens", "4096", "--max-tokens=4096", "--token", "--verbose", "--tokens=true"])",
      R"({"a": "https://h:8080/@scope/x?api_key=$KEY", "b": "ssh://git@h/x.git", "c": "Basic authentication: token: optional"})",
      R"({"a": "Authorization: Bearer ${TOKEN}", "envKey": "QWEN_CUSTOM_API_KEY_V1", "b": "task-0123456789"})",
      R"({"a": "key: ctrl+shift+p", "b": "12345678", "c": "curl -H 'X-Api-Key: $KEY'"})");
  CAPTURE(text);
  CHECK(masked(text) == text);
}

TEST_CASE("a variable is masked elsewhere only where it may be a secret") {
  const std::string text = R"({"env": {"A": "1", "B": "true", "C": "https://h/v1/chat", "OPENAI_MODEL": "qwen3-coder-plus",
      "NODE_ENV": "production", "KEY": "${OTHER_VALUE}", "P": "/opt/data/2024", "GW": "Canary-Value"},
      "s": ["1", "true", "https://h/v1/chat", "qwen3-coder-plus", "production", "${OTHER_VALUE}", "/opt/data/2024", "Canary-Value"]})";
  CHECK(shown(text, {"s"}) == Json{"1", "true", "https://h/v1/chat", "qwen3-coder-plus", "production", "${OTHER_VALUE}",
                                   "/opt/data/2024", "Can••••••••••••••••"});
}

TEST_CASE("any number of secrets is masked wherever they stand") {
  std::string variables, values;
  for (int i = 100; i < 300; ++i) {
    const std::string value = "\"canary-" + std::to_string(i) + "\"";
    variables += ",\"K" + std::to_string(i) + "\":" + value;
    values += "," + value;
  }
  CHECK_FALSE(contains(masked("{\"env\":{" + variables.substr(1) + "},\"a\":[" + values.substr(1) + "]}"), "canary"));
}

// A cost that is quadratic in so long a text would outlast the time that a test is given.
TEST_CASE("masking costs a time that is linear in the text, whatever repeats") {
  const auto repeated = [](const std::string& part) {
    std::string text;
    while (text.size() < 2'000'000) text += part;
    return text;
  };
  const auto text = GENERATE_COPY(as<std::string>(), R"({"apiKey":"aaaaaaaa","x":")" + repeated("a") + "\"}",
                                  R"({"apiKey":"aaaaaaaa","x":")" + repeated("token=/") + "\"}",
                                  R"({"apiKey":"aaaaaaaa","x":")" + repeated("token=-") + "\"}",
                                  R"({"apiKey":"aaaaaaaa","x":")" + repeated("sk-") + "\"}",
                                  R"({"apiKey":"aaaaaaaa","x":")" + repeated("://a@ = ") + "\"}");
  CHECK_FALSE(contains(masked(text), "aaaa"));
}

TEST_CASE("the sides of a conflict are masked with the secrets of all three texts") {
  const std::string before = R"({"note": "a", "env": {"GW": "canary-0123456789"}})", after = R"({"note": "canary-0123456789"})",
                    now = R"({"note": "is canary-0123456789"})";
  const auto plan = plan_undo(file_of(now), {before, after, {}}, {});
  REQUIRE_FALSE(plan);
  CHECK(plan.error().data["conflicts"] ==
        Json{{{"path", "note"}, {"before", "a"}, {"after", "can••••••••••••••••"}, {"now", "is can••••••••••••••••"}}});
}

}  // namespace authd::core
