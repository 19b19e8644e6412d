// Core values in the words of the contract: every result of the RPC is written here.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/probe.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/wizard.hpp"
#include "daemon/io/settings_store.hpp"

namespace authd::wire {

Json flows(const std::vector<core::FlowInfo>& flows);
Json warnings(const std::vector<core::Warning>& warnings);

// State of a session (rpc-contract, Wizards).
struct StateOf {
  std::string session_id, flow;
  core::StepView view;
  bool can_go_back = false;
  std::string judged_by;
};
Json state(const StateOf& state);

Json preview(const core::Plan& plan, const std::string& request_url,
             const std::vector<core::Warning>& warnings, const std::string& judged_by);
Json saved(const io::Saved& saved);
Json verdict(const core::Verdict& verdict);

}  // namespace authd::wire
