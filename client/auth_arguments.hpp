// The options of the commands about what is set up: status, models, use, logout, explain.
#pragma once

#include <CLI/CLI.hpp>

#include "client/arguments.hpp"

namespace authd::client {

void add_auth_commands(CLI::App& app, Arguments& arguments);

}  // namespace authd::client
