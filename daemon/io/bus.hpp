// The environment of programs that the user's systemd or message bus starts, set over D-Bus: no
// value is ever among the arguments of a program.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "daemon/core/environment.hpp"
#include "daemon/io/stop_signal.hpp"
#include "protocol/secret.hpp"

namespace authd::io {

struct BusOrder {
  enum class Target { systemd, dbus };
  Target target = Target::systemd;
  std::string address;                  // of the user's bus
  std::map<std::string, Secret> set;    // these are set, or
  std::vector<std::string> unset = {};  // these taken away; by D-Bus they can only be emptied
};

// $DBUS_SESSION_BUS_ADDRESS, else the socket `bus` in $XDG_RUNTIME_DIR or /run/user/<uid>.
std::string user_bus_address(const core::Environment& environment);

// Blocks for at most `timeout`; for a thread of its own. sync_failed says why.
Result<void> update_activation(const BusOrder& order, std::chrono::milliseconds timeout,
                               const StopSignal& stop);

}  // namespace authd::io
