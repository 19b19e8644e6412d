// What the answers of a wizard session ask for, as a value that crosses to the settings thread.
#pragma once

#include "daemon/core/probe.hpp"
#include "daemon/core/wizard.hpp"
#include "daemon/io/settings_store.hpp"

namespace authd {

struct SetupOrder {
  std::string scope;
  std::optional<core::Selected> selection;  // a configured model; nothing: the installation
  core::Installation installation;
  Secret key;
  std::string key_store;  // "settings", "dotenv", "project-dotenv", "command"
  std::string key_step, review_step;
  bool removes_oauth_tokens = false;
};

SetupOrder setup_order(const core::Wizard& wizard, const std::string& scope,
                       const std::string& key_store);

struct SetupPlan {
  core::InstallationPlan plan;
  core::ProbeTarget target;  // what a check asks
  std::string qwen_dir;      // the user's
};
struct SetupPlanOptions {
  bool repair = false;
  bool for_preview = false;
};
// On the files as they are now. Settings thread; errors as plan_installation and find_model.
Result<SetupPlan> plan_setup(const SetupOrder& order, io::SettingsStore& store,
                             const core::Environment& environment, SetupPlanOptions options);

}  // namespace authd
