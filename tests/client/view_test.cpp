#include <catch2/catch.hpp>

#include "client/characters.hpp"
#include "client/step_view.hpp"
#include "client/verdict_view.hpp"

using namespace authd::client;
using authd::Json;

namespace {

std::string drawn(const Panel& panel, TerminalSize size) {
  std::string text;
  for (const Line& row : framed({}, panel, size).lines) text += plain_text(row) + "\n";
  return text;
}

const Json select_state = Json::parse(R"({"step": {
  "id": "custom-protocol-select", "kind": "select", "title": "Custom API Key · Select Protocol",
  "options": [
    {"value": "openai", "label": "OpenAI-compatible", "description": "OpenAI, vLLM"},
    {"value": "vertex", "label": "Vertex AI", "unavailable": "Not yet."},
    {"value": "gemini", "label": "Gemini-compatible"}],
  "hint": "Enter to select, Esc to go back"}})");

const Json text_state = Json::parse(R"({"step": {
  "id": "custom-base-url-input", "kind": "text", "title": "Custom API Key · Base URL",
  "context": [{"label": "Protocol", "value": "OpenAI-compatible"}],
  "prompt": "Enter the endpoint.", "label": "Base URL", "value": "https://x/v1", "hasValue": true,
  "examples": [{"label": "OpenAI", "value": "https://api.openai.com/v1"},
               {"label": "LM Studio", "value": "http://localhost:1234/v1"}],
  "hint": "Enter to continue"}})");

}  // namespace

TEST_CASE("a select step is the PRD's screen") {
  StepDraft draft;
  begin(draft, select_state["step"]);
  const TerminalSize size{41, 40};
  CHECK(drawn(step_panel(select_state, draft, columns_inside(size)), size) ==
        "┌──────────────────────────────────────┐\n"
        "│ Custom API Key · Select Protocol     │\n"
        "│                                      │\n"
        "│ ◉ OpenAI-compatible                  │\n"
        "│   OpenAI, vLLM                       │\n"
        "│                                      │\n"
        "│ ○ Vertex AI                          │\n"
        "│   Not yet.                           │\n"
        "│                                      │\n"
        "│ ○ Gemini-compatible                  │\n"
        "│                                      │\n"
        "│ Enter to select, Esc to go back      │\n"
        "└──────────────────────────────────────┘\n");
}

TEST_CASE("an option that is not available is passed over") {
  StepDraft draft;
  begin(draft, select_state["step"]);
  move_choice(draft, select_state["step"], +1);
  CHECK(draft.choice == 2);
  move_choice(draft, select_state["step"], +1);
  CHECK(draft.choice == 0);
  move_choice(draft, select_state["step"], -1);
  CHECK(draft.choice == 2);
  choose_number(draft, select_state["step"], 2);
  CHECK(draft.choice == 2);
  choose_number(draft, select_state["step"], 1);
  CHECK(draft.choice == 0);
  choose_number(draft, select_state["step"], 9);
  CHECK(draft.choice == 0);
}

TEST_CASE("a text step shows the earlier answer, the examples in columns, and the cursor") {
  StepDraft draft;
  begin(draft, text_state["step"]);
  draft.complaint = "Base URL cannot be empty.";
  const TerminalSize size{50, 40};
  const Panel panel = step_panel(text_state, draft, columns_inside(size));
  CHECK(drawn(panel, size) ==
        "┌───────────────────────────────────────────────┐\n"
        "│ Custom API Key · Base URL                     │\n"
        "│                                               │\n"
        "│ Protocol: OpenAI-compatible                   │\n"
        "│                                               │\n"
        "│ Enter the endpoint.                           │\n"
        "│                                               │\n"
        "│ Base URL: https://x/v1                        │\n"
        "│                                               │\n"
        "│ ✗ Base URL cannot be empty.                   │\n"
        "│                                               │\n"
        "│ Examples:                                     │\n"
        "│   OpenAI:    https://api.openai.com/v1        │\n"
        "│   LM Studio: http://localhost:1234/v1         │\n"
        "│                                               │\n"
        "│ Enter to continue                             │\n"
        "└───────────────────────────────────────────────┘\n");
  const Picture picture = framed({}, panel, size);
  REQUIRE(picture.cursor);
  CHECK(picture.cursor->row == 7);
  CHECK(picture.cursor->column == 2 + std::string("Base URL: https://x/v1").size());
}

TEST_CASE("a secret step never shows what was typed") {
  Json state = text_state;
  state["step"]["kind"] = "secret";
  state["step"]["label"] = "API key";
  StepDraft draft;
  begin(draft, state["step"]);
  const TerminalSize size{60, 40};
  CHECK(drawn(step_panel(state, draft, 56), size).find("API key: ••••••••••••••••") !=
        std::string::npos);
  for (const char c : std::string("sk-or-v1-canary"))
    draft.editor.handle({Key::Kind::character, {c}});
  const std::string screen = drawn(step_panel(state, draft, 56), size);
  CHECK(screen.find("API key: sk-••••••••••••") != std::string::npos);
  CHECK(screen.find("canary") == std::string::npos);
  CHECK(screen.find("https://x/v1") == std::string::npos);
}

