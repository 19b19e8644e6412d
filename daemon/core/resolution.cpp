// The steps of Qwen Code's start, one after the other, as far as they decide about model, endpoint
// and key. What the steps are called there is told in parentheses.
#include "daemon/core/resolution.hpp"

#include <algorithm>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/interpolation.hpp"
#include "daemon/core/key_origin.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/settings_mask.hpp"
#include "daemon/core/settings_shape.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/variable_sources.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

using Origin = Choice::Origin;

constexpr std::string_view dashscope = "https://dashscope.aliyuncs.com/compatible-mode/v1",
                           openai = "https://api.openai.com/v1",
                           gemini = "https://generativelanguage.googleapis.com",
                           vertex = "https://aiplatform.googleapis.com";
constexpr std::string_view oauth_model = "coder-model";
constexpr std::string_view oauth_is_over =
    "Qwen OAuth free tier was discontinued on 2026-04-15. Run /auth to switch to Coding Plan, "
    "OpenRouter, Fireworks AI, or another provider.";
constexpr std::string_view no_auth_type =
    "No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) "
    "before running in non-interactive mode.";

bool is_present(std::string_view text) { return !js_trim(text).empty(); }

bool speaks_openai(std::string_view protocol) {
  return protocol == "openai" || protocol == "openai-responses";
}

// "$runtime|openai|model" as a session wrote it (facts, 1.4).
std::string without_runtime_prefix(std::string name) {
  constexpr std::string_view prefix = "$runtime|";
  while (name.starts_with(prefix)) {
    const std::size_t bar = name.find('|', prefix.size());
    if (bar == std::string::npos || bar + 1 == name.size()) break;
    name.erase(0, bar + 1);
  }
  return name;
}

struct Found {
  std::string value;
  Origin origin = Origin::none;
};

class Chooser {
 public:
  Chooser(const Surroundings& surroundings, const Environment& environment, const CliRules& rules)
      : rules_(rules),
        flags_(parse_cli_flags(environment.args)),
        loaded_(load(surroundings, environment, rules)),
        models_(configured_models(loaded_.settings, rules)) {
    if (flags_.auth_type && !flags_.auth_type->empty() && !knows(*flags_.auth_type))
      die("Invalid values: Argument: auth-type, Given: \"" + *flags_.auth_type + "\".", "P401",
          "provider.selected-type");
    die(loaded_.settings.fatal, "F801", "file.unparseable");
    die(surroundings.trust_trouble, "F801", "file.unparseable");
  }

  Choice take() {
    choose_auth_type();
    if (type_) choose_model();
    const std::string enforced = setting("/security/auth/enforcedType");
    if (type_ && !enforced.empty() && enforced != result().protocol)
      die("The configured auth type is " + enforced + ", but the current auth type is " +
              result().protocol + ". Please re-authenticate with the correct type.",
          "P401", "provider.selected-type");
    if (result().auth_type == "qwen-oauth")
      die(std::string(oauth_is_over), "P401", "provider.selected-type",
          "qwen-authctl qwen-oauth switches to another model.");
    else if (type_)
      look_for_what_is_missing();
    return std::move(choice_);
  }

 private:
  Resolution& result() { return choice_.resolution; }

  // Only what stops Qwen Code first is told.
  void die(const std::string& why, const char* code, const char* name,
           std::optional<std::string> hint = std::nullopt) {
    if (why.empty() || !result().fatal.empty()) return;
    result().fatal = why;
    warn(code, name, why, std::move(hint));
  }
  void warn(std::string code, std::string name, std::string message,
            std::optional<std::string> hint = std::nullopt) {
    result().issues.push_back(
        {std::move(code), std::move(name), {}, std::move(message), std::move(hint)});
  }

  std::string variable(std::string_view name) const {
    const auto found = loaded_.variables.find(std::string(name));
    return name.empty() || found == loaded_.variables.end() ? "" : found->second;
  }
  std::string setting_of(const std::string& name) const {
    const Json env = loaded_.settings.merged.value("env", Json::object());
    const bool is_text = env.is_object() && env.contains(name) && env[name].is_string();
    return is_text ? env[name].get<std::string>() : "";
  }
  std::string setting(const char* pointer) const { return loaded_.settings.text(pointer); }
  bool knows(std::string_view type) const {
    return find_auth_type(type) && (rules_.has_wire_api || type != "openai-responses");
  }

  // --- The auth type -----------------------------------------------------------------------------

