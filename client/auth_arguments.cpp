#include "client/auth_arguments.hpp"

#include "client/settings_arguments.hpp"

namespace authd::client {
namespace {

using Command = Arguments::Command;

constexpr const char* status_example =
    R"(Exit 0 where Qwen Code would start with a key, 4 where it would not, so a script can ask:
  qwen-authctl status > /dev/null || qwen-authctl coding-plan --region global --key-stdin < key.txt)";

constexpr const char* check_example =
    R"(Without MODEL it is the one that Qwen Code starts with. Exit 0 where it is accepted, 4 where it is
not, 6 where nothing was proven.
  qwen-authctl check
  qwen-authctl check qwen3-coder --depth tools
  qwen-authctl check --base-url https://openrouter.ai/api/v1 --key-stdin < key.txt
  qwen-authctl check --yes-sweep     where it is refused: the vendor's other regions and plans)";

constexpr const char* models_example =
    R"(◉ is the model that Qwen Code starts with; – and ✗ are entries that it skips or fails on.
  qwen-authctl models
  qwen-authctl models discover --base-url http://127.0.0.1:11434/v1
  qwen-authctl models remove qwen3-coder)";

constexpr const char* discover_example =
    R"(Without options it is the endpoint of the selected model that is asked. Exit 4 where it refuses
the key, 1 where it has no list.
  qwen-authctl models discover
  qwen-authctl models discover --base-url https://openrouter.ai/api/v1 --env-key OPENROUTER_API_KEY)";

constexpr const char* remove_example = "Example:\n  qwen-authctl models remove qwen3-coder";

constexpr const char* use_example =
    R"(Without MODEL it is picked from a list. Where several endpoints have a model of this name, the
options say which.
  qwen-authctl use qwen3-coder
  qwen-authctl use qwen3-coder --base-url http://127.0.0.1:11434/v1)";

constexpr const char* logout_example =
    R"(PROVIDER is one that `qwen-authctl rpc providers.list` lists; without it the selected one.
  qwen-authctl logout openrouter
  qwen-authctl logout coding-plan --purge --yes)";

constexpr const char* explain_example =
    R"(Every place the variable could come from, highest first; ✓ is the one that counts. Without NAME
it is the key of the selected model.
  qwen-authctl explain
  qwen-authctl explain OPENAI_API_KEY)";

constexpr const char* decode_example =
    R"(Reads standard input where there is no FILE, and asks nobody. Exit 0 where something in the text is
known, 1 where nothing is. Keys in the text are not repeated.
  qwen -p hi 2>&1 | qwen-authctl decode
  qwen-authctl decode qwen.log)";

void add_which(CLI::App& command, ModelOptions& options) {
  command.add_option("--protocol", options.protocol, "openai, anthropic, gemini, …");
  command.add_option("--base-url", options.base_url, "The endpoint");
}

void add_scope(CLI::App& command, ModelOptions& options) {
  command.add_option("--scope", options.scope, "Where to save")
      ->check(CLI::IsMember({"auto", "user", "workspace"}))
      ->capture_default_str();
}

void add_check(CLI::App& app, Arguments& arguments) {
  CheckOptions& options = arguments.check;
  CLI::App* check = add_command(app, "check", "Ask the provider whether key and model work",
                                arguments, Command::check);
  check->footer(check_example);
  check->add_option("MODEL", options.model, "Its ID");
  check
      ->add_option("--depth", options.depth,
                   "What is to be proven: the key, that the model answers, that it calls tools")
      ->check(CLI::IsMember({"key", "model", "tools"}))
      ->capture_default_str();
  check->add_option("--protocol", options.protocol, "openai, anthropic, gemini, …");
  check->add_option("--base-url", options.base_url, "The endpoint");
  check->add_option("--env-key", options.env_key, "The variable whose value is the key");
  check->add_flag("--key-stdin", options.key_from_stdin, "Read the API key from standard input");
  check->add_option("--consent", options.consent, "A further host that may get the key")
      ->type_name("HOST");
  check->add_flag("--yes-sweep", options.yes_sweep,
                  "Where the key is refused, ask the vendor's other regions and plans with it");
  check->add_option("--cli-version", options.cli_version, "The version of Qwen Code to imitate");
}

void add_models(CLI::App& app, Arguments& arguments) {
  ModelOptions& options = arguments.model;
  CLI::App* models =
      app.add_subcommand("models", "List the models, and whether their keys are set");
  models->footer(models_example);
  models->require_subcommand(0, 1);
  // Called after that of a command below it, which must stand.
  models->callback([&arguments, models] {
    if (models->get_subcommands().empty()) arguments.command = Command::models;
  });

  CLI::App* discover = add_command(*models, "discover", "Ask an endpoint which models it has",
                                   arguments, Command::models_discover);
  discover->footer(discover_example);
  add_which(*discover, options);
  discover->add_option("--env-key", options.env_key, "The variable whose value is the key");
  discover->add_flag("--key-stdin", options.key_from_stdin, "Read the API key from standard input");

  CLI::App* remove = add_command(*models, "remove", "Remove a model from the settings", arguments,
                                 Command::models_remove);
  remove->footer(remove_example);
  remove->add_option("MODEL", options.model, "Its ID")->required();
  add_which(*remove, options);
  add_scope(*remove, options);
}

}  // namespace

void add_auth_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* status =
      add_command(app, "status", "Say what Qwen Code would start with, and what is missing",
                  arguments, Command::status);
  status->footer(status_example);
  add_check(app, arguments);
  add_models(app, arguments);

  CLI::App* use =
      add_command(app, "use", "Make Qwen Code start with a model", arguments, Command::use);
  use->footer(use_example);
  use->add_option("MODEL", arguments.model.model, "Its ID");
  add_which(*use, arguments.model);
  add_scope(*use, arguments.model);

  CLI::App* logout =
      add_command(app, "logout", "Remove a provider's key and models", arguments, Command::logout);
  logout->footer(logout_example);
  logout->add_option("PROVIDER", arguments.logout.provider, "Such as coding-plan or openrouter");
  logout->add_flag("--purge", arguments.logout.purge, "Remove the key from the snapshots, too");
  logout->add_flag("-y,--yes", arguments.logout.yes, "Do not ask");

  CLI::App* explain = add_command(app, "explain", "Say which place a variable's value comes from",
                                  arguments, Command::explain);
  explain->footer(explain_example);
  explain->add_option("NAME", arguments.variable, "Such as OPENAI_API_KEY");
  for (CLI::App* judging : {status, explain})
    judging->add_option("--cli-version", arguments.cli_version,
                        "As this version of Qwen Code does it; default: the installed one");

  CLI::App* decode = add_command(app, "decode", "Say what an error text or a log means", arguments,
                                 Command::decode);
  decode->footer(decode_example);
  decode->add_option("FILE", arguments.pasted_file, "A log; default: standard input");
}

}  // namespace authd::client
