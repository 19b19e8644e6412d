#include "client/daemon_call.hpp"

#include <signal.h>
#include <unistd.h>

#include "client/daemon_process.hpp"
#include "client/output.hpp"

namespace authd::client {

Outcome<Json> call_daemon(const Arguments& arguments, std::string_view method, Json params,
                          SignalInbox& signals) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return std::unexpected(path.error());
  auto connection = connect_or_start(*path, arguments.autostart);
  if (!connection) return std::unexpected(connection.error());
  Attention attention{.descriptors = {signals.descriptor()}};
  attention.on_ready = [&signals, asked = false]() mutable {
    const bool first = signals.take() == SIGINT && !asked;
    asked = true;
    return first ? Attention::Wish::cancel : Attention::Wish::abandon;
  };
  return connection->call(method, std::move(params), attention);
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
