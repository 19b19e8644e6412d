// A place on a user's machine as a value: settings files, .env files, trusted folders and an
// environment, as one version of Qwen Code finds them.
#pragma once

#include <map>

#include "daemon/core/resolution.hpp"
#include "tests/unit/support.hpp"

namespace authd::test {

inline const core::CliVersion v0_15_6{0, 15, 6}, v0_24_4{0, 24, 4};

// The home is /home/u. The caller stands in /home/u/p, or in `cwd`.
struct PlaceTexts {
  std::optional<std::string> user = {}, workspace = {}, system = {}, system_defaults = {};
  std::map<std::string, std::string> dotenvs = {};  // by path
  std::optional<std::string> trusted_folders = {};
  core::Variables env = {};
  std::vector<std::string> args = {};
  core::CliVersion version = v0_24_4;
  std::optional<std::string> cwd = "/home/u/p";
};

struct Place {
  core::Environment environment;
  core::Surroundings surroundings;
  core::CliRules rules;

  core::Resolution resolved() const { return core::resolve(surroundings, environment, rules); }
  core::Explanation explained(const std::string& name, const core::Variables& overlay = {}) const {
    return core::explain(name, surroundings, environment, rules, overlay);
  }
  std::vector<core::ConfiguredModel> models() const {
    return core::configured_models(surroundings.files, environment, rules, surroundings.dotenvs);
  }
  // The value that Qwen Code's code sees; nothing where it is not set.
  std::optional<std::string> value(const std::string& name) const {
    const core::Variables variables = core::effective_variables(surroundings, environment, rules);
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }
};

inline Place place(const PlaceTexts& texts) {
  Place place;
  place.rules = core::rules_of(texts.version);
  place.environment.variables = texts.env;
  place.environment.home = "/home/u";
  place.environment.cwd = texts.cwd;
  place.environment.args = texts.args;
  core::Surroundings& surroundings = place.surroundings;
  surroundings.version = texts.version;
  core::SettingsFiles& files = surroundings.files;
  const auto file = [](core::Scope scope, const std::string& path, const std::optional<std::string>& text) {
    return settings_file(scope, path, text);
  };
  files.system_defaults = file(core::Scope::system_defaults, "/etc/qwen-code/system-defaults.json", texts.system_defaults);
  files.user = file(core::Scope::user, "/home/u/.qwen/settings.json", texts.user);
  files.system = file(core::Scope::system, "/etc/qwen-code/settings.json", texts.system);
  if (texts.cwd && *texts.cwd != "/home/u")
    files.workspace = file(core::Scope::workspace, *texts.cwd + "/.qwen/settings.json", texts.workspace);
  surroundings.dotenvs = core::dotenv_candidates(place.environment, texts.cwd, "/home/u/.qwen", place.rules);
  for (core::DotenvFile& one : surroundings.dotenvs)
    if (const auto found = texts.dotenvs.find(one.path); found != texts.dotenvs.end()) {
      one.exists = true;
      one.entries = core::parse_dotenv(found->second);
    }
  core::TrustedFolders trusted;
  if (texts.trusted_folders) trusted.rules = Json::parse(*texts.trusted_folders);
  core::judge_trust(surroundings, place.environment, texts.cwd, trusted, place.rules);
  return place;
}

// Where the value comes from that counts, "" where none does.
inline std::string winner_of(const core::Explanation& explanation) {
  return explanation.winner ? explanation.sources[*explanation.winner].where : "";
}
// Why a place counts or does not; "" where it is none of the sources.
inline std::string reason_of(const core::Explanation& explanation, const std::string& where) {
  for (const core::VariableSource& source : explanation.sources)
    if (source.where == where) return source.reason;
  return "";
}

}  // namespace authd::test
