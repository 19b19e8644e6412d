// models.select, models.remove, models.discover and auth.logout.
#include <catch2/catch.hpp>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string two_endpoints = R"({
  "$version": 4,
  "env": {"A": "sk-aaaa-1234567890", "B": "sk-bbbb-1234567890"},
  "modelProviders": {"openai": [
    {"id": "m1", "name": "first", "baseUrl": "http://127.0.0.1:9/a/v1", "envKey": "A"},
    {"id": "m1", "name": "second", "baseUrl": "http://127.0.0.1:9/b/v1", "envKey": "B"},
    {"id": "m2", "baseUrl": "http://127.0.0.1:9/b/v1", "envKey": "B"}],
    "anthropic": [{"id": "c1", "baseUrl": "http://127.0.0.1:9", "envKey": "A"}]},
  "security": {"auth": {"selectedType": "openai"}},
  "model": {"name": "m2"}
})";

}  // namespace

TEST_CASE("A model is selected with everything that makes exactly it start") {
  const Daemon daemon({.settings = two_endpoints});
  Client client = daemon.connect();
  client.call("events.subscribe", {{"topics", {"models"}}});
  const Json chosen = client.call("models.select", {{"protocol", "anthropic"}, {"id", "c1"}});
  CHECK(chosen["changed"] == true);
  CHECK(chosen["model"]["protocol"] == "anthropic");
  CHECK(daemon.settings()["security"]["auth"]["selectedType"] == "anthropic");
  CHECK(daemon.settings()["model"] == Json{{"name", "c1"}});
  CHECK(client.next_notification("models.changed")["params"]["path"] == daemon.settings_path());

  const Json unclear = client.refusal("models.select", {{"protocol", "openai"}, {"id", "m1"}});
  CHECK(unclear["code"] == -32012);
  CHECK(unclear["data"]["field"] == "baseUrl");
  client.call("models.select", {{"protocol", "openai"}, {"id", "m1"}, {"baseUrl", "http://127.0.0.1:9/b/v1/"}});
  CHECK(daemon.settings()["model"] == Json{{"name", "m1"}, {"baseUrl", "http://127.0.0.1:9/b/v1"}});

  client.call("models.select", {{"protocol", "openai"}, {"id", "m2"}});
  CHECK(daemon.settings()["model"] == Json{{"name", "m2"}, {"baseUrl", "http://127.0.0.1:9/b/v1"}});
  const Json again = client.call("models.select", {{"protocol", "openai"}, {"id", "m2"}});
  CHECK(again["changed"] == false);
}

TEST_CASE("A model that is not configured is not selected, and near names are offered") {
  const Daemon daemon({.settings = two_endpoints});
  Client client = daemon.connect();
  const Json error = client.refusal("models.select", {{"protocol", "openai"}, {"id", "M"}});
  CHECK(error["code"] == -32031);
  CHECK(error["data"]["kind"] == "unknown_model");
  CHECK(error["data"]["hint"] == "Did you mean: m1, m2?");
  CHECK(client.refusal("models.select", {{"protocol", "gemini"}, {"id", "m1"}})["code"] == -32031);
  CHECK(daemon.settings_text() == two_endpoints);
}

TEST_CASE("A selection that a higher scope overrides is saved with a warning") {
  const Daemon daemon({.settings = two_endpoints});
  write_file(daemon.path("repo/.qwen/settings.json"), R"({"model": {"name": "m2"}})");
  Client client = daemon.connect();
  Json context = daemon.context();
  context["cwd"] = daemon.path("repo");
  const Json saved = client.call("models.select", {{"protocol", "anthropic"}, {"id", "c1"}, {"context", context}});
  CHECK(codes_of(saved["warnings"]) == std::vector<std::string>{"P406"});
}

TEST_CASE("A removed model takes its selection with it") {
  const Daemon daemon({.settings = two_endpoints});
  Client client = daemon.connect();
  client.call("models.remove", {{"protocol", "openai"}, {"id", "m2"}});
  const Json after = daemon.settings();
  CHECK(after["modelProviders"]["openai"].size() == 2);
  CHECK_FALSE(after.contains("model"));
  CHECK_FALSE(after.contains("security"));
  CHECK(after["env"].size() == 2);
  client.call("models.remove", {{"protocol", "openai"}, {"id", "m1"}, {"baseUrl", "http://127.0.0.1:9/a/v1"}});
  CHECK(daemon.settings()["modelProviders"]["openai"][0]["name"] == "second");
  CHECK(client.refusal("models.remove", {{"protocol", "openai"}, {"id", "m2"}})["code"] == -32031);
}

