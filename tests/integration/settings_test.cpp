// settings.scopes, get, set, remove and history over the socket.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

using Names = std::vector<std::string>;

// Four files: the user's, a workspace's, and the two of the system.
struct Settings {
  Daemon daemon;
  Client client = daemon.connect();
  std::string work = daemon.path("work"), workspace_path = work + "/.qwen/settings.json",
              system_path = daemon.path("system/settings.json"), defaults_path = daemon.path("system/system-defaults.json");
  Json context = {{"cwd", work}};

  Settings() { write_file(work + "/file", ""); }
  Json call(const std::string& method, Json params = Json::object()) {
    return client.call(method, with({{"context", context}}, params));
  }
  Json refusal(const std::string& method, Json params) { return client.refusal(method, with({{"context", context}}, params)); }
  Json value(const Json& path, const std::string& scope = "merged") {
    return call("settings.get", {{"path", path}, {"scope", scope}})["value"];
  }
};

// As git writes them; false where there is no git.
bool put_under_git(const std::string& directory) {
  const std::string git = "cd " + directory + " && git -c init.defaultBranch=main init -q >/dev/null 2>&1 && git add -f . >/dev/null 2>&1";
  return std::system(git.c_str()) == 0;
}

}  // namespace

TEST_CASE("The scopes say which files there are, what is wrong with them, and which one is saved to") {
  Settings settings;
  write_file(settings.daemon.settings_path(), R"({"$version": 4})", 0644);
  write_file(settings.workspace_path, R"({"modelProviders": {},})");
  write_file(settings.system_path, "{ broken");
  const Json result = settings.call("settings.scopes");
  CHECK(result["persistScope"] == "workspace");
  CHECK(result["judgedBy"] == "daemon");
  const Json scopes = result["scopes"];
  REQUIRE(scopes.size() == 4);
  const Json expected = Json::parse(R"([
      {"scope": "system-defaults", "exists": false, "etag": "absent", "trusted": true, "takesPart": false},
      {"scope": "user", "exists": true, "trusted": true, "takesPart": true, "mode": "0644", "version": 4, "writable": true},
      {"scope": "workspace", "exists": true, "trusted": true, "takesPart": false, "mode": "0600", "writable": true},
      {"scope": "system", "exists": true, "trusted": true, "takesPart": false, "mode": "0600"}])");
  for (std::size_t i = 0; i < 4; ++i)
    for (const auto& [name, value] : expected[i].items()) {
      INFO(i << " " << name);
      CHECK(scopes[i].value(name, Json()) == value);
    }
  CHECK(scopes[0]["path"] == settings.defaults_path);
  CHECK(scopes[1]["path"] == settings.daemon.settings_path());
  CHECK(scopes[2]["path"] == settings.workspace_path);
  CHECK_FALSE(scopes[1].contains("trouble"));
  CHECK(scopes[2]["trouble"].get<std::string>().find("trailing comma") != std::string::npos);
  CHECK(scopes[3]["trouble"].get<std::string>().find("does not parse") != std::string::npos);
  CHECK(settings.client.call("settings.scopes")["scopes"].size() == 3);  // no directory, no workspace
}

TEST_CASE("QWEN_HOME and the variables of the system's files move them") {
  Settings settings;
  const Json context = settings.daemon.context({{"QWEN_HOME", settings.daemon.path("moved")},
                                                {"QWEN_CODE_SYSTEM_SETTINGS_PATH", settings.daemon.path("etc/s.json")},
                                                {"QWEN_CODE_SYSTEM_DEFAULTS_PATH", settings.daemon.path("etc/d.json")}});
  const Json result = settings.client.call("settings.scopes", {{"context", context}});
  CHECK(result["judgedBy"] == "caller");
  CHECK(result["scopes"][0]["path"] == settings.daemon.path("etc/d.json"));
  CHECK(result["scopes"][1]["path"] == settings.daemon.path("moved/settings.json"));
  CHECK(result["scopes"][2]["path"] == settings.daemon.path("etc/s.json"));
}

