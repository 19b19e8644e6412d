// Which model, endpoint and key a start of Qwen Code ends up with: cases of the facts file, 9, and of
// the runs, 2, each for the versions that differ.
#include <catch2/catch.hpp>

#include "tests/unit/place.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::find_warning;
using test::place;
using test::PlaceTexts;
using test::v0_15_6;
using test::v0_24_4;

constexpr const char* dashscope = "https://dashscope.aliyuncs.com/compatible-mode/v1";
constexpr const char* openai = "https://api.openai.com/v1";

// "protocol model url key" of what would be sent; "fatal: …" where Qwen Code does not start.
std::string outcome(const PlaceTexts& texts) {
  const Resolution r = place(texts).resolved();
  if (!r.fatal.empty()) return "fatal: " + r.fatal;
  return r.protocol + " " + r.model + " " + r.base_url + " " + std::string(r.key.reveal());
}

// A list of one protocol, and a selection.
std::string settings(const std::string& list, const std::string& more = R"("model": {"name": "m1"})",
                     const std::string& protocol = "openai") {
  return R"({"$version": 4, "env": {"K": "sk-user", "K2": "sk-2"}, "modelProviders": {")" + protocol + R"(": [)" + list +
         R"(]}, "security": {"auth": {"selectedType": ")" + protocol + R"("}}, )" + more + "}";
}
const std::string m1 = R"({"id": "m1", "baseUrl": "http://a/v1", "envKey": "K"})";
const std::string m2 = R"({"id": "m2", "baseUrl": "http://b/v1", "envKey": "K2"})";
const std::string no_base = R"({"id": "m1", "envKey": "K"})";
const std::string no_key = R"({"id": "m1", "baseUrl": "http://a/v1"})";

}  // namespace

