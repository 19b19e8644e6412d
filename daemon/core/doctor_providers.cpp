// What modelProviders and the selection say: entries that stop Qwen Code, that are passed over,
// that compete, and selections that mean nothing.
#include <algorithm>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/doctor_case.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

std::string wanted_model(const DoctorCase& doctor) {
  return doctor.loaded.settings.text("/model/name");
}

std::string entry_name(const ConfiguredModel& model) {
  return "entry " + std::to_string(model.index + 1) + " of modelProviders." + model.provider;
}

// Not more of them than a person reads.
void offer_alternatives(Finding& finding, const DoctorCase& doctor, const std::string& near) {
  constexpr std::size_t offered_max = 3;
  std::vector<const ConfiguredModel*> models = doctor.alternatives();
  const auto is_near = [&](const ConfiguredModel* model) {
    const std::string id = lower_ascii(model->id), wanted = lower_ascii(near);
    return !wanted.empty() && (id.starts_with(wanted) || wanted.starts_with(id) ||
                               id.substr(0, 4) == wanted.substr(0, 4));
  };
  std::ranges::stable_partition(models, is_near);
  for (std::size_t i = 0; i < std::min(models.size(), offered_max); ++i)
    doctor.offer_model(finding, *models[i],
                       "Start with " + models[i]->id +
                           (models[i]->base_url.empty() ? "" : " at " + models[i]->base_url));
  if (models.empty()) doctor.offer_command(finding, "Set a model up", "qwen-authctl");
}

// ---- P408 --------------------------------------------------------------------------------------

// The id that an entry says otherwise: as all that it is, or in a member of another name.
void offer_id(Finding& finding, const DoctorCase& doctor, const ConfiguredModel& model) {
  const auto place = doctor.place_of(model);
  const Jsonc& document = *place.file->document;
  Path list = place.path;
  list.pop_back();
  if (model.entry.is_string()) {
    const Json was = document.value(document.parent(place.node));
    Json entries = was;
    for (Json& entry : entries)
      if (entry.is_string()) entry = Json{{"id", entry}};
    return doctor.offer_edits(finding, FixKind::ask,
                              "Make an object of each name, as in {\"id\": \"" +
                                  printable(model.entry.get<std::string>(), 60) + "\"}",
                              model.scope, {{list, std::move(entries), was}});
  }
  if (!model.entry.is_object() || !model.id.empty()) return;
  for (const char* name : {"model", "modelId", "model_id", "modelName", "model_name", "ID", "Id"}) {
    const std::string id = document.string_member(place.node, name);
    if (id.empty()) continue;
    Path path = place.path;
    path.emplace_back("id");
    return doctor.offer_edits(finding, FixKind::ask,
                              "Give it the id that it has in \"" + std::string(name) + "\"",
                              model.scope, {{std::move(path), Json(id)}});
  }
}

void examine_fatal_entries(DoctorCase& doctor) {
  for (const ConfiguredModel& model : doctor.models) {
    if (!model.is_fatal) continue;
    const auto place = doctor.place_of(model);
    Finding& finding = doctor.tell(
        "P408", entry_name(model),
        "Qwen Code does not start because of " + entry_name(model) + ": " + model.reason);
    finding.evidence = {doctor.where_of(model)};
    if (!place.file || place.node == Jsonc::none) continue;
    offer_id(finding, doctor, model);
    // Behind an entry that is removed the others move up, so those of one list go together.
    std::vector<MemberEdit> edits;
    for (const ConfiguredModel& other : doctor.models) {
      const auto there = doctor.place_of(other);
      if (other.is_fatal && other.provider == model.provider && there.file == place.file &&
          there.node != Jsonc::none)
        edits.push_back({there.path, std::nullopt, place.file->document->value(there.node)});
    }
    doctor.offer_edits(finding, FixKind::ask,
                       edits.size() == 1 ? "Remove the entry"
                                         : "Remove the " + std::to_string(edits.size()) +
                                               " entries of that list that stop it",
                       model.scope, std::move(edits));
  }
  for (const Warning& issue : doctor.active.issues) {
    const bool is_told = doctor.is_told("P408");
    if (issue.code != "P408" || is_told) continue;
    const std::string subject = doctor.active.entry ? entry_name(*doctor.active.entry) : "";
    Finding& finding = doctor.tell("P408", subject, "Qwen Code does not start: " + issue.message);
    if (doctor.active.entry) finding.evidence = {doctor.where_of(*doctor.active.entry)};
    offer_alternatives(finding, doctor, "");
  }
}