TEST_CASE("Merged settings say where each member comes from, and hide every secret") {
  Settings settings;
  write_file(settings.defaults_path, R"({"ui": {"theme": "d", "x": 1}})");
  write_file(settings.daemon.settings_path(),
             Json{{"env", {{"A", canary}, {"B", "sk-of-the-user-000000"}}}, {"modelProviders", {{"openai", {{{"id", "u"}}}}, {"gemini", Json::array()}}},
                  {"tools", {{"executionSandbox", "u"}}}, {"mcpServers", {{"s", {{"headers", {{"Authorization", canary}}}}}}}}.dump());
  write_file(settings.workspace_path, R"({"env": {"B": "sk-of-the-workspace-0"}, "modelProviders": {"openai": [{"id": "w"}]},
                                         "tools": {"executionSandbox": "w"}, "ui": {"theme": "w"}})");
  write_file(settings.system_path, R"({"ui": {"theme": "s"}})");
  const Json result = settings.call("settings.get");
  const std::string masked = "sk-••••••••••••••••";
  CHECK(result["value"] == Json{{"env", {{"A", masked}, {"B", masked}}},
                                {"modelProviders", {{"openai", {{{"id", "w"}}}}, {"gemini", Json::array()}}},
                                {"tools", {{"executionSandbox", "u"}}},
                                {"mcpServers", {{"s", {{"headers", {{"Authorization", masked}}}}}}},
                                {"ui", {{"theme", "s"}, {"x", 1}}}});
  CHECK(result["origins"] == Json{{"env.A", "user"}, {"env.B", "workspace"}, {"modelProviders.openai", "workspace"},
                                  {"modelProviders.gemini", "user"}, {"tools.executionSandbox", "user"}, {"mcpServers.s", "user"},
                                  {"ui.theme", "system"}, {"ui.x", "system-defaults"}});
  // One member, in either spelling.
  CHECK(settings.value("env.A") == masked);
  CHECK(settings.value(Json{"env", "A"}) == masked);
  CHECK(settings.call("settings.get", {{"path", "ui"}})["origins"] == Json{{"ui.theme", "system"}, {"ui.x", "system-defaults"}});
  CHECK(settings.value("nothing.here").is_null());
  // One file.
  CHECK(settings.value("ui.theme", "system-defaults") == "d");
  CHECK(settings.value("ui.theme", "workspace") == "w");
  CHECK(settings.value("ui.theme", "user").is_null());
  CHECK(settings.value("env", "user") == Json{{"A", masked}, {"B", masked}});
  CHECK(settings.call("settings.get", {{"scope", "system"}})["path"] == settings.system_path);
}

TEST_CASE("A workspace that is not trusted takes no part, but can be asked for") {
  Settings settings;
  write_file(settings.daemon.settings_path(), R"({"security": {"folderTrust": {"enabled": true}}, "a": "u"})");
  write_file(settings.workspace_path, R"({"a": "w"})");
  CHECK(settings.value("a") == "u");
  CHECK(settings.value("a", "workspace") == "w");
  CHECK(settings.call("settings.scopes")["scopes"][2]["trusted"] == false);
  CHECK(codes_of(settings.call("settings.set", {{"scope", "workspace"}, {"path", "b"}, {"value", 1}})["warnings"]) == Names{"P406"});
  write_file(settings.daemon.home() + "/.qwen/trustedFolders.json", Json{{settings.work, "TRUST_FOLDER"}}.dump());
  CHECK(settings.value("a") == "w");
  CHECK(settings.call("settings.scopes")["scopes"][2]["trusted"] == true);
}

TEST_CASE("What cannot be read is told, and what is no path") {
  Settings settings;
  write_file(settings.daemon.settings_path(), "{\n broken");
  const Json broken = settings.refusal("settings.get", {{"scope", "user"}});
  CHECK(broken["code"] == -32020);
  CHECK(broken["data"]["path"] == settings.daemon.settings_path());
  CHECK(broken["data"]["line"] == 2);
  CHECK(settings.call("settings.get")["value"] == Json::object());
  CHECK(settings.client.refusal("settings.get", {{"scope", "workspace"}})["data"]["field"] == "scope");
  for (const Json& path : {Json("a..b"), Json("["), Json(""), Json::array(), Json(5), Json{"a", 5}}) {
    INFO(path.dump());
    CHECK(settings.refusal("settings.get", {{"path", path}})["code"] == -32602);
    CHECK(settings.refusal("settings.remove", {{"path", path}, {"scope", "user"}})["code"] == -32602);
  }
}

