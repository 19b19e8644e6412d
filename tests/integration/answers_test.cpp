// What the steps accept, refuse and warn of; sessions and steps that are not there.
#include <catch2/catch.hpp>
#include <set>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

// A session that stands at this step of the custom flow.
std::string walk_to(Client& client, const std::string& step, const Answers& answers = {}) {
  const std::string session = start(client, answers)["sessionId"];
  for (const auto& [id, value] : std::vector<std::pair<std::string, std::string>>{
           {"custom-protocol-select", answers.protocol}, {"custom-base-url-input", answers.base_url},
           {"custom-api-key-input", answers.key}, {"custom-model-id-input", answers.model_ids}}) {
    if (id == step) break;
    submit(client, session, id, value);
  }
  return session;
}

}  // namespace

TEST_CASE("A wrong value is refused with the PRD's text and leaves the session where it was") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    std::string step;
    Json value;
    std::string message;
  };
  for (const Row& row : std::vector<Row>{
           {"custom-base-url-input", nullptr, "Base URL cannot be empty."},
           {"custom-base-url-input", "", "Base URL cannot be empty."},
           {"custom-base-url-input", " \t\n\u200b\ufeff ", "Base URL cannot be empty."},
           {"custom-base-url-input", "openrouter.ai/api/v1", "Base URL must start with http:// or https://."},
           {"custom-base-url-input", "ftp://example.com", "Base URL must start with http:// or https://."},
           {"custom-base-url-input", "httpx://example.com", "Base URL must start with http:// or https://."},
           {"custom-api-key-input", nullptr, "API key cannot be empty."},
           {"custom-api-key-input", "", "API key cannot be empty."},
           {"custom-api-key-input", "  \u200b ", "API key cannot be empty."},
           {"custom-api-key-input", "\u001b[200~\u001b[201~", "API key cannot be empty."},
           {"custom-model-id-input", nullptr, "Model IDs cannot be empty."},
           {"custom-model-id-input", "", "Model IDs cannot be empty."},
           {"custom-model-id-input", " , ,, ", "Model IDs cannot be empty."},
       }) {
    INFO(row.step << " " << row.value.dump());
    const std::string session = walk_to(client, row.step);
    Json params = {{"sessionId", session}, {"step", row.step}};
    if (!row.value.is_null()) params["value"] = row.value;
    const Json error = client.refusal("wizard.submitStep", params);
    CHECK(error["code"] == -32012);
    CHECK(error["message"] == row.message);
    CHECK(error["data"]["kind"] == "invalid_input");
    CHECK(error["data"]["field"] == "value");
    CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == row.step);
    client.call("wizard.cancel", {{"sessionId", session}});
  }
}

TEST_CASE("An unknown option of a select step is refused") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to(client, "custom-protocol-select");
  for (const Json& value : std::vector<Json>{"", "vertex-ai", "OpenAI", "openai ", nullptr}) {
    Json params = {{"sessionId", session}, {"step", "custom-protocol-select"}};
    if (!value.is_null()) params["value"] = value;
    CHECK(client.refusal("wizard.submitStep", params)["code"] == -32012);
  }
}

TEST_CASE("Outer white space, BOM, zero-width characters and paste marks are taken off an input") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string dirt_before = "\ufeff \t\u200b\u001b[200~\u00a0", dirt_after = "\u001b[201~\u200d\r\n ";
  const Answers answers{.base_url = dirt_before + "HTTPS://Example.com/v1" + dirt_after,
                        .model_ids = dirt_before + " a ,\u00a0b , a" + dirt_after,
                        .key = dirt_before + std::string(canary) + dirt_after};
  const std::string session = walk_to_review(client, answers);
  commit(client, session);
  const Json settings = daemon.settings();
  CHECK(settings["env"] == Json{{"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_EXAMPLE_COM_V1", canary}});
  REQUIRE(settings["modelProviders"]["openai"].size() == 2);
  CHECK(settings["modelProviders"]["openai"][0]["baseUrl"] == "HTTPS://Example.com/v1");
  CHECK(settings["modelProviders"]["openai"][0]["id"] == "a");
  CHECK(settings["modelProviders"]["openai"][1]["id"] == "b");
}

TEST_CASE("A key with a byte that no header can carry is refused with the code point and its place") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    std::string key, code_point, position;
  };
  for (const Row& row : std::vector<Row>{
           {"sk-\u201cabcdefghijklmnop", "U+201C", "position 4"},
           {"\u2500sk-abcdefghijklmnop", "U+2500", "position 1"},
           {"sk-abcdef ghijklmnop", "U+0020", "position 10"},
           {"sk-abcdefghijklm\nnop", "U+000A", "position 17"},
           {"sk-abcdefg\u200bhijklmnop", "U+200B", "position 11"},
           {"sk-abcdefghijklmnop\u007fx", "U+007F", "position 20"},
           {"sk-\U0001F511abcdefghijklmnop", "U+1F511", "position 4"},
       }) {
    INFO(row.code_point);
    const std::string session = walk_to(client, "custom-api-key-input");
    const Json error = client.refusal("wizard.submitStep", {{"sessionId", session}, {"step", "custom-api-key-input"}, {"value", row.key}});
    CHECK(error["code"] == -32012);
    const std::string message = error["message"];
    INFO(message);
    CHECK(message.find(row.code_point) != std::string::npos);
    CHECK(message.find(row.position) != std::string::npos);
    CHECK(message.find("abcdef") == std::string::npos);
  }
}

