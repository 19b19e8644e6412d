// Every flow of a provider, walked and saved through the socket.
#include <catch2/catch.hpp>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

// Answers each step by what it asks for; the review's state.
Json walk(Client& client, const Json& params, const std::string& region = "", const std::string& models = "") {
  Json state = client.call("wizard.start", params);
  for (int steps = 0; steps < 8 && state["step"]["kind"] != "review"; ++steps) {
    const Json& step = state["step"];
    Json answer = {{"sessionId", state["sessionId"]}, {"step", step["id"]}};
    if (step["kind"] == "secret") answer["value"] = std::string(canary);
    if (step["kind"] == "select") answer["value"] = region.empty() ? step["options"][0]["value"].get<std::string>() : region;
    if (step["label"] == "Model IDs" && !models.empty()) answer["value"] = models;
    state = client.call("wizard.submitStep", answer);
  }
  REQUIRE(state["step"]["kind"] == "review");
  return state;
}

}  // namespace

TEST_CASE("Every provider's flow saves its first model, its key and the protocol") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const Json& provider : client.call("providers.list")["providers"]) {
    INFO(provider["id"]);
    const Json state = walk(client, {{"flow", provider["id"]}}, "", provider["models"].empty() ? "some-model" : "");
    const Json shown = client.call("wizard.preview", {{"sessionId", state["sessionId"]}});
    CHECK(shown["envKey"] == provider["envKey"]);
    const Json result = client.call("wizard.commit", {{"sessionId", state["sessionId"]}, {"check", "none"}});
    CHECK(result["closed"] == true);
    const Json saved = daemon.settings();
    const std::string model = provider["models"].empty() ? "some-model" : provider["models"][0].get<std::string>();
    CHECK(saved["model"]["name"] == model);
    CHECK(saved["security"]["auth"]["selectedType"] == "openai");
    CHECK(saved["env"][provider["envKey"].get<std::string>()] == std::string(canary));
    const Json& entry = saved["modelProviders"]["openai"][0];
    CHECK(entry["id"] == model);
    CHECK(entry["baseUrl"] == provider["endpoints"][0]["baseUrl"]);
    CHECK(entry["envKey"] == provider["envKey"]);
  }
}

TEST_CASE("A local server is saved with a placeholder that says what it is, and asked for its models") {
  const Provider provider({"--model", "qwen3:8b", "--model", "llama3"});
  const Daemon daemon;
  Client client = daemon.connect();
  Json state = client.call("wizard.start", {{"flow", "ollama"}});
  CHECK(state["step"]["value"] == "http://127.0.0.1:11434/v1");
  const Json early = client.refusal("models.discover", {{"sessionId", state["sessionId"]}});
  CHECK(early["data"]["kind"] == "wrong_step");
  state = submit(client, state["sessionId"], "ollama-base-url-input", provider.origin() + "/v1");
  CHECK(state["step"]["optional"] == true);
  state = submit(client, state["sessionId"], "ollama-api-key-input", "");
  const Json found = client.call("models.discover", {{"sessionId", state["sessionId"]}});
  CHECK(found["status"] == "ok");
  CHECK(found["models"] == Json::array({{{"id", "qwen3:8b"}}, {{"id", "llama3"}}}));
  state = submit(client, state["sessionId"], "ollama-model-id-input", "qwen3:8b");
  client.call("wizard.commit", {{"sessionId", state["sessionId"]}, {"check", "none"}});
  CHECK(daemon.settings()["env"]["OLLAMA_API_KEY"] == "ollama-needs-no-key");
  CHECK(daemon.settings()["modelProviders"]["openai"][0]["name"] == "[Ollama] qwen3:8b");
}

