#include "client/setup.hpp"

#include <unistd.h>

#include "client/answers.hpp"
#include "client/asking.hpp"
#include "client/caller_context.hpp"
#include "client/daemon_process.hpp"
#include "client/journey.hpp"
#include "client/output.hpp"
#include "client/setup_arguments.hpp"
#include "client/standard_input.hpp"
#include "client/unattended.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

Answers given_answers(const SetupOptions& options) {
  Answers answers;
  answers.give(Question::region, Secret(std::string_view(options.region)));
  answers.give(Question::protocol, Secret(std::string_view(options.protocol)));
  answers.give(Question::base_url, Secret(std::string_view(options.base_url)));
  answers.give(Question::models, Secret(joined(options.models, ",")));
  return answers;
}

std::unexpected<Fault> menu_without_questions() {
  return usage(
      "Without questions this needs a command that says what to set up.",
      "Such as `qwen-authctl coding-plan --region china --key-stdin`; `qwen-authctl setup --help` "
      "shows more.");
}

}  // namespace

ExitCode run_setup(const Arguments& arguments) {
  const SetupOptions& options = arguments.setup;
  const Asking asking = asking_of_wizard(arguments);
  if (asking == Asking::no && is_menu(options.flow))
    return report(menu_without_questions().error(), arguments.json);
  Answers answers = given_answers(options);
  if (options.key_from_stdin) {
    SignalInbox signals = command_signals();
    auto key = secret_from_stdin("API key", signals);
    if (!key) return report(key.error(), arguments.json);
    answers.give(Question::key, std::move(*key));
  }
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), arguments.json);
  auto connection = connect_or_start(*path, arguments.autostart);
  if (!connection) return report(connection.error(), arguments.json);
  // A command that prints the key runs with all that the caller has.
  Wizard wizard(*connection,
                options.key_command.empty() ? caller_context() : whole_caller_context({}));
  // Whoever gives the key wants no questions, unless there is one that nothing answers.
  if (asking == Asking::no || options.brings_key()) {
    const auto done = run_unattended(wizard, options, answers.clone(), arguments.json);
    if (done || asking == Asking::no || done.error().kind() != unanswered)
      return done ? *done : report(done.error(), arguments.json);
  }
  const std::unique_ptr<Frontend> frontend = make_frontend(asking);
  Journey journey(wizard, *frontend, options, std::move(answers));
  return journey.run();
}

}  // namespace authd::client