TEST_CASE("An endpoint tells its models, and a key goes only where the settings send it") {
  const Provider provider({"--model", "m1", "--model", "m2"});
  const std::string base = provider.base_url("openai");
  Daemon daemon({.settings = R"({"$version": 4, "env": {"K": ")" + std::string(canary) +
                             R"("}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" + base +
                             R"(", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})"});
  Client client = daemon.connect();
  const auto ids = [](const Json& found) {
    std::vector<std::string> all;
    for (const Json& model : found["models"]) all.push_back(model["id"]);
    return all;
  };
  const Json active = client.call("models.discover");
  CHECK(active["status"] == "ok");
  CHECK(ids(active) == std::vector<std::string>{"m1", "m2"});
  CHECK(provider.requests().back()["path"].get<std::string>().ends_with("/models"));
  CHECK(client.call("models.discover", {{"endpoint", {{"baseUrl", base}, {"envKey", "K"}}}})["status"] == "ok");
  const Json refused = client.refusal("models.discover", {{"endpoint", {{"baseUrl", "http://127.0.0.1:9/v1"}, {"envKey", "K"}}}});
  CHECK(refused["code"] == -32030);
  CHECK(refused["data"]["hosts"] == Json{"127.0.0.1"});
  const Json gone = client.call("models.discover", {{"endpoint", {{"baseUrl", "http://127.0.0.1:9/v1"}}}});
  CHECK(gone["status"] == "unreachable");
  CHECK(gone["models"].empty());
  const Json wrong = client.call("models.discover", {{"endpoint", {{"baseUrl", provider.base_url("openai", "401")}, {"apiKey", "sk-other-1234567890"}}}});
  CHECK(wrong["status"] == "rejected");
  CHECK(client.refusal("models.discover", {{"endpoint", {{"baseUrl", "ftp://a"}}}})["data"]["field"] == "endpoint.baseUrl");
}

TEST_CASE("A logout takes key, models and selection, and says what it cannot take") {
  const Daemon daemon({.settings = two_endpoints});
  Client client = daemon.connect();
  Json context = daemon.context({{"B", "sk-shell-1234567890"}});
  const Json gone = client.call("auth.logout", {{"context", context}});
  CHECK(gone["removed"] == Json{{"keys", {"B"}}, {"models", 2}, {"selection", true}, {"tokens", false}});
  REQUIRE(gone["remains"].size() == 1);
  CHECK(gone["remains"][0]["command"] == "unset B");
  CHECK(gone.dump().find("sk-shell-1234567890") == std::string::npos);
  const Json after = daemon.settings();
  CHECK(after["env"] == Json{{"A", "sk-aaaa-1234567890"}});
  CHECK(after["modelProviders"]["openai"].size() == 1);
  CHECK_FALSE(after.contains("model"));
  const Json unknown = client.refusal("auth.logout", {{"provider", "nobody"}});
  CHECK(unknown["code"] == -32033);
  CHECK(unknown["data"]["kind"] == "unknown_provider");
  client.call("settings.undo");
  CHECK(daemon.settings()["model"]["name"] == "m2");
}

TEST_CASE("A logout from Qwen OAuth removes its tokens and its selection") {
  Daemon daemon({.settings = R"({"$version": 4, "security": {"auth": {"selectedType": "qwen-oauth"}}, "ui": {"theme": "x"}})"});
  const std::string tokens = daemon.home() + "/.qwen/oauth_creds.json";
  write_file(tokens, R"({"access_token": "a"})");
  Client client = daemon.connect();
  const Json gone = client.call("auth.logout");
  CHECK(gone["removed"] == Json{{"keys", Json::array()}, {"models", 0}, {"selection", true}, {"tokens", true}});
  CHECK_FALSE(exists(tokens));
  CHECK(daemon.settings() == Json{{"$version", 4}, {"ui", {{"theme", "x"}}}});
}
