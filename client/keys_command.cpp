#include "client/keys_command.hpp"

#include "client/caller_context.hpp"
#include "client/daemon_call.hpp"
#include "client/members.hpp"
#include "client/standard_input.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

std::vector<Line> done_line(const std::string& text, std::size_t columns) {
  return wrapped_after({Span{"✓ ", Tone::good}}, printable_line(text), columns);
}

std::string command_text(const Json& key) {
  const std::vector<std::string> words = texts_member(key, "command");
  if (flag_member(key, "shell")) return words.empty() ? "" : words.front();
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + shell_word(word);
  return text;
}

// "kept 15 min" and the like are said only where they are not the usual.
std::string state_text(const Json& key) {
  const std::string state = text_member(key, "state");
  if (state == "fresh") return "its key is in memory";
  if (state == "failed") return text_member(key, "reason");
  if (state == "running") return "runs now";
  return "has not run yet";
}

std::vector<Line> list_lines(const Json& result, std::size_t columns) {
  std::vector<Line> lines;
  for (const Json& key : list_member(result, "keys")) {
    lines.push_back(line(shown(key, "name"), Tone::strong));
    append(lines, wrapped_after(line("  "),
                                printable_line(command_text(key)) +
                                    (flag_member(key, "shell") ? "  (by /bin/sh)" : ""),
                                columns));
    const bool failed = text_member(key, "state") == "failed";
    append(lines, wrapped_after(line(failed ? "  ⚠ " : "  "), printable_line(state_text(key)),
                                columns, failed ? Tone::warning : Tone::faint));
  }
  if (lines.empty())
    return {line("No command prints a key yet."),
            line("  qwen-authctl keys set NAME -- COMMAND ARGUMENTS…", Tone::faint)};
  return lines;
}

Outcome<Json> call(const Arguments& arguments, const char* method, Json params) {
  SignalInbox signals = command_signals();
  return call_daemon(arguments, method, std::move(params), signals);
}

}  // namespace

ExitCode run_keys_list(const Arguments& arguments) {
  return show(arguments, call(arguments, "keys.list", Json::object()), list_lines);
}

ExitCode run_keys_set(const Arguments& arguments) {
  const KeysOptions& options = arguments.keys;
  Json params = {{"name", options.name}, {"command", arguments.program}, {"shell", options.shell}};
  if (options.timeout_s) params["timeoutMs"] = std::size_t{*options.timeout_s} * 1000;
  if (options.lifetime_s) params["lifetimeMs"] = std::size_t{*options.lifetime_s} * 1000;
  return show(arguments, call(arguments, "keys.set", std::move(params)),
              [&](const Json& result, std::size_t columns) {
                if (!flag_member(result, "changed"))
                  return std::vector<Line>{line("It is set so already: nothing to do.")};
                std::vector<Line> lines = done_line(
                    "The command for " + options.name + " is in " + shown(result, "path"), columns);
                append(lines,
                       wrapped_after(line("  "), "Try it: qwen-authctl keys run " + options.name,
                                     columns, Tone::faint));
                return lines;
              });
}

ExitCode run_keys_remove(const Arguments& arguments) {
  const std::string& name = arguments.keys.name;
  return show(arguments, call(arguments, "keys.remove", {{"name", name}}),
              [&](const Json& result, std::size_t columns) {
                if (!flag_member(result, "changed"))
                  return std::vector<Line>{line("There is no command for it: nothing to do.")};
                return done_line("Removed the command for " + name + ".", columns);
              });
}

ExitCode run_keys_run(const Arguments& arguments) {
  const Json params = {{"name", arguments.keys.name}, {"context", whole_caller_context({})}};
  return show(
      arguments, call(arguments, "keys.run", params), [](const Json& result, std::size_t columns) {
        const std::size_t length = count_member(result, "length");
        return done_line(text_member(result, "name") + ": " + text_member(result, "masked") + ", " +
                             counted(length, "character") + ", fingerprint " +
                             text_member(result, "fingerprint") + ", after " +
                             std::to_string(count_member(result, "tookMs")) + " ms",
                         columns);
      });
}

ExitCode run_keys_forget(const Arguments& arguments) {
  const std::string& name = arguments.keys.name;
  const Json params = name.empty() ? Json::object() : Json{{"name", name}};
  return show(arguments, call(arguments, "keys.forget", params),
              [](const Json& result, std::size_t columns) {
                return done_line(
                    counted(count_member(result, "forgotten"), "key") + " wiped from memory.",
                    columns);
              });
}

}  // namespace authd::client
