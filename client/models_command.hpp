// `qwen-authctl models`, `models discover`, `models remove` and `use`.
#pragma once

#include "client/arguments.hpp"

namespace authd::client {

ExitCode run_models(const Arguments& arguments);
ExitCode run_models_discover(const Arguments& arguments);
ExitCode run_models_remove(const Arguments& arguments);
ExitCode run_use(const Arguments& arguments);

}  // namespace authd::client