// ---- P402 --------------------------------------------------------------------------------------

// The entries of {"id": {…}, …}; none where something else is in it.
Json entries_by_id(const Json& value) {
  Json list = Json::array();
  if (!value.is_object()) return list;
  for (const auto& [id, entry] : value.items()) {
    const bool is_entry = entry.is_object() && id != "options" && id != "models" &&
                          id != "generationConfig" && id != "env";
    if (!is_entry) return Json::array();
    Json one = entry;
    if (!one.contains("id")) one["id"] = id;
    list.push_back(std::move(one));
  }
  return list;
}

void examine_skipped_providers(DoctorCase& doctor) {
  std::set<std::string> seen;
  for (const ConfiguredModel& model : doctor.models) {
    const bool is_list = !model.entry.is_null() || !model.id.empty();
    const bool is_unknown = model.protocol.empty();
    const bool is_no_list = !is_unknown && !is_list && !model.is_fatal && !model.is_usable &&
                            model.protocol != "qwen-oauth";
    if ((!is_unknown && !is_no_list) || !seen.insert(model.provider).second) continue;
    const std::string name = wanted_model(doctor);
    const bool has_wanted = std::ranges::any_of(doctor.models, [&](const ConfiguredModel& one) {
      return one.provider == model.provider && one.id == name && !name.empty();
    });
    const bool starts_otherwise = doctor.active.entry && doctor.active.entry->id == name;
    Finding& finding = doctor.tell(
        "P402", "modelProviders." + model.provider,
        model.reason + (is_no_list ? " It should be one: \"" + model.provider +
                                         "\": [{\"id\": …, \"baseUrl\": …, \"envKey\": …}]"
                                   : ""));
    finding.evidence = {doctor.where_of(model)};
    const bool matters = (has_wanted && !starts_otherwise) ||
                         doctor.active.auth_type == model.provider || doctor.alternatives().empty();
    if (!matters) finding.severity = Severity::warning;
    if (is_unknown && doctor.in.rules.has_provider_protocol)
      doctor.offer_edits(finding, FixKind::ask,
                         "Map " + model.provider + " to openai by providerProtocol", model.scope,
                         {{{"providerProtocol", model.provider}, Json("openai")}});
    else if (is_no_list && doctor.files.at(model.scope).document) {
      const Jsonc& document = *doctor.files.at(model.scope).document;
      const Path path{"modelProviders", model.provider};
      const Json value = document.value(document.find(path));
      if (value.is_object() && value.contains("id"))
        doctor.offer_edits(finding, FixKind::ask, "Make a list of the one entry", model.scope,
                           {{path, Json::array({value}), value}});
      else if (const Json list = entries_by_id(value); !list.empty())
        doctor.offer_edits(finding, FixKind::ask, "Make a list of the entries", model.scope,
                           {{path, list, value}});
    }
  }
}

// ---- P401, P404 --------------------------------------------------------------------------------

// An entry of another protocol that has the name.
const ConfiguredModel* elsewhere(const DoctorCase& doctor, const std::string& name) {
  const ConfiguredModel* found = nullptr;
  for (const ConfiguredModel& model : doctor.models) {
    if (name.empty() || !model.is_usable || model.id != name) continue;
    if (model.protocol == doctor.active.protocol) return nullptr;
    if (!found) found = &model;
  }
  return found;
}

std::vector<std::string> evidence_of_selection(const DoctorCase& doctor) {
  std::vector<std::string> lines;
  for (const Path& path : {Path{"security", "auth", "selectedType"}, Path{"model", "name"},
                           Path{"model", "baseUrl"}}) {
    const SettingsFile* file = doctor.file_with(path);
    if (!file) continue;
    const auto merged = merged_value(doctor.files, path);
    lines.push_back(DoctorCase::where_of(*file, path) + ": " + path_text(path) + " = " +
                    printable(merged->value.is_string() ? merged->value.get<std::string>()
                                                        : dump(merged->value)));
  }
  return lines;
}

