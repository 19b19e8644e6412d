// The client itself on a pseudo-terminal, against the fake daemon.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/client/fake_daemon.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client::tests;

namespace {

std::string pasted(const std::string& text) { return "\x1b[200~" + text + "\x1b[201~"; }

// Up to the review step of OpenAI at https://x/v1.
void walk_to_review(Pty& pty) {
  REQUIRE(pty.shows("Select Protocol"));
  pty.type(enter);
  REQUIRE(pty.shows("Enter the API endpoint."));
  pty.type("https://x/v1" + enter);
  REQUIRE(pty.shows("Enter the API key"));
  pty.type("sk-or-v1-canary" + enter);
  REQUIRE(pty.shows("· Model IDs"));
  pty.type("m" + enter);
  REQUIRE(pty.shows("Enter to save"));
}

}  // namespace

TEST_CASE("the five steps with arrow keys, to success") {
  FakeDaemon daemon;
  Pty pty({"setup", "custom"}, home_of(daemon));
  REQUIRE(pty.shows("◉ OpenAI-compatible"));
  CHECK(pty.is_raw_mode());
  CHECK(pty.screen().pastes_bracketed());
  pty.type(down);  // passes over the one that is not available
  REQUIRE(pty.shows("◉ Anthropic-compatible"));
  pty.type(enter);
  REQUIRE(pty.shows("✓ Protocol: Anthropic-compatible"));
  pty.type("https://api.anthropic.com/v" + left + "X\x7f\x05" "1");
  REQUIRE(pty.shows("Base URL: https://api.anthropic.com/v1"));
  pty.type(enter);
  REQUIRE(pty.shows("⚠ Qwen Code appends /v1 itself."));
  REQUIRE(pty.shows("Tab: use https://api.anthropic.com"));
  pty.type("\t");
  REQUIRE(pty.shows("✓ Base URL: https://api.anthropic.com\n"));
  pty.type(pasted("sk-or-v1-canary\n"));  // its line break submits nothing
  REQUIRE(pty.shows("API key: sk-••••••••••••"));
  CHECK_FALSE(daemon.was_called("wizard.commit"));
  pty.type(enter);
  REQUIRE(pty.shows("✓ API key: sk-••••••••••••••••"));
  pty.type("claude-中文" + enter);
  REQUIRE(pty.shows("Check: POST https://api.anthropic.com/chat/completions"));
  pty.type("d");
  REQUIRE(pty.shows("+{\"model\": 1}"));
  pty.type(enter);
  CHECK(pty.exit_code() == 0);
  const std::string text = pty.screen().text();
  // What stays: one line an answer, the result; the boxes are gone.
  CHECK(text.starts_with("✓ Protocol: Anthropic-compatible\n"
                         "✓ Base URL: https://api.anthropic.com\n"
                         "✓ API key: sk-••••••••••••••••\n"
                         "✓ Model IDs: claude-中文\n"
                         "\n"
                         "✓ Custom API Key authenticated successfully.\n"));
  CHECK(text.find("│") == std::string::npos);
  CHECK(pty.raw().find("canary") == std::string::npos);
  CHECK(pty.raw().find("\x1b[?1049h") == std::string::npos);
  CHECK_FALSE(pty.is_raw_mode());
  CHECK(pty.screen().cursor_shown());
  CHECK_FALSE(pty.screen().pastes_bracketed());
}

TEST_CASE("Esc goes back one step at a time and answers are kept") {
  FakeDaemon daemon;
  Pty pty({"setup", "custom"}, home_of(daemon));
  walk_to_review(pty);
  pty.type(escape);
  REQUIRE(pty.shows("Model IDs: m"));
  pty.type(escape);
  REQUIRE(pty.shows("API key: ••••••••••••••••"));
  pty.type(enter);  // the key is kept
  REQUIRE(pty.shows("Model IDs: m"));
  pty.type(escape);
  REQUIRE(pty.shows("Enter the API key"));
  pty.type(escape);
  REQUIRE(pty.shows("Enter the API endpoint."));
  CHECK(pty.shows("Base URL: https://x/v1"));
  CHECK(pty.screen().text().find("✓ Base URL") == std::string::npos);
  pty.type(escape);
  REQUIRE(pty.shows("◉ OpenAI-compatible"));
  pty.type(escape);
  CHECK(pty.exit_code() == 1);
  CHECK(pty.screen().text().find("Nothing was saved.") != std::string::npos);
  CHECK_FALSE(daemon.was_called("wizard.commit"));
}

TEST_CASE("a refused answer stays in the field with the reason") {
  FakeDaemon daemon;
  Pty pty({"setup", "custom"}, home_of(daemon));
  REQUIRE(pty.shows("Select Protocol"));
  pty.type("j4" + enter);
  REQUIRE(pty.shows("✓ Protocol: Gemini-compatible"));
  pty.type("x.test" + enter);
  REQUIRE(pty.shows("✗ Base URL must start with http:// or https://."));
  CHECK(pty.shows("Base URL: x.test"));
  pty.type("\x01https://" + enter);
  REQUIRE(pty.shows("✓ Base URL: https://x.test"));
}

