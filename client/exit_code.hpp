// What the shell learns from a run (rpc-contract, Exit codes).
#pragma once

#include "protocol/json.hpp"

namespace authd::client {

enum class ExitCode : int {
  done = 0,  // accepted, or deliberately not checked
  error = 1,
  usage = 2,
  unreachable = 3,  // no daemon answers
  refused = 4,      // rejected, or accepted_but
  conflict = 5,     // the file changed underneath
  inconclusive = 6,
  found_warnings = 7,  // of doctor
  found_errors = 8,
  changed = 10,            // with --detailed-exitcode: something was, or would be, written
  program_unusable = 126,  // of exec, as a shell says it
  program_missing = 127,
  interrupted = 130,
};

// The exit code for a verdict (`auth` of a commit). `deliberate` says whether not_tested is what
// the user asked for; a check that was stopped from outside proves nothing.
ExitCode exit_code_of_verdict(const Json& verdict, bool deliberate);

// The exit code for an error object of the daemon.
ExitCode exit_code_of_error(const Json& error);

// As a shell reports death by a signal; 130 for SIGINT.
ExitCode exit_code_of_signal(int signal);

}  // namespace authd::client
