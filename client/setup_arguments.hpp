// The options of the commands that walk through a wizard: setup, and a shorter name for some of
// its flows.
#pragma once

#include <CLI/CLI.hpp>

#include "client/arguments.hpp"

namespace authd::client {

void add_setup_commands(CLI::App& app, Arguments& arguments);

// Whether the options fit together, whatever the flow. Usage.
Outcome<void> check_setup(const SetupOptions& setup);

// Menus lead to other flows: no option can answer what those ask.
bool is_menu(const std::string& flow);

}  // namespace authd::client
