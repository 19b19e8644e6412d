// Keys are where they belong and nowhere else. Every test looks for the canary when its daemon
// ends; these make it as hard as possible.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

TEST_CASE("env.export reveals what the daemon would add to the caller's environment, and only that") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string name = env_key_of("openai", "http://127.0.0.1:9/v1");
  CHECK(client.reveal("env.export") == Json{{"variables", Json::object()}, {"judgedBy", "daemon"}});
  set_up(client);
  CHECK(client.reveal("env.export")["variables"] == Json{{name, canary}});
  const auto variables = [&](const Json& context) { return client.reveal("env.export", {{"context", context}})["variables"]; };
  CHECK(variables(daemon.context()) == Json{{name, canary}});
  CHECK(variables(daemon.context({{name, "exported"}})) == Json::object());
  CHECK(client.reveal("env.export") == Json{{"variables", {{name, canary}}}, {"judgedBy", "daemon"}});
}

// The search itself: it must fail here, or no other test proves anything.
TEST_CASE("The search for the canary finds it in an answer", "[!shouldfail]") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  client.call("env.export");
}

TEST_CASE("The search for the canary finds a piece of it in a file", "[!shouldfail]") {
  const Daemon daemon;
  write_file(daemon.home() + "/.qwen/settings.json.orig", std::string(canary.substr(9, 8)));
}

TEST_CASE("A provider that echoes the key, whole or in part, cannot make the daemon repeat it") {
  const Provider provider;
  for (const std::string protocol : {"openai", "anthropic", "gemini"})
    for (const std::string mode : {"echo-key", "echo-part"}) {
      const Daemon daemon;
      Client client = daemon.connect(), listener = daemon.connect();
      listener.call("events.subscribe", {{"topics", {"settings", "env", "wizard", "auth"}}});
      const std::string session = walk_to_review(client, {.base_url = provider.base_url(protocol, mode), .protocol = protocol});
      const Json result = client.call("wizard.commit", {{"sessionId", session}, {"workDoneToken", "t"}});
      CHECK(result["auth"]["state"] == "rejected");
      const std::string message = result["auth"]["message"];
      CHECK(message.find("Incorrect API key provided: ") != std::string::npos);
      CHECK(message.find(canary.substr(canary.size() - 6)) == std::string::npos);
      CHECK(message.find(canary.substr(3, 5)) == std::string::npos);
      listener.notifications();
    }
}

TEST_CASE("A short key is not shown at all") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const auto& [key, shown] : {std::pair{"sk-12345678", "••••••••••••••••"}, {"sk-123456789", "sk-••••••••••••••••"}, {"x", "••••••••••••••••"}}) {
    const Json plan = preview(client, walk_to_review(client, {.key = key}));
    CHECK(plan["patch"]["env"].begin().value() == shown);
    CHECK(plan["text"].get<std::string>().find(std::string("\"") + key + "\"") == std::string::npos);
  }
}

TEST_CASE("A key sent to the wrong place is not repeated in the refusal") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string key(canary), session = start(client)["sessionId"];
  const auto refused = [&](const std::string& method, const Json& params) { CHECK(client.refusal(method, params).contains("code")); };
  refused("wizard.submitStep", {{"sessionId", key}, {"step", "main"}, {"value", "x"}});
  refused("wizard.submitStep", {{"sessionId", session}, {"step", key}, {"value", "x"}});
  refused("wizard.submitStep", {{"sessionId", session}, {"step", "custom-protocol-select"}, {"value", key}});
  submit(client, session, "custom-protocol-select", "openai");
  refused("wizard.submitStep", {{"sessionId", session}, {"step", "custom-base-url-input"}, {"value", key}});
  refused("wizard.submitStep", {{"sessionId", session}, {"step", "custom-base-url-input"}, {"value", {key}}});
  refused("wizard.amend", {{"sessionId", session}, {"step", key}, {"value", key}});
  refused("wizard.commit", {{"sessionId", session}, {"check", key}});
  refused("wizard.start", {{"scope", key}});
  refused("wizard.start", {{"flow", key}});
  refused("settings.restore", {{"snapshot", key + "/"}});
  refused("events.subscribe", {{"topics", {key}}});
  refused(key, {{"x", key}});
  client.send_text(R"({"jsonrpc":"2.0","id":1,"method":)" + key);
  client.next();
  client.send_text(R"({"jsonrpc":"2.0","id":{"x":")" + key + R"("},"method":"daemon.ping"})");
  client.next();
  client.send_text("\"" + key + "\"");
  CHECK(client.next_text());
}

