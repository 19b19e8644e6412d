// `qwen-authctl status`: what Qwen Code would start with.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

// Done where it would start with a key, else refused.
ExitCode run_status(const Arguments& arguments);

}  // namespace authd::client
