#include "client/rpc_command.hpp"

#include <unistd.h>

#include "client/daemon_call.hpp"
#include "client/output.hpp"
#include "client/standard_input.hpp"
#include "protocol/limits.hpp"

namespace authd::client {
namespace {

Outcome<Json> parsed(std::string_view text) {
  auto json = parse_json(text, {.depth_max = limits::depth_max - 1});  // the request is one, too
  if (!json)
    return usage(json.error() == JsonFault::too_deep ? "The params are deeper than 63 levels."
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
  const auto all = read_all(STDIN_FILENO, signals);
  if (!all) return std::unexpected(all.error());
  if (all->reveal().find_first_not_of(" \t\r\n") == std::string_view::npos) return Json();
  return parsed(all->reveal());
}

Outcome<Json> called(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  auto params = params_of(arguments, signals);
  if (!params) return params;
  return call_daemon(arguments, arguments.method, std::move(*params), signals);
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
