// Core values in the words of the contract: every result of the RPC is written here.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/installation.hpp"
#include "daemon/core/probe.hpp"
#include "daemon/core/settings_merge.hpp"
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

// `key_path` is the .env file that the key goes into, empty where it is another place.
Json preview(const core::InstallationPlan& plan, const std::string& request_url,
             const std::string& key_path, const std::vector<core::Warning>& warnings,
             const std::string& judged_by);
Json saved(const io::Saved& saved);
Json verdict(const core::Verdict& verdict);

// Paths of members as a person reads them.
Json keys(const std::vector<core::Path>& paths);
Json scopes(const core::SettingsFiles& files, bool (*is_writable)(const std::string& path),
            const std::string& judged_by);
// `path` names the member to show, empty = all. Masked with the secrets of all files.
Json merged(const core::SettingsFiles& files, const core::Path& path, const std::string& judged_by);
Json one_scope(const core::SettingsFiles& files, const core::SettingsFile& file,
               const core::Path& path, const std::string& judged_by);
Json applied(const core::Plan& plan, const std::string& judged_by);
Json snapshot(const io::Snapshot& snapshot, const io::History& history);
Json foreign_write(const io::ForeignWrite& write);

}  // namespace authd::wire
