#include "client/daemon_call.hpp"

#include <signal.h>
#include <unistd.h>

#include "client/caller_context.hpp"
#include "client/daemon_process.hpp"
#include "client/members.hpp"
#include "client/output.hpp"

namespace authd::client {

Outcome<Connection> reach_daemon(const Arguments& arguments) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return std::unexpected(path.error());
  return connect_or_start(*path, arguments.autostart);
}

Outcome<Json> call(Connection& connection, std::string_view method, Json params,
                   SignalInbox& signals) {
  Attention attention{.descriptors = {signals.descriptor()}};
  attention.on_ready = [&signals, asked = false]() mutable {
    const bool first = signals.take() == SIGINT && !asked;
    asked = true;
    return first ? Attention::Wish::cancel : Attention::Wish::abandon;
  };
  return connection.call(method, std::move(params), attention);
}

Json informed_context(Connection& connection, SignalInbox& signals, std::vector<std::string> more) {
  const auto names = call(connection, "env.names", {{"context", caller_context()}}, signals);
  if (names)
    for (std::string& name : texts_member(*names, "names")) more.push_back(std::move(name));
  return caller_context(more);
}

Json judged_context(const Arguments& arguments, Connection& connection, SignalInbox& signals,
                    std::vector<std::string> more) {
  Json context = informed_context(connection, signals, std::move(more));
  if (!arguments.cli_version.empty()) context["cliVersion"] = arguments.cli_version;
  return context;
}

Outcome<Json> call_daemon(const Arguments& arguments, std::string_view method, Json params,
                          SignalInbox& signals) {
  auto connection = reach_daemon(arguments);
  if (!connection) return std::unexpected(connection.error());
  return call(*connection, method, std::move(params), signals);
}

ExitCode show(const Arguments& arguments, const Outcome<Json>& result, const ResultView& view) {
  if (!result) return report(result.error(), arguments.json);
  if (arguments.json)
    print_json(*result);
  else
    print_lines(STDOUT_FILENO, view(*result, output_columns(STDOUT_FILENO)));
  return ExitCode::done;
}

}  // namespace authd::client