TEST_CASE("The Qwen OAuth flow tells of the tokens, switches to a configured model and removes them") {
  const std::string entry = R"({"id": "m1", "name": "mine", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "MINE"})";
  Daemon daemon({.settings = R"({"$version": 4, "env": {"MINE": "sk-mine-1234567890"}, "modelProviders": {"openai": [)" + entry +
                             R"(]}, "security": {"auth": {"selectedType": "qwen-oauth"}}})"});
  const std::string tokens = daemon.home() + "/.qwen/oauth_creds.json";
  write_file(tokens, R"({"access_token": "at-secret-1", "refresh_token": "rt-secret-2", "token_type": "Bearer", "expiry_date": 1776240000000})");
  Client client = daemon.connect();
  Json state = client.call("wizard.start", {{"flow", "qwen-oauth"}});
  CHECK(state["step"]["kind"] == "notice");
  CHECK(state["step"]["context"][0] == Json{{"label", "Cached tokens"}, {"value", "expired on 2026-04-15 08:00 UTC"}});
  CHECK(state["step"]["context"][1] == Json{{"label", "Selected now"}, {"value", "Qwen OAuth"}});
  state = client.call("wizard.submitStep", {{"sessionId", state["sessionId"]}, {"step", "qwen-oauth-notice"}});
  CHECK(state["step"]["options"][0]["value"] == "openai/m1@http://127.0.0.1:9/v1");
  CHECK(state["step"]["options"][0]["label"] == "mine");
  state = submit(client, state["sessionId"], "qwen-oauth-switch-select", "openai/m1@http://127.0.0.1:9/v1");
  CHECK(state["step"]["id"] == "qwen-oauth-review-json");
  const Json shown = client.call("wizard.preview", {{"sessionId", state["sessionId"]}});
  CHECK(shown["patch"] == Json{{"security", {{"auth", {{"selectedType", "openai"}}}}}, {"model", {{"name", "m1"}}}});
  const Json result = client.call("wizard.commit", {{"sessionId", state["sessionId"]}, {"check", "none"}});
  CHECK(result["closed"] == true);
  CHECK(daemon.settings()["security"]["auth"]["selectedType"] == "openai");
  CHECK(daemon.settings()["model"]["name"] == "m1");
  CHECK_FALSE(exists(tokens));
  CHECK(result["notes"].dump().find("tokens of Qwen OAuth were removed") != std::string::npos);
  CHECK(daemon.log().find("secret") == std::string::npos);
}

TEST_CASE("A key that is kept in a .env file is in no settings file, and Qwen Code finds it there") {
  Daemon daemon({.settings = R"({"$version": 4, "env": {"DEEPSEEK_API_KEY": "sk-old-1234567890"}})"});
  const std::string dotenv = daemon.home() + "/.qwen/.env";
  daemon.may_hold_key(dotenv);
  write_file(dotenv, "# mine\nOTHER=1\n", 0644);
  Client client = daemon.connect();
  const Json state = walk(client, {{"flow", "deepseek"}, {"keyStore", "dotenv"}});
  const Json shown = client.call("wizard.preview", {{"sessionId", state["sessionId"]}});
  CHECK(shown["keyPath"] == dotenv);
  CHECK_FALSE(shown["patch"].contains("env"));
  const Json result = client.call("wizard.commit", {{"sessionId", state["sessionId"]}, {"check", "none"}});
  CHECK(result["keyPath"] == dotenv);
  CHECK(read_file(dotenv) == "# mine\nOTHER=1\nDEEPSEEK_API_KEY=" + std::string(canary) + "\n");
  CHECK(mode_of(dotenv) == 0600);
  CHECK(daemon.settings()["env"].empty());
  CHECK(daemon.settings()["modelProviders"]["openai"][0]["envKey"] == "DEEPSEEK_API_KEY");
}

TEST_CASE("Where the settings cannot be written, the .env file is as it was") {
  Daemon daemon({.settings = R"({"modelProviders": 5})"});
  const std::string dotenv = daemon.home() + "/.qwen/.env";
  write_file(dotenv, "DEEPSEEK_API_KEY=sk-old-1234567890\n");
  Client client = daemon.connect();
  const Json state = walk(client, {{"flow", "deepseek"}, {"keyStore", "dotenv"}});
  CHECK(client.refusal("wizard.commit", {{"sessionId", state["sessionId"]}, {"check", "none"}})["code"] == -32020);
  CHECK(read_file(dotenv) == "DEEPSEEK_API_KEY=sk-old-1234567890\n");
}

