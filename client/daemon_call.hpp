// One request to the daemon and what becomes of its answer, as most commands do it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "client/arguments.hpp"
#include "client/connection.hpp"
#include "client/line.hpp"
#include "client/signal_inbox.hpp"

namespace authd::client {

// A connection for several requests; starts a daemon where the arguments allow it.
Outcome<Connection> reach_daemon(const Arguments& arguments);

// Ctrl-C asks the daemon to cancel; a second one, or another signal, leaves at once.
Outcome<Json> call(Connection& connection, std::string_view method, Json params,
                   SignalInbox& signals);

// The caller's context with every variable that the daemon names (env.names), such as the keys of
// models, which may be called anything; and with `more`. A daemon without the method gets what
// caller_context() knows by itself.
Json informed_context(Connection& connection, SignalInbox& signals,
                      std::vector<std::string> more = {});

// That context with the version of Qwen Code that the arguments name, where they name one.
Json judged_context(const Arguments& arguments, Connection& connection, SignalInbox& signals,
                    std::vector<std::string> more = {});

// One request on a connection of its own.
Outcome<Json> call_daemon(const Arguments& arguments, std::string_view method, Json params,
                          SignalInbox& signals);

// A result as lines of at most `columns`.
using ResultView = std::function<std::vector<Line>(const Json& result, std::size_t columns)>;

// The result itself with --json, else what `view` makes of it; a fault is reported.
ExitCode show(const Arguments& arguments, const Outcome<Json>& result, const ResultView& view);

}  // namespace authd::client