  void choose_auth_type() {
    std::string& type = result().auth_type;
    type = flags_.auth_type.value_or("");
    if (type.empty()) type = setting("/security/auth/selectedType");
    if (type.empty()) {
      type = auth_type_of_variables();
      if (!type.empty())
        warn("P401", "provider.selected-type",
             "No security.auth.selectedType is set; Qwen Code takes " + type +
                 " because of the variables that are set.");
    }
    if (type.empty()) return die(std::string(no_auth_type), "P401", "provider.selected-type");
    result().protocol = type;
    // Its own words for a type it does not know.
    if (!knows(type))
      return die(
          "Cannot read properties of undefined (reading 'model')", "P401", "provider.selected-type",
          "\"" + type + "\" is no authentication type of Qwen Code " + rules_.version.text() + ".");
    for (const ConfiguredModel& model : models_)
      if (model.is_fatal)
        die(model.reason, "P408", "provider.fatal-entry",
            "It is entry " + std::to_string(model.index + 1) + " of modelProviders." +
                model.provider + ".");
    type_ = find_auth_type(type);
  }

  // (getAuthTypeFromEnv)
  std::string auth_type_of_variables() const {
    const auto has = [&](std::string_view name) { return !variable(name).empty(); };
    if (has("QWEN_OAUTH")) return "qwen-oauth";
    if (has("OPENAI_API_KEY") && has("OPENAI_BASE_URL") &&
        (has("OPENAI_MODEL") || (rules_.auth_from_qwen_model && has("QWEN_MODEL"))))
      return "openai";
    if (has("GEMINI_API_KEY") && has("GEMINI_MODEL")) return "gemini";
    const bool has_project = rules_.has_vertex_credentials && has("GOOGLE_CLOUD_PROJECT");
    if ((has("GOOGLE_API_KEY") || has_project) && has("GOOGLE_MODEL")) return "vertex-ai";
    if (has("ANTHROPIC_API_KEY") && has("ANTHROPIC_MODEL") && has("ANTHROPIC_BASE_URL"))
      return "anthropic";
    return "";
  }

  // --- The model ---------------------------------------------------------------------------------

  void choose_model() {
    if (result().auth_type == "qwen-oauth") {
      result().model = oauth_model;
      return;
    }
    name_model();
    choose_wire_api();
    const ConfiguredModel* const named = entry_of_name();
    gather(named);
    enter(named);
  }

  void name_model() {
    name_ = {flags_.model.value_or(""), Origin::flag};
    if (!name_.value.empty()) return;
    name_ = {setting("/model/name"), Origin::settings};
    if (rules_.base_url_is_identity) name_.value = without_runtime_prefix(name_.value);
    if (!name_.value.empty()) return;
    for (const std::string_view of : type_->models)
      if (name_.value.empty()) name_ = {variable(of), Origin::variable};
    if (name_.value.empty()) name_.origin = Origin::none;
  }

  bool has_place(const ConfiguredModel& model) const {
    return !model.is_fatal && !model.id.empty();
  }
  // The base URL that tells entries with one id apart.
  std::string wanted_base_url() const {
    return rules_.base_url_is_identity && name_.origin == Origin::settings
               ? setting("/model/baseUrl")
               : "";
  }

  // (resolveModelSelectionAuthType) An entry's wireApi decides between the two OpenAI protocols.
  void choose_wire_api() {
    if (!rules_.has_wire_api || name_.value.empty() || !speaks_openai(result().auth_type)) return;
    std::vector<const ConfiguredModel*> candidates;
    for (const ConfiguredModel& model : models_) {
      if (!has_place(model) || model.id != name_.value || !speaks_openai(model.protocol)) continue;
      const bool says = model.entry.is_object() && model.entry.contains("wireApi");
      if (model.protocol == result().auth_type || says || model.provider == "openai-responses")
        candidates.push_back(&model);
    }
    const auto preferred = [&](auto&& accepts) -> const ConfiguredModel* {
      const ConfiguredModel* first = nullptr;
      for (const ConfiguredModel* candidate : candidates) {
        if (!accepts(*candidate)) continue;
        if (candidate->protocol == result().auth_type) return candidate;
        if (!first) first = candidate;
      }
      return first;
    };
    const bool has_wish =
        name_.origin == Origin::settings && loaded_.settings.find("/model/baseUrl");
    const ConfiguredModel* chosen = nullptr;
    if (has_wish)
      chosen = preferred([&](const auto& model) { return model.base_url == wanted_base_url(); });
    if (!chosen) chosen = preferred([](const auto&) { return true; });
    if (chosen) result().protocol = chosen->protocol;
    type_ = find_auth_type(result().protocol);
  }

