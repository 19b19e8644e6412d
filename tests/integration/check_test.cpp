// The verdict on every way in which a provider answers, in all three protocols (rpc-contract,
// Verdict), and the one request that leads to it.
#include <catch2/catch.hpp>
#include <set>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string success =
    "Custom API Key authenticated successfully. Settings updated with generated env key and model provider config.";
const Json please_check = {"Base URL is compatible with the selected protocol", "API key is valid for this endpoint",
                           "Model ID exists for this provider"};

struct Row {
  std::string mode, state, code;
  int status;  // 0: none is reported
};

const std::vector<Row> rows{
    {"ok", "accepted", "", 200},
    {"slow", "accepted", "", 200},
    {"json", "accepted", "", 200},
    {"401", "rejected", "K203", 401},
    {"403-key", "rejected", "K203", 403},
    {"400-key", "rejected", "K203", 400},
    {"echo-key", "rejected", "K203", 401},
    {"echo-part", "rejected", "K203", 401},
    {"escapes", "rejected", "K203", 401},
    {"error-event", "rejected", "K203", 200},
    {"403", "accepted_but", "M501", 403},
    {"404-model", "accepted_but", "M501", 404},
    {"400", "accepted_but", "M501", 400},
    {"402", "accepted_but", "Q603", 402},
    {"429", "accepted_but", "Q601", 429},
    {"429-quota", "accepted_but", "Q603", 429},
    {"429-plan", "accepted_but", "K201", 429},
    {"404-path", "inconclusive", "U301", 404},
    {"500", "inconclusive", "", 500},
    {"503", "inconclusive", "", 503},
    {"529", "inconclusive", "", 529},
    {"redirect", "inconclusive", "", 307},
    {"huge", "inconclusive", "", 200},
    {"huge-stream", "inconclusive", "", 200},
    {"html", "inconclusive", "N704", 200},
    {"html-502", "inconclusive", "", 502},
    {"close", "inconclusive", "N704", 200},
    {"reset", "inconclusive", "N704", 0},
    {"empty", "inconclusive", "", 200},
    {"broken-json", "inconclusive", "", 200},
};

std::string request_path(const std::string& protocol, const std::string& mode) {
  const std::string base = "/mode-" + mode;
  if (protocol == "anthropic") return base + "/v1/messages";
  if (protocol == "gemini") return base + "/v1beta/models/m1:streamGenerateContent?alt=sse";
  return base + "/v1/chat/completions";
}

// The members of the contract's Verdict, whatever its state is.
void check_verdict(const Json& auth, const Row& row, const Answers& answers, const std::string& url) {
  CHECK(auth["state"] == row.state);
  CHECK(auth.value("code", "") == row.code);
  CHECK(auth.value("httpStatus", 0) == row.status);
  CHECK(auth["request"] == Json{{"method", "POST"}, {"url", url}});
  CHECK(auth["model"] == "m1");
  CHECK(auth["provider"] == Json{{"protocol", answers.protocol}, {"baseUrl", answers.base_url}});
  CHECK(auth["latencyMs"].is_number_integer());
  CHECK(auth["observed"].is_object());
  CHECK_FALSE(auth.contains("proven"));
  const std::string message = auth["message"];
  CHECK_FALSE(message.empty());
  for (const char c : message) CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK(message.find("\xC2\x9B") == std::string::npos);
  CHECK(message.find("\xE2\x80\xAE") == std::string::npos);
}

void check_screen(const Json& result, const std::string& state) {
  const bool is_accepted = state == "accepted";
  CHECK(result["closed"] == is_accepted);
  CHECK(result.contains("tip") == is_accepted);
  CHECK(result["auth"]["hints"] == (is_accepted ? Json::array() : please_check));
  CHECK(result["message"] ==
        (is_accepted ? success : "Failed to authenticate. Message: " + result["auth"]["message"].get<std::string>()));
  if (is_accepted) CHECK(result["tip"] == "Tip: Use /model to switch between configured models.");
}

