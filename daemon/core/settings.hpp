// What is in the settings files, how Qwen Code merges them, and what of it may be shown. Nothing
// here reads or writes a file.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/env_key.hpp"
#include "daemon/core/environment.hpp"
#include "daemon/core/jsonc.hpp"
#include "daemon/core/path.hpp"
#include "daemon/core/settings_mask.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {

// Low to high: a later one overrides an earlier one (facts, 1.2).
enum class Scope { system_defaults, user, workspace, system };
std::string_view scope_name(Scope scope);
Scope scope_named(std::string_view name);  // user where it is none of them

// What the directory says of a file.
struct FileFacts {
  unsigned mode = 0600;         // of the file behind a symlink
  bool is_ours = true;          // its owner is the user of this process
  std::string link;             // what the symlink says, empty where it is none
  bool tracked_by_git = false;  // filled by SettingsStore::inspect only
};

// Names a text: its SHA-256, 64 hex digits. Its first 16 are the file's etag.
std::string content_id(std::string_view text);
std::string etag_of(std::string_view text);

// One file as it was read. Where it exists but does not parse, `document` is empty and `fault`
// says why; a file with trailing commas parses here, but Qwen Code refuses it.
struct SettingsFile {
  Scope scope = Scope::user;
  std::string path;
  bool exists = false;
  std::string etag = "absent";
  std::string content_id;  // empty where there is no file
  std::optional<Jsonc> document;
  std::optional<JsoncError> fault;
  std::shared_ptr<const std::string> raw;  // the text of a file that does not parse
  std::optional<Error> trouble;            // it exists and cannot be read at all
  FileFacts facts;

  const std::string& text() const;  // empty where there is none
};

struct SettingsFiles {
  SettingsFile system_defaults, user, system;
  std::optional<SettingsFile> workspace;  // none without cwd, or where cwd is the home directory
  bool workspace_trusted = true;

  const SettingsFile& at(Scope scope) const;
  SettingsFile& at(Scope scope) {
    return const_cast<SettingsFile&>(std::as_const(*this).at(scope));
  }
  // All but a workspace that is not trusted, low to high.
  std::vector<const SettingsFile*> trusted() const;
  // Those of them that could be read: the files that take part in the merge.
  std::vector<const SettingsFile*> merged() const;
};

// A model entry somewhere under modelProviders.
struct ModelEntry {
  Scope scope;
  std::string protocol;
  std::string id, base_url, env_key;
};
// Every entry of every file that takes part, also those that a higher scope hides; and those of
// `target`, which takes no part while its folder is not trusted.
std::vector<ModelEntry> model_entries(const SettingsFiles& files, Scope target);

// The value that wins at a path, and the scope it comes from.
struct MergedValue {
  Json value;
  Scope scope;
};
std::optional<MergedValue> merged_value(const SettingsFiles& files, MemberPath path);

// The PRD's rule, getPersistScopeForModelSelection: the workspace where it is trusted and has a
// modelProviders member of its own, else the user (facts, 2).
Scope persist_scope(const SettingsFiles& files);

}  // namespace authd::core
