#include "client/env_command.hpp"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "client/caller_context.hpp"
#include "client/daemon_call.hpp"
#include "client/hardening.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/output.hpp"
#include "client/shell_quoting.hpp"
#include "client/standard_input.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

Outcome<Json> exported(const Arguments& arguments, Json context) {
  SignalInbox signals = command_signals();
  const Json params = {{"context", std::move(context)}, {"all", arguments.environment.all}};
  return call_daemon(arguments, "env.export", params, signals);
}

void warn(const std::string& text) {
  print_lines(STDERR_FILENO,
              wrapped_after({Span{"⚠ ", Tone::warning}}, text, output_columns(STDERR_FILENO)));
}

// The environment of this process with what came from the daemon.
std::vector<std::string> environment_with(const Json& variables) {
  std::vector<std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    // Those are empty here; of two with one name programs take either.
    if (!variables.contains(text.substr(0, text.find('=')))) environment.emplace_back(text);
  }
  for (const auto& [name, value] : variables.items())
    if (value.is_string()) environment.push_back(name + "=" + value.get<std::string>());
  return environment;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ExitCode run_env(const Arguments& arguments) {
  const auto result = exported(arguments, whole_caller_context({}));
  if (!result) return report(result.error(), arguments.json);
  const Json& unavailable = list_member(*result, "unavailable");
  if (arguments.json) {
    print_json(*result);
  } else {
    const std::string& shell = arguments.environment.shell;
    print_text(exports(member(*result, "variables"), shell.empty() ? own_shell() : shell));
    for (const Json& key : unavailable) warn(shown(key, "message"));
    print_warnings(list_member(*result, "warnings"));
  }
  return unavailable.empty() ? ExitCode::done : ExitCode::error;
}

ExitCode run_env_sync(const Arguments& arguments) {
  const EnvironmentOptions& options = arguments.environment;
  SignalInbox signals = command_signals();
  const Json params = {{"target", options.target},
                       {"names", options.names},
                       {"remove", options.remove},
                       {"context", whole_caller_context({})}};
  const auto result = call_daemon(arguments, "env.sync", params, signals);
  return show(arguments, result, [&](const Json& synced, std::size_t columns) {
    const std::string names = joined(texts_member(synced, "names"), ", ");
    std::vector<Line> lines =
        wrapped_after({Span{"✓ ", Tone::good}},
                      printable_line((options.remove ? "Taken away from " : "Given to ") +
                                     options.target + ": " + names),
                      columns);
    append(lines, wrapped_after(line("  "), shown(synced, "warning"), columns, Tone::faint));
    const std::string undo = shown(synced, "undo");
    if (!undo.empty())
      append(lines, wrapped_after(line("  "), "Not what you meant? " + undo, columns, Tone::faint));
    return lines;
  });
}

ExitCode run_exec(const Arguments& arguments) {
  std::vector<std::string> words = arguments.program;
  if (std::ranges::any_of(words, begins_like_key))
    warn(
        "There is a key among the arguments of the program: every process of this machine can "
        "read it.");
  const std::vector<std::string> own(words.begin() + 1, words.end());
  const auto result = exported(arguments, whole_caller_context(own));
  if (!result) return report(result.error(), arguments.json);
  print_warnings(list_member(*result, "warnings"));
  const Json& variables = member(*result, "variables");
  std::vector<std::string> environment =
      environment_with(variables.is_object() ? variables : Json::object());
  soften();
  execvpe(words.front().c_str(), pointers_to(words).data(), pointers_to(environment).data());
  const int error = errno;
  const bool is_missing = error == ENOENT;
  return report(
      fault(is_missing ? ExitCode::program_missing : ExitCode::program_unusable, "program_failed",
            "Cannot run " + words.front() + ": " + strerror(error) + ".")
          .error(),
      arguments.json);
}

}  // namespace authd::client