TEST_CASE("every way out gives the terminal back") {
  struct Row {
    std::string name, typed;
    int signal, exit_code;
  };
  const std::vector<Row> rows{{"Ctrl-C", "\x03", 0, 130},  {"Ctrl-D", "\x04", 0, 130},
                              {"SIGINT", "", SIGINT, 130}, {"SIGTERM", "", SIGTERM, 143},
                              {"SIGHUP", "", SIGHUP, 129}, {"SIGQUIT", "", SIGQUIT, 131}};
  for (const Row& row : rows) {
    FakeDaemon daemon;
    Pty pty({"setup", "custom"}, home_of(daemon));
    CAPTURE(row.name);
    REQUIRE(pty.shows("Select Protocol"));
    REQUIRE(pty.is_raw_mode());
    if (row.signal != 0) pty.signal(row.signal);
    pty.type(row.typed);
    CHECK(pty.exit_code() == row.exit_code);
    CHECK_FALSE(pty.is_raw_mode());
    CHECK(pty.screen().cursor_shown());
    CHECK_FALSE(pty.screen().pastes_bracketed());
    CHECK(daemon.was_called("wizard.cancel"));
  }
}

TEST_CASE("the terminal is the shell's while the client is stopped") {
  FakeDaemon daemon;
  Pty pty({"setup", "custom"}, home_of(daemon));
  REQUIRE(pty.shows("Select Protocol"));
  pty.type(down);
  REQUIRE(pty.shows("◉ Anthropic-compatible"));
  // The child leads its session, an orphaned group, which the kernel does not stop by SIGTSTP; what
  // comes before and after the stop is the same.
  pty.signal(SIGTSTP);
  REQUIRE(pty.sends("\x1b[?2004l"));
  REQUIRE(pty.shows("◉ Anthropic-compatible"));
  CHECK(pty.is_raw_mode());
  pty.signal(SIGSTOP);
  pty.signal(SIGCONT);
  REQUIRE(pty.shows("◉ Anthropic-compatible"));
  CHECK(pty.is_raw_mode());
  pty.type("\x03");
  CHECK(pty.exit_code() == 130);
  CHECK_FALSE(pty.is_raw_mode());
}

TEST_CASE("Ctrl-C while the provider is asked cancels the check") {
  FakeDaemon daemon;
  daemon.set_verdicts({"slow"});
  Pty pty({"setup", "custom"}, home_of(daemon));
  walk_to_review(pty);
  pty.type(enter);
  REQUIRE(pty.shows("Waiting for the provider…"));
  pty.type("\x03");
  CHECK(pty.exit_code() == 130);
  CHECK(daemon.was_called("$/cancelRequest"));
  CHECK_FALSE(pty.is_raw_mode());
}

TEST_CASE("after a refusal the former file can be put back") {
  FakeDaemon daemon;
  daemon.set_verdicts({"rejected"});
  Pty pty({"setup", "custom"}, home_of(daemon));
  walk_to_review(pty);
  pty.type(enter);
  REQUIRE(pty.shows("- API key is valid for this endpoint"));
  REQUIRE(pty.shows("◉ Change the answers"));
  pty.type("3");
  REQUIRE(pty.shows("◉ Put the former file back"));
  pty.type(enter);
  CHECK(pty.exit_code() == 4);
  CHECK(daemon.params_of("settings.restore")["snapshot"] == "snapshot-1");
}

TEST_CASE("mending after a refusal leads back to the review, and on to success") {
  FakeDaemon daemon;
  daemon.set_verdicts({"rejected"});
  Pty pty({"setup", "custom"}, home_of(daemon));
  walk_to_review(pty);
  pty.type(enter);
  REQUIRE(pty.shows("◉ Change the answers"));
  pty.type(enter);
  REQUIRE(pty.shows("Enter to save"));
  pty.type(escape);
  REQUIRE(pty.shows("· Model IDs"));
  pty.type("2" + enter);
  REQUIRE(pty.shows("✓ Model IDs: m2"));
  pty.type(enter);
  CHECK(pty.exit_code() == 0);
}

TEST_CASE("a new size draws the box anew, without leaving rests") {
  FakeDaemon daemon;
  Pty pty({"setup", "custom"}, home_of(daemon), 100, 30);
  REQUIRE(pty.shows("Select Protocol"));
  pty.resize(60, 30);  // the screen of the test does not reflow: only what is drawn counts
  pty.type(down);
  REQUIRE(pty.shows("◉ Anthropic-compatible"));
  CHECK(pty.raw().find("┌" + [] {
          std::string bar;
          for (int i = 0; i < 57; ++i) bar += "─";
          return bar;
        }() + "┐") != std::string::npos);
}

TEST_CASE("a low terminal scrolls the review") {
  FakeDaemon daemon;
  Pty pty({"setup", "custom"}, home_of(daemon), 80, 13);
  walk_to_review(pty);
  CHECK(pty.shows("↓ "));
  for (int i = 0; i < 30; ++i) pty.type(down);
  CHECK(pty.shows("https://example.test/docs"));
}

TEST_CASE("without colours when NO_COLOR is set, without cursor motion when the terminal is dumb") {
  FakeDaemon daemon;
  auto environment = home_of(daemon);
  environment.push_back("NO_COLOR=1");
  Pty pty({"setup", "custom"}, environment);
  REQUIRE(pty.shows("Select Protocol"));
  CHECK(pty.raw().find("\x1b[2m") == std::string::npos);

  environment = home_of(daemon);
  environment.push_back("TERM=dumb");
  Pty dumb({"setup", "custom"}, environment);
  REQUIRE(dumb.shows("1. OpenAI-compatible"));
  dumb.type("1\n");
  REQUIRE(dumb.shows("Enter the API endpoint."));
  dumb.type("https://x\n");
  REQUIRE(dumb.shows("Enter the API key"));
  dumb.type("sk-or-v1-canary\n");  // typed without echo
  REQUIRE(dumb.shows("· Model IDs"));
  CHECK(dumb.raw().find("canary") == std::string::npos);
  CHECK(dumb.raw().find("\x1b") == std::string::npos);
  dumb.signal(SIGINT);
  CHECK(dumb.exit_code() == 130);
}
