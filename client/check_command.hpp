// `qwen-authctl check`: what the provider says to a key, a model and its tools.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_check(const Arguments& arguments);

}  // namespace authd::client