  // The entry with the model's name (resolveCliGenerationConfig).
  const ConfiguredModel* entry_of_name() {
    const ConfiguredModel *first = nullptr, *exact = nullptr;
    const std::string wanted = wanted_base_url();
    std::size_t endpoints = 0;
    for (const ConfiguredModel& model : models_) {
      if (!has_place(model) || model.protocol != result().protocol || model.id != name_.value ||
          name_.value.empty())
        continue;
      if (!first) first = &model;
      if (!exact && !wanted.empty() && model.base_url == wanted) exact = &model;
      endpoints += model.base_url != first->base_url || &model == first ? 1U : 0U;
    }
    if (!first) return nullptr;
    // Older versions do not read model.baseUrl, but who names their choice in it has chosen.
    const bool is_meant = !rules_.base_url_is_identity && name_.origin == Origin::settings &&
                          !first->base_url.empty() && setting("/model/baseUrl") == first->base_url;
    if (endpoints > 1 && !exact && !is_meant)
      warn("P403", "provider.duplicate-model",
           "Several entries of " + result().protocol + " have the id \"" + first->id +
               "\"; Qwen Code takes the first, at " + shown(first->base_url) + ".",
           wanted.empty() ? "model.baseUrl says which one is meant." : "");
    if (!wanted.empty() && !exact)
      warn("P403", "provider.duplicate-model",
           "model.baseUrl (" + wanted + ") is the base URL of no entry with the id \"" + first->id +
               "\"; Qwen Code takes the first, at " + shown(first->base_url) + ".");
    return exact ? exact : first;
  }

  static std::string shown(const std::string& base_url) {
    return base_url.empty() ? "the protocol's own address" : base_url;
  }

  // Each value from the first place that has one (resolveModelConfig).
  void gather(const ConfiguredModel* named) {
    Resolution& r = result();
    r.model = named ? named->id : name_.value;
    if (!is_present(r.model)) r.model = r.protocol == "openai" ? rules_.default_model : "";
    if (named && is_present(variable(named->env_key))) {
      key_ = {variable(named->env_key), Origin::entry};
      r.env_key = named->env_key;
    } else if (flags_.api_key && is_present(flags_.api_key->reveal())) {
      key_ = {std::string(flags_.api_key->reveal()), Origin::flag};
    } else if (is_present(variable(type_->api_key))) {
      key_ = {variable(type_->api_key), Origin::variable};
      r.env_key = type_->api_key;
    } else if (is_present(setting("/security/auth/apiKey"))) {
      key_ = {setting("/security/auth/apiKey"), Origin::settings};
    }
    for (Found found : {Found{named ? named->base_url : "", Origin::entry},
                        Found{flags_.base_url.value_or(""), Origin::flag},
                        Found{variable(type_->base_url), Origin::variable},
                        Found{setting("/security/auth/baseUrl"), Origin::settings}})
      if (base_url_.origin == Origin::none && is_present(found.value)) base_url_ = std::move(found);
  }

  // (syncAfterAuthRefresh) The entry takes the place of what was gathered, or the first entry does
  // where nothing was.
  void enter(const ConfiguredModel* named) {
    Resolution& r = result();
    const ConfiguredModel* entry = named ? named : entry_of_id(r.model);
    if (entry) {
      apply(*entry, true);
    } else if (key_.origin == Origin::none && base_url_.origin == Origin::none) {
      const auto first = std::ranges::find_if(models_, [&](const ConfiguredModel& model) {
        // The first versions took any, also one that they then fail on.
        const bool counts =
            model.is_usable || (!model.is_duplicate && !rules_.has_provider_protocol);
        return has_place(model) && model.protocol == r.protocol && counts;
      });
      if (first != models_.end()) {
        warn_of_first(*first);
        apply(*first, false);
      }
    } else if (has_entries()) {
      warn("P404", "provider.model-name",
           (name_.value.empty()
                ? std::string("model.name is not set")
                : "No entry of " + r.protocol + " has the id \"" + name_.value + "\"") +
               ", and " + (key_.origin != Origin::none ? "a key" : "a base URL") +
               " is set that belongs to no entry: Qwen Code uses that and none of the entries.",
           "Choose one of the configured models.");
    }
    if (r.model.empty()) r.model = oauth_model;  // what it falls back to for any type
    finish_base_url();
    r.key = Secret(key_.value);
    choice_.key_origin = key_.origin;
    choice_.base_url_origin = base_url_.origin;
  }

