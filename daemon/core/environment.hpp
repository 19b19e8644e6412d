// Whose environment judges, and where Qwen Code's files are in it (facts, 1.1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/cli_version.hpp"
#include "daemon/core/dotenv.hpp"
#include "protocol/messages.hpp"

namespace authd::core {

using Variables = std::map<std::string, std::string>;

// The environment that judges a request: the caller's where it was given, else the daemon's.
struct Environment {
  Variables variables;
  std::string home;                // absolute, or empty where there is none
  std::optional<std::string> cwd;  // absolute; nothing = no workspace
  bool from_caller = false;
  std::vector<std::string> args = {};           // that Qwen Code was or will be started with
  std::optional<std::string> cli_version = {};  // the version to imitate, where the caller says one

  // An empty value counts as unset, as Qwen Code treats it.
  std::string get(const std::string& name) const;
  std::string judged_by() const { return from_caller ? "caller" : "daemon"; }
};

// `daemon` is the daemon's own environment with its home and no workspace. Refuses relative paths
// and what is no version.
Result<Environment> judging_environment(const Context& context, const Environment& daemon);

// The folder that an absolute path lies in; "/" for "/".
std::string parent_folder(const std::string& path);

// Where the files are. The user's directory is $QWEN_HOME itself or ~/.qwen; QWEN_HOME may also
// come from ~/.qwen/.env or ~/.env, in this order, when the environment lacks it.
struct SettingsPaths {
  std::string qwen_dir;
  std::string system_defaults, user, system;
  std::optional<std::string> workspace;
  std::string trusted_folders;
  bool operator==(const SettingsPaths&) const = default;
};

// The .env files that can say where the user's directory is, most important first.
std::vector<std::string> home_dotenv_paths(const Environment& environment);
SettingsPaths settings_paths(const Environment& environment,
                             const std::vector<std::vector<DotenvEntry>>& home_dotenvs);

// ${XDG_STATE_HOME:-~/.local/state}/qwen-authd
std::string state_directory(const Environment& environment);

enum class FolderTrust { trusted, untrusted, unknown };
// What trustedFolders.json says of a folder while security.folderTrust.enabled is on. The rule for
// the folder or for the nearest of its parents counts, and of two for the same one DO_NOT_TRUST; in
// older versions of Qwen Code any rule that trusts counts more than one that does not, which is for
// one folder alone.
FolderTrust folder_trust(const Json& trusted_folders, const std::string& folder,
                         const CliRules& rules = {});

}  // namespace authd::core
