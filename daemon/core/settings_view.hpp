// What one version of Qwen Code makes of the settings files before it looks for a model: brought to
// the current shape, expanded and merged (facts, 1.2 to 1.5). Only the members that decide which
// model, endpoint and key are used.
#pragma once

#include "daemon/core/interpolation.hpp"
#include "daemon/core/settings.hpp"

namespace authd::core {

struct SettingsView {
  // env, modelProviders, providerProtocol, model, security and advanced, merged.
  Json merged = Json::object();
  // The keys of modelProviders in the order in which Qwen Code walks them.
  std::vector<std::string> providers;
  // Whose list of a provider counts.
  std::map<std::string, Scope> provider_scope;
  // The members of each file's `env`, low to high; only files that take part and have some.
  std::vector<std::pair<Scope, Json>> env;
  std::string fatal;  // why Qwen Code does not start with these files; its own words where known

  // What is at a path ("/model/name"), nullptr where nothing is. Whatever stands on the way: the
  // library's own value() throws at a list there.
  const Json* find(const char* pointer) const;
  // The string at a path, empty where there is none.
  std::string text(const char* pointer) const;
};

SettingsView view_settings(const SettingsFiles& files, const CliRules& rules, const Expand& expand);

// Whether a merged security.folderTrust.enabled is on.
bool trusts_by_rules(const SettingsView& view);

}  // namespace authd::core