TEST_CASE("A project's .env that git tracks takes no key, and without a directory there is none") {
  Daemon daemon;
  const std::string repo = daemon.path("repo");
  write_file(repo + "/.qwen/.env", "A=1\n");
  REQUIRE(std::system(("cd " + repo + " && git init -q . && git add -f .qwen/.env").c_str()) == 0);
  Client client = daemon.connect();
  Json context = daemon.context();
  context["cwd"] = repo;
  const Json state = walk(client, {{"flow", "deepseek"}, {"keyStore", "project-dotenv"}, {"context", context}});
  const Json error = client.refusal("wizard.preview", {{"sessionId", state["sessionId"]}});
  CHECK(error["code"] == -32012);
  CHECK(error["data"]["field"] == "keyStore");
  CHECK(error["message"].get<std::string>().find("git tracks") != std::string::npos);
  client.refusal("wizard.commit", {{"sessionId", state["sessionId"]}, {"check", "none"}});
  CHECK(read_file(repo + "/.qwen/.env") == "A=1\n");
  const Json nowhere = walk(client, {{"flow", "deepseek"}, {"keyStore", "project-dotenv"}});
  CHECK(client.refusal("wizard.preview", {{"sessionId", nowhere["sessionId"]}})["data"]["field"] == "keyStore");
}

TEST_CASE("A key that a command prints is asked for once, checked, and kept in no file") {
  const Provider provider({"--model", "m1"});
  Daemon daemon;
  const std::string program = daemon.path("print-key"), runs = daemon.path("runs");
  daemon.may_hold_key(program);
  write_file(program, "#!/bin/sh\necho run >>" + runs + "\necho " + std::string(canary) + "\n", 0700);
  Client client = daemon.connect();
  Json state = client.call("wizard.start", {{"flow", "ollama"}, {"keyStore", "command"}, {"keyCommand", {program}}});
  state = submit(client, state["sessionId"], "ollama-base-url-input", provider.origin() + "/v1");
  CHECK(state["step"]["id"] == "ollama-model-id-input");
  const Json found = client.call("models.discover", {{"sessionId", state["sessionId"]}});
  CHECK(found["models"] == Json::array({{{"id", "m1"}}}));
  state = submit(client, state["sessionId"], "ollama-model-id-input", "m1");
  const Json result = client.call("wizard.commit", {{"sessionId", state["sessionId"]}});
  CHECK(result["auth"]["state"] == "accepted");
  CHECK(result["keyPath"].get<std::string>().ends_with("/qwen-authd/keys.json"));
  CHECK(mode_of(result["keyPath"].get<std::string>()) == 0600);
  CHECK_FALSE(daemon.settings().contains("env"));
  const Json keys = client.call("keys.list")["keys"];
  REQUIRE(keys.size() == 1);
  CHECK(keys[0]["name"] == "OLLAMA_API_KEY");
  CHECK(keys[0]["command"] == Json{program});
  CHECK(client.reveal("env.export")["variables"] == Json{{"OLLAMA_API_KEY", std::string(canary)}});
  CHECK(read_file(runs) == "run\nrun\n");  // for the list of models, then for the commit
  const Json status = client.call("auth.status");
  CHECK(status["complete"] == true);
  CHECK(status["keySource"] == Json{{"kind", "overlay"}, {"where", result["keyPath"]}});
  CHECK_FALSE(status.contains("fatal"));
  CHECK(status["lines"].dump().find("qwen-authctl exec -- qwen") != std::string::npos);
  CHECK(client.call("models.list")["models"][0]["keyState"] == "set");
  const Json sources = client.call("env.explain", {{"name", "OLLAMA_API_KEY"}})["sources"];
  CHECK(sources.back()["kind"] == "overlay");
  CHECK(sources.back()["applied"] == false);
}

TEST_CASE("A command that prints no key saves nothing") {
  Daemon daemon;
  Client client = daemon.connect();
  const Json params = {{"flow", "deepseek"}, {"keyStore", "command"}, {"keyCommand", {"/bin/false"}}};
  const Json state = walk(client, params);
  const Json error = client.refusal("wizard.commit", {{"sessionId", state["sessionId"]}});
  CHECK(error["code"] == -32034);
  CHECK(error["data"]["kind"] == "key_unavailable");
  CHECK_FALSE(exists(daemon.settings_path()));
  CHECK(client.call("keys.list")["keys"].empty());
  CHECK(client.refusal("wizard.start", {{"flow", "deepseek"}, {"keyStore", "command"}})["data"]["field"] == "keyCommand");
  CHECK(client.refusal("wizard.start", {{"flow", "deepseek"}, {"keyCommand", {"x"}}})["data"]["field"] == "keyCommand");
}
