// What is in the settings files, how Qwen Code merges them, and what an installation of a provider
// changes: values in, a plan out. Nothing here reads or writes a file.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/environment.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/jsonc.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {

// Low to high: a later one overrides an earlier one (facts, 1.2).
enum class Scope { system_defaults, user, workspace, system };
std::string_view scope_name(Scope scope);

// One file as it was read. Where it exists but does not parse, `document` is empty and `fault`
// says why; a file with trailing commas parses here, but Qwen Code refuses it.
struct SettingsFile {
  Scope scope = Scope::user;
  std::string path;
  bool exists = false;
  std::string etag = "absent";
  std::optional<Jsonc> document;
  std::optional<JsoncError> fault;
  std::optional<Error> trouble;  // it exists and cannot be read at all
};

struct SettingsFiles {
  SettingsFile system_defaults, user, system;
  std::optional<SettingsFile> workspace;  // none without cwd, or where cwd is the home directory
  bool workspace_trusted = true;

  const SettingsFile& at(Scope scope) const;
  // The files that take part in the merge, low to high.
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

// What the custom wizard asks to be written.
struct Installation {
  std::string protocol;
  std::string base_url;
  std::vector<std::string> model_ids;
};

struct PlanRequest {
  std::string scope = "auto";  // "auto", "user", "workspace"
  Installation installation;
  std::string_view api_key;
  bool repair = false;
};

// An installation worked out against the files as they were read.
struct Plan {
  Scope scope;
  std::string path;
  bool exists = false;
  std::string etag;      // of the file as it was read
  std::string old_text;  // empty where there was no file
  std::string new_text;
  std::optional<Jsonc> new_document;  // what new_text parses to; none for a text put back as it was
  std::string env_key;
  OrderedJson patch;     // the new entries only, the key masked
  std::vector<std::string> keys;  // the members that change, "modelProviders.openai"
  Json first_entry;      // of the new entries, with what an older entry for the model kept
  std::vector<Warning> warnings;

  bool removes_file = false;

  bool changed() const { return !exists || removes_file || old_text != new_text; }
};

// Errors: settings_unreadable with path, line, column and, where trailing commas alone spoil the
// file, the diff of the repair; invalid_input where the scope cannot be written.
Result<Plan> plan_installation(const SettingsFiles& files, const Environment& environment,
                               const PlanRequest& request);

// A file as a document that edits can be made on; a missing one as an empty object. Trailing commas
// are removed where `repair` asks for it. Errors as plan_installation.
Result<Jsonc> editable_document(const SettingsFile& file, bool repair);

// A fingerprint of each member of a document, by dotted path: what a write left behind, so that a
// restore can tell whether somebody has edited it since. "absent" where there is no such member.
std::map<std::string, std::string> member_fingerprints(const Jsonc& document, const std::vector<std::string>& keys);

// The plan that takes a write back. Where the file is as the write left it (`unchanged`), the
// former text is put back byte for byte; else only the write's own members are, and everybody
// else's edits stay. settings_conflict where one of these members was edited since.
struct Restoration {
  std::string path;
  Scope scope = Scope::user;
  std::vector<std::string> keys;
  std::map<std::string, std::string> fingerprints_after;
  std::optional<std::string> before;  // the former text; nothing where there was no file
  bool unchanged = false;
};
Result<Plan> plan_restoration(const SettingsFile& now, const Restoration& restoration);

// The unified diff of two settings texts, secrets masked on both sides.
// `new_secret` is masked wherever it stands.
std::string masked_diff(const std::string& old_text, const std::string& new_text, const std::string& path,
                        const std::string& new_secret = {});

std::string plan_diff(const Plan& plan);

// The file's text with every secret in it masked: string values below "env", and members whose
// name says that they hold a credential. Has as many lines as `document`.
std::string masked_text(const Jsonc& document);

}  // namespace authd::core
