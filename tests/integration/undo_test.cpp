// settings.undo and settings.restore: the way back, and what it leaves alone.
#include <catch2/catch.hpp>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

struct Undo {
  Daemon daemon;
  Client client = daemon.connect();

  // From here on the daemon has looked once, so that a write is one that it sees.
  Undo() { client.call("settings.scopes"); }

  Json set(const std::string& path, const Json& value) {
    return client.call("settings.set", {{"scope", "user"}, {"path", path}, {"value", value}});
  }
  Json undo(const Json& params = Json::object()) { return client.call("settings.undo", params); }
  std::string text() const { return daemon.settings_text(); }
  void write(const std::string& text) const { write_file(daemon.settings_path(), text); }
};

}  // namespace

TEST_CASE("Undo walks back write by write, to the first byte, and then has nothing more") {
  Undo undo;
  const std::string first = "{ // mine\n\t\"a\" : 0 }";
  undo.write(first);
  undo.set("a", 1);
  const std::string second = undo.text();
  const Json wizard = set_up(undo.client);
  const std::string third = undo.text();
  undo.set("a", 2);
  CHECK(undo.undo()["keys"] == Json{"a"});
  CHECK(undo.text() == third);
  const Json undone = undo.undo();
  CHECK(undone["undone"]["method"] == "wizard.commit");
  CHECK(undone["undone"]["by"] == "self");
  CHECK(undone["undone"]["snapshot"] == wizard["saved"]["snapshot"]);
  CHECK(undone["changed"] == true);
  CHECK(undo.text() == second);
  CHECK(undo.client.reveal("env.export")["variables"] == Json::object());
  undo.undo();
  CHECK(undo.text() == first);
  const Json error = undo.client.refusal("settings.undo");
  CHECK(error["code"] == -32032);
  CHECK(error["data"]["kind"] == "unknown_snapshot");
  CHECK(undo.text() == first);
}

TEST_CASE("An undo that was taken back is followed by the write that stands again") {
  Undo undo;
  undo.write("{\"a\": 0}");
  const Json set = undo.set("a", 1);
  const Json undone = undo.undo();
  CHECK(undo.undo({{"snapshot", undone["snapshot"]}})["undone"]["method"] == "settings.undo");
  CHECK(undo.text() == "{\"a\": 1}");
  CHECK(undo.undo()["undone"]["snapshot"] == set["snapshot"]);
  CHECK(undo.text() == "{\"a\": 0}");
}

TEST_CASE("Foreign writes are passed over and kept, also comments") {
  Undo undo;
  undo.write("{\"a\": 0, \"b\": 0}");
  undo.set("a", 1);
  undo.write("{\"a\": 1, \"b\": 5.0, /* later */ \"c\": 1}");
  const Json undone = undo.undo();
  CHECK(undone["undone"]["method"] == "settings.set");
  CHECK(undo.text() == "{\"a\": 0, \"b\": 5.0, /* later */ \"c\": 1}");
}

TEST_CASE("An older write can be taken back alone") {
  Undo undo;
  const Json first = set_up(undo.client, {.base_url = "https://one.example/v1", .model_ids = "one"});
  set_up(undo.client, {.base_url = "https://two.example/v1", .protocol = "anthropic", .model_ids = "two", .key = "sk-the-second-key-0002"});
  // The second has changed the selection that the first one made.
  const Json error = undo.client.refusal("settings.undo", {{"snapshot", first["saved"]["snapshot"]}});
  CHECK(error["code"] == -32021);
  CHECK(error["data"]["conflicts"] == Json::parse(R"([
      {"path": "security.auth.selectedType", "after": "openai", "now": "anthropic"},
      {"path": "model.name", "after": "one", "now": "two"}])"));
  const Json restored = undo.client.call("settings.restore", {{"snapshot", first["saved"]["snapshot"]}, {"keys", {"env", {"modelProviders", "openai"}}}});
  CHECK(restored["changed"] == true);
  const Json settings = undo.daemon.settings();
  CHECK(settings["env"] == Json{{"QWEN_CUSTOM_API_KEY_ANTHROPIC_HTTPS_TWO_EXAMPLE_V1", "sk-the-second-key-0002"}});
  CHECK(settings["modelProviders"].size() == 1);
  CHECK(settings["model"]["name"] == "two");
}

