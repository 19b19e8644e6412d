// Where variables come from: what shadows, what is missing, and what reads otherwise than it looks.
#include <algorithm>
#include <array>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/doctor_case.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/interpolation.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "protocol/edit_distance.hpp"

namespace authd::core {
namespace {

std::string base_url_variable(const DoctorCase& doctor) {
  const AuthType* type = find_auth_type(doctor.active.protocol);
  return type ? std::string(type->base_url) : "";
}

// Every place that has a value, the one that counts first.
std::vector<std::string> sources_with_value(const Explanation& explanation) {
  std::vector<std::string> lines;
  for (const VariableSource& source : explanation.sources) {
    if (!source.value) continue;
    const bool is_plain =
        !names_a_secret(explanation.name) &&
        (explanation.name.ends_with("_URL") || explanation.name.ends_with("_MODEL"));
    const std::string value =
        is_plain ? std::string(source.value->reveal()) : shown_value(source.value->reveal());
    lines.push_back(source.where + ": " + value + (source.applied ? ", used" : ", not used"));
  }
  return lines;
}

std::vector<std::string> places_looked_at(const Explanation& explanation) {
  std::vector<std::string> lines;
  for (const VariableSource& source : explanation.sources)
    if (source.kind != SourceKind::cli) lines.push_back(source.where + ": " + source.reason);
  return lines;
}

void add_exports(Finding& finding, const DoctorCase& doctor, const std::string& name) {
  for (const ExportLine& line : doctor.in.exports)
    if (line.name == name) finding.evidence.push_back(line.where + ": exports it");
}

// The file of a source whose place is a line of one.
std::string path_of(const VariableSource& source) {
  return source.where.substr(0, source.where.rfind(':'));
}

// What outranks settings.env: the shell, and .env files of the user's own.
bool outranks_settings(const DoctorCase& doctor, const VariableSource& source) {
  if (source.kind == SourceKind::shell) return true;
  return source.kind == SourceKind::dotenv &&
         std::ranges::any_of(doctor.in.surroundings.dotenvs, [&](const DotenvFile& file) {
           return file.is_home && file.path == path_of(source);
         });
}

// ---- E101, E102: another value wins ------------------------------------------------------------

// The file of the user's whose env.NAME does not count.
const SettingsFile* losing_file(DoctorCase& doctor, const std::string& name) {
  for (const VariableSource& source : doctor.explained(name).sources) {
    if (source.kind != SourceKind::settings || source.applied || !source.value) continue;
    for (const Scope scope : {Scope::user, Scope::workspace}) {
      if (scope == Scope::workspace && !doctor.files.workspace) continue;
      const SettingsFile& file = doctor.files.at(scope);
      if (file.document && source.where.starts_with(file.path + ":")) return &file;
    }
  }
  return nullptr;
}

// The saved key moves to a variable that nothing else sets, and the entries go with it.
void offer_own_variable(Finding& finding, DoctorCase& doctor, const std::string& name) {
  const SettingsFile* file = losing_file(doctor, name);
  if (!file || !doctor.active.entry || doctor.active.entry->env_key != name) return;
  const ConfiguredModel& entry = *doctor.active.entry;
  std::vector<KeyUse> uses;
  for (const ConfiguredModel& model : doctor.models)
    if (model.env_key != name) uses.push_back({model.protocol, model.base_url, model.env_key});
  const std::string own = choose_env_key(entry.protocol, entry.base_url, uses);
  const std::string raw = file->document->string_at(Path{"env", name});
  if (own == name || raw.empty() || !doctor.variable(own).empty()) return;
  std::vector<MemberEdit> edits{{{"env", own}, Json(raw)}};
  bool is_needed = false;  // by an entry elsewhere
  for (const ConfiguredModel& model : doctor.models) {
    if (model.env_key != name) continue;
    const auto place = doctor.place_of(model);
    const bool is_here = place.file == file && DoctorCase::raw_text(place, "envKey") == name &&
                         model.base_url == entry.base_url;
    if (!is_here) {
      is_needed = true;
      continue;
    }
    Path path = place.path;
    path.emplace_back("envKey");
    edits.push_back({std::move(path), Json(own), Json(name)});
  }
  if (edits.size() < 2) return;
  if (!is_needed) edits.push_back({{"env", name}, std::nullopt, Json(raw)});
  doctor.offer_edits(finding, FixKind::ask,
                     "Give this endpoint's key a variable of its own, " + own, file->scope,
                     std::move(edits));
}

void offer_winner(Finding& finding, DoctorCase& doctor, const std::string& name) {
  const SettingsFile* file = losing_file(doctor, name);
  const VariableSource* winner = doctor.winner(name);
  if (!file || !winner || !winner->value) return;
  doctor.offer_edits(finding, FixKind::ask,
                     winner->kind == SourceKind::dotenv
                         ? "Save the value that wins, so that both are the same"
                         : "Save the exported value, so that both are the same",
                     file->scope, {{{"env", name}, Json(std::string(winner->value->reveal()))}});
}

void tell_shadowed(DoctorCase& doctor, const std::string& name, std::string message) {
  const Explanation& explanation = doctor.explained(name);
  Finding& finding = doctor.tell("E101", name, std::move(message));
  finding.evidence = sources_with_value(explanation);
  add_exports(finding, doctor, name);
  offer_own_variable(finding, doctor, name);
  const VariableSource* winner = doctor.winner(name);
  if (winner && winner->kind == SourceKind::dotenv)
    doctor.offer_command(finding, "Take the line out of " + path_of(*winner),
                         "$EDITOR " + shell_quoted(path_of(*winner)));
  else
    doctor.offer_command(finding, "Unset it in this shell, and where it is exported",
                         "unset " + shell_quoted(name));
  offer_winner(finding, doctor, name);
}

void tell_project_key(DoctorCase& doctor, const Warning& issue) {
  const std::string& name = doctor.active.env_key;
  const VariableSource* winner = doctor.winner(name);
  // Who makes a .qwen/.env means Qwen Code.
  if (!winner || winner->where.find("/.qwen/.env:") != std::string::npos) return;
  const std::string where = winner->where.substr(0, winner->where.rfind(':'));
  Finding& finding = doctor.tell("E102", name, issue.message);
  finding.evidence = sources_with_value(doctor.explained(name));
  offer_own_variable(finding, doctor, name);
  doctor.offer_command(finding,
                       "Move the variable to the folder's .qwen/.env, if it is meant for Qwen Code",
                       "$EDITOR " + shell_quoted(where));
}

// The variables that name the endpoint and the model where no entry does.
void examine_plain_variables(DoctorCase& doctor) {
  const AuthType* type = find_auth_type(doctor.active.protocol);
  if (!type || doctor.active.entry) return;
  std::vector<std::string> names;
  if (doctor.choice.base_url_origin == Choice::Origin::variable) names.emplace_back(type->base_url);
  for (const std::string_view model : type->models)
    if (!model.empty() && doctor.active.model == doctor.variable(std::string(model)))
      names.emplace_back(model);
  for (const std::string& name : names) {
    const Explanation& explanation = doctor.explained(name);
    if (!explanation.winner) continue;
    const VariableSource& winner = explanation.sources[*explanation.winner];
    if (!outranks_settings(doctor, winner)) continue;
    const auto loser = std::ranges::find_if(explanation.sources, [&](const VariableSource& source) {
      return source.kind == SourceKind::settings && source.value && !source.value->empty() &&
             *source.value != *winner.value;
    });
    if (loser == explanation.sources.end()) continue;
    const bool is_exported = winner.kind == SourceKind::shell;
    tell_shadowed(doctor, name,
                  (is_exported ? "The exported " + name : name + " of " + winner.where) +
                      " is used, and not the other value in " + loser->where + ".");
  }
}

// ---- E105, E106 --------------------------------------------------------------------------------

// What a variable of this name is for, by its end; the longer ends first.
struct NameEnd {
  std::string_view end;
  char use;  // 'k'ey, 'u'rl
};
// Secrets and access keys of a cloud are other things than keys for models.
constexpr auto name_ends = std::to_array<NameEnd>({
    {"_API_BASE_URL", 'u'}, {"_API_ENDPOINT", 'u'}, {"_API_HOST", 'u'},  {"_API_BASE", 'u'},
    {"_BASE_URL", 'u'},     {"_API_URL", 'u'},      {"_BASEURL", 'u'},   {"_ENDPOINT", 'u'},
    {"_BASE", 'u'},         {"_HOST", 'u'},         {"_URL", 'u'},       {"_ACCESS_TOKEN", 'k'},
    {"_SECRET_KEY", 'k'},   {"_AUTH_TOKEN", 'k'},   {"_API_TOKEN", 'k'}, {"_API_KEYS", 'k'},
    {"_API_KEY", 'k'},      {"_APIKEY", 'k'},       {"_TOKEN", 'k'},     {"_KEY", 'k'},
});

// What one vendor is called by, between blanks; the first is what it is compared by.
constexpr auto vendor_names = std::to_array<std::string_view>({
    " dashscope alibaba alibabacloud aliyun ali bailian qwen tongyi modelstudio dashscopeintl ",
    " zai zhipu zhipuai glm chatglm bigmodel ",
    " moonshot moonshotai kimi ",
    " xai grok ",
    " anthropic claude ",
    " gemini google googlegemini googleai googlegenai googlegenerativeai ",
    " openai oai chatgpt ",
    " huggingface hf huggingfacehub ",
    " ark volc volcengine volcark doubao ",
    " siliconflow silicon ",
    " together togetherai ",
    " fireworks fireworksai ",
    " mistral mistralai ",
});

// "dashscope k" for ALI_TOKEN and for DASHSCOPE_API_KEY; empty where the name does not say.
std::string meaning_of(const std::string& name) {
  std::string upper = js_upper(name);
  std::ranges::replace(upper, '-', '_');
  for (const NameEnd& row : name_ends) {
    if (!upper.ends_with(row.end)) continue;
    std::string vendor = lower_ascii(upper.substr(0, upper.size() - row.end.size()));
    std::erase(vendor, '_');
    if (vendor.size() < 2) return "";
    const auto known = std::ranges::find_if(vendor_names, [&](std::string_view names) {
      return names.find(" " + vendor + " ") != std::string_view::npos;
    });
    if (known != vendor_names.end()) vendor = known->substr(1, known->find(' ', 1) - 1);
    return vendor + " " + row.use;
  }
  return "";
}

// Another name for what is wanted, as other programs have it.
bool is_alias(const std::string& name, const std::string& wanted) {
  const std::string meaning = meaning_of(wanted);
  return name != wanted && !meaning.empty() && meaning_of(name) == meaning;
}

bool is_nearly(const std::string& name, const std::string& wanted) {
  if (name == wanted) return false;
  constexpr std::size_t edits_max = 2, bytes_min = 8, bytes_max = 128;
  if (wanted.size() < bytes_min || name.size() > bytes_max || wanted.size() > bytes_max)
    return false;
  const std::size_t longer = std::max(name.size(), wanted.size());
  if (longer - std::min(name.size(), wanted.size()) > edits_max) return false;
  return edit_distance(lower_ascii(name), lower_ascii(wanted)) <= edits_max;
}

// Names that mean something themselves: one vendor's is not another's, however alike they are.
bool is_read_itself(DoctorCase& doctor, const std::string& name) {
  for (const AuthType& type : auth_types()) {
    if (name == type.api_key || name == type.base_url) return true;
    if (std::ranges::find(type.models, name) != type.models.end()) return true;
  }
  for (const Provider& provider : providers())
    if (provider.env_key == name) return true;
  return doctor.key_names().contains(name);
}

void offer_rename(Finding& finding, DoctorCase& doctor, const std::string& from,
                  const std::string& to) {
  const VariableSource* source = doctor.winner(from);
  if (!source) return;
  for (const Scope scope : {Scope::user, Scope::workspace}) {
    if (scope == Scope::workspace && !doctor.files.workspace) continue;
    const SettingsFile& file = doctor.files.at(scope);
    if (source->kind != SourceKind::settings || !source->where.starts_with(file.path + ":"))
      continue;
    const Json raw = file.document->value(file.document->find(Path{"env", from}));
    return doctor.offer_edits(finding, FixKind::ask, "Rename it to " + to, scope,
                              {{{"env", to}, raw}, {{"env", from}, std::nullopt, raw}});
  }
  if (source->kind == SourceKind::shell)
    doctor.offer_command(finding, "Export it under the right name",
                         "export " + to + "=\"$" + from + "\"");
  else
    doctor.offer_command(
        finding, "Rename it in " + source->where,
        "$EDITOR " + shell_quoted(source->where.substr(0, source->where.rfind(':'))));
}

void examine_near_misses(DoctorCase& doctor, const std::string& wanted, bool is_missed) {
  if (wanted.empty() || !doctor.variable(wanted).empty()) return;
  for (const auto& [name, value] : doctor.loaded.variables) {
    const bool is_another_name = is_alias(name, wanted) && !doctor.key_names().contains(name);
    const bool is_misspelt = is_nearly(name, wanted) && !is_read_itself(doctor, name);
    if (value.empty() || (!is_another_name && !is_misspelt)) continue;
    const VariableSource* source = doctor.winner(name);
    Finding& finding =
        doctor.tell("E106", wanted,
                    name + " is set, and Qwen Code reads " + wanted + ", which nothing sets" +
                        (is_missed ? "." : "; requests go to " + doctor.active.base_url + "."));
    if (source) finding.evidence = {source->where + ": " + name + " = " + shown_value(value)};
    if (is_missed) finding.severity = Severity::error;
    offer_rename(finding, doctor, name, wanted);
    return;
  }
}

void tell_unset(DoctorCase& doctor, const Warning& issue) {
  const Resolution& active = doctor.active;
  const bool is_key = active.key_is_missing && !active.env_key.empty();
  if (is_key && doctor.has_command(active.env_key)) return;
  if (doctor.lacks_fatal_entry()) return;
  if (is_key && tell_misplaced_key(doctor)) return;
  // What is in envKey may be a key; then K209 says so.
  const bool is_name = is_key && names_a_variable(active.env_key);
  const std::string subject = is_key ? key_subject(active.env_key) : "ANTHROPIC_BASE_URL";
  std::string message =
      is_key && !is_name ? "The selected model's envKey names no variable." : issue.message;
  if (is_name) {
    const auto named = std::ranges::count(doctor.models, active.env_key, &ConfiguredModel::env_key);
    if (named > 0)
      message = active.env_key + " is named by " +
                (named == 1 ? "1 model" : std::to_string(named) + " models") + " and set nowhere.";
  }
  Finding& finding = doctor.tell("E105", subject, std::move(message));
  if (is_key && !is_name) return;
  for (std::string& line : places_looked_at(doctor.explained(subject)))
    finding.evidence.push_back(std::move(line));
  if (doctor.in.overlay.contains(subject))
    doctor.offer_command(finding, "Start Qwen Code with the key that the daemon holds",
                         "qwen-authctl exec qwen");
  if (is_key && active.entry && !active.entry->env_key.empty() &&
      is_private_endpoint(active.base_url) && active.entry->scope == Scope::user)
    doctor.offer_edits(finding, FixKind::ask,
                       "Save a placeholder: Qwen Code wants a key, and a server of your own mostly "
                       "takes any",
                       Scope::user, {{{"env", subject}, Json("needs-no-key"), Json()}});
  doctor.offer_command(finding, is_key ? "Save the key" : "Save the base URL",
                       set_command(subject));
}

void tell_of_issues(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  for (const Warning& issue : active.issues) {
    if (issue.code == "E101") {
      tell_shadowed(doctor, active.env_key, issue.message);
    } else if (issue.code == "E102") {
      tell_project_key(doctor, issue);
    } else if (issue.code == "E104") {
      Finding& finding = doctor.tell("E104", active.env_key, issue.message);
      finding.evidence = sources_with_value(doctor.explained(active.env_key));
      if (active.key_is_missing) finding.severity = Severity::error;
      doctor.offer_command(finding, "Trust the folder in Qwen Code, or save the key at user level",
                           set_command(active.env_key, " --scope user"));
    } else if (issue.code == "E105") {
      tell_unset(doctor, issue);
    } else if (issue.code == "E111") {
      const std::string name = active.entry ? active.entry->env_key : active.env_key;
      if (doctor.has_command(name)) continue;
      // What is in envKey may be a key, which nothing shows and no place has as a variable's name.
      const bool is_name = names_a_variable(name);
      Finding& finding = doctor.tell(
          "E111", key_subject(name),
          is_name ? issue.message
                  : "The entry's envKey names no variable; Qwen Code sends another key to " +
                        active.base_url + " instead.");
      if (!is_name) continue;
      finding.evidence = places_looked_at(doctor.explained(name));
      doctor.offer_command(finding, "Save the key that the entry names", set_command(name));
    }
  }
}

// ---- E107 --------------------------------------------------------------------------------------

void examine_other_programs(DoctorCase& doctor) {
  const std::string& name = doctor.active.env_key;
  const DoctorInput& in = doctor.in;
  if (!in.environment.from_caller || name.empty() || doctor.has_command(name) ||
      in.overlay.contains(name))
    return;
  Environment service = in.environment;
  service.variables = in.daemon.variables;
  const Variables there = effective_variables(in.surroundings, service, in.rules);
  const auto found = there.find(name);
  const std::string here = doctor.variable(name), value = found == there.end() ? "" : found->second;
  if (here == value) return;
  const VariableSource* winner = doctor.winner(name);
  const bool is_exported = winner && winner->kind == SourceKind::shell;
  if (!is_exported && in.daemon.get(name).empty()) return;
  const bool is_missing_here = here.empty();
  Finding& finding = doctor.tell(
      "E107", name,
      is_missing_here ? name +
                            " is set for the daemon and not where you stand: what works there "
                            "fails here."
      : value.empty()
          ? name +
                " exists only in this shell: an editor or a service that is started "
                "elsewhere does not have it."
          : name + " has another value in this shell than in the daemon's environment.");
  finding.evidence = {"this shell: " + shown_value(here), "the daemon: " + shown_value(value)};
  // A daemon that a terminal started has that terminal's variables, which tells nothing.
  const bool is_service = in.daemon.variables.contains("INVOCATION_ID") ||
                          in.daemon.variables.contains("JOURNAL_STREAM");
  if (!is_service && !is_missing_here) finding.severity = Severity::info;
  doctor.offer_command(finding, "Store it where every program finds it", set_command(name));
}

// ---- E108 --------------------------------------------------------------------------------------

constexpr std::string_view quote_marks = "\"'`";

struct ParseTrap {
  std::string why, meant;
};

std::optional<ParseTrap> trap_in(const std::string& text, const DotenvEntry& entry) {
  const std::string& value = entry.value;
  const std::size_t end = entry.value_end;
  const bool is_cut = end > entry.value_begin && end < text.size() && text[end] == '#' &&
                      text[end - 1] != ' ' && text[end - 1] != '\t' &&
                      quote_marks.find(text[entry.value_begin]) == std::string_view::npos;
  if (is_cut) {
    const std::size_t line_end = std::min(text.find_first_of("\r\n", end), text.size());
    std::string meant(
        js_trim(std::string_view(text).substr(entry.value_begin, line_end - entry.value_begin)));
    return ParseTrap{"What is behind the # is dropped: " + entry.name + " is read as " +
                         std::to_string(value.size()) + " characters, and the line has " +
                         std::to_string(meant.size()) + ".",
                     std::move(meant)};
  }
  if (value.empty()) return std::nullopt;
  if (value.find_first_of("\r\n") != std::string::npos)
    return ParseTrap{
        "A quote in this line is closed lines below, so " + entry.name + " swallows them.",
        value.substr(0, value.find_first_of("\r\n"))};
  const bool begins = quote_marks.find(value.front()) != std::string_view::npos;
  const bool ends = quote_marks.find(value.back()) != std::string_view::npos;
  if (!begins && !ends) return std::nullopt;
  std::string meant = value;
  if (begins) meant.erase(0, 1);
  if (ends && !meant.empty()) meant.pop_back();
  return ParseTrap{
      std::string(begins && ends ? "The quotes stay in" : "A quote that is not closed stays in") +
          " the value of " + entry.name + ".",
      std::move(meant)};
}

void add_placeholders(const Jsonc& document, Jsonc::Node node, std::set<std::string>& names) {
  if (node == Jsonc::none) return;
  if (document.kind(node) == Jsonc::Kind::string)
    if (auto name = expandable_name(document.string(node))) names.insert(*std::move(name));
  for (const Jsonc::Node child : document.children(node)) add_placeholders(document, child, names);
}

// Variables that decide something here. What else stands in a .env file is another program's.
std::set<std::string> deciding_names(DoctorCase& doctor) {
  std::set<std::string> names = doctor.key_names();
  const Resolution& active = doctor.active;
  if (const AuthType* type = find_auth_type(active.protocol)) {
    if (!active.entry || active.entry->base_url.empty()) names.emplace(type->base_url);
    if (!active.entry) {
      names.emplace(type->api_key);
      for (const std::string_view model : type->models) names.emplace(model);
    }
    if (type->id == "gemini") names.emplace("GOOGLE_GEMINI_BASE_URL");
    if (type->id == "vertex-ai") names.emplace("GOOGLE_VERTEX_BASE_URL");
  }
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY",
                           "no_proxy", "QWEN_HOME"})
    names.emplace(name);
  for (const SettingsFile* file : doctor.files.merged())
    for (const char* section : {"env", "modelProviders", "security"})
      add_placeholders(*file->document, file->document->find(Path{section}), names);
  names.erase("");
  return names;
}

