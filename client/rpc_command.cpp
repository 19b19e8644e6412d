#include "client/rpc_command.hpp"

#include <signal.h>
#include <unistd.h>

#include "client/daemon_process.hpp"
#include "client/line_input.hpp"
#include "client/output.hpp"

namespace authd::client {
namespace {

Outcome<Json> parsed(std::string_view text) {
  auto json = parse_json(text);
  if (!json)
    return usage(json.error() == JsonFault::too_deep ? "The params are deeper than 64 levels."
                                                     : "The params are not valid JSON.");
  if (!json->is_structured() && !json->is_null())
    return usage("The params must be a JSON object or array.");
  return std::move(*json);
}

Outcome<Json> params_of(const Arguments& arguments, SignalInbox& signals) {
  if (arguments.params.empty()) return Json();
  if (arguments.params != "-") {
    auto json = parsed(arguments.params);
    if (!json) return json;
    if (auto ok = refuse_key_in_params(arguments.method, *json); !ok)
      return std::unexpected(ok.error());
    return json;
  }
  auto all = LineInput(STDIN_FILENO, signals).rest();
  if (!all.line) return fault(exit_code_of_signal(all.signal), "interrupted", "Interrupted.");
  if (all.line->reveal().find_first_not_of(" \t\r\n") == std::string_view::npos) return Json();
  return parsed(all.line->reveal());
}

Outcome<Json> called(const Arguments& arguments) {
  SignalInbox signals({SIGINT, SIGTERM, SIGHUP});
  auto params = params_of(arguments, signals);
  if (!params) return params;
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
  return connection->call(arguments.method, std::move(*params), attention);
}

}  // namespace

ExitCode run_rpc(const Arguments& arguments) {
  const auto result = called(arguments);
  if (result) {
    print_json(*result);
    return ExitCode::done;
  }
  // What the daemon answered is JSON for a program either way; our own refusals are for a person.
  const bool from_daemon = result.error().error.contains("code");
  return report(result.error(), arguments.json || from_daemon);
}

}  // namespace authd::client
