// doctor and why: what they show, ask and answer with.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client::tests;
using authd::Json;

namespace {

const Json found = Json::parse(R"({"findings": [
  {"code": "U302", "name": "url.full-endpoint", "severity": "error", "title": "The base URL is a whole endpoint",
   "message": "Give the base, not the endpoint.", "remedy": "Give the base.",
   "evidence": ["/home/u/.qwen/settings.json:5: https://a.example/v1/chat/completions\u001b[2J"],
   "fix": {"id": "fix-1", "kind": "auto", "title": "Use https://a.example/v1",
           "preview": "--- a\n+++ b\n-old\n+new\n"}},
  {"code": "E101", "name": "env.shadowed", "severity": "warning", "title": "Shadowed", "message": "K is exported.",
   "evidence": [], "fix": {"id": "fix-2", "kind": "user", "title": "Unset it", "command": "unset K"},
   "fixes": [{"id": "fix-3", "kind": "ask", "title": "A variable of its own"}]}],
  "checked": ["U302", "E101"], "skipped": [{"code": "K203", "reason": "It takes an answer of the provider: ask with probe."}],
  "summary": {"errors": 1, "warnings": 1, "infos": 0}, "cliVersion": "0.24.4", "cliVersionFrom": "assumed",
  "place": {"cwd": "/home/u/p", "home": "/home/u", "qwenHome": "/home/u/.qwen"}, "schema": 1, "judgedBy": "caller"})");

Json nothing() {
  Json result = found;
  result["findings"] = Json::array();
  result["summary"] = {{"errors", 0}, {"warnings", 0}, {"infos", 0}};
  return result;
}

}  // namespace

TEST_CASE("doctor shows findings in their order, and exits by the worst of them") {
  FakeDaemon daemon;
  daemon.set_result("doctor.run", found);
  const FinishedRun run_of = run(daemon, {"doctor"});
  CHECK(run_of.exit_code == 8);
  CHECK(run_of.out ==
        "✗ U302 The base URL is a whole endpoint\n"
        "  Give the base, not the endpoint.\n"
        "    /home/u/.qwen/settings.json:5: https://a.example/v1/chat/completions[2J\n"
        "  → Use https://a.example/v1.\n"
        "\n"
        "⚠ E101 Shadowed\n"
        "  K is exported.\n"
        "  → Unset it: unset K\n"
        "\n"
        "1 error, 1 warning, as Qwen Code 0.24.4 (assumed).\n"
        "The provider was not asked: `qwen-authctl doctor --probe` does.\n"
        "`qwen-authctl doctor --fix` shows what mends it, and asks.\n");
  Json warned = found;
  warned["summary"]["errors"] = 0;
  daemon.set_result("doctor.run", warned);
  CHECK(run(daemon, {"doctor"}).exit_code == 7);
  daemon.set_result("doctor.run", nothing());
  CHECK(run(daemon, {"doctor"}).exit_code == 0);
  CHECK(run(daemon, {"doctor"}).out.starts_with("✓ Nothing is wrong here: "));
}

TEST_CASE("doctor says what it was asked for") {
  FakeDaemon daemon;
  daemon.set_result("doctor.run", nothing());
  run(daemon, {"doctor", "--probe", "--only", "E101", "--only", "S902", "--cli-version", "0.15.6", "--consent", "a.example"});
  const Json params = daemon.params_of("doctor.run");
  CHECK(params["probe"] == true);
  CHECK(params["only"] == Json{"E101", "S902"});
  CHECK(params["context"]["cliVersion"] == "0.15.6");
  CHECK(params["consent"] == Json{{"hosts", {"a.example"}}});
  run(daemon, {"doctor", "--only", "url.full-endpoint"});
  CHECK(daemon.params_of("doctor.run")["only"] == Json{"U302"});
  const FinishedRun wrong = run(daemon, {"doctor", "--only", "E999"});
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err.find("There is no diagnosis E999.") != std::string::npos);
  const FinishedRun json = run(daemon, {"doctor", "--json"});
  CHECK(Json::parse(json.out) == nothing());
}

