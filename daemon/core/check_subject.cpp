#include "daemon/core/check_subject.hpp"

#include <algorithm>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/endpoint.hpp"
#include "daemon/core/interpolation.hpp"
#include "daemon/core/key_origin.hpp"
#include "daemon/core/selection.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

class SubjectFinder {
 public:
  SubjectFinder(const CheckQuestion& question, const Surroundings& surroundings,
                const Environment& environment)
      : question_(question),
        surroundings_(surroundings),
        environment_(environment),
        rules_(rules_of(surroundings.version)) {
    subject_.files = surroundings.files;
    subject_.version = surroundings.version;
    subject_.version_from = surroundings.version_from;
    subject_.models =
        configured_models(surroundings.files, environment, rules_, surroundings.dotenvs);
  }

  Result<CheckSubject> take() {
    Result<void> found;
    if (question_.endpoint)
      found = named_endpoint();
    else if (question_.model)
      found = named_model();
    else
      take_active_model();
    if (!found) return std::unexpected(found.error());
    ProbeTarget& target = subject_.target;
    target.version = surroundings_.version;
    target.depth = question_.depth;
    target.is_call_optional = question_.is_call_optional;
    target.is_base_url_typed = !is_projects_;
    if (target.protocol == "openai-responses" && !rules_.has_wire_api) target.protocol = "openai";
    if (subject_.entry) {
      target.custom_headers = custom_headers(subject_.entry->entry);
      const Json::json_pointer extra("/generationConfig/extra_body");
      if (subject_.entry->entry.is_object() && subject_.entry->entry.contains(extra))
        target.extra_body = subject_.entry->entry[extra];
    }
    if (target.base_url.empty() && subject_.obstacle.empty())
      stop("P408", "Qwen Code knows no address for this model.");
    return std::move(subject_);
  }

 private:
  void stop(std::string code, std::string why) {
    subject_.obstacle_code = std::move(code);
    subject_.obstacle = std::move(why);
  }

  bool is_consented(const std::string& base_url) const {
    const std::string host = parse_url(base_url).host;
    return std::ranges::any_of(question_.consented_hosts, [&](const std::string& named) {
      return lower_ascii(named) == host;
    });
  }

  // The key of a variable goes where it was set up for, and elsewhere only if its user says so.
  void ask_consent(const std::string& env_key, const std::string& base_url,
                   const std::string& field) {
    if (!is_consented(base_url) &&
        !origins_of_key(env_key, surroundings_.files).contains(parse_url(base_url).origin()))
      subject_.consent_needed = consent_error(env_key, base_url, field);
  }

  static Error consent_error(const std::string& env_key, const std::string& base_url,
                             const std::string& field) {
    const Url url = parse_url(base_url);
    return {ErrorKind::consent_required,
            (env_key.empty() ? "The key" : "The key in " + env_key) + " was not set up for " +
                url.origin() + ".",
            field,
            "Name the host in consent.hosts, if the key is meant for it.",
            {{"hosts", {url.host}}}};
  }

  Result<void> named_endpoint() {
    const CheckQuestion::Endpoint& endpoint = *question_.endpoint;
    auto base_url = accept_base_url(endpoint.base_url);
    if (!base_url) {
      base_url.error().field = "endpoint.baseUrl";
      return std::unexpected(base_url.error());
    }
    if (endpoint.api_key && !endpoint.env_key.empty())
      return fail(ErrorKind::invalid_input, "apiKey and envKey exclude each other.",
                  "endpoint.apiKey");
    subject_.target = {endpoint.protocol, *base_url, endpoint.model, {}};
    if (endpoint.api_key) {
      subject_.target.key = endpoint.api_key->clone();
      return {};
    }
    take_variable(endpoint.env_key);
    if (!endpoint.env_key.empty() && !is_projects_own())
      ask_consent(endpoint.env_key, *base_url, "endpoint");
    return {};
  }

  void take_variable(const std::string& name) {
    subject_.key_name = name;
    if (name.empty()) return;
    Explanation explained = explain(name, surroundings_, environment_, rules_);
    if (!explained.winner) return;
    VariableSource& winner = explained.sources[*explained.winner];
    if (winner.value) subject_.target.key = std::move(*winner.value);
    subject_.key_source = winner.where;
    winner.value.reset();
    key_source_ = std::move(winner);
  }

  // A key that the project brings along may go where the project says.
  bool is_projects_own() const {
    return key_source_ && !is_users_own(*key_source_, subject_.key_name, surroundings_);
  }

  // Of an endpoint that a project names.
  void guard(const std::string& name, const std::string& base_url, const std::string& field) {
    is_projects_ = true;
    const bool takes_others = subject_.entry && takes_others_along(*subject_.entry);
    if (takes_others && !is_consented(base_url))
      subject_.consent_needed = consent_error(name, base_url, field);
    else if (!is_projects_own())
      ask_consent(name, base_url, field);
  }

