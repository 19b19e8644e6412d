// `qwen-authctl why`: the catalogue of diagnoses, without a daemon.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_why(const Arguments& arguments);

}  // namespace authd::client
