#include "daemon/wire_environment.hpp"

#include <map>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/sha256.hpp"
#include "protocol/caller_variables.hpp"

namespace authd::wire {
namespace {

using core::VariableSource;

Json finished(Json answer, const Place& place, const core::Secrets& secrets) {
  hide(answer, secrets);
  answer["judgedBy"] = place.environment.judged_by();
  return answer;
}

void add_version(Json& answer, const Place& place) {
  answer["cliVersion"] = place.surroundings.version.text();
  answer["cliVersionFrom"] = place.surroundings.version_from;
}

// Base URLs and models are no secrets, and a mask would say nothing of them.
bool is_plain(const std::string& name) {
  return !core::names_a_secret(name) && (name.ends_with("_BASE_URL") || name.ends_with("_MODEL"));
}

Json source(const VariableSource& source, bool is_plain) {
  Json json = {{"kind", core::source_kind_name(source.kind)},
               {"where", source.where},
               {"masked", nullptr},
               {"fingerprint", nullptr},
               {"applied", source.applied},
               {"reason", source.reason}};
  if (!source.exists) json["exists"] = false;
  if (!source.value) return json;
  json["masked"] = source.value->empty() ? std::string() : source.value->masked();
  if (source.value->empty()) return json;
  json["fingerprint"] = core::fingerprint(source.value->reveal());
  if (is_plain) json["value"] = source.value->reveal();
  return json;
}

Json explanation(const core::Explanation& explanation) {
  Json sources = Json::array();
  for (const VariableSource& one : explanation.sources)
    sources.push_back(source(one, is_plain(explanation.name)));
  Json winner;
  if (explanation.winner) winner = sources[*explanation.winner];
  return {{"winner", std::move(winner)}, {"sources", std::move(sources)}};
}

bool has_same_winner(const core::Explanation& one, const core::Explanation& other) {
  if (one.winner.has_value() != other.winner.has_value()) return false;
  if (!one.winner) return true;
  const VariableSource &a = one.sources[*one.winner], &b = other.sources[*other.winner];
  return a.kind == b.kind && a.where == b.where && a.value == b.value;
}

Json key_source(const std::optional<VariableSource>& source) {
  if (!source) return nullptr;
  return {{"kind", core::source_kind_name(source->kind)}, {"where", source->where}};
}

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json issues(const std::vector<core::Warning>& issues) {
  Json array = Json::array();
  for (const core::Warning& issue : issues) {
    Json one = {{"code", issue.code}, {"name", issue.name}, {"message", issue.message}};
    if (issue.suggestion && !issue.suggestion->empty()) one["hint"] = *issue.suggestion;
    array.push_back(std::move(one));
  }
  return array;
}

// What a version ends up with, to be compared.
Json outcome(const core::Resolution& resolution, const core::AuthStatus& status,
             const std::string& key_file) {
  Json json = {{"complete", status.complete},
               {"method", status.method},
               {"model", text_or_null(resolution.model)},
               {"protocol", text_or_null(resolution.protocol)},
               {"baseUrl", text_or_null(resolution.base_url)},
               {"envKey", text_or_null(resolution.env_key)},
               {"keySource", key_source(resolution.key_source)},
               {"keyMasked", nullptr},
               {"keyFingerprint", nullptr}};
  if (!resolution.key.empty()) {
    json["keyMasked"] = resolution.key.masked();
    json["keyFingerprint"] = core::fingerprint(resolution.key.reveal());
  }
  if (status.key_from_command)
    json["keySource"] = {{"kind", "overlay"}, {"where", key_file}};
  else if (!resolution.fatal.empty())
    json["fatal"] = resolution.fatal;
  return json;
}

// Whether the versions send another key, or send it elsewhere.
bool is_same_outcome(const Json& one, const Json& other) {
  for (const char* name : {"complete", "model", "protocol", "baseUrl", "keyFingerprint"})
    if (one[name] != other[name]) return false;
  return true;
}

class ModelLister {
 public:
  explicit ModelLister(const Place& place)
      : place_(place),
        explainer_(place.surroundings, place.environment, place.rules),
        active_(core::resolve(place.surroundings, place.environment, place.rules)) {}

  Json list() {
    const core::Loaded loaded = core::load(place_.surroundings, place_.environment, place_.rules);
    Json models = Json::array();
    for (const core::ConfiguredModel& one : core::configured_models(loaded.settings, place_.rules))
      models.push_back(model(one, loaded));
    Json answer = {{"models", std::move(models)}, {"warnings", issues(active_.issues)}};
    if (active_.entry)
      answer["selected"] = {{"protocol", active_.entry->protocol},
                            {"id", active_.entry->id},
                            {"baseUrl", active_.entry->base_url}};
    return answer;
  }

 private:
  Json model(const core::ConfiguredModel& model, const core::Loaded& loaded) {
    const bool is_selected = active_.entry && active_.entry->provider == model.provider &&
                             active_.entry->index == model.index;
    Json json = {{"protocol", model.protocol},
                 {"provider", model.provider},
                 {"id", model.id},
                 {"name", model.name},
                 {"baseUrl", model.base_url},
                 {"envKey", model.env_key},
                 {"scope", core::scope_name(model.scope)},
                 {"index", model.index},
                 {"selected", is_selected},
                 {"usable", model.is_usable},
                 {"fatal", model.is_fatal}};
    if (model.is_duplicate) json["duplicate"] = true;
    if (!model.reason.empty()) json["reason"] = model.reason;
    add_key(json, model, is_selected, loaded);
    return json;
  }

