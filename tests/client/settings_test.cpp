// settings scopes, get, set and remove.
#include <catch2/catch.hpp>

#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client::tests;
using authd::Json;

namespace {

const std::string key = "sk-or-v1-canary0123456789";

const Json saved = Json::parse(R"({"scope": "user", "path": "/s", "etag": "e", "changed": true,
  "snapshot": "id", "backup": "/b", "keys": ["env.OPENAI_API_KEY"],
  "warnings": [{"code": "E101", "name": "env", "step": "",
                "message": "The shell outranks it."}]})");

Json removed_with_copies() {
  Json result = saved;
  result["warnings"] = Json::array();
  result["snapshotsWithKey"] = 2;
  return result;
}

std::vector<std::string> home_of(const FakeDaemon& daemon) {
  return {"HOME=" + daemon.directory(), "QWEN_AUTHD_SOCKET=" + daemon.socket_path()};
}

}  // namespace

TEST_CASE("the scopes with what is to be known of each file") {
  FakeDaemon daemon;
  daemon.set_result("settings.scopes", Json::parse(R"({"scopes": [
    {"scope": "user", "path": "/home/u/.qwen/settings.json", "exists": true, "etag": "e",
     "writable": true, "trusted": true, "takesPart": true, "mode": "0644", "version": 4,
     "link": "/dotfiles/qwen.json", "trouble": "Others can read it."},
    {"scope": "workspace", "path": "/w/.qwen/settings.json", "exists": true, "etag": "e",
     "writable": false, "trusted": false, "takesPart": false, "mode": "0600"},
    {"scope": "system", "path": "/etc/qwen-code/settings.json", "exists": false, "etag": "absent",
     "writable": false, "trusted": true, "takesPart": true}],
    "persistScope": "user", "judgedBy": "caller"})"));
  CHECK(run(daemon, {"settings", "scopes"}).out ==
        "user: /home/u/.qwen/settings.json\n"
        "  changes are saved here · mode 0644 · version 4 · a link to /dotfiles/qwen.json\n"
        "  ⚠ Others can read it.\n"
        "workspace: /w/.qwen/settings.json\n"
        "  mode 0600 · not writable · the folder is not trusted · Qwen Code ignores it here\n"
        "system: /etc/qwen-code/settings.json\n"
        "  does not exist · not writable\n");
  CHECK(daemon.params_of("settings.scopes").at("context").contains("env"));
}

TEST_CASE("a member stands alone in a pipe, text as it is and the rest as JSON") {
  FakeDaemon daemon;
  const auto shown = [&](Json value) {
    daemon.set_result("settings.get", {{"scope", "merged"}, {"value", std::move(value)},
                                       {"origins", {{"model.name", "user"}}}});
    return run(daemon, {"settings", "get", "model.name"}).out;
  };
  CHECK(shown("qwen\x1b[2J3") == "qwen[2J3\n");
  CHECK(shown(true) == "true\n");
  CHECK(shown({{"name", "m"}}) == "{\n  \"name\": \"m\"\n}\n");
  CHECK(daemon.params_of("settings.get").at("path") == "model.name");
  CHECK(daemon.params_of("settings.get").at("scope") == "merged");
  run(daemon, {"settings", "get", "--scope", "user"});
  CHECK_FALSE(daemon.params_of("settings.get").contains("path"));
}

TEST_CASE("a terminal shows where each member comes from") {
  FakeDaemon daemon;
  daemon.set_result("settings.get",
                    {{"scope", "merged"}, {"value", {{"a", 1}}},
                     {"origins", {{"env.A", "user"}, {"env.B", "user"}, {"model", "workspace"}}}});
  Pty pty({"settings", "get"}, home_of(daemon));
  CHECK(pty.exit_code() == 0);
  CHECK(pty.screen().text().starts_with("{\n  \"a\": 1\n}\n"
                                        "from user: env.A, env.B\n"
                                        "from workspace: model\n"));
}

TEST_CASE("a member that is not there is an error") {
  FakeDaemon daemon;
  daemon.set_result("settings.get", {{"scope", "merged"}, {"value", nullptr}});
  const FinishedRun absent = run(daemon, {"settings", "get", "nope"});
  CHECK(absent.exit_code == 1);
  CHECK(absent.out.empty());
  CHECK(absent.err == "✗ There is no such member.\n");
  const FinishedRun json = run(daemon, {"settings", "get", "nope", "--json"});
  CHECK(json.exit_code == 1);
  CHECK(Json::parse(json.out).at("value").is_null());
}

TEST_CASE("a value is JSON where it is JSON, a variable is always text") {
  struct Row {
    std::string path, text, value;
  };
  const std::vector<Row> rows{
      {"a", "true", "true"},       {"a", "[1, 2]", "[1,2]"},         {"a", "GitHub", "\"GitHub\""},
      {"a", "\"4\"", "\"4\""},     {"env.PORT", "8080", "\"8080\""}, {"a", "", "\"\""},
      {"env.PORT", "\"8080\"", "\"8080\""}};
  FakeDaemon daemon;
  daemon.set_result("settings.set", saved);
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(run(daemon, {"settings", "set", row.path, row.text}).exit_code == 0);
    CHECK(daemon.params_of("settings.set").at("value").dump() == row.value);
  }
  CHECK(run(daemon, {"settings", "set", "a", "null"}).exit_code == 2);
}

