// `qwen-authctl history`, `diff`, `undo` and `restore`: what was written, and taking it back.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_history(const Arguments& arguments);
ExitCode run_diff(const Arguments& arguments);
ExitCode run_undo(const Arguments& arguments);
ExitCode run_restore(const Arguments& arguments);

}  // namespace authd::client
