// auth.status, models.list, env.names and env.explain.
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <algorithm>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

// One model whose key is the canary.
const std::string one_model = R"({
  "$version": 4,
  "env": {"K": ")" + std::string(canary) + R"("},
  "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "K"}]},
  "security": {"auth": {"selectedType": "openai"}},
  "model": {"name": "m1"}
})";

Json at(const Json& context, const Json& more = Json::object()) { return with({{"context", context}}, more); }

Json in_directory(const Daemon& daemon, const std::string& cwd, const Environment& more = {}) {
  Json context = daemon.context(more);
  context["cwd"] = cwd;
  return context;
}

// "kind where" of the source that counts.
std::string winner_of(const Json& explanation) {
  const Json& winner = explanation["winner"];
  return winner.is_null() ? "none" : winner["kind"].get<std::string>() + " " + winner["where"].get<std::string>();
}

}  // namespace

TEST_CASE("The status is that of the active model, with where its key is") {
  const Daemon daemon({.settings = one_model});
  Client client = daemon.connect();
  const Json status = client.call("auth.status", at(daemon.context()));
  CHECK(status["configured"] == true);
  CHECK(status["complete"] == true);
  CHECK(status["method"] == "custom-api-key");
  CHECK(status["title"] == "OpenAI-compatible Provider");
  CHECK(status["model"] == "m1");
  CHECK(status["protocol"] == "openai");
  CHECK(status["baseUrl"] == "http://127.0.0.1:9/v1");
  CHECK(status["envKey"] == "K");
  CHECK(status["keySource"] == Json{{"kind", "settings"}, {"where", daemon.settings_path() + ":3"}});
  CHECK(status["keyMasked"] == "sk-••••••••••••••••");
  CHECK(status["keyFingerprint"].get<std::string>().size() == 8);
  CHECK(status["scope"] == "user");
  CHECK(status["path"] == daemon.settings_path());
  CHECK(status["issues"].empty());
  CHECK(status["judgedBy"] == "caller");
  CHECK_FALSE(status.contains("fatal"));
  CHECK_FALSE(status.contains("otherVersions"));
  CHECK(client.call("auth.status")["judgedBy"] == "daemon");
}

TEST_CASE("Without anything configured the status says how to begin") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json status = client.call("auth.status");
  CHECK(status["configured"] == false);
  CHECK(status["complete"] == false);
  CHECK(status["method"] == "none");
  CHECK(status["model"] == nullptr);
  CHECK(status["lines"][0] == "⚠️  No authentication method configured.");
}

TEST_CASE("A key that is nowhere makes the status incomplete, and one that is exported complete") {
  const Daemon daemon({.settings = R"({"$version": 4, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "K"}]},
                                       "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})"});
  Client client = daemon.connect();
  const Json without = client.call("auth.status", at(daemon.context()));
  CHECK(without["complete"] == false);
  CHECK(without["fatal"] == "Missing API key for OpenAI-compatible auth. Set the 'K' environment variable.");
  CHECK(without["issues"][0]["code"] == "E105");
  CHECK(without["keySource"] == nullptr);
  const Json with_key = client.call("auth.status", at(daemon.context({{"K", std::string(canary)}})));
  CHECK(with_key["complete"] == true);
  CHECK(with_key["keySource"] == Json{{"kind", "shell"}, {"where", "export"}});
}

