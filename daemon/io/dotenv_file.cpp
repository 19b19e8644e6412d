#include "daemon/io/dotenv_file.hpp"

#include "daemon/core/dotenv.hpp"
#include "daemon/core/dotenv_edit.hpp"
#include "daemon/io/private_file.hpp"
#include "daemon/io/work_tree.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

std::string git_rules_of(const core::Environment& environment) {
  const std::string config = environment.get("XDG_CONFIG_HOME");
  return (config.starts_with("/") ? config : environment.home + "/.config") + "/git/ignore";
}

core::Warning in_git(std::string message) {
  return {"F805", "file.in-git", {}, std::move(message)};
}

bool reads_as(const std::string& text, const std::string& name, const Secret& value) {
  bool is_so = false;
  for (const core::DotenvEntry& entry : core::parse_dotenv(text))
    if (entry.name == name) is_so = entry.value == value.reveal();
  return is_so;
}

}  // namespace

Result<std::vector<core::Warning>> dotenv_warnings(const DotenvTarget& target) {
  const GitPlace place = git_place(target.path, target.git_rules);
  if (place.standing == GitStanding::tracked && target.is_project)
    return std::unexpected(
        Error{ErrorKind::invalid_input,
              "git tracks " + target.path + ", so a key in it would go into the next commit.",
              "keyStore",
              "Save the key elsewhere, or take the file out of git first: git "
              "rm --cached.",
              {{"path", target.path}}});
  if (place.standing == GitStanding::unknown && target.is_project)
    return std::unexpected(
        Error{ErrorKind::invalid_input,
              "It cannot be told whether git tracks " + target.path +
                  ": the index of its repository cannot be read, or is split, sparse or damaged. A "
                  "key in a tracked file would go into the next commit.",
              "keyStore",
              "Save the key elsewhere.",
              {{"path", target.path}}});
  if (place.standing == GitStanding::unknown)
    return std::vector{in_git("It cannot be told whether git tracks " + target.path +
                              "; if it does, the key in it goes into the next commit.")};
  if (place.standing == GitStanding::tracked)
    return std::vector{
        in_git("git tracks " + target.path + ", so the key in it goes into the next commit.")};
  if (place.standing == GitStanding::untracked)
    return std::vector{in_git("git does not ignore " + target.path +
                              ", so `git add .` would take the key along. This line in " +
                              place.exclude_file + " prevents it: " + place.rule)};
  return std::vector<core::Warning>();
}

DotenvTarget user_dotenv(const core::Environment& environment, const std::string& qwen_dir) {
  return {qwen_dir + "/.env", false, git_rules_of(environment)};
}

Result<DotenvTarget> project_dotenv(const core::Environment& environment) {
  if (!environment.cwd)
    return fail(ErrorKind::invalid_input, "Without a directory there is no project.", "keyStore",
                "Give context.cwd, or choose another place for the key.");
  return DotenvTarget{*environment.cwd + "/.qwen/.env", true, git_rules_of(environment)};
}

Result<DotenvSaved> set_dotenv(const DotenvTarget& target, const std::string& name,
                               const Secret& value, const Secret* was) {
  auto warnings = dotenv_warnings(target);
  if (!warnings) return std::unexpected(warnings.error());
  const auto changed = edit_private_file(
      target.path, limits::dotenv_bytes_max, [&](const std::string& text) -> Result<std::string> {
        if (was && !reads_as(text, name, *was))
          return std::unexpected(Error{ErrorKind::settings_conflict,
                                       name + " in " + target.path + " has changed since.",
                                       "fix",
                                       "Run the doctor again.",
                                       {{"path", target.path}}});
        return core::set_in_dotenv(text, name, value.reveal());
      });
  if (!changed) return std::unexpected(changed.error());
  return DotenvSaved{target.path, *changed, *std::move(warnings)};
}

Result<DotenvSaved> remove_dotenv(const DotenvTarget& target, const std::string& name) {
  const auto changed = edit_private_file(
      target.path, limits::dotenv_bytes_max,
      [&](const std::string& text) { return core::remove_from_dotenv(text, name); });
  if (!changed) return std::unexpected(changed.error());
  return DotenvSaved{target.path, *changed, {}};
}

}  // namespace authd::io
