#include "client/arguments.hpp"

#include <algorithm>

#include "client/auth_arguments.hpp"
#include "client/doctor_arguments.hpp"
#include "client/environment_arguments.hpp"
#include "client/member_path.hpp"
#include "client/settings_arguments.hpp"
#include "client/setup_arguments.hpp"

namespace authd::client {
namespace {

constexpr const char* about =
    "Sets up API keys and models for Qwen Code, through the daemon qwen-authd.\n"
    "Without a command it opens the authentication menu.";

constexpr const char* examples = R"text(Examples:
  qwen-authctl coding-plan             the wizard of a provider: region, key, review
  qwen-authctl setup custom            of your own endpoint: protocol, URL, key, models, review
  qwen-authctl setup custom --protocol openai --base-url https://openrouter.ai/api/v1 \
      --model qwen/qwen3-coder --key-stdin < key.txt        the same, unattended
  qwen-authctl setup custom --plain    numbered questions, no cursor motion
  qwen-authctl status                  what Qwen Code would start with; exit 4 if it could not
  qwen-authctl check                   whether the provider takes the key; exit 4 if not
  qwen-authctl models                  every configured model, and whether its key is there
  qwen-authctl use qwen3-coder         start with this one
  qwen-authctl doctor                  what is wrong here; --fix mends it, --probe asks the provider
  qwen-authctl why E101                what a diagnosis means
  qwen-authctl explain OPENAI_API_KEY  which of its places a value comes from, and why
  qwen-authctl decode < error.log      what an error text or a log means; Ctrl-D ends a paste
  qwen-authctl apply -f qwen.json      provision: make settings.json say what the file says
  qwen-authctl settings get model.name      one member, wherever it comes from
  qwen-authctl history                 what was written, by whom
  qwen-authctl diff                    what the newest write changed
  qwen-authctl undo                    take it back
  qwen-authctl restore SNAPSHOT --key model.name        put one member back
  qwen-authctl keys set OPENAI_API_KEY -- pass show openai     a command that prints the key
  qwen-authctl exec qwen               run Qwen Code with the keys that it needs
  eval "$(qwen-authctl env)"           give them to this shell
  qwen-authctl rpc daemon.info         one call of the daemon's interface
  qwen-authctl daemon status           whether the daemon runs

Exit codes: 0 done, 1 error, 2 usage, 3 no daemon, 4 not authenticated, 5 the settings changed
meanwhile, 6 the check proved nothing, 7 doctor warns, 8 doctor found errors, 10 apply
--detailed-exitcode changed something, 130 interrupted. `exec` has those of its program, 126 where it cannot be run, 127 where it is not there.)text";

constexpr const char* rpc_examples =
    R"(METHOD is one that `qwen-authctl rpc rpc.discover` lists; PARAMS is JSON, or `-` to read
it from stdin, which is how a key is passed:
  qwen-authctl rpc wizard.flows
  qwen-authctl rpc wizard.start '{"flow": "custom-api-key"}'
  jq -n --rawfile key key.txt '{sessionId: "…", step: "custom-api-key-input", value: $key}' |
      qwen-authctl rpc wizard.submitStep -)";

// What follows a failure of the parser. CLI11 quotes the arguments it stumbles over, and one of
// them may be a key, so only the names of options are repeated.
Fault usage_fault(const CLI::ParseError& error, const std::vector<std::string>& words) {
  std::string message;
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    message = "There is an argument too many, or a command that does not exist.";
    for (const std::string& word : words)
      if (word.starts_with("-") && std::string(error.what()).find(word) != std::string::npos)
        message = "There is no option " + word.substr(0, word.find('=')) + " here.";
    const std::string& first = words.front();
    if (!first.starts_with("-") && first.size() < 20 &&
        std::string(error.what()).find(first) != std::string::npos)
      message = "There is no command `" + first + "`.";
  } else {
    message = error.what();
  }
  if (std::string(error.what()).find("subcommand") != std::string::npos)
    message = std::ranges::find(words, "daemon") != words.end()
                  ? "`daemon` wants one of start, stop and status."
                  : "`settings` wants one of scopes, get, set and remove.";
  return usage(std::move(message), "`qwen-authctl --help` lists what there is.").error();
}

