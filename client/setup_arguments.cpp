#include "client/setup_arguments.hpp"

#include <algorithm>
#include <sstream>

#include "client/command_words.hpp"

namespace authd::client {
namespace {

constexpr const char* setup_examples =
    R"(FLOW is `custom` (your own endpoint), a provider such as openrouter or ollama, or any id that
`qwen-authctl rpc wizard.flows` lists; without it the whole menu opens.

Options that answer a step are asked no more. Where the key is given, too, nothing is asked at
all: what has a default keeps it. The key is never an argument, because every process of this
machine can read those:
  qwen-authctl setup openrouter --key-stdin < key.txt
  qwen-authctl setup ollama --model qwen3-coder
  qwen-authctl setup custom --protocol anthropic --base-url https://api.anthropic.com \
      --model claude-sonnet-4-5 --key-stdin < key.txt
  pass show openrouter | qwen-authctl setup custom --protocol openai \
      --base-url https://openrouter.ai/api/v1 --model qwen/qwen3-coder --key-stdin --json

The key can also stay where it is. `exec` and `env` fetch it from there:
  qwen-authctl setup openrouter --key-command 'op read op://private/openrouter/key')";

constexpr const char* coding_plan_examples = R"(Examples:
  qwen-authctl coding-plan
  qwen-authctl coding-plan --region china --key-stdin < key.txt)";

constexpr const char* token_plan_examples = R"(Examples:
  qwen-authctl token-plan
  qwen-authctl token-plan --region cn-beijing --key-stdin < key.txt)";

constexpr const char* alibaba_standard_examples = R"(Examples:
  qwen-authctl alibaba-standard
  qwen-authctl alibaba-standard --region cn-beijing --key-stdin < key.txt)";

constexpr const char* api_key_examples = "Example:\n  qwen-authctl api-key";

constexpr const char* qwen_oauth_examples =
    R"(The free tier ended on 2026-04-15. This shows what is left of it and switches to something else.
  qwen-authctl qwen-oauth
  qwen-authctl qwen-oauth --model qwen3-coder)";

void add_review_options(CLI::App& command, SetupOptions& setup) {
  command.add_option("--scope", setup.scope, "Where to save")
      ->check(CLI::IsMember({"auto", "user", "workspace"}))
      ->capture_default_str();
  command.add_option("--check", setup.check, "When to ask the provider whether the key works")
      ->check(CLI::IsMember({"after", "before", "none"}))
      ->capture_default_str();
  command.add_flag("--repair", setup.repair,
                   "Remove trailing commas that make the settings unreadable");
  command.add_flag("--dry-run", setup.dry_run, "Show what would be saved, and save nothing");
}

void add_region(CLI::App& command, SetupOptions& setup, const char* about) {
  command.add_option("--region", setup.region, about);
}

void add_models(CLI::App& command, SetupOptions& setup) {
  command.add_option("--model", setup.models, "A model ID; several with commas or repeated")
      ->allow_extra_args(false);
}

void add_key_options(CLI::App& command, SetupOptions& setup) {
  command.add_flag("--key-stdin", setup.key_from_stdin, "Read the API key from standard input");
  command.add_option("--key-store", setup.key_store, "Which file keeps the key")
      ->check(CLI::IsMember({"settings", "dotenv", "project-dotenv"}));
  command.add_option_function<std::string>(
      "--key-command",
      [&setup](const std::string& text) {
        auto words = command_words(text);
        if (!words) throw CLI::ValidationError("--key-command", words.error().message());
        setup.key_command = std::move(*words);
      },
      "Keep no key: run this program for it, such as 'pass show NAME'");
}

CLI::App* add_flow(CLI::App& app, const char* flow, const char* about, const char* examples,
                   Arguments& arguments) {
  CLI::App* command = app.add_subcommand(flow, about);
  command->footer(examples);
  command->callback([&arguments, flow] { arguments.setup.flow = flow; });
  return command;
}

void add_setup(CLI::App& app, Arguments& arguments) {
  SetupOptions& setup = arguments.setup;
  CLI::App* command =
      app.add_subcommand("setup", "Set up a key and models, step by step or unattended");
  command->footer(setup_examples);
  command->add_option_function<std::string>(
      "FLOW",
      [&setup](const std::string& flow) {
        setup.flow = flow == "custom" ? "custom-api-key" : flow;
      },
      "custom, a provider, or any flow that `qwen-authctl rpc wizard.flows` lists");
  add_region(*command, setup, "Where a provider has several endpoints: which one");
  command->add_option("--protocol", setup.protocol, "openai, anthropic or gemini");
  command->add_option("--base-url", setup.base_url,
                      "The endpoint, such as https://openrouter.ai/api/v1");
  add_models(*command, setup);
  add_key_options(*command, setup);
  add_review_options(*command, setup);
}

// A header of curl has the key behind a blank.
bool holds_key(const std::string& word) {
  std::istringstream parts(word);
  for (std::string part; parts >> part;)
    if (begins_like_key(part)) return true;
  return false;
}

}  // namespace

void add_setup_commands(CLI::App& app, Arguments& arguments) {
  SetupOptions& setup = arguments.setup;
  add_setup(app, arguments);

  CLI::App* coding_plan = add_flow(app, "coding-plan", "Set up Alibaba Cloud Coding Plan",
                                   coding_plan_examples, arguments);
  add_region(*coding_plan, setup, "china or global");

  CLI::App* token_plan = add_flow(app, "token-plan", "Set up Alibaba Cloud Token Plan",
                                  token_plan_examples, arguments);
  add_region(*token_plan, setup, "cn-beijing or ap-southeast-1");
  add_models(*token_plan, setup);

  CLI::App* standard =
      add_flow(app, "alibaba-standard", "Set up Alibaba Cloud ModelStudio Standard API Key",
               alibaba_standard_examples, arguments);
  add_region(*standard, setup, "cn-beijing, sg-singapore, us-virginia or cn-hongkong");
  add_models(*standard, setup);

  for (CLI::App* plan : {coding_plan, token_plan, standard}) {
    add_key_options(*plan, setup);
    add_review_options(*plan, setup);
  }
  CLI::App* api_key =
      add_flow(app, "api-key", "Choose a type of API key, then set it up (as `setup api-key`)",
               api_key_examples, arguments);
  CLI::App* qwen_oauth = add_flow(app, "qwen-oauth", "Leave Qwen OAuth, which was discontinued",
                                  qwen_oauth_examples, arguments);
  qwen_oauth->add_option("--model", setup.models, "The configured model to switch to")->expected(1);
  for (CLI::App* other : {api_key, qwen_oauth}) add_review_options(*other, setup);
}

bool is_menu(const std::string& flow) {
  return flow == "auth" || flow == "api-key" || flow == "third-party" || flow == "local";
}

Outcome<void> check_setup(const SetupOptions& setup) {
  if (setup.has_answers() && is_menu(setup.flow))
    return usage("--region, --protocol, --base-url, --model and the key belong to one flow.",
                 "Name it, such as `qwen-authctl setup custom`.");
  if (!setup.key_command.empty() && (setup.key_from_stdin || !setup.key_store.empty()))
    return usage("With --key-command the key is kept nowhere: no --key-stdin and no --key-store.");
  if (std::ranges::any_of(setup.key_command, holds_key))
    return usage("A key in --key-command is refused: every process of this machine can read it.",
                 "Name a program that finds the key, such as 'pass show NAME'.");
  return {};
}

}  // namespace authd::client
