// status, models, use, logout and explain: what they ask of the daemon and how they show it.
#include <catch2/catch.hpp>

#include "client/near_names.hpp"
#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client::tests;
using authd::Json;
using authd::client::near_names;
using Words = std::vector<std::string>;

namespace {

const Json models = Json::parse(R"({"models": [
  {"protocol": "openai", "provider": "openai", "id": "qwen3-coder", "name": "[Local] qwen3-coder",
   "baseUrl": "http://127.0.0.1:11434/v1", "envKey": "LOCAL_KEY", "scope": "user", "index": 0,
   "selected": true, "keyState": "set", "keyMasked": "sk-••••••••••••••••",
   "keySource": {"kind": "settings", "where": "/home/u/.qwen/settings.json"}, "usable": true,
   "fatal": false},
  {"protocol": "openai", "provider": "openai", "id": "qwen3-max", "name": "qwen3-max",
   "baseUrl": "http://127.0.0.1:11434/v1", "envKey": "LOCAL_KEY", "scope": "user", "index": 1,
   "selected": false, "keyState": "set", "keyMasked": "sk-••••••••••••••••",
   "keySource": {"kind": "settings", "where": "/home/u/.qwen/settings.json"}, "usable": true,
   "fatal": false},
  {"protocol": "anthropic", "provider": "anthropic", "id": "claude-sonnet-4-5", "name": "",
   "baseUrl": "https://api.anthropic.com", "envKey": "ANTHROPIC_API_KEY", "scope": "user",
   "index": 0, "selected": false, "keyState": "missing", "usable": true, "fatal": false},
  {"protocol": "openai", "provider": "openai", "id": "qwen3-coder", "name": "qwen3-coder",
   "baseUrl": "https://openrouter.ai/api/v1", "envKey": "OPENROUTER_API_KEY", "scope": "workspace",
   "index": 0, "selected": false, "keyState": "missing", "usable": true, "fatal": false},
  {"protocol": "openai", "provider": "openai", "id": "qwen3-max", "name": "qwen3-max",
   "baseUrl": "http://127.0.0.1:11434/v1", "envKey": "LOCAL_KEY", "scope": "user", "index": 2,
   "selected": false, "keyState": "set", "keyMasked": "sk-••••••••••••••••",
   "keySource": {"kind": "settings", "where": "/home/u/.qwen/settings.json"}, "usable": false,
   "fatal": false, "duplicate": true, "reason": "the same id and base URL stand above"},
  {"protocol": "", "provider": "mine", "id": "x\u001b[2J", "name": "", "baseUrl": "", "envKey": "",
   "scope": "user", "index": 0, "selected": false, "keyState": "not-needed", "usable": false,
   "fatal": false, "reason": "mine is no protocol and has no providerProtocol entry"},
  {"protocol": "openai", "provider": "openai", "id": "", "name": "", "baseUrl": "", "envKey": "",
   "scope": "user", "index": 3, "selected": false, "keyState": "missing", "usable": false,
   "fatal": true, "reason": "an entry without id ends Qwen Code at its start"}],
  "selected": {"protocol": "openai", "id": "qwen3-coder", "baseUrl": "http://127.0.0.1:11434/v1"},
  "warnings": [], "cliVersion": "0.24.4", "judgedBy": "caller"})");

const Json saved_selection = Json::parse(R"({"scope": "user", "path": "/home/u/.qwen/settings.json",
  "etag": "e", "changed": true, "snapshot": "id", "backup": "/b", "keys": ["model.name"],
  "warnings": [], "notes": ["Sessions already open keep their model."]})");

Json shell_of(const FakeDaemon& daemon, const std::string& method) {
  return daemon.params_of(method)["context"]["env"];
}

}  // namespace

