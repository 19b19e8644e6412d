// Plans for one member, and what all plans share.
#include "daemon/core/settings_plan.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/settings_rules.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "protocol/secret.hpp"

namespace authd::core {
namespace {

Error unreadable(const SettingsFile& file, std::string message, Position at, std::string hint) {
  Error error{
      ErrorKind::settings_unreadable, std::move(message), {}, std::move(hint), Json::object()};
  error.data = {{"path", file.path}, {"line", at.line}, {"column", at.column}};
  return error;
}

std::string place(Position at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

// Of a member, in every parent that occurs twice, too: else an earlier one would come back, and a
// key that was removed would still be in the file.
std::vector<Jsonc::Node> all_occurrences(const Jsonc& document, const Path& path) {
  std::vector<Jsonc::Node> nodes{document.root()};
  for (const std::string& name : path) {
    std::vector<Jsonc::Node> members;
    for (const Jsonc::Node node : nodes)
      if (document.kind(node) == Jsonc::Kind::object)
        for (const Jsonc::Node member : document.children(node))
          if (document.key(member) == name) members.push_back(member);
    nodes = std::move(members);
  }
  return nodes;
}

}  // namespace

std::string octal(unsigned mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3)
    text += static_cast<char>('0' + ((mode >> shift) & 7U));
  return text;
}

Plan plan_on(const SettingsFile& file) {
  Plan plan;
  plan.file = file;
  plan.new_text = file.text();
  return plan;
}

void put_edited(Plan& plan, std::string text) {
  plan.new_text = std::move(text);
  plan.is_edited = true;
}

Result<Scope> scope_to_write(const SettingsFiles& files, const std::string& scope) {
  if (scope == "user") return Scope::user;
  if (scope == "auto") return persist_scope(files);
  if (!files.workspace)
    return fail(ErrorKind::invalid_input,
                "There is no workspace: the directory is the home directory or was not given.",
                "scope", "Give context.cwd, or choose the user scope.");
  return Scope::workspace;
}

Result<EditTarget> edit_target(const SettingsFiles& files, const std::string& scope, bool repair) {
  const auto chosen = scope_to_write(files, scope);
  if (!chosen) return std::unexpected(chosen.error());
  const SettingsFile& file = files.at(*chosen);
  auto document = editable_document(file, repair);
  if (!document) return std::unexpected(document.error());
  return EditTarget{file, *std::move(document)};
}

std::vector<Warning> overridden_above(const SettingsFiles& files, Scope scope,
                                      const std::vector<WrittenMember>& members,
                                      const std::string& step) {
  std::vector<Warning> warnings;
  for (const SettingsFile* file : files.merged()) {
    if (file->scope <= scope) continue;
    std::vector<std::string> overridden;
    for (const WrittenMember& member : members) {
      const Jsonc::Node node = file->document->find(member.path);
      if (node != Jsonc::none && (!member.value || file->document->value(node) != *member.value))
        overridden.push_back(path_text(member.path));
    }
    if (!overridden.empty())
      warnings.push_back({"P406", "provider.overridden", step,
                          "The " + std::string(scope_name(file->scope)) + " settings in " +
                              file->path + " override " + join(overridden, ", ") +
                              ": what is saved here does not take effect."});
  }
  return warnings;
}

std::optional<Warning> refused_by_enforced_type(const SettingsFiles& files,
                                                const std::string& protocol,
                                                const std::string& step) {
  const auto enforced = merged_value(files, Path{"security", "auth", "enforcedType"});
  if (!enforced || !enforced->value.is_string() || enforced->value == protocol ||
      enforced->value == "")
    return std::nullopt;
  return Warning{"P406", "provider.overridden", step,
                 "security.auth.enforcedType is " + enforced->value.get<std::string>() +
                     " in the " + std::string(scope_name(enforced->scope)) +
                     " settings: Qwen Code refuses to start with " + protocol + "."};
}

std::vector<Warning> warnings_of_target(const SettingsFiles& files, Scope scope) {
  std::vector<Warning> warnings;
  const auto warn = [&](const char* code, const char* name, std::string message) {
    warnings.push_back({code, name, {}, std::move(message)});
  };
  const SettingsFile& file = files.at(scope);
  if (scope == Scope::workspace && !files.workspace_trusted)
    warn("P406", "provider.overridden",
         "This folder is not trusted, so Qwen Code ignores its settings file until you trust it.");
  if (file.facts.tracked_by_git)
    warn("F805", "file.in-git",
         file.path +
             " is tracked by git: a key that is saved there goes into the next commit. Choose the "
             "user "
             "scope, or take the file out of git first.");
  if (!file.exists) return warnings;
  if (!file.facts.is_ours)
    warn("F804", "file.owner-mode",
         file.path + " belongs to another user, who can read what is saved there.");
  if (const unsigned loose = file.facts.mode & 0077U; loose != 0)
    warn("F804", "file.owner-mode",
         file.path + " can be " + ((loose & 0044U) ? "read" : "changed") +
             " by other users of this machine (mode " + octal(file.facts.mode) +
             "). Saving makes it private (0600).");
  return warnings;
}

void warn_of_duplicates(const Jsonc& document, const Path& path, const std::string& file,
                        std::vector<Warning>& warnings, std::string_view what_was_done) {
  for (std::size_t length = 1; length <= path.size(); ++length) {
    const Path member(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length));
    const Path parent(member.begin(), member.end() - 1);
    if (document.occurrences(document.find(parent), member.back()) < 2) continue;
    std::string message =
        path_text(member) + " occurs twice in " + file + "; " + std::string(what_was_done) + ".";
    const bool said = std::any_of(warnings.begin(), warnings.end(), [&](const Warning& warning) {
      return warning.message == message;
    });
    if (!said) warnings.push_back({"F806", "file.duplicate-key", {}, std::move(message)});
  }
}

