// Long lists: narrowed by typing, and several of them taken.
#include <catch2/catch.hpp>

#include "client/step_view.hpp"
#include "tests/client/fake_daemon.hpp"
#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client;
using namespace authd::client::tests;
using authd::Json;

namespace {

// Nine options, of which the fourth cannot be chosen.
Json provider_step() {
  Json step = {{"id", "provider-select"}, {"kind", "select"}, {"title", "Provider"},
               {"label", "Provider"}};
  for (const char* name : {"DeepSeek", "Grok", "MiniMax", "Idealab", "Moonshot", "ModelScope",
                           "OpenRouter", "Requesty", "Fireworks"})
    step["options"].push_back({{"value", std::string("v-") + name}, {"label", name}});
  step["options"][3]["unavailable"] = "Internal.";
  step["options"][4]["description"] = "Kimi, on open endpoints";
  return step;
}

const Json optional_key_step = Json::parse(R"({"id": "x-api-key-input", "kind": "secret",
  "title": "API Key", "label": "API key", "optional": true})");
const Json offered_models_step = Json::parse(R"({"id": "x-model-id-input", "kind": "text",
  "title": "Model IDs", "label": "Model IDs"})");

Json offered() {
  return Json::parse(R"({"status": "ok", "url": "https://x/v1/models", "message": "", "models": [
    {"id": "qwen3-coder", "name": "Qwen3 Coder", "contextWindow": 262144},
    {"id": "qwen3-max"}, {"id": "glm-4.7\u001b[2J"}]})");
}

std::vector<std::size_t> visible(const char* filter) {
  StepDraft draft;
  const Json step = provider_step();
  begin(draft, step);
  set_filter(draft, step, filter);
  return visible_options(draft, step);
}

}  // namespace

