// Notifications: events to those who asked, progress for those who gave a token.
#include <catch2/catch.hpp>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const Json all_topics = {"settings", "env", "wizard", "auth", "models"};

}  // namespace

TEST_CASE("A subscriber hears of settings, environment, steps and the verdict") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect(), listener = daemon.connect(Framing::headers);
  CHECK(listener.call("events.subscribe", {{"topics", all_topics}})["topics"] == all_topics);
  const std::string base_url = provider.base_url("openai"), session = walk_to_review(client, {.base_url = base_url});
  std::vector<std::string> steps;
  for (const Json& event : listener.notifications("wizard.changed")) {
    CHECK(event["params"]["sessionId"] == session);
    steps.push_back(event["params"]["step"]);
  }
  CHECK(steps == std::vector<std::string>{"custom-base-url-input", "custom-api-key-input", "custom-model-id-input", "custom-review-json"});
  const Json result = commit(client, session, Json::object());
  const std::string name = env_key_of("openai", base_url);
  const Json settings = listener.next_notification("settings.changed")["params"];
  CHECK(settings["path"] == daemon.settings_path());
  CHECK(settings["etag"] == result["saved"]["etag"]);
  CHECK(settings["by"] == "self");
  CHECK(settings["keys"] == Json{"$version", "env." + name, "modelProviders.openai", "security.auth.selectedType", "model.name"});
  CHECK(listener.next_notification("env.changed")["params"] == Json{{"names", {name}}});
  CHECK(listener.next_notification("auth.changed")["params"] == Json{{"state", "accepted"}});
}

TEST_CASE("Who did not subscribe hears nothing, and each hears only of its topics") {
  const Daemon daemon;
  Client client = daemon.connect(), silent = daemon.connect(), env_only = daemon.connect(), none = daemon.connect();
  env_only.call("events.subscribe", {{"topics", {"env"}}});
  none.call("events.subscribe", {{"topics", {"env", "settings", "wizard", "auth"}}});
  none.call("events.subscribe", {{"topics", Json::array()}});
  set_up(client);
  CHECK(client.notifications().empty());
  CHECK(silent.notifications().empty());
  CHECK(none.notifications().empty());
  const auto events = env_only.notifications();
  REQUIRE(events.size() == 1);
  CHECK(events[0]["method"] == "env.changed");
}

TEST_CASE("A commit that changes nothing is no event of settings or environment") {
  const Daemon daemon;
  Client client = daemon.connect(), listener = daemon.connect();
  set_up(client);
  listener.call("events.subscribe", {{"topics", {"settings", "env"}}});
  set_up(client);
  CHECK(listener.notifications().empty());
}

TEST_CASE("A topic that is not there is refused") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const Json& topics : std::vector<Json>{{"weather"}, {"env", ""}, "env", {1}}) {
    const Json error = client.refusal("events.subscribe", {{"topics", topics}});
    CHECK(error["code"] == -32602);
    CHECK(error["data"]["kind"] == "invalid_params");
    CHECK(error["message"].get<std::string>().starts_with("params.topics"));
  }
  CHECK(client.refusal("events.subscribe")["code"] == -32602);
}

TEST_CASE("Progress begins, reports and ends before the answer, with the token as it was given") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect(), neighbour = daemon.connect();
  neighbour.call("events.subscribe", {{"topics", all_topics}});
  for (const Json& token : std::vector<Json>{"a-token", 7}) {
    const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai")});
    const int id = client.request("wizard.commit", {{"sessionId", session}, {"workDoneToken", token}});
    std::vector<std::string> kinds;
    for (Json message = client.next();; message = client.next()) {
      if (message.contains("result")) {
        CHECK(message["id"] == id);
        break;
      }
      CHECK(message["method"] == "$/progress");
      CHECK(message["params"]["token"] == token);
      CHECK_FALSE(message["params"]["value"]["message"].get<std::string>().empty());
      kinds.push_back(message["params"]["value"]["kind"]);
    }
    REQUIRE(kinds.size() >= 3);
    CHECK(kinds.front() == "begin");
    CHECK(kinds.back() == "end");
    for (std::size_t i = 1; i + 1 < kinds.size(); ++i) CHECK(kinds[i] == "report");
  }
  CHECK(neighbour.notifications("$/progress").empty());
}

TEST_CASE("Progress ends even when the commit fails, and there is none without a token") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{ broken");
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  client.refusal("wizard.commit", {{"sessionId", session}});
  CHECK(client.notifications().empty());
  client.refusal("wizard.commit", {{"sessionId", session}, {"workDoneToken", "t"}});
  const auto progress = client.notifications("$/progress");
  REQUIRE(progress.size() >= 2);
  CHECK(progress.front()["params"]["value"]["kind"] == "begin");
  CHECK(progress.back()["params"]["value"]["kind"] == "end");
}

TEST_CASE("A check that takes long reports every second and says what may be the reason") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const int id = client.request("wizard.commit", {{"sessionId", session}, {"workDoneToken", "t"}});
  std::string message;
  while (message.find("2 s") == std::string::npos) {
    const Json value = client.next_notification("$/progress")["params"]["value"];
    message = value["message"];
    CHECK(value["kind"] != "end");
  }
  CHECK(message.find("loading") != std::string::npos);
  client.notify("$/cancelRequest", {{"id", id}});
  CHECK(client.result_of(id)["auth"]["code"] == "cancelled");
}

TEST_CASE("Without a token a check ends after eight seconds") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang-body")});
  const Json result = commit(client, session, Json::object());
  CHECK(result["auth"]["state"] == "inconclusive");
  CHECK(result["auth"]["code"] == "N704");
  CHECK(result["auth"]["latencyMs"].get<int>() >= 7900);
}
