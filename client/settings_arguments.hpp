// The options of the commands around settings.json: history, diff, undo, restore, apply, settings.
#pragma once

#include <CLI/CLI.hpp>

#include "client/arguments.hpp"

namespace authd::client {

// A command that, once parsed, is the one to run.
CLI::App* add_command(CLI::App& parent, const char* name, const char* about, Arguments& arguments,
                      Arguments::Command command);

void add_settings_commands(CLI::App& app, Arguments& arguments);

}  // namespace authd::client
