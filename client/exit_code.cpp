#include "client/exit_code.hpp"

#include "client/members.hpp"

namespace authd::client {

ExitCode exit_code_of_verdict(const Json& verdict, bool deliberate) {
  const std::string state = text_member(verdict, "state");
  if (state == "accepted") return ExitCode::done;
  if (state == "rejected" || state == "accepted_but") return ExitCode::refused;
  if (state == "not_tested") return deliberate ? ExitCode::done : ExitCode::inconclusive;
  return ExitCode::inconclusive;
}

ExitCode exit_code_of_error(const Json& error) {
  const std::string kind = text_member(member(error, "data"), "kind");
  if (kind == "settings_conflict") return ExitCode::conflict;
  if (kind == "cancelled") return ExitCode::interrupted;
  // What --cli-version says.
  if (text_member(member(error, "data"), "field") == "context.cliVersion") return ExitCode::usage;
  return ExitCode::error;
}

ExitCode exit_code_of_signal(int signal) { return static_cast<ExitCode>(128 + signal); }

}  // namespace authd::client