  bool has_entries() const {
    return std::ranges::any_of(models_, [&](const ConfiguredModel& model) {
      return has_place(model) && model.protocol == choice_.resolution.protocol;
    });
  }

  // Without a base URL to look for: the one that has none, else the first.
  const ConfiguredModel* entry_of_id(const std::string& id) const {
    const ConfiguredModel* first = nullptr;
    for (const ConfiguredModel& model : models_) {
      if (!has_place(model) || model.protocol != choice_.resolution.protocol || model.id != id)
        continue;
      if (model.base_url.empty()) return &model;
      if (!first) first = &model;
    }
    return first;
  }

  void warn_of_first(const ConfiguredModel& first) {
    if (name_.value.empty())
      warn("P404", "provider.model-name",
           "model.name is not set; Qwen Code takes the first entry of " + result().protocol +
               ", \"" + first.id + "\".",
           "Choose one of the configured models.");
    else
      warn("P404", "provider.model-name",
           "No entry of " + result().protocol + " has the id \"" + name_.value +
               "\"; Qwen Code takes the first, \"" + first.id + "\", without a word.",
           "Choose one of the configured models.");
  }

  // `keeps_gathered`: what the entry lacks stays as it was gathered.
  void apply(const ConfiguredModel& entry, bool keeps_gathered) {
    Resolution& r = result();
    // An envKey that is there and says nothing takes the gathered key away.
    const bool has_void_key = entry.env_key.empty() && entry.entry.contains("envKey");
    const bool keeps_key = keeps_gathered && !(has_void_key && base_url_.origin == Origin::entry);
    r.entry = entry;
    r.model = entry.id;
    if (!entry.is_usable && !entry.is_duplicate) die(entry.reason, "P408", "provider.fatal-entry");
    const std::string own = variable(entry.env_key);
    if (!own.empty()) {
      key_ = {own, Origin::entry};
      r.env_key = entry.env_key;
    } else if (!keeps_key) {
      key_ = {};
      r.env_key = "";
    }
    const bool keeps_base_url = keeps_gathered && rules_.keeps_other_base_url &&
                                base_url_.origin != Origin::none &&
                                base_url_.origin != Origin::entry;
    if (!keeps_base_url) base_url_ = {entry.base_url, Origin::entry};
  }

  void finish_base_url() {
    Resolution& r = result();
    r.base_url = base_url_.value;
    if (!r.base_url.empty()) return;
    r.base_url_is_default = true;
    const auto vendor = [&](std::string_view set_by, std::string_view otherwise) {
      const std::string value = variable(set_by);
      r.base_url_is_default = value.empty();
      return value.empty() ? std::string(otherwise) : value;
    };
    if (r.protocol == "gemini")
      r.base_url = vendor("GOOGLE_GEMINI_BASE_URL", gemini);
    else if (r.protocol == "vertex-ai")
      r.base_url = vendor("GOOGLE_VERTEX_BASE_URL", vertex);
    else if (r.protocol == "openai" && !r.entry)
      r.base_url = dashscope;
    else if (speaks_openai(r.protocol))
      r.base_url = openai;
    if (r.base_url == dashscope)
      warn("P409", "provider.default-endpoint",
           "Nothing names a base URL: Qwen Code sends the key to DashScope (" + r.base_url +
               "), not to OpenAI.",
           "Set OPENAI_BASE_URL, or configure the model as an entry with a base URL.");
  }

  // --- What is missing (validateAuthMethod) ------------------------------------------------------

  void look_for_what_is_missing() {
    Resolution& r = result();
    const bool names_key = r.entry && !r.entry->env_key.empty();
    r.needs_no_key = rules_.has_vertex_credentials && r.protocol == "vertex-ai" && !names_key &&
                     is_present(variable("GOOGLE_CLOUD_PROJECT"));
    if (r.key.empty() && !r.needs_no_key) miss_key(names_key);
    if (names_key && !r.key.empty() && choice_.key_origin != Origin::entry)
      warn("E111", "env.other-key",
           "The entry names " + r.entry->env_key + ", which is not set; Qwen Code sends " +
               gathered_key_name() + " to " + r.base_url + " instead.",
           "Set " + r.entry->env_key + ".");
    if (r.protocol != "anthropic") return;
    if (r.entry && r.entry->base_url.empty())
      die("Anthropic provider missing required baseUrl in modelProviders[].baseUrl.", "P408",
          "provider.fatal-entry");
    else if (!r.entry && variable("ANTHROPIC_BASE_URL").empty())
      die("ANTHROPIC_BASE_URL environment variable not found.", "E105", "env.unset");
  }