TEST_CASE("A later edit of the same member is a conflict that shows both sides, masked") {
  Undo undo;
  undo.write(R"({"env": {"K": "sk-the-former-key-0001"}})");
  const Json set = undo.set("env.K", canary);
  undo.write(R"({"env": {"K": "sk-the-later-key-00003"}, "b": 1})");
  const std::string now = undo.text();
  for (const Json& params : {Json::object(), Json{{"snapshot", set["snapshot"]}}}) {
    const Json error = undo.client.refusal("settings.undo", params);
    CHECK(error["code"] == -32021);
    CHECK(error["data"]["kind"] == "settings_conflict");
    CHECK(error["data"]["path"] == undo.daemon.settings_path());
    const std::string masked = "sk-••••••••••••••••";
    CHECK(error["data"]["conflicts"] == Json{{{"path", "env.K"}, {"before", masked}, {"after", masked}, {"now", masked}}});
  }
  CHECK(undo.text() == now);
}

TEST_CASE("A removed member comes back, and a removed model stands where it stood") {
  Undo undo;
  undo.write(R"({"x": {"deep": 1.0 /* c */}, "modelProviders": {"openai": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}})");
  undo.client.call("settings.remove", {{"scope", "user"}, {"path", "x"}});
  undo.set("modelProviders.openai", Json::parse(R"([{"id": "a"}, {"id": "c"}])"));
  undo.write(R"({"modelProviders": {"openai": [{"id": "l"}, {"id": "a"}, {"id": "c"}]}})");
  undo.undo();
  CHECK(undo.text() == R"({"modelProviders": {"openai": [{"id": "l"}, {"id": "a"}, {"id": "b"}, {"id": "c"}]}})");
  undo.undo();
  CHECK(undo.text() == R"({"modelProviders": {"openai": [{"id": "l"}, {"id": "a"}, {"id": "b"}, {"id": "c"}]}, "x": {"deep": 1.0 /* c */}})");
}

TEST_CASE("The file that a write made goes with it, and comes back with the undo of that") {
  Undo undo;
  undo.set("a", 1);
  const std::string made = undo.text();
  const Json undone = undo.undo();
  CHECK(undone["etag"] == "absent");
  CHECK_FALSE(exists(undo.daemon.settings_path()));
  undo.undo({{"snapshot", undone["snapshot"]}});
  CHECK(undo.text() == made);
}

TEST_CASE("A foreign write is restored in the same way, also one that broke the file") {
  Undo undo;
  const std::string good = "{ // mine\n\"a\": 1 }";
  undo.write(good);
  undo.client.call("settings.get");
  undo.write("{ broken");
  CHECK(undo.client.refusal("settings.get", {{"scope", "user"}})["code"] == -32020);
  const Json snapshot = undo.client.call("settings.history")["snapshots"][0];
  CHECK(snapshot["by"] == "foreign");
  CHECK(snapshot["trouble"].get<std::string>().empty() == false);
  CHECK(undo.client.refusal("settings.undo")["code"] == -32032);  // no write of the daemon's own
  CHECK(undo.client.call("settings.restore", {{"snapshot", snapshot["id"]}})["changed"] == true);
  CHECK(undo.text() == good);
}

TEST_CASE("What a lossy writer dropped comes back in parts, and what does not is said") {
  Undo undo;
  undo.write("{\n  // mine\n  \"mcpServers\": {\"x\": {\"command\": \"a\"}, \"y\": {}},\n  \"a\": 1\n}\n");
  undo.client.call("settings.get");
  undo.write("{\"a\": 1}");
  undo.client.call("settings.get");
  undo.write("{\"a\": 1, \"later\": true}");
  undo.client.call("settings.get");
  const std::string id = undo.client.call("settings.history")["snapshots"][1]["id"];
  const auto restore = [&](const Json& more) { return undo.client.call("settings.restore", with({{"snapshot", id}}, more)); };
  const Json error = undo.client.refusal("settings.restore", {{"snapshot", id}, {"keys", {"nonsense"}}});
  CHECK(error["code"] == -32012);
  CHECK(error["data"]["field"] == "keys");
  const Json part = restore({{"keys", {"mcpServers.x"}}});
  CHECK(part["warnings"] == Json::array());
  CHECK(undo.text() == "{\"a\": 1, \"later\": true, \"mcpServers\": {\"x\": {\"command\": \"a\"}}}");
  undo.undo();
  const Json whole = restore(Json::object());
  CHECK(whole["keys"] == Json{"mcpServers"});
  CHECK(codes_of(whole["warnings"]) == std::vector<std::string>{"F807"});
}