void tell_selected_type(DoctorCase& doctor, const Warning& issue) {
  const Resolution& active = doctor.active;
  const bool is_working = active.fatal != issue.message;
  // A set-up by variables alone is a way to use Qwen Code.
  if (is_working && doctor.models.empty()) return;
  const bool is_enforced =
      issue.message.find("Please re-authenticate with the correct type") != std::string::npos;
  if (is_enforced) return;  // P406
  const bool is_new = active.auth_type.empty() && doctor.models.empty();
  const SettingsFile& user = doctor.files.user;
  const PathFacts* facts = doctor.facts(user.path);
  const bool is_dangling = !user.exists && facts && !facts->link.empty();
  std::string message = issue.message;
  if (active.auth_type == "qwen-oauth")
    message =
        "Qwen OAuth ended on 2026-04-15, and security.auth.selectedType still says qwen-oauth: "
        "Qwen Code does not start.";
  else if (is_new)
    message =
        "Nothing is set up yet: no authentication type is selected and no model is configured.";
  else if (active.auth_type.empty())
    message =
        "No security.auth.selectedType is set, so Qwen Code does not start without being asked.";
  else if (!is_working)
    message = "security.auth.selectedType is \"" + printable(active.auth_type, 60) +
              "\", which is no authentication type of Qwen Code " + doctor.in.rules.version.text() +
              ".";
  // What a symlink leads to is gone with all that was set up; F803 says so of the same file.
  Finding& finding = doctor.tell(
      "P401", is_new && is_dangling ? user.path : "security.auth.selectedType", std::move(message));
  finding.evidence = evidence_of_selection(doctor);
  // Variables may name the very entry that starts.
  if (is_working) finding.severity = active.entry ? Severity::info : Severity::warning;
  offer_alternatives(finding, doctor, wanted_model(doctor));
}

// The selected type has no entry at all, and the models are another type's.
bool tell_other_type(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const AuthType* type = find_auth_type(active.protocol);
  if (!type || active.entry || active.auth_type == "qwen-oauth" || doctor.lacks_fatal_entry())
    return false;
  const bool has_own = std::ranges::any_of(doctor.models, [&](const ConfiguredModel& model) {
    return model.is_usable && model.protocol == active.protocol;
  });
  const std::vector<const ConfiguredModel*> others = doctor.alternatives();
  if (has_own || others.empty()) return false;
  // Variables alone may make the selected type work, unless they send another type's model.
  const ConfiguredModel* named = elsewhere(doctor, active.model);
  if (!named && active.fatal.empty()) return false;
  const ConfiguredModel& other = named ? *named : *others.front();
  Finding& finding = doctor.tell(
      "P401", "security.auth.selectedType",
      "The authentication type is " + active.auth_type + ", and no model of it is configured: " +
          (named ? "the model " + other.id + " is" : "the models are, such as " + other.id + ",") +
          " of " + other.protocol + ".");
  finding.evidence = evidence_of_selection(doctor);
  finding.evidence.push_back(doctor.where_of(other) + ": " + other.id);
  offer_alternatives(finding, doctor, named ? named->id : wanted_model(doctor));
  return true;
}

void tell_model_name(DoctorCase& doctor, const Warning& issue) {
  const std::string name = wanted_model(doctor);
  if (const ConfiguredModel* other = elsewhere(doctor, name)) {
    Finding& finding = doctor.tell("P401", "security.auth.selectedType",
                                   "security.auth.selectedType is " + doctor.active.auth_type +
                                       ", and the model " + name + " is configured under " +
                                       other->protocol + ": Qwen Code does not start with it.");
    finding.evidence = evidence_of_selection(doctor);
    finding.evidence.push_back(doctor.where_of(*other) + ": " + name);
    return doctor.offer_model(finding, *other, "Start with " + name + " of " + other->protocol);
  }
  Finding& finding = doctor.tell("P404", "model.name", issue.message);
  finding.evidence = evidence_of_selection(doctor);
  if (doctor.active.entry)
    finding.evidence.push_back(doctor.where_of(*doctor.active.entry) + ": " +
                               doctor.active.entry->id + " is taken");
  const bool is_by_variables = doctor.choice.key_origin != Choice::Origin::none &&
                               doctor.choice.base_url_origin != Choice::Origin::none &&
                               !doctor.active.entry;
  if (name.empty() && doctor.active.entry)
    finding.severity = Severity::info;
  else if (is_by_variables)
    finding.severity = Severity::warning;
  offer_alternatives(finding, doctor, name);
}

// ---- P403 --------------------------------------------------------------------------------------

std::string choice_title(const ConfiguredModel& model) {
  return "Take the one at " +
         (model.base_url.empty() ? "the protocol's own address" : model.base_url);
}