TEST_CASE("A key inside a base URL is not shown by the log, and the user is warned") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = "http://user:pass@127.0.0.1:9/v1"});
  CHECK(codes_of(preview(client, session)["warnings"]) == std::vector<std::string>{"U304"});
  commit(client, session, Json::object());
  CHECK(daemon.log().find("pass") == std::string::npos);
}

TEST_CASE("The key is neither in the command line nor in the environment of the daemon") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  for (const char* name : {"cmdline", "environ"})
    CHECK(read_file("/proc/" + std::to_string(daemon.pid()) + "/" + name).find(canary) == std::string::npos);
}

TEST_CASE("Everything that the daemon writes is private") {
  const Daemon daemon({.arguments = {"--log-level", "trace", "--log-file", "/dev/stderr"}});
  write_file(daemon.settings_path(), "{}", 0644);
  Client client = daemon.connect();
  set_up(client);
  for (const std::string& path : files_below(daemon.path(""))) {
    INFO(path);
    CHECK((mode_of(path) & 077) == 0);
  }
}

TEST_CASE("A log file is private, and holds no key") {
  const Scratch logs;
  const std::string file = logs.path("daemon.log");
  {
    const Daemon daemon({.arguments = {"--log-level", "trace", "--log-file", file}});
    const Provider provider;
    Client client = daemon.connect();
    for (const char* mode : {"ok", "echo-key", "404-path"})
      commit(client, walk_to_review(client, {.base_url = provider.base_url("openai", mode)}), Json::object());
    CHECK(mode_of(file) == 0600);
  }
  const std::string log = read_file(file);
  CHECK(log.find("listening on") != std::string::npos);
  CHECK(log.find(canary.substr(3, 8)) == std::string::npos);
}

TEST_CASE("settings.get hides a key in every member and scope, whichever file says that it is one") {
  Daemon daemon;  // every answer is searched for the key when it ends
  const std::string key(canary), work = daemon.path("work"), workspace = work + "/.qwen/settings.json";
  daemon.may_hold_key(workspace);
  write_file(daemon.settings_path(), Json{{"env", {{"MY_GATEWAY", key}}},
                                          {"mcpServers", {{"gh", {{"args", {"--key", key, "x=" + key}}, {"url", "https://me:" + key + "@h/sse"}}}}},
                                          {"note", key}}
                                         .dump());
  write_file(workspace, Json{{"hint", "use " + key}}.dump());
  Client client = daemon.connect();
  const auto get = [&](Json params) {
    params["context"] = {{"cwd", work}};
    return client.call("settings.get", params)["value"];
  };
  const std::string masked = "sk-••••••••••••••••";
  CHECK(get({{"path", "note"}}) == masked);
  CHECK(get({{"path", "mcpServers"}})["gh"] == Json{{"args", {"--key", masked, "x=" + masked}}, {"url", "https://me:" + masked + "@h/sse"}});
  CHECK(get(Json::object())["hint"] == "use " + masked);
  CHECK(get({{"scope", "workspace"}}) == Json{{"hint", "use " + masked}});
  CHECK(get({{"scope", "workspace"}, {"path", "hint"}}) == "use " + masked);
  CHECK(get({{"scope", "user"}, {"path", "note"}}) == masked);
}

