// Which model, endpoint and key Qwen Code would end up with at one place, and by what surprise
// (facts 9, qwen-code-runs 2). Told as of a start without a terminal (`qwen -p`), which asks
// nobody.
#pragma once

#include "daemon/core/cli_flags.hpp"
#include "daemon/core/variables.hpp"

namespace authd::core {

// An entry of modelProviders as one version of Qwen Code sees it. Where a provider's value is no
// list, one with an empty id stands for it.
struct ConfiguredModel {
  std::string provider;  // the key under modelProviders
  std::string protocol;  // the auth type it stands for; empty where it is skipped
  std::string id, name, base_url, env_key;
  Scope scope = Scope::user;
  std::size_t index = 0;      // in its list
  Json entry;                 // interpolated as Qwen Code does it; may hold secrets
  bool is_usable = true;      // can be the model of a session
  bool is_fatal = false;      // Qwen Code does not start while it is there
  bool is_duplicate = false;  // an earlier entry has its place
  std::string reason;         // why it is not usable; else empty
};

// Every entry of the merged settings, in their order.
std::vector<ConfiguredModel> configured_models(const SettingsFiles& files,
                                               const Environment& environment,
                                               const CliRules& rules,
                                               const std::vector<DotenvFile>& dotenvs);
std::vector<ConfiguredModel> configured_models(const SettingsView& settings, const CliRules& rules);

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

  std::string protocol;  // that the requests speak: auth_type, or openai-responses by wireApi
  bool key_is_missing = false;
  bool needs_no_key = false;  // Google's own credentials stand for it
};

Resolution resolve(const Surroundings& surroundings, const Environment& environment,
                   const CliRules& rules);

// Whether a value is the user's own, from the shell, a flag or a file of theirs, and not of a
// project; also what a project's settings only refer to by a $NAME. `name` is the variable, empty
// for security.auth.apiKey.
bool is_users_own(const VariableSource& source, const std::string& name,
                  const Surroundings& surroundings);

// What resolve() decides before it asks where the key is from.
struct Choice {
  enum class Origin { none, entry, flag, variable, settings };
  Resolution resolution;
  Origin key_origin = Origin::none;  // entry: the variable that the entry names
  Origin base_url_origin = Origin::none;
};
Choice choose(const Surroundings& surroundings, const Environment& environment,
              const CliRules& rules);

// That with all that `resolve` tells of it.
Choice resolved_choice(const Surroundings& surroundings, const Environment& environment,
                       const CliRules& rules);

// An entry as its file has it, with its $NAMEs; null where that is not there any more.
Json raw_entry(const ConfiguredModel& model, const SettingsFiles& files);

// Where a project says something of a value, by a $NAME in it that the project sets; or of the
// choice's base URL. Empty where none does.
std::string project_place(const Json& text, const Surroundings& surroundings,
                          const Environment& environment, const CliRules& rules);
std::string project_place(const Choice& choice, const Surroundings& surroundings,
                          const Environment& environment, const CliRules& rules);

// The flag of qwen that takes the place of a variable, if one does, and why it does not where the
// chosen entry decides.
struct FlagOfVariable {
  std::string_view name;  // empty where there is none
  std::string outranked;  // empty where the flag would count
};
FlagOfVariable flag_of_variable(std::string_view variable, const Choice& choice);

}  // namespace authd::core