TEST_CASE("status prints the daemon's lines, and its exit code can be trusted") {
  FakeDaemon daemon;
  daemon.set_result("auth.status",
                    {{"complete", true},
                     {"lines", {"", "✓ Authentication Method: OpenRouter", "  Model\x1b[2J: m"}}});
  const FinishedRun good = run(daemon, {"status"});
  CHECK(good.exit_code == 0);
  CHECK(good.out == "\n✓ Authentication Method: OpenRouter\n  Model[2J: m\n");
  daemon.set_result("auth.status", {{"complete", false}, {"lines", {"⚠ Incomplete"}}});
  const FinishedRun incomplete = run(daemon, {"status"});
  CHECK(incomplete.exit_code == 4);
  CHECK(incomplete.out == "⚠ Incomplete\n");
  const FinishedRun json = run(daemon, {"status", "--json"});
  CHECK(json.exit_code == 4);
  CHECK(Json::parse(json.out) == Json::parse(R"({"complete": false, "lines": ["⚠ Incomplete"]})"));
  daemon.set_error("auth.status", {{"code", -32020}, {"message", "It does not parse."},
                                   {"data", {{"kind", "settings_unreadable"}}}});
  const FinishedRun unreadable = run(daemon, {"status"});
  CHECK(unreadable.exit_code == 1);
  CHECK(unreadable.err == "✗ It does not parse.\n");
}

TEST_CASE("variables that the daemon names go with the question, and no other") {
  FakeDaemon daemon;
  daemon.set_result("auth.status", {{"complete", true}, {"lines", Json::array()}});
  const Words variables{"QK=sk-1", "OTHER=x", "OPENAI_API_KEY=sk-2"};
  run(daemon, {"status"}, "", variables);  // a daemon without env.names
  CHECK(shell_of(daemon, "auth.status")["OPENAI_API_KEY"] == "sk-2");
  CHECK_FALSE(shell_of(daemon, "auth.status").contains("QK"));
  daemon.set_result("env.names", {{"names", {"QK", "NOT_SET"}}, {"patterns", {"*"}}});
  run(daemon, {"status"}, "", variables);
  CHECK(shell_of(daemon, "env.names")["PATH"] == "/usr/bin:/bin");
  Json shell = shell_of(daemon, "auth.status");
  CHECK(shell["QK"] == "sk-1");
  CHECK(shell["PATH"] == "/usr/bin:/bin");
  CHECK_FALSE(shell.contains("OTHER"));
  CHECK_FALSE(shell.contains("NOT_SET"));
  daemon.set_result("models.list", models);
  run(daemon, {"models"}, "", variables);
  CHECK(shell_of(daemon, "models.list")["QK"] == "sk-1");
}

