#include "client/explain_command.hpp"

#include "client/daemon_call.hpp"
#include "client/explain_view.hpp"
#include "client/members.hpp"
#include "client/standard_input.hpp"

namespace authd::client {
namespace {

// The variable whose value is the key of the selected model.
Outcome<std::string> selected_key(const Arguments& arguments, Connection& connection,
                                  SignalInbox& signals) {
  const Json params = {{"context", judged_context(arguments, connection, signals)}};
  const auto status = call(connection, "auth.status", params, signals);
  if (!status) return std::unexpected(status.error());
  std::string name = text_member(*status, "envKey");
  if (name.empty())
    return usage("The selected model has no variable for its key.",
                 "Name one, such as `qwen-authctl explain OPENAI_API_KEY`.");
  return name;
}

Outcome<Json> explained(const Arguments& arguments, SignalInbox& signals) {
  auto connection = reach_daemon(arguments);
  if (!connection) return std::unexpected(connection.error());
  std::string name = arguments.variable;
  if (name.empty()) {
    auto selected = selected_key(arguments, *connection, signals);
    if (!selected) return std::unexpected(selected.error());
    name = std::move(*selected);
  }
  const Json context = judged_context(arguments, *connection, signals, {name});
  return call(*connection, "env.explain", {{"name", name}, {"context", context}}, signals);
}

}  // namespace

ExitCode run_explain(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  return show(arguments, explained(arguments, signals), explain_lines);
}

}  // namespace authd::client