  std::string gathered_key_name() {
    switch (choice_.key_origin) {
      case Origin::flag: return "the key of " + std::string(api_key_flag);
      case Origin::settings: return "security.auth.apiKey";
      case Origin::none:
      case Origin::entry:
      case Origin::variable: break;
    }
    return "the key in " + result().env_key;
  }

  void miss_key(bool names_key) {
    Resolution& r = result();
    r.key_is_missing = true;
    if (names_key && !credentials_in(r.entry->env_key).empty())
      warn("K209", "key.in-envKey", "envKey must be a variable's name; it holds a key.",
           "Move the key to env in settings.json, and name that variable.");
    r.env_key = names_key ? r.entry->env_key : std::string(type_->api_key);
    warn("E105", "env.unset",
         r.env_key + (names_key ? " is named by the model's entry, and nothing sets it."
                                : " is not set, and the model's entry names no other variable."),
         "qwen-authctl explain " + r.env_key + " shows where Qwen Code looks for it.");
    if (r.fatal.empty()) r.fatal = missing_key_text(names_key);
  }

  std::string missing_key_text(bool names_key) {
    const Resolution& r = result();
    const std::string quoted = "'" + r.env_key + "'";
    // Newer versions look into settings.env here, also for what they refuse to take from there;
    // and this look is left out where a program around Qwen Code is to bring the key.
    const Json* const external = loaded_.settings.find("/security/auth/useExternal");
    const bool is_external = external && *external == true;
    const bool is_late =
        is_external || (rules_.has_provider_protocol && is_present(setting_of(r.env_key)));
    if (names_key && is_late)
      return "Missing credentials for modelProviders model '" + r.model +
             "'. Current configured envKey: " + quoted +
             ". Set that environment variable, or update modelProviders." + r.protocol +
             "[].envKey.";
    if (r.entry && !names_key && is_present(variable(r.env_key)))
      return "Missing credentials for modelProviders model '" + r.model +
             "'. Configure modelProviders." + r.protocol +
             "[].envKey and set that environment variable.";
    if (!speaks_openai(r.protocol))
      return r.env_key + " environment variable not found" +
             (names_key ? "" : " (or set settings.security.auth.apiKey)") +
             ". Please set it in your .env file or environment variables.";
    return "Missing API key for OpenAI-compatible auth. Set " +
           std::string(names_key ? "the " : "settings.security.auth.apiKey, or set the ") + quoted +
           " environment variable.";
  }

  const CliRules& rules_;
  CliFlags flags_;
  Loaded loaded_;
  std::vector<ConfiguredModel> models_;
  const AuthType* type_ = nullptr;
  Found name_, key_, base_url_;
  Choice choice_;
};

// Where security.auth.apiKey stands.
VariableSource key_in_settings(const SettingsFiles& files) {
  VariableSource source{SourceKind::settings, "", std::nullopt, true, "security.auth.apiKey"};
  const Path path{"security", "auth", "apiKey"};
  const auto merged = files.merged();
  for (auto file = merged.rbegin(); file != merged.rend(); ++file) {
    const Jsonc& document = *(*file)->document;
    const Jsonc::Node node = document.find(path);
    if (node == Jsonc::none) continue;
    source.where = (*file)->path + ":" + std::to_string(document.position(node).line);
    break;
  }
  return source;
}

bool is_of_user(const VariableSource& source, const Surroundings& surroundings) {
  if (source.kind == SourceKind::settings) return true;
  const auto file = std::ranges::find_if(surroundings.dotenvs, [&](const DotenvFile& one) {
    return source.where.starts_with(one.path + ":");
  });
  return file != surroundings.dotenvs.end() && file->is_home;
}