void check_all_modes(const std::string& protocol) {
  const Provider elsewhere;
  const Provider provider({"--redirect-to", elsewhere.origin() + "/v1/chat/completions"});
  const Daemon daemon;
  Client client = daemon.connect();
  std::size_t asked = 0;
  for (const Row& row : rows) {
    INFO(protocol << " " << row.mode);
    const Answers answers{.base_url = provider.base_url(protocol, row.mode), .protocol = protocol};
    const std::string session = walk_to_review(client, answers);
    const std::string path = request_path(protocol, row.mode);
    CHECK(preview(client, session)["request"] == Json{{"method", "POST"}, {"url", provider.origin() + path}});
    const Json result = commit(client, session, Json::object());
    INFO(result.dump(2));
    check_verdict(result["auth"], row, answers, provider.origin() + path);
    check_screen(result, row.state);
    CHECK(result["saved"]["changed"] == true);
    const auto requests = provider.requests();
    REQUIRE(requests.size() == ++asked);
    CHECK(requests.back()["method"] == "POST");
    CHECK(requests.back()["path"] == path);
    // A refused session stays where it was, an accepted one is gone.
    const Json state = client.answer_to(client.request("wizard.state", {{"sessionId", session}}));
    if (row.state == "accepted")
      CHECK(state["error"]["code"] == -32010);
    else
      CHECK(state["result"]["step"]["id"] == "custom-review-json");
  }
  CHECK(elsewhere.requests().empty());
}

}  // namespace

TEST_CASE("Every answer of an OpenAI-compatible provider gets the verdict it deserves") { check_all_modes("openai"); }

TEST_CASE("Every answer of an Anthropic-compatible provider gets the verdict it deserves") { check_all_modes("anthropic"); }

TEST_CASE("Every answer of a Gemini-compatible provider gets the verdict it deserves") { check_all_modes("gemini"); }

TEST_CASE("The check sends what Qwen Code would send, and nothing else that names a user") {
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  struct Expected {
    std::string protocol;
    std::map<std::string, std::string> headers;
    std::vector<std::string> absent;
    Json body;
  };
  const std::string bearer = "Bearer " + std::string(canary), key(canary);
  const Json chat = {{"model", "m1"}, {"max_tokens", 1}, {"stream", true}, {"messages", {{{"role", "user"}, {"content", "hi"}}}}};
  for (const Expected& expected : std::vector<Expected>{
           {"openai", {{"authorization", bearer}, {"content-type", "application/json"}}, {"x-api-key", "x-goog-api-key"}, chat},
           {"anthropic",
            {{"authorization", bearer}, {"content-type", "application/json"}, {"anthropic-version", "2023-06-01"}},
            {"x-api-key", "x-goog-api-key"},
            chat},
           {"gemini",
            {{"x-goog-api-key", key}, {"content-type", "application/json"}},
            {"authorization", "x-api-key"},
            {{"contents", {{{"role", "user"}, {"parts", {{{"text", "hi"}}}}}}}, {"generationConfig", {{"maxOutputTokens", 1}}}}},
       }) {
    INFO(expected.protocol);
    const std::string session =
        walk_to_review(client, {.base_url = provider.base_url(expected.protocol), .protocol = expected.protocol});
    CHECK(commit(client, session, Json::object())["auth"]["state"] == "accepted");
    const Json request = provider.requests().back();
    const Json& headers = request["headers"];
    INFO(headers.dump(2));
    for (const auto& [name, value] : expected.headers) CHECK(headers.value(name, "") == value);
    // To a gateway of Anthropic's protocol Qwen Code calls itself Claude's (qwen-code-runs, 1.1).
    const std::string agent = expected.protocol == "anthropic" ? "claude-cli/0.24.4 (external, cli)" : "QwenCode/0.24.4 (linux; x64)";
    CHECK(headers["user-agent"] == agent + " qwen-authd/0.1.0");
    CHECK(headers["host"] == "127.0.0.1:" + provider.port());
    for (const std::string& name : expected.absent) CHECK_FALSE(headers.contains(name));
    for (const char* name : {"cookie", "referer", "expect", "proxy-authorization", "from"}) CHECK_FALSE(headers.contains(name));
    CHECK(Json::parse(request["body"].get<std::string>()) == expected.body);
  }
}

