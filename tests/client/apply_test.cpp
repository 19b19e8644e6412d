// apply: the document, the keys it refers to, the exit codes.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "client/apply_document.hpp"
#include "tests/client/finished_run.hpp"

using namespace authd::client;
using namespace authd::client::tests;
using authd::Json;

namespace {

const std::string document = R"(// the team's provider
{
  "providers": [{"protocol": "openai", "baseUrl": "https://x/v1", /* a proxy */
                 "apiKey": "env:TEAM_PASSPHRASE", "models": ["m"]}],
  "selection": {"protocol": "openai", "model": "m"}
})";

const Json changed = Json::parse(R"({"result": "changed", "scope": "user", "path": "/s",
  "diff": "--- /s\n+++ /s\n@@ -1 +1 @@\n-{}\n+{\"model\": 1}\n", "keys": ["env.X", "model.name"],
  "warnings": [{"code": "U301", "name": "url", "step": "", "message": "Careful."}],
  "saved": {"scope": "user", "path": "/s", "changed": true, "snapshot": "id"},
  "judgedBy": "caller"})");
const Json unchanged = Json::parse(R"({"result": "unchanged", "scope": "user", "path": "/s",
  "diff": "", "keys": [], "warnings": [], "judgedBy": "caller"})");

std::string file_with(const FakeDaemon& daemon, const std::string& text) {
  const std::string path = daemon.directory() + "/qwen.json";
  std::ofstream(path) << text;
  return path;
}

}  // namespace

TEST_CASE("a document is sent with the variables that it refers to") {
  FakeDaemon daemon;
  daemon.set_result("settings.apply", changed);
  const FinishedRun applied =
      run(daemon, {"apply", "-f", file_with(daemon, "\xEF\xBB\xBF" + document)}, "",
          {"TEAM_PASSPHRASE=" + canary, "UNRELATED=private"});
  CHECK(applied.exit_code == 0);
  CHECK(applied.out == "✓ Saved to /s (2 members changed)\n"
                       "  Not what you meant? qwen-authctl undo\n");
  CHECK(applied.err == "⚠ Careful.\n");
  const Json params = daemon.params_of("settings.apply");
  CHECK(params.at("context").at("env").at("TEAM_PASSPHRASE") == canary);
  CHECK_FALSE(params.at("context").at("env").contains("UNRELATED"));
  CHECK(params.at("document") == Json::parse(document, nullptr, true, true));
  CHECK(params.at("scope") == "auto");
  CHECK(params.at("dryRun") == false);
  CHECK(params.at("repair") == false);
  CHECK_FALSE(params.contains("stdin"));
}

TEST_CASE("a document may come from standard input") {
  FakeDaemon daemon;
  daemon.set_result("settings.apply", unchanged);
  const FinishedRun applied = run(daemon, {"apply", "-f", "-"}, document);
  CHECK(applied.exit_code == 0);
  CHECK(applied.out == "settings.json already says so: nothing to do.\n");
  CHECK(daemon.params_of("settings.apply").at("document").at("selection").at("model") == "m");
}

TEST_CASE("a document of 62 levels still fits into a request") {
  FakeDaemon daemon;
  daemon.set_result("settings.apply", unchanged);
  const std::string deep = "{\"a\":" + std::string(61, '[') + std::string(61, ']') + "}";
  CHECK(run(daemon, {"apply", "-f", "-"}, deep).exit_code == 0);
  CHECK(daemon.params_of("settings.apply").at("document") == Json::parse(deep));
}

TEST_CASE("a key on standard input goes along and is never shown") {
  FakeDaemon daemon;
  daemon.set_result("settings.apply", changed);
  const std::string file = file_with(daemon, R"({"providers": [{"apiKey": "stdin"}]})");
  const FinishedRun applied = run(daemon, {"apply", "-f", file}, canary + "\n");
  CHECK(applied.exit_code == 0);
  CHECK(daemon.params_of("settings.apply").at("stdin") == canary);
  CHECK((applied.out + applied.err).find("canary") == std::string::npos);
}

TEST_CASE("standard input cannot be document and key at once") {
  FakeDaemon daemon;
  const FinishedRun refused =
      run(daemon, {"apply", "-f", "-"}, R"({"providers": [{"apiKey": "stdin"}]})");
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("Give the document as a file: -f FILE.") != std::string::npos);
  CHECK_FALSE(daemon.was_called("settings.apply"));
}

TEST_CASE("a dry run shows the diff and saves nothing") {
  FakeDaemon daemon;
  daemon.set_result("settings.apply", changed);
  const FinishedRun shown = run(daemon, {"apply", "-f", "-", "--dry-run"}, document);
  CHECK(shown.exit_code == 0);
  CHECK(shown.out == "--- /s\n+++ /s\n@@ -1 +1 @@\n-{}\n+{\"model\": 1}\n"
                     "Dry run: nothing was saved.\n");
  CHECK(daemon.params_of("settings.apply").at("dryRun") == true);
  daemon.set_result("settings.apply", unchanged);
  CHECK(run(daemon, {"apply", "-f", "-", "--dry-run"}, document).out ==
        "settings.json already says so: nothing to do.\n");
}