// What about a key's place its user may not have wanted.
void warn_of_place(Resolution& r, const Explanation& explanation,
                   const Surroundings& surroundings) {
  const auto warn = [&](const char* code, const char* name, std::string message) {
    r.issues.push_back({code, name, {}, std::move(message), std::nullopt});
  };
  const auto& sources = explanation.sources;
  if (!explanation.winner) {
    for (const VariableSource& source : sources)
      if (source.kind == SourceKind::dotenv && source.value && !source.value->empty() &&
          source.reason == not_trusted)
        warn("E104", "env.untrusted-ignored",
             source.where + " sets " + explanation.name +
                 ", but the folder is not trusted, so Qwen Code does not read it.");
    return;
  }
  const VariableSource& winner = sources[*explanation.winner];
  // A placeholder that nothing resolves is no value that anybody misses.
  const auto is_other = [&](const VariableSource& source) {
    return &source != &winner && source.value && !source.value->empty() &&
           *source.value != *winner.value && !is_placeholder(std::string(source.value->reveal()));
  };
  const auto shadowed = std::ranges::find_if(sources, [&](const VariableSource& source) {
    return source.kind != SourceKind::overlay && is_other(source) &&
           is_of_user(source, surroundings);
  });
  if (shadowed == sources.end()) return;
  if (winner.kind == SourceKind::shell)
    warn("E101", "env.shadowed",
         "The exported " + explanation.name + " is used, and not the other value in " +
             shadowed->where + ".");
  else if (winner.kind == SourceKind::dotenv && !is_of_user(winner, surroundings))
    warn("E102", "env.project-dotenv",
         winner.where + " takes the place of the key in " + shadowed->where + ", in this project.");
  else if (const auto saved = std::ranges::find_if(sources,
                                                   [&](const VariableSource& source) {
                                                     return source.kind == SourceKind::settings &&
                                                            is_other(source);
                                                   });
           winner.kind == SourceKind::dotenv && saved != sources.end())
    // One .env file of the user's before another is an order that the user chose; settings.json
    // is where every tool saves, and looks as if it decided.
    warn("E101", "env.shadowed",
         winner.where + " sets " + explanation.name + ", so the other value in " + saved->where +
             " is not used.");
}

// Where the key is from; warns of what is odd about it.
void find_key_source(Choice& choice, const Surroundings& surroundings,
                     const Environment& environment, const CliRules& rules) {
  Resolution& r = choice.resolution;
  if (choice.key_origin == Origin::flag) {
    r.key_source = VariableSource{SourceKind::cli, std::string(api_key_flag), std::nullopt, true,
                                  "The flag outranks the protocol's own variable."};
    return;
  }
  if (choice.key_origin == Origin::settings) {
    r.key_source = key_in_settings(surroundings.files);
    return;
  }
  if (r.env_key.empty()) return;
  Explanation explanation = explain(r.env_key, surroundings, environment, rules);
  warn_of_place(r, explanation, surroundings);
  if (!explanation.winner || r.key_is_missing) return;
  r.key_source = std::move(explanation.sources[*explanation.winner]);
  r.key_source->value.reset();
}

// Whether a value comes from the workspace: its settings, or a .env file of a project.
bool is_of_workspace(const VariableSource& source, const Surroundings& surroundings) {
  if (source.kind == SourceKind::dotenv) return !is_of_user(source, surroundings);
  return source.kind == SourceKind::settings && surroundings.files.workspace &&
         source.where.starts_with(surroundings.files.workspace->path + ":");
}

// A repository that says where the user's own key goes (user-pain-and-diagnoses, S901).
void warn_of_foreign_endpoint(Choice& choice, const Surroundings& surroundings,
                              const Environment& environment, const CliRules& rules) {
  Resolution& r = choice.resolution;
  if (!r.key_source || !is_users_own(*r.key_source, r.env_key, surroundings)) return;
  const std::string place = project_place(choice, surroundings, environment, rules);
  if (place.empty()) return;
  const auto own_origins = origins_of_key(r.env_key, surroundings.files);
  const Url url = parse_url(r.base_url);
  if (own_origins.contains(url.origin())) return;
  // What is no secret is nothing to lose.
  if ((url.is_loopback() || url.is_private()) && is_placeholder_key(r.key.reveal())) return;
  r.issues.push_back({"S901",
                      "sec.foreign-origin",
                      {},
                      "The workspace (" + place + ") sends your key (" +
                          (r.env_key.empty() ? "" : r.env_key + ", ") + "from " +
                          r.key_source->where + ") to " + r.base_url + ".",
                      std::nullopt});
}

}  // namespace