TEST_CASE("What versions of Qwen Code do otherwise is told, and the caller may say which one it has") {
  const Daemon daemon({.settings = one_model});
  Client client = daemon.connect();
  const Json empty = daemon.context({{"K", ""}});
  const Json status = client.call("auth.status", at(empty));
  CHECK(status["complete"] == true);
  CHECK(status["cliVersion"] == "0.24.4");
  CHECK(status["cliVersionFrom"] == "assumed");
  REQUIRE(status["otherVersions"].size() == 1);
  CHECK(status["otherVersions"][0]["cliVersion"] == "0.15.6");
  CHECK(status["otherVersions"][0]["complete"] == false);
  CHECK(status["otherVersions"][0]["fatal"] == "Missing API key for OpenAI-compatible auth. Set the 'K' environment variable.");

  const Json old = client.call("auth.status", at(with(empty, {{"cliVersion", "0.15.6"}})));
  CHECK(old["complete"] == false);
  CHECK(old["cliVersionFrom"] == "context");
  CHECK(old["otherVersions"][0]["cliVersion"] == "0.24.4");

  const Json explained = client.call("env.explain", at(empty, {{"name", "K"}}));
  CHECK(winner_of(explained) == "settings " + daemon.settings_path() + ":3");
  REQUIRE(explained["differs"].size() == 1);
  CHECK(explained["differs"][0]["cliVersion"] == "0.15.6");
  CHECK(winner_of(explained["differs"][0]) == "shell export");

  const Json error = client.refusal("auth.status", at(with(empty, {{"cliVersion", "new"}})));
  CHECK(error["code"] == -32012);
  CHECK(error["data"]["field"] == "context.cliVersion");
}

TEST_CASE("The version is that of the installed package, and no program is run for it") {
  const Daemon daemon({.settings = one_model});
  const std::string package = daemon.path("lib/qwen-code");
  write_file(package + "/package.json", R"({"name": "@qwen-code/qwen-code", "version": "0.21.2"})");
  write_file(package + "/qwen", "#!/bin/sh\ntouch " + daemon.path("ran") + "\n", 0700);
  Client client = daemon.connect();
  const Json context = daemon.context({{"PATH", package}});
  const Json status = client.call("auth.status", at(context));
  CHECK(status["cliVersion"] == "0.21.2");
  CHECK(status["cliVersionFrom"] == "installed");
  write_file(package + "/package.json", R"({"name": "@qwen-code/qwen-code", "version": "0.24.10"})");
  CHECK(client.call("models.list", at(context))["cliVersion"] == "0.24.10");
  CHECK_FALSE(exists(daemon.path("ran")));
}

TEST_CASE("Every place of a variable is told, from the highest priority down") {
  Daemon daemon({.settings = one_model});
  const std::string repo = daemon.home() + "/repo";
  write_file(repo + "/.env", "# mine\nK=sk-project-0123456789\n");
  write_file(daemon.home() + "/.env", "K=sk-home-0123456789");
  Client client = daemon.connect();
  const Json explained = client.call("env.explain", at(in_directory(daemon, repo), {{"name", "K"}}));
  CHECK(winner_of(explained) == "dotenv " + repo + "/.env:2");
  std::vector<std::string> seen;
  for (const Json& source : explained["sources"])
    if (source.value("exists", true)) seen.push_back(source["kind"].get<std::string>() + " " + source["where"].get<std::string>());
  CHECK(seen == std::vector<std::string>{"shell export", "dotenv " + repo + "/.env:2", "dotenv " + daemon.home() + "/.env:1",
                                         "settings " + daemon.settings_path() + ":3"});
  const Json& home = *std::find_if(explained["sources"].begin(), explained["sources"].end(), [&](const Json& source) {
    return source["where"] == daemon.home() + "/.env:1";
  });
  CHECK(home["masked"] == "sk-••••••••••••••••");
  CHECK(home["fingerprint"].get<std::string>().size() == 8);
  CHECK(home["applied"] == false);
  CHECK(home["reason"] == repo + "/.env:2 comes first.");
  CHECK(client.call("auth.status", at(in_directory(daemon, repo)))["issues"][0]["code"] == "E102");
  // A file that has changed is read as it is now.
  write_file(repo + "/.env", "");
  CHECK(winner_of(client.call("env.explain", at(in_directory(daemon, repo), {{"name", "K"}}))) == "dotenv " + daemon.home() + "/.env:1");
}

