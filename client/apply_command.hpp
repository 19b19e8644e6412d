// `qwen-authctl apply`: the settings as a file says, for those who provision machines.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_apply(const Arguments& arguments);

}  // namespace authd::client
