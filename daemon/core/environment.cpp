#include "daemon/core/environment.hpp"

#include <algorithm>
#include <utility>

namespace authd::core {
namespace {

std::string bare_folder(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// A leading ~ is the home directory; a relative path starts at the working directory.
std::string expanded(const std::string& path, const Environment& environment) {
  if (path == "~") return environment.home;
  if (path.starts_with("~/")) return environment.home + path.substr(1);
  if (!path.starts_with("/")) return environment.cwd.value_or(environment.home) + "/" + path;
  return bare_folder(path);
}

bool is_within(const std::string& path, const std::string& root) {
  return path == root || root == "/" || path.starts_with(root + "/");
}

std::string legacy_qwen_dir(const Environment& environment) {
  return environment.home.empty() ? "/tmp/.qwen" : environment.home + "/.qwen";
}

}  // namespace

std::string parent_folder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string Environment::get(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

Result<Environment> judging_environment(const Context& context, const Environment& daemon) {
  Environment environment = daemon;
  if (context.env) {
    environment.variables = *context.env;
    environment.from_caller = true;
    if (const std::string home = environment.get("HOME"); !home.empty()) environment.home = home;
  }
  for (const auto& [name, path] :
       {std::pair{"context.cwd", &context.cwd}, std::pair{"context.home", &context.home}})
    if (*path && !(*path)->starts_with("/"))
      return fail(ErrorKind::invalid_input, std::string(name) + " must be an absolute path.", name);
  if (context.cli_version && !parse_cli_version(*context.cli_version))
    return fail(ErrorKind::invalid_input, "context.cliVersion must be a version such as 0.24.4.",
                "context.cliVersion");
  if (context.home) environment.home = *context.home;
  environment.home = environment.home.empty() ? "" : bare_folder(environment.home);
  environment.args = context.args;
  environment.cli_version = context.cli_version;
  environment.cwd = context.cwd;
  if (environment.cwd) environment.cwd = bare_folder(*environment.cwd);
  return environment;
}

std::vector<std::string> home_dotenv_paths(const Environment& environment) {
  if (environment.home.empty() || !environment.get("QWEN_HOME").empty()) return {};
  return {legacy_qwen_dir(environment) + "/.env", environment.home + "/.env"};
}

SettingsPaths settings_paths(const Environment& environment,
                             const std::vector<std::vector<DotenvEntry>>& home_dotenvs) {
  const auto bootstrap = [&](const std::string& name) {
    std::string value = environment.get(name);
    // One that is exported empty is there, so no file is looked at (measured).
    if (environment.variables.contains(name)) return value;
    for (const auto& entries : home_dotenvs) {
      if (!value.empty()) break;
      for (const DotenvEntry& entry : entries)
        if (entry.name == name) value = entry.value;
    }
    return value;
  };
  SettingsPaths paths;
  const std::string qwen_home = bootstrap("QWEN_HOME");
  paths.qwen_dir =
      qwen_home.empty() ? legacy_qwen_dir(environment) : expanded(qwen_home, environment);
  paths.user = paths.qwen_dir + "/settings.json";
  if (environment.cwd) paths.workspace = *environment.cwd + "/.qwen/settings.json";
  paths.system = environment.get("QWEN_CODE_SYSTEM_SETTINGS_PATH");
  if (paths.system.empty()) paths.system = "/etc/qwen-code/settings.json";
  paths.system_defaults = environment.get("QWEN_CODE_SYSTEM_DEFAULTS_PATH");
  if (paths.system_defaults.empty())
    paths.system_defaults = parent_folder(paths.system) + "/system-defaults.json";
  paths.trusted_folders = bootstrap("QWEN_CODE_TRUSTED_FOLDERS_PATH");
  if (paths.trusted_folders.empty())
    paths.trusted_folders = paths.qwen_dir + "/trustedFolders.json";
  return paths;
}

std::string state_directory(const Environment& environment) {
  const std::string state = environment.get("XDG_STATE_HOME");
  return (state.starts_with("/") ? state : environment.home + "/.local/state") + "/qwen-authd";
}

FolderTrust folder_trust(const Json& trusted_folders, const std::string& folder,
                         const CliRules& rules) {
  FolderTrust trust = FolderTrust::unknown;
  if (!trusted_folders.is_object()) return trust;
  std::size_t depth = 0;  // of the rule that counts so far
  for (const auto& [path, rule] : trusted_folders.items()) {
    const bool trusts = rule == "TRUST_FOLDER" || rule == "TRUST_PARENT";
    if (!trusts && rule != "DO_NOT_TRUST") continue;
    std::string root = bare_folder(path);
    if (rule == "TRUST_PARENT") root = parent_folder(root);
    if (!rules.deepest_trust_rule_wins) {
      if (trusts && is_within(folder, root)) return FolderTrust::trusted;
      if (!trusts && folder == root) trust = FolderTrust::untrusted;
      continue;
    }
    if (!is_within(folder, root)) continue;
    const bool is_first = trust == FolderTrust::unknown;
    if (is_first || root.size() > depth || (root.size() == depth && !trusts)) {
      trust = trusts ? FolderTrust::trusted : FolderTrust::untrusted;
      depth = root.size();
    }
  }
  return trust;
}

}  // namespace authd::core