TEST_CASE("A member is set in the scope that is meant, and the answer says what was saved") {
  Settings settings;
  write_file(settings.daemon.settings_path(), "{\n\t\"a\": 1 // mine\n}\n");
  const auto set = [&](const char* scope, const Json& path, const Json& value) {
    return settings.call("settings.set", {{"scope", scope}, {"path", path}, {"value", value}});
  };
  const Json saved = set("auto", "a", 2);
  CHECK(settings.daemon.settings_text() == "{\n\t\"a\": 2 // mine\n}\n");
  CHECK(saved["scope"] == "user");
  CHECK(saved["path"] == settings.daemon.settings_path());
  CHECK(saved["changed"] == true);
  CHECK(saved["keys"] == Json{"a"});
  CHECK(saved["warnings"] == Json::array());
  CHECK(read_file(saved["backup"]) == "{\n\t\"a\": 1 // mine\n}\n");
  CHECK(saved["etag"] == settings.call("settings.get", {{"scope", "user"}})["etag"]);
  const Json again = set("user", Json{"a"}, 2);
  CHECK(again["changed"] == false);
  CHECK(again["keys"] == Json::array());
  CHECK(again["snapshot"].is_null());
  set("user", R"(mcpServers["my.gw"].url)", "u");
  CHECK(Json::parse(settings.client.call("settings.get", {{"scope", "user"}, {"path", {"mcpServers", "my.gw", "url"}}})["value"].dump()) == "u");
  set("workspace", "modelProviders", Json::object());
  CHECK(Json::parse(read_file(settings.workspace_path)) == Json::parse(R"({"$version": 4, "modelProviders": {}})"));
  CHECK(set("auto", "b", 1)["scope"] == "workspace");
  const Json no_workspace = settings.client.refusal("settings.set", {{"scope", "workspace"}, {"path", "a"}, {"value", 1}});
  CHECK(no_workspace["code"] == -32012);
  CHECK(no_workspace["data"]["field"] == "scope");
}

TEST_CASE("Values with which Qwen Code would not start are refused, and nothing is written") {
  Settings settings;
  const std::string before = R"({"env": {"A": "x"}, "s": "text"})";
  write_file(settings.daemon.settings_path(), before);
  struct Row {
    Json path, value;
    int code;
    std::string field;
  };
  for (const Row& row : std::vector<Row>{
           {"a", nullptr, -32602, "params.value"},
           {"env.A", 5, -32012, "value"},
           {"modelProviders.openai", Json::array({{{"name", "x"}}}), -32012, "value"},
           {"modelProviders.openai", Json::array({{{"id", "x"}, {"wireApi", "x"}}}), -32012, "value"},
           {"security.auth.selectedType", "x", -32012, "value"},
           {"a.__proto__", 1, -32012, "path"},
           {"s.deep", 1, -32020, ""},
       }) {
    INFO(row.path.dump());
    const Json error = settings.refusal("settings.set", {{"scope", "user"}, {"path", row.path}, {"value", row.value}});
    CHECK(error["code"] == row.code);
    CHECK(error["data"].value("field", "") == row.field);
  }
  CHECK(settings.daemon.settings_text() == before);
  CHECK(own_writes(settings.client) == Json::array());
}

