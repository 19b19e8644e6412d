// `qwen-authctl logout`: a provider's key, models and selection are removed.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_logout(const Arguments& arguments);

}  // namespace authd::client
