#include "daemon/setup_order.hpp"

namespace authd {

SetupOrder setup_order(const core::Wizard& wizard, const std::string& scope,
                       const std::string& key_store) {
  return {scope,
          wizard.installation(),
          Secret(wizard.api_key()),
          key_store == "settings",
          wizard.key_step(),
          wizard.review_step()};
}

Result<core::InstallationPlan> plan_setup(const SetupOrder& order, const core::SettingsFiles& files,
                                          const core::Environment& environment,
                                          SetupPlanOptions options) {
  return core::plan_installation(files, environment,
                                 {.scope = order.scope,
                                  .installation = order.installation,
                                  .api_key = order.key.reveal(),
                                  .repair = options.repair,
                                  .key_in_settings = order.key_in_settings,
                                  .key_step = order.key_step,
                                  .review_step = order.review_step,
                                  .with_patch = options.with_patch});
}

}  // namespace authd
