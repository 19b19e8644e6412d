// `qwen-authctl why`: the catalogue of diagnoses, without a daemon.
#pragma once

#include "client/arguments.hpp"
#include "client/fault.hpp"
#include "protocol/diagnosis.hpp"

namespace authd::client {

ExitCode run_why(const Arguments& arguments);

// By its code or its name; a usage fault with what may have been meant.
Outcome<const Diagnosis*> diagnosis_called(const std::string& name);

}  // namespace authd::client