TEST_CASE("With an etag a file that has changed since is a conflict, for every method that takes one") {
  Settings settings;
  write_file(settings.daemon.settings_path(), R"({"a": 1})");
  const std::string etag = settings.call("settings.get", {{"scope", "user"}})["etag"];
  settings.call("settings.set", {{"scope", "user"}, {"path", "a"}, {"value", 2}, {"etag", etag}});
  const std::string text = settings.daemon.settings_text(), now = settings.call("settings.get", {{"scope", "user"}})["etag"];
  for (const auto& [method, params] : std::vector<std::pair<std::string, Json>>{
           {"settings.set", {{"scope", "user"}, {"path", "a"}, {"value", 3}}},
           {"settings.remove", {{"scope", "user"}, {"path", "a"}}},
           {"settings.apply", {{"document", {{"settings", {{"a", 3}}}}}}},
           {"settings.undo", Json::object()},
       }) {
    INFO(method);
    for (const std::string& stale : {etag, std::string("absent")}) {
      const Json error = settings.refusal(method, with(params, {{"etag", stale}}));
      CHECK(error["code"] == -32021);
      CHECK(error["data"]["kind"] == "settings_conflict");
      CHECK(error["data"]["field"] == "etag");
      CHECK(error["data"]["etag"] == now);
      CHECK(error["data"]["path"] == settings.daemon.settings_path());
    }
  }
  CHECK(settings.daemon.settings_text() == text);
  CHECK(settings.call("settings.undo", {{"etag", now}})["changed"] == true);
}

TEST_CASE("A removed key is still in the snapshots, and a purge takes it out of every one") {
  Settings settings;
  settings.client.call("events.subscribe", {{"topics", {"settings", "env"}}});
  const auto set = [&](const Json& path, const Json& value) {
    settings.call("settings.set", {{"scope", "user"}, {"path", path}, {"value", value}});
  };
  set("env.MY_KEY", canary);
  set("mcpServers.s", {{"args", {canary}}});
  set("mcpServers.s", {{"args", {"other"}}});
  const Json removed = settings.call("settings.remove", {{"scope", "user"}, {"path", "env.MY_KEY"}});
  CHECK(removed["keys"] == Json{"env.MY_KEY"});
  CHECK(removed["warnings"] == Json::array());
  CHECK(removed["snapshotsWithKey"] == 4);
  CHECK_FALSE(removed.contains("purged"));
  set("env.MY_KEY", canary);
  const Json purged = settings.call("settings.remove", {{"scope", "user"}, {"path", {"env", "MY_KEY"}}, {"purge", true}});
  CHECK(purged["purged"] == 6);
  CHECK(purged["snapshotsWithKey"] == 0);
  CHECK(exists(purged["backup"]));
  for (const std::string& file : files_below(settings.daemon.history())) {
    INFO(file);
    CHECK(read_file(file).find("7Qw9Zx3V") == std::string::npos);
  }
  // Every snapshot is still a way back.
  for (const Json& snapshot : settings.call("settings.history")["snapshots"]) CHECK(snapshot["restorable"] == true);
  set("env.MY_KEY", canary);
  CHECK(settings.call("settings.history", {{"purge", "MY_KEY"}})["purged"] == 0);  // what the file says now is not its past
  const Json absent = settings.call("settings.remove", {{"scope", "user"}, {"path", "env.NOT_THERE"}});
  CHECK(absent["changed"] == false);
  CHECK(absent["snapshotsWithKey"] == 0);
}

TEST_CASE("The history is newest first, says who changed what, and shows no secret") {
  Settings settings;
  settings.call("settings.set", {{"scope", "user"}, {"path", "env.K"}, {"value", canary}});
  settings.call("settings.set", {{"scope", "workspace"}, {"path", "a"}, {"value", 1}});
  write_file(settings.daemon.settings_path(), Json{{"$version", 4}, {"env", {{"K", canary}}}, {"theirs", 1}}.dump());
  settings.call("settings.get");
  const Json all = settings.call("settings.history")["snapshots"];
  REQUIRE(all.size() == 3);
  const Json expected = Json::parse(R"([
      {"by": "foreign", "scope": "user", "keys": ["theirs"], "restorable": true},
      {"by": "self", "method": "settings.set", "scope": "workspace", "keys": ["a"], "before": null, "restorable": true},
      {"by": "self", "method": "settings.set", "scope": "user", "keys": ["env.K"], "before": null, "restorable": true}])");
  for (std::size_t i = 0; i < 3; ++i) {
    for (const auto& [name, value] : expected[i].items()) {
      INFO(i << " " << name);
      CHECK(all[i].at(name) == value);
    }
    if (i > 0) CHECK(all[i]["id"] < all[i - 1]["id"]);
  }
  CHECK(all[0]["before"] == all[2]["after"]);
  const Json mine = settings.call("settings.history", {{"path", settings.workspace_path}})["snapshots"];
  REQUIRE(mine.size() == 1);
  CHECK(mine[0] == all[1]);
  CHECK(settings.call("settings.history", {{"path", "/elsewhere"}})["snapshots"] == Json::array());
  const Json newest = settings.client.call("settings.diff");
  CHECK(newest["snapshot"] == all[0]["id"]);
  CHECK(newest["by"] == "foreign");
  const std::string diff = settings.client.call("settings.diff", {{"snapshot", all[2]["id"]}})["diff"];
  CHECK(diff.find("+    \"K\": \"sk-••••••••••••••••\"") != std::string::npos);
  CHECK(settings.client.refusal("settings.diff", {{"snapshot", "nope"}})["code"] == -32032);
}

