#include "daemon/core/doctor.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/doctor_case.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/fix_plan.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/settings_rules.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

constexpr auto looked_for = std::to_array<std::string_view>(
    {"F801", "F803", "D951", "P408", "P401", "P402", "S901", "K209", "E106", "E104", "E109",
     "E108", "E101", "E102", "E105", "E107", "E111", "K206", "K205", "K207", "K201", "M501",
     "U303", "U302", "U301", "U304", "P406", "P404", "P403", "P409", "N701", "N702", "N703",
     "F805", "F804", "F802", "F806", "P405", "E103", "D952", "S902"});

}  // namespace

std::span<const std::string_view> static_codes() { return looked_for; }

std::vector<Finding> diagnose(const DoctorInput& input) {
  DoctorCase doctor(input);
  examine_files(doctor);
  examine_environment(doctor);
  examine_providers(doctor);
  examine_entries(doctor);
  examine_keys(doctor);
  examine_urls(doctor);
  examine_security(doctor);
  std::vector<Finding> findings = arranged(doctor.take());
  for (Finding& finding : findings)
    std::erase_if(finding.fixes,
                  [&](Fix& fix) { return !add_preview(fix, doctor.files, doctor.models); });
  return findings;
}

namespace {

// Whether a name says that its value is a key, and not something about one, nor a public one.
bool names_a_key(std::string_view name) {
  std::string lower = lower_ascii(name);
  while (!lower.empty() && (is_digit(lower.back()) || lower.back() == '_')) lower.pop_back();
  for (const std::string_view begin : {"next_public_", "vite_", "react_app_"})
    if (lower.starts_with(begin)) return false;
  for (const std::string_view end : {"primary_key", "site_key", "sitekey", "public_key",
                                     "publishable_key", "publickey", "publishablekey"})
    if (lower.ends_with(end)) return false;
  return names_a_secret(lower) &&
         std::ranges::any_of(std::array<std::string_view, 9>{"key", "token", "secret", "password",
                                                             "passwd", "passphrase", "credential",
                                                             "credentials", "authorization"},
                             [&](std::string_view end) { return lower.ends_with(end); });
}

bool is_kept_secret(std::string_view value) {
  return value.size() >= 12 && !is_reference(value) && !is_placeholder_key(value) &&
         !is_sample_key(value);
}

}  // namespace

bool is_literal_key(const DotenvEntry& entry) {
  return is_kept_secret(entry.value) && names_a_secret(entry.name) &&
         (names_a_key(entry.name) || !credentials_in(entry.value).empty());
}

std::vector<Jsonc::Node> literal_keys(const Jsonc& document) {
  std::set<std::string> names;
  const Jsonc::Node providers = document.member(document.root(), "modelProviders");
  const std::function<void(Jsonc::Node)> collect = [&](Jsonc::Node node) {
    for (const Jsonc::Node child : document.children(node)) {
      if (document.key(child) == "envKey") names.insert(document.string(child));
      collect(child);
    }
  };
  if (providers != Jsonc::none) collect(providers);
  std::vector<Jsonc::Node> keys;
  for (const Jsonc::Node node : secret_strings(document)) {
    const std::string text = document.string(node), name = document.key(node);
    if (!is_kept_secret(text)) continue;
    const Jsonc::Node parent = document.parent(node);
    const bool in_env = parent != Jsonc::none && document.key(parent) == "env";
    if (in_env && names.contains(name)) {
      keys.push_back(node);
      continue;
    }
    if (in_env && !names_a_secret(name)) continue;
    if (!names_a_key(name) && credentials_in(text).empty()) continue;
    keys.push_back(node);
  }
  return keys;
}

// ---- DoctorCase --------------------------------------------------------------------------------

DoctorCase::DoctorCase(const DoctorInput& input)
    : in(input),
      files(input.surroundings.files),
      loaded(load(input.surroundings, input.environment, input.rules)),
      models(configured_models(loaded.settings, input.rules)),
      choice(resolved_choice(input.surroundings, input.environment, input.rules)),
      active(choice.resolution),
      explainer_(input.surroundings, input.environment, input.rules) {}

const Explanation& DoctorCase::explained(const std::string& name) {
  const auto known = explanations_.find(name);
  if (known != explanations_.end()) return known->second;
  return explanations_.emplace(name, explainer_.explain(name)).first->second;
}

