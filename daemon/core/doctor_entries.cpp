// What says the right thing in the wrong place or shape: modelProviders that are no object, members
// that another program calls so, keys where Qwen Code reads none, several models in one id.
#include <algorithm>
#include <array>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/doctor_case.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/settings_mask.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr std::size_t entry_key_bytes_min = 12;

std::vector<const SettingsFile*> own_files(const DoctorCase& doctor) {
  std::vector<const SettingsFile*> own{&doctor.files.user};
  if (doctor.files.workspace && doctor.in.surroundings.files.workspace)
    own.push_back(&*doctor.files.workspace);
  return own;
}

// "base_url" and "baseURL" are "baseurl".
std::string spelt_plainly(std::string_view name) {
  std::string plain = lower_ascii(name);
  std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ' '; });
  return plain;
}

bool is_among(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// ---- P402: modelProviders itself ---------------------------------------------------------------

constexpr std::string_view shape_of_providers =
    R"("modelProviders": {"openai": [{"id": …, "baseUrl": …, "envKey": …}]})";

// The protocol that a list without a name is of, as far as the selection says it.
std::string protocol_of_selection(const DoctorCase& doctor) {
  const std::string& selected = doctor.active.auth_type;
  return find_auth_type(selected) && selected != "qwen-oauth" ? selected : "openai";
}

// The lists of an array, by protocol: its entries, or the models of its providers. Nothing where
// something else is in it.
std::optional<Json> as_object(const Json& array, const std::string& protocol) {
  Json providers = Json::object();
  for (const Json& element : array) {
    if (!element.is_object()) return std::nullopt;
    if (element.contains("id") && !element.contains("models")) {
      providers[protocol].push_back(element);
      continue;
    }
    const auto models = element.find("models");
    if (models == element.end() || !models->is_array()) return std::nullopt;
    std::string named = protocol;
    for (const char* member : {"protocol", "authType", "type", "provider", "name", "id"})
      if (element.contains(member) && element[member].is_string() &&
          find_auth_type(element[member].get<std::string>()))
        named = element[member].get<std::string>();
    for (const Json& model : *models) providers[named].push_back(model);
  }
  return providers.empty() ? std::nullopt : std::optional(providers);
}

void examine_shape_of_providers(DoctorCase& doctor) {
  for (const SettingsFile* file : own_files(doctor)) {
    if (!file->document) continue;
    const Path path{"modelProviders"};
    const Jsonc::Node node = file->document->find(path);
    if (node == Jsonc::none) continue;
    const Jsonc::Kind kind = file->document->kind(node);
    if (kind == Jsonc::Kind::object || kind == Jsonc::Kind::null) continue;
    Finding& finding = doctor.tell(
        "P402", "modelProviders",
        std::string("modelProviders is ") +
            (kind == Jsonc::Kind::array ? "an array" : "no object") +
            ", so Qwen Code finds no model in it. It should be an object that has a list for each "
            "protocol: " +
            std::string(shape_of_providers));
    finding.evidence = {DoctorCase::where_of(*file, path) + ": modelProviders"};
    if (doctor.active.entry) finding.severity = Severity::warning;
    if (kind != Jsonc::Kind::array) continue;
    const Json value = file->document->value(node);
    const std::string protocol = protocol_of_selection(doctor);
    if (const auto object = as_object(value, protocol))
      doctor.offer_edits(finding, FixKind::ask, "Put the list under " + protocol, file->scope,
                         {{path, *object, value}});
  }
}

// ---- P409, E105: members by another program's name ---------------------------------------------

struct OtherMember {
  std::string name, value;
};

std::optional<OtherMember> other_member(const Jsonc& document, Jsonc::Node entry,
                                        std::initializer_list<std::string_view> names) {
  for (const Jsonc::Node child : document.children(entry)) {
    const std::string name = document.key(child), text = document.string(child);
    if (!text.empty() && is_among(spelt_plainly(name), names)) return OtherMember{name, text};
  }
  return std::nullopt;
}

void examine_base_url_member(DoctorCase& doctor, const ConfiguredModel& model) {
  const auto place = doctor.place_of(model);
  if (!place.file || place.node == Jsonc::none || !model.base_url.empty()) return;
  const auto other = other_member(
      *place.file->document, place.node,
      {"baseurl", "url", "apibase", "apiurl", "apibaseurl", "endpoint", "apiendpoint", "host",
       "apihost", "base", "basepath", "server", "openaibaseurl", "openaiapibase"});
  if (!other || other->name == "baseUrl" || !has_http_scheme(other->value)) return;
  Finding& finding =
      doctor.tell("P409", model.id,
                  "The entry of " + printable(model.id, 60) + " says \"" + other->name +
                      "\", which Qwen Code does not read: it wants baseUrl, and without it the "
                      "requests do not go to " +
                      parse_url(other->value).host + ".");
  finding.evidence = {doctor.where_of(model, other->name) + ": " + other->name + " = " +
                      without_credentials(printable(other->value, 200))};
  if (doctor.is_active(model)) {
    finding.severity = Severity::error;
    finding.evidence.push_back("requests go to " + doctor.active.base_url);
  }
  Path right = place.path, wrong = place.path;
  right.emplace_back("baseUrl");
  wrong.emplace_back(other->name);
  doctor.offer_edits(finding, FixKind::ask, "Call it baseUrl", model.scope,
                     {{right, Json(other->value)}, {wrong, std::nullopt, Json(other->value)}});
}

bool tell_env_key_member(DoctorCase& doctor, const ConfiguredModel& model) {
  const auto place = doctor.place_of(model);
  if (!place.file || place.node == Jsonc::none || !model.env_key.empty()) return false;
  const auto other = other_member(
      *place.file->document, place.node,
      {"envkey", "apikeyenv", "apikeyenvvar", "apikeyenvironmentvariable", "apikeyname", "envvar",
       "envname", "env", "keyenv", "envapikey", "apikeyvar", "apikeyvariable", "keyname"});
  if (!other || other->name == "envKey" || !names_a_variable(other->value)) return false;
  Finding& finding = doctor.tell(
      "E105", key_subject(doctor.active.env_key),
      "The entry of " + printable(model.id, 60) + " says \"" + other->name +
          "\", which Qwen Code does not read: the variable's name belongs into envKey.");
  finding.evidence = {doctor.where_of(model, other->name) + ": " + other->name + " = " +
                      printable(other->value, 100)};
  Path right = place.path, wrong = place.path;
  right.emplace_back("envKey");
  wrong.emplace_back(other->name);
  doctor.offer_edits(finding, FixKind::automatic, "Call it envKey", model.scope,
                     {{right, Json(other->value)}, {wrong, std::nullopt, Json(other->value)}});
  return true;
}

// ---- E105: keys where none are read ------------------------------------------------------------

struct MisplacedKey {
  const SettingsFile* file = nullptr;
  Path path;
  std::string value, where;
  bool is_in_entry = false;
};

Path path_of_node(const Jsonc& document, Jsonc::Node node) {
  Path path;
  for (Jsonc::Node at = node; at != document.root(); at = document.parent(at)) {
    const Jsonc::Node parent = document.parent(at);
    if (document.kind(parent) == Jsonc::Kind::array) {
      const std::vector<Jsonc::Node> elements = document.children(parent);
      path.insert(path.begin(), std::to_string(std::ranges::find(elements, at) - elements.begin()));
    } else {
      path.insert(path.begin(), document.key(at));
    }
  }
  return path;
}

// Whether a key here may be meant for the model that starts: not one that is read there, nor one
// that is another program's, such as a server of tools.
bool may_be_meant(const Path& path, const Path& entry) {
  if (!entry.empty() && is_below(path, entry)) {
    // What is sent along is the provider's to name, such as prompt_cache_key.
    return std::ranges::none_of(path, [](const std::string& name) {
      return is_among(name, {"customHeaders", "headers", "extra_body", "samplingParams"});
    });
  }
  const std::string first = spelt_plainly(path.front());
  if (path.size() == 1) return true;
  if (path.front() == "security") return path != Path{"security", "auth", "apiKey"};
  return is_among(first, {"model", "models", "auth", "authentication", "environment", "envs",
                          "environmentvariables", "variables", "credentials", "keys", "apikeys",
                          "provider", "providers", "openai", "general", "llm"});
}

std::optional<MisplacedKey> misplaced_key(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const auto place = active.entry ? doctor.place_of(*active.entry) : DoctorCase::EntryPlace{};
  std::optional<MisplacedKey> found;
  for (const SettingsFile* file : own_files(doctor)) {
    if (!file->document) continue;
    const Jsonc& document = *file->document;
    const Path entry = place.file == file ? place.path : Path{};
    for (const Jsonc::Node node : secret_strings(document)) {
      const std::string value = document.string(node);
      if (value.size() < entry_key_bytes_min || is_reference(value)) continue;
      MisplacedKey one{file, path_of_node(document, node), value,
                       at_line_of(file->path, document.position(node).line), false};
      if (one.path.empty() || !may_be_meant(one.path, entry)) continue;
      const std::string& name = one.path.back();
      // In an `env` of its own any name may be meant; elsewhere the name says that it is a key.
      if (!names_a_secret(name) && name != active.env_key) continue;
      one.is_in_entry = !entry.empty() && is_below(one.path, entry);
      const bool is_named = name == active.env_key;
      // Another variable's key at the root is not this model's.
      const bool is_of_other = !one.is_in_entry && !is_named &&
                               name.find('_') != std::string::npos &&
                               spelt_plainly(name) != "apikey";
      if (is_of_other) continue;
      if (!found || (one.is_in_entry && !found->is_in_entry)) found = std::move(one);
    }
  }
  return found;
}

void offer_right_place(Finding& finding, DoctorCase& doctor, const MisplacedKey& key) {
  const Resolution& active = doctor.active;
  const ConfiguredModel* entry = active.entry ? &*active.entry : nullptr;
  const bool has_name = entry && !entry->env_key.empty() && names_a_variable(entry->env_key);
  const std::string name = has_name ? entry->env_key
                           : entry  ? doctor.variable_for(*entry)
                                    : active.env_key;
  std::vector<MemberEdit> edits{{{"env", name}, Json(key.value)}};
  if (entry && !has_name) {
    const auto place = doctor.place_of(*entry);
    if (place.file != key.file) return;
    Path path = place.path;
    path.emplace_back("envKey");
    edits.push_back({std::move(path), Json(name)});
  }
  edits.push_back({key.path, std::nullopt, Json(key.value)});
  doctor.offer_edits(
      finding, FixKind::automatic,
      "Move it to env." + name + (has_name || !entry ? "" : ", and name that by envKey"),
      key.file->scope, std::move(edits));
}

// `env` that is no object says nothing at all.
bool tell_shape_of_env(DoctorCase& doctor, const std::string& subject) {
  for (const SettingsFile* file : own_files(doctor)) {
    if (!file->document) continue;
    const Path path{"env"};
    const Jsonc::Node node = file->document->find(path);
    if (node == Jsonc::none) continue;
    const Jsonc::Kind kind = file->document->kind(node);
    if (kind == Jsonc::Kind::object || kind == Jsonc::Kind::null) continue;
    Finding& finding = doctor.tell("E105", subject,
                                   "env in " + file->path +
                                       " is no object, so it sets nothing. It should be: \"env\": "
                                       "{\"" +
                                       subject + "\": …}");
    finding.evidence = {DoctorCase::where_of(*file, path) + ": env"};
    const Json value = file->document->value(node);
    Json variables = Json::object();
    for (const Json& element : value) {
      const std::string line = element.is_string() ? element.get<std::string>() : "";
      const std::size_t equals = line.find('=');
      if (equals != std::string::npos && names_a_variable(line.substr(0, equals)))
        variables[line.substr(0, equals)] = line.substr(equals + 1);
      else if (element.is_object() && element.contains("name") && element.contains("value"))
        variables[element["name"].is_string() ? element["name"].get<std::string>() : ""] =
            element["value"];
      else if (element.is_object() && element.size() == 1)
        variables.update(element);
    }
    variables.erase("");
    if (value.is_array() && variables.size() == value.size() && !variables.empty())
      doctor.offer_edits(finding, FixKind::ask, "Make an object of it", file->scope,
                         {{path, variables, value}});
    return true;
  }
  return false;
}

// A key in the entry that starts, while another one is sent.
void examine_key_in_entry(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  if (!active.entry || active.key_is_missing || active.key.empty()) return;
  const auto key = misplaced_key(doctor);
  if (!key || !key->is_in_entry || Secret(key->value) == active.key) return;
  const bool is_own = doctor.choice.key_origin == Choice::Origin::entry;
  const std::string sent = active.env_key.empty() ? "another key" : "the key in " + active.env_key;
  Finding& finding = doctor.tell(
      is_own ? "P405" : "E105", is_own ? key->file->path : key_subject(active.env_key),
      "The entry of " + printable(active.entry->id, 60) + " holds a key in " + key->path.back() +
          ", which Qwen Code does not read: it sends " + sent + " instead.");
  finding.evidence = {key->where + ": " + path_text(key->path) + " = " + shown_value(key->value)};
  if (active.key_source)
    finding.evidence.push_back(active.key_source->where + ": " + shown_value(active.key.reveal()) +
                               ", sent");
  if (is_own)
    doctor.offer_edits(finding, FixKind::ask, "Take it out", key->file->scope,
                       {{key->path, std::nullopt, Json(key->value)}});
  else
    offer_right_place(finding, doctor, *key);
}

// ---- M501: several models in one id ------------------------------------------------------------

// The models of a text that lists them; none or one where it is no list.
std::vector<std::string> listed_models(std::string_view text) {
  constexpr auto separators =
      std::to_array<std::string_view>({",", ";", "\n", " | ", "\u3001", "\uFF0C", "\uFF1B"});
  std::vector<std::string> models;
  if (text.starts_with('$')) return models;
  std::string part;
  const auto take = [&] {
    std::string_view bare = js_trim(part);
    while (!bare.empty() && std::string_view("\"'`[]").find(bare.front()) != std::string_view::npos)
      bare.remove_prefix(1);
    while (!bare.empty() && std::string_view("\"'`[]").find(bare.back()) != std::string_view::npos)
      bare.remove_suffix(1);
    bare = js_trim(bare);
    if (!bare.empty()) models.emplace_back(bare);
    part.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto separator = std::ranges::find_if(
        separators, [&](std::string_view one) { return text.substr(at).starts_with(one); });
    if (separator == separators.end()) {
      part += text[at++];
      continue;
    }
    take();
    at += separator->size();
  }
  take();
  // Words of a sentence are no ids.
  const bool are_ids = std::ranges::all_of(models, [](const std::string& id) {
    return id.size() >= 2 && id.find(' ') == std::string::npos;
  });
  return are_ids ? models : std::vector<std::string>();
}

void offer_entry_for_each(Finding& finding, DoctorCase& doctor, const ConfiguredModel& model,
                          const std::vector<std::string>& ids) {
  const auto place = doctor.place_of(model);
  if (!place.file || place.node == Jsonc::none || place.path.size() < 2) return;
  const Jsonc& document = *place.file->document;
  const Json was = document.value(document.parent(place.node));
  if (!was.is_array()) return;
  Json list = Json::array();
  for (std::size_t i = 0; i < was.size(); ++i) {
    if (i != model.index) {
      list.push_back(was[i]);
      continue;
    }
    for (const std::string& id : ids) {
      Json entry = was[i];
      entry["id"] = id;
      if (entry.contains("name")) entry["name"] = id;
      list.push_back(std::move(entry));
    }
  }
  std::vector<MemberEdit> edits{
      {Path(place.path.begin(), place.path.end() - 1), std::move(list), was}};
  const Path name{"model", "name"};
  if (document.string_at(name) == model.id)
    edits.push_back({name, Json(ids.front()), Json(model.id)});
  doctor.offer_edits(finding, FixKind::ask, "Make an entry of each", model.scope, std::move(edits));
}

void tell_list_of_models(DoctorCase& doctor, const std::string& text,
                         const std::vector<std::string>& ids, const std::string& where,
                         const ConfiguredModel* entry) {
  Finding& finding = doctor.tell(
      "M501", printable(text, 100),
      "\"" + printable(text, 100) + "\" is a list of " + std::to_string(ids.size()) +
          " models, and Qwen Code sends it as the name of one, which no endpoint knows. Each model "
          "needs an entry of its own.");
  finding.evidence = {where + ": " + printable(text, 100)};
  if (!entry) return;
  if (!doctor.is_active(*entry)) finding.severity = Severity::warning;
  offer_entry_for_each(finding, doctor, *entry, ids);
}

void examine_lists_of_models(DoctorCase& doctor) {
  for (const ConfiguredModel& model : doctor.models) {
    if (model.protocol.empty() || model.is_fatal || model.is_duplicate) continue;
    if (const auto ids = listed_models(model.id); ids.size() > 1)
      tell_list_of_models(doctor, model.id, ids, doctor.where_of(model, "id"), &model);
  }
  const Resolution& active = doctor.active;
  if (active.entry || doctor.is_told("P404") || doctor.is_told("P401")) return;
  const auto ids = listed_models(active.model);
  if (ids.size() < 2) return;
  std::string where = "model.name";
  if (const SettingsFile* file = doctor.file_with({"model", "name"}))
    where = DoctorCase::where_of(*file, {"model", "name"});
  else if (const AuthType* type = find_auth_type(active.protocol))
    for (const std::string_view name : type->models)
      if (const VariableSource* source = name.empty() ? nullptr : doctor.winner(std::string(name)))
        where = source->where + ": " + std::string(name);
  tell_list_of_models(doctor, active.model, ids, where, nullptr);
}

}  // namespace

