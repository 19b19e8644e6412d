// Models and providers in the words of the contract.
#pragma once

#include "daemon/core/discovery.hpp"
#include "daemon/core/resolution.hpp"
#include "daemon/wire.hpp"

namespace authd::wire {

Json providers();
Json model_identity(const core::ConfiguredModel& model);
Json discovery(const core::Discovery& found, const std::string& judged_by);

}  // namespace authd::wire
