#include "daemon/core/variables.hpp"

#include <algorithm>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/variable_rules.hpp"
#include "daemon/core/variable_sources.hpp"
#include "protocol/caller_variables.hpp"

namespace authd::core {
namespace {

std::string in_directory(const std::string& directory, const std::string& name) {
  return directory == "/" ? directory + name : directory + "/" + name;
}

// The folder that a .env file belongs to.
std::string folder_of(const DotenvFile& file) {
  const std::string directory = parent_folder(file.path);
  return directory.ends_with("/.qwen") ? parent_folder(directory) : directory;
}

class Candidates {
 public:
  Candidates(const Environment& environment, const std::string& qwen_dir, const CliRules& rules)
      : rules_(rules) {
    if (environment.home.empty()) return;
    home_ = {in_directory(qwen_dir, ".env")};
    const std::string legacy = in_directory(environment.home, ".qwen/.env");
    if (legacy != home_.front()) home_.push_back(legacy);
    home_.push_back(in_directory(environment.home, ".env"));
  }

  void add(const std::string& path) {
    if (std::ranges::find(files_, path, &DotenvFile::path) != files_.end()) return;
    DotenvFile file;
    file.path = path;
    file.is_home = std::ranges::find(home_, path) != home_.end();
    // The first versions looked for ".qwen" anywhere in the path.
    file.is_qwen_dir = rules_.has_qwen_home ? file.is_home || path.ends_with("/.qwen/.env")
                                            : path.find(".qwen") != std::string::npos;
    files_.push_back(std::move(file));
  }
  void add_home() {
    for (const std::string& path : home_) add(path);
  }
  void add_folder(const std::string& folder) {
    add(in_directory(folder, ".qwen/.env"));
    add(in_directory(folder, ".env"));
  }
  std::vector<DotenvFile> take() { return std::move(files_); }

