// What a write changes in one settings file: worked out on the file as it was read, carried out by
// the store. Every plan keeps all bytes that it does not have to change.
#pragma once

#include "daemon/core/settings.hpp"
#include "daemon/core/settings_changes.hpp"
#include "daemon/core/settings_shape.hpp"

namespace authd::core {

struct Plan {
  SettingsFile file;  // as it was read
  std::string new_text;
  bool is_edited = false;  // new_text comes of edits: unless it parses it is not written
  std::vector<Path> keys;  // the members that change
  bool removes_file = false;
  std::string
      link;  // the symlink that is put back in the file's place, the text behind it; empty for none
  std::vector<Warning> warnings;

  bool changed() const {
    return removes_file || !link.empty() ||
           (file.exists ? file.text() != new_text : !new_text.empty());
  }
};

// A plan that changes nothing yet.
Plan plan_on(const SettingsFile& file);
void put_edited(Plan& plan, std::string text);

// The file that a scope means: "auto" is the persist-scope rule. invalid_input where there is no
// such file, as for the workspace without a directory.
Result<Scope> scope_to_write(const SettingsFiles& files, const std::string& scope);

// The file that a plan is to edit, and what it says. Errors of scope_to_write and
// editable_document.
struct EditTarget {
  const SettingsFile& file;
  Jsonc document;
};
Result<EditTarget> edit_target(const SettingsFiles& files, const std::string& scope, bool repair);

// What a plan writes at a path; nothing where any value at all would be in its way.
struct WrittenMember {
  Path path;
  std::optional<Json> value;
};
// P406 for each file above `scope` that says something else of some of these members.
std::vector<Warning> overridden_above(const SettingsFiles& files, Scope scope,
                                      const std::vector<WrittenMember>& members,
                                      const std::string& step);
// P406 where security.auth.enforcedType is another type than the one that is selected.
std::optional<Warning> refused_by_enforced_type(const SettingsFiles& files,
                                                const std::string& protocol,
                                                const std::string& step);

// What is worth knowing before a key is written to this file: that git tracks it, that others can
// read it or own it, that Qwen Code does not read it while its folder is not trusted.
std::vector<Warning> warnings_of_target(const SettingsFiles& files, Scope scope);
// Of the members on a path that occur twice: the last one counts, and is the one edited; of those
// that are removed, none is left.
void warn_of_duplicates(
    const Jsonc& document, const Path& path, const std::string& file,
    std::vector<Warning>& warnings,
    std::string_view what_was_done = "the last one counts and is the one edited");

// A file as a document that edits can be made on; a missing one as an empty object. Trailing commas
// are removed where `repair` asks for it. settings_unreadable with path, line, column and, where
// trailing commas alone spoil the file, the diff of the repair.
Result<Jsonc> editable_document(const SettingsFile& file, bool repair);

// settings_unreadable: a member is not what Qwen Code reads there.
Error wrong_shape(const SettingsFile& file, const WrongShape& shape);
// The same for an edit that ended in a document past a bound.
Error past_bounds(const SettingsFile& file, const JsoncError& error);

// One member set or removed, the latter wherever the file says it. invalid_input where Qwen Code
// could not start with the value, or the name is one that it ignores; its `field` is "path" or
// "value".
Result<Plan> plan_set(const SettingsFile& file, const Path& path, const Json& value, bool repair);
Result<Plan> plan_remove(const SettingsFile& file, const Path& path, bool repair);

// An entry without an id keeps Qwen Code from starting, whoever wrote it.
std::optional<Warning> fatal_entry(const std::vector<ModelEntry>& entries);

// What is in the place of a list of models that cannot be edited.
WrongShape unusable(const Jsonc& document, const ModelList& list);

// The models that a list of its own in `scope` would hide from Qwen Code: the user's, where the
// target is a workspace (facts, 1.2: arrays replace). No document where there are none.
struct HiddenModels {
  std::optional<Jsonc> document;
  Jsonc::Node array = Jsonc::none;
};
HiddenModels hidden_models(const SettingsFiles& files, Scope scope, const std::string& protocol);
// Says that they are copied along.
Warning list_copied(const std::vector<std::string>& ids, const std::string& from,
                    std::string_view step);

// An element as a document of its own. A trailing comma in it does not come along.
Jsonc element_of(const Jsonc& document, Jsonc::Node element);
// A model's entry with the members of `wanted` put into it: what else it says stays, bytes and all.
Jsonc merged_entry(const Jsonc& document, Jsonc::Node entry, const OrderedJson& wanted);

// An exported variable of that name with another value wins over settings.json (facts, 8).
std::optional<Warning> shadowed(const Environment& environment, const std::string& name,
                                std::string_view key);

// Whether model.baseUrl has to be written with a selection: it decides between two entries with one
// id, and a stale one picks the wrong entry (qwen-code-runs, 2.2).
struct Selected {
  std::string protocol, model, base_url;
};
bool base_url_decides(const SettingsFiles& files, const Jsonc& target,
                      const std::vector<ModelEntry>& entries, const Selected& selected);

// "0600".
std::string octal(unsigned mode);

// The unified diff of what a plan changes, secrets masked on both sides.
std::string plan_diff(const Plan& plan);

}  // namespace authd::core
