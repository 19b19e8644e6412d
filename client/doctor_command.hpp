// `qwen-authctl doctor`: what is wrong here, and what mends it.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_doctor(const Arguments& arguments);

}  // namespace authd::client
