#include "client/environment_arguments.hpp"

#include <algorithm>
#include <array>

#include "client/settings_arguments.hpp"

namespace authd::client {
namespace {

using Command = Arguments::Command;

constexpr const char* env_example =
    R"text(Prints only what the daemon would add: a key that was just saved, and the key of the selected
model where a command prints it (`keys`). A variable that is exported already is left alone.
  eval "$(qwen-authctl env)"
  qwen-authctl env --shell fish | source
  qwen-authctl env sync systemd        for programs that systemd starts from now on)text";

constexpr const char* sync_example =
    R"(Without a NAME it is the variable of the selected model's key. Every program of yours can read
it there, and it wins over later edits of settings.json, until it is removed again:
  qwen-authctl env sync systemd OPENROUTER_API_KEY
  qwen-authctl env sync systemd OPENROUTER_API_KEY --remove)";

constexpr const char* exec_example =
    R"(PROGRAM takes the place of this process, with the environment as it is and the keys that it
needs. Everything behind PROGRAM is its own:
  qwen-authctl exec qwen -p "say hi"
  qwen-authctl exec -- qwen --model qwen3-coder)";

constexpr const char* keys_example =
    R"(A command prints the key on one line; it runs when the key is needed, with your environment and
without a shell. `env` and `exec` deliver what it prints; it is in no file.
  qwen-authctl keys set OPENROUTER_API_KEY -- op read op://work/openrouter/key
  qwen-authctl keys set OPENAI_API_KEY -- pass show openai
  qwen-authctl keys set OPENAI_API_KEY --shell -- 'pass show openai | head -1'
  qwen-authctl keys run OPENAI_API_KEY
  qwen-authctl exec qwen)";

std::string not_seconds(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 6 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "" : "expected whole seconds";
}

void add_env(CLI::App& app, Arguments& arguments) {
  EnvironmentOptions& options = arguments.environment;
  CLI::App* env =
      app.add_subcommand("env", "Print the keys that the daemon would add, for a shell");
  env->footer(env_example);
  env->callback([&arguments, env] {
    if (!env->got_subcommand("sync")) arguments.command = Command::env_print;
  });
  env->add_option("--shell", options.shell, "Whose language to print; default: that of $SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish", "sh", "json"}));
  env->add_flag("--all", options.all, "The keys of all commands, not only the selected model's");
  CLI::App* sync = add_command(*env, "sync", "Give keys to what systemd or D-Bus starts", arguments,
                               Command::env_sync);
  sync->footer(sync_example);
  sync->add_option("TARGET", options.target, "systemd or dbus")
      ->required()
      ->check(CLI::IsMember({"systemd", "dbus"}));
  sync->add_option("NAME", options.names, "Variables; default: the selected model's");
  sync->add_flag("--remove", options.remove, "Take them away again");
}

void add_keys(CLI::App& app, Arguments& arguments) {
  KeysOptions& options = arguments.keys;
  CLI::App* keys = app.add_subcommand("keys", "Commands that print a key: list, set, remove, run");
  keys->footer(keys_example);
  keys->callback([&arguments, keys] {
    if (keys->get_subcommands().empty()) arguments.command = Command::keys_list;
  });
  add_command(*keys, "list", "List the commands", arguments, Command::keys_list);
  CLI::App* set =
      add_command(*keys, "set", "Name the command for a variable", arguments, Command::keys_set);
  CLI::App* remove = add_command(*keys, "remove", "Remove the command of a variable", arguments,
                                 Command::keys_remove);
  CLI::App* run = add_command(*keys, "run", "Run it, and say whether it prints a key", arguments,
                              Command::keys_run);
  CLI::App* forget = add_command(*keys, "forget", "Wipe keys from the daemon's memory", arguments,
                                 Command::keys_forget);
  for (CLI::App* command : {set, remove, run, forget}) {
    command->footer(keys_example);
    command->add_option("NAME", options.name, "The variable, such as OPENROUTER_API_KEY")
        ->required(command != forget);
  }
  set->add_flag("--shell", options.shell, "COMMAND is one text for /bin/sh -c");
  set->add_option("--timeout", options.timeout_s, "How long it may take; default 30, at most 120")
      ->check(CLI::Validator(not_seconds, ""))
      ->type_name("SECONDS");
  set->add_option("--lifetime", options.lifetime_s,
                  "How long its key stays in memory; default 900, 0 = it runs each time")
      ->check(CLI::Validator(not_seconds, ""))
      ->type_name("SECONDS");
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

// The next word from `at` that is no option and no option's value.
std::size_t next_plain(const std::vector<std::string>& words, std::size_t at) {
  constexpr std::array<std::string_view, 3> with_value{"--socket", "--timeout", "--lifetime"};
  while (at < words.size() && words[at] != "--" && is_option(words[at]))
    at += std::ranges::find(with_value, words[at]) != with_value.end() ? 2 : 1;
  return std::min(at, words.size());
}

}  // namespace

ProgramWords split_program(const std::vector<std::string>& words) {
  std::size_t at = next_plain(words, 0);
  const bool is_exec = at < words.size() && words[at] == "exec";
  const bool is_keys = at < words.size() && words[at] == "keys";
  if (!is_exec && !is_keys) return {words, {}};
  at = next_plain(words, at + 1);
  if (is_keys) {
    if (at >= words.size() || words[at] != "set") return {words, {}};
    at = next_plain(words, at + 1);  // NAME
    if (at < words.size() && words[at] != "--") at = next_plain(words, at + 1);
  }
  if (at >= words.size()) return {words, {}};
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(at);
  return {{words.begin(), end}, {words[at] == "--" ? end + 1 : end, words.end()}};
}

void add_environment_commands(CLI::App& app, Arguments& arguments) {
  add_env(app, arguments);
  CLI::App* exec = add_command(app, "exec", "Run a program with the keys that it needs", arguments,
                               Command::exec);
  exec->footer(exec_example);
  add_keys(app, arguments);
}

Outcome<void> check_environment(const Arguments& arguments) {
  if (arguments.command == Command::exec && arguments.program.empty())
    return usage("`exec` wants a program.", "qwen-authctl exec qwen");
  if (arguments.command != Command::keys_set) return {};
  if (arguments.program.empty())
    return usage("`keys set` wants a command behind the name.",
                 "qwen-authctl keys set NAME -- COMMAND ARGUMENTS…");
  if (arguments.keys.shell && arguments.program.size() != 1)
    return usage("With --shell the command is one text.", "Put it in quotes.");
  return {};
}

}  // namespace authd::client