// Versions that do not read model.baseUrl take the first entry, so the one that is meant changes
// places with it. model.baseUrl goes along: it says to newer versions, and to us, which is meant.
void offer_order(Finding& finding, const DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const auto first = doctor.place_of(*active.entry);
  if (!first.file) return;
  const Path stated{"model", "baseUrl"};
  const Jsonc::Node stated_node = first.file->document->find(stated);
  const Json was = stated_node == Jsonc::none ? Json() : first.file->document->value(stated_node);
  std::vector<const ConfiguredModel*> candidates;
  for (const ConfiguredModel& model : doctor.models)
    if (model.id == active.model && model.protocol == active.protocol && !model.base_url.empty() &&
        !model.is_fatal)
      candidates.push_back(&model);
  // What model.baseUrl says, stands first.
  std::ranges::stable_partition(
      candidates, [&](const ConfiguredModel* model) { return Json(model->base_url) == was; });
  for (const ConfiguredModel* model : candidates) {
    const auto place = doctor.place_of(*model);
    if (place.file != first.file) continue;
    std::vector<MemberEdit> edits;
    if (!doctor.is_active(*model)) {
      edits.push_back({first.path, std::nullopt, {}, place.path});
      edits.push_back({place.path, std::nullopt, {}, first.path});
    }
    edits.push_back({stated, Json(model->base_url), was});
    doctor.offer_edits(finding, FixKind::ask, choice_title(*model) + ", and put it first",
                       first.file->scope, std::move(edits));
  }
}

void tell_competing(DoctorCase& doctor, const Warning& issue) {
  const Resolution& active = doctor.active;
  if (doctor.is_told("P403") || !active.entry) return;
  Finding& finding = doctor.tell("P403", active.model, issue.message);
  finding.evidence = evidence_of_selection(doctor);
  for (const ConfiguredModel& model : doctor.models) {
    if (model.id != doctor.active.model || model.protocol != doctor.active.protocol) continue;
    finding.evidence.push_back(doctor.where_of(model) + ": " +
                               (model.base_url.empty() ? "no baseUrl" : model.base_url) +
                               (doctor.is_active(model) ? ", taken" : ""));
  }
  if (doctor.in.rules.base_url_is_identity)
    for (const ConfiguredModel& model : doctor.models) {
      const bool is_candidate =
          model.is_usable && model.id == active.model && model.protocol == active.protocol;
      if (is_candidate) doctor.offer_model(finding, model, choice_title(model));
    }
  else
    offer_order(finding, doctor);
}

bool is_competing(const DoctorCase& doctor) {
  return std::ranges::find(doctor.active.issues, "P403", &Warning::code) !=
         doctor.active.issues.end();
}

// Entries that an earlier one takes the place of, where they say something else.
void examine_duplicates_of_models(DoctorCase& doctor) {
  for (const ConfiguredModel& model : doctor.models) {
    if (!model.is_duplicate) continue;
    const auto first = std::ranges::find_if(doctor.models, [&](const ConfiguredModel& other) {
      const bool is_same_url = !doctor.in.rules.has_qwen_home || other.base_url == model.base_url;
      return !other.is_duplicate && other.protocol == model.protocol && other.id == model.id &&
             is_same_url;
    });
    if (first == doctor.models.end()) continue;
    // The selected model's is told already, or chosen by model.baseUrl.
    const bool is_selected = doctor.is_active(*first);
    const std::string stated = doctor.loaded.settings.text("/model/baseUrl");
    const bool is_chosen =
        !stated.empty() && stated == first->base_url && first->base_url != model.base_url;
    if (is_selected && (is_chosen || is_competing(doctor))) continue;
    const bool is_equal = first->env_key == model.env_key && first->base_url == model.base_url;
    Finding& finding = doctor.tell("P403", model.id,
                                   "\"" + model.id + "\" is configured twice" +
                                       (is_equal ? "" : ", with different keys or endpoints") +
                                       "; Qwen Code takes the first entry.");
    finding.evidence = {doctor.where_of(*first) + ": taken",
                        doctor.where_of(model) + ": passed over"};
    const auto place = doctor.place_of(model);
    if (place.file && place.node != Jsonc::none)
      doctor.offer_edits(finding, FixKind::ask, "Remove the entry that is passed over", model.scope,
                         {{place.path, std::nullopt, place.file->document->value(place.node)}});
  }
}

// ---- P406 --------------------------------------------------------------------------------------

std::string text_in(const SettingsFile& file, const Path& path) {
  return file.document ? file.document->string_at(path) : "";
}

