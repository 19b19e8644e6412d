// Every place a variable of Qwen Code can come from, and which of them it takes (facts, 8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/cli_version.hpp"
#include "daemon/core/dotenv.hpp"
#include "daemon/core/settings.hpp"
#include "protocol/secret.hpp"

namespace authd::core {

// A .env file that Qwen Code would look at from a directory, whether it is there or not.
struct DotenvFile {
  std::string path;
  bool is_home = false;      // user level: ~/.qwen/.env, ~/.env, $QWEN_HOME/.env
  bool is_qwen_dir = false;  // sits in a .qwen directory
  bool exists = false;
  std::string trouble = {};  // why it cannot be read, empty where it can
  std::vector<DotenvEntry> entries = {};
};

// Everything in files that decides what Qwen Code makes of a place; made on the settings thread.
struct Surroundings {
  SettingsFiles files;
  std::vector<DotenvFile> dotenvs;  // in search order
  CliVersion version = newest_known_version;
  std::string version_from = "assumed";  // "context", "installed", "assumed"
};

enum class SourceKind { cli, shell, dotenv, settings, overlay };
std::string_view source_kind_name(SourceKind kind);

// One place that has, or could have had, a value for a variable.
struct VariableSource {
  SourceKind kind = SourceKind::shell;
  std::string where;            // "~/.qwen/.env:3" with the full path; "--openai-api-key"; "export"
  std::optional<Secret> value;  // nothing where it has none
  bool applied = false;
  std::string reason;  // why it was applied or skipped, one sentence
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

// The environment that Qwen Code's own code sees after it has read every file. Its values are
// secrets.
Variables effective_variables(const Surroundings& surroundings, const Environment& environment,
                              const CliRules& rules);

}  // namespace authd::core
