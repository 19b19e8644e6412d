// From an empty machine to an authenticated Qwen Code, as an editor would do it: the PRD's
// acceptance criteria in one walk per protocol and framing.
#include <catch2/catch.hpp>
#include <csignal>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

struct Journey {
  std::string protocol;
  Framing framing;
};

const std::vector<Journey> journeys{{"openai", Framing::lines},  {"openai", Framing::headers},    {"anthropic", Framing::lines},
                                    {"anthropic", Framing::headers}, {"gemini", Framing::lines}, {"gemini", Framing::headers}};

// The dialog from its root menu to the review step.
std::string walk_from_the_menu(Client& client, const Journey& journey, const std::string& base_url) {
  const std::string session = client.call("wizard.start")["sessionId"];
  Json state;
  for (const auto& [step, value] : std::vector<std::pair<std::string, std::string>>{{"main", "api-key"},
                                                                                    {"api-key-type-select", "custom-api-key"},
                                                                                    {"custom-protocol-select", journey.protocol},
                                                                                    {"custom-base-url-input", base_url},
                                                                                    {"custom-api-key-input", std::string(canary)},
                                                                                    {"custom-model-id-input", "first, second, first"}})
    state = submit(client, session, step, value);
  REQUIRE(state["step"]["id"] == "custom-review-json");
  CHECK(state["step"]["warnings"] == Json::array());
  return session;
}

void check_settings(const Daemon& daemon, const Journey& journey, const std::string& base_url) {
  const std::string name = env_key_of(journey.protocol, base_url);
  Json models = Json::array();
  for (const char* id : {"first", "second"}) models.push_back({{"id", id}, {"name", id}, {"baseUrl", base_url}, {"envKey", name}});
  CHECK(daemon.settings() == Json{{"$version", 4},
                                  {"env", {{name, canary}}},
                                  {"modelProviders", {{journey.protocol, models}}},
                                  {"security", {{"auth", {{"selectedType", journey.protocol}}}}},
                                  {"model", {{"name", "first"}}}});
}

}  // namespace

TEST_CASE("An empty machine is authenticated in one walk, in every protocol and framing") {
  const Provider provider({"--key", std::string(canary), "--model", "first", "--model", "second"});
  for (const Journey& journey : journeys) {
    INFO(journey.protocol);
    const Daemon daemon;
    Client client = daemon.connect(journey.framing);
    const std::string base_url = provider.base_url(journey.protocol);
    const std::string session = walk_from_the_menu(client, journey, base_url);
    const Json plan = preview(client, session);
    CHECK(plan["envKey"] == env_key_of(journey.protocol, base_url));
    const Json result = commit(client, session, {{"etag", plan["etag"]}});
    INFO(result.dump(2));
    CHECK(result["auth"]["state"] == "accepted");
    CHECK(result["auth"]["request"] == plan["request"]);
    CHECK(result["message"] ==
          "Custom API Key authenticated successfully. Settings updated with generated env key and model provider config.");
    CHECK(result["tip"] == "Tip: Use /model to switch between configured models.");
    CHECK(result["closed"] == true);
    CHECK(result["synced"] == Json::array({plan["envKey"]}));
    CHECK(client.reveal("env.export")["variables"] == Json{{plan["envKey"].get<std::string>(), canary}});
    check_settings(daemon, journey, base_url);
  }
  CHECK(provider.requests().size() == journeys.size());
}

TEST_CASE("A key that is refused is saved, told, and mended without a new walk") {
  const Provider provider({"--key", "sk-the-right-key-0001"});
  for (const Journey& journey : journeys) {
    INFO(journey.protocol);
    const Daemon daemon;
    Client client = daemon.connect(journey.framing);
    const std::string session = walk_from_the_menu(client, journey, provider.base_url(journey.protocol));
    const Json refused = commit(client, session, Json::object());
    CHECK(refused["auth"]["state"] == "rejected");
    CHECK(refused["saved"]["changed"] == true);
    CHECK(refused["closed"] == false);
    CHECK(refused["auth"]["hints"].size() == 3);
    check_settings(daemon, journey, provider.base_url(journey.protocol));
    // Back to the key step, a new key, forward again with the former answers.
    client.call("wizard.back", {{"sessionId", session}});
    client.call("wizard.back", {{"sessionId", session}});
    submit(client, session, "custom-api-key-input", "sk-the-right-key-0001");
    submit(client, session, "custom-model-id-input", nullptr);
    const Json accepted = commit(client, session, Json::object());
    CHECK(accepted["auth"]["state"] == "accepted");
    CHECK(accepted["closed"] == true);
    CHECK(daemon.settings()["env"].begin().value() == "sk-the-right-key-0001");
  }
}

TEST_CASE("A refused key can be put back to the former file") {
  const Provider provider;
  const Daemon daemon;
  const std::string before = "{\n  \"theme\": \"dark\"\n}\n";
  write_file(daemon.settings_path(), before);
  Client client = daemon.connect();
  const Json result =
      commit(client, walk_to_review(client, {.base_url = provider.base_url("openai", "401")}), Json::object());
  CHECK(result["closed"] == false);
  client.call("settings.restore", {{"snapshot", result["saved"]["snapshot"]}});
  CHECK(daemon.settings_text() == before);
}

TEST_CASE("Three protocols side by side keep each other's entries") {
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  for (const std::string protocol : {"openai", "anthropic", "gemini"})
    CHECK(commit(client, walk_to_review(client, {.base_url = provider.base_url(protocol), .protocol = protocol}),
                 Json::object())["auth"]["state"] == "accepted");
  const Json settings = daemon.settings();
  CHECK(settings["env"].size() == 3);
  CHECK(settings["modelProviders"].size() == 3);
  CHECK(settings["security"]["auth"]["selectedType"] == "gemini");
  CHECK(client.reveal("env.export")["variables"].size() == 3);
}

TEST_CASE("A daemon that was restarted knows the endpoint again") {
  Daemon daemon;
  std::string name;
  {
    Client client = daemon.connect();
    name = set_up(client)["synced"][0];
    daemon.signal(SIGTERM);
    CHECK(daemon.wait_for_exit() == 0);
  }
  daemon.start();
  Client client = daemon.connect();
  const Json plan = preview(client, walk_to_review(client));
  CHECK(plan["envKey"] == name);
  CHECK(plan["diff"] == "");
  daemon.signal(SIGTERM);
  CHECK(daemon.wait_for_exit() == 0);
}