TEST_CASE("What the wizard has just saved is told as what the daemon would add, and wins nothing") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  const std::string name = env_key_of("openai", "http://127.0.0.1:9/v1");
  const Json explained = client.call("env.explain", at(daemon.context(), {{"name", name}}));
  CHECK(explained["winner"]["kind"] == "settings");
  CHECK(explained["sources"].back()["kind"] == "overlay");
  CHECK(explained["sources"].back()["applied"] == false);
  CHECK(explained["sources"].back()["fingerprint"] == explained["winner"]["fingerprint"]);
}

TEST_CASE("A flag of qwen is a place, too") {
  const Daemon daemon;
  Client client = daemon.connect();
  Json context = daemon.context({{"OPENAI_BASE_URL", "http://shell/v1"}, {"OPENAI_API_KEY", "sk-shell-0123456789"}});
  context["args"] = {"--auth-type", "openai", "--openai-base-url=http://flag/v1", "--model", "m"};
  const Json explained = client.call("env.explain", at(context, {{"name", "OPENAI_BASE_URL"}}));
  CHECK(winner_of(explained) == "cli --openai-base-url");
  CHECK(explained["winner"]["value"] == "http://flag/v1");
  const Json status = client.call("auth.status", at(context));
  CHECK(status["baseUrl"] == "http://flag/v1");
  CHECK(status["method"] == "api-key");
}

TEST_CASE("A name that is none is refused, and one that nobody sets has no winner") {
  const Daemon daemon;
  Client client = daemon.connect();
  CHECK(client.refusal("env.explain", {{"name", ""}})["data"]["field"] == "name");
  CHECK(client.refusal("env.explain", {{"name", std::string(300, 'x')}})["code"] == -32012);
  CHECK(client.refusal("env.explain")["code"] == -32602);
  CHECK(client.call("env.explain", {{"name", "NOBODY_SETS_THIS"}})["winner"] == nullptr);
}

TEST_CASE("Every model is listed with its key and with what Qwen Code makes of it") {
  const Daemon daemon({.settings = R"({
  "$version": 4,
  "env": {"K": ")" + std::string(canary) + R"("},
  "modelProviders": {
    "openai": [{"id": "m1", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "K"}, {"id": "m1", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "K"},
               {"id": "m2", "baseUrl": "http://127.0.0.1:9/v1", "envKey": "MISSING"}],
    "mygw": [{"id": "x"}], "gemini": [{"name": "no id"}]},
  "security": {"auth": {"selectedType": "openai"}},
  "model": {"name": "m1"}
})"});
  Client client = daemon.connect();
  const Json answer = client.call("models.list", at(daemon.context()));
  const Json& models = answer["models"];
  REQUIRE(models.size() == 5);
  CHECK(models[0] == Json{{"protocol", "openai"}, {"provider", "openai"}, {"id", "m1"}, {"name", "m1"}, {"baseUrl", "http://127.0.0.1:9/v1"},
                          {"envKey", "K"}, {"scope", "user"}, {"index", 0}, {"selected", true}, {"usable", true}, {"fatal", false},
                          {"keyState", "set"}, {"keySource", {{"kind", "settings"}, {"where", daemon.settings_path() + ":3"}}},
                          {"keyMasked", "sk-••••••••••••••••"}});
  CHECK(models[1]["duplicate"] == true);
  CHECK(models[1]["usable"] == false);
  CHECK(models[1]["selected"] == false);
  CHECK(models[2]["keyState"] == "missing");
  CHECK(models[3]["protocol"] == "");
  CHECK(models[3]["reason"].get<std::string>().find("providerProtocol") != std::string::npos);
  CHECK(models[4]["fatal"] == true);
  CHECK(answer["selected"] == Json{{"protocol", "openai"}, {"id", "m1"}, {"baseUrl", "http://127.0.0.1:9/v1"}});
  CHECK(answer["warnings"][0]["code"] == "P408");
}

