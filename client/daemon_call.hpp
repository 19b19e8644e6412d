// One request to the daemon and what becomes of its answer, as most commands do it.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "client/arguments.hpp"
#include "client/line.hpp"
#include "client/signal_inbox.hpp"

namespace authd::client {

// Connects, starting a daemon where the arguments allow it, and calls. Ctrl-C asks the daemon to
// cancel; a second one, or another signal, leaves at once.
Outcome<Json> call_daemon(const Arguments& arguments, std::string_view method, Json params,
                          SignalInbox& signals);

// A result as lines of at most `columns`.
using ResultView = std::function<std::vector<Line>(const Json& result, std::size_t columns)>;

// The result itself with --json, else what `view` makes of it; a fault is reported.
ExitCode show(const Arguments& arguments, const Outcome<Json>& result, const ResultView& view);

}  // namespace authd::client
