// Flows that the client knows nothing of but the ends of their steps' ids: what answers which step.
#include <catch2/catch.hpp>

#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client::tests;
using authd::Json;
using Words = std::vector<std::string>;

namespace {

const std::string plan_key = "sk-sp-canary0123456789";

const Json region_step = Json::parse(R"json({"id": "region-select", "kind": "select",
  "title": "Select Region", "label": "Region", "options": [
    {"value": "china", "label": "中国 (China)"}, {"value": "global", "label": "Global"},
    {"value": "moon", "label": "Moon", "unavailable": "Not launched yet."}]})json");
const Json key_step = Json::parse(R"({"id": "api-key-input", "kind": "secret",
  "title": "Coding Plan · API Key", "label": "API key"})");
const Json models_step = Json::parse(R"({"id": "alibaba-standard-model-id-input", "kind": "text",
  "title": "Model IDs", "label": "Model IDs", "value": "qwen3.5-plus,glm-4.7",
  "hasValue": true})");
const Json notice_step = Json::parse(R"({"id": "qwen-oauth-notice", "kind": "notice",
  "title": "Qwen OAuth", "prompt": "It was discontinued\u001b[2J on 2026-04-15.",
  "context": [{"label": "Cached tokens", "value": "expired"}], "hint": "Enter to continue"})");

Json switch_step(std::initializer_list<const char*> values) {
  Json step = {{"id", "qwen-oauth-switch-select"}, {"kind", "select"}, {"title", "Switch to"}};
  for (const char* value : values)
    step["options"].push_back({{"value", value}, {"label", value}});
  return step;
}

std::map<std::string, std::string> answers_of(const Json& expected) {
  return expected.get<std::map<std::string, std::string>>();
}

}  // namespace

TEST_CASE("the coding plan without a terminal: a region, a key on stdin, done") {
  FakeDaemon daemon;
  daemon.set_steps({region_step, key_step});
  const FinishedRun done =
      run(daemon, {"coding-plan", "--region", "china", "--key-stdin"}, plan_key + "\n");
  CHECK(done.exit_code == 0);
  CHECK(done.out.starts_with("✓ Custom API Key authenticated successfully.\n"));
  CHECK(done.err.empty());
  CHECK(daemon.answers() == answers_of({{"region-select", "china"}, {"api-key-input", plan_key}}));
  const Json start = daemon.params_of("wizard.start");
  CHECK(start["flow"] == "coding-plan");
  CHECK(start["scope"] == "auto");
  CHECK_FALSE(start.contains("keyStore"));
  CHECK_FALSE(start.contains("keyCommand"));
  CHECK(daemon.params_of("wizard.commit")["check"] == "after");

  const FinishedRun dry = run(daemon, {"coding-plan", "--region", "global", "--key-stdin",
                                       "--dry-run", "--scope", "user", "--repair", "--json"}, plan_key);
  CHECK(dry.exit_code == 0);
  CHECK(Json::parse(dry.out)["diff"] == "+{}\n");
  CHECK(daemon.params_of("wizard.start")["scope"] == "user");
  CHECK(daemon.params_of("wizard.preview")["repair"] == true);
}

TEST_CASE("a set-up that does not exist is named, with those that do") {
  FakeDaemon daemon;
  daemon.set_error("wizard.start", {{"code", -32012}, {"message", "There is no such flow."},
                                    {"data", {{"kind", "invalid_input"}, {"field", "flow"}}}});
  daemon.set_result("wizard.flows", Json::parse(R"({"flows": [{"id": "auth"}, {"id": "custom-api-key"}, {"id": "openrouter"}]})"));
  const FinishedRun typo = run(daemon, {"setup", "openruoter", "--key-stdin"}, plan_key);
  CHECK(typo.exit_code == 2);
  CHECK(typo.err == "✗ There is nothing called `openruoter` to set up.\n"
                    "  Did you mean openrouter? There are auth, custom, openrouter.\n");
  const FinishedRun plain = run(daemon, {"setup", "nosuch", "--plain"}, "\n");
  CHECK(plain.exit_code == 2);
  CHECK((plain.out + plain.err).find("There is nothing called `nosuch` to set up.") != std::string::npos);
  CHECK(run(daemon, {"setup", "nosuch", "--json"}).exit_code == 2);
}

TEST_CASE("a wrong region is told with the regions there are") {
  FakeDaemon daemon;
  daemon.set_steps({region_step, key_step});
  const FinishedRun wrong = run(daemon, {"coding-plan", "--region", "mars", "--key-stdin"}, plan_key);
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err == "✗ There is no --region mars here.\n  Choose china or global.\n");
  const FinishedRun closed = run(daemon, {"coding-plan", "--region", "moon", "--key-stdin"}, plan_key);
  CHECK(closed.exit_code == 2);
  CHECK(closed.err == "✗ --region moon cannot be chosen: Not launched yet.\n");
  CHECK_FALSE(daemon.was_called("wizard.commit"));
}

