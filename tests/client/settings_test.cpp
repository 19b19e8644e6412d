// settings scopes, get, set and remove.
#include <stdio.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>

#include "client/output.hpp"
#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"
#include "tests/support/bin_dir.hpp"

using namespace authd::client::tests;
using authd::Json;

namespace {

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

// What a script prints, with `qwen-authctl` on its PATH.
std::string output_of(const FakeDaemon& daemon, const std::string& script) {
  const std::string command = "HOME=" + daemon.directory() + " QWEN_AUTHD_SOCKET=" +
                              daemon.socket_path() + " PATH=" + authd::tests::bin_dir() +
                              ":/usr/bin:/bin exec sh -c '" + script + "'";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> bytes;
  while (const std::size_t count = fread(bytes.data(), 1, bytes.size(), pipe))
    text.append(bytes.data(), count);
  pclose(pipe);
  return text;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
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
     "writable": false, "trusted": true, "takesPart": false},
    {"scope": "system-defaults", "path": "/etc/d.json", "exists": true, "etag": "e",
     "writable": true, "trusted": true, "takesPart": false, "mode": "0644",
     "trouble": "/etc/d.json does not parse."}],
    "persistScope": "user", "judgedBy": "caller"})"));
  CHECK(run(daemon, {"settings", "scopes"}).out ==
        "user: /home/u/.qwen/settings.json\n"
        "  changes are saved here · mode 0644 · version 4 · a link to /dotfiles/qwen.json\n"
        "  ⚠ Others can read it.\n"
        "workspace: /w/.qwen/settings.json\n"
        "  mode 0600 · not writable · the folder is not trusted · Qwen Code ignores it here\n"
        "system: /etc/qwen-code/settings.json\n"
        "  does not exist · not writable\n"
        "system-defaults: /etc/d.json\n"
        "  mode 0644 · cannot be used as it is\n"
        "  ⚠ /etc/d.json does not parse.\n");
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

TEST_CASE("the warnings of get stand on stderr, whether the member is there or not") {
  FakeDaemon daemon;
  for (const Json& value : {Json("m"), Json()}) {
    daemon.set_result("settings.get", {{"value", value}, {"warnings", saved.at("warnings")}});
    CHECK(run(daemon, {"settings", "get", "a"}).err.starts_with("⚠ The shell outranks it.\n"));
    CHECK(run(daemon, {"settings", "get", "a", "--json"}).err == "⚠ The shell outranks it.\n");
  }
}

