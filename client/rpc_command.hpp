// `qwen-authctl rpc`: one call, its result as JSON.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_rpc(const Arguments& arguments);

}  // namespace authd::client
