// Every place a variable of Qwen Code can come from, and which of them it takes (facts, 8).
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/cli_version.hpp"
#include "daemon/core/dotenv.hpp"
#include "daemon/core/settings_view.hpp"
#include "protocol/secret.hpp"

namespace authd::core {

// A .env file that Qwen Code would look at from a directory, whether it is there or not.
struct DotenvFile {
  std::string path;
  bool is_home = false;      // user level: ~/.qwen/.env, ~/.env, $QWEN_HOME/.env
  bool is_qwen_dir = false;  // counts as one in a .qwen directory
  bool exists = false;       // also as something that cannot be read
  bool is_trusted = true;    // its folder is, or it is the user's own
  std::string trouble = {};  // why it cannot be read, empty where it can
  std::vector<DotenvEntry> entries = {};
};

// Everything in files that decides what one version of Qwen Code makes of a place; made on the
// settings thread, for the rules of `version` (io/surroundings).
struct Surroundings {
  SettingsFiles files;
  std::vector<DotenvFile> dotenvs;  // in search order
  std::string trust_trouble;        // trustedFolders.json is needed and cannot be used
  CliVersion version = newest_known_version;
  std::string version_from = "assumed";  // "context", "installed", "assumed"
  // Qwen Code starts itself a second time. Where a file tells the second start to look elsewhere,
  // this is what the first one finds; the variables that it sets stay.
  std::shared_ptr<const Surroundings> first = nullptr;
};

// The files of Surroundings in search order, not yet read. `cwd` is real and absolute; nothing
// where there is no workspace.
std::vector<DotenvFile> dotenv_candidates(const Environment& environment,
                                          const std::optional<std::string>& cwd,
                                          const std::string& qwen_dir, const CliRules& rules);

// What trustedFolders.json says; an object, or null where there is none or none that can be used.
struct TrustedFolders {
  Json rules;
  std::string trouble;  // Qwen Code does not start where it needs the file
};
// Says of the workspace and of each .env file whether it is trusted. `cwd` as above.
void judge_trust(Surroundings& surroundings, const Environment& environment,
                 const std::optional<std::string>& cwd, const TrustedFolders& trusted_folders,
                 const CliRules& rules);

enum class SourceKind { cli, shell, dotenv, settings, overlay };
std::string_view source_kind_name(SourceKind kind);

// One place that has, or could have had, a value for a variable.
struct VariableSource {
  SourceKind kind = SourceKind::shell;
  std::string where;            // "/home/u/.qwen/.env:3"; "--openai-api-key"; "export"
  std::optional<Secret> value;  // nothing where it has none
  bool applied = false;
  std::string reason;  // why it was applied or skipped, one sentence
  bool exists = true;  // false: it is a file that is not there
};

struct Explanation {
  std::string name;
  std::vector<VariableSource> sources;  // highest priority first
  std::optional<std::size_t> winner;    // an index into sources
};

// `overlay` are the variables that the daemon would add (qwen-authctl exec, env): listed, never the
// winner of a plain start of qwen.
Explanation explain(const std::string& name, const Surroundings& surroundings,
                    const Environment& environment, const CliRules& rules,
                    const Variables& overlay = {});

// The same for many variables of one place, which are read once. What it is made of outlives it.
class Explainer {
 public:
  Explainer(const Surroundings& surroundings, const Environment& environment,
            const CliRules& rules);
  ~Explainer();
  Explainer(const Explainer&) = delete;
  Explainer& operator=(const Explainer&) = delete;
  Explanation explain(const std::string& name, const Variables& overlay = {}) const;

 private:
  struct Place;
  std::unique_ptr<const Place> place_;
};

// The environment that Qwen Code's own code sees after it has read every file. Its values are
// secrets.
Variables effective_variables(const Surroundings& surroundings, const Environment& environment,
                              const CliRules& rules);

// That environment, and the settings as the second start has them: $NAME in settings sees what .env
// files and settings.env say, too.
struct Loaded {
  Variables variables;
  SettingsView settings;
};
Loaded load(const Surroundings& surroundings, const Environment& environment,
            const CliRules& rules);
// The second start's environment, as far as it says where files are; nothing where there is none,
// or it finds the same ones.
std::optional<Environment> environment_of_second_start(const Surroundings& first,
                                                       const Environment& environment,
                                                       const CliRules& rules);

// The variables of a caller that decide about models, endpoints and keys at a place, or about how
// to reach a provider. What other names that matter look like: caller_variable_patterns.
std::set<std::string> names_that_matter(const SettingsFiles& files);

}  // namespace authd::core