TEST_CASE("The names that matter are told with those that settings refer to") {
  const Daemon daemon({.settings = R"({"modelProviders": {"openai": [{"id": "m", "envKey": "MY_KEY", "baseUrl": "$MY_URL"}]}})"});
  Client client = daemon.connect();
  const Json answer = client.call("env.names");
  for (const char* name : {"MY_KEY", "MY_URL", "OPENAI_API_KEY", "PATH"}) {
    CAPTURE(name);
    CHECK(std::find(answer["names"].begin(), answer["names"].end(), name) != answer["names"].end());
  }
  CHECK(std::find(answer["patterns"].begin(), answer["patterns"].end(), "QWEN_*") != answer["patterns"].end());
}

TEST_CASE("No answer holds a key, wherever in the files one stands") {
  // The canary is in places where no key belongs; a test fails where it turns up in an answer.
  const std::string key(canary);
  Daemon daemon({.settings = R"({"$version": 4, "env": {"K": ")" + key + R"(", "BASE": "http://127.0.0.1:9/)" + key + R"("},
    "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://u:)" + key + R"(@127.0.0.1:9/v1", "envKey": "K"},
      {"id": "m2", "baseUrl": "http://127.0.0.1:9/v1?key=)" + key + R"(", "envKey": ")" + key + R"("},
      {"id": "m3", "baseUrl": "$BASE", "envKey": "K"}, {"id": "m4", "name": ")" + key + R"(", "envKey": "$K"}]},
    "security": {"auth": {"selectedType": "openai", "apiKey": ")" + key + R"("}}, "model": {"name": "m2"}})"});
  const std::string repo = daemon.home() + "/repo";
  write_file(repo + "/.env", "K=" + key + "\nOPENAI_BASE_URL=http://h/?api_key=" + key);
  daemon.may_hold_key(repo + "/.env");
  Client client = daemon.connect();
  for (const char* model : {"m1", "m2", "m3", "m4", "zzz"}) {
    Json context = in_directory(daemon, repo, {{"OPENAI_API_KEY", key}});
    context["args"] = {"--model", model, "--openai-api-key", key};
    client.call("auth.status", at(context));
    client.call("models.list", at(context));
    client.call("env.names", at(context));
    for (const char* name : {"K", "OPENAI_API_KEY", "OPENAI_BASE_URL", "BASE"})
      client.call("env.explain", at(context, {{"name", name}}));
  }
  CHECK(client.call("env.explain", at(in_directory(daemon, repo), {{"name", "OPENAI_BASE_URL"}}))["winner"]["value"] ==
        "http://h/?api_key=sk-••••••••••••••••");
}

TEST_CASE("Nothing waits for a .env file that is no file") {
  const Daemon daemon({.settings = one_model});
  const std::string repo = daemon.home() + "/repo";
  write_file(repo + "/x", "");
  REQUIRE(mkfifo((repo + "/.env").c_str(), 0600) == 0);
  Client client = daemon.connect();
  const Json explained = client.call("env.explain", at(in_directory(daemon, repo), {{"name", "K"}}));
  CHECK(winner_of(explained) == "settings " + daemon.settings_path() + ":3");
  const auto fifo = std::find_if(explained["sources"].begin(), explained["sources"].end(),
                                 [&](const Json& source) { return source["where"] == repo + "/.env"; });
  REQUIRE(fifo != explained["sources"].end());
  CHECK((*fifo)["reason"] == "It cannot be read: it is not a regular file.");
}

TEST_CASE("A settings file that does not parse is told in the status, and nothing is written") {
  const Daemon daemon({.settings = "{\"a\": 1,}"});
  Client client = daemon.connect();
  const Json status = client.call("auth.status", at(daemon.context()));
  CHECK(status["configured"] == false);
  CHECK(status["issues"][0]["code"] == "F801");
  CHECK(status["fatal"].get<std::string>().starts_with("Cannot read operator sandbox policy from " + daemon.settings_path()));
  CHECK(daemon.settings_text() == "{\"a\": 1,}");
}
