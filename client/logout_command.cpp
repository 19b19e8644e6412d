#include "client/logout_command.hpp"

#include "client/asking.hpp"
#include "client/characters.hpp"
#include "client/daemon_call.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/output.hpp"
#include "client/standard_input.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

std::vector<std::string> removed_parts(const Json& removed) {
  std::vector<std::string> parts = texts_member(removed, "keys");
  if (const std::size_t models = count_member(removed, "models"); models > 0)
    parts.push_back(counted(models, "model"));
  if (flag_member(removed, "selection")) parts.push_back("the selection");
  if (flag_member(removed, "tokens")) parts.push_back("the cached tokens");
  return parts;
}

// A value that this program cannot reach, and what would take it away.
std::vector<Line> remain_lines(const Json& remain, std::size_t columns) {
  const std::string name = shown(remain, "name"), where = shown(remain, "where");
  std::vector<Line> lines = wrapped_after(line("⚠ ", Tone::warning),
                                          name + " remains" + (where.empty() ? "" : ": " + where),
                                          columns, Tone::warning);
  if (const std::string command = shown(remain, "command"); !command.empty())
    lines.push_back(line("  " + command));
  return lines;
}

std::vector<Line> logout_lines(const Json& result, std::size_t columns) {
  const std::vector<std::string> parts = removed_parts(member(result, "removed"));
  if (parts.empty() && list_member(result, "remains").empty())
    return {line("Nothing of it is set up: nothing to do.")};
  std::vector<Line> lines;
  if (parts.empty())
    lines.push_back(line("Nothing of it is in the settings."));
  else
    append(lines, wrapped_after(line("✓ ", Tone::good),
                                "Removed " + printable_line(joined(parts, ", ")) + ".", columns));
  for (const Json& saved : list_member(result, "saved"))
    if (flag_member(saved, "changed"))
      append(lines, wrapped_after(line("  Saved to: ", Tone::faint), shown(saved, "path"), columns,
                                  Tone::faint));
  for (const Json& remain : list_member(result, "remains"))
    append(lines, remain_lines(remain, columns));
  return lines;
}

Outcome<bool> wanted(const Arguments& arguments, SignalInbox& signals) {
  if (arguments.logout.yes) return true;
  const std::string& provider = arguments.logout.provider;
  const std::string whose = provider.empty() ? "the selected provider" : printable_line(provider);
  if (!on_terminal(arguments))
    return usage("The key and the models of " + whose +
                     " are to be removed, and without a terminal nobody can be asked.",
                 "--yes removes them without a question.");
  return confirmed("Remove the key and the models of " + whose + " from the settings?", signals);
}

Outcome<Json> logged_out(const Arguments& arguments, SignalInbox& signals) {
  auto connection = reach_daemon(arguments);
  if (!connection) return std::unexpected(connection.error());
  Json params = {{"context", informed_context(*connection, signals)}};
  if (!arguments.logout.provider.empty()) params["provider"] = arguments.logout.provider;
  if (arguments.logout.purge) params["purge"] = true;
  return call(*connection, "auth.logout", std::move(params), signals);
}

}  // namespace

ExitCode run_logout(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  const auto sure = wanted(arguments, signals);
  if (!sure) return report(sure.error(), arguments.json);
  if (!*sure) {
    print_lines(STDOUT_FILENO, {line("Nothing was removed.")});
    return ExitCode::error;
  }
  const auto result = logged_out(arguments, signals);
  print_notices(result, arguments.json);
  return show(arguments, result, logout_lines);
}

}  // namespace authd::client
