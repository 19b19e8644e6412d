// `qwen-authctl keys`: the commands that print keys.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_keys_list(const Arguments& arguments);
ExitCode run_keys_set(const Arguments& arguments);
ExitCode run_keys_remove(const Arguments& arguments);
ExitCode run_keys_run(const Arguments& arguments);
ExitCode run_keys_forget(const Arguments& arguments);

}  // namespace authd::client