TEST_CASE("The first model is the one that is asked for, its blanks and slashes as the URL needs them") {
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  std::string session = walk_to_review(client, {.base_url = provider.base_url("openai"), .model_ids = "qwen/qwen3-coder, other"});
  CHECK(commit(client, session, Json::object())["auth"]["model"] == "qwen/qwen3-coder");
  CHECK(Json::parse(provider.requests().back()["body"].get<std::string>())["model"] == "qwen/qwen3-coder");
  session = walk_to_review(client, {.base_url = provider.base_url("gemini"), .protocol = "gemini", .model_ids = "gemini 2.5?x"});
  commit(client, session, Json::object());
  CHECK(provider.requests().back()["path"] == "/mode-ok/v1beta/models/gemini%202.5%3Fx:streamGenerateContent?alt=sse");
}

TEST_CASE("A trailing slash of the base URL is not doubled") {
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  for (const std::string protocol : {"openai", "anthropic", "gemini"}) {
    const std::string session = walk_to_review(client, {.base_url = provider.base_url(protocol) + "/", .protocol = protocol});
    CHECK(commit(client, session, Json::object())["auth"]["state"] == "accepted");
    CHECK(provider.requests().back()["path"] == request_path(protocol, "ok"));
  }
}

TEST_CASE("A provider that refuses the connection is inconclusive, and what was entered is saved") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json result = commit(client, walk_to_review(client), Json::object());
  CHECK(result["auth"]["state"] == "inconclusive");
  CHECK(result["auth"]["code"] == "N704");
  CHECK_FALSE(result["auth"].contains("httpStatus"));
  CHECK(result["saved"]["changed"] == true);
  CHECK(result["closed"] == false);
}

TEST_CASE("A refused key can be mended in the same session") {
  const Provider provider({"--key", std::string(canary)});
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai"), .key = "sk-not-the-right-one"});
  CHECK(commit(client, session, Json::object())["auth"]["state"] == "rejected");
  const Json state = client.call("wizard.amend", {{"sessionId", session}, {"step", "custom-api-key-input"}, {"value", canary}});
  CHECK(state["step"]["id"] == "custom-review-json");
  const Json result = commit(client, session, Json::object());
  CHECK(result["auth"]["state"] == "accepted");
  CHECK(daemon.settings()["env"].size() == 1);
  CHECK(daemon.settings()["env"].begin().value() == std::string(canary));
  CHECK(daemon.settings()["modelProviders"]["openai"].size() == 1);
}

TEST_CASE("An entry's own headers are sent along, as Qwen Code sends them") {
  const Provider provider;
  const Daemon daemon;
  const std::string base_url = provider.base_url("openai"), env_key = env_key_of("openai", base_url);
  const Json entry = {{"id", "m1"}, {"name", "m1"}, {"baseUrl", base_url}, {"envKey", env_key},
                      {"generationConfig", {{"customHeaders", {{"X-Team", "blue"}}}}}};
  write_file(daemon.settings_path(), Json{{"modelProviders", {{"openai", {entry}}}}}.dump());
  Client client = daemon.connect();
  const Json result = commit(client, walk_to_review(client, {.base_url = base_url}), Json::object());
  CHECK(result["auth"]["state"] == "accepted");
  CHECK(provider.requests().back()["headers"]["x-team"] == "blue");
  CHECK(daemon.settings()["modelProviders"]["openai"][0] == entry);
}

TEST_CASE("An answer without streaming is accepted with a note") {
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  const Json result = commit(client, walk_to_review(client, {.base_url = provider.base_url("openai", "json")}), Json::object());
  CHECK(result["auth"]["observed"]["streamed"] == false);
  CHECK(result["notes"].dump().find("streamed answer") != std::string::npos);
}

TEST_CASE("A rate limit's Retry-After is reported") {
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  const Json result = commit(client, walk_to_review(client, {.base_url = provider.base_url("openai", "429")}), Json::object());
  CHECK(result["auth"]["observed"]["retryAfter"] == "7");
}