TEST_CASE("what standard output does not take is an error, a reader that left is none") {
  FakeDaemon daemon;
  daemon.set_result("settings.get", {{"value", std::string(200'000, 'x')}});
  const std::string no_space =
      "✗ Cannot write to standard output: No space left on device.\nexit 1\n";
  for (const std::string command : {"settings get a", "settings get a --json", "--help"})
    CHECK(output_of(daemon, "qwen-authctl " + command + " 2>&1 >/dev/full; echo exit $?") ==
          no_space);
  CHECK(output_of(daemon,
                  "{ { qwen-authctl settings get a 2>&3; echo exit $? >&3; } | true; } 3>&1") ==
        "exit 0\n");
}

TEST_CASE("a path that is none is refused before anything is sent") {
  FakeDaemon daemon;
  const std::vector<std::vector<std::string>> lines{
      {"settings", "get", "a..b"},      {"settings", "get", ".a"},
      {"settings", "set", "a[b]", "1"}, {"settings", "set", "a[\"b", "-"},
      {"settings", "remove", "a."},     {"restore", "id", "--key", "a\"b"}};
  for (const auto& words : lines) {
    CAPTURE(words);
    const FinishedRun refused = run(daemon, words, "x");
    CHECK(refused.exit_code == 2);
    CHECK(refused.err ==
          "✗ That is not the path of a member.\n"
          "  A path is written as model.name, or as modelProviders[\"my.gateway\"] where a name has "
          "a dot in it.\n");
  }
  CHECK(daemon.methods().empty());
  daemon.set_result("settings.get", {{"value", 1}});
  for (const std::string path : {"a", "a.b", "modelProviders[\"my.gw\"].x", "[\"a\\\"b\"][\"]\"]"})
    CHECK(run(daemon, {"settings", "get", path}).exit_code == 0);
}

TEST_CASE("nothing on standard input does not overwrite a key, nor does what is not UTF-8") {
  struct Row {
    std::string input, message;
  };
  const std::vector<Row> rows{{"", "✗ Nothing came on standard input.\n"},
                              {"\r\n\n", "✗ Nothing came on standard input.\n"},
                              {"sk-\xFF\n", "✗ What came on standard input is not UTF-8.\n"}};
  FakeDaemon daemon;
  for (const Row& row : rows) {
    const FinishedRun refused = run(daemon, {"settings", "set", "env.K", "-"}, row.input);
    CHECK(refused.exit_code == 2);
    CHECK(refused.err == row.message);
  }
  CHECK(run(daemon, {"settings", "set", "a", "\xC3"}).err == "✗ The value is not UTF-8.\n");
  CHECK(daemon.methods().empty());
}

TEST_CASE("a value is as deep as a request can hold, a variable is not looked into") {
  FakeDaemon daemon;
  daemon.set_result("settings.set", saved);
  CHECK(run(daemon, {"settings", "set", "a", nested(62)}).exit_code == 0);
  CHECK(daemon.params_of("settings.set").at("value") == Json::parse(nested(62)));
  for (const std::size_t levels : {63u, 70u}) {
    const FinishedRun refused = run(daemon, {"settings", "set", "a", "-"}, nested(levels));
    CHECK(refused.exit_code == 2);
    CHECK(refused.err ==
          "✗ The value is nested deeper than 62 levels, the most that can be sent at once.\n"
          "  Set a member inside it with a longer PATH.\n");
  }
  CHECK(run(daemon, {"settings", "set", "env.A", nested(70)}).exit_code == 0);
  CHECK(daemon.params_of("settings.set").at("value") == nested(70));
}

TEST_CASE("what the daemon says of its interface is said in the words of the command line") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"Ask for the repair (repair: true), which removes it in the same write.",
       "`settings set`, `apply` and `setup` remove it with --repair."},
      {"Give context.cwd, or choose the user scope.",
       "Go to another directory, or choose --scope user."},
      {"settings.history lists the snapshots that are kept.",
       "`qwen-authctl history` lists the snapshots that are kept."},
      {"Remove the member without purge. Copies of former files may still hold its value.",
       "Remove the member without --purge. Copies of former files may still hold its value."},
      {"settings.diff shows them.", "`qwen-authctl diff` shows them."},
      {"models.list lists those that are.", "`qwen-authctl models` lists those that are."},
      {"keys.list lists the commands that there are.", "`qwen-authctl keys` lists the commands that there are."},
      {"Say whose key is to go; providers.list lists who is known.",
       "Say whose key is to go; `qwen-authctl rpc providers.list` lists who is known."},
      {"Call wizard.start for a new one.", "Begin the set-up again."},
      {"Give the key itself with apiKey, if it is meant for this host.",
       "Give the key itself with --key-stdin, if it is meant for this host."},
      {"Say which one with baseUrl.", "Say which one with --base-url."},
  };
  FakeDaemon daemon;
  for (const auto& [wire, shell] : rows) {
    const Json error = {{"code", -32012},
                        {"message", "params.document.x: unknown"},
                        {"data", {{"kind", "invalid_input"}, {"hint", wire}}}};
    daemon.set_error("settings.remove", error);
    CHECK(run(daemon, {"settings", "remove", "a"}).err ==
          "✗ document.x: unknown\n  " + shell + "\n");
    CHECK(Json::parse(run(daemon, {"settings", "remove", "a", "--json"}).out).at("error") == error);
  }
}

TEST_CASE("a warning names commands, too") {
  FakeDaemon daemon;
  Json warned = saved;
  warned["warnings"] = {{{"code", "F807"}, {"message", "1 comment is not put back. settings.diff shows what it said."}}};
  daemon.set_result("settings.set", warned);
  CHECK(run(daemon, {"settings", "set", "a", "1"}).err ==
        "⚠ 1 comment is not put back. `qwen-authctl diff` shows what it said.\n");
}

TEST_CASE("no hint of the daemon names a method that the command line has another word for") {
  const std::regex advice(R"(\b(settings|models|wizard|keys|env|auth|providers)\.[a-zA-Z]+ (lists|shows|takes|tells|says)\b|Call (wizard|settings)\.[a-zA-Z]+)");
  for (const auto& file : std::filesystem::recursive_directory_iterator(AUTHD_SOURCE_DIR "/daemon")) {
    if (file.path().extension() != ".cpp") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      const std::size_t begin = line.find('"'), end = line.rfind('"');
      if (begin == end || !std::regex_search(line, advice)) continue;
      const std::string text = line.substr(begin + 1, end - begin - 1);
      CAPTURE(file.path().string(), text);
      CHECK(authd::client::said_in_a_shell(text) != text);
    }
  }
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
      run(daemon, {"settings", "set", "env.OPENAI_API_KEY", "-", "--scope", "user"}, canary + "\n");
  CHECK(done.exit_code == 0);
  CHECK(done.out == "✓ Saved to /s (1 member changed)\n"
                    "  Not what you meant? qwen-authctl undo\n");
  CHECK(done.err == "⚠ The shell outranks it.\n");
  const Json params = daemon.params_of("settings.set");
  CHECK(params.at("value") == canary);
  CHECK(params.at("scope") == "user");
  CHECK(params.at("context").contains("cwd"));
}

TEST_CASE("a key as an argument is refused before anything is sent") {
  FakeDaemon daemon;
  for (const std::string value : {"short", canary.c_str(), "0123456789"}) {
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
  pty.type(canary + "\n");
  CHECK(pty.exit_code() == 0);
  CHECK(pty.raw().find("canary") == std::string::npos);
  CHECK(daemon.params_of("settings.set").at("value") == canary);
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
  CHECK(run(daemon, {"settings", "remove", "env[\"it's\"]"})
            .out.ends_with("  qwen-authctl history --purge 'it'\\''s'\n"));
  CHECK(run(daemon, {"settings", "remove", "env.A.B"}).out.find("--purge") == std::string::npos);
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
