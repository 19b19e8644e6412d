// What the answers of a wizard session ask for, as a value that crosses to the settings thread.
#pragma once

#include "daemon/core/installation.hpp"
#include "daemon/core/wizard.hpp"
#include "daemon/io/settings_store.hpp"

namespace authd {

struct SetupOrder {
  std::string scope;
  core::Installation installation;
  Secret key;
  bool key_in_settings = true;
  std::string key_step, review_step;
};

SetupOrder setup_order(const core::Wizard& wizard, const std::string& scope,
                       const std::string& key_store);

struct SetupPlanOptions {
  bool repair = false;
  bool with_patch = false;
};
// On the files as they are now. Settings thread; errors as plan_installation.
Result<core::InstallationPlan> plan_setup(const SetupOrder& order, const core::SettingsFiles& files,
                                          const core::Environment& environment,
                                          SetupPlanOptions options);

}  // namespace authd
