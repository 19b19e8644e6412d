// `qwen-authctl setup`: which frontend, which answers are given already.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_setup(const Arguments& arguments);

// The options that are missing for a run without questions, such as "--model"; empty if none.
std::vector<std::string> missing_options(const SetupOptions& options);

}  // namespace authd::client