  void add_key(Json& json, const core::ConfiguredModel& model, bool is_selected,
               const core::Loaded& loaded) {
    const core::AuthType* const type = core::find_auth_type(model.protocol);
    std::string name = model.env_key;
    if (name.empty() && type) name = type->api_key;
    json["keyState"] = "missing";
    if (type && type->id == "qwen-oauth") {
      json["keyState"] = "not-needed";
    } else if (is_selected && !active_.key_is_missing) {
      json["keyState"] = active_.needs_no_key ? "not-needed" : "set";
      if (active_.needs_no_key) return;
      json["keySource"] = key_source(active_.key_source);
      json["keyMasked"] = active_.key.masked();
    } else if (const auto found = loaded.variables.find(name);
               found != loaded.variables.end() && !found->second.empty()) {
      json["keyState"] = "set";
      json["keySource"] = source_of(name);
      json["keyMasked"] = mask(found->second);
    } else if (place_.command_for(name)) {
      json["keyState"] = "set";
      json["keySource"] = {{"kind", "overlay"}, {"where", place_.key_file}};
    }
  }

  const Json& source_of(const std::string& name) {
    const auto known = sources_.find(name);
    if (known != sources_.end()) return known->second;
    const core::Explanation explanation = explainer_.explain(name);
    Json json;
    if (explanation.winner) {
      const VariableSource& winner = explanation.sources[*explanation.winner];
      json = {{"kind", core::source_kind_name(winner.kind)}, {"where", winner.where}};
    }
    return sources_.emplace(name, std::move(json)).first->second;
  }

  const Place& place_;
  core::Explainer explainer_;
  core::Resolution active_;
  std::map<std::string, Json> sources_;  // by variable
};

}  // namespace

core::Secrets secrets_at(const Place& place) {
  core::Secrets secrets = core::secrets_of(place.surroundings.files);
  const auto learn = [&](const std::string& name, const std::string& value) {
    if (core::names_a_secret(name)) secrets.learn(value);
  };
  for (const auto& [name, value] :
       core::effective_variables(place.surroundings, place.environment, place.rules))
    learn(name, value);
  for (const core::DotenvFile& file : place.surroundings.dotenvs)
    for (const core::DotenvEntry& entry : file.entries) learn(entry.name, entry.value);
  return secrets;
}

void hide(Json& value, const core::Secrets& secrets) {
  if (value.is_string())
    value = secrets.masked(value.get_ref<const std::string&>());
  else if (value.is_structured())
    for (Json& member : value) hide(member, secrets);
}

Json env_names(const Place& place) {
  // An envKey can hold a key by mistake.
  const core::Secrets secrets = secrets_at(place);
  Json names = Json::array();
  for (const std::string& name : core::names_that_matter(place.surroundings.files))
    if (secrets.masked(name) == name) names.push_back(name);
  return {{"names", std::move(names)},
          {"patterns", caller_variable_patterns},
          {"judgedBy", place.environment.judged_by()}};
}

Json env_explain(const std::string& name, const Place& place, const Place& other) {
  const auto explain = [&](const Place& at) {
    core::Explanation found =
        core::explain(name, at.surroundings, at.environment, at.rules, at.overlay);
    if (at.command_for(name))
      found.sources.push_back({.kind = core::SourceKind::overlay,
                               .where = at.key_file,
                               .value = std::nullopt,
                               .applied = false,
                               .reason = "A command prints it: only through qwen-authctl exec or "
                                         "env."});
    return found;
  };
  const core::Explanation here = explain(place), there = explain(other);
  Json answer = explanation(here);
  answer["name"] = name;
  add_version(answer, place);
  if (!has_same_winner(here, there)) {
    Json differs = explanation(there);
    differs["cliVersion"] = other.surroundings.version.text();
    answer["differs"] = Json::array({std::move(differs)});
  }
  return finished(std::move(answer), place, secrets_at(place));
}

Json auth_status(const Place& place, const Place& other) {
  const auto resolve = [](const Place& at) {
    return core::resolve(at.surroundings, at.environment, at.rules);
  };
  const core::Resolution here = resolve(place), there = resolve(other);
  const auto judge = [](const core::Resolution& resolution, const Place& at) {
    return core::auth_status(resolution, at.surroundings.files, at.command_for(resolution.env_key));
  };
  const core::AuthStatus status = judge(here, place), elsewhere = judge(there, other);
  core::Secrets secrets = secrets_at(place);
  for (const core::Resolution* one : {&here, &there}) secrets.learn(std::string(one->key.reveal()));
  Json answer = outcome(here, status, place.key_file);
  answer["configured"] = status.configured;
  answer["title"] = text_or_null(status.title);
  answer["issues"] = status.key_from_command ? Json::array() : issues(here.issues);
  answer["scope"] = status.scope ? Json(core::scope_name(*status.scope)) : Json();
  answer["path"] = text_or_null(status.path);
  answer["lines"] = status.lines;
  if (status.region)
    answer["region"] = {{"id", status.region->id}, {"label", status.region->label}};
  if (!status.config_version.empty()) answer["configVersion"] = status.config_version;
  add_version(answer, place);
  Json differing = outcome(there, elsewhere, place.key_file);
  if (!is_same_outcome(answer, differing)) {
    differing["cliVersion"] = other.surroundings.version.text();
    answer["otherVersions"] = Json::array({std::move(differing)});
  }
  return finished(std::move(answer), place, secrets);
}

Json models_list(const Place& place) {
  Json answer = ModelLister(place).list();
  add_version(answer, place);
  return finished(std::move(answer), place, secrets_at(place));
}

}  // namespace authd::wire