TEST_CASE("A control character inside a base URL is refused") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to(client, "custom-base-url-input");
  const Json error = client.refusal("wizard.submitStep", {{"sessionId", session},
                                                          {"step", "custom-base-url-input"},
                                                          {"value", "https://example.com/\r\nX-Evil: 1/v1"}});
  CHECK(error["code"] == -32012);
  CHECK(error["data"]["field"] == "value");
}

TEST_CASE("A base URL is warned of, never refused, and its suggestion is warned of no more") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    std::string protocol, base_url, code, suggestion;
  };
  for (const Row& row : std::vector<Row>{
           {"anthropic", "https://api.anthropic.com/v1", "U301", "https://api.anthropic.com"},
           {"anthropic", "https://gw.example/anthropic/v1/", "U301", "https://gw.example/anthropic"},
           {"gemini", "https://generativelanguage.googleapis.com/v1beta", "U301", "https://generativelanguage.googleapis.com"},
           {"gemini", "https://generativelanguage.googleapis.com/v1", "U301", "https://generativelanguage.googleapis.com"},
           {"openai", "https://api.openai.com", "U301", "https://api.openai.com/v1"},
           {"openai", "https://api.openai.com/v1/chat/completions", "U302", "https://api.openai.com/v1"},
           {"anthropic", "https://api.anthropic.com/v1/messages", "U302", "https://api.anthropic.com"},
           {"openai", "http://example.com/v1", "U304", "https://example.com/v1"},
           {"openai", "https://example.com/v1?x=1", "U304", "https://example.com/v1"},
       }) {
    INFO(row.protocol << " " << row.base_url);
    const std::string session = walk_to(client, "custom-base-url-input", {.protocol = row.protocol});
    Json state = submit(client, session, "custom-base-url-input", row.base_url);
    CHECK(state["step"]["id"] == "custom-api-key-input");
    REQUIRE(codes_of(state["step"]["warnings"]) == std::vector<std::string>{row.code});
    const Json warning = state["step"]["warnings"][0];
    CHECK(warning["step"] == "custom-base-url-input");
    CHECK(warning["suggestion"] == row.suggestion);
    CHECK_FALSE(warning["name"].get<std::string>().empty());
    CHECK_FALSE(warning["message"].get<std::string>().empty());
    // Shown on that step again, too.
    CHECK(codes_of(client.call("wizard.back", {{"sessionId", session}})["step"]["warnings"]) == std::vector<std::string>{row.code});
    submit(client, session, "custom-base-url-input", nullptr);
    state = client.call("wizard.amend", {{"sessionId", session}, {"step", "custom-base-url-input"}, {"value", row.suggestion}});
    CHECK(state["step"]["id"] == "custom-api-key-input");
    CHECK(state["step"]["context"][1]["value"] == row.suggestion);
    CHECK(state["step"]["warnings"] == Json::array());
    submit(client, session, "custom-api-key-input", canary);
    submit(client, session, "custom-model-id-input", "m1");
    CHECK(preview(client, session)["warnings"] == Json::array());
  }
}

TEST_CASE("All warnings stand in the preview with the step that each is about") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session =
      walk_to_review(client, {.base_url = "http://api.example.com/$TEAM/v1", .protocol = "anthropic", .key = "sk-$HOME-abcdefgh"});
  std::set<std::pair<std::string, std::string>> found;
  const Json warnings = preview(client, session)["warnings"];
  for (const Json& warning : warnings) found.emplace(warning["code"].get<std::string>(), warning["step"].get<std::string>());
  CHECK(found == std::set<std::pair<std::string, std::string>>{{"U301", "custom-base-url-input"},
                                                               {"U304", "custom-base-url-input"},
                                                               {"E110", "custom-base-url-input"},
                                                               {"E110", "custom-api-key-input"}});
}

TEST_CASE("Plain http to a loopback host is nothing to warn of") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const char* base_url : {"http://localhost:11434/v1", "http://127.0.0.1:1234/v1", "http://[::1]:8080/v1"})
    CHECK(preview(client, walk_to_review(client, {.base_url = base_url}))["warnings"] == Json::array());
}

