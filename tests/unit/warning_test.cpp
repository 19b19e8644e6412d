// What a base URL and a key are warned of (issue 2, item 4; qwen-code-runs 1 and 2.6).
#include "daemon/core/warning.hpp"

#include <catch2/catch.hpp>

namespace authd::core {
namespace {

// "U301>suggestion", one for each warning.
std::vector<std::string> about(const std::string& protocol, const std::string& url) {
  std::vector<std::string> found;
  for (const Warning& warning : base_url_warnings(protocol, url, "custom-base-url-input")) {
    CHECK(warning.step == "custom-base-url-input");
    CHECK_FALSE(warning.message.empty());
    CHECK_FALSE(warning.name.empty());
    found.push_back(warning.code + (warning.suggestion ? ">" + *warning.suggestion : ""));
  }
  return found;
}

std::vector<std::string> about_key(const std::string& key, const std::string& url = "https://h/v1") {
  std::vector<std::string> codes;
  for (const Warning& warning : api_key_warnings(key, url, "custom-api-key-input")) {
    CHECK(warning.step == "custom-api-key-input");
    codes.push_back(warning.code);
  }
  return codes;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("a base URL that Qwen Code would make something wrong of is warned of, with the right one") {
  struct Row {
    std::string protocol, url;
    Codes expected;
  };
  const auto row = GENERATE(values<Row>({
      // Good ones.
      {"openai", "https://api.openai.com/v1", {}},
      {"openai", "https://openrouter.ai/api/v1", {}},
      {"openai", "https://api.fireworks.ai/inference/v1", {}},
      {"openai", "http://localhost:11434/v1", {}},
      {"openai", "http://127.0.0.1:1234/v1/", {}},
      {"openai", "http://[::1]:1234/v1", {}},
      {"openai", "https://api.z.ai/api/paas/v4", {}},
      {"openai", "https://dashscope.aliyuncs.com/compatible-mode/v1", {}},
      {"openai", "https://api.deepseek.com", {}},
      {"anthropic", "https://api.anthropic.com", {}},
      {"anthropic", "https://api.anthropic.com/", {}},
      {"anthropic", "https://h/anthropic", {}},
      {"gemini", "https://generativelanguage.googleapis.com", {}},
      // Qwen Code appends the version itself, or does not.
      {"anthropic", "https://api.anthropic.com/v1", {"U301>https://api.anthropic.com"}},
      {"anthropic", "https://api.anthropic.com/v1/", {"U301>https://api.anthropic.com"}},
      {"anthropic", "https://h/anthropic/v1", {"U301>https://h/anthropic"}},
      {"gemini", "https://generativelanguage.googleapis.com/v1beta", {"U301>https://generativelanguage.googleapis.com"}},
      {"gemini", "https://generativelanguage.googleapis.com/v1beta/", {"U301>https://generativelanguage.googleapis.com"}},
      {"gemini", "https://generativelanguage.googleapis.com/v1", {"U301>https://generativelanguage.googleapis.com"}},
      {"openai", "https://api.openai.com", {"U301>https://api.openai.com/v1"}},
      {"openai", "https://api.openai.com/", {"U301>https://api.openai.com/v1"}},
      {"openai", "https://v1.example.com", {"U301>https://v1.example.com/v1"}},
      // A whole endpoint.
      {"openai", "https://api.openai.com/v1/chat/completions", {"U302>https://api.openai.com/v1"}},
      {"openai", "https://api.openai.com/v1/chat/completions/", {"U302>https://api.openai.com/v1"}},
      {"openai", "https://api.openai.com/v1/models", {"U302>https://api.openai.com/v1"}},
      {"openai", "https://api.openai.com/v1/responses", {"U302>https://api.openai.com/v1"}},
      {"anthropic", "https://api.anthropic.com/v1/messages", {"U302>https://api.anthropic.com"}},
      {"gemini", "https://h/v1beta/models/gemini-pro:generateContent", {"U302>https://h"}},
      {"gemini", "https://h/v1beta/models/gemini-pro:streamGenerateContent", {"U302>https://h"}},
      // The key in clear, and what does not belong into a base.
      {"openai", "http://gateway.example/v1", {"U304>https://gateway.example/v1"}},
      {"openai", "HTTP://gateway.example/v1", {"U304>https://gateway.example/v1"}},
      {"openai", "http://192.168.0.7:8000/v1", {"U304>https://192.168.0.7:8000/v1"}},
      {"openai", "http://localhost.example/v1", {"U304>https://localhost.example/v1"}},
      {"openai", "https://h/v1?key=1", {"U304>https://h/v1"}},
      {"openai", "https://h/v1#x", {"U304>https://h/v1"}},
      {"openai", "https://h/a b/v1", {"U304>https://h/ab/v1"}},
      {"openai", "https://user:pw@h/v1", {"U304"}},
      {"openai", "https://h/$TENANT/v1", {"E110"}},
      {"openai", "https://${HOST}/v1", {"E110"}},
      // More than one thing at once.
      {"anthropic", "http://gateway.example/v1", {"U301>http://gateway.example", "U304>https://gateway.example/v1"}},
  }));
  CAPTURE(row.protocol, row.url);
  CHECK(about(row.protocol, row.url) == row.expected);
}

TEST_CASE("a suggestion is not warned of again for the same reason") {
  for (const std::string protocol : {"openai", "anthropic", "gemini"})
    for (const std::string url : {"https://h", "https://h/v1", "https://h/v1/", "https://h/v1beta", "https://h/v1/chat/completions", "https://h/v1/messages",
                                  "https://h/v1beta/models/x:generateContent", "http://h/v1", "https://h/v1?x#y", "https://h/a b/v1", "https://h/chat/completions"}) {
      CAPTURE(protocol, url);
      for (const Warning& warning : base_url_warnings(protocol, url, "s")) {
        if (!warning.suggestion) continue;
        CAPTURE(*warning.suggestion);
        CHECK(*warning.suggestion != url);
        for (const Warning& again : base_url_warnings(protocol, *warning.suggestion, "s")) CHECK(again.message != warning.message);
      }
    }
}

TEST_CASE("the warning of a doubled path shows the request that would go out") {
  const auto warnings = base_url_warnings("anthropic", "https://api.anthropic.com/v1", "s");
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0].message, Catch::Contains("/v1/v1/messages") && Catch::Contains("404"));
}

TEST_CASE("a key that cannot be one, or that Qwen Code would change, is warned of") {
  struct Row {
    std::string key, url;
    Codes expected;
  };
  const auto row = GENERATE(values<Row>({
      {"sk-or-v1-1234567890", "https://h/v1", {}},
      {"sk-456789012", "https://h/v1", {}},
      {"sk-$HOME-1234567890", "https://h/v1", {"E110"}},
      {"sk-${X}-1234567890", "https://h/v1", {"E110"}},
      {"sk-$-1234567890", "https://h/v1", {}},
      {"https://api.openai.com/v1", "https://h/v1", {"K206"}},
      {"sk-abc***********wxyz", "https://h/v1", {"K206"}},
      {"sk-abcdefg...wxyz", "https://h/v1", {"K206"}},
      {"short", "https://h/v1", {"K206"}},
      {"ollama", "http://localhost:11434/v1", {}},
      {"x", "http://127.0.0.1:1/v1", {}},
  }));
  CAPTURE(row.key);
  CHECK(about_key(row.key, row.url) == row.expected);
}

TEST_CASE("a warning about a key never holds a part of it") {
  for (const std::string key : {"sk-$CANARY-1234567890", "https://canary.example", "sk-canary***", "canary"})
    for (const Warning& warning : api_key_warnings(key, "https://h/v1", "s")) {
      CAPTURE(key, warning.message);
      CHECK_THAT(warning.message, !Catch::Contains("canary", Catch::CaseSensitive::No));
      CHECK_FALSE(warning.suggestion);
    }
}

TEST_CASE("a scheme that is missing, misspelt or doubled is written anew, plain http for what is near") {
  struct Row {
    std::string base_url, right;
  };
  const auto row = GENERATE(values<Row>({
      {"https:/api.example.com/v1", "https://api.example.com/v1"},
      {"https//api.example.com/v1", "https://api.example.com/v1"},
      {"htps://api.example.com/v1", "https://api.example.com/v1"},
      {"https://https://api.example.com/v1", "https://api.example.com/v1"},
      {"http://https://api.example.com/v1", "https://api.example.com/v1"},
      {"\"https://api.example.com/v1\"", "https://api.example.com/v1"},
      {"https://api.example.com/v1,", "https://api.example.com/v1"},
      {"localhost:11434/v1", "http://localhost:11434/v1"},
      {"192.168.1.5:1234/v1", "http://192.168.1.5:1234/v1"},
  }));
  CAPTURE(row.base_url);
  const auto warnings = base_url_warnings("openai", row.base_url, "");
  REQUIRE_FALSE(warnings.empty());
  CHECK(warnings.front().code == "U304");
  CHECK(warnings.front().suggestion == row.right);
}

TEST_CASE("a vendor's API of the other protocol, and its pages, are no base URL") {
  struct Row {
    std::string protocol, base_url, right;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "https://api.z.ai/api/anthropic", "https://api.z.ai/api/paas/v4"},
      {"openai", "https://api.deepseek.com/anthropic", "https://api.deepseek.com"},
      {"anthropic", "https://api.moonshot.ai/v1", "https://api.moonshot.ai/anthropic"},
      {"gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "https://generativelanguage.googleapis.com"},
      {"openai", "https://openrouter.ai/qwen/qwen3-coder", "https://openrouter.ai/api/v1"},
  }));
  CAPTURE(row.base_url);
  const auto warnings = base_url_warnings(row.protocol, row.base_url, "");
  REQUIRE(warnings.size() == 1);
  CHECK(warnings.front().code == "U303");
  CHECK(warnings.front().suggestion == row.right);
}

}  // namespace authd::core