void examine_dotenv(DoctorCase& doctor, const std::string& path, const std::string& text,
                    const std::set<std::string>& deciding) {
  for (const DotenvEntry& entry : parse_dotenv(text)) {
    if (!deciding.contains(entry.name)) continue;
    const auto trap = trap_in(text, entry);
    if (!trap) continue;
    const VariableSource* winner = doctor.winner(entry.name);
    const std::string where = at_line_of(path, entry.line);
    if (!winner || winner->where != where) continue;
    Finding& finding = doctor.tell("E108", entry.name, where + ": " + trap->why);
    finding.evidence = {where + ": read as " + shown_value(entry.value)};
    if (!trap->meant.empty())
      doctor.offer_value(finding, FixKind::ask, "Write the value in quotes, as it was meant",
                         entry.name, trap->meant);
  }
}

// ---- E109 --------------------------------------------------------------------------------------

void tell_placeholder(DoctorCase& doctor, std::string subject, const std::string& text,
                      std::string where, const std::string& what, bool matters) {
  const std::string name = expandable_name(text).value_or("");
  const std::string shown = printable(text, 100);
  Finding& finding =
      doctor.tell("E109", std::move(subject),
                  shown + " stands for nothing, because " + (name.empty() ? "the variable" : name) +
                      " is not set where Qwen Code looks; " + what + ".");
  finding.evidence = {std::move(where) + ": " + shown};
  if (!matters) finding.severity = Severity::warning;
  if (!name.empty())
    doctor.offer_command(finding, "Set the variable",
                         "read -rs " + shell_quoted(name) + " && export " + shell_quoted(name));
}

