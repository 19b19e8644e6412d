// Cancellation: before the write nothing was written, after it the normal result says so.
#include <catch2/catch.hpp>
#include <thread>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

void check_cancelled(const Json& error) {
  CHECK(error["code"] == -32800);
  CHECK(error["data"]["kind"] == "cancelled");
  CHECK_FALSE(error["message"].get<std::string>().empty());
}

void check_saved_but_cancelled(const Json& result) {
  INFO(result.dump(2));
  CHECK(result["saved"]["changed"] == true);
  CHECK(result["auth"]["state"] == "not_tested");
  CHECK(result["auth"]["code"] == "cancelled");
  CHECK(result["auth"]["hints"] == Json::array());
  CHECK(result["message"] == "Settings saved. The key was not checked.");
  CHECK(result["closed"] == false);
}

struct Spelling {
  const char* method;
  const char* member;
};
const std::vector<Spelling> spellings{{"$/cancelRequest", "id"}, {"$/cancel_request", "requestId"}};

}  // namespace

TEST_CASE("A commit cancelled before its write has written nothing") {
  for (const Spelling& spelling : spellings) {
    const Daemon daemon;
    const Provider provider;
    Client client = daemon.connect();
    const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
    const int commit = client.request("wizard.commit", {{"sessionId", session}, {"check", "before"}});
    REQUIRE(provider.was_asked());
    client.notify(spelling.method, {{spelling.member, commit}});
    check_cancelled(client.error_of(commit));
    CHECK_FALSE(exists(daemon.home() + "/.qwen"));
    CHECK(names_in(daemon.history()).empty());
    CHECK(client.reveal("env.export")["variables"] == Json::object());
    CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == "custom-review-json");
  }
}

TEST_CASE("A commit cancelled while it checks is answered at once as saved and not tested") {
  for (const Spelling& spelling : spellings) {
    const Daemon daemon;
    const Provider provider;
    Client client = daemon.connect();
    const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
    const int commit = client.request("wizard.commit", {{"sessionId", session}});
    REQUIRE(provider.was_asked());
    client.notify(spelling.method, {{spelling.member, commit}});
    const Json result = client.result_of(commit);
    check_saved_but_cancelled(result);
    CHECK(result["saved"]["path"] == daemon.settings_path());
    CHECK(daemon.settings()["security"]["auth"]["selectedType"] == "openai");
    CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == "custom-review-json");
  }
}

TEST_CASE("A commit cancelled at any moment either wrote nothing or says what it saved") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  for (int round = 0; round < 30; ++round) {
    const std::string before = daemon.settings_text();
    const std::string base_url = provider.origin() + "/mode-hang/" + std::to_string(round) + "/v1";
    const std::string session = walk_to_review(client, {.base_url = base_url});
    const int commit = client.request("wizard.commit", {{"sessionId", session}});
    std::this_thread::sleep_for(std::chrono::microseconds(round * 300));
    client.notify("$/cancelRequest", {{"id", commit}});
    const Json answer = client.answer_to(commit);
    if (answer.contains("error")) {
      check_cancelled(answer["error"]);
      CHECK(daemon.settings_text() == before);
    } else {
      check_saved_but_cancelled(answer["result"]);
      CHECK(daemon.settings()["env"][env_key_of("openai", base_url)] == std::string(canary));
    }
  }
}

TEST_CASE("What would write and is cancelled before its turn has written nothing") {
  const std::string settings = R"({"$version": 4, "model": {"name": "m"}})";
  const Daemon daemon({.settings = settings});
  Client client = daemon.connect();
  const Json document = {{"model", {{"name", "other"}}}};
  const std::vector<std::pair<std::string, Json>> methods = {
      {"settings.set", {{"scope", "user"}, {"path", "model.name"}, {"value", "other"}}},
      {"settings.remove", {{"scope", "user"}, {"path", "model.name"}}},
      {"settings.apply", {{"document", {{"settings", document}}}}},
      {"keys.set", {{"name", "MY_API_KEY"}, {"command", {"true"}}}}};
  int id = 1000;
  for (const auto& [method, params] : methods) {
    CAPTURE(method);
    // The settings thread has other things to do first, so that the cancellation comes in between.
    std::string text;
    for (int i = 0; i < 60; ++i) text += Json{{"jsonrpc", "2.0"}, {"id", 2000 + i}, {"method", "models.list"}}.dump() + "\n";
    text += Json{{"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", params}}.dump() + "\n";
    text += Json{{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}}.dump() + "\n";
    client.send_bytes(text);
    const Json error = client.error_of(id);
    check_cancelled(error);
    CHECK(error["message"] == "Cancelled before anything was written.");
  }
  CHECK(client.call("keys.list")["keys"] == Json::array());
  CHECK(daemon.settings_text() == settings);
  CHECK(client.call("settings.history")["snapshots"] == Json::array());
}

TEST_CASE("A cancelled commit can be repeated in the same session") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const int first = client.request("wizard.commit", {{"sessionId", session}});
  REQUIRE(provider.was_asked());
  client.notify("$/cancelRequest", {{"id", first}});
  client.result_of(first);
  const Json again = commit(client, session);
  CHECK(again["saved"]["changed"] == false);
  CHECK(again["closed"] == true);
}

TEST_CASE("Only the request with exactly that id is cancelled") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect(), neighbour = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const Json params = {{"sessionId", session}, {"check", "before"}};
  client.send_text(Json{{"jsonrpc", "2.0"}, {"id", "77"}, {"method", "wizard.commit"}, {"params", params}}.dump());
  REQUIRE(provider.was_asked());
  for (const Json& id : std::vector<Json>{77, "7", nullptr, 77.0, Json::array({"77"})}) client.notify("$/cancelRequest", {{"id", id}});
  client.notify("$/cancelRequest", {{"requestId", "77"}});
  client.notify("$/cancelRequest");
  neighbour.notify("$/cancelRequest", {{"id", "77"}});
  CHECK(neighbour.call("daemon.info")["counters"]["checks"] == 1);
  CHECK(client.call("daemon.info")["counters"]["checks"] == 1);
  client.notify("$/cancelRequest", {{"id", "77"}});
  const Json answer = client.next();
  CHECK(answer["id"] == "77");
  check_cancelled(answer["error"]);
}

TEST_CASE("A cancel of what is not open is silent") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.notify("$/cancelRequest", {{"id", 12345}});
  client.notify("$/cancel_request", {{"requestId", "x"}});
  client.send_text(R"({"jsonrpc":"2.0","method":"$\/cancelRequest","params":{"id":1}})");
  CHECK(client.call("daemon.ping") == Json::object());
  CHECK(client.notifications().empty());
}

TEST_CASE("Closing the session of a commit under way ends its check, and the commit is answered") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const int commit = client.request("wizard.commit", {{"sessionId", session}});
  REQUIRE(provider.was_asked());
  CHECK(client.call("wizard.cancel", {{"sessionId", session}}) == Json{{"closed", true}});
  const Json result = client.result_of(commit);
  CHECK(result["saved"]["changed"] == true);
  CHECK(result["auth"]["code"] == "cancelled");
  CHECK(client.refusal("wizard.state", {{"sessionId", session}})["code"] == -32010);
}
