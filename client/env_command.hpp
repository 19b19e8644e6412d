// `qwen-authctl env` and `exec`: keys for a shell, for a program, for what systemd starts.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_env(const Arguments& arguments);
ExitCode run_env_sync(const Arguments& arguments);

// Returns only where the program could not be run: 127 where it is not there, 126 where it cannot
// be run, as a shell says it; or what kept its keys away.
ExitCode run_exec(const Arguments& arguments);

}  // namespace authd::client