void add_commands(CLI::App& app, Arguments& arguments) {
  using Command = Arguments::Command;
  const auto add = [&](CLI::App& parent, const char* name, const char* what, Command command) {
    return add_command(parent, name, what, arguments, command);
  };
  CLI::App* rpc =
      add(app, "rpc", "Call one method of the daemon and print its result", Command::rpc);
  rpc->footer(rpc_examples);
  rpc->add_option("METHOD", arguments.method, "Such as daemon.info")->required();
  rpc->add_option("PARAMS", arguments.params, "JSON, or - to read it from stdin");
  add(app, "stdio", "Join stdin and stdout to the daemon's socket, for editors", Command::stdio);
  add(app, "socket-path", "Print the path of the daemon's socket", Command::socket_path);
  CLI::App* daemon = app.add_subcommand("daemon", "Start, stop or look at the daemon");
  daemon->require_subcommand(1);
  add(*daemon, "start", "Start it if it does not run", Command::daemon_start);
  add(*daemon, "stop", "Ask it to finish what it does and to end", Command::daemon_stop);
  add(*daemon, "status", "Say whether it runs; exit 3 if not", Command::daemon_status);
}

// An empty value is what a script gives whose variable is not set. It must not read as an option
// that was left out: `undo ""` would take back another write than was meant.
void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const bool takes_value = option->get_items_expected_max() > 0;
    if (takes_value && option->get_name() != "VALUE")
      option->check([](const std::string& text) { return text.empty() ? "it is empty" : ""; });
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; }))
    refuse_empty_values(*command);
}

// What the options ask for must fit together.
Outcome<Arguments> consistent(Arguments arguments) {
  if (auto ok = check_environment(arguments); !ok) return std::unexpected(ok.error());
  std::vector<std::string> paths = arguments.snapshot.members;
  if (!arguments.settings.path.empty()) paths.push_back(arguments.settings.path);
  for (const std::string& path : paths)
    if (auto ok = check_member_path(path); !ok) return std::unexpected(ok.error());
  if (auto ok = check_setup(arguments.setup); !ok) return std::unexpected(ok.error());
  if (arguments.settings.scope.empty())
    arguments.settings.scope =
        arguments.command == Arguments::Command::settings_get ? "merged" : "auto";
  return arguments;
}

}  // namespace

Outcome<Arguments> parse_arguments(const std::vector<std::string>& all_words) {
  const auto [words, program] = split_program(all_words);
  if (auto ok = refuse_key_in_arguments(words); !ok) return std::unexpected(ok.error());
  Arguments arguments;
  arguments.program = program;
  bool no_autostart = false;
  CLI::App app(about, "qwen-authctl");
  app.footer(examples);
  app.set_version_flag("--version", std::string("qwen-authctl " AUTHD_VERSION));
  app.add_flag("--json", arguments.json, "Print one JSON document instead of text");
  app.add_flag("--plain", arguments.plain, "Numbered questions without cursor motion");
  app.add_option("--socket", arguments.socket, "The daemon's socket");
  app.add_flag("--no-autostart", no_autostart, "Do not start the daemon when none answers");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_setup_commands(app, arguments);
  add_auth_commands(app, arguments);
  add_settings_commands(app, arguments);
  add_environment_commands(app, arguments);
  add_doctor_commands(app, arguments);
  add_commands(app, arguments);
  refuse_empty_values(app);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForVersion& version) {
    arguments.command = Arguments::Command::print;
    arguments.printed = std::string(version.what()) + "\n";
    return arguments;
  } catch (const CLI::CallForHelp&) {
    arguments.command = Arguments::Command::print;
    arguments.printed = app.help();
    return arguments;
  } catch (const CLI::ParseError& error) {
    return std::unexpected(usage_fault(error, words));
  }
  arguments.autostart = !no_autostart;
  return consistent(std::move(arguments));
}

}  // namespace authd::client