TEST_CASE("Another protocol or base URL drops the key that was typed for the former one") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    int steps_back;
    std::string step, value;
  };
  for (const Row& row : std::vector<Row>{{3, "custom-base-url-input", "https://other.example/v1"},
                                         {4, "custom-protocol-select", "anthropic"}}) {
    const std::string session = walk_to_review(client, {.base_url = "https://example.com/v1"});
    for (int i = 0; i < row.steps_back; ++i) client.call("wizard.back", {{"sessionId", session}});
    Json state = submit(client, session, row.step, row.value);
    if (state["step"]["id"] == "custom-base-url-input") state = submit(client, session, "custom-base-url-input", nullptr);
    CHECK(state["step"]["id"] == "custom-api-key-input");
    CHECK(state["step"]["hasValue"] == false);
    const Json error = client.refusal("wizard.submitStep", {{"sessionId", session}, {"step", "custom-api-key-input"}});
    CHECK(error["message"] == "API key cannot be empty.");
    CHECK(submit(client, session, "custom-api-key-input", canary)["step"]["value"] == "m1");
  }
}

TEST_CASE("The same base URL again keeps the key") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = "https://example.com/v1"});
  for (int i = 0; i < 3; ++i) client.call("wizard.back", {{"sessionId", session}});
  CHECK(submit(client, session, "custom-base-url-input", "https://example.com/v1")["step"]["hasValue"] == true);
}

TEST_CASE("A suggestion on the same host keeps the key and the place, one on another host drops the key") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = "https://api.anthropic.com/v1", .protocol = "anthropic"});
  Json params = {{"sessionId", session}, {"step", "custom-base-url-input"}, {"value", "https://api.anthropic.com"}};
  CHECK(client.call("wizard.amend", params)["step"]["id"] == "custom-review-json");
  const Json plan = preview(client, session);
  CHECK(plan["request"]["url"] == "https://api.anthropic.com/v1/messages");
  CHECK(plan["patch"]["modelProviders"]["anthropic"][0]["baseUrl"] == "https://api.anthropic.com");
  params["value"] = "https://elsewhere.example";
  const Json state = client.call("wizard.amend", params);
  CHECK(state["step"]["id"] == "custom-api-key-input");
  CHECK(state["step"]["hasValue"] == false);
  CHECK(client.refusal("wizard.commit", {{"sessionId", session}})["code"] == -32011);
}

TEST_CASE("A wrong amendment changes nothing") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = "https://example.com/v1"});
  const Json before = preview(client, session);
  const Json error = client.refusal("wizard.amend", {{"sessionId", session}, {"step", "custom-base-url-input"}, {"value", "nope"}});
  CHECK(error["message"] == "Base URL must start with http:// or https://.");
  CHECK(client.refusal("wizard.amend", {{"sessionId", session}, {"step", "no-such-step"}, {"value", "x"}})["code"] == -32011);
  CHECK(preview(client, session) == before);
}

TEST_CASE("A step that is not the current one is refused, and the current one is named") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to(client, "custom-base-url-input");
  for (const char* step : {"custom-api-key-input", "custom-protocol-select", "main", ""}) {
    const Json error = client.refusal("wizard.submitStep", {{"sessionId", session}, {"step", step}, {"value", "x"}});
    CHECK(error["code"] == -32011);
    CHECK(error["data"]["kind"] == "wrong_step");
    CHECK(error["data"]["current"] == "custom-base-url-input");
  }
  for (const char* method : {"wizard.preview", "wizard.commit"}) {
    const Json error = client.refusal(method, {{"sessionId", session}});
    CHECK(error["code"] == -32011);
    CHECK(error["data"]["current"] == "custom-base-url-input");
  }
}

TEST_CASE("A session that is not there is told so by every method that needs one") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const char* method : {"wizard.submitStep", "wizard.amend", "wizard.back", "wizard.state", "wizard.cancel", "wizard.preview",
                             "wizard.commit"}) {
    const Json error = client.refusal(method, {{"sessionId", "nope"}, {"step", "main"}, {"value", "x"}});
    CHECK(error["code"] == -32010);
    CHECK(error["data"]["kind"] == "unknown_session");
    CHECK_FALSE(error["data"]["hint"].get<std::string>().empty());
  }
}

TEST_CASE("Sessions outlive their connection, are listed without secrets and end with wizard.cancel") {
  const Daemon daemon;
  std::string session;
  {
    Client client = daemon.connect();
    session = walk_to_review(client);
  }
  Client client = daemon.connect();
  const Json sessions = client.call("wizard.list")["sessions"];
  REQUIRE(sessions.size() == 1);
  CHECK(sessions[0]["sessionId"] == session);
  CHECK(sessions[0]["flow"] == "custom-api-key");
  CHECK(sessions[0]["step"] == "custom-review-json");
  CHECK(client.call("wizard.cancel", {{"sessionId", session}}) == Json{{"closed", true}});
  CHECK(client.call("wizard.list")["sessions"] == Json::array());
  CHECK_FALSE(exists(daemon.settings_path()));
}
