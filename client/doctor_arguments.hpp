// The commands doctor and why on the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "client/arguments.hpp"

namespace authd::client {

void add_doctor_commands(CLI::App& app, Arguments& arguments);

}  // namespace authd::client
