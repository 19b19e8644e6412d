#include "daemon/core/settings_view.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/settings_plan.hpp"
#include "daemon/core/settings_shape.hpp"

namespace authd::core {
namespace {

constexpr std::array<std::string_view, 6> sections_that_decide{
    "env", "modelProviders", "providerProtocol", "model", "security", "advanced"};

// The flat members of the first shape in their later places.
void bring_to_sections(Json& settings, const Jsonc& document) {
  const auto move = [&](const char* flat, const char* place, bool objects_stay) {
    const Jsonc::Node node = document.member(document.root(), flat);
    if (node == Jsonc::none) return;
    if (objects_stay && document.kind(node) == Jsonc::Kind::object) return;
    settings[Json::json_pointer(place)] = document.value(node);
  };
  // The migration puts what the file says in security.auth over what it made of the flat member.
  const bool has_auth = document.find(Path{"security", "auth"}) != Jsonc::none;
  const Jsonc::Node model = document.member(document.root(), "model");
  if (model != Jsonc::none && document.kind(model) != Jsonc::Kind::object)
    settings["model"] = Json{{"name", document.value(model)}};
  for (const char* section : {"security", "advanced"})
    if (!settings.contains(section) || !settings[section].is_object())
      settings[section] = Json::object();
  if (!has_auth) {
    settings["security"]["auth"] = Json::object();
    move("selectedAuthType", "/security/auth/selectedType", false);
    move("enforcedAuthType", "/security/auth/enforcedType", false);
  }
  move("excludedProjectEnvVars", "/advanced/excludedEnvVars", false);
  if (!settings["security"].contains("folderTrust") ||
      !settings["security"]["folderTrust"].is_object())
    settings["security"]["folderTrust"] = Json::object();
  move("folderTrust", "/security/folderTrust/enabled", true);
}

// {protocol, models} of a $version 5 as the list that it stands for.
void unwrap(Json& settings, const Jsonc& document) {
  Json* const providers =
      settings.contains("modelProviders") ? &settings["modelProviders"] : nullptr;
  if (!providers || !providers->is_object()) return;
  for (const auto& [provider, value] : providers->items()) {
    const ModelList list = model_list(document, provider);
    if (list.path.size() < 3) continue;
    value = list.array == Jsonc::none ? Json::array() : document.value(list.array);
  }
}

Json relevant(const Jsonc& document, const CliRules& rules) {
  Json settings = Json::object();
  for (const std::string_view name : sections_that_decide)
    if (const Jsonc::Node node = document.member(document.root(), name); node != Jsonc::none)
      settings[std::string(name)] = document.value(node);
  if (shape_of(document).is_v1) bring_to_sections(settings, document);
  if (rules.unwraps_v5) unwrap(settings, document);
  return settings;
}

void merge_into(Json& target, const Json& source, const std::string& path) {
  for (const auto& [name, value] : source.items()) {
    if (is_skipped_name(name)) continue;
    const std::string place = path + "/" + name;
    Json& into = target[name];
    if (into.is_array() && place == "/advanced/excludedEnvVars") {
      for (const Json& element : value.is_array() ? value : Json::array({value}))
        if (std::ranges::find(into, element) == into.end()) into.push_back(element);
    } else if (value.is_object()) {
      if (!into.is_object()) into = Json::object();
      merge_into(into, value, place);
    } else {
      into = value;
    }
  }
}

// Why Qwen Code does not start with a file that does not parse; empty where it goes on without it.
std::string fatal_fault(const SettingsFile& file, const Error& fault, const CliRules& rules) {
  if (file.trouble) return "Error in " + file.path + ": " + fault.message;
  const bool is_operators = rules.broken_file_is_fatal && file.scope != Scope::workspace;
  if (file.document && file.document->kind(file.document->root()) != Jsonc::Kind::object)
    return is_operators ? "Cannot read operator sandbox policy from " + file.path +
                              ": Error: Expected a settings object."
                        : "Error in " + file.path + ": Settings file is not a valid JSON object.";
  if (!is_operators) return "";
  return "Cannot read operator sandbox policy from " + file.path + ": SyntaxError (" +
         fault.message + ")";
}

bool has_byte_order_mark(const SettingsFile& file) {
  return file.text().starts_with("\xEF\xBB\xBF");
}

// The names of a file's modelProviders, in the order of the text.
void add_providers(SettingsView& view, const SettingsFile& file) {
  const Jsonc& document = *file.document;
  for (const Jsonc::Node node :
       document.children(document.member(document.root(), "modelProviders"))) {
    const std::string name = document.key(node);
    if (is_skipped_name(name)) continue;
    if (view.provider_scope.insert_or_assign(name, file.scope).second)
      view.providers.push_back(name);
  }
}

bool is_object_at(const Jsonc& document, std::string_view name) {
  const Jsonc::Node node = document.member(document.root(), name);
  return node != Jsonc::none && document.kind(node) == Jsonc::Kind::object;
}

}  // namespace

const Json* SettingsView::find(const char* pointer) const {
  const Json::json_pointer at(pointer);
  return merged.contains(at) ? &merged[at] : nullptr;
}

std::string SettingsView::text(const char* pointer) const {
  const Json* const value = find(pointer);
  return value && value->is_string() ? value->get<std::string>() : "";
}

SettingsView view_settings(const SettingsFiles& files, const CliRules& rules,
                           const Expand& expand) {
  SettingsView view;
  // A file of a folder that is not trusted takes no part, but it is read: it can be fatal.
  if (files.workspace && !files.workspace_trusted && files.workspace->exists)
    if (const auto document = editable_document(*files.workspace, false); !document)
      view.fatal = fatal_fault(*files.workspace, document.error(), rules);
  for (const SettingsFile* file : files.trusted()) {
    if (!file->exists) continue;
    const auto document = editable_document(*file, false);
    if (!document) {
      if (view.fatal.empty()) view.fatal = fatal_fault(*file, document.error(), rules);
      continue;
    }
    if (!rules.reads_byte_order_mark && has_byte_order_mark(*file)) continue;
    Json settings = relevant(*document, rules);
    interpolate(settings, expand);
    if (settings.contains("env") && settings["env"].is_object() && !settings["env"].empty())
      view.env.emplace_back(file->scope, settings["env"]);
    if (is_object_at(*document, "modelProviders")) {
      add_providers(view, *file);
    } else if (settings.contains("modelProviders")) {
      view.providers.clear();  // something else stands in its place, and hides all below
      view.provider_scope.clear();
    }
    merge_into(view.merged, settings, "");
  }
  return view;
}

bool trusts_by_rules(const SettingsView& view) {
  const Json* const enabled = view.find("/security/folderTrust/enabled");
  // JavaScript's idea of what is true.
  return enabled && *enabled != false && *enabled != 0 && *enabled != "" && !enabled->is_null();
}

}  // namespace authd::core