Error wrong_shape(const SettingsFile& file, const WrongShape& shape) {
  const std::string what = shape.path.empty() ? "The top level" : shape.path;
  return unreadable(file,
                    what + " in " + file.path + " is not what Qwen Code reads: expected " +
                        shape.expected + " (" + place(shape.at) + ").",
                    shape.at,
                    "Correct this member, or start qwen once so that it migrates an old file.");
}

Error past_bounds(const SettingsFile& file, const JsoncError& error) {
  return unreadable(
      file, "What is to be saved does not fit into " + file.path + ": " + error.message + ".",
      error.at, "Make room in the file. Nothing was changed.");
}

Result<Jsonc> editable_document(const SettingsFile& file, bool repair) {
  if (file.trouble) return std::unexpected(*file.trouble);
  if (!file.exists) return Jsonc::parse("{}\n").value();
  if (!file.document) {
    const JsoncError fault = file.fault.value_or(JsoncError{});
    const bool is_empty = fault.message == "the file is empty";  // as core/jsonc_scan says it
    const std::string remedy = is_empty ? "Delete it or write {} into it" : "Mend this line";
    return std::unexpected(unreadable(
        file, file.path + " does not parse: " + fault.message + " (" + place(fault.at) + ").",
        fault.at, remedy + ", then try again. Nothing was changed."));
  }
  const Jsonc& document = *file.document;
  if (document.kind(document.root()) != Jsonc::Kind::object)
    return std::unexpected(
        wrong_shape(file, {"", "an object", document.position(document.root())}));
  if (document.trailing_commas().empty()) return document;
  Jsonc repaired = document.without_trailing_commas();
  if (repair) return repaired;
  const Position at = document.position_of_offset(document.trailing_commas().front());
  Error error = unreadable(
      file, file.path + " has a trailing comma (" + place(at) + "), which Qwen Code refuses.", at,
      "Ask for the repair (repair: true), which removes it in the same write.");
  error.data["repair"] = masked_diff(document.text(), repaired.text(), file.path);
  return std::unexpected(std::move(error));
}

Result<Plan> plan_set(const SettingsFile& file, const Path& path, const Json& value, bool repair) {
  auto document = editable_document(file, repair);
  if (!document) return std::unexpected(document.error());
  const bool model_is_a_name = shape_of(*document).model_name.size() == 1;
  if (auto ok = acceptable(path, value, model_is_a_name); !ok) return std::unexpected(ok.error());
  Plan plan = plan_on(file);
  Jsonc::Edit edit(*document);
  if (!file.exists)
    if (auto ok = edit.set(Path{"$version"}, {4, {}}); !ok)
      return std::unexpected(wrong_shape(file, ok.error()));
  const Jsonc::Node node = document->find(path);
  if (node == Jsonc::none || document->value(node) != value) {
    plan.keys.push_back(path);
    if (auto ok = edit.set(path, {OrderedJson::parse(dump(value)), {}}); !ok)
      return std::unexpected(wrong_shape(file, ok.error()));
  }
  auto edited = edit.apply();
  if (!edited) return std::unexpected(past_bounds(file, edited.error()));
  warn_of_duplicates(*document, path, file.path, plan.warnings);
  put_edited(plan, edited->text());
  return plan;
}

