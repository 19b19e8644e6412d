// What a wizard writes: the PRD's Settings Write Design as a plan.
#pragma once

#include "daemon/core/provider.hpp"
#include "daemon/core/settings_plan.hpp"

namespace authd::core {

// A custom endpoint, or one of a provider's: then its row says how keys and models are called, and
// what is removed.
struct Installation {
  std::string protocol;
  std::string base_url;
  std::vector<std::string> model_ids;
  const Provider* provider = nullptr;
};

struct InstallationRequest {
  std::string scope = "auto";  // "auto", "user", "workspace"
  Installation installation;
  std::string_view api_key;
  bool repair = false;
  bool key_in_settings = true;  // else it is kept elsewhere, and a copy in the file is removed
  std::string key_step = "custom-api-key-input", review_step = "custom-review-json";
  bool with_patch = false;  // for a preview: to mask it, all that the files know is looked at
};

struct InstallationPlan : Plan {
  std::string env_key;
  OrderedJson patch;  // the new entries only, the key masked; null where it was not asked for
  Json first_entry;   // of the new entries, with what an older entry for the model kept
};

// Errors: as editable_document and scope_to_write.
Result<InstallationPlan> plan_installation(const SettingsFiles& files,
                                           const Environment& environment,
                                           const InstallationRequest& request);

}  // namespace authd::core
