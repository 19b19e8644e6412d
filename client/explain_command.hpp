// `qwen-authctl explain`: the places that a variable's value could come from.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_explain(const Arguments& arguments);

}  // namespace authd::client