TEST_CASE("the models by protocol, endpoint and key, with what is wrong with some") {
  FakeDaemon daemon;
  daemon.set_result("models.list", models);
  const FinishedRun listed = run(daemon, {"models"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.out ==
        "openai\n"
        "  http://127.0.0.1:11434/v1 · user settings\n"
        "  key sk-•••••••••••••••• (LOCAL_KEY, from /home/u/.qwen/settings.json)\n"
        "    ◉ qwen3-coder  [Local] qwen3-coder\n"
        "    ○ qwen3-max\n"
        "    – qwen3-max\n"
        "      skipped: the same id and base URL stand above\n"
        "  https://openrouter.ai/api/v1 · workspace settings\n"
        "  key missing: OPENROUTER_API_KEY has no value\n"
        "    ○ qwen3-coder\n"
        "  no base URL · user settings\n"
        "  key missing\n"
        "    ✗ (no id)\n"
        "      Qwen Code fails on it: an entry without id ends Qwen Code at its start\n"
        "anthropic\n"
        "  https://api.anthropic.com · user settings\n"
        "  key missing: ANTHROPIC_API_KEY has no value\n"
        "    ○ claude-sonnet-4-5\n"
        "mine\n"
        "  no base URL · user settings\n"
        "  no key needed\n"
        "    – x[2J\n"
        "      skipped: mine is no protocol and has no providerProtocol entry\n");
  const Json json = Json::parse(run(daemon, {"models", "--json"}).out);
  CHECK(json["models"].size() == 7);
  daemon.set_result("models.list", {{"models", Json::array()},
                                    {"warnings", {{{"message", "Careful."}, {"code", "M1"}}}}});
  const FinishedRun none = run(daemon, {"models"});
  CHECK(none.out == "No models are configured. `qwen-authctl` sets some up.\n");
  CHECK(none.err == "⚠ Careful.\n");
}

TEST_CASE("use selects the one model of that name") {
  FakeDaemon daemon;
  daemon.set_result("models.list", models);
  daemon.set_result("models.select", saved_selection);
  const FinishedRun used = run(daemon, {"use", "qwen3-max", "--scope", "user"});
  CHECK(used.exit_code == 0);
  CHECK(used.out == "✓ Qwen Code starts with qwen3-max (openai · http://127.0.0.1:11434/v1).\n"
                    "  Sessions already open keep their model.\n"
                    "✓ Saved to /home/u/.qwen/settings.json (1 member changed)\n"
                    "  Not what you meant? qwen-authctl undo\n");
  Json params = daemon.params_of("models.select");
  params.erase("context");
  CHECK(params == Json::parse(R"({"protocol": "openai", "id": "qwen3-max", "scope": "user",
                                  "baseUrl": "http://127.0.0.1:11434/v1"})"));
  Json unchanged = saved_selection;
  unchanged["changed"] = false;
  unchanged.erase("notes");
  daemon.set_result("models.select", unchanged);
  CHECK(run(daemon, {"use", "claude-sonnet-4-5"}).out ==
        "✓ Qwen Code starts with claude-sonnet-4-5 (anthropic · https://api.anthropic.com).\n");
  CHECK(Json::parse(run(daemon, {"use", "qwen3-max", "--json"}).out)["model"]["id"] ==
        "qwen3-max");
}

TEST_CASE("a name that several endpoints have needs an option, which is shown") {
  FakeDaemon daemon;
  daemon.set_result("models.list", models);
  daemon.set_result("models.select", saved_selection);
  const FinishedRun ambiguous = run(daemon, {"use", "qwen3-coder"});
  CHECK(ambiguous.exit_code == 2);
  CHECK(ambiguous.err ==
        "✗ qwen3-coder is configured for several endpoints. Say which one:\n"
        "    --protocol openai --base-url http://127.0.0.1:11434/v1\n"
        "    --protocol openai --base-url https://openrouter.ai/api/v1\n");
  CHECK_FALSE(daemon.was_called("models.select"));
  CHECK(run(daemon, {"use", "qwen3-coder", "--base-url", "https://openrouter.ai/api/v1"})
            .exit_code == 0);
  CHECK(daemon.params_of("models.select")["baseUrl"] == "https://openrouter.ai/api/v1");
  const FinishedRun elsewhere = run(daemon, {"use", "qwen3-coder", "--protocol", "gemini"});
  CHECK(elsewhere.exit_code == 1);
  CHECK(elsewhere.err == "✗ There is no qwen3-coder of this protocol and base URL.\n"
                         "  `qwen-authctl models` lists what there is.\n");
}

TEST_CASE("a wrong name is answered with those that are near") {
  FakeDaemon daemon;
  daemon.set_result("models.list", models);
  const FinishedRun prefix = run(daemon, {"use", "qwen3"});
  CHECK(prefix.exit_code == 1);
  CHECK(prefix.err == "✗ There is no model qwen3 in the settings.\n"
                      "  Did you mean qwen3-coder or qwen3-max?\n");
  CHECK(run(daemon, {"use", "claude-sonet-4.5"}).err.find("Did you mean claude-sonnet-4-5?") !=
        std::string::npos);
  CHECK(run(daemon, {"use", "gemini"}).err.find("`qwen-authctl models` lists what there is.") !=
        std::string::npos);
  const FinishedRun skipped = run(daemon, {"use", "x\x1b[2J"});
  CHECK(skipped.exit_code == 1);
  CHECK(skipped.err.starts_with("✗ Qwen Code skips x[2J: mine is no protocol"));
  const FinishedRun unnamed = run(daemon, {"use"});
  CHECK(unnamed.exit_code == 2);
  CHECK(unnamed.err == "✗ Without questions this needs a MODEL.\n"
                       "  `qwen-authctl models` lists them.\n");
}

TEST_CASE("near names: first the beginning, then the middle, then a few typing errors") {
  const Words names{"xqwen", "qwen3-coder", "Qwen-max", "qwem", "gpt-5", "qwen3-coder"};
  CHECK(near_names("qwen", names) == Words{"qwen3-coder", "Qwen-max", "xqwen", "qwem"});
  CHECK(near_names("gtp-5", names) == Words{"gpt-5"});
  CHECK(near_names("claude-sonnet", names).empty());
  CHECK(near_names("m", {"m1", "m2", "m3", "m4", "m5", "m6"}).size() == 5);
}

TEST_CASE("on a terminal the model is picked from a list") {
  FakeDaemon daemon;
  daemon.set_result("models.list", models);
  daemon.set_result("models.select", saved_selection);
  Pty pty({"use"}, home_of(daemon), 100);
  REQUIRE(pty.shows("Select a model"));
  REQUIRE(pty.shows("◉ qwen3-coder"));  // the one that is selected now
  REQUIRE(pty.shows("anthropic · https://api.anthropic.com · key missing: ANTHROPIC_API_KEY has"));
  pty.type("\x1b[B" + enter);
  CHECK(pty.exit_code() == 0);
  CHECK(daemon.params_of("models.select")["id"] == "qwen3-max");
  CHECK_FALSE(pty.is_raw_mode());

  Pty which({"use", "qwen3-coder"}, home_of(daemon), 100);
  REQUIRE(which.shows("openai · https://openrouter.ai/api/v1"));
  CHECK(which.screen().text().find("claude") == std::string::npos);
  which.type("2" + enter);
  CHECK(which.exit_code() == 0);
  CHECK(daemon.params_of("models.select")["baseUrl"] == "https://openrouter.ai/api/v1");

  Pty left({"use"}, home_of(daemon), 100);
  REQUIRE(left.shows("Select a model"));
  left.type("\x03");
  CHECK(left.exit_code() == 130);
  CHECK(left.screen().text().find("Nothing was saved.") != std::string::npos);

  Pty plain({"use", "--plain"}, home_of(daemon), 100);
  REQUIRE(plain.shows("3. claude-sonnet-4-5"));
  plain.type("3\n");
  CHECK(plain.exit_code() == 0);
  CHECK(daemon.params_of("models.select")["id"] == "claude-sonnet-4-5");
}

TEST_CASE("a model is removed, one that Qwen Code skips as well") {
  FakeDaemon daemon;
  daemon.set_result("models.list", models);
  daemon.set_result("models.remove", saved_selection);
  const FinishedRun removed = run(daemon, {"models", "remove", "qwen3-max"});
  CHECK(removed.exit_code == 0);
  CHECK(removed.out.starts_with("✓ Removed qwen3-max (openai · http://127.0.0.1:11434/v1).\n"));
  CHECK(daemon.params_of("models.remove")["id"] == "qwen3-max");
  CHECK(run(daemon, {"models", "remove", "nope"}).exit_code == 1);
}

TEST_CASE("an endpoint is asked for its models") {
  FakeDaemon daemon;
  daemon.set_result("models.discover", Json::parse(R"({"status": "ok", "message": "", "models": [
    {"id": "a-long-model", "name": "A", "contextWindow": 8192}, {"id": "b\u001b[2J"}]})"));
  const FinishedRun found = run(daemon, {"models", "discover", "--base-url", "https://x/v1",
                                         "--env-key", "ODD"}, "", {"ODD=sk-odd"});
  CHECK(found.exit_code == 0);
  CHECK(found.out == "a-long-model  A · context 8192\nb[2J\n");
  CHECK(daemon.params_of("models.discover")["endpoint"] ==
        Json::parse(R"({"protocol": "openai", "baseUrl": "https://x/v1", "envKey": "ODD"})"));
  CHECK(shell_of(daemon, "models.discover")["ODD"] == "sk-odd");
  CHECK(run(daemon, {"models", "discover", "--base-url", "https://x/v1", "--protocol", "gemini",
                     "--key-stdin"}, "sk-given\n").exit_code == 0);
  CHECK(daemon.params_of("models.discover")["endpoint"] ==
        Json::parse(R"({"protocol": "gemini", "baseUrl": "https://x/v1", "apiKey": "sk-given"})"));

  daemon.set_result("auth.status", {{"protocol", "openai"}, {"baseUrl", "http://l/v1"},
                                    {"envKey", "LOCAL_KEY"}});
  CHECK(run(daemon, {"models", "discover"}).exit_code == 0);
  CHECK(daemon.params_of("models.discover")["endpoint"] ==
        Json::parse(R"({"protocol": "openai", "baseUrl": "http://l/v1", "envKey": "LOCAL_KEY"})"));
  daemon.set_result("auth.status", {{"method", "none"}});
  CHECK(run(daemon, {"models", "discover"}).exit_code == 2);
  CHECK(run(daemon, {"models", "discover", "--key-stdin", "--env-key", "X"}).exit_code == 2);
}

TEST_CASE("an endpoint that cannot be reached is named") {
  FakeDaemon daemon;
  daemon.set_result("models.discover", {{"status", "unreachable"}, {"models", Json::array()},
                                        {"message", "The host refuses the connection."},
                                        {"url", "http://127.0.0.1:9/v1/models"}});
  CHECK(run(daemon, {"models", "discover", "--base-url", "http://127.0.0.1:9/v1"}).err ==
        "✗ http://127.0.0.1:9/v1/models: The host refuses the connection.\n");
}

TEST_CASE("an endpoint without a list says why") {
  FakeDaemon daemon;
  const auto asked = [&](const char* status, const Words& more) {
    daemon.set_result("models.discover", {{"status", status}, {"models", Json::array()},
                                          {"message", "It answered 401."}});
    Words words{"models", "discover", "--base-url", "https://x"};
    words.insert(words.end(), more.begin(), more.end());
    return run(daemon, words);
  };
  const FinishedRun rejected = asked("rejected", {});
  CHECK(rejected.exit_code == 4);
  CHECK(rejected.out.empty());
  CHECK(rejected.err == "✗ It answered 401.\n");
  CHECK(asked("unreachable", {}).exit_code == 1);
  const FinishedRun json = asked("rejected", {"--json"});
  CHECK(json.exit_code == 4);
  CHECK(Json::parse(json.out)["status"] == "rejected");
  CHECK(json.err.empty());
}

TEST_CASE("logout tells what went and what this program cannot reach") {
  FakeDaemon daemon;
  daemon.set_result("auth.logout", Json::parse(R"({
    "removed": {"keys": ["OPENROUTER_API_KEY"], "models": 2, "selection": true, "tokens": false},
    "saved": [{"path": "/home/u/.qwen/settings.json", "changed": true},
              {"path": "/w/.qwen/settings.json", "changed": false}],
    "remains": [{"name": "OPENROUTER_API_KEY", "where": "exported by your shell",
                 "command": "unset OPENROUTER_API_KEY"},
                {"name": "OPENROUTER_API_KEY", "where": "/w/.env:3"}], "judgedBy": "caller"})"));
  const FinishedRun out = run(daemon, {"logout", "openrouter", "--purge", "--yes"});
  CHECK(out.exit_code == 0);
  CHECK(out.out ==
        "✓ Removed OPENROUTER_API_KEY, 2 models, the selection.\n"
        "  Saved to: /home/u/.qwen/settings.json\n"
        "⚠ OPENROUTER_API_KEY remains: exported by your shell\n"
        "  unset OPENROUTER_API_KEY\n"
        "⚠ OPENROUTER_API_KEY remains: /w/.env:3\n");
  CHECK(daemon.params_of("auth.logout")["provider"] == "openrouter");
  CHECK(daemon.params_of("auth.logout")["purge"] == true);
  run(daemon, {"logout", "--yes"});
  CHECK_FALSE(daemon.params_of("auth.logout").contains("provider"));
  CHECK_FALSE(daemon.params_of("auth.logout").contains("purge"));
  daemon.set_result("auth.logout", Json::parse(R"({"removed": {"keys": [], "models": 0,
    "selection": false, "tokens": false}, "saved": [], "remains": []})"));
  CHECK(run(daemon, {"logout", "grok", "-y"}).out == "Nothing of it is set up: nothing to do.\n");
}

TEST_CASE("without a terminal logout removes nothing unless --yes says so") {
  FakeDaemon daemon;
  daemon.set_result("auth.logout", Json::parse(R"({"removed": {"keys": ["K"]}})"));
  const FinishedRun refused = run(daemon, {"logout", "grok"}, "y\n");
  CHECK(refused.exit_code == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err == "✗ The key and the models of grok are to be removed, and without a terminal nobody can be asked.\n"
                       "  --yes removes them without a question.\n");
  const FinishedRun json = run(daemon, {"logout", "--json"});
  CHECK(json.exit_code == 2);
  CHECK(Json::parse(json.out)["error"]["data"]["kind"] == "usage");
  CHECK(daemon.methods().empty());
}

TEST_CASE("on a terminal logout asks first") {
  FakeDaemon daemon;
  daemon.set_result("auth.logout", Json::parse(R"({"removed": {"keys": ["K"]}})"));
  Pty no({"logout", "grok"}, home_of(daemon));
  REQUIRE(no.shows("Remove the key and the models of grok from the settings? [y/N]"));
  no.type("\n");
  CHECK(no.exit_code() == 1);
  CHECK(no.screen().text().find("Nothing was removed.") != std::string::npos);
  CHECK(daemon.methods().empty());
  Pty yes({"logout", "grok"}, home_of(daemon));
  REQUIRE(yes.shows("[y/N]"));
  yes.type("y\n");
  CHECK(yes.exit_code() == 0);
  CHECK(daemon.was_called("auth.logout"));
  Pty unasked({"logout", "--yes"}, home_of(daemon));
  CHECK(unasked.exit_code() == 0);
  CHECK(unasked.screen().text().find("[y/N]") == std::string::npos);
  Pty interrupted({"logout"}, home_of(daemon));
  REQUIRE(interrupted.shows("[y/N]"));
  interrupted.type("\x03");
  CHECK(interrupted.exit_code() == 130);
}

TEST_CASE("explain shows every place in order, the winner, and where versions differ") {
  FakeDaemon daemon;
  daemon.set_result("env.explain", Json::parse(R"json({"name": "OPENAI_API_KEY",
    "winner": {"kind": "dotenv", "where": "/w/.env:3", "fingerprint": "11112222"},
    "cliVersion": "0.24.4", "cliVersionFrom": "/usr/bin/qwen",
    "sources": [
      {"kind": "shell", "where": "", "masked": "", "fingerprint": "", "applied": false,
       "reason": "It is set to the empty string, which counts as not set."},
      {"kind": "dotenv", "where": "/w/.env:3", "masked": "sk-••••••••••••••••",
       "fingerprint": "11112222", "applied": true, "reason": "The first place that has it."},
      {"kind": "dotenv", "where": "/w/.env:9", "masked": "sk-••••••••••••••••",
       "fingerprint": "11112222", "applied": false, "reason": ""},
      {"kind": "settings", "where": "/home/u/.qwen/settings.json:4\u001b[2J",
       "masked": "sk-••••••••••••••••", "fingerprint": "33334444", "applied": false,
       "reason": "A place above has it."}],
    "differs": [{"cliVersion": "0.15.6",
      "winner": {"kind": "shell", "where": "", "fingerprint": ""},
      "sources": [{"kind": "shell", "where": "", "masked": "", "fingerprint": "",
                   "reason": "An empty variable blocks every other place."}]}],
    "judgedBy": "caller"})json"));
  const FinishedRun shown = run(daemon, {"explain", "OPENAI_API_KEY"});
  CHECK(shown.exit_code == 0);
  CHECK(shown.out ==
        "OPENAI_API_KEY, as Qwen Code 0.24.4 (/usr/bin/qwen) reads it\n"
        "  shell\n"
        "    It is set to the empty string, which counts as not set.\n"
        "✓ dotenv  /w/.env:3                           sk-••••••••••••••••  11112222\n"
        "    The first place that has it.\n"
        "  dotenv  /w/.env:9                           sk-••••••••••••••••  11112222\n"
        "  settings  /home/u/.qwen/settings.json:4[2J  sk-••••••••••••••••  33334444\n"
        "    A place above has it.\n"
        "\n"
        "Qwen Code 0.15.6 takes another:\n"
        "✓ shell\n"
        "    An empty variable blocks every other place.\n");
  CHECK(Json::parse(run(daemon, {"explain", "OPENAI_API_KEY", "--json"}).out)["winner"]["kind"] ==
        "dotenv");
}

TEST_CASE("status and explain imitate the version of Qwen Code that is named") {
  FakeDaemon daemon;
  daemon.set_result("auth.status", Json::parse(R"({"complete": true, "lines": [], "envKey": "QK"})"));
  daemon.set_result("env.explain", Json::parse(R"({"name": "QK", "winner": null, "sources": []})"));
  const auto version_for = [&](const std::string& method) { return daemon.params_of(method)["context"].value("cliVersion", ""); };
  run(daemon, {"status"});
  CHECK(version_for("auth.status").empty());
  run(daemon, {"status", "--cli-version", "0.15.6"});
  CHECK(version_for("auth.status") == "0.15.6");
  run(daemon, {"explain", "--cli-version", "0.21.2"});
  CHECK(version_for("auth.status") == "0.21.2");
  CHECK(version_for("env.explain") == "0.21.2");
  CHECK(run(daemon, {"models", "--cli-version", "0.21.2"}).exit_code == 2);
}

TEST_CASE("explain takes the named variable along, or asks about the selected model's") {
  FakeDaemon daemon;
  daemon.set_result("env.explain", Json::parse(R"({"name": "QK", "winner": null, "sources": []})"));
  const FinishedRun named = run(daemon, {"explain", "QK"}, "", {"QK=sk-1"});
  CHECK(named.out == "QK\n  No place gives it a value.\n");
  CHECK(daemon.params_of("env.explain")["name"] == "QK");
  CHECK(shell_of(daemon, "env.explain")["QK"] == "sk-1");
  CHECK_FALSE(daemon.was_called("auth.status"));
  daemon.set_result("auth.status", {{"envKey", "ODD_ONE"}, {"complete", true}});
  CHECK(run(daemon, {"explain"}, "", {"ODD_ONE=sk-2"}).exit_code == 0);
  CHECK(daemon.params_of("env.explain")["name"] == "ODD_ONE");
  CHECK(shell_of(daemon, "env.explain")["ODD_ONE"] == "sk-2");
  daemon.set_result("auth.status", {{"envKey", ""}, {"complete", false}});
  const FinishedRun none = run(daemon, {"explain"});
  CHECK(none.exit_code == 2);
  CHECK(none.err == "✗ The selected model has no variable for its key.\n"
                    "  Name one, such as `qwen-authctl explain OPENAI_API_KEY`.\n");
}