bool tell_misplaced_key(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const std::string subject = key_subject(active.env_key);
  if (!active.env_key.empty() && !names_a_variable(active.env_key)) return false;  // K209
  if (active.entry && tell_env_key_member(doctor, *active.entry)) return true;
  if (const auto key = misplaced_key(doctor)) {
    const std::string name = active.entry && active.entry->env_key.empty()
                                 ? doctor.variable_for(*active.entry)
                                 : active.env_key;
    Finding& finding = doctor.tell(
        "E105", subject,
        "A key stands in " + path_text(key->path) + " (" + key->where +
            "), where Qwen Code reads none: it belongs into env." + name +
            (active.entry && active.entry->env_key.empty()
                 ? ", and the entry says \"envKey\": \"" + name + "\"."
                 : ", which " + std::string(active.entry ? "the entry names." : "it reads.")));
    finding.evidence = {key->where + ": " + path_text(key->path) + " = " + shown_value(key->value)};
    offer_right_place(finding, doctor, *key);
    doctor.offer_command(finding, "Save the key", set_command(name));
    return true;
  }
  return tell_shape_of_env(doctor, subject);
}

void examine_entries(DoctorCase& doctor) {
  examine_shape_of_providers(doctor);
  for (const ConfiguredModel& model : doctor.models)
    if (!model.protocol.empty()) examine_base_url_member(doctor, model);
  examine_key_in_entry(doctor);
  examine_lists_of_models(doctor);
}

}  // namespace authd::core
