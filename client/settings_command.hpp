// `qwen-authctl settings`: single members of the settings files.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_settings_scopes(const Arguments& arguments);
ExitCode run_settings_get(const Arguments& arguments);
ExitCode run_settings_set(const Arguments& arguments);
ExitCode run_settings_remove(const Arguments& arguments);

}  // namespace authd::client
