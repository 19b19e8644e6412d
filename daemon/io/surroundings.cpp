#include "daemon/io/surroundings.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "daemon/core/settings_plan.hpp"
#include "daemon/io/file.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

std::string why_unreadable(int error) {
  switch (error) {
    case EISDIR: return "it is a directory";
    case EINVAL: return "it is not a regular file";
    case EFBIG: return "it is larger than 1 MiB";
    default: return std::generic_category().message(error);
  }
}

void read_dotenv(core::DotenvFile& file) {
  // What is there without being readable still ends Qwen Code's search.
  file.exists = access(file.path.c_str(), F_OK) == 0;
  if (!file.exists) return;
  const auto content = read_file(file.path, limits::dotenv_bytes_max);
  if (content)
    file.entries = core::parse_dotenv(content->text);
  else if (content.error() == ENOENT)
    file.exists = false;
  else
    file.trouble = why_unreadable(content.error());
}

std::optional<std::string> real_cwd(const core::Environment& environment) {
  if (!environment.cwd) return std::nullopt;
  return real_path(*environment.cwd).value_or(*environment.cwd);
}

// The rules that are written for a link count for what is behind it, too.
Json with_real_paths(const Json& rules) {
  Json all = rules;
  for (const auto& [path, rule] : rules.items()) {
    if (!path.starts_with('/') || !rule.is_string()) continue;
    const bool of_parent = rule == "TRUST_PARENT";
    const auto real = real_path(of_parent ? core::parent_folder(path) : path);
    if (real && !all.contains(*real)) all[*real] = of_parent ? Json("TRUST_FOLDER") : rule;
  }
  return all;
}

core::TrustedFolders read_trusted_folders(const std::string& path) {
  core::TrustedFolders folders;
  const auto fail_with = [&](const std::string& why) {
    folders.trouble =
        "Error in " + path + ": " + why + "\nPlease fix the configuration file and try again.";
    return folders;
  };
  const auto content = read_file(path, limits::message_bytes_max);
  if (!content && (content.error() == ENOENT || content.error() == ENOTDIR)) return folders;
  if (!content) return fail_with(why_unreadable(content.error()));
  const auto document = core::Jsonc::parse(content->text);
  if (!document) return fail_with(document.error().message);
  if (!document->trailing_commas().empty()) return fail_with("it has a trailing comma");
  if (document->kind(document->root()) != core::Jsonc::Kind::object)
    return fail_with("Trusted folders file is not a valid JSON object.");
  folders.rules = with_real_paths(document->value(document->root()));
  return folders;
}

// Older versions put settings.json.orig in the place of a file that does not parse.
void restore_from_orig(core::SettingsFiles& files) {
  std::vector<core::SettingsFile*> all{&files.system_defaults, &files.user, &files.system};
  if (files.workspace) all.push_back(&*files.workspace);
  for (core::SettingsFile* file : all) {
    const bool is_broken =
        file->fault || (file->document && !file->document->trailing_commas().empty());
    if (!is_broken) continue;
    const auto content = read_file(file->path + ".orig", limits::settings_bytes_max);
    if (!content) continue;
    auto document = core::Jsonc::parse(content->text);
    if (!document || !document->trailing_commas().empty()) continue;
    file->document = *std::move(document);
    file->fault.reset();
  }
}

// What one start of Qwen Code finds.
core::Surroundings read_surroundings(SettingsStore& store, const core::Environment& environment,
                                     const core::CliVersion& version) {
  const core::CliRules rules = core::rules_of(version);
  core::Surroundings surroundings;
  surroundings.version = version;
  surroundings.version_from.clear();
  const core::SettingsPaths paths = SettingsStore::paths(environment, rules);
  surroundings.files = store.load(environment, SettingsStore::Freshness::by_times, rules);
  if (rules.restores_from_orig) restore_from_orig(surroundings.files);
  const auto cwd = real_cwd(environment);
  surroundings.dotenvs = core::dotenv_candidates(environment, cwd, paths.qwen_dir, rules);
  for (core::DotenvFile& file : surroundings.dotenvs) read_dotenv(file);
  core::judge_trust(surroundings, environment, cwd, read_trusted_folders(paths.trusted_folders),
                    rules);
  return surroundings;
}

}  // namespace

core::Surroundings load_surroundings(SettingsStore& store, const core::Environment& environment,
                                     const core::CliVersion& version) {
  const core::CliRules rules = core::rules_of(version);
  core::Environment first_start = environment;
  // One that is empty is filled by a file for the second start only.
  if (const auto home = first_start.variables.find("QWEN_HOME");
      rules.has_qwen_home && home != first_start.variables.end() && home->second.empty())
    home->second = environment.home + "/.qwen";
  core::Surroundings first = read_surroundings(store, first_start, version);
  const auto second_start = core::environment_of_second_start(first, environment, rules);
  if (!second_start ||
      SettingsStore::paths(*second_start, rules) == SettingsStore::paths(first_start, rules))
    return first;
  core::Surroundings second = read_surroundings(store, *second_start, version);
  second.first = std::make_shared<const core::Surroundings>(std::move(first));
  return second;
}

core::Surroundings load_surroundings(SettingsStore& store, const core::Environment& environment) {
  std::optional<core::CliVersion> version;
  std::string from = "context";
  if (environment.cli_version) version = core::parse_cli_version(*environment.cli_version);
  if (!version) {
    version = store.cli_finder().find(environment.get("PATH"));
    from = "installed";
  }
  if (!version) {
    version = core::newest_known_version;
    from = "assumed";
  }
  core::Surroundings surroundings = load_surroundings(store, environment, *version);
  surroundings.version_from = from;
  return surroundings;
}

}  // namespace authd::io