TEST_CASE("everything that is missing is named at once, and nothing is saved") {
  FakeDaemon daemon;
  daemon.set_steps({region_step, key_step});
  const FinishedRun both = run(daemon, {"coding-plan"});
  CHECK(both.exit_code == 2);
  CHECK(both.out.empty());
  CHECK(both.err.starts_with(
      "✗ Without questions this needs --region (china or global), --key-stdin.\n"));
  CHECK(daemon.was_called("wizard.cancel"));
  CHECK_FALSE(daemon.was_called("wizard.preview"));
  const FinishedRun one = run(daemon, {"coding-plan", "--region", "china", "--json"});
  CHECK(one.exit_code == 2);
  CHECK(Json::parse(one.out)["error"]["message"] == "Without questions this needs --key-stdin.");
}

TEST_CASE("a step that proposes an answer keeps it, and an option replaces it") {
  FakeDaemon daemon;
  daemon.set_steps({region_step, key_step, models_step});
  CHECK(run(daemon, {"alibaba-standard", "--region", "china", "--key-stdin"}, plan_key).exit_code == 0);
  CHECK_FALSE(daemon.params_of("wizard.submitStep").contains("value"));
  CHECK(run(daemon, {"alibaba-standard", "--region", "china", "--key-stdin", "--model", "a,b",
                     "--model", "c"}, plan_key).exit_code == 0);
  CHECK(daemon.answers().at("alibaba-standard-model-id-input") == "a,b,c");
}

TEST_CASE("a single option is taken, and a key that is optional may be left out") {
  FakeDaemon daemon;
  daemon.set_steps(Json::parse(R"([
    {"id": "x-region-select", "kind": "select", "title": "Region", "options": [
      {"value": "off", "label": "Off", "unavailable": "Closed."}, {"value": "on", "label": "On"}]},
    {"id": "ollama-base-url-input", "kind": "text", "title": "URL", "value": "http://127.0.0.1:11434/v1",
     "hasValue": true},
    {"id": "ollama-api-key-input", "kind": "secret", "title": "Key", "optional": true},
    {"id": "ollama-model-id-input", "kind": "text", "title": "Models"}])"));
  CHECK(run(daemon, {"setup", "ollama", "--model", "qwen3-coder"}).exit_code == 0);
  CHECK(daemon.answers() == answers_of({{"x-region-select", "on"}, {"ollama-api-key-input", ""},
                                        {"ollama-model-id-input", "qwen3-coder"}}));
  CHECK(run(daemon, {"setup", "ollama", "--model", "m", "--base-url", "http://127.0.0.1:1/v1"})
            .exit_code == 0);
  CHECK(daemon.answers().at("ollama-base-url-input") == "http://127.0.0.1:1/v1");
  CHECK(run(daemon, {"setup", "ollama"}).err.starts_with(
      "✗ Without questions this needs --model.\n  `qwen-authctl setup --help` shows an example.\n"));
}

TEST_CASE("an option that no step takes is not passed over in silence") {
  FakeDaemon daemon;
  daemon.set_steps(Json::array({key_step}));
  const FinishedRun unused =
      run(daemon, {"setup", "deepseek", "--region", "china", "--key-stdin"}, plan_key);
  CHECK(unused.exit_code == 2);
  CHECK(unused.err == "✗ This flow has no step that --region would answer.\n"
                      "  Leave it out; nothing was saved.\n");
  CHECK_FALSE(daemon.was_called("wizard.commit"));
  CHECK(daemon.was_called("wizard.cancel"));
}