TEST_CASE("A conflict shows no key, whichever of its texts says that it is one") {
  Daemon daemon;
  const std::string key(canary);
  Client client = daemon.connect();
  client.call("settings.set", {{"scope", "user"}, {"path", "env.GW"}, {"value", key}});
  const Json note = client.call("settings.set", {{"scope", "user"}, {"path", "note"}, {"value", key}});
  write_file(daemon.settings_path(), Json{{"note", "is " + key}}.dump());
  const Json error = client.refusal("settings.undo", {{"snapshot", note["snapshot"]}});
  CHECK(error["data"]["conflicts"] == Json{{{"path", "note"}, {"after", "sk-••••••••••••••••"}, {"now", "is sk-••••••••••••••••"}}});
}

TEST_CASE("A merged answer tells where each member comes from, and which files say nothing") {
  const Daemon daemon;
  const std::string defaults = daemon.path("system/system-defaults.json"), system = daemon.path("system/settings.json");
  Client client = daemon.connect();
  const auto get = [&](const Json& params) { return client.call("settings.get", params); };
  write_file(daemon.settings_path(), R"({"mcpServers": {"x": {"httpUrl": "https://h", "n": {"m": 1}}}, "ui": {"theme": "u"}})");
  CHECK(get({{"path", "mcpServers.x.httpUrl"}})["origins"] == Json{{"mcpServers.x.httpUrl", "user"}});
  CHECK(get({{"path", "mcpServers.x.n"}})["origins"] == Json{{"mcpServers.x.n", "user"}});
  CHECK(get({{"path", "mcpServers.x.nothing"}})["origins"] == Json::object());
  CHECK(get({{"path", "mcpServers"}})["origins"] == Json{{"mcpServers.x", "user"}});
  CHECK(get(Json::object())["warnings"] == Json::array());

  write_file(daemon.settings_path(), R"({"a": 1,})");
  write_file(defaults, "[1,2]");
  std::filesystem::create_directories(system);
  const Json result = get(Json::object());
  CHECK(result["value"] == Json::object());
  CHECK(codes_of(result["warnings"]) == std::vector<std::string>{"F801", "F801", "F801"});
  CHECK(result["warnings"][0] == Json{{"code", "F801"}, {"name", "file.unparseable"}, {"step", ""},
                                      {"message", "The top level in " + defaults + " is not what Qwen Code reads: expected an object (line 1, column 1). Nothing in it counts."}});
  CHECK(result["warnings"][1]["message"] == daemon.settings_path() + " has a trailing comma (line 1, column 8), which Qwen Code refuses. Nothing in it counts.");
  CHECK(result["warnings"][2]["message"] == system + " is a directory. Nothing in it counts.");
  std::filesystem::remove(system);
  REQUIRE(mkfifo(system.c_str(), 0600) == 0);
  CHECK(get(Json::object())["warnings"][2]["message"] == system + " is not a regular file. Nothing in it counts.");
  write_file(daemon.settings_path(), "{ broken");
  CHECK(get(Json::object())["warnings"][1]["message"].get<std::string>().starts_with(daemon.settings_path() + " does not parse: "));
}

TEST_CASE("Of a file of the system that others may read it is not said that it was made private") {
  const Daemon daemon;
  const std::string system = daemon.path("system/settings.json");
  write_file(system, "{}", 0644);
  Client client = daemon.connect(), listener = daemon.connect();
  client.call("settings.get");
  listener.call("events.subscribe", {{"topics", {"settings"}}});
  write_file(system, R"({"env": {"A": "some-value-1"}})", 0644);
  const Json notices = listener.next_notification("settings.changed")["params"]["notices"];
  CHECK(codes_of(notices) == std::vector<std::string>{"F804"});
  CHECK(notices[0]["message"] == system + " is readable by others (0644), and holds keys.");
  CHECK(mode_of(system) == 0644);
}
