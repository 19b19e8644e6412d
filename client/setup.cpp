#include "client/setup.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "client/caller_context.hpp"
#include "client/daemon_process.hpp"
#include "client/interactive.hpp"
#include "client/journey.hpp"
#include "client/output.hpp"
#include "client/plain.hpp"
#include "client/standard_input.hpp"
#include "client/unattended.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

enum class Mode { unattended, interactive, plain };

bool terminal_is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::string_view(term).empty() || std::string_view(term) == "dumb";
}

// Keys come from stdin, or from the terminal itself where stdin brings the API key.
bool has_keyboard(const SetupOptions& options) {
  if (isatty(STDIN_FILENO) == 1) return true;
  if (!options.key_from_stdin) return false;
  const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (tty >= 0) close(tty);
  return tty >= 0;
}

// Answers may come line by line from a pipe; known to bring none are /dev/null and one that ended.
bool has_nothing_to_read(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  int bytes = 0;
  return poll(&ready, 1, 0) == 1 && (ioctl(descriptor, FIONREAD, &bytes) != 0 || bytes == 0);
}

Outcome<Mode> chosen_mode(const Arguments& arguments) {
  const std::vector<std::string> missing = missing_options(arguments.setup);
  if (missing.empty()) return Mode::unattended;
  const bool can_draw = has_keyboard(arguments.setup) && isatty(STDOUT_FILENO) == 1;
  const bool half_answered = arguments.setup.has_answers() && !can_draw && !arguments.plain;
  const bool unanswered = isatty(STDIN_FILENO) == 0 && has_nothing_to_read(STDIN_FILENO);
  if (arguments.json || half_answered || (unanswered && !can_draw) ||
      (arguments.plain && arguments.setup.key_from_stdin))
    return usage("Without questions this needs " + joined(missing, ", ") + ".",
                 "The key is read from standard input with --key-stdin; "
                 "`qwen-authctl setup --help` shows an example.");
  if (can_draw && !arguments.plain && !terminal_is_dumb()) return Mode::interactive;
  return Mode::plain;
}

// Which step each option answers. The steps are the PRD's view levels, part of the contract.
std::map<std::string, Secret> given_answers(const SetupOptions& options) {
  std::map<std::string, Secret> answers;
  const auto give = [&](const char* step, const std::string& value) {
    if (!value.empty()) answers.insert_or_assign(step, Secret(value));
  };
  give("custom-protocol-select", options.protocol);
  give("custom-base-url-input", options.base_url);
  give("custom-model-id-input", joined(options.models, ","));
  return answers;
}

std::unique_ptr<Frontend> make_frontend(Mode mode) {
  if (mode == Mode::interactive) {
    const bool from_stdin = isatty(STDIN_FILENO) == 1;
    const int input = from_stdin ? STDIN_FILENO : open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (auto terminal = Terminal::open(input, STDOUT_FILENO, !from_stdin))
      return std::make_unique<Interactive>(std::move(terminal), wants_colours(STDOUT_FILENO));
  }
  return std::make_unique<Plain>(STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace

std::vector<std::string> missing_options(const SetupOptions& options) {
  std::vector<std::string> missing;
  if (options.flow != "custom-api-key") missing.push_back("`setup custom`");
  if (options.protocol.empty()) missing.push_back("--protocol");
  if (options.base_url.empty()) missing.push_back("--base-url");
  if (options.models.empty()) missing.push_back("--model");
  if (!options.key_from_stdin) missing.push_back("--key-stdin");
  return missing;
}

ExitCode run_setup(const Arguments& arguments) {
  const SetupOptions& options = arguments.setup;
  const auto mode = chosen_mode(arguments);
  if (!mode) return report(mode.error(), arguments.json);
  std::map<std::string, Secret> answers = given_answers(options);
  // An interactive run asks for the key itself, unless stdin brings it.
  if (options.key_from_stdin && (*mode == Mode::unattended || isatty(STDIN_FILENO) == 0)) {
    SignalInbox signals = command_signals();
    auto key = secret_from_stdin("API key", signals);
    if (!key) return report(key.error(), arguments.json);
    answers.insert_or_assign("custom-api-key-input", std::move(*key));
  }
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), arguments.json);
  auto connection = connect_or_start(*path, arguments.autostart);
  if (!connection) return report(connection.error(), arguments.json);
  Wizard wizard(*connection, caller_context());
  if (*mode == Mode::unattended)
    return run_unattended(wizard, options, std::move(answers), arguments.json);
  const std::unique_ptr<Frontend> frontend = make_frontend(*mode);
  Journey journey(wizard, *frontend,
                  {options.flow, options.scope, options.check, options.repair, options.dry_run,
                   std::move(answers)});
  return journey.run();
}

}  // namespace authd::client
