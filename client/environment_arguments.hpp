// The options of the commands that deliver keys: env, exec, keys.
#pragma once

#include <CLI/CLI.hpp>

#include "client/arguments.hpp"

namespace authd::client {

void add_environment_commands(CLI::App& app, Arguments& arguments);

// What is wrong with them once they are parsed; nothing where they fit together.
Outcome<void> check_environment(const Arguments& arguments);

}  // namespace authd::client