TEST_CASE("A history that cannot be read is an error, and not one without changes") {
  Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  const std::string index = daemon.history() + "/index.jsonl";
  std::filesystem::rename(index, daemon.path("aside"));
  std::filesystem::create_directory(index);
  for (const char* method : {"settings.history", "settings.diff", "settings.undo"}) {
    INFO(method);
    const Json error = client.refusal(method, Json::object());
    CHECK(error["code"] == -32020);
    CHECK(error["data"]["path"] == index);
    CHECK(error["data"]["errno"] == "EISDIR");
  }
  std::filesystem::remove(index);
  std::filesystem::rename(daemon.path("aside"), index);
  CHECK(client.call("settings.history")["snapshots"].size() == 1);
}

TEST_CASE("A write of thousands of members lists the first 256, and counts the others") {
  Daemon daemon({.settings = "{}"});
  Client client = daemon.connect();
  client.call("settings.get", {{"scope", "user"}});
  Json many = Json::object();
  for (int i = 0; i < 1000; ++i) many["member" + std::to_string(i)] = i;
  write_file(daemon.settings_path(), many.dump());
  client.call("settings.get", {{"scope", "user"}});
  const Json listed = client.call("settings.history")["snapshots"][0];
  CHECK(listed["keys"].size() == 256);
  CHECK(listed["moreKeys"] == 744);
}

TEST_CASE("A key that others could read or git would keep is warned of before it is there") {
  Settings settings;
  write_file(settings.workspace_path, "{}", 0640);
  write_file(settings.daemon.settings_path(), "{}", 0604);
  const bool has_git = put_under_git(settings.work);
  if (!has_git) WARN("no git on this machine");
  const Names in_work = has_git ? Names{"F805", "F804"} : Names{"F804"};
  const auto of_preview = [&](const char* scope) {
    return codes_of(preview(settings.client, walk_to_review(settings.client, {.scope = scope, .context = settings.context}))["warnings"]);
  };
  const auto of_dry_run = [&](const char* scope) {
    return codes_of(settings.call("settings.apply", {{"document", {{"settings", {{"env", {{"K", "x"}}}}}}}, {"scope", scope}, {"dryRun", true}})["warnings"]);
  };
  const auto of_set = [&](const char* scope) {
    return codes_of(settings.call("settings.set", {{"scope", scope}, {"path", "env.K"}, {"value", canary}})["warnings"]);
  };
  CHECK(of_preview("workspace") == in_work);
  CHECK(of_dry_run("workspace") == in_work);
  CHECK(of_set("workspace") == in_work);
  CHECK(mode_of(settings.workspace_path) == 0600);
  CHECK(of_set("workspace") == (has_git ? Names{"F805"} : Names{}));  // it is private now
  CHECK(of_preview("user") == Names{"F804"});
  CHECK(of_dry_run("user") == Names{"F804"});
  CHECK(of_set("user") == Names{"F804"});
  CHECK(of_set("user") == Names{});
}

TEST_CASE("A file of another user is warned of") {
  if (geteuid() != 0) return;  // only root can make one
  Settings settings;
  write_file(settings.daemon.settings_path(), "{}");
  REQUIRE(chown(settings.daemon.settings_path().c_str(), 12345, 12345) == 0);
  const Json warnings = settings.call("settings.set", {{"scope", "user"}, {"path", "a"}, {"value", 1}})["warnings"];
  CHECK(codes_of(warnings) == Names{"F804"});
  struct stat st {};
  stat(settings.daemon.settings_path().c_str(), &st);
  CHECK(st.st_uid == 12345);  // and stays theirs
}

