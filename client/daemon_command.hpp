// `qwen-authctl daemon start|stop|status` and `socket-path`.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_daemon_start(const Arguments& arguments);
ExitCode run_daemon_stop(const Arguments& arguments);
ExitCode run_daemon_status(const Arguments& arguments);
ExitCode run_socket_path(const Arguments& arguments);

}  // namespace authd::client
