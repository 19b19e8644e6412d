// Starting the daemon where none answers, and reaching the one that does.
#pragma once

#include <string>

#include "client/connection.hpp"

namespace authd::client {

// The socket of --socket, else the contract's rule.
Outcome<std::string> chosen_socket_path(const std::string& option);

// ${XDG_STATE_HOME:-~/.local/state}/qwen-authd/daemon.log
std::string daemon_log_path();

// $QWEN_AUTHD, else qwen-authd beside our own executable, else the first in $PATH.
Outcome<std::string> daemon_executable();

// Connects; where nothing listens and `autostart` is given, starts a daemon and waits for it. Two
// clients that start one at the same time are no trouble: the daemon takes a lock, the second one
// leaves, and both clients reach the first.
Outcome<Connection> connect_or_start(const std::string& socket_path, bool autostart);

}  // namespace authd::client