void examine_enforced_type(DoctorCase& doctor) {
  const auto enforced = merged_value(doctor.files, Path{"security", "auth", "enforcedType"});
  const std::string& used = doctor.active.protocol;
  if (!enforced || !enforced->value.is_string() || enforced->value == "" || used.empty() ||
      enforced->value == used)
    return;
  const std::string type = enforced->value.get<std::string>();
  const SettingsFile& file = doctor.files.at(enforced->scope);
  Finding& finding =
      doctor.tell("P406", "security.auth.enforcedType",
                  "security.auth.enforcedType is " + printable(type, 60) + " in " + file.path +
                      ", so Qwen Code refuses to start with " + used + ".");
  finding.severity = Severity::error;
  finding.evidence = {DoctorCase::where_of(file, {"security", "auth", "enforcedType"}) +
                      ": security.auth.enforcedType = " + printable(type, 60)};
  for (std::string& line : evidence_of_selection(doctor))
    finding.evidence.push_back(std::move(line));
  for (const ConfiguredModel* model : doctor.alternatives())
    if (model->protocol == type && finding.fixes.size() < 2)
      doctor.offer_model(finding, *model, "Start with " + model->id + " of " + type);
  if (enforced->scope == Scope::user || enforced->scope == Scope::workspace)
    doctor.offer_edits(finding, FixKind::ask, "Enforce no type", enforced->scope,
                       {{{"security", "auth", "enforcedType"}, std::nullopt, enforced->value}});
  else
    doctor.offer_command(finding, "Ask who manages " + file.path, "");
}

void examine_overridden(DoctorCase& doctor) {
  const SettingsFile& user = doctor.files.user;
  if (!user.document) return;
  std::vector<Path> paths{
      {"security", "auth", "selectedType"}, {"model", "name"}, {"model", "baseUrl"}};
  if (doctor.active.entry && !doctor.active.entry->env_key.empty())
    paths.push_back({"env", doctor.active.entry->env_key});
  std::map<Scope, std::vector<std::string>> members;
  std::vector<std::string> evidence;
  for (const Path& path : paths) {
    const std::string saved = text_in(user, path);
    const auto merged = merged_value(doctor.files, path);
    if (saved.empty() || !merged || merged->scope <= Scope::user || merged->value == Json(saved))
      continue;
    members[merged->scope].push_back(path_text(path));
    const bool is_key = path.front() == "env";
    const std::string now =
        merged->value.is_string() ? merged->value.get<std::string>() : dump(merged->value);
    evidence.push_back(DoctorCase::where_of(user, path) + ": " +
                       (is_key ? shown_value(saved) : printable(saved)) + ", not used");
    evidence.push_back(DoctorCase::where_of(doctor.files.at(merged->scope), path) + ": " +
                       (is_key ? shown_value(now) : printable(now)) + ", used");
  }
  for (const auto& [scope, names] : members) {
    const SettingsFile& file = doctor.files.at(scope);
    Finding& finding =
        doctor.tell("P406", file.path,
                    "The " + std::string(scope_name(scope)) + " settings in " + file.path +
                        " override " + join(names, ", ") + " of your own settings.");
    finding.evidence = evidence;
    // A folder may have a model of its own; that is what its settings are for.
    const bool is_working = !doctor.is_told("P401") && doctor.active.entry &&
                            doctor.active.entry->id == wanted_model(doctor);
    if (!is_working)
      finding.severity = Severity::error;  // it is the cause of what does not work
    else if (scope == Scope::workspace)
      finding.severity = Severity::info;
    if (scope == Scope::workspace)
      doctor.offer_command(
          finding, "Take it out of the folder's settings",
          "qwen-authctl settings remove " + shell_quoted(names.front()) + " --scope workspace");
    else
      doctor.offer_command(finding, "Ask who manages " + file.path, "");
  }
}

// ---- P405 --------------------------------------------------------------------------------------