 private:
  const CliRules& rules_;
  std::vector<std::string> home_;
  std::vector<DotenvFile> files_;
};

// What home files say for $NAME while settings are read: before any file has been applied.
Variables home_fallback(const Surroundings& surroundings, const Environment& environment,
                        const CliRules& rules) {
  Variables variables;
  if (!rules.expands_from_home_dotenvs) return variables;
  // The user's settings lie in ~/.qwen, or where QWEN_HOME says.
  const std::string qwen_dir = parent_folder(surroundings.files.user.path);
  std::vector<std::string> paths{in_directory(qwen_dir, ".env")};
  if (qwen_dir == in_directory(environment.home, ".qwen") && environment.get("QWEN_HOME").empty())
    paths.push_back(in_directory(environment.home, ".env"));
  for (const std::string& path : paths) {
    const auto file = std::ranges::find(surroundings.dotenvs, path, &DotenvFile::path);
    if (file == surroundings.dotenvs.end()) continue;
    Variables of_file;
    for (const DotenvEntry& entry : file->entries)
      if (!environment.variables.contains(entry.name))
        of_file.insert_or_assign(entry.name, entry.value);
    variables.merge(of_file);  // what an earlier file says stays
  }
  return variables;
}

Expand expansion(const Variables& variables, const Variables& fallback, const CliRules& rules) {
  return [&variables, &fallback, &rules](const std::string& name) -> std::optional<std::string> {
    if (is_never_expanded(name, rules)) return std::nullopt;
    for (const Variables* values : {&fallback, &variables})
      if (const auto found = values->find(name); found != values->end()) return found->second;
    return std::nullopt;
  };
}

// The files that say whether a workspace is to be trusted by rules.
Surroundings without_workspace(const Surroundings& surroundings, const CliRules& rules) {
  Surroundings others = surroundings;
  others.files.workspace.reset();
  if (!rules.system_decides_trust)
    others.files.system_defaults = std::exchange(others.files.system, {});
  return others;
}

SettingsView first_view(const Surroundings& surroundings, const Environment& environment,
                        const CliRules& rules) {
  const Variables fallback = home_fallback(surroundings, environment, rules);
  return view_settings(surroundings.files, rules,
                       expansion(environment.variables, fallback, rules));
}

}  // namespace

std::vector<DotenvFile> dotenv_candidates(const Environment& environment,
                                          const std::optional<std::string>& cwd,
                                          const std::string& qwen_dir, const CliRules& rules) {
  Candidates candidates(environment, qwen_dir, rules);
  if (cwd) {
    for (std::string folder = *cwd;; folder = parent_folder(folder)) {
      if (folder == environment.home) {
        candidates.add_home();
        if (rules.reads_all_home_dotenvs) return candidates.take();
      } else {
        candidates.add_folder(folder);
      }
      if (folder == "/") break;
    }
  }
  candidates.add_home();
  return candidates.take();
}

void judge_trust(Surroundings& surroundings, const Environment& environment,
                 const std::optional<std::string>& cwd, const TrustedFolders& trusted_folders,
                 const CliRules& rules) {
  const auto trust_of = [&](const std::string& folder) {
    return folder_trust(trusted_folders.rules, folder, rules);
  };
  SettingsFiles& files = surroundings.files;
  const bool asks =
      trusts_by_rules(first_view(without_workspace(surroundings, rules), environment, rules));
  FolderTrust trust = asks && cwd ? trust_of(*cwd) : FolderTrust::trusted;
  files.workspace_trusted =
      trust == FolderTrust::trusted || (trust == FolderTrust::unknown && rules.trusts_without_rule);
  // A trusted workspace may itself ask for rules, which then hold for .env files.
  const bool asks_for_files = trusts_by_rules(first_view(surroundings, environment, rules));
  if (asks || asks_for_files) surroundings.trust_trouble = trusted_folders.trouble;
  if (!asks_for_files || !cwd) return;
  trust = trust_of(*cwd);
  for (DotenvFile& file : surroundings.dotenvs) {
    if (file.is_home) continue;
    const std::string folder = folder_of(file);
    FolderTrust of_file = trust;
    if (rules.judges_each_folder && folder != *cwd) of_file = trust_of(folder);
    const bool strict = !rules.trusts_without_rule && trust != FolderTrust::trusted;
    file.is_trusted = !strict && of_file != FolderTrust::untrusted;
  }
}

std::string_view source_kind_name(SourceKind kind) {
  switch (kind) {
    case SourceKind::cli: return "cli";
    case SourceKind::shell: return "shell";
    case SourceKind::dotenv: return "dotenv";
    case SourceKind::settings: return "settings";
    case SourceKind::overlay: return "overlay";
  }
  return "shell";
}

VariableSources::VariableSources(const Surroundings& surroundings, const Environment& environment,
                                 const CliRules& rules)
    : surroundings_(surroundings),
      environment_(environment),
      rules_(rules),
      settings_(first_view(surroundings, environment, rules)) {
  const Json* const excluded = settings_.find("/advanced/excludedEnvVars");
  if (excluded && excluded->is_array()) {
    for (const Json& name : *excluded)
      if (name.is_string()) excluded_.push_back(name.get<std::string>());
  } else {
    excluded_ = {"DEBUG", "DEBUG_MODE"};
  }
  choose_files();
}

void VariableSources::choose_files() {
  const DotenvFile* first = nullptr;  // the one after which the search ends
  for (const DotenvFile& file : surroundings_.dotenvs) {
    std::string why;
    const bool ends_search = !(rules_.reads_all_home_dotenvs && file.is_home);
    if (!file.exists)
      why = no_such_file;
    else if (!file.is_trusted)
      why = not_trusted;
    else if (ends_search && first)
      why = (rules_.reads_all_home_dotenvs
                 ? "Qwen Code reads only the nearest .env file of a project, which is "
                 : "Qwen Code " + rules_.version.text() +
                       " reads only the first .env file that it finds, which is ") +
            first->path + ".";
    else if (ends_search)
      first = &file;
    if (why.empty() && !file.trouble.empty()) why = "It cannot be read: " + file.trouble + ".";
    file_skipped_.push_back(std::move(why));
  }
}

std::string VariableSources::dotenv_refusal(const DotenvFile& file, const std::string& name) const {
  const VariablePlace place =
      file.is_home ? VariablePlace::home_dotenv : VariablePlace::project_dotenv;
  if (std::string why = refusal(name, place, rules_); !why.empty()) return why;
  if (!file.is_qwen_dir && std::ranges::find(excluded_, name) != excluded_.end())
    return "advanced.excludedEnvVars names it, which counts for files outside a .qwen directory.";
  return "";
}

bool VariableSources::counts_as_unset(const std::string* value) const {
  return !value || (rules_.empty_counts_as_unset && value->empty());
}

namespace {

bool is_set(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found != variables.end() && !found->second.empty();
}

bool starts_again(const Variables& variables) {
  return !is_set(variables, "QWEN_CODE_NO_RELAUNCH") && !is_set(variables, "SANDBOX");
}

Loaded load_start(const Surroundings& surroundings, const Environment& environment,
                  const CliRules& rules) {
  const VariableSources sources(surroundings, environment, rules);
  Loaded loaded{environment.variables, sources.settings()};
  const auto offer = [&](const std::string& name, const std::string& value) {
    const auto found = loaded.variables.find(name);
    if (sources.counts_as_unset(found == loaded.variables.end() ? nullptr : &found->second))
      loaded.variables.insert_or_assign(name, value);
  };
  for (std::size_t i = 0; i < surroundings.dotenvs.size(); ++i) {
    const DotenvFile& file = surroundings.dotenvs[i];
    if (!sources.file_skipped(i).empty()) continue;
    Variables of_file;  // of two entries with one name the last counts
    for (const DotenvEntry& entry : file.entries) of_file.insert_or_assign(entry.name, entry.value);
    for (const auto& [name, value] : of_file)
      if (sources.dotenv_refusal(file, name).empty()) offer(name, value);
  }
  const Json env = loaded.settings.merged.value("env", Json::object());
  if (env.is_object())
    for (const auto& [name, value] : env.items())
      if (value.is_string() && refusal(name, VariablePlace::settings, rules).empty())
        offer(name, value.get<std::string>());
  if (!starts_again(loaded.variables)) return loaded;
  const Variables none;
  loaded.settings =
      view_settings(surroundings.files, rules, expansion(loaded.variables, none, rules));
  return loaded;
}

}  // namespace

Loaded load(const Surroundings& surroundings, const Environment& environment,
            const CliRules& rules) {
  if (!surroundings.first) return load_start(surroundings, environment, rules);
  Environment second = environment;
  second.variables = load_start(*surroundings.first, environment, rules).variables;
  return load_start(surroundings, second, rules);
}

std::optional<Environment> environment_of_second_start(const Surroundings& first,
                                                       const Environment& environment,
                                                       const CliRules& rules) {
  const Variables variables = load_start(first, environment, rules).variables;
  if (!starts_again(variables)) return std::nullopt;
  Environment second = environment;
  for (const char* name : {"QWEN_HOME", "QWEN_CODE_SYSTEM_SETTINGS_PATH",
                           "QWEN_CODE_SYSTEM_DEFAULTS_PATH", "QWEN_CODE_TRUSTED_FOLDERS_PATH"})
    if (is_set(variables, name)) second.variables[name] = variables.at(name);
  if (second.variables == environment.variables) return std::nullopt;
  return second;
}

Variables effective_variables(const Surroundings& surroundings, const Environment& environment,
                              const CliRules& rules) {
  return load(surroundings, environment, rules).variables;
}

std::set<std::string> names_that_matter(const SettingsFiles& files) {
  std::set<std::string> names(caller_variables.begin(), caller_variables.end());
  for (const SettingsFile* file : files.merged())
    collect_references(file->document->value(file->document->root()), names);
  for (const ModelEntry& entry : model_entries(files, Scope::user))
    if (!entry.env_key.empty() && !expandable_name(entry.env_key)) names.insert(entry.env_key);
  for (const AuthType& type : auth_types()) {
    for (const std::string_view name : {type.api_key, type.base_url})
      if (!name.empty()) names.emplace(name);
    for (const std::string_view name : type.models)
      if (!name.empty()) names.emplace(name);
  }
  return names;
}

}  // namespace authd::core
