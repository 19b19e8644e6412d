// Runs a program to its end and takes what it prints: no shell, nothing inherited, in a session of
// its own that ends with it where it has to be stopped.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "daemon/core/environment.hpp"
#include "daemon/io/stop_signal.hpp"
#include "protocol/secret.hpp"

namespace authd::io {

struct CommandOrder {
  std::vector<std::string> arguments;   // with the program's name
  std::vector<std::string> candidates;  // paths to look for the program at, the first one wins
  core::Variables environment;          // all of it
  std::string directory;                // "/" where there is no such directory
  std::chrono::milliseconds timeout{};
};

struct CommandResult {
  enum class End {
    exited,           // `code` is its exit code
    signalled,        // `code` is the signal
    timed_out,        // killed after the time-out
    stopped,          // killed because nobody waits any more
    too_much_output,  // killed after limits::key_output_bytes_max
    not_started,      // `code` is the errno
  };
  End end = End::not_started;
  int code = 0;
  Secret output;          // standard output
  std::string complaint;  // of standard error what fits in limits::key_complaint_bytes_max
  std::chrono::milliseconds took{};
};

// Blocks; for a thread of its own. Standard input is /dev/null. Who is killed gets SIGTERM, with
// all that it started and that did not leave its session, and SIGKILL after a grace.
CommandResult run_command(const CommandOrder& order, const StopSignal& stop);

}  // namespace authd::io