TEST_CASE("where the key is kept goes to the daemon, and a command's key is not asked for") {
  FakeDaemon daemon;
  daemon.set_steps({region_step, key_step});
  CHECK(run(daemon, {"coding-plan", "--region", "china", "--key-stdin", "--key-store",
                     "project-dotenv"}, plan_key).exit_code == 0);
  CHECK(daemon.params_of("wizard.start")["keyStore"] == "project-dotenv");
  daemon.set_steps(Json::array({region_step}));
  CHECK(run(daemon, {"coding-plan", "--region", "china", "--key-command",
                     "op read 'op://my vault/item'"}).exit_code == 0);
  CHECK(daemon.params_of("wizard.start")["keyStore"] == "command");
  CHECK(daemon.params_of("wizard.start")["keyCommand"] ==
        Json::parse(R"(["op", "read", "op://my vault/item"])"));
}

TEST_CASE("a notice is told without a question, and a single way out of it taken") {
  FakeDaemon daemon;
  daemon.set_steps({notice_step, switch_step({"openai/m@https://x/v1"})});
  const FinishedRun done = run(daemon, {"qwen-oauth"});
  CHECK(done.exit_code == 0);
  CHECK(done.err == "Qwen OAuth\n  Cached tokens: expired\nIt was discontinued[2J on 2026-04-15.\n");
  CHECK(daemon.answers() == answers_of({{"qwen-oauth-switch-select", "openai/m@https://x/v1"}}));

  daemon.set_steps({notice_step, switch_step({"a", "b"})});
  const FinishedRun several = run(daemon, {"qwen-oauth"});
  CHECK(several.exit_code == 2);
  CHECK(several.err.find("--model") != std::string::npos);
  const FinishedRun chosen = run(daemon, {"qwen-oauth", "--model", "b"});
  CHECK(chosen.exit_code == 0);
  CHECK(daemon.answers() == answers_of({{"qwen-oauth-switch-select", "b"}}));
}

TEST_CASE("on a terminal what is given is not asked, and the rest is") {
  FakeDaemon daemon;
  daemon.set_steps({region_step, key_step});
  Pty pty({"coding-plan", "--region", "china"}, home_of(daemon));
  REQUIRE(pty.shows("✓ Region: 中国 (China)"));
  REQUIRE(pty.shows("Coding Plan · API Key"));
  pty.type(plan_key + enter);
  REQUIRE(pty.shows("Enter to save"));
  pty.type(enter);
  CHECK(pty.exit_code() == 0);
  CHECK(pty.raw().find("canary") == std::string::npos);
}

TEST_CASE("on a terminal a run with its key asks only what nothing answers") {
  FakeDaemon daemon;
  daemon.set_steps(Json::array({region_step}));
  Pty asked({"coding-plan", "--key-command", "pass show qwen"}, home_of(daemon));
  REQUIRE(asked.shows("◉ 中国 (China)"));
  asked.type("2" + enter);
  REQUIRE(asked.shows("Enter to save"));
  asked.type("\x03");
  CHECK(asked.exit_code() == 130);
  Pty unasked({"coding-plan", "--key-command", "pass show qwen", "--region", "china"},
              home_of(daemon));
  CHECK(unasked.exit_code() == 0);
  CHECK(unasked.screen().text().find("│") == std::string::npos);
}

TEST_CASE("an option that no step takes ends a run on a terminal, too") {
  FakeDaemon daemon;
  daemon.set_steps(Json::array({key_step}));
  Pty pty({"setup", "deepseek", "--region", "china"}, home_of(daemon));
  REQUIRE(pty.shows("Coding Plan · API Key"));
  pty.type(plan_key + enter);
  CHECK(pty.exit_code() == 2);
  CHECK(pty.screen().text().find("✗ This flow has no step that --region would answer.") !=
        std::string::npos);
  CHECK_FALSE(daemon.was_called("wizard.commit"));
}

TEST_CASE("a notice on a terminal is shown, and leaves no answer behind") {
  FakeDaemon daemon;
  daemon.set_steps({notice_step, switch_step({"a", "b"})});
  Pty pty({"qwen-oauth"}, home_of(daemon));
  REQUIRE(pty.shows("It was discontinued[2J on 2026-04-15."));
  REQUIRE(pty.shows("Cached tokens: expired"));
  pty.type(enter);
  REQUIRE(pty.shows("◉ a"));
  CHECK(pty.screen().text().find("✓") == std::string::npos);
  pty.type("\x1b");
  REQUIRE(pty.shows("It was discontinued"));
  pty.type(enter);
  REQUIRE(pty.shows("◉ a"));
  pty.type("j" + enter);
  REQUIRE(pty.shows("Enter to save"));
  pty.type(enter);
  CHECK(pty.exit_code() == 0);
  CHECK(daemon.answers() == answers_of({{"qwen-oauth-switch-select", "b"}}));
}

TEST_CASE("a notice in plain text waits for Enter") {
  FakeDaemon daemon;
  daemon.set_steps({notice_step, switch_step({"a", "b"})});
  const FinishedRun done = run(daemon, {"qwen-oauth", "--plain"}, "\n2\n\n");
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("It was discontinued[2J on 2026-04-15.\n") != std::string::npos);
  CHECK(done.out.find("Enter continues, < goes back:") != std::string::npos);
  CHECK(daemon.answers() == answers_of({{"qwen-oauth-switch-select", "b"}}));
}
