// Choosing among the models that are configured, and taking models, keys and selections away.
#pragma once

#include "daemon/core/installation.hpp"
#include "daemon/core/resolution.hpp"

namespace authd::core {

// Which of the configured models is meant: with several that have the id, the base URL says. The
// error is unknown_model, with the nearest names, or invalid_input where it takes a base URL.
Result<const ConfiguredModel*> find_model(const std::vector<ConfiguredModel>& models,
                                          const Selected& wanted);

// The same for one that is to be removed: it may be one that Qwen Code cannot use, or a duplicate.
Result<const ConfiguredModel*> find_entry(const std::vector<ConfiguredModel>& models,
                                          const Selected& wanted);

struct SelectionRequest {
  std::string scope = "auto";
  const ConfiguredModel& model;
  const std::vector<ConfiguredModel>& models;  // all that are configured here
  bool repair = false;
  std::string review_step = {};
};

// model.name, selectedType and, where it takes that, model.baseUrl, so that exactly this model
// starts. A patch with these alone comes along; env_key and first_entry are the model's.
Result<InstallationPlan> plan_selection(const SettingsFiles& files,
                                        const SelectionRequest& request);

// One entry of a model list in one file; where it is the selected one, the selection goes, too, as
// far as this file has it.
Result<Plan> plan_model_removal(const SettingsFile& file, const ConfiguredModel& model,
                                bool is_selected, bool repair);

// Whose credentials are to go.
struct Credentials {
  const Provider* provider = nullptr;  // nullptr: the entries and the key of one variable
  std::string env_key;
};
// A provider's id or title, a variable's name, or a base URL. unknown_provider.
Result<Credentials> find_credentials(const std::string& name,
                                     const std::vector<ModelEntry>& entries);

// Key, entries, metadata and the selection, where it is one of these entries, as far as this file
// has them.
struct RemovalPlan : Plan {
  bool removes_key = false, removes_selection = false;
  std::size_t models = 0;
};
// `selected` is the entry that Qwen Code starts with, nullptr where there is none.
Result<RemovalPlan> plan_logout(const SettingsFile& file, const Credentials& whose,
                                const ConfiguredModel* selected);
// Out of Qwen OAuth: the selection, where it is that.
Result<RemovalPlan> plan_oauth_logout(const SettingsFile& file);

}  // namespace authd::core
