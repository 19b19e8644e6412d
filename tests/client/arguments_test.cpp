#include "client/arguments.hpp"

#include <catch2/catch.hpp>

#include "client/caller_context.hpp"
#include "client/command_words.hpp"
#include "protocol/caller_variables.hpp"

using namespace authd::client;
using authd::Json;
using authd::variable_matters;

namespace {

const std::string long_key = "sk-or-v1-canary0123456789abcdef0123456789";
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a key among the arguments is refused and never repeated") {
  const std::vector<Words> lines{
      {"setup", "custom", "--key", long_key},
      {"setup", "custom", "--key=" + long_key},
      {"setup", "custom", "--api-key", "short"},
      {"setup", "custom", "--API-KEY=" + long_key},
      {"setup", "custom", long_key},
      {"setup", long_key},
      {long_key},
      {"setup", "custom", "--model", long_key},
      {"setup", "custom", "--socket=" + long_key},
      {"setup", "custom", "0123456789abcdef0123456789abcdef"},
      {"rpc", "wizard.submitStep", long_key},
      {"coding-plan", "--region", "china", "--key", long_key},
      {"alibaba-standard", "-k", long_key},
      {"setup", "openrouter", "--key=" + long_key},
  };
  for (const Words& words : lines) {
    const auto arguments = parse_arguments(words);
    REQUIRE_FALSE(arguments);
    CHECK(static_cast<int>(arguments.error().exit_code) == 2);
    CHECK(arguments.error().error.dump().find("canary") == std::string::npos);
    CHECK(arguments.error().error.dump().find("0123456789abcdef") == std::string::npos);
    CHECK(arguments.error().error.dump().find("stdin") != std::string::npos);
  }
}

TEST_CASE("ordinary arguments are no keys") {
  for (const std::string word :
       {"custom", "https://openrouter.ai/api/v1", "qwen/qwen3-coder", "claude-sonnet-4-5-20250929",
        "meta-llama/Llama-3.3-70B-Instruct-Turbo", "/run/user/1000/qwen-authd/rpc.sock",
        "wizard.submitStep"})
    CHECK_FALSE(looks_like_key(word));
  CHECK(
      parse_arguments({"setup", "custom", "--model", "my-own-model-with-a-long-name-2026-01-01"}));
}