TEST_CASE("A snapshot that is not there is unknown, whatever its name leads to") {
  Undo undo;
  undo.set("a", 1);
  for (const char* method : {"settings.undo", "settings.restore", "settings.diff"})
    for (const char* id : {"", "nope", "../index.jsonl", "/etc/passwd"})
      CHECK(undo.client.refusal(method, {{"snapshot", id}})["code"] == -32032);
}

TEST_CASE("What somebody took back by hand is passed over") {
  Undo undo;
  undo.write("{\"a\": 0, \"b\": 0}");
  undo.set("b", 1);
  undo.set("a", 1);
  undo.write("{\"a\": 0, \"b\": 1}");
  CHECK(undo.undo()["keys"] == Json{"b"});
  CHECK(undo.text() == "{\"a\": 0, \"b\": 0}");
  CHECK(undo.client.refusal("settings.undo")["data"]["kind"] == "unknown_snapshot");
}

TEST_CASE("With a context the newest write to a file that takes part there is the one") {
  Undo undo;
  const std::string work = undo.daemon.path("work"), project = work + "/.qwen/settings.json";
  write_file(project, "{}");
  undo.write("{}");
  const Json there = undo.daemon.context();
  undo.set("a", 1);
  undo.client.call("settings.set", {{"scope", "workspace"}, {"path", "b"}, {"value", 1}, {"context", with(there, {{"cwd", work}})}});
  CHECK(undo.undo({{"context", with(there, {{"cwd", undo.daemon.home()}})}})["keys"] == Json{"a"});
  CHECK(undo.client.refusal("settings.undo", {{"context", with(there, {{"cwd", undo.daemon.home()}})}})["code"] == -32032);
  CHECK(undo.undo({{"context", with(there, {{"cwd", work}})}})["keys"] == Json{"b"});
  CHECK(read_file(project) == "{}");
}

TEST_CASE("Only a key can be purged, and nothing is removed where that was not meant") {
  Undo undo;
  undo.write("{\"security\": {\"auth\": {\"apiKey\": \"sk-inline-0123456789\"}}}");
  for (const char* path : {"security.auth.apiKey", "env"}) {
    const Json error = undo.client.refusal("settings.remove", {{"scope", "user"}, {"path", path}, {"purge", true}});
    CHECK(error["code"] == -32012);
    CHECK(error["data"]["field"] == "purge");
  }
  CHECK(undo.text() == "{\"security\": {\"auth\": {\"apiKey\": \"sk-inline-0123456789\"}}}");
}

TEST_CASE("A key that a file says elsewhere, too, is purged once it is gone there") {
  Undo undo;
  undo.write(R"({"env": {"K": "sk-repeated-0123456789"}, "note": "use sk-repeated-0123456789"})");
  const Json removed = undo.client.call("settings.remove", {{"scope", "user"}, {"path", "env.K"}, {"purge", true}});
  CHECK(removed["changed"] == true);
  CHECK(removed["purged"].is_null());
  REQUIRE(removed["warnings"].size() == 1);
  CHECK(removed["warnings"][0]["code"] == "F808");
  CHECK(removed["warnings"][0]["message"].get<std::string>().find(undo.daemon.settings_path() + " says this key outside of env, too.") == 0);
  CHECK(undo.client.refusal("settings.history", {{"purge", "K"}})["data"]["path"] == undo.daemon.settings_path());
  undo.client.call("settings.remove", {{"scope", "user"}, {"path", "note"}});
  CHECK(undo.client.call("settings.history", {{"purge", "K"}})["purged"] == 3);
  for (const std::string& file : files_below(undo.daemon.history())) CHECK(read_file(file).find("repeated") == std::string::npos);
}