TEST_CASE("What cannot be written is one clear error, and nothing is lost") {
  struct Row {
    std::string what, error;
    int code;
  };
  for (const Row& row : std::vector<Row>{
           {"read-only", "EACCES", -32022},
           {"managed by Nix", "EROFS", -32022},
           {"a link to itself", "ELOOP", -32020},
           {"a FIFO", "EINVAL", -32022},
           {"a directory", "EISDIR", -32022},
           {"larger than 32 MiB", "EFBIG", -32020},
           {"below a file", "ENOTDIR", -32022},
       }) {
    INFO(row.what);
    Settings settings;
    const std::string path = settings.daemon.settings_path(), directory = settings.daemon.home() + "/.qwen";
    write_file(directory + (row.what == "below a file" ? "" : "/other"), "in the way");
    if (row.what == "read-only") write_file(path, "{}", 0400);
    if (row.what == "managed by Nix") REQUIRE(symlink("/nix/store/abc-settings/settings.json", path.c_str()) == 0);
    if (row.what == "a link to itself") REQUIRE(symlink("settings.json", path.c_str()) == 0);
    if (row.what == "a FIFO") REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    if (row.what == "a directory") REQUIRE(mkdir(path.c_str(), 0700) == 0);
    if (row.what == "larger than 32 MiB") {
      write_file(path, "{}");
      REQUIRE(truncate(path.c_str(), 33 << 20) == 0);
    }
    const std::string identity = identity_of(path);
    const Names names = names_in(directory);
    const std::string session = walk_to_review(settings.client);
    const Json document = {{"settings", {{"a", 1}}}};
    for (const Json& error : {settings.refusal("settings.set", {{"scope", "user"}, {"path", "a"}, {"value", 1}}),
                              settings.refusal("settings.apply", {{"document", document}, {"scope", "user"}}),
                              settings.client.refusal("wizard.commit", {{"sessionId", session}, {"check", "none"}})}) {
      CHECK(error["code"] == row.code);
      CHECK(error["data"]["errno"] == row.error);
      CHECK(error["data"]["path"].get<std::string>().empty() == false);
      CHECK(error["message"].get<std::string>().size() > 10);
    }
    CHECK(identity_of(path) == identity);
    CHECK(names_in(directory) == names);
    CHECK(own_writes(settings.client) == Json::array());
  }
}

TEST_CASE("A directory that vanishes before the commit is made again, and a dangling link is filled") {
  Settings settings;
  write_file(settings.daemon.settings_path(), R"({"a": 1})");
  const std::string session = walk_to_review(settings.client);
  const Json shown = preview(settings.client, session);
  REQUIRE(rename((settings.daemon.home() + "/.qwen").c_str(), settings.daemon.path("gone").c_str()) == 0);
  const Json conflict = settings.client.refusal("wizard.commit", {{"sessionId", session}, {"check", "none"}, {"etag", shown["etag"]}});
  CHECK(conflict["code"] == -32021);
  CHECK(conflict["data"]["etag"] == "absent");
  CHECK(commit(settings.client, session)["saved"]["backup"].is_null());
  CHECK(settings.daemon.settings()["model"]["name"] == "m1");
  CHECK(read_file(settings.daemon.path("gone/settings.json")) == R"({"a": 1})");

  REQUIRE(unlink(settings.daemon.settings_path().c_str()) == 0);
  REQUIRE(symlink("../dotfiles/qwen.json", settings.daemon.settings_path().c_str()) == 0);
  settings.call("settings.set", {{"scope", "user"}, {"path", "a"}, {"value", 1}});
  CHECK(Json::parse(read_file(settings.daemon.home() + "/dotfiles/qwen.json")) == Json::parse(R"({"$version": 4, "a": 1})"));
  struct stat st {};
  REQUIRE(lstat(settings.daemon.settings_path().c_str(), &st) == 0);
  CHECK(S_ISLNK(st.st_mode));
}
