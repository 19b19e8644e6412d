// The wizard with every answer given on the command line, for scripts.
#pragma once

#include <map>
#include <string>

#include "client/arguments.hpp"
#include "client/wizard.hpp"

namespace authd::client {

// Warnings go to stderr, the result to stdout. An answer that is refused is an error.
ExitCode run_unattended(Wizard& wizard, const SetupOptions& options,
                        std::map<std::string, Secret> answers, bool json);

}  // namespace authd::client
