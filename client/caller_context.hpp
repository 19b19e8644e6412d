// The `context` of a request: where the user stands, which the daemon cannot see.
#pragma once

#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace authd::client {

// {cwd, env, home, args} of this process; env has the variables that matter (protocol/
// caller_variables), and those named in `more`: the rest is none of the daemon's business. Without
// a readable working directory there is no cwd. It may hold keys: for the daemon only, never for a
// log or the screen.
Json caller_context(const std::vector<std::string>& more = {});

// The same with the whole environment, for methods that run a command for the caller, and with the
// arguments that the program to be run gets. What is not UTF-8 cannot be sent.
Json whole_caller_context(const std::vector<std::string>& args);

}  // namespace authd::client