const VariableSource* DoctorCase::winner(const std::string& name) {
  const Explanation& explanation = explained(name);
  return explanation.winner ? &explanation.sources[*explanation.winner] : nullptr;
}

std::string DoctorCase::variable(const std::string& name) const {
  const auto found = loaded.variables.find(name);
  return found == loaded.variables.end() ? "" : found->second;
}

bool DoctorCase::is_active(const ConfiguredModel& model) const {
  return active.entry && active.entry->provider == model.provider &&
         active.entry->index == model.index;
}

bool DoctorCase::lacks_fatal_entry() const {
  return !active.entry && std::ranges::any_of(models, &ConfiguredModel::is_fatal);
}

const std::set<std::string>& DoctorCase::key_names() {
  if (!key_names_.empty()) return key_names_;
  for (const ConfiguredModel& model : models)
    if (!model.env_key.empty()) key_names_.insert(model.env_key);
  if (!active.env_key.empty()) key_names_.insert(active.env_key);
  return key_names_;
}

const PathFacts* DoctorCase::facts(const std::string& path) const {
  const auto found = in.paths.find(path);
  return found == in.paths.end() ? nullptr : &found->second;
}

Scope DoctorCase::selection_scope() const {
  for (const Path& path : {Path{"model", "name"}, Path{"security", "auth", "selectedType"}})
    if (const auto merged = merged_value(files, path);
        merged && (merged->scope == Scope::user || merged->scope == Scope::workspace))
      return merged->scope;
  return persist_scope(files);
}

DoctorCase::EntryPlace DoctorCase::place_of(const ConfiguredModel& model) const {
  EntryPlace place;
  const SettingsFile& file = files.at(model.scope);
  if (!file.document) return place;
  place.file = &file;
  const ModelList list = model_list(*file.document, model.provider);
  place.path = list.path;
  if (list.array == Jsonc::none) {
    place.node = file.document->find(list.path);
    return place;
  }
  const std::vector<Jsonc::Node> elements = file.document->children(list.array);
  if (model.index >= elements.size()) return {};
  place.path.push_back(std::to_string(model.index));
  place.node = elements[model.index];
  return place;
}

std::string DoctorCase::where_of(const ConfiguredModel& model, std::string_view member) const {
  const EntryPlace place = place_of(model);
  if (!place.file || place.node == Jsonc::none) return "modelProviders." + model.provider;
  const Jsonc& document = *place.file->document;
  Jsonc::Node node = member.empty() ? Jsonc::none : document.member(place.node, member);
  if (node == Jsonc::none) node = place.node;
  return at_line_of(place.file->path, document.position(node).line);
}

std::string DoctorCase::where_of(const SettingsFile& file, const Path& path) {
  if (!file.document) return file.path;
  const Jsonc::Node node = file.document->find(path);
  return node == Jsonc::none ? file.path
                             : at_line_of(file.path, file.document->position(node).line);
}

const SettingsFile* DoctorCase::file_with(const Path& path) const {
  const auto merged = merged_value(files, path);
  return merged ? &files.at(merged->scope) : nullptr;
}

std::string DoctorCase::raw_text(const EntryPlace& place, std::string_view member) {
  if (!place.file || place.node == Jsonc::none) return "";
  return place.file->document->string_member(place.node, member);
}

Finding& DoctorCase::tell(std::string_view code, std::string subject, std::string message) {
  Finding finding;
  finding.code = code;
  finding.message = std::move(message);
  finding.subject = std::move(subject);
  findings_.push_back(std::move(finding));
  return findings_.back();
}

bool DoctorCase::is_told(std::string_view code) const {
  return std::ranges::find(findings_, code, &Finding::code) != findings_.end();
}

void DoctorCase::offer_command(Finding& finding, std::string title, std::string command) const {
  Fix fix;
  fix.title = std::move(title);
  if (command.empty()) return;
  fix.command = std::move(command);
  finding.fixes.push_back(std::move(fix));
}

void DoctorCase::offer_model(Finding& finding, const ConfiguredModel& model,
                             std::string title) const {
  Fix fix;
  fix.kind = FixKind::ask;
  fix.title = std::move(title);
  fix.action = SelectModel{selection_scope(), {model.protocol, model.id, model.base_url}};
  fix.command = "qwen-authctl use " + shell_quoted(model.id);
  finding.fixes.push_back(std::move(fix));
}