  Result<void> named_model() {
    Selected wanted = *question_.model;
    const Resolution active = resolve(surroundings_, environment_, rules_);
    if (wanted.protocol.empty()) wanted.protocol = protocol_of(wanted, active);
    const auto found = find_model(subject_.models, wanted);
    if (!found) return std::unexpected(found.error());
    const ConfiguredModel& model = **found;
    if (active.entry && active.entry->provider == model.provider &&
        active.entry->index == model.index && active.entry->scope == model.scope) {
      take_active_model();
      return {};
    }
    subject_.entry = model;
    const auto [base_url, raw_base_url] = base_url_of(model);
    subject_.target = {model.protocol, base_url, model.id, {}};
    std::string name = model.env_key;
    if (const AuthType* type = find_auth_type(model.protocol); name.empty() && type)
      name = type->api_key;
    take_variable(name);
    if (is_located_by_project(model, raw_base_url)) guard(name, base_url, "model");
    return {};
  }

  // With what decides about it, as a text with $NAMEs.
  std::pair<std::string, Json> base_url_of(const ConfiguredModel& model) const {
    const Json raw = raw_entry(model, surroundings_.files);
    if (!model.base_url.empty())
      return {model.base_url, raw.is_object() ? raw.value("baseUrl", Json()) : Json()};
    // The protocols that obey a variable whatever the entry says (facts, 9).
    const std::string name = model.protocol == "gemini"      ? "GOOGLE_GEMINI_BASE_URL"
                             : model.protocol == "vertex-ai" ? "GOOGLE_VERTEX_BASE_URL"
                                                             : "";
    if (!name.empty()) {
      const Explanation explained = explain(name, surroundings_, environment_, rules_);
      if (explained.winner && explained.sources[*explained.winner].value)
        return {std::string(explained.sources[*explained.winner].value->reveal()), "$" + name};
    }
    return {std::string(default_base_url(model.protocol)), Json()};
  }

  std::string protocol_of(const Selected& wanted, const Resolution& active) const {
    if (active.entry && active.entry->id == wanted.model) return active.entry->protocol;
    const auto first = std::ranges::find_if(subject_.models, [&](const ConfiguredModel& model) {
      return model.is_usable && model.id == wanted.model &&
             (wanted.base_url.empty() ||
              canonical_base_url(model.base_url) == canonical_base_url(wanted.base_url));
    });
    return first == subject_.models.end() ? "openai" : first->protocol;
  }

  void take_active_model() {
    Choice choice = choose(surroundings_, environment_, rules_);
    Resolution active = resolve(surroundings_, environment_, rules_);
    subject_.is_active = true;
    subject_.entry = active.entry;
    subject_.target = {active.protocol, active.base_url, active.model, active.key.clone()};
    subject_.key_name = active.env_key;
    if (active.key_source) subject_.key_source = active.key_source->where;
    key_source_ = std::move(active.key_source);
    if (active.protocol.empty() || active.protocol == "qwen-oauth")
      stop("P401", active.fatal.empty() ? "No model is selected here." : active.fatal);
    else if (active.needs_no_key)
      stop("", "Google's own credentials stand for the key, which are not tested.");
    else if (!active.fatal.empty() && !active.key_is_missing)
      stop(code_of_fatal(active), active.fatal);
    else if (!project_place(choice, surroundings_, environment_, rules_).empty())
      guard(active.env_key, active.base_url, "consent");
  }

  static std::string code_of_fatal(const Resolution& active) {
    for (const Warning& issue : active.issues)
      if (issue.message == active.fatal) return issue.code;
    return "";
  }

  // Whether a repository decides where the requests of an entry go.
  bool is_located_by_project(const ConfiguredModel& model, const Json& raw_base_url) const {
    return model.scope == Scope::workspace ||
           !project_place(raw_base_url, surroundings_, environment_, rules_).empty();
  }

  // A project's entry may take along what the user has, by a $NAME outside of its envKey.
  bool takes_others_along(const ConfiguredModel& model) const {
    std::set<std::string> names;
    collect_references(raw_entry(model, surroundings_.files), names);
    return !names.empty();
  }

  const CheckQuestion& question_;
  const Surroundings& surroundings_;
  const Environment& environment_;
  CliRules rules_;
  CheckSubject subject_;
  std::optional<VariableSource> key_source_;
  bool is_projects_ = false;  // a repository says where the request goes
};

}  // namespace

Result<CheckSubject> check_subject(const CheckQuestion& question, const Surroundings& surroundings,
                                   const Environment& environment) {
  return SubjectFinder(question, surroundings, environment).take();
}

std::string unsendable(const Secret& key) {
  // Blanks at the end are left out of a header's value.
  std::string_view text = key.reveal();
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  if (text.empty()) return "The key is blank.";
  const auto found = foreign_character(text);
  if (!found) return "";
  return "Character " + std::to_string(found->position) + " of the key is " + found->name +
         ", which no key has and no HTTP header can carry.";
}

}  // namespace authd::core
