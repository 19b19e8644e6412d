// check: what it asks of the daemon, what it shows, and what its exit code says.
#include <catch2/catch.hpp>

#include "tests/client/finished_run.hpp"

using namespace authd::client::tests;
using authd::Json;

namespace {

const Json refused_in_beijing = Json::parse(R"({"state": "rejected", "code": "K203",
  "message": "The provider refused the key.", "hints": ["Look at \u001b[2Jthis."],
  "request": {"method": "POST", "url": "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"},
  "httpStatus": 401, "latencyMs": 12, "attempts": 1, "model": "glm-5",
  "key": {"masked": "sk-••••••••••••••••", "fingerprint": "01234567", "name": "K", "source": "/s.json:3"},
  "siblings": [{"host": "a.example", "label": "Singapore"}, {"host": "b.example", "label": "Plan"},
               {"host": "a.example", "label": "Other path"}]})");

Json sibling_accepts() {
  Json verdict = refused_in_beijing;
  verdict["code"] = "K202";
  verdict["sweep"] = {{{"host", "a.example"}, {"label", "Singapore"}, {"state", "accepted"}}};
  return verdict;
}

}  // namespace

TEST_CASE("check shows the verdict, and its exit code says what it is worth") {
  FakeDaemon daemon;
  daemon.set_result("auth.check", refused_in_beijing);
  const FinishedRun refused = run(daemon, {"check"});
  CHECK(refused.exit_code == 4);
  CHECK(refused.out ==
        "✗ The provider refused the key. [K203]\n"
        "  Asked: POST https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions · 401 · 12 ms\n"
        "  Model: glm-5\n"
        "  Key:   sk-•••••••••••••••• (01234567) from /s.json:3\n"
        "  - Look at [2Jthis.\n");
  CHECK(daemon.params_of("auth.check")["depth"] == "key");
  CHECK(daemon.params_of("auth.check")["consent"] == Json{{"hosts", Json::array()}});
  CHECK_FALSE(daemon.params_of("auth.check").contains("model"));

  daemon.set_result("auth.check", {{"state", "accepted"}, {"message", "Good."}, {"proven", true}});
  CHECK(run(daemon, {"check"}).exit_code == 0);
  daemon.set_result("auth.check", {{"state", "accepted_but"}, {"message", "Unpaid."}});
  CHECK(run(daemon, {"check"}).exit_code == 4);
  for (const char* state : {"inconclusive", "not_tested"}) {
    daemon.set_result("auth.check", {{"state", state}, {"message", "No."}});
    CHECK(run(daemon, {"check"}).exit_code == 6);
  }
}

TEST_CASE("check names the model, the depth, the version and the hosts that may get the key") {
  FakeDaemon daemon;
  daemon.set_result("auth.check", {{"state", "accepted"}, {"message", "Good."}});
  run(daemon, {"check", "glm-5", "--protocol", "openai", "--base-url", "https://h/v1", "--depth", "tools", "--cli-version", "0.15.6",
               "--consent", "h", "--consent", "i"});
  const Json params = daemon.params_of("auth.check");
  CHECK(params["model"] == Json{{"id", "glm-5"}, {"protocol", "openai"}, {"baseUrl", "https://h/v1"}});
  CHECK(params["depth"] == "tools");
  CHECK(params["context"]["cliVersion"] == "0.15.6");
  CHECK(params["consent"]["hosts"] == Json{"h", "i"});
  CHECK(run(daemon, {"check", "--depth", "deep"}).exit_code == 2);
  CHECK(run(daemon, {"check", "--base-url", "https://h/v1"}).exit_code == 2);
  CHECK(run(daemon, {"check", "--env-key", "K"}).exit_code == 2);
}

TEST_CASE("check asks the vendor's other hosts only where its user said so") {
  FakeDaemon daemon;
  daemon.set_result("auth.check", refused_in_beijing);
  run(daemon, {"check"});
  CHECK(daemon.params_of("auth.check")["consent"]["hosts"].empty());
  run(daemon, {"check", "--yes-sweep"});
  CHECK(daemon.params_of("auth.check")["consent"]["hosts"] == Json{"a.example", "b.example"});
  daemon.set_result("auth.check", sibling_accepts());
  CHECK(run(daemon, {"check", "--yes-sweep"}).out.find("  a.example: accepted (Singapore)\n") != std::string::npos);
  CHECK(Json::parse(run(daemon, {"check", "--json"}).out)["code"] == "K202");
}

TEST_CASE("check takes a candidate's key from standard input alone") {
  FakeDaemon daemon;
  daemon.set_result("auth.check", {{"state", "accepted"}, {"message", "Good."}});
  const FinishedRun checked = run(daemon, {"check", "m1", "--base-url", "https://h/v1", "--key-stdin"}, canary + "\n");
  CHECK(checked.exit_code == 0);
  CHECK(checked.out.find(canary) == std::string::npos);
  CHECK(daemon.params_of("auth.check")["endpoint"] == Json{{"baseUrl", "https://h/v1"}, {"modelId", "m1"}, {"apiKey", canary}});
  CHECK(run(daemon, {"check", "--base-url", "https://h/v1", "--key-stdin", "--env-key", "K"}).exit_code == 2);
}