// A member of an entry whose placeholder is left, or leaves nothing.
void examine_member(DoctorCase& doctor, const ConfiguredModel& model, std::string_view member,
                    const std::string& value, const std::string& what) {
  const std::string raw = DoctorCase::raw_text(doctor.place_of(model), member);
  const bool is_left = expandable_name(value).has_value();
  const bool is_void = js_trim(value).empty() && expandable_name(raw).has_value();
  if (!is_left && !is_void) return;
  tell_placeholder(doctor, member == "baseUrl" ? model.base_url : model.env_key,
                   raw.empty() ? value : raw, doctor.where_of(model, member), what,
                   doctor.is_active(model));
}

// The key that is sent, where the variable holds a placeholder instead of it.
void examine_key_placeholder(DoctorCase& doctor, const std::string& name,
                             const std::string& value) {
  const VariableSource* winner = doctor.winner(name);
  if (!winner) return;
  std::string raw = value;
  const SettingsFile* file =
      winner->kind == SourceKind::settings ? doctor.file_with({"env", name}) : nullptr;
  if (file && file->document) raw = file->document->string_at(Path{"env", name});
  if (!is_placeholder(value)) return;
  tell_placeholder(doctor, name, raw.empty() ? value : raw, winner->where,
                   "the literal text would be sent as the key", name == doctor.active.env_key);
}

