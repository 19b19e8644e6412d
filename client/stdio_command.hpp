// `qwen-authctl stdio`: for editors that can only spawn a process.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_stdio(const Arguments& arguments);

// Carries bytes between the descriptors and the socket until the daemon's side has ended. The end
// of `input` half-closes the socket, so that pending answers still come. Never reads more than it
// can hand on, so a slow reader slows the writer down.
void pump(int input, int output, int socket);

}  // namespace authd::client