TEST_CASE("usage errors name the option and no value") {
  const auto unknown = parse_arguments({"setup", "custom", "--frobnicate", "some-private-words"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message().find("--frobnicate") != std::string::npos);
  CHECK(unknown.error().message().find("private") == std::string::npos);
  for (const Words& words : std::vector<Words>{
           {"frobnicate"}, {"daemon"}, {"rpc"}, {"setup", "custom", "--scope", "system"}}) {
    const auto arguments = parse_arguments(words);
    REQUIRE_FALSE(arguments);
    CHECK(static_cast<int>(arguments.error().exit_code) == 2);
  }
}

TEST_CASE("the command line as a value") {
  const auto arguments = parse_arguments({"setup", "custom", "--protocol", "openai", "--base-url",
                                          "https://x/v1", "--model", "a", "--model", "b,c",
                                          "--key-stdin", "--json", "--check", "none"});
  REQUIRE(arguments);
  CHECK(arguments->command == Arguments::Command::setup);
  CHECK(arguments->setup.flow == "custom-api-key");
  CHECK(arguments->setup.models == Words{"a", "b,c"});
  CHECK(arguments->setup.check == "none");
  CHECK(arguments->json);
  CHECK(parse_arguments({})->setup.flow == "auth");
  CHECK(parse_arguments({"setup", "api-key"})->setup.flow == "api-key");
  CHECK_FALSE(parse_arguments({"setup", "api-key", "--model", "a"}));
  CHECK(parse_arguments({"rpc", "daemon.info", R"({"a": [1]})"})->params == R"({"a": [1]})");
  CHECK(parse_arguments({"rpc", "daemon.info", "[1, 2]"})->params == "[1, 2]");
  CHECK(parse_arguments({"rpc", "daemon.info", "-"})->params == "-");
  CHECK(parse_arguments({"daemon", "status", "--socket", "/s"})->socket == "/s");
  CHECK_FALSE(parse_arguments({"--no-autostart", "rpc", "x"})->autostart);
  CHECK(parse_arguments({"--version"})->printed.starts_with("qwen-authctl "));
  CHECK(parse_arguments({"setup", "--help"})->printed.find("--key-stdin") != std::string::npos);
}

TEST_CASE("each flow has its options, and a menu has none") {
  const auto plan = parse_arguments({"coding-plan", "--region", "china", "--key-stdin", "--scope",
                                     "user", "--check", "before", "--repair", "--dry-run"});
  REQUIRE(plan);
  CHECK(plan->command == Arguments::Command::setup);
  CHECK(plan->setup.flow == "coding-plan");
  CHECK(plan->setup.region == "china");
  CHECK(plan->setup.scope == "user");
  CHECK(plan->setup.check == "before");
  CHECK((plan->setup.key_from_stdin && plan->setup.repair && plan->setup.dry_run));
  const auto standard = parse_arguments(
      {"alibaba-standard", "--region", "cn-beijing", "--model", "qwen3-max", "--key-store",
       "dotenv"});
  REQUIRE(standard);
  CHECK(standard->setup.flow == "alibaba-standard");
  CHECK(standard->setup.models == Words{"qwen3-max"});
  CHECK(standard->setup.key_store == "dotenv");
  CHECK(parse_arguments({"token-plan", "--region", "x"})->setup.flow == "token-plan");
  CHECK(parse_arguments({"qwen-oauth"})->setup.flow == "qwen-oauth");
  CHECK(parse_arguments({"api-key"})->setup.flow == "api-key");
  CHECK(parse_arguments({"setup", "ollama", "--base-url", "http://127.0.0.1:1/v1"})->setup.flow ==
        "ollama");
  for (const Words& words : std::vector<Words>{
           {"coding-plan", "--model", "m"}, {"coding-plan", "--base-url", "https://x"},
           {"qwen-oauth", "--key-stdin"}, {"api-key", "--region", "china"},
           {"setup", "--key-stdin"}, {"setup", "auth", "--region", "china"},
           {"setup", "third-party", "--key-stdin"}, {"setup", "local", "--model", "m"},
           {"coding-plan", "--key-store", "keyring"}, {"coding-plan", "--region", ""},
           {"coding-plan", "--key-command", "pass show x", "--key-stdin"},
           {"coding-plan", "--key-command", "pass show x", "--key-store", "dotenv"}}) {
    CAPTURE(words);
    const auto refused = parse_arguments(words);
    REQUIRE_FALSE(refused);
    CHECK(static_cast<int>(refused.error().exit_code) == 2);
  }
}

TEST_CASE("the command of a key is words, as a shell splits them, and no shell") {
  struct Row {
    std::string text;
    Words words;
  };
  const std::vector<Row> rows{
      {"pass show qwen", {"pass", "show", "qwen"}},
      {"  op\tread  'op://my vault/item'  ", {"op", "read", "op://my vault/item"}},
      {R"(a "b \"c\" \\ \x" d'e'"f")", {"a", R"(b "c" \ \x)", "def"}},
      {R"(a\ b \$c '' "")", {"a b", "$c", "", ""}},
      {"op read op://v/i?attribute=otp *.x a~b a#b", {"op", "read", "op://v/i?attribute=otp",
                                                      "*.x", "a~b", "a#b"}},
      {"printf '$(x) | ;'", {"printf", "$(x) | ;"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto words = command_words(row.text);
    REQUIRE(words);
    CHECK(*words == row.words);
    CHECK(parse_arguments({"coding-plan", "--key-command", row.text})->setup.key_command ==
          row.words);
  }
  for (const std::string text :
       {"a | b", "a > b", "a $X", "a \"$X\"", "a `b`", "a && b", "a; b", "(a)", "~/bin/x", "# x",
        "a 'b", "a \"b", "a \\", "", "  ", "'' x"}) {
    CAPTURE(text);
    CHECK_FALSE(command_words(text));
    CHECK_FALSE(parse_arguments({"coding-plan", "--key-command", text}));
  }
  CHECK(parse_arguments({"coding-plan", "--key-command", "a secret | b"}).error().message() ==
        "--key-command: the command needs a shell for `|`, and none runs it: put it into a script, "
        "or into '…' if it means itself");
}

TEST_CASE("a key in the command that is to find it is refused") {
  for (const std::string& text : {"echo " + long_key, "curl -H 'Authorization: Bearer " + long_key + "'"}) {
    const auto refused = parse_arguments({"coding-plan", "--key-command", text});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message() ==
          "A key in --key-command is refused: every process of this machine can read it.");
    CHECK(refused.error().error.dump().find("canary") == std::string::npos);
  }
  CHECK(parse_arguments({"coding-plan", "--key-command",
                         "bw get password 550e8400-e29b-41d4-a716-446655440000"}));
}

TEST_CASE("the commands about what is set up as values") {
  using Command = Arguments::Command;
  CHECK(parse_arguments({"status", "--json"})->command == Command::status);
  CHECK(parse_arguments({"models"})->command == Command::models);
  const auto discover = parse_arguments({"models", "discover", "--base-url", "https://x/v1",
                                         "--protocol", "gemini", "--env-key", "X_API_KEY"});
  REQUIRE(discover);
  CHECK(discover->command == Command::models_discover);
  CHECK(discover->model.base_url == "https://x/v1");
  CHECK(discover->model.protocol == "gemini");
  CHECK(discover->model.env_key == "X_API_KEY");
  const auto remove = parse_arguments({"models", "remove", "m", "--scope", "workspace"});
  REQUIRE(remove);
  CHECK(remove->command == Command::models_remove);
  CHECK(remove->model.model == "m");
  CHECK(remove->model.scope == "workspace");
  CHECK_FALSE(parse_arguments({"models", "remove"}));
  CHECK(parse_arguments({"use"})->command == Command::use);
  CHECK(parse_arguments({"use", "m", "--protocol", "openai"})->model.protocol == "openai");
  const auto logout = parse_arguments({"logout", "openrouter", "--purge", "-y"});
  REQUIRE(logout);
  CHECK(logout->command == Command::logout);
  CHECK(logout->logout.provider == "openrouter");
  CHECK((logout->logout.purge && logout->logout.yes));
  CHECK(parse_arguments({"explain"})->variable.empty());
  // Such names are long and odd, and no keys.
  const std::string name = "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_127_0_0_1_11434_V1";
  CHECK(parse_arguments({"explain", name})->variable == name);
  CHECK(parse_arguments({"use", "qwen3-coder-480b-a35b-instruct-fp8-2507"}));
  CHECK(parse_arguments({"models", "remove", "qwen3-coder-480b-a35b-instruct-fp8-2507"}));
  for (const char* command : {"use", "explain", "logout"})
    CHECK_FALSE(parse_arguments({command, long_key}));
}

TEST_CASE("the commands around settings.json as values") {
  using Command = Arguments::Command;
  const auto history = parse_arguments(
      {"history", "--path", "s.json", "--limit", "5", "--purge",
       "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_127_0_0_1_11434_V1"});
  REQUIRE(history);
  CHECK(history->command == Command::history);
  CHECK(history->history.path == "s.json");
  CHECK(history->history.limit == 5);
  CHECK(history->history.purge == "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_127_0_0_1_11434_V1");
  CHECK(parse_arguments({"history"})->history.limit == 20);
  CHECK_FALSE(parse_arguments({"history", "--limit", "0"}));
  CHECK(parse_arguments({"diff"})->command == Command::diff);
  const std::string id = "20261121T104200.123456789Z-5ac1f003";
  CHECK(parse_arguments({"undo", id})->snapshot.snapshot == id);
  const auto restore =
      parse_arguments({"restore", id, "--key", "model.name", "--key", "env.OPENAI_API_KEY"});
  REQUIRE(restore);
  CHECK(restore->snapshot.members == Words{"model.name", "env.OPENAI_API_KEY"});
  CHECK_FALSE(parse_arguments({"restore"}));
  const auto apply = parse_arguments({"apply", "-f", "-", "--detailed-exitcode", "--dry-run",
                                      "--repair", "--scope", "workspace"});
  REQUIRE(apply);
  CHECK(apply->apply.file == "-");
  CHECK(apply->apply.scope == "workspace");
  CHECK((apply->apply.detailed_exit_code && apply->apply.dry_run && apply->apply.repair));
  CHECK_FALSE(parse_arguments({"apply"}));
  CHECK_FALSE(parse_arguments({"apply", "-f", "x", "--scope", "system"}));
}

TEST_CASE("settings has a command for each thing to do, and its own scopes") {
  using Command = Arguments::Command;
  CHECK(parse_arguments({"settings", "scopes"})->command == Command::settings_scopes);
  CHECK(parse_arguments({"settings", "get"})->settings.scope == "merged");
  CHECK(parse_arguments({"settings", "get", "--scope", "system"})->settings.scope == "system");
  const auto set = parse_arguments({"settings", "set", "model.name", "[1, 2]", "--json"});
  REQUIRE(set);
  CHECK(set->command == Command::settings_set);
  CHECK(set->settings.path == "model.name");
  CHECK(set->settings.value == "[1, 2]");
  CHECK(set->settings.scope == "auto");
  CHECK(set->json);
  CHECK(parse_arguments({"settings", "remove", "env.X", "--purge"})->settings.purge);
  CHECK_FALSE(parse_arguments({"settings", "set", "model.name"}));
  CHECK_FALSE(parse_arguments({"settings", "set", "model.name", "x", "--scope", "merged"}));
  CHECK(parse_arguments({"settings"}).error().message() ==
        "`settings` wants one of scopes, get, set and remove.");
  CHECK(parse_arguments({"--json", "daemon"}).error().message() ==
        "`daemon` wants one of start, stop and status.");
}

TEST_CASE("a value that may be a key is refused with the way it is given instead") {
  struct Row {
    std::string path, value;
    bool allowed;
  };
  const std::vector<Row> rows{
      {"env.OPENAI_API_KEY", R"("x")", false}, {"env.MY_TOKEN", "12345", false},
      {"env[\"MY_SECRET\"]", R"("x")", false}, {"env.my_key", R"("x")", false},
      {"security.auth.apiKey", R"("x")", false}, {"env", R"({"X_API_KEY": "x"})", false},
      {"model.name", R"("sk-0123456789abc")", false}, {"model.name", R"("qwen3-coder")", true},
      {"env.QWEN_MODEL", R"("x")", true}, {"model.keys", "3", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path, row.value);
    const auto verdict = refuse_key_in_value(row.path, Json::parse(row.value));
    CHECK(verdict.has_value() == row.allowed);
    if (!verdict)
      CHECK(verdict.error().error.dump().find("qwen-authctl settings set PATH - < FILE") !=
            std::string::npos);
  }
  const auto early = parse_arguments({"settings", "set", "model.name", long_key});
  REQUIRE_FALSE(early);
  CHECK(early.error().error.dump().find("settings set PATH -") != std::string::npos);
  CHECK(early.error().error.dump().find("canary") == std::string::npos);
}

TEST_CASE("an empty value does not read as one that was left out") {
  const std::vector<Words> lines{
      {"history", "--purge", ""},        {"history", "--path="},      {"undo", ""}, {"diff", ""},
      {"restore", "id", "--key", ""},    {"settings", "get", ""},     {"setup", ""},
      {"setup", "custom", "--model", ""}, {"apply", "-f", ""},         {"--socket", "", "undo"},
      {"rpc", "daemon.ping", ""}};
  for (const Words& words : lines) {
    CAPTURE(words);
    const auto arguments = parse_arguments(words);
    REQUIRE_FALSE(arguments);
    CHECK(static_cast<int>(arguments.error().exit_code) == 2);
  }
  CHECK(parse_arguments({"history", "--purge", ""}).error().message() == "--purge: it is empty");
  CHECK(parse_arguments({"settings", "set", "ui.title", ""}));
}

TEST_CASE("The option --key names a member only where something is put back") {
  CHECK(parse_arguments({"restore", "id", "--key", "env.X"}));
  CHECK_FALSE(parse_arguments({"restore", "id", "--key", long_key}));
  CHECK_FALSE(parse_arguments({"undo", "--key", "env.X"}));
}

TEST_CASE("the params of rpc hold no secret when they come from the arguments") {
  struct Row {
    std::string method, params;
    bool allowed;
  };
  const std::vector<Row> rows{
      {"wizard.submitStep", R"({"step": "custom-api-key-input", "value": "x"})", false},
      {"wizard.amend", R"({"step": "alibaba-standard-api-key-input", "value": "x"})", false},
      {"wizard.submitStep", R"(["id", "custom-api-key-input", "x"])", false},
      {"wizard.submitStep", R"({"step": "custom-api-key-input"})", true},
      {"wizard.submitStep", R"({"step": "custom-base-url-input", "value": "https://x"})", true},
      {"auth.check", R"({"endpoint": {"apiKey": "x"}})", false},
      {"auth.check", R"({"a": [{"password": "x"}]})", false},
      {"auth.check", R"({"Token": "x"})", false},
      {"settings.set", R"({"path": "env.X", "value": "sk-0123456789abc"})", false},
      {"env.explain", R"({"context": {"env": {"OPENAI_API_KEY": "x"}}})", false},
      {"wizard.commit", R"({"sessionId": "1", "workDoneToken": "t"})", true},
      {"daemon.ping", "null", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.params);
    CHECK(refuse_key_in_params(row.method, Json::parse(row.params)).has_value() == row.allowed);
  }
}

TEST_CASE("exit codes") {
  const auto verdict = [](const char* state, bool deliberate) {
    return static_cast<int>(exit_code_of_verdict({{"state", state}}, deliberate));
  };
  CHECK(verdict("accepted", false) == 0);
  CHECK(verdict("not_tested", true) == 0);
  CHECK(verdict("not_tested", false) == 6);
  CHECK(verdict("rejected", false) == 4);
  CHECK(verdict("accepted_but", false) == 4);
  CHECK(verdict("inconclusive", false) == 6);
  CHECK(verdict("something new", false) == 6);
  const auto error = [](const char* kind) {
    return static_cast<int>(exit_code_of_error({{"code", 0}, {"data", {{"kind", kind}}}}));
  };
  CHECK(error("settings_conflict") == 5);
  CHECK(error("settings_unreadable") == 1);
  CHECK(error("cancelled") == 130);
  CHECK(static_cast<int>(exit_code_of_error(Json())) == 1);
  CHECK(static_cast<int>(exit_code_of_error({{"data", {{"kind", "invalid_input"}, {"field", "context.cliVersion"}}}})) == 2);
}

TEST_CASE("only variables that matter leave the shell") {
  for (const char* name :
       {"HOME", "QWEN_HOME", "https_proxy", "OPENAI_API_KEY", "MY_BASE_URL", "X_MODEL",
        "NODE_EXTRA_CA_CERTS", "GOOGLE_CLOUD_PROJECT", "XDG_STATE_HOME", "PATH", "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR", "SANDBOX"})
    CHECK(variable_matters(name));
  for (const char* name :
       {"SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY", "LS_COLORS", "API_KEYS", "QWEN", ""})
    CHECK_FALSE(variable_matters(name));
}