// What no entry says: security.auth, and base URLs of variables, which nobody expands.
void examine_plain_placeholders(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const Path key{"security", "auth", "apiKey"};
  const SettingsFile* file = doctor.file_with(key);
  if (doctor.choice.key_origin == Choice::Origin::settings && file &&
      is_placeholder(std::string(active.key.reveal())))
    tell_placeholder(doctor, path_text(key), std::string(active.key.reveal()),
                     DoctorCase::where_of(*file, key), "the literal text would be sent as the key",
                     true);
  if (active.entry || !expandable_name(active.base_url)) return;
  const std::string name = base_url_variable(doctor);
  const VariableSource* winner = name.empty() ? nullptr : doctor.winner(name);
  const bool is_variable = doctor.choice.base_url_origin == Choice::Origin::variable && winner;
  const SettingsFile* saved = doctor.file_with({"security", "auth", "baseUrl"});
  tell_placeholder(doctor, active.base_url, active.base_url,
                   is_variable ? winner->where
                   : saved     ? DoctorCase::where_of(*saved, {"security", "auth", "baseUrl"})
                               : "the arguments",
                   "requests would go nowhere", true);
}

void examine_placeholders(DoctorCase& doctor) {
  std::set<std::string> seen;
  for (const ConfiguredModel& model : doctor.models) {
    if (model.protocol.empty()) continue;
    if (seen.insert("u" + model.base_url).second)
      examine_member(doctor, model, "baseUrl", model.base_url, "requests would go nowhere");
    if (seen.insert("k" + model.env_key).second)
      examine_member(doctor, model, "envKey", model.env_key, "no variable is named");
  }
  for (const std::string& name : doctor.key_names())
    examine_key_placeholder(doctor, name, doctor.variable(name));
  examine_plain_placeholders(doctor);
  // env.NAME that became empty: nothing else says why the key is missing.
  const std::string& name = doctor.active.env_key;
  const SettingsFile* file = name.empty() ? nullptr : doctor.file_with({"env", name});
  if (!file || !file->document || !doctor.active.key_is_missing) return;
  const std::string raw = file->document->string_at(Path{"env", name});
  if (expandable_name(raw))
    tell_placeholder(doctor, name, raw, DoctorCase::where_of(*file, {"env", name}),
                     "the key would be empty", true);
}

