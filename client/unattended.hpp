// The wizard without questions, for scripts: with the answers of the command line, and with what
// the steps themselves propose.
#pragma once

#include "client/answers.hpp"
#include "client/arguments.hpp"
#include "client/wizard.hpp"

namespace authd::client {

// The kind of the fault where a step is left that only a person can answer; it names the options
// that are missing.
inline constexpr const char* unanswered = "unanswered";

// Warnings go to stderr, the result to stdout. An answer that is refused is a fault. The session is
// over afterwards, so that another may be started.
Outcome<ExitCode> run_unattended(Wizard& wizard, const SetupOptions& options, Answers answers,
                                 bool json);

}  // namespace authd::client
