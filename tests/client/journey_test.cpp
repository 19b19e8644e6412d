// The journey line by line, from the input of a person to the calls of the daemon.
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "client/journey.hpp"
#include "client/plain.hpp"
#include "tests/client/fake_daemon.hpp"
#include "tests/client/finished_run.hpp"

using namespace authd::client;
using authd::Json;
using authd::Secret;
using tests::canary;
using tests::FakeDaemon;

namespace {

struct Run {
  int exit_code;
  std::string transcript;
};

Run run_plain(FakeDaemon& daemon, const std::string& input, SetupOptions options = {},
              Answers answers = {}) {
  int in[2];
  REQUIRE(pipe(in) == 0);
  REQUIRE(write(in[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  close(in[1]);
  const int out = memfd_create("transcript", MFD_CLOEXEC);
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  Wizard wizard(*connection, {{"cwd", "/work"}});
  options.flow = "custom-api-key";
  int exit_code = 0;
  {
    Plain plain(in[0], out);
    exit_code = static_cast<int>(Journey(wizard, plain, std::move(options), std::move(answers)).run());
  }
  Run run{exit_code, tests::everything_in(out)};
  close(in[0]);
  close(out);
  return run;
}

bool contains(const Run& run, const std::string& text) {
  return run.transcript.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the journey in plain text, from a pipe") {
  FakeDaemon daemon;
  const Run run =
      run_plain(daemon, "1\nhttps://openrouter.ai/api/v1\n" + canary + "\nqwen/qwen3-coder\n\n");
  CHECK(run.exit_code == 0);
  for (const char* text :
       {"\nCustom API Key · Select Protocol\n", "  1. OpenAI-compatible\n     OpenAI, vLLM\n",
        "  2. Vertex AI\n     Not available yet.\n", "\nProtocol: OpenAI-compatible\n",
        "\nProtocol: OpenAI-compatible\n", "Base URL: https://openrouter.ai/api/v1\n",
        "  LM Studio: http://localhost:1234/v1\n", "API key: sk-••••••••••••••••\n",
        "\"name\": \"qwen/qwen3-coder\"", "+{\"model\": 1}\n",
        "File:  /home/u/.qwen/settings.json\n",
        "Check: POST https://openrouter.ai/api/v1/chat/completions\n",
        "https://example.test/docs\n", "… Waiting for the provider…\n",
        "✓ Custom API Key authenticated successfully.\n", "Tip: Use /model"}) {
    CAPTURE(text);
    CHECK(contains(run, text));
  }
  CHECK_FALSE(contains(run, "canary"));
  CHECK_FALSE(contains(run, "\x1b"));
  CHECK(daemon.params_of("wizard.start")["context"]["cwd"] == "/work");
  CHECK(daemon.params_of("wizard.commit")["workDoneToken"].is_string());
  CHECK_FALSE(daemon.params_of("wizard.commit").contains("etag"));
}

TEST_CASE("without a terminal and without an answer nothing is asked") {
  FakeDaemon daemon;
  const std::vector<std::vector<std::string>> menus{{}, {"setup"}, {"api-key"}, {"setup", "local"}};
  for (const auto& words : menus) {
    CAPTURE(words);
    const tests::FinishedRun refused = tests::run(daemon, words);
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err ==
          "✗ Without questions this needs a command that says what to set up.\n"
          "  Such as `qwen-authctl coding-plan --region china --key-stdin`; `qwen-authctl setup "
          "--help` shows\n  more.\n");
  }
  CHECK(daemon.methods().empty());
  const tests::FinishedRun refused = tests::run(daemon, {"setup", "custom", "--plain"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err ==
        "✗ Without questions this needs --protocol (openai, anthropic or gemini), --base-url, "
        "--key-stdin,\n  --model.\n"
        "  The key is read from standard input with --key-stdin; `qwen-authctl setup --help` shows "
        "an\n  example.\n");
  CHECK(daemon.was_called("wizard.cancel"));
  CHECK_FALSE(daemon.was_called("wizard.preview"));
  const std::string answers = "1\nhttps://x/v1\n" + canary + "\nm\n\n";
  CHECK(tests::run(daemon, {"setup", "custom"}, answers).exit_code == 0);
  CHECK(tests::run(daemon, {"setup", "custom", "--plain"}, answers).exit_code == 0);
}

TEST_CASE(
    "a refused answer is asked again, an option may be named, and one that is closed cannot be "
    "chosen") {
  FakeDaemon daemon;
  const Run run = run_plain(daemon, "2\n9\nopenai\n\nftp://x\nhttps://x/v1\n" + canary + "\n\nm\n\n");
  CHECK(run.exit_code == 0);
  for (const char* text :
       {"✗ Not available yet.", "✗ The protocol must be one of", "✗ Base URL cannot be empty.",
        "✗ Base URL must start with http:// or https://.", "✗ Model IDs cannot be empty."})
    CHECK(contains(run, text));
}

TEST_CASE("< goes back and an empty line keeps the earlier answer") {
  FakeDaemon daemon;
  const Run run = run_plain(daemon, "1\nhttps://x/v1\n" + canary + "\nm\n<\n<\n<\n<\n\n\n\n\n\n");
  CHECK(run.exit_code == 0);
  CHECK(contains(run, "Base URL [https://x/v1]: https://x/v1\n"));
  CHECK(contains(run, "API key [••••••••••••••••]: ••••••••••••••••\n"));
  CHECK_FALSE(daemon.params_of("wizard.submitStep").contains("value"));
}

TEST_CASE("going back from the first step saves nothing") {
  FakeDaemon daemon;
  const Run run = run_plain(daemon, "<\n");
  CHECK(run.exit_code == 1);
  CHECK(contains(run, "Nothing was saved."));
}

TEST_CASE("the end of the input cancels the session") {
  FakeDaemon daemon;
  const Run run = run_plain(daemon, "1\nhttps://x/v1\n");
  CHECK(run.exit_code == 1);
  CHECK(contains(run, "The input ended before the wizard was finished. Nothing was saved."));
  CHECK(daemon.was_called("wizard.cancel"));
  CHECK_FALSE(daemon.was_called("wizard.commit"));
}

TEST_CASE("+ takes the suggestion of a warning") {
  FakeDaemon daemon;
  const Run run =
      run_plain(daemon, "anthropic\nhttps://api.anthropic.com/v1\n+\n" + canary + "\nm\n\n");
  CHECK(run.exit_code == 0);
  CHECK(contains(run, "⚠ Qwen Code appends /v1 itself."));
  CHECK(contains(run, "+: use https://api.anthropic.com\n"));
  CHECK(daemon.params_of("wizard.amend")["value"] == "https://api.anthropic.com");
}

TEST_CASE("after a refusal the answers can be changed, kept, or the former file put back") {
  const std::string to_review = "1\nhttps://x/v1\n" + canary + "\nm\n\n";
  struct Row {
    std::string input;
    std::vector<std::string> verdicts;
    int exit_code;
    std::string restored;
  };
  const std::vector<Row> rows{
      {"2\n", {"rejected"}, 4, ""},
      {"keep\n", {"inconclusive"}, 6, ""},
      {"", {"accepted_but"}, 4, ""},
      {"3\n", {"rejected"}, 4, "snapshot-1"},
      {"1\n\n", {"rejected", "accepted"}, 0, ""},
      {"1\n\n3\n", {"rejected", "rejected"}, 4, "snapshot-1"},
  };
  for (const Row& row : rows) {
    FakeDaemon daemon;
    daemon.set_verdicts(row.verdicts);
    const Run run = run_plain(daemon, to_review + row.input);
    CAPTURE(run.transcript);
    CHECK(run.exit_code == row.exit_code);
    CHECK(contains(run, "✗ Failed to authenticate. Message: 401 Unauthorized\n  Please check:\n"
                        "  - API key is valid for this endpoint\n"));
    CHECK(daemon.was_called("settings.restore") == !row.restored.empty());
    // The last one put back is the first one written: the file before this wizard.
    if (!row.restored.empty())
      CHECK(daemon.params_of("settings.restore")["snapshot"] == row.restored);
  }
}

TEST_CASE("a file that a trailing comma spoils can be repaired") {
  FakeDaemon daemon;
  daemon.set_needs_repair(true);
  const Run run = run_plain(daemon, "1\nhttps://x/v1\n" + canary + "\nm\n1\n\n");
  CAPTURE(run.transcript);
  CHECK(run.exit_code == 0);
  CHECK(contains(run, "/home/u/.qwen/settings.json:3:5"));
  CHECK(contains(run, "+  \"a\": 1"));
  CHECK(daemon.params_of("wizard.commit")["repair"] == true);
}

TEST_CASE("a commit that fails leaves the review open, and its exit code counts") {
  FakeDaemon daemon;
  daemon.set_error("wizard.commit", {{"code", -32021},
                                     {"message", "The file has changed."},
                                     {"data", {{"kind", "settings_conflict"}}}});
  const Run run = run_plain(daemon, "1\nhttps://x/v1\n" + canary + "\nm\n\n");
  CHECK(run.exit_code == 5);
  CHECK(contains(run, "✗ The file has changed."));
}

TEST_CASE("answers given as options are not asked, and a refused one can be mended") {
  FakeDaemon daemon;
  Answers answers;
  answers.give(Question::protocol, Secret(std::string("gemini")));
  answers.give(Question::base_url, Secret(std::string("openrouter.ai")));
  const Run run = run_plain(daemon, "https://x\n" + canary + "\nm\n\n", {}, std::move(answers));
  CHECK(run.exit_code == 0);
  CHECK_FALSE(contains(run, "Select Protocol"));
  CHECK(contains(run, "✗ Base URL must start with"));
}

TEST_CASE("a dry run saves nothing") {
  FakeDaemon daemon;
  SetupOptions options;
  options.dry_run = true;
  const Run run = run_plain(daemon, "1\nhttps://x/v1\n" + canary + "\nm\n\n", std::move(options));
  CHECK(run.exit_code == 0);
  CHECK(contains(run, "Dry run: nothing was saved."));
  CHECK_FALSE(daemon.was_called("wizard.commit"));
}