TEST_CASE("a long answer is broken over rows and the cursor is on the right one") {
  StepDraft draft;
  begin(draft, text_state["step"]);
  draft.editor.assign("https://" + std::string(60, 'a') + "中");
  const TerminalSize size{46, 40};
  const Panel panel = step_panel(text_state, draft, columns_inside(size));
  const Picture picture = framed({}, panel, size);
  for (const Line& row : picture.lines) CHECK(columns_of_line(row) == 45);
  REQUIRE(picture.cursor);
  // Each row holds 41 - 10 columns: 31 + 31 + the rest of 70.
  CHECK(picture.cursor->row == 9);
  CHECK(picture.cursor->column == 2 + 10 + 70 - 62);
}

TEST_CASE("every row of a box is equally wide, whatever is in it") {
  Json state = text_state;
  state["step"]["prompt"] =
      "中文 prompt \x1b[2J with \u202e tricks and e\u0301 marks " + std::string(200, 'x');
  state["step"]["warnings"] = {
      {{"message", "Careful 😀"}, {"step", "s"}, {"suggestion", std::string(90, 'u')}}};
  for (const std::size_t columns : {24u, 40u, 80u, 200u}) {
    StepDraft draft;
    begin(draft, state["step"]);
    const TerminalSize size{columns, 60};
    const Picture picture = framed({}, step_panel(state, draft, columns_inside(size)), size);
    const std::size_t width = columns_of_line(picture.lines.front());
    CHECK(width < columns);
    for (const Line& row : picture.lines) CHECK(columns_of_line(row) == width);
  }
}

TEST_CASE("a low terminal shows part of the box, with the choice in sight") {
  Json state = select_state;
  for (int i = 0; i < 20; ++i)
    state["step"]["options"].push_back(
        {{"value", std::to_string(i)}, {"label", "Option " + std::to_string(i)}});
  StepDraft draft;
  begin(draft, state["step"]);
  draft.choice = 17;
  const TerminalSize size{60, 14};
  const Picture picture = framed({line("✓ above")}, step_panel(state, draft, 55), size);
  CHECK(picture.lines.size() < size.rows);
  std::string text;
  for (const Line& row : picture.lines) text += plain_text(row) + "\n";
  CHECK(text.find("◉ Option 14") != std::string::npos);
  CHECK(text.find("↑") != std::string::npos);
  CHECK(text.find("✓ above") == std::string::npos);
}

TEST_CASE("warnings stand above the step, with the key that takes the suggestion") {
  Json state = text_state;
  state["step"]["warnings"] = Json::parse(R"([
    {"code": "A", "step": "s", "message": "First."},
    {"code": "B", "step": "s", "message": "Second.", "suggestion": "https://b"},
    {"code": "C", "step": "s", "message": "Third.", "suggestion": "https://c"}])");
  StepDraft draft;
  begin(draft, state["step"]);
  const TerminalSize size{60, 40};
  const std::string screen = drawn(step_panel(state, draft, 55), size);
  const auto position = [&](const char* text) { return screen.find(text); };
  CHECK(position("⚠ First.") < position("⚠ Second."));
  CHECK(position("Tab: use https://b") < position("Enter the endpoint."));
  CHECK(position("Suggested: https://c") != std::string::npos);
  CHECK(first_suggestion(state["step"]["warnings"])["suggestion"] == "https://b");
}

TEST_CASE("the review shows the JSON, the file, the request, and the diff on request") {
  const Json state =
      Json::parse(R"({"step": {"kind": "review", "title": "Review", "hint": "Enter to save",
    "prompt": "Will be saved:", "links": [{"label": "See:", "url": "https://docs"}]}})");
  const Json preview =
      Json::parse(R"({"path": "/home/u/.qwen/settings.json", "text": "{\n  \"a\": 1\n}",
    "diff": "-old\n+new\n", "warnings": [],
    "request": {"method": "POST", "url": "https://x/v1/messages"}})");
  const TerminalSize size{60, 40};
  const std::string json = drawn(review_panel(state, preview, {}, 55), size);
  for (const char* text :
       {"Will be saved:", "  \"a\": 1", "File:  /home/u/.qwen/settings.json",
        "Check: POST https://x/v1/messages", "https://docs", "Enter to save · d for the diff"})
    CHECK(json.find(text) != std::string::npos);
  CHECK(json.find("+new") == std::string::npos);
  const std::string diff = drawn(review_panel(state, preview, {"", true, 0}, 55), size);
  CHECK(diff.find("+new") != std::string::npos);
}

TEST_CASE("a refusal is told with the hints, a success with the tip") {
  const auto text_of = [](const Json& result) {
    std::string text;
    for (const Line& row : commit_lines(result, 80)) text += plain_text(row) + "\n";
    return text;
  };
  CHECK(text_of(Json::parse(
            R"({"auth": {"state": "rejected", "hints": ["Base URL is right", "Key is valid"]},
    "message": "Failed to authenticate. Message: 401",
    "saved": {"path": "/p", "changed": true, "backup": "/b"}})")) ==
        "✗ Failed to authenticate. Message: 401\n"
        "  Please check:\n"
        "  - Base URL is right\n"
        "  - Key is valid\n"
        "  Saved to:  /p\n"
        "  Before:    /b\n");
  CHECK(text_of(Json::parse(R"({"auth": {"state": "accepted"}, "message": "Done.", "tip": "Tip: x",
    "notes": ["Restart."], "saved": {"path": "/p", "changed": false, "backup": null}})")) ==
        "✓ Done.\n  Tip: x\n  Restart.\n  Unchanged: /p\n");
}