// ---- E103 --------------------------------------------------------------------------------------

void examine_versions(DoctorCase& doctor) {
  const Surroundings* others = doctor.in.others;
  const std::string& name = doctor.active.env_key;
  if (!others || name.empty()) return;
  const VariableSource* here = doctor.winner(name);
  const Explanation there = explain(name, *others, doctor.in.environment, doctor.in.other_rules);
  const VariableSource* other = there.winner ? &there.sources[*there.winner] : nullptr;
  const bool is_same = !here == !other && (!here || *here->value == *other->value);
  if (is_same) return;
  const auto said = [](const VariableSource* source) {
    return source ? source->where + ": " + shown_value(source->value->reveal())
                  : std::string("nothing");
  };
  const std::string version = doctor.in.surroundings.version.text(), older = others->version.text();
  Finding& finding = doctor.tell(
      "E103", name,
      "Qwen Code " + version + " and " + older + " take " + name + " from different places here.");
  finding.evidence = {version + ": " + said(here), older + ": " + said(other)};
  doctor.offer_command(finding, "See every place that it could come from",
                       "qwen-authctl explain " + shell_quoted(name));
}

}  // namespace

void examine_environment(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  tell_of_issues(doctor);
  examine_plain_variables(doctor);
  if (active.key_is_missing)
    examine_near_misses(doctor, active.env_key, true);
  else if (active.entry && active.entry->env_key != active.env_key)
    examine_near_misses(doctor, active.entry->env_key, false);
  if (active.base_url_is_default && (!active.entry || active.entry->base_url.empty()))
    examine_near_misses(doctor, base_url_variable(doctor), false);
  examine_other_programs(doctor);
  const std::set<std::string> deciding = deciding_names(doctor);
  for (const auto& [path, text] : doctor.in.dotenv_texts)
    examine_dotenv(doctor, path, text, deciding);
  examine_placeholders(doctor);
  examine_versions(doctor);
}

}  // namespace authd::core
