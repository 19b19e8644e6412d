// `qwen-authctl setup` and the shorter names of its flows: which frontend, which answers are given
// already.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_setup(const Arguments& arguments);

}  // namespace authd::client