TEST_CASE("the key goes to a host that it was not set up for once its user said so") {
  FakeDaemon daemon;
  Json lacking = nothing();
  lacking["probe"] = {{"state", "not_tested"}, {"message", ""}};
  lacking["consent"] = {{"message", "The key in K was not set up for https://a.example."}, {"hosts", {"a.example"}}};
  daemon.set_result("doctor.run", lacking);
  CHECK(run(daemon, {"doctor", "--probe"}).exit_code == 6);
  CHECK_FALSE(daemon.params_of("doctor.run").contains("consent"));
  for (const std::string answer : {"n", "y"}) {
    Pty pty({"doctor", "--probe"}, home_of(daemon));
    REQUIRE(pty.shows("Send the key to a.example?"));
    CHECK(pty.screen().text().find("K was not set up for https://a.example.") != std::string::npos);
    pty.type(answer + "\r");
    CHECK(pty.exit_code() == 6);
    CHECK(daemon.params_of("doctor.run").contains("consent") == (answer == "y"));
  }
  CHECK(daemon.params_of("doctor.run")["consent"]["hosts"] == Json{"a.example"});
}

TEST_CASE("without a terminal only safe fixes are made, unless all are asked for") {
  FakeDaemon daemon;
  daemon.set_result("doctor.run", found);
  daemon.set_result("doctor.fix", {{"path", "/home/u/.qwen/settings.json"}, {"changed", true}, {"snapshot", "s"}});
  const FinishedRun safe = run(daemon, {"doctor", "--fix"});
  CHECK(safe.out.find("+new") != std::string::npos);
  CHECK(safe.out.find("(undo: qwen-authctl undo)") != std::string::npos);
  CHECK(daemon.params_of("doctor.fix") == Json{{"fix", "fix-1"}});
  run(daemon, {"doctor", "--fix", "--yes"});
  CHECK(daemon.params_of("doctor.fix") == Json{{"fix", "fix-3"}});
}

TEST_CASE("a report shows no home, and no escapes of a terminal") {
  FakeDaemon daemon;
  daemon.set_result("doctor.run", found);
  const FinishedRun report = run(daemon, {"doctor", "--report"});
  CHECK(report.exit_code == 8);
  CHECK(report.out.find("**U302 url.full-endpoint** (error): Give the base, not the endpoint.") != std::string::npos);
  CHECK(report.out.find("- `~/.qwen/settings.json:5: https://a.example") != std::string::npos);
  CHECK(report.out.find("/home/u") == std::string::npos);
  CHECK(report.out.find('\x1b') == std::string::npos);
}

TEST_CASE("why needs no daemon, and offers near codes") {
  FakeDaemon daemon;
  const FinishedRun one = run(daemon, {"why", "e101"});
  CHECK(one.exit_code == 0);
  CHECK(one.out.starts_with("E101 Another place outranks what was saved\nenv.shadowed, error\nCause:      "));
  CHECK(run(daemon, {"why", "env.shadowed"}).out == one.out);
  const FinishedRun near = run(daemon, {"why", "E10"});
  CHECK(near.exit_code == 2);
  CHECK(near.err.find("Did you mean E106, E104") != std::string::npos);
  CHECK(run(daemon, {"why"}).out.starts_with("F801  A settings file is broken\n"));
  CHECK(Json::parse(run(daemon, {"why", "--json", "U301"}).out)["name"] == "url.protocol-suffix");
  CHECK(daemon.methods().empty());
}

TEST_CASE("docs/DIAGNOSES.md is what why --markdown prints") {
  FakeDaemon daemon;
  std::ostringstream text;
  text << std::ifstream(AUTHD_SOURCE_DIR "/docs/DIAGNOSES.md").rdbuf();
  CHECK(run(daemon, {"why", "--markdown"}).out == text.str());
}
