// Which model, endpoint and key Qwen Code would end up with at one place, and by what surprise
// (facts 9, qwen-code-runs 2).
#pragma once

#include "daemon/core/variables.hpp"

namespace authd::core {

// An entry of modelProviders as one version of Qwen Code sees it.
struct ConfiguredModel {
  std::string provider;  // the key under modelProviders
  std::string protocol;  // the auth type it stands for; empty where it is skipped
  std::string id, name, base_url, env_key;
  Scope scope = Scope::user;
  std::size_t index = 0;  // in its list
  Json entry;             // interpolated as Qwen Code does it; may hold secrets
  bool is_usable = true;
  bool is_fatal = false;  // Qwen Code does not start while it is there
  std::string reason;     // why it is skipped or fatal; else empty
};

// Every entry of the merged settings, in their order.
std::vector<ConfiguredModel> configured_models(const SettingsFiles& files,
                                               const Environment& environment,
                                               const CliRules& rules,
                                               const std::vector<DotenvFile>& dotenvs);

struct Resolution {
  std::string auth_type;  // what security.auth.selectedType or the environment says; empty for none
  std::string model;
  std::string base_url;              // where the requests go
  bool base_url_is_default = false;  // Qwen Code's own default, because nothing names one
  std::string env_key;               // the variable that the key is read from; empty where none is
  Secret key;                        // empty where there is none
  std::optional<VariableSource> key_source;  // without its value
  std::optional<ConfiguredModel> entry;      // the entry that is selected, if one is
  std::string fatal;  // why Qwen Code does not start, in its own words where they are known
  std::vector<Warning> issues;  // surprises, and what is missing
};

Resolution resolve(const Surroundings& surroundings, const Environment& environment,
                   const CliRules& rules);

}  // namespace authd::core