TEST_CASE("a filter looks for every word in label, value and description, whatever the case") {
  using Indices = std::vector<std::size_t>;
  CHECK(visible("") == Indices{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(visible("MO") == Indices{4, 5});
  CHECK(visible("open") == Indices{4, 6});
  CHECK(visible("open rout") == Indices{6});
  CHECK(visible("v-grok") == Indices{1});
  CHECK(visible("nothing") == Indices{});
}

TEST_CASE("the choice stays on what the filter leaves, and on what can be chosen") {
  StepDraft draft;
  const Json step = provider_step();
  begin(draft, step);
  draft.choice = 5;
  set_filter(draft, step, "mo");
  CHECK(chosen_option(draft, step) == 5);
  set_filter(draft, step, "moo");
  CHECK(chosen_option(draft, step) == 4);
  set_filter(draft, step, "ideal");  // cannot be chosen
  CHECK_FALSE(chosen_option(draft, step));
  set_filter(draft, step, "zzz");
  CHECK_FALSE(chosen_option(draft, step));
  set_filter(draft, step, "");
  CHECK(chosen_option(draft, step).has_value());
}

TEST_CASE("a step goes round, a page ends at the end") {
  StepDraft draft;
  const Json step = provider_step();
  begin(draft, step);
  move_choice(draft, step, -1);
  CHECK(draft.choice == 8);
  move_choice(draft, step, +1);
  CHECK(draft.choice == 0);
  move_choice(draft, step, +10);
  CHECK(draft.choice == 8);
  move_choice(draft, step, -10);
  CHECK(draft.choice == 0);
  move_choice(draft, step, +3);
  CHECK(draft.choice == 4);
}

TEST_CASE("what is taken of a list is what is marked, else what is under the cursor") {
  StepDraft draft;
  Json step = provider_step();
  step["multiple"] = true;
  begin(draft, step);
  CHECK(taken_values(draft, step) == "v-DeepSeek");
  draft.choice = 6;
  toggle_mark(draft, step);
  draft.choice = 1;
  toggle_mark(draft, step);
  draft.choice = 0;
  CHECK(taken_values(draft, step) == "v-Grok,v-OpenRouter");
  draft.choice = 6;
  toggle_mark(draft, step);
  CHECK(taken_values(draft, step) == "v-Grok");
  step["marked"] = {"v-MiniMax", "unknown"};
  begin(draft, step);
  CHECK(taken_values(draft, step) == "v-MiniMax");
  draft.marked.clear();
  set_filter(draft, step, "zzz");
  CHECK(taken_values(draft, step).empty());
}

TEST_CASE("a long list is drawn a line an option, with the filter below") {
  StepDraft draft;
  const Json step = provider_step();
  begin(draft, step);
  set_filter(draft, step, "mo");
  std::string text;
  const TerminalSize size{40, 40};
  const Json state = {{"step", step}};
  for (const Line& row :
       framed({}, step_panel(state, draft, columns_inside(size)), size).lines)
    text += plain_text(row) + "\n";
  CHECK(text ==
        "┌─────────────────────────────────────┐\n"
        "│ Provider                            │\n"
        "│                                     │\n"
        "│ › ◉ Moonshot                        │\n"
        "│     Kimi, on open endpoints         │\n"
        "│   ○ ModelScope                      │\n"
        "│                                     │\n"
        "│ Filter: mo (2 of 9)                 │\n"
        "│ Esc clears the filter               │\n"
        "└─────────────────────────────────────┘\n");
}

TEST_CASE("typing narrows a long list on the terminal") {
  FakeDaemon daemon;
  daemon.set_steps(Json::array({provider_step()}));
  Pty pty({"setup", "x"}, home_of(daemon));
  REQUIRE(pty.shows("› ◉ DeepSeek"));
  REQUIRE(pty.shows("type to filter"));
  pty.type("5");  // a number chooses as long as nothing is typed
  REQUIRE(pty.shows("› ◉ Moonshot"));
  pty.type("j");  // a letter is text here, and does not move
  REQUIRE(pty.shows("Nothing matches."));
  pty.type(enter);  // takes nothing
  pty.type(backspace + "re");
  REQUIRE(pty.shows("Filter: re (2 of 9)"));
  REQUIRE(pty.shows("› ◉ Requesty"));
  CHECK(pty.screen().text().find("Grok") == std::string::npos);
  pty.type(escape);  // clears the filter, and stays
  REQUIRE(pty.shows("type to filter"));
  CHECK(pty.shows("○ Grok"));
  pty.type(page_down);
  REQUIRE(pty.shows("› ◉ Fireworks"));
  pty.type("mo 4" + ctrl_u + "scope");
  REQUIRE(pty.shows("Filter: scope (1 of 9)"));
  pty.type(enter);
  REQUIRE(pty.shows("✓ Provider: ModelScope"));
  CHECK(daemon.answers().at("provider-select") == "v-ModelScope");
  pty.type(escape);
  REQUIRE(pty.shows("type to filter"));
  pty.type(escape);  // nothing is typed: back, which is out
  CHECK(pty.exit_code() == 1);
}

TEST_CASE("the model step lists what the endpoint offers, and several are taken") {
  FakeDaemon daemon;
  daemon.set_steps({optional_key_step, offered_models_step});
  daemon.set_result("models.discover", offered());
  Pty pty({"setup", "x"}, home_of(daemon));
  REQUIRE(pty.shows("API Key"));
  pty.type(enter);
  REQUIRE(pty.shows("✓ API key: none"));
  REQUIRE(pty.shows("Ctrl-L lists the models of this endpoint"));
  pty.type("my-own, qwen3-max" + ctrl_l);
  REQUIRE(pty.shows("2 marked"));
  CHECK(daemon.params_of("models.discover")["sessionId"] == "session-1");
  REQUIRE(pty.shows("› ○ qwen3-coder  Qwen3 Coder · context 262144"));
  REQUIRE(pty.shows("◉ qwen3-max"));
  REQUIRE(pty.shows("◉ my-own  not in the list"));
  REQUIRE(pty.shows("○ glm-4.7[2J"));
  pty.type(escape);
  REQUIRE(pty.shows("Model IDs: my-own, qwen3-max"));
  pty.type(ctrl_l);
  REQUIRE(pty.shows("2 marked"));
  pty.type("coder");
  REQUIRE(pty.shows("Filter: coder (1 of 4)"));
  pty.type(" ");
  REQUIRE(pty.shows("3 marked"));
  pty.type(enter);
  REQUIRE(pty.shows("Enter to save"));
  CHECK(daemon.answers().at("x-model-id-input") == "qwen3-coder,qwen3-max,my-own");
  pty.type("\x03");
  CHECK(pty.exit_code() == 130);
}

TEST_CASE("where there is no list the reason is shown, and the text stays") {
  FakeDaemon daemon;
  daemon.set_steps({optional_key_step, offered_models_step});
  daemon.set_result("models.discover", {{"status", "rejected"}, {"models", Json::array()},
                                        {"message", "The key was refused\x1b[2J (401)."}});
  Pty pty({"setup", "x"}, home_of(daemon));
  REQUIRE(pty.shows("API Key"));
  pty.type(enter);
  REQUIRE(pty.shows("Ctrl-L lists"));
  pty.type("abc" + ctrl_l);
  REQUIRE(pty.shows("✗ The key was refused[2J (401)."));
  CHECK(pty.shows("Model IDs: abc"));
  daemon.set_error("models.discover", {{"code", -32601}, {"message", "Method not found"}});
  pty.type("d" + ctrl_l);
  REQUIRE(pty.shows("✗ The daemon that runs is older than this program."));
  CHECK(pty.shows("Model IDs: abcd"));
  pty.type(enter);
  REQUIRE(pty.shows("Enter to save"));
  CHECK(daemon.answers().at("x-model-id-input") == "abcd");
}

TEST_CASE("Ctrl-C ends the question for models at once") {
  FakeDaemon daemon;
  daemon.set_steps({optional_key_step, offered_models_step});
  daemon.set_silent("models.discover");
  Pty pty({"setup", "x"}, home_of(daemon));
  REQUIRE(pty.shows("API Key"));
  pty.type(enter);
  REQUIRE(pty.shows("Ctrl-L lists"));
  pty.type("m" + ctrl_l);
  REQUIRE(pty.shows("Asking the endpoint for its models…"));
  pty.type("\x03");
  CHECK(pty.exit_code() == 130);
  CHECK_FALSE(pty.is_raw_mode());
  CHECK(daemon.was_called("wizard.cancel"));
}

TEST_CASE("elsewhere Ctrl-L draws the screen anew") {
  FakeDaemon daemon;
  daemon.set_steps({optional_key_step, offered_models_step});
  Pty pty({"setup", "x"}, home_of(daemon));
  REQUIRE(pty.shows("API Key"));
  const std::size_t drawn = pty.raw().size();
  pty.type(ctrl_l + "k");
  REQUIRE(pty.shows("API key: •"));
  CHECK(pty.raw().find("API Key", drawn) != std::string::npos);
  CHECK_FALSE(daemon.was_called("models.discover"));
}

TEST_CASE("in plain text ? lists the models, by number, by ID, or narrowed") {
  FakeDaemon daemon;
  daemon.set_steps({optional_key_step, offered_models_step});
  daemon.set_result("models.discover", offered());
  const auto answered = [&](const std::string& input) {
    const tests::FinishedRun done = tests::run(daemon, {"setup", "x", "--plain"}, input);
    CAPTURE(done.out);
    CHECK(done.exit_code == 0);
    return done.out;
  };
  const std::string listed = answered("\n?\n1, 2\n\n");
  CHECK(daemon.answers().at("x-model-id-input") == "qwen3-coder,qwen3-max");
  for (const char* text :
       {"? lists the models of this endpoint\n", "… Asking the endpoint for its models\n",
        "\nModels of this endpoint\n\n  1. qwen3-coder · Qwen3 Coder · context 262144\n"
        "  2. qwen3-max\n  3. glm-4.7[2J\n\n3 models. Part of a name narrows the list.\n"})
    CHECK(listed.find(text) != std::string::npos);
  const std::string narrowed = answered("\n?\nmax\n2,qwen3-coder\n\n");
  CHECK(daemon.answers().at("x-model-id-input") == "qwen3-max,qwen3-coder");
  CHECK(narrowed.find("\n  2. qwen3-max\n\n3 models, 1 of them match.") != std::string::npos);
  answered("\n?\nzzz\n\nown\n\n");
  CHECK(daemon.answers().at("x-model-id-input") == "own");
  answered("\n?\n<\nown2\n\n");
  CHECK(daemon.answers().at("x-model-id-input") == "own2");
}

TEST_CASE("in plain text a failure to list models is told and the step asked again") {
  FakeDaemon daemon;
  daemon.set_steps({optional_key_step, offered_models_step});
  daemon.set_result("models.discover", {{"status", "unreachable"}, {"models", Json::array()},
                                        {"message", "Nothing answers there."}});
  const tests::FinishedRun done = tests::run(daemon, {"setup", "x", "--plain"}, "\n?\nm\n\n");
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("✗ Nothing answers there.\nModel IDs: m\n") != std::string::npos);
}
