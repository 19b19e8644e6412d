// settings.restore: what was there before a write comes back.
#include <catch2/catch.hpp>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

TEST_CASE("A restored snapshot brings the former bytes back, and can itself be restored") {
  const Daemon daemon;
  const std::string before = "{\r\n\t// mine\r\n\t\"theme\": \"dark\"\r\n}";
  write_file(daemon.settings_path(), before);
  Client client = daemon.connect();
  const Json saved = set_up(client)["saved"];
  const std::string after = daemon.settings_text();
  const Json restored = client.call("settings.restore", {{"snapshot", saved["snapshot"]}});
  CHECK(daemon.settings_text() == before);
  CHECK(restored["scope"] == "user");
  CHECK(restored["path"] == daemon.settings_path());
  CHECK(restored["changed"] == true);
  CHECK(read_file(restored["backup"]) == after);
  CHECK(mode_of(daemon.settings_path()) == 0600);
  CHECK(names_in(daemon.home() + "/.qwen") == std::vector<std::string>{"settings.json"});
  client.call("settings.restore", {{"snapshot", restored["snapshot"]}});
  CHECK(daemon.settings_text() == after);
}

TEST_CASE("Where there was no file, a restore leaves none") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json saved = set_up(client)["saved"];
  const std::string after = daemon.settings_text();
  const Json restored = client.call("settings.restore", {{"snapshot", saved["snapshot"]}});
  CHECK_FALSE(exists(daemon.settings_path()));
  CHECK(restored["changed"] == true);
  CHECK(read_file(restored["backup"]) == after);
}

TEST_CASE("A restore takes the key out of what env.export adds") {
  const Daemon daemon;
  Client client = daemon.connect(), listener = daemon.connect();
  listener.call("events.subscribe", {{"topics", {"settings", "env"}}});
  const Json result = set_up(client);
  CHECK(client.reveal("env.export")["variables"].size() == 1);
  const Json restored = client.call("settings.restore", {{"snapshot", result["saved"]["snapshot"]}});
  CHECK(client.reveal("env.export")["variables"] == Json::object());
  const auto env = listener.notifications("env.changed");
  REQUIRE(env.size() == 2);
  CHECK(env[1]["params"]["names"] == result["synced"]);
  const auto settings = listener.notifications("settings.changed");
  REQUIRE(settings.size() == 2);
  CHECK(settings[1]["params"]["etag"] == restored["etag"]);
  CHECK(settings[1]["params"]["by"] == "self");
}

TEST_CASE("A restore to an earlier key of the same endpoint exports no key that is not in the file") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client, {.key = "sk-the-first-key-0001"});
  const Json second = set_up(client, {.key = "sk-the-second-key-0002"});
  client.call("settings.restore", {{"snapshot", second["saved"]["snapshot"]}});
  const Json in_file = daemon.settings()["env"];
  const Json variables = client.reveal("env.export")["variables"];
  CHECK(in_file == Json{{"QWEN_CUSTOM_API_KEY_OPENAI_HTTP_127_0_0_1_9_V1", "sk-the-first-key-0001"}});
  for (const auto& [name, value] : variables.items()) CHECK(in_file.value(name, "") == value);
}

TEST_CASE("A later edit of the same members is a conflict, and the file stays") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{\"theme\": \"dark\"}\n");
  Client client = daemon.connect();
  const Json saved = set_up(client)["saved"];
  Json settings = daemon.settings();
  settings["model"]["name"] = "theirs";
  write_file(daemon.settings_path(), settings.dump(2));
  const std::string now = daemon.settings_text();
  const Json error = client.refusal("settings.restore", {{"snapshot", saved["snapshot"]}});
  CHECK(error["code"] == -32021);
  CHECK(error["data"]["kind"] == "settings_conflict");
  CHECK(error["data"]["etag"] == preview(client, walk_to_review(client))["etag"]);
  CHECK(daemon.settings_text() == now);
}

// rpc-contract, Conflicts: "Undo and restore conflict where a later edit touched the same members."
TEST_CASE("A later edit of other members is no conflict for a restore, and is kept") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{\"theme\": \"dark\"}\n");
  Client client = daemon.connect();
  const Json saved = set_up(client)["saved"];
  Json settings = daemon.settings();
  settings["theme"] = "light";
  write_file(daemon.settings_path(), settings.dump(2));
  const Json answer = client.answer_to(client.request("settings.restore", {{"snapshot", saved["snapshot"]}}));
  INFO(answer.dump(2));
  CHECK(answer.contains("result"));
  // Nothing of ours is left, no empty object either: an empty modelProviders in a workspace would
  // draw later commits to it.
  CHECK(daemon.settings() == Json{{"theme", "light"}});
}

TEST_CASE("A snapshot that is not there is told so, whatever its name leads to") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  for (const char* name : {"nope", "", ".", "..", "../../home/.qwen/settings", "/etc/passwd", "a\u0000b"}) {
    const Json error = client.refusal("settings.restore", {{"snapshot", name}});
    CHECK(error["code"] == -32032);
    CHECK(error["data"]["kind"] == "unknown_snapshot");
  }
}