Choice choose(const Surroundings& surroundings, const Environment& environment,
              const CliRules& rules) {
  return Chooser(surroundings, environment, rules).take();
}

Json raw_entry(const ConfiguredModel& model, const SettingsFiles& files) {
  const SettingsFile& file = files.at(model.scope);
  if (!file.document) return Json();
  const ModelList list = model_list(*file.document, model.provider);
  if (list.array == Jsonc::none) return Json();
  const auto elements = file.document->children(list.array);
  return model.index < elements.size() ? file.document->value(elements[model.index]) : Json();
}

bool is_users_own(const VariableSource& source, const std::string& name,
                  const Surroundings& surroundings) {
  if (source.kind == SourceKind::shell || source.kind == SourceKind::cli) return true;
  if (!is_of_workspace(source, surroundings)) return is_of_user(source, surroundings);
  // What the workspace calls its own may refer to what is not.
  if (source.kind != SourceKind::settings) return false;
  const auto said = merged_value(
      surroundings.files, name.empty() ? Path{"security", "auth", "apiKey"} : Path{"env", name});
  std::set<std::string> names;
  if (said) collect_references(said->value, names);
  return !names.empty();
}

std::string project_place(const Json& text, const Surroundings& surroundings,
                          const Environment& environment, const CliRules& rules) {
  std::set<std::string> names;
  collect_references(text, names);
  for (const std::string& name : names) {
    const Explanation explanation = explain(name, surroundings, environment, rules);
    if (!explanation.winner) continue;
    const VariableSource& winner = explanation.sources[*explanation.winner];
    if (is_of_workspace(winner, surroundings)) return winner.where;
  }
  return "";
}

std::string project_place(const Choice& choice, const Surroundings& surroundings,
                          const Environment& environment, const CliRules& rules) {
  const Resolution& r = choice.resolution;
  const auto place_of = [&](std::string_view name) {
    return project_place(Json("$" + std::string(name)), surroundings, environment, rules);
  };
  const SettingsFiles& files = surroundings.files;
  if (r.entry && !r.entry->base_url.empty() && r.entry->base_url == r.base_url) {
    if (r.entry->scope == Scope::workspace) return files.workspace->path;
    // The user's own entry, with a $NAME in it that the workspace sets.
    const Json raw = raw_entry(*r.entry, files);
    return raw.is_object()
               ? project_place(raw.value("baseUrl", Json()), surroundings, environment, rules)
               : "";
  }
  if (choice.base_url_origin == Choice::Origin::settings) {
    const auto merged = merged_value(files, Path{"security", "auth", "baseUrl"});
    if (!merged) return "";
    if (merged->scope == Scope::workspace) return files.workspace->path;
    return project_place(merged->value, surroundings, environment, rules);
  }
  const AuthType* type = find_auth_type(r.protocol);
  if (choice.base_url_origin == Choice::Origin::variable && type) return place_of(type->base_url);
  if (r.base_url_is_default) return "";
  if (r.protocol == "gemini") return place_of("GOOGLE_GEMINI_BASE_URL");
  if (r.protocol == "vertex-ai") return place_of("GOOGLE_VERTEX_BASE_URL");
  return "";
}

FlagOfVariable flag_of_variable(std::string_view variable, const Choice& choice) {
  const Resolution& r = choice.resolution;
  const AuthType* type = find_auth_type(r.protocol);
  if (!type) type = find_auth_type("openai");
  const std::string outranked = "The model's entry decides, and outranks the flag.";
  if (variable.empty()) return {};
  if (variable == type->api_key)
    return {api_key_flag, r.entry && r.entry->env_key == variable ? outranked : ""};
  if (variable == type->base_url)
    return {base_url_flag, r.entry && !r.entry->base_url.empty() ? outranked : ""};
  if (std::ranges::find(type->models, variable) != type->models.end()) return {model_flag, ""};
  return {};
}

Choice resolved_choice(const Surroundings& surroundings, const Environment& environment,
                       const CliRules& rules) {
  Choice choice = choose(surroundings, environment, rules);
  find_key_source(choice, surroundings, environment, rules);
  warn_of_foreign_endpoint(choice, surroundings, environment, rules);
  return choice;
}

Resolution resolve(const Surroundings& surroundings, const Environment& environment,
                   const CliRules& rules) {
  return resolved_choice(surroundings, environment, rules).resolution;
}

}  // namespace authd::core