TEST_CASE("a start ends up with the entry, the key and the address that the real client used (facts, 9; runs, 2)") {
  struct Row {
    const char* name;
    PlaceTexts texts;
    std::string expected, expected_old = {};  // of 0.15.6, where it differs
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"9: the entry's own key and address", {.user = settings(m1)}, "openai m1 http://a/v1 sk-user"},
      {"9: OPENAI_* does not override an entry",
       {.user = settings(m1), .env = {{"OPENAI_API_KEY", "sk-o"}, {"OPENAI_BASE_URL", "http://o"}, {"OPENAI_MODEL", "m2"}, {"QWEN_MODEL", "q"}}},
       "openai m1 http://a/v1 sk-user"},
      {"2.5: an exported key shadows settings.env", {.user = settings(m1), .env = {{"K", "sk-shell"}}}, "openai m1 http://a/v1 sk-shell"},
      {"2.5: an empty exported key", {.user = settings(m1), .env = {{"K", ""}}}, "openai m1 http://a/v1 sk-user",
       "fatal: Missing API key for OpenAI-compatible auth. Set the 'K' environment variable."},
      {"2.1: a name of no entry takes the first one", {.user = settings(m1 + "," + m2, R"("model": {"name": "zzz"})")},
       "openai m1 http://a/v1 sk-user"},
      {"2.1: no name takes the first one", {.user = settings(m2 + "," + m1, R"("model": {})")}, "openai m2 http://b/v1 sk-2"},
      {"9: but with the protocol's own key at hand, that is used and no entry",
       {.user = settings(m1, R"("model": {"name": "zzz"})"), .env = {{"OPENAI_API_KEY", "sk-o"}}},
       std::string("openai zzz ") + dashscope + " sk-o"},
      {"9: likewise with its own address alone",
       {.user = settings(m1, R"("model": {"name": "zzz"})"), .env = {{"OPENAI_BASE_URL", "http://o/v1"}}},
       "fatal: Missing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable."},
      {"9: likewise without a name, with the version's default model",
       {.user = settings(m1, R"("model": {})"), .env = {{"OPENAI_API_KEY", "sk-o"}}},
       std::string("openai qwen3.7-max ") + dashscope + " sk-o", std::string("openai qwen3.5-plus ") + dashscope + " sk-o"},
      {"9: the default model may be an entry",
       {.user = settings(R"({"id": "qwen3.7-max", "baseUrl": "http://a/v1", "envKey": "K"},{"id": "qwen3.5-plus", "baseUrl": "http://b/v1", "envKey": "K"})", R"("model": {})")},
       "openai qwen3.7-max http://a/v1 sk-user", "openai qwen3.5-plus http://b/v1 sk-user"},
      {"9: the key of an entry is missing, another one is at hand",
       {.user = settings(R"({"id": "m1", "baseUrl": "http://a/v1", "envKey": "NOPE"})"), .env = {{"OPENAI_API_KEY", "sk-o"}}},
       "openai m1 http://a/v1 sk-o"},
      {"9: no key anywhere", {.user = settings(R"({"id": "m1", "baseUrl": "http://a/v1", "envKey": "NOPE"})")},
       "fatal: Missing API key for OpenAI-compatible auth. Set the 'NOPE' environment variable."},
      {"2.5: an entry without envKey", {.user = settings(no_key), .env = {{"OPENAI_API_KEY", "sk-o"}}}, "openai m1 http://a/v1 sk-o"},
      {"9: an entry without envKey and without the protocol's key", {.user = settings(no_key)},
       "fatal: Missing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable."},
      {"9: security.auth.apiKey for an entry without envKey",
       {.user = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://a/v1"}]}, "model": {"name": "m1"},
                    "security": {"auth": {"selectedType": "openai", "apiKey": "sk-legacy", "baseUrl": "http://legacy"}}})"},
       "openai m1 http://a/v1 sk-legacy"},
      {"2.5: security.auth.* beside an entry is ignored",
       {.user = R"({"env": {"K": "sk-user"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://a/v1", "envKey": "K"}]}, "model": {"name": "m1"},
                    "security": {"auth": {"selectedType": "openai", "apiKey": "sk-legacy", "baseUrl": "http://legacy"}}})"},
       "openai m1 http://a/v1 sk-user"},
      {"9: security.auth.* alone",
       {.user = R"({"model": {"name": "x"}, "security": {"auth": {"selectedType": "openai", "apiKey": "sk-legacy", "baseUrl": "http://legacy/v1"}}})"},
       "openai x http://legacy/v1 sk-legacy"},
      {"9: an entry without a base URL", {.user = settings(no_base)}, std::string("openai m1 ") + openai + " sk-user"},
      {"9: its base URL from the environment", {.user = settings(no_base), .env = {{"OPENAI_BASE_URL", "http://o/v1"}}},
       "openai m1 http://o/v1 sk-user", std::string("openai m1 ") + openai + " sk-user"},
      {"9: OPENAI_API_KEY alone goes to DashScope", {.user = R"({"security": {"auth": {"selectedType": "openai"}}})", .env = {{"OPENAI_API_KEY", "sk-o"}}},
       std::string("openai qwen3.7-max ") + dashscope + " sk-o", std::string("openai qwen3.5-plus ") + dashscope + " sk-o"},
      {"9: three variables make an auth type", {.env = {{"OPENAI_API_KEY", "sk-o"}, {"OPENAI_BASE_URL", "http://o/v1"}, {"OPENAI_MODEL", "om"}}},
       "openai om http://o/v1 sk-o"},
      {"9: QWEN_MODEL is one of them for newer versions", {.env = {{"OPENAI_API_KEY", "sk-o"}, {"OPENAI_BASE_URL", "http://o/v1"}, {"QWEN_MODEL", "qm"}}},
       "openai qm http://o/v1 sk-o",
       "fatal: No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode."},
      {"9: two of three make none", {.env = {{"OPENAI_API_KEY", "sk-o"}, {"OPENAI_MODEL", "om"}}},
       "fatal: No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode."},
      {"9: Gemini's two", {.env = {{"GEMINI_API_KEY", "g"}, {"GEMINI_MODEL", "gm"}}}, "gemini gm https://generativelanguage.googleapis.com g"},
      {"9: Anthropic's three", {.env = {{"ANTHROPIC_API_KEY", "a"}, {"ANTHROPIC_MODEL", "am"}, {"ANTHROPIC_BASE_URL", "http://an"}}}, "anthropic am http://an a"},
      {"9: Google's two", {.env = {{"GOOGLE_API_KEY", "g"}, {"GOOGLE_MODEL", "gm"}}}, "vertex-ai gm https://aiplatform.googleapis.com g"},
      {"9: Google's own credentials", {.env = {{"GOOGLE_CLOUD_PROJECT", "p"}, {"GOOGLE_MODEL", "gm"}}}, "vertex-ai gm https://aiplatform.googleapis.com ",
       "fatal: No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode."},
      {"9: the order of --model, model.name and the variable",
       {.user = R"({"model": {"name": "named"}, "security": {"auth": {"selectedType": "openai"}}})",
        .env = {{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://o"}, {"OPENAI_MODEL", "var"}}, .args = {"--model", "flag"}},
       "openai flag http://o k"},
      {"9: model.name before the variable",
       {.user = R"({"model": {"name": "named"}, "security": {"auth": {"selectedType": "openai"}}})",
        .env = {{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://o"}, {"OPENAI_MODEL", "var"}}},
       "openai named http://o k"},
      {"9: --model picks an entry", {.user = settings(m1 + "," + m2), .args = {"-m", "m2"}}, "openai m2 http://b/v1 sk-2"},
      {"9: flags do not override an entry",
       {.user = settings(m1), .args = {"--openai-api-key", "sk-flag", "--openai-base-url=http://flag"}}, "openai m1 http://a/v1 sk-user"},
      {"9: flags outrank variables", {.env = {{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://o"}},
                                      .args = {"--auth-type", "openai", "--openai-api-key", "sk-flag", "--openai-base-url", "http://flag", "--model", "x"}},
       "openai x http://flag sk-flag"},
      {"9: --auth-type outranks selectedType",
       {.user = settings(m1), .env = {{"GEMINI_API_KEY", "g"}, {"GEMINI_MODEL", "gm"}}, .args = {"--auth-type=gemini"}},
       "gemini m1 https://generativelanguage.googleapis.com g"},
      {"9: an auth type that the flag does not know", {.user = settings(m1), .args = {"--auth-type", "nope"}},
       "fatal: Invalid values: Argument: auth-type, Given: \"nope\"."},
      {"2.2: of two entries with one id the first", {.user = settings(m1 + R"(,{"id": "m1", "baseUrl": "http://b/v1", "envKey": "K2"})")},
       "openai m1 http://a/v1 sk-user"},
      {"2.2: model.baseUrl picks the second",
       {.user = settings(m1 + R"(,{"id": "m1", "baseUrl": "http://b/v1", "envKey": "K2"})", R"("model": {"name": "m1", "baseUrl": "http://b/v1"})")},
       "openai m1 http://b/v1 sk-2", "openai m1 http://a/v1 sk-user"},
      {"2.2: a stale model.baseUrl falls back to the first",
       {.user = settings(m1 + R"(,{"id": "m1", "baseUrl": "http://b/v1", "envKey": "K2"})", R"("model": {"name": "m1", "baseUrl": "http://gone"})")},
       "openai m1 http://a/v1 sk-user"},
      {"9: model.baseUrl does not count for --model",
       {.user = settings(m1 + R"(,{"id": "m1", "baseUrl": "http://b/v1", "envKey": "K2"})", R"("model": {"name": "m1", "baseUrl": "http://b/v1"})"), .args = {"--model", "m1"}},
       "openai m1 http://a/v1 sk-user"},
      {"2.2: the same id under another protocol does not interfere",
       {.user = R"({"env": {"K": "sk-user"}, "modelProviders": {"anthropic": [{"id": "m1", "baseUrl": "http://an", "envKey": "K"}],
                    "openai": [{"id": "m1", "baseUrl": "http://a/v1", "envKey": "K"}]}, "model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}}})"},
       "openai m1 http://a/v1 sk-user"},
      {"1.4: the name of a runtime model", {.user = settings(m1, R"("model": {"name": "$runtime|openai|m1"})")}, "openai m1 http://a/v1 sk-user"},
      {"9: anthropic needs a base URL", {.user = settings(no_base, R"("model": {"name": "m1"})", "anthropic")},
       "fatal: Anthropic provider missing required baseUrl in modelProviders[].baseUrl."},
      {"9: also with one in the environment",
       {.user = settings(no_base, R"("model": {"name": "m1"})", "anthropic"), .env = {{"ANTHROPIC_BASE_URL", "http://an"}}},
       "fatal: Anthropic provider missing required baseUrl in modelProviders[].baseUrl."},
      {"9: anthropic without an entry", {.user = R"({"security": {"auth": {"selectedType": "anthropic"}}})", .env = {{"ANTHROPIC_API_KEY", "a"}}},
       "fatal: ANTHROPIC_BASE_URL environment variable not found."},
      {"9: anthropic without a model has Qwen's", {.user = R"({"security": {"auth": {"selectedType": "anthropic"}}})",
                                                   .env = {{"ANTHROPIC_API_KEY", "a"}, {"ANTHROPIC_BASE_URL", "http://an"}}},
       "anthropic coder-model http://an a"},
      {"2.1: anthropic without its key", {.user = settings(R"({"id": "m1", "baseUrl": "http://a", "envKey": "NOPE"})", R"("model": {"name": "m1"})", "anthropic")},
       "fatal: NOPE environment variable not found. Please set it in your .env file or environment variables."},
      {"2.1: gemini without any", {.user = R"({"security": {"auth": {"selectedType": "gemini"}}, "model": {"name": "x"}})"},
       "fatal: GEMINI_API_KEY environment variable not found (or set settings.security.auth.apiKey). Please set it in your .env file or environment variables."},
      {"9: gemini without a base URL", {.user = settings(no_base, R"("model": {"name": "m1"})", "gemini")},
       "gemini m1 https://generativelanguage.googleapis.com sk-user"},
      {"the SDK's variable for it", {.user = settings(no_base, R"("model": {"name": "m1"})", "gemini"), .env = {{"GOOGLE_GEMINI_BASE_URL", "http://g"}}},
       "gemini m1 http://g sk-user"},
      {"2.1: the selected protocol has no entries", {.user = R"({"env": {"K": "k"}, "modelProviders": {"openai": [{"id": "m1", "envKey": "K"}]},
                                                      "model": {"name": "m1"}, "security": {"auth": {"selectedType": "anthropic"}}})"},
       "fatal: ANTHROPIC_API_KEY environment variable not found (or set settings.security.auth.apiKey). Please set it in your .env file or environment variables."},
      {"6: qwen-oauth is over", {.user = R"({"security": {"auth": {"selectedType": "qwen-oauth"}}})"},
       "fatal: Qwen OAuth free tier was discontinued on 2026-04-15. Run /auth to switch to Coding Plan, OpenRouter, Fireworks AI, or another provider."},
      {"9: QWEN_OAUTH comes first", {.env = {{"QWEN_OAUTH", "1"}, {"GEMINI_API_KEY", "g"}, {"GEMINI_MODEL", "gm"}}},
       "fatal: Qwen OAuth free tier was discontinued on 2026-04-15. Run /auth to switch to Coding Plan, OpenRouter, Fireworks AI, or another provider."},
      {"2.1: no auth type", {.user = R"({"modelProviders": {"openai": [{"id": "m1"}]}})"},
       "fatal: No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode."},
      {"2.1: an unknown one", {.user = R"({"security": {"auth": {"selectedType": "OpenAI"}}})"}, "fatal: Cannot read properties of undefined (reading 'model')"},
      {"9: openai-responses is unknown to 0.15.6",
       {.user = settings(m1, R"("model": {"name": "m1"})", "openai-responses")}, "openai-responses m1 http://a/v1 sk-user",
       "fatal: Cannot read properties of undefined (reading 'model')"},
      {"2.1: enforcedType", {.user = settings(m1), .system = R"({"security": {"auth": {"enforcedType": "anthropic"}}})"},
       "fatal: The configured auth type is anthropic, but the current auth type is openai. Please re-authenticate with the correct type."},
      {"2.1: wireApi responses", {.user = settings(R"({"id": "m1", "baseUrl": "http://a/v1", "envKey": "K", "wireApi": "responses"})")},
       "openai-responses m1 http://a/v1 sk-user", "openai m1 http://a/v1 sk-user"},
      {"2.1: wireApi nope", {.user = settings(m1 + R"(,{"id": "m3", "wireApi": "nope"})")},
       "fatal: Invalid wireApi \"nope\" for provider \"openai\". Expected \"chat-completions\" or \"responses\".", "openai m1 http://a/v1 sk-user"},
      {"2.1: a null entry", {.user = settings(m1 + ",null")}, "fatal: Cannot read properties of null (reading 'wireApi')",
       "fatal: Cannot read properties of null (reading 'id')"},
      {"2.1: an entry without id, of any protocol",
       {.user = R"({"env": {"K": "k"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://a", "envKey": "K"}], "gemini": [{"name": "x"}]},
                    "model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}}})"},
       "fatal: Model config in authType 'gemini' missing required field: id"},
      {"9: a list that is none", {.user = R"({"modelProviders": {"openai": {"a": 1}}, "security": {"auth": {"selectedType": "openai"}}, "$version": 4})",
                                  .env = {{"OPENAI_API_KEY", "k"}, {"OPENAI_BASE_URL", "http://o"}, {"OPENAI_MODEL", "x"}}},
       "openai x http://o k", "fatal: models is not iterable"},
      {"1.5: the lists of $version 5", {.user = R"({"$version": 5, "env": {"K": "k"}, "modelProviders": {"openai": {"protocol": "openai", "models": [{"id": "m1", "baseUrl": "http://a", "envKey": "K"}]}},
                                            "model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}}})"},
       "openai m1 http://a k", "fatal: models is not iterable"},
      {"1.5: flat members of the first shape", {.user = R"({"selectedAuthType": "openai", "model": "m1", "env": {"K": "k"}, "modelProviders": {"openai": [{"id": "m0", "envKey": "X"}, {"id": "m1", "baseUrl": "http://a", "envKey": "K"}]}})"},
       "openai m1 http://a k"},
      {"9: an unknown provider key", {.user = R"({"env": {"K": "k"}, "modelProviders": {"mygw": [{"id": "m1", "baseUrl": "http://a", "envKey": "K"}]},
                                       "model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}}})"},
       "fatal: Missing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable."},
      {"9: mapped by providerProtocol", {.user = R"({"env": {"K": "k"}, "modelProviders": {"mygw": [{"id": "m1", "baseUrl": "http://a", "envKey": "K"}]},
                                          "providerProtocol": {"mygw": "openai"}, "model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}}})"},
       "openai m1 http://a k",
       "fatal: Missing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable."},
      {"9: image models are not the first", {.user = settings(R"({"id": "i", "baseUrl": "http://i", "envKey": "K", "imageOnly": true},)" + m1, R"("model": {"name": "zzz"})")},
       "openai m1 http://a/v1 sk-user", "openai i http://i sk-user"},
      {"9: and cannot be chosen", {.user = settings(R"({"id": "i", "baseUrl": "http://i", "envKey": "K", "voiceOnly": true})", R"("model": {"name": "i"})")},
       "fatal: Voice-only model 'i' cannot be used as the primary model", "openai i http://i sk-user"},
      {"1.2: the workspace's list hides the user's", {.user = settings(m1), .workspace = R"({"modelProviders": {"openai": [{"id": "w", "baseUrl": "http://w", "envKey": "K"}]}})"},
       "openai w http://w sk-user"},
      {"1.2: an empty workspace modelProviders hides nothing", {.user = settings(m1), .workspace = R"({"modelProviders": {}})"}, "openai m1 http://a/v1 sk-user"},
      {"1.2: an empty list hides", {.user = settings(m1), .workspace = R"({"modelProviders": {"openai": []}})"},
       "fatal: Missing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable."},
      {"1.6: a trailing comma", {.user = R"({"a": 1,})"},
       "fatal: Cannot read operator sandbox policy from /home/u/.qwen/settings.json: SyntaxError (/home/u/.qwen/settings.json has a trailing comma (line 1, column 8), which Qwen Code refuses.)",
       "fatal: No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode."},
      {"1.6: in the workspace it only empties the file", {.user = settings(m1), .workspace = R"({"a": 1,})"}, "openai m1 http://a/v1 sk-user"},
      {"2.3: a file that is no object", {.user = "[]"},
       "fatal: Cannot read operator sandbox policy from /home/u/.qwen/settings.json: Error: Expected a settings object.",
       "fatal: Error in /home/u/.qwen/settings.json: Settings file is not a valid JSON object."},
      {"2.3: also in the workspace", {.user = settings(m1), .workspace = "null"},
       "fatal: Error in /home/u/p/.qwen/settings.json: Settings file is not a valid JSON object."},
      {"measured: an envKey that says nothing", {.user = settings(R"({"id": "m1", "baseUrl": "http://a/v1", "envKey": ""})"), .env = {{"OPENAI_API_KEY", "sk-o"}}},
       "fatal: Missing credentials for modelProviders model 'm1'. Configure modelProviders.openai[].envKey and set that environment variable."},
      {"measured: an id that is a number", {.user = settings(R"({"id": 7, "baseUrl": "http://a/v1", "envKey": "K"})")},
       "fatal: (model ?? \"\").toLowerCase is not a function"},
      {"2.3: a byte order mark", {.user = "\xEF\xBB\xBF" + settings(m1)}, "openai m1 http://a/v1 sk-user",
       "fatal: No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode."},
      {"2.3: comments, and the last of two members", {.user = "// c\n" + settings(m1, R"("model": {"name": "m2"}, /* d */ "model": {"name": "m1"})")},
       "openai m1 http://a/v1 sk-user"},
      {"2.6: $ in a base URL", {.user = settings(R"({"id": "m1", "baseUrl": "http://$HOST/v1", "envKey": "K"})"), .env = {{"HOST", "h"}}}, "openai m1 http://h/v1 sk-user"},
      {"8: a name that settings.env may not say", {.user = R"({"env": {"WGETRC": "x"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://a", "envKey": "WGETRC"}]},
                                                   "model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}}})"},
       "fatal: Missing credentials for modelProviders model 'm1'. Current configured envKey: 'WGETRC'. Set that environment variable, or update modelProviders.openai[].envKey.",
       "openai m1 http://a x"},
  }));
  CAPTURE(row.name);
  PlaceTexts texts = row.texts;
  CHECK(outcome(texts) == row.expected);
  texts.version = v0_15_6;
  CHECK(outcome(texts) == (row.expected_old.empty() ? row.expected : row.expected_old));
}

TEST_CASE("between the versions, the rules came one after the other (from the packages)") {
  PlaceTexts texts{.user = settings(no_base), .env = {{"OPENAI_BASE_URL", "http://o/v1"}}};
  texts.version = {0, 15, 10};
  CHECK(outcome(texts) == std::string("openai m1 ") + openai + " sk-user");
  texts.version = {0, 21, 2};
  CHECK(outcome(texts) == "openai m1 http://o/v1 sk-user");
  texts = {.user = settings(R"({"id": "v", "baseUrl": "http://v", "envKey": "K", "voiceOnly": true},)" + m1, R"("model": {"name": "zzz"})")};
  texts.version = {0, 23, 0};
  CHECK(outcome(texts) == "openai v http://v sk-user");
  texts.version = v0_24_4;
  CHECK(outcome(texts) == "openai m1 http://a/v1 sk-user");
  texts = {.user = R"({"a": 1,})", .version = {0, 23, 0}};
  CHECK(contains(outcome(texts), "No auth type"));
}

TEST_CASE("the key's place is told, and whose variable it is") {
  const auto source = [](const PlaceTexts& texts) {
    const Resolution r = place(texts).resolved();
    return r.env_key + " " + (r.key_source ? std::string(source_kind_name(r.key_source->kind)) + " " + r.key_source->where : "none");
  };
  CHECK(source({.user = settings(m1)}) == "K settings /home/u/.qwen/settings.json:1");
  CHECK(source({.user = settings(m1), .env = {{"K", "x"}}}) == "K shell export");
  CHECK(source({.user = settings(m1), .dotenvs = {{"/home/u/p/.env", "\nK=x"}}}) == "K dotenv /home/u/p/.env:2");
  CHECK(source({.user = settings(no_key), .env = {{"OPENAI_API_KEY", "x"}}}) == "OPENAI_API_KEY shell export");
  CHECK(source({.args = {"--auth-type", "openai", "--openai-api-key", "x", "--model", "m"}}) == " cli --openai-api-key");
  CHECK(source({.user = R"({"security": {"auth": {"selectedType": "openai",
    "apiKey": "x"}}})"}) == " settings /home/u/.qwen/settings.json:2");
  CHECK(source({.user = settings(R"({"id": "m1", "baseUrl": "http://a", "envKey": "NOPE"})")}) == "NOPE none");
  CHECK_FALSE(place({.user = settings(m1)}).resolved().key_source->value);
}

TEST_CASE("what is a surprise is told with a code (user-pain-and-diagnoses, 5)") {
  struct Row {
    const char *name, *code, *words;
    PlaceTexts texts;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"a wrong name", "P404", "takes the first, \"m1\", without a word", {.user = settings(m1, R"("model": {"name": "zzz"})")}},
      {"no name", "P404", "model.name is not set", {.user = settings(m1, R"("model": {})")}},
      {"a wrong name beside another key", "P404", "a key is set that belongs to no entry",
       {.user = settings(m1, R"("model": {"name": "zzz"})"), .env = {{"OPENAI_API_KEY", "k"}}}},
      {"two endpoints of one id", "P403", "Several entries", {.user = settings(m1 + R"(,{"id": "m1", "baseUrl": "http://b", "envKey": "K2"})")}},
      {"a stale base URL", "P403", "is the base URL of no entry", {.user = settings(m1, R"("model": {"name": "m1", "baseUrl": "http://x"})")}},
      {"no base URL at all", "P409", "to DashScope", {.user = R"({"security": {"auth": {"selectedType": "openai"}}})", .env = {{"OPENAI_API_KEY", "k"}}}},
      {"another variable's key", "E111", "The entry names NOPE",
       {.user = settings(R"({"id": "m1", "baseUrl": "http://a", "envKey": "NOPE"})"), .env = {{"OPENAI_API_KEY", "k"}}}},
      {"no key", "E105", "NOPE is named by the model's entry", {.user = settings(R"({"id": "m1", "baseUrl": "http://a", "envKey": "NOPE"})")}},
      {"a key in envKey", "K209", "it holds a key", {.user = settings(R"({"id": "m1", "baseUrl": "http://a", "envKey": "sk-0123456789abcdef"})")}},
      {"an auth type by variables", "P401", "because of the variables", {.env = {{"GEMINI_API_KEY", "g"}, {"GEMINI_MODEL", "m"}}}},
      {"a shadowed key", "E101", "The exported K is used, and not the other value in /home/u/.qwen/settings.json:1",
       {.user = settings(m1), .env = {{"K", "sk-stale"}}}},
      {"a project's key", "E102", "takes the place of the key in /home/u/.qwen/settings.json:1",
       {.user = settings(m1), .dotenvs = {{"/home/u/p/.env", "K=sk-project"}}}},
      {"an untrusted project's key", "E104", "the folder is not trusted",
       {.user = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://a", "envKey": "K"}]}, "model": {"name": "m1"},
                    "security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": true}}})",
        .dotenvs = {{"/home/u/p/.env", "K=sk-project"}}}},
      {"a repository's address for the user's key", "S901", "sends your key (K, from /home/u/.qwen/settings.json:1) to http://evil.example",
       {.user = settings(m1), .workspace = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://evil.example", "envKey": "K"}]}})"}},
      {"a fatal entry", "P408", "missing required field: id", {.user = settings(m1 + ",{}")}},
  }));
  CAPTURE(row.name);
  const Resolution r = place(row.texts).resolved();
  std::string told;
  for (const Warning& issue : r.issues) told += issue.code + " " + issue.message + "\n";
  CAPTURE(told);
  CHECK(find_warning(r.issues, row.code, row.words));
}

TEST_CASE("nothing is told where all is well") {
  CHECK(place({.user = settings(m1)}).resolved().issues.empty());
  CHECK(place({.user = settings(m1), .env = {{"K", "sk-user"}}}).resolved().issues.empty());
  CHECK(place({.user = settings(m1), .workspace = R"({"env": {"K": "sk-ws"}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://w", "envKey": "K"}]}})"})
            .resolved().issues.empty());
}

TEST_CASE("a trusted folders file that cannot be used stops Qwen Code only where trust is on") {
  for (const bool is_on : {true, false}) {
    auto at = place({.user = settings(m1, is_on ? R"("model": {"name": "m1"}, "security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": true}})"
                                                : R"("model": {"name": "m1"})")});
    judge_trust(at.surroundings, at.environment, "/home/u/p", {{}, "Error in /t.json: broken"}, at.rules);
    CHECK(at.resolved().fatal == (is_on ? "Error in /t.json: broken" : ""));
  }
}

TEST_CASE("every entry is told with what Qwen Code makes of it (facts, 9)") {
  const auto at = place({.user = R"({"$version": 4, "modelProviders": {
    "openai": [{"id": "a", "name": "A", "baseUrl": "http://a", "envKey": "K"}, {"id": "a", "baseUrl": "http://a"}, {"id": "a", "baseUrl": "http://b"},
               {"id": 7}, {"id": "i", "imageOnly": true}],
    "mygw": [{"id": "x"}], "qwen-oauth": [{"id": "coder-model"}], "mapped": [{"id": "y"}], "badly": [{"id": "z"}], "gemini": "text"},
    "providerProtocol": {"mapped": "anthropic", "badly": "nope"}})"});
  std::vector<std::string> seen;
  for (const ConfiguredModel& model : at.models())
    seen.push_back(model.provider + "/" + model.id + "#" + std::to_string(model.index) + " " + model.protocol + (model.is_usable ? " usable" : "") +
                   (model.is_fatal ? " fatal" : "") + (model.is_duplicate ? " duplicate" : "") + (model.reason.empty() ? "" : ": " + model.reason));
  CHECK(seen == std::vector<std::string>{
                    "openai/a#0 openai usable",
                    "openai/a#1 openai duplicate: An earlier entry has the same id and base URL, and Qwen Code takes the first.",
                    "openai/a#2 openai usable",
                    "openai/7#3 openai fatal: (model ?? \"\").toLowerCase is not a function",
                    "openai/i#4 openai: Image-only model 'i' cannot be used as the primary model",
                    "mygw/x#0 : \"mygw\" is no protocol of Qwen Code, and providerProtocol maps it to none.",
                    "qwen-oauth/coder-model#0 qwen-oauth: Qwen Code has models of its own for qwen-oauth and passes over this list.",
                    "mapped/y#0 anthropic usable",
                    "badly/z#0 : providerProtocol[\"badly\"] is no protocol of Qwen Code.",
                    "gemini/#0 gemini: modelProviders.gemini is not a list of models.",
                });
  CHECK(at.models().at(0).name == "A");
  CHECK(at.models().at(2).name == "a");
}

TEST_CASE("in 0.15.6 the id alone tells entries apart, and what is no list is fatal (facts, 9)") {
  const auto models = place({.user = R"({"modelProviders": {"openai": [{"id": "a", "baseUrl": "http://a"}, {"id": "a", "baseUrl": "http://b"}],
                                          "gemini": {"models": []}, "anthropic": "x", "vertex-ai": ""}})",
                             .version = v0_15_6}).models();
  REQUIRE(models.size() == 5);
  CHECK(models[1].is_duplicate);
  CHECK(models[1].reason == "An earlier entry has the same id, and Qwen Code takes the first.");
  CHECK(models[2].reason == "models is not iterable");
  CHECK(models[3].reason == "Model config in authType 'anthropic' missing required field: id");
  CHECK_FALSE(models[4].is_fatal);
}

TEST_CASE("entries keep the order of the files, and the scope that decides") {
  const auto models = place({.user = R"({"modelProviders": {"openai": [{"id": "u"}], "anthropic": [{"id": "c"}], "gemini": [{"id": "g"}]}})",
                             .workspace = R"({"modelProviders": {"gemini": [{"id": "w"}]}})",
                             .system_defaults = R"({"modelProviders": {"vertex-ai": [{"id": "v"}]}})"}).models();
  std::vector<std::string> seen;
  for (const ConfiguredModel& model : models) seen.push_back(model.id + " " + std::string(scope_name(model.scope)));
  CHECK(seen == std::vector<std::string>{"v system-defaults", "u user", "c user", "w workspace"});
}

}  // namespace authd::core