void examine_leftovers(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const bool is_entry = active.entry.has_value();
  for (const Scope scope : {Scope::user, Scope::workspace}) {
    if (scope == Scope::workspace && !doctor.files.workspace) continue;
    const SettingsFile& file = doctor.files.at(scope);
    if (!file.document) continue;
    std::vector<MemberEdit> edits;
    std::vector<std::string> evidence;
    const auto leave = [&](const Path& path, bool is_secret) {
      const Jsonc::Node node = file.document->find(path);
      if (node == Jsonc::none) return;
      const Json value = file.document->value(node);
      const std::string text = value.is_string() ? value.get<std::string>() : dump(value);
      if (text.empty()) return;
      evidence.push_back(DoctorCase::where_of(file, path) + ": " + path_text(path) + " = " +
                         (is_secret ? shown_value(text) : printable(text, 200)));
      edits.push_back({path, std::nullopt, value});
    };
    if (is_entry && doctor.choice.key_origin == Choice::Origin::entry)
      if (text_in(file, {"security", "auth", "apiKey"}) != active.key.reveal())
        leave({"security", "auth", "apiKey"}, true);
    if (is_entry && !active.entry->base_url.empty() &&
        text_in(file, {"security", "auth", "baseUrl"}) != active.entry->base_url)
      leave({"security", "auth", "baseUrl"}, false);
    for (const Provider& provider : providers()) {
      if (provider.metadata.empty()) continue;
      const bool is_configured =
          std::ranges::any_of(doctor.models, [&](const ConfiguredModel& model) {
            return provider.owns(model.env_key, model.base_url, model.name);
          });
      if (!is_configured) leave({std::string(provider.metadata)}, false);
    }
    if (edits.empty()) continue;
    Finding& finding = doctor.tell("P405", file.path,
                                   file.path +
                                       " still has what an earlier set-up left, and the selection "
                                       "does not use it.");
    finding.evidence = std::move(evidence);
    doctor.offer_edits(finding, FixKind::ask, "Remove what is left", scope, std::move(edits));
  }
  if (!doctor.in.has_oauth_tokens || active.auth_type == "qwen-oauth") return;
  const std::string path = parent_folder(doctor.files.user.path) + "/oauth_creds.json";
  Finding& finding =
      doctor.tell("P405", path, path + " holds tokens of Qwen OAuth, which ended on 2026-04-15.");
  finding.evidence = {path};
  finding.severity = Severity::info;
  doctor.offer_command(finding, "Remove the tokens", "qwen-authctl logout qwen-oauth");
}

// The list of a higher scope takes the place of the one with the selected model.
void examine_hidden_entry(DoctorCase& doctor) {
  const std::string name = wanted_model(doctor);
  const Resolution& active = doctor.active;
  if (name.empty() || active.protocol.empty() || active.model == name) return;
  const auto merged = merged_value(doctor.files, Path{"modelProviders", active.protocol});
  if (!merged || merged->scope <= Scope::user || !doctor.files.user.document) return;
  const Jsonc& document = *doctor.files.user.document;
  const ModelList list = model_list(document, active.protocol);
  if (list.array == Jsonc::none) return;
  for (const Jsonc::Node entry : document.children(list.array)) {
    if (document.string_member(entry, "id") != name) continue;
    const SettingsFile& hiding = doctor.files.at(merged->scope);
    Finding& finding =
        doctor.tell("P403", name,
                    "\"" + name + "\" of your own settings is not there: the " +
                        std::string(scope_name(merged->scope)) + " settings have a list of " +
                        active.protocol + " of their own, which takes the place of yours.");
    finding.evidence = {
        at_line_of(doctor.files.user.path, document.position(entry).line) + ": hidden",
        DoctorCase::where_of(hiding, {"modelProviders", active.protocol}) +
            ": the list that counts"};
    doctor.offer_command(finding, "Add the model to that list, or select one of it",
                         "qwen-authctl models");
    return;
  }
}

void tell_of_selection(DoctorCase& doctor) {
  const bool is_other_type = tell_other_type(doctor);
  for (const Warning& issue : doctor.active.issues) {
    if (issue.code == "P401") {
      tell_selected_type(doctor, issue);
    } else if (issue.code == "P403") {
      tell_competing(doctor, issue);
    } else if (issue.code == "P404" && !is_other_type) {
      tell_model_name(doctor, issue);
    } else if (issue.code == "P409" && !doctor.lacks_fatal_entry()) {
      const AuthType* type = find_auth_type(doctor.active.protocol);
      Finding& finding =
          doctor.tell("P409", type ? std::string(type->base_url) : "", issue.message);
      finding.evidence = {"requests go to " + doctor.active.base_url};
      doctor.offer_command(
          finding, "Name the base URL",
          "qwen-authctl settings set env.OPENAI_BASE_URL https://api.openai.com/v1");
    }
  }
}

}  // namespace

void examine_providers(DoctorCase& doctor) {
  examine_fatal_entries(doctor);
  examine_skipped_providers(doctor);
  tell_of_selection(doctor);
  examine_duplicates_of_models(doctor);
  examine_hidden_entry(doctor);
  examine_enforced_type(doctor);
  examine_overridden(doctor);
  examine_leftovers(doctor);
}

}  // namespace authd::core