Result<Plan> plan_remove(const SettingsFile& file, const Path& path, bool repair) {
  if (auto ok = nameable(path); !ok) return std::unexpected(ok.error());
  Plan plan = plan_on(file);
  if (!file.exists) return plan;
  auto document = editable_document(file, repair);
  if (!document) return std::unexpected(document.error());
  Jsonc::Edit edit(*document);
  const std::vector<Jsonc::Node> members = all_occurrences(*document, path);
  for (const Jsonc::Node member : members) edit.remove(member);
  if (!members.empty()) {
    plan.keys.push_back(path);
    warn_of_duplicates(*document, path, file.path, plan.warnings,
                       "what was removed is gone from all of them");
  }
  auto edited = edit.apply();
  if (!edited) return std::unexpected(past_bounds(file, edited.error()));
  put_edited(plan, edited->text());
  return plan;
}

std::optional<Warning> fatal_entry(const std::vector<ModelEntry>& entries) {
  if (std::none_of(entries.begin(), entries.end(),
                   [](const ModelEntry& entry) { return entry.id.empty(); }))
    return std::nullopt;
  return Warning{
      "P408",
      "provider.fatal-entry",
      {},
      "An entry under modelProviders has no id. Qwen Code does not start while it is there."};
}

WrongShape unusable(const Jsonc& document, const ModelList& list) {
  Path path = list.path;
  while (document.find(path) == Jsonc::none) path.pop_back();  // the root is there
  return {path_text(path), list.unusable, document.position(document.find(path))};
}

HiddenModels hidden_models(const SettingsFiles& files, Scope scope, const std::string& protocol) {
  if (scope != Scope::workspace || !files.user.document) return {};
  const ModelList list = model_list(*files.user.document, protocol);
  if (list.array == Jsonc::none) return {};
  return {files.user.document, list.array};
}

Warning list_copied(const std::vector<std::string>& ids, const std::string& from,
                    std::string_view step) {
  return {"P407", "provider.list-copied", std::string(step),
          "A list in this workspace hides your own: " +
              (ids.size() == 1 ? "1 model" : std::to_string(ids.size()) + " models") + " of " +
              from + (ids.size() == 1 ? " is" : " are") + " copied along (" + join(ids, ", ") +
              ")."};
}

Jsonc element_of(const Jsonc& document, Jsonc::Node element) {
  return Jsonc::parse(std::string(document.source(element))).value().without_trailing_commas();
}

Jsonc merged_entry(const Jsonc& document, Jsonc::Node entry, const OrderedJson& wanted) {
  const Jsonc alone = element_of(document, entry);
  Jsonc::Edit edit(alone);
  if (!edit.merge(wanted)) return alone;  // an entry that is no object
  return edit.apply().value_or(alone);
}

std::optional<Warning> shadowed(const Environment& environment, const std::string& name,
                                std::string_view key) {
  const std::string exported = environment.get(name);
  if (exported.empty() || exported == key) return std::nullopt;
  return Warning{"E101",
                 "env.shadowed",
                 {},
                 name + " is exported in your environment with another value (" + mask(exported) +
                     "), and an exported variable wins over settings.json. Unset it, or what you "
                     "save has no effect."};
}

bool base_url_decides(const SettingsFiles& files, const Jsonc& target,
                      const std::vector<ModelEntry>& entries, const Selected& selected) {
  const Path path{"model", "baseUrl"};
  const auto merged = merged_value(files, path);
  if ((merged && merged->value.is_string() && merged->value != "") ||
      !target.string_at(path).empty())
    return true;
  return std::any_of(entries.begin(), entries.end(), [&](const ModelEntry& entry) {
    return entry.protocol == selected.protocol && entry.id == selected.model &&
           canonical_base_url(entry.base_url) != canonical_base_url(selected.base_url);
  });
}

std::string plan_diff(const Plan& plan) {
  // A new key stands under env, where it is masked; it may stand elsewhere, too.
  std::vector<std::string> secrets;
  for (const Path& key : plan.keys)
    if (key.size() == 2 && key.front() == "env")
      if (const auto document = Jsonc::parse(plan.new_text))
        secrets.push_back(document->string_at(key));
  return masked_diff(plan.file.text(), plan.new_text, plan.file.path, secrets);
}

}  // namespace authd::core