TEST_CASE("the detailed exit code tells a change from none, and from an error") {
  FakeDaemon daemon;
  const auto exit_code = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"apply", "-f", "-", "--detailed-exitcode"};
    words.insert(words.end(), more.begin(), more.end());
    return run(daemon, words, document).exit_code;
  };
  daemon.set_result("settings.apply", changed);
  CHECK(exit_code({}) == 10);
  CHECK(exit_code({"--dry-run"}) == 10);
  CHECK(exit_code({"--json"}) == 10);
  daemon.set_result("settings.apply", unchanged);
  CHECK(exit_code({}) == 0);
  daemon.set_error("settings.apply", {{"code", -32021},
                                      {"message", "The file has changed."},
                                      {"data", {{"kind", "settings_conflict"}}}});
  CHECK(exit_code({}) == 5);
}

TEST_CASE("with --json the result of apply is one document") {
  FakeDaemon daemon;
  daemon.set_result("settings.apply", changed);
  CHECK(Json::parse(run(daemon, {"apply", "-f", "-", "--json"}, document).out) == changed);
}

TEST_CASE("a document that cannot be read says where and quotes nothing") {
  struct Row {
    std::string text, message;
  };
  const std::vector<Row> rows{
      {"{\n  \"a\": \"ü\", sk-canary\n}",
       "✗ The document is not valid JSON.\n  FILE:2:13\n"},
      {"{\n  \"canary\": [1,\n  ],\n}",
       "✗ The document is not valid JSON.\n  FILE:3:3\n"
       "  A comma before a closing bracket is one too many.\n"},
      {"", "✗ The document is not valid JSON.\n  FILE:1:1\n"},
      {"{", "✗ The document is not valid JSON.\n  FILE:1:2\n"},
      {"[1]", "✗ The document must be a JSON object.\n  FILE\n"
              "  `qwen-authctl apply --help` shows one.\n"},
      {"{\"a\":" + std::string(62, '[') + std::string(62, ']') + "}",
       "✗ The document is deeper than 62 levels.\n  FILE\n"},
  };
  FakeDaemon daemon;
  for (const Row& row : rows) {
    const std::string file = file_with(daemon, row.text);
    std::string expected = row.message;
    expected.replace(expected.find("FILE"), 4, file);
    const FinishedRun failed = run(daemon, {"apply", "-f", file});
    CHECK(failed.exit_code == 1);
    CHECK(failed.err == expected);
  }
  CHECK_FALSE(daemon.was_called("settings.apply"));
}

TEST_CASE("a file that is missing, a directory or too large is named") {
  FakeDaemon daemon;
  const std::string absent = daemon.directory() + "/absent.json";
  CHECK(run(daemon, {"apply", "-f", absent}).err ==
        "✗ Cannot read " + absent + ": No such file or directory.\n");
  CHECK(run(daemon, {"apply", "-f", daemon.directory()}).err ==
        "✗ Cannot read " + daemon.directory() + ": Is a directory.\n");
  const FinishedRun large =
      run(daemon, {"apply", "-f", file_with(daemon, std::string(4 * 1024 * 1024 + 1, ' '))});
  CHECK(large.exit_code == 1);
  CHECK(large.err == "✗ The input is larger than 4 MiB.\n");
}

TEST_CASE("a trailing comma in the settings is offered to be repaired") {
  FakeDaemon daemon;
  daemon.set_error("settings.apply", {{"code", -32020},
                                      {"message", "The settings do not parse."},
                                      {"data",
                                       {{"kind", "settings_unreadable"},
                                        {"path", "/s"},
                                        {"line", 3},
                                        {"column", 5},
                                        {"repair", "-  \"a\": 1,\n+  \"a\": 1\n"}}}});
  const FinishedRun failed = run(daemon, {"apply", "-f", "-"}, document);
  CHECK(failed.exit_code == 1);
  CHECK(failed.err == "-  \"a\": 1,\n+  \"a\": 1\n--repair makes this change in the same write.\n"
                      "✗ The settings do not parse.\n  /s:3:5\n");
  run(daemon, {"apply", "-f", "-", "--repair"}, document);
  CHECK(daemon.params_of("settings.apply").at("repair") == true);
}

TEST_CASE("what a document refers to, whatever its shape") {
  const auto names = [](const char* text) { return variables_of(Json::parse(text)); };
  CHECK(names(R"({"providers": [{"apiKey": "env:A"}, {"apiKey": "file:/b"},
                                {"apiKey": "env:C"}]})") == std::vector<std::string>{"A", "C"});
  CHECK(names(R"({"providers": {"apiKey": "env:A"}})").empty());
  CHECK(names(R"({"providers": [1, null, {"apiKey": 2}]})").empty());
  CHECK_FALSE(wants_stdin(Json::parse(R"({"providers": [1, {"apiKey": "env:stdin"}]})")));
}