TEST_CASE("set says where it was saved, and warns on stderr") {
  FakeDaemon daemon;
  daemon.set_result("settings.set", saved);
  const FinishedRun done =
      run(daemon, {"settings", "set", "env.OPENAI_API_KEY", "-", "--scope", "user"}, key + "\n");
  CHECK(done.exit_code == 0);
  CHECK(done.out == "✓ Saved to /s (1 member changed)\n"
                    "  Not what you meant? qwen-authctl undo\n");
  CHECK(done.err == "⚠ The shell outranks it.\n");
  const Json params = daemon.params_of("settings.set");
  CHECK(params.at("value") == key);
  CHECK(params.at("scope") == "user");
  CHECK(params.at("context").contains("cwd"));
}

TEST_CASE("a key as an argument is refused before anything is sent") {
  FakeDaemon daemon;
  for (const std::string value : {"short", key.c_str(), "0123456789"}) {
    const FinishedRun refused = run(daemon, {"settings", "set", "env.OPENAI_API_KEY", value});
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find("qwen-authctl settings set PATH - < FILE") != std::string::npos);
    CHECK((refused.out + refused.err).find(value) == std::string::npos);
  }
  CHECK(daemon.methods().empty());
}

TEST_CASE("a key typed on a terminal is not shown") {
  FakeDaemon daemon;
  daemon.set_result("settings.set", saved);
  Pty pty({"settings", "set", "env.OPENAI_API_KEY", "-"}, home_of(daemon));
  REQUIRE(pty.shows("Value (not shown):"));
  pty.type(key + "\n");
  CHECK(pty.exit_code() == 0);
  CHECK(pty.raw().find("canary") == std::string::npos);
  CHECK(daemon.params_of("settings.set").at("value") == key);
}

TEST_CASE("a removed key that copies still hold is named with the command that purges it") {
  FakeDaemon daemon;
  daemon.set_result("settings.remove", removed_with_copies());
  const FinishedRun removed = run(daemon, {"settings", "remove", "env.OPENAI_API_KEY"});
  CHECK(removed.exit_code == 0);
  CHECK(removed.out == "✓ Saved to /s (1 member changed)\n"
                       "  Not what you meant? qwen-authctl undo\n"
                       "2 snapshots still hold it. This removes it from there, too:\n"
                       "  qwen-authctl history --purge OPENAI_API_KEY\n");
  CHECK_FALSE(daemon.was_called("settings.history"));
  const FinishedRun json = run(daemon, {"settings", "remove", "env.OPENAI_API_KEY", "--json"});
  CHECK(Json::parse(json.out) == removed_with_copies());
}

TEST_CASE("on a terminal the copies are asked about, and kept unless the answer is yes") {
  struct Row {
    std::string answer;
    bool purges;
  };
  for (const Row& row : std::vector<Row>{{"y", true}, {"yes", true}, {"", false}, {"n", false}}) {
    FakeDaemon daemon;
    daemon.set_result("settings.remove", removed_with_copies());
    daemon.set_result("settings.history", {{"snapshots", Json::array()}, {"purged", 2}});
    Pty pty({"settings", "remove", "env[\"OPENAI_API_KEY\"]"}, home_of(daemon));
    REQUIRE(pty.shows("2 snapshots still hold it. Remove it from there, too? [y/N]"));
    pty.type(row.answer + "\n");
    CHECK(pty.exit_code() == 0);
    CHECK(daemon.was_called("settings.history") == row.purges);
    if (row.purges) {
      CHECK(daemon.params_of("settings.history").at("purge") == "OPENAI_API_KEY");
      CHECK(pty.screen().text().find("Removed OPENAI_API_KEY from 2 snapshots.") !=
            std::string::npos);
    }
  }
}

TEST_CASE("Ctrl-C at the question about the copies leaves them, with 130") {
  FakeDaemon daemon;
  daemon.set_result("settings.remove", removed_with_copies());
  Pty pty({"settings", "remove", "env.OPENAI_API_KEY"}, home_of(daemon));
  REQUIRE(pty.shows("[y/N]"));
  pty.type("\x03");
  CHECK(pty.exit_code() == 130);
  CHECK_FALSE(daemon.was_called("settings.history"));
}

TEST_CASE("remove --purge counts what it purged") {
  FakeDaemon daemon;
  Json result = saved;
  result["warnings"] = Json::array();
  result["purged"] = 1;
  daemon.set_result("settings.remove", result);
  CHECK(run(daemon, {"settings", "remove", "env.OPENAI_API_KEY", "--purge"}).out ==
        "✓ Saved to /s (1 member changed)\n"
        "Removed OPENAI_API_KEY from 1 snapshot.\n");
  CHECK(daemon.params_of("settings.remove").at("purge") == true);
  result = {{"changed", false}, {"path", "/s"}, {"keys", Json::array()}};
  daemon.set_result("settings.remove", result);
  CHECK(run(daemon, {"settings", "remove", "nope"}).out ==
        "There is no such member: nothing to do.\n");
}
