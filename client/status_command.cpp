#include "client/status_command.hpp"

#include "client/characters.hpp"
#include "client/daemon_call.hpp"
#include "client/members.hpp"
#include "client/standard_input.hpp"

namespace authd::client {
namespace {

// The daemon's own words, unbroken, for scripts that look for them; its signs get their colour.
Line status_line(const std::string& text) {
  for (const auto& [sign, tone] :
       {std::pair{"✓", Tone::good}, std::pair{"⚠", Tone::warning}, std::pair{"✗", Tone::bad}})
    if (text.starts_with(sign)) return line(text, tone);
  return line(text);
}

std::vector<Line> status_lines(const Json& status, std::size_t) {
  std::vector<Line> lines;
  for (const std::string& text : texts_member(status, "lines"))
    lines.push_back(status_line(printable_line(text)));
  return lines;
}

}  // namespace

ExitCode run_status(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  auto connection = reach_daemon(arguments);
  if (!connection) return show(arguments, std::unexpected(connection.error()), status_lines);
  const Json params = {{"context", judged_context(arguments, *connection, signals)}};
  const auto status = call(*connection, "auth.status", params, signals);
  const ExitCode exit_code = show(arguments, status, status_lines);
  if (exit_code != ExitCode::done) return exit_code;
  return flag_member(*status, "complete") ? ExitCode::done : ExitCode::refused;
}

}  // namespace authd::client
