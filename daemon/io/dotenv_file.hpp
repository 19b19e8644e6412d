// A key in a .env file. No history is kept of these files: it would keep copies of keys beside the
// one that the user chose a place for, and an edit of one line is easily taken back by hand.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/environment.hpp"
#include "daemon/core/warning.hpp"
#include "protocol/secret.hpp"

namespace authd::io {

struct DotenvTarget {
  std::string path;
  bool is_project = false;  // below a workspace: never where git tracks the file
  std::string git_rules;    // the user's own file of what git ignores
};
// ~/.qwen/.env, or $QWEN_HOME/.env. Of `qwen_dir` see core::SettingsPaths.
DotenvTarget user_dotenv(const core::Environment& environment, const std::string& qwen_dir);
// <cwd>/.qwen/.env; invalid_input where there is no cwd.
Result<DotenvTarget> project_dotenv(const core::Environment& environment);

struct DotenvSaved {
  std::string path;
  bool changed = false;
  std::vector<core::Warning> warnings;  // F805: git would take the file, and how it will not
};

// F805 where git would take the file; the error where a key must not go into it, as of set_dotenv.
Result<std::vector<core::Warning>> dotenv_warnings(const DotenvTarget& target);

// Writes as edit_private_file does (0600, atomically, a symlink followed). Errors are its, those of
// core::set_in_dotenv, and invalid_input, field "keyStore", where git tracks a project's file; with
// `was`, settings_conflict where the variable does not read so. Settings thread only.
Result<DotenvSaved> set_dotenv(const DotenvTarget& target, const std::string& name,
                               const Secret& value, const Secret* was = nullptr);
Result<DotenvSaved> remove_dotenv(const DotenvTarget& target, const std::string& name);

}  // namespace authd::io