void DoctorCase::offer_edits(Finding& finding, FixKind kind, std::string title, Scope scope,
                             std::vector<MemberEdit> edits) const {
  Fix fix;
  // Files of the system are somebody else's.
  if (scope == Scope::system || scope == Scope::system_defaults) {
    fix.title = std::move(title) + " (in " + files.at(scope).path + ")";
    finding.fixes.push_back(std::move(fix));
    return;
  }
  fix.kind = kind;
  fix.title = std::move(title);
  fix.action = EditSettings{scope, std::move(edits)};
  finding.fixes.push_back(std::move(fix));
}

void DoctorCase::offer_value(Finding& finding, FixKind kind, std::string title,
                             const std::string& name, std::string_view value) {
  const VariableSource* source = winner(name);
  if (!source) return;
  const std::string path = source->where.substr(0, source->where.rfind(':'));
  switch (source->kind) {
    case SourceKind::settings:
      for (const Scope scope : {Scope::user, Scope::workspace}) {
        if (scope == Scope::workspace && !files.workspace) continue;
        const SettingsFile& file = files.at(scope);
        if (file.path != path || !file.document) continue;
        const std::string raw = file.document->string_at(Path{"env", name});
        if (is_placeholder(raw)) return;
        return offer_edits(finding, kind, std::move(title), scope,
                           {{{"env", name}, Json(std::string(value)), Json(raw)}});
      }
      return;
    case SourceKind::dotenv: {
      if (!source->value) return;
      Fix fix;
      fix.kind = FixKind::ask;  // no undo
      fix.title = std::move(title);
      fix.action = EditDotenv{path, name, Secret(value), source->value->clone()};
      // The file holds keys, so only the place is shown.
      fix.preview = source->where + ": " + name + "=" + mask(value) + "\n";
      finding.fixes.push_back(std::move(fix));
      return;
    }
    case SourceKind::shell:
      return offer_command(finding, "Export it again as it should be",
                           "read -rs " + shell_quoted(name) + " && export " + shell_quoted(name));
    case SourceKind::cli:
    case SourceKind::overlay: return;
  }
}

std::vector<const ConfiguredModel*> DoctorCase::alternatives() const {
  std::vector<const ConfiguredModel*> with_key, without;
  for (const ConfiguredModel& model : models) {
    if (!model.is_usable || model.protocol == "qwen-oauth") continue;
    const bool has_key = !model.env_key.empty() && !variable(model.env_key).empty();
    (has_key ? with_key : without).push_back(&model);
  }
  with_key.insert(with_key.end(), without.begin(), without.end());
  return with_key;
}

std::string DoctorCase::variable_for(const ConfiguredModel& entry) const {
  for (const Provider& provider : providers())
    if (provider.endpoint_at(entry.base_url)) return std::string(provider.env_key);
  std::vector<KeyUse> uses;
  for (const ConfiguredModel& model : models)
    uses.push_back({model.protocol, model.base_url, model.env_key});
  return choose_env_key(entry.protocol, entry.base_url, uses);
}

// ---- Words -------------------------------------------------------------------------------------

std::string shown_value(std::string_view value) {
  if (value.empty()) return "empty";
  return mask(value) + ", fingerprint " + fingerprint(value);
}

bool names_a_variable(const std::string& env_key) {
  constexpr std::size_t bytes_max = 256, key_bytes_min = 24;
  if (env_key.empty() || env_key.size() > bytes_max) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool is_name = !is_digit(env_key.front()) && std::ranges::all_of(env_key, [&](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '_';
  });
  if (!is_name || !credentials_in(env_key).empty()) return false;
  // Keys without a dash have letters and digits in a mix that nobody calls a variable by.
  const bool is_mixed =
      std::ranges::any_of(env_key, is_digit) && std::ranges::any_of(env_key, is_lower);
  return !is_mixed || env_key.size() < key_bytes_min || env_key.find('_') != std::string::npos;
}

std::string key_subject(const std::string& env_key) {
  return env_key.empty() || names_a_variable(env_key) ? env_key : "envKey " + fingerprint(env_key);
}

std::string at_line_of(const std::string& path, std::size_t line) {
  return path + ":" + std::to_string(line);
}

std::string set_command(const std::string& name, const std::string& more) {
  return usable_variable_name(name) ? "qwen-authctl settings set env." + name + " -" + more : "";
}

}  // namespace authd::core
