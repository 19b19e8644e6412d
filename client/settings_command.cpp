#include "client/settings_command.hpp"

#include <unistd.h>

#include "client/asking.hpp"
#include "client/caller_context.hpp"
#include "client/characters.hpp"
#include "client/daemon_call.hpp"
#include "client/history_view.hpp"
#include "client/member_path.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/output.hpp"
#include "client/settings_view.hpp"
#include "client/standard_input.hpp"
#include "client/words.hpp"
#include "protocol/limits.hpp"

namespace authd::client {
namespace {

Json params_of(const SettingsOptions& options) {
  return {{"path", options.path}, {"scope", options.scope}, {"context", caller_context()}};
}

// The request itself and its params stand around a value.
constexpr std::size_t value_depth_max = limits::depth_max - 2;

// JSON where it is JSON. A variable's value is always text, whatever it looks like.
Outcome<Json> value_from(std::string_view text, const std::string& path) {
  if (!is_utf8(text)) return usage("The value is not UTF-8.");
  auto json = parse_json(text, {.depth_max = value_depth_max});
  const bool is_variable = !env_name(path).empty();
  if (json && (!is_variable || json->is_string())) return std::move(*json);
  if (!json && json.error() == JsonFault::too_deep && !is_variable)
    return usage("The value is nested deeper than 62 levels, the most that can be sent at once.",
                 "Set a member inside it with a longer PATH.");
  return text;
}

Outcome<Json> value_of(const SettingsOptions& options, SignalInbox& signals) {
  Outcome<Json> value;
  if (options.value == "-") {
    const auto text = secret_from_stdin("Value", signals);
    if (!text) return std::unexpected(text.error());
    value = value_from(text->reveal(), options.path);
  } else {
    value = value_from(options.value, options.path);
    if (!value) return value;
    if (auto ok = refuse_key_in_value(options.path, *value); !ok)
      return std::unexpected(ok.error());
  }
  if (value && value->is_null())
    return usage("null is no value.", "`qwen-authctl settings remove PATH` takes a member away.");
  return value;
}

Outcome<Json> set(const Arguments& arguments) {
  const SettingsOptions& options = arguments.settings;
  SignalInbox signals = command_signals();
  auto value = value_of(options, signals);
  if (!value) return value;
  Json params = params_of(options);
  params["repair"] = options.repair;
  params["value"] = std::move(*value);
  return call_daemon(arguments, "settings.set", std::move(params), signals);
}

// A key that was removed from the file is still in its copies.
ExitCode offer_purge(const Arguments& arguments, const std::string& name, std::size_t snapshots,
                     SignalInbox& signals) {
  const std::string kept =
      counted(snapshots, "snapshot") + " still " + (snapshots == 1 ? "holds" : "hold") + " it.";
  if (!on_terminal(arguments)) {
    const std::string command = "qwen-authctl history --purge " + shell_word(name);
    print_lines(STDOUT_FILENO, {line(kept + " This removes it from there, too:"),
                                line("  " + printable_line(command))});
    return ExitCode::done;
  }
  const auto wanted = confirmed(kept + " Remove it from there, too?", signals);
  if (!wanted) return wanted.error().exit_code;
  if (!*wanted) return ExitCode::done;
  const auto purged = call_daemon(arguments, "settings.history",
                                  {{"purge", name}, {"context", caller_context()}}, signals);
  return show(arguments, purged, [&](const Json& result, std::size_t) -> std::vector<Line> {
    return {purged_line(name, count_member(result, "purged"))};
  });
}

std::vector<Line> remove_lines(const Json& result, const std::string& name, std::size_t columns) {
  std::vector<Line> lines = change_lines(result, result, columns);
  if (!flag_member(result, "changed")) lines = {line("There is no such member: nothing to do.")};
  if (!member(result, "purged").is_null())
    lines.push_back(purged_line(name, count_member(result, "purged")));
  return lines;
}

}  // namespace

ExitCode run_settings_scopes(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  const Json params = {{"context", caller_context()}};
  return show(arguments, call_daemon(arguments, "settings.scopes", params, signals), scopes_lines);
}

ExitCode run_settings_get(const Arguments& arguments) {
  const SettingsOptions& options = arguments.settings;
  SignalInbox signals = command_signals();
  Json params = params_of(options);
  if (options.path.empty()) params.erase("path");
  const auto result = call_daemon(arguments, "settings.get", std::move(params), signals);
  if (result) print_warnings(list_member(*result, "warnings"));
  const bool absent = result && member(*result, "value").is_null();
  if (absent && !arguments.json)
    return report(fault(ExitCode::error, "no_member", "There is no such member.").error(), false);
  const ExitCode exit_code = show(arguments, result, [](const Json& got, std::size_t columns) {
    std::vector<Line> lines{value_line(member(got, "value"))};
    // In a pipe the value stands alone.
    if (isatty(STDOUT_FILENO) == 1) append(lines, origin_lines(got, columns));
    return lines;
  });
  return absent ? ExitCode::error : exit_code;
}

ExitCode run_settings_set(const Arguments& arguments) {
  const auto result = set(arguments);
  print_notices(result, arguments.json);
  return show(arguments, result, [](const Json& saved, std::size_t columns) {
    return change_lines(saved, saved, columns);
  });
}

ExitCode run_settings_remove(const Arguments& arguments) {
  const SettingsOptions& options = arguments.settings;
  const std::string name = env_name(options.path);
  SignalInbox signals = command_signals();
  Json params = params_of(options);
  params["purge"] = options.purge;
  params["repair"] = options.repair;
  const auto result = call_daemon(arguments, "settings.remove", std::move(params), signals);
  print_notices(result, arguments.json);
  const ExitCode exit_code = show(arguments, result, [&](const Json& saved, std::size_t columns) {
    return remove_lines(saved, name, columns);
  });
  const std::size_t kept = result ? count_member(*result, "snapshotsWithKey") : 0;
  if (kept == 0 || name.empty() || arguments.json) return exit_code;
  return offer_purge(arguments, name, kept, signals);
}

}  // namespace authd::client
