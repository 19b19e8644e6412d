#include "daemon/models_service.hpp"

#include <algorithm>

#include "daemon/core/endpoint.hpp"
#include "daemon/core/key_origin.hpp"
#include "daemon/core/selection.hpp"
#include "daemon/core/url.hpp"
#include "daemon/io/key_file.hpp"
#include "daemon/io/oauth_tokens.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire_models.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

// What Qwen Code makes of the models here.
struct Models {
  core::Surroundings surroundings;
  core::CliRules rules;
  std::vector<core::ConfiguredModel> all;
};

Models models_here(io::SettingsStore& store, const core::Environment& environment) {
  Models here;
  here.surroundings = io::load_surroundings(store, environment);
  here.rules = core::rules_of(here.surroundings.version);
  here.all = core::configured_models(here.surroundings.files, environment, here.rules,
                                     here.surroundings.dotenvs);
  return here;
}

core::ProbeTarget target_of(const core::Resolution& active) {
  return {active.protocol, active.base_url, active.model, active.key.clone(), {}};
}

// A key travels only to where the settings send it already.
Result<core::ProbeTarget> named_target(const DiscoverEndpoint& endpoint, const Models& here,
                                       const core::Environment& environment) {
  core::ProbeTarget target{endpoint.protocol, endpoint.base_url, {}, {}};
  target.is_base_url_typed = true;
  if (endpoint.api_key) target.key = endpoint.api_key->clone();
  if (endpoint.env_key.empty()) return target;
  const std::string origin = core::parse_url(endpoint.base_url).origin();
  if (!core::origins_of_key(endpoint.env_key, here.surroundings.files).contains(origin))
    return std::unexpected(
        Error{ErrorKind::consent_required,
              "No configured model sends " + endpoint.env_key + " to " + origin + ".",
              "endpoint",
              "Give the key itself with apiKey, if it is meant for this host.",
              {{"hosts", {core::parse_url(endpoint.base_url).host}}}});
  const core::Variables variables =
      core::effective_variables(here.surroundings, environment, here.rules);
  if (const auto found = variables.find(endpoint.env_key); found != variables.end())
    target.key = Secret(std::string_view(found->second));
  return target;
}

// What is left of one's credentials where they cannot be taken away from here.
Json remaining(const std::string& name, const core::Surroundings& surroundings,
               const core::Environment& environment) {
  Json remains = Json::array();
  const auto explained =
      core::explain(name, surroundings, environment, core::rules_of(surroundings.version));
  for (const core::VariableSource& source : explained.sources) {
    if (!source.value || source.value->empty()) continue;
    Json one = {{"name", name}, {"where", source.where}};
    if (source.kind == core::SourceKind::shell) one["command"] = "unset " + name;
    remains.push_back(std::move(one));
  }
  return remains;
}

// What a logout took away, over all files.
struct Removed {
  bool key = false, selection = false, tokens = false;
  std::size_t models = 0;
  std::vector<io::Saved> saved;

  void add(const core::RemovalPlan& plan, io::Saved written) {
    key = key || plan.removes_key;
    selection = selection || plan.removes_selection;
    models += plan.models;
    if (written.changed) saved.push_back(std::move(written));
  }
  Json to_json(const std::string& name) const {
    return {{"keys", key ? Json::array({name}) : Json::array()},
            {"models", models},
            {"selection", selection},
            {"tokens", tokens}};
  }
};

Result<core::Credentials> whose(const std::string& provider, const Models& here,
                                const core::Environment& environment) {
  if (!provider.empty())
    return core::find_credentials(provider,
                                  core::model_entries(here.surroundings.files, core::Scope::user));
  const core::Resolution active = core::resolve(here.surroundings, environment, here.rules);
  if (active.env_key.empty())
    return fail(ErrorKind::unknown_provider, "No model with a key is selected here.", "provider",
                "Say whose key is to go; providers.list lists who is known.");
  const std::string name = active.entry ? active.entry->name : std::string();
  return core::Credentials{core::owner_of(active.env_key, active.base_url, name), active.env_key};
}

// The files that a logout may write, the workspace's only where it takes part.
std::vector<const core::SettingsFile*> writable(const core::SettingsFiles& files) {
  std::vector<const core::SettingsFile*> list;
  for (const core::SettingsFile* file : files.trusted())
    if (file->scope == core::Scope::user || file->scope == core::Scope::workspace)
      list.push_back(file);
  return list;
}

// Whether there was one.
bool remove_command(const std::string& key_file, const std::string& name,
                    std::vector<core::Warning>& warnings) {
  const auto removed = io::remove_key_command(key_file, name);
  if (!removed) warnings.push_back({"F801", "file.unparseable", {}, removed.error().message});
  return removed.value_or(false);
}

bool is_same_entry(const core::ConfiguredModel& one, const core::ConfiguredModel& other) {
  return one.provider == other.provider && one.index == other.index && one.scope == other.scope;
}

bool is_oauth(const std::string& provider, const Models& here) {
  const auto type =
      core::merged_value(here.surroundings.files, core::Path{"security", "auth", "selectedType"});
  return provider == "qwen-oauth" || (provider.empty() && type && type->value == "qwen-oauth");
}

}  // namespace

void ModelsService::bind(rpc::Dispatcher& dispatcher) {
  const auto later = [&]<class Params>(rpc::MethodSummary summary,
                                       void (ModelsService::*handler)(Params, rpc::Request)) {
    dispatcher.bind_later<Params>(summary, [this, handler](Params params, rpc::Request request) {
      (this->*handler)(std::move(params), std::move(request));
    });
  };
  dispatcher.bind<NoParams>(
      {"providers.list", "The protocols and the providers that can be set up by name",
       "{protocols: [{id, label, description}], providers: [{id, title, description, protocol, "
       "envKey, endpoints, models, keyOptional, documentationUrl?}]}"},
      [](NoParams, rpc::Peer&) -> Result<Json> { return wire::providers(); });
  later({"models.select", "Selects a configured model, so that exactly this one starts",
         "As `saved` of a commit, with model and warnings"},
        &ModelsService::select);
  later({"models.remove", "Takes a configured model away",
         "As `saved` of a commit, with model and warnings"},
        &ModelsService::remove);
  later({"models.discover", "Asks an endpoint which models it has",
         "{models: [{id, name?, contextWindow?}], status, message, url}"},
        &ModelsService::discover);
  later({"auth.logout", "Takes a provider's key, models and selection away",
         "{removed: {keys, models, selection, tokens}, saved: [], remains: [{name, where, "
         "command?}], warnings, judgedBy}"},
        &ModelsService::logout);
}

void ModelsService::select(ModelsSelect received, rpc::Request request) {
  write_at(
      services_, std::move(received),
      [](io::SettingsStore& store, const core::Environment& environment,
         const ModelsSelect& params) -> Result<Written> {
        std::vector<core::Warning> warnings;
        Json model;
        auto saved = store.change({"models.select"}, [&]() -> Result<core::Plan> {
          const Models here = models_here(store, environment);
          const auto found =
              core::find_model(here.all, {params.protocol, params.id, params.base_url});
          if (!found) return std::unexpected(found.error());
          auto plan = core::plan_selection(here.surroundings.files, {.scope = params.scope,
                                                                     .model = **found,
                                                                     .models = here.all,
                                                                     .repair = params.repair});
          if (!plan) return std::unexpected(plan.error());
          if (auto ok = same_file(params.etag, *plan); !ok) return std::unexpected(ok.error());
          warnings = plan->warnings;
          model = wire::model_identity(**found);
          return *std::move(plan);
        });
        if (!saved) return std::unexpected(saved.error());
        Json result = wire::saved(*saved);
        result["model"] = std::move(model);
        result["warnings"] = wire::warnings(warnings);
        result["judgedBy"] = environment.judged_by();
        return Written{{*std::move(saved)}, std::move(result)};
      },
      std::move(request));
}

void ModelsService::remove(ModelsRemove received, rpc::Request request) {
  write_at(
      services_, std::move(received),
      [](io::SettingsStore& store, const core::Environment& environment,
         const ModelsRemove& params) -> Result<Written> {
        Json model;
        auto saved = store.change({"models.remove"}, [&]() -> Result<core::Plan> {
          const Models here = models_here(store, environment);
          const auto found =
              core::find_entry(here.all, {params.protocol, params.id, params.base_url});
          if (!found) return std::unexpected(found.error());
          const core::Resolution active = core::resolve(here.surroundings, environment, here.rules);
          const bool is_selected = active.entry && is_same_entry(*active.entry, **found);
          auto plan = core::plan_model_removal(here.surroundings.files.at((*found)->scope), **found,
                                               is_selected, params.repair);
          if (!plan) return plan;
          if (auto ok = same_file(params.etag, *plan); !ok) return std::unexpected(ok.error());
          model = wire::model_identity(**found);
          return plan;
        });
        if (!saved) return std::unexpected(saved.error());
        Json result = wire::saved(*saved);
        result["model"] = std::move(model);
        result["judgedBy"] = environment.judged_by();
        return Written{{*std::move(saved)}, std::move(result)};
      },
      std::move(request));
}

void ModelsService::discover(ModelsDiscover params, rpc::Request received) {
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return received.reply(std::unexpected(environment.error()));
  const auto request = std::make_shared<rpc::Request>(std::move(received));
  const auto ask_it = [this, environment = *environment,
                       request](Result<core::ProbeTarget> target) mutable {
    if (!target) return request->reply(std::unexpected(target.error()));
    ask(*std::move(target), environment, request);
  };
  if (!params.session_id.empty() && !params.endpoint) {
    const auto cancel = session_endpoint_(params.session_id, ask_it);
    if (!request->cancellation->has_action()) request->cancellation->on_request(cancel);
    return;
  }
  services_.settings.run(
      [environment = *environment,
       params = std::move(params)](io::SettingsStore& store) -> Result<core::ProbeTarget> {
        const Models here = models_here(store, environment);
        if (params.endpoint) return named_target(*params.endpoint, here, environment);
        const core::Resolution active = core::resolve(here.surroundings, environment, here.rules);
        if (active.base_url.empty())
          return fail(ErrorKind::unknown_model, "No model is selected here.", "endpoint",
                      "Say which endpoint to ask.");
        // A repository names this host, and the key is not the repository's.
        for (const core::Warning& issue : active.issues)
          if (issue.code == "S901")
            return std::unexpected(Error{ErrorKind::consent_required,
                                         issue.message,
                                         "endpoint",
                                         "Give the key itself with endpoint.apiKey, if it is meant "
                                         "for this host.",
                                         {{"hosts", {core::parse_url(active.base_url).host}}}});
        return target_of(active);
      },
      ask_it);
}

void ModelsService::ask(core::ProbeTarget target, const core::Environment& environment,
                        const std::shared_ptr<rpc::Request>& request) {
  if (auto url = core::accept_base_url(target.base_url); !url) {
    url.error().field = "endpoint.baseUrl";
    return request->reply(std::unexpected(url.error()));
  }
  if (!services_.checker.has_room())
    return request->reply(std::unexpected(Error{ErrorKind::busy,
                                                "Too many checks are running already.",
                                                {},
                                                "Try again in a moment.",
                                                {{"retryable", true}}}));
  const auto ticket = services_.checker.discover(
      std::move(target), environment, std::chrono::milliseconds(limits::check_timeout_ms),
      [request, judged_by = environment.judged_by()](const core::Discovery& found) {
        request->reply(wire::discovery(found, judged_by));
      });
  request->cancellation->on_request([this, ticket, weak = std::weak_ptr(request)] {
    const auto self = weak.lock();  // it goes with what is cancelled
    services_.checker.cancel(ticket);
    if (self) self->reply(fail(ErrorKind::cancelled, "The question was cancelled."));
  });
}

void ModelsService::logout(AuthLogout received, rpc::Request request) {
  write_at(
      services_, std::move(received),
      [key_file = services_.key_commands.path()](io::SettingsStore& store,
                                                 const core::Environment& environment,
                                                 const AuthLogout& params) -> Result<Written> {
        const Models before = models_here(store, environment);
        const core::SettingsFiles& files = before.surroundings.files;
        const bool from_oauth = is_oauth(params.provider, before);
        core::Credentials credentials;
        if (!from_oauth) {
          auto found = whose(params.provider, before, environment);
          if (!found) return std::unexpected(found.error());
          credentials = *std::move(found);
        }
        const core::Resolution active =
            core::resolve(before.surroundings, environment, before.rules);
        const auto plan_on = [&](const core::SettingsFile& file) {
          return from_oauth ? core::plan_oauth_logout(file)
                            : core::plan_logout(file, credentials,
                                                active.entry ? &*active.entry : nullptr);
        };
        // All of them, before the first is written: an error means that nothing changed.
        const auto targets = writable(files);
        for (const core::SettingsFile* file : targets)
          if (const auto plan = plan_on(*file); !plan) return std::unexpected(plan.error());
        Removed removed;
        std::vector<core::Warning> warnings;
        for (const core::SettingsFile* file : targets) {
          core::RemovalPlan last;
          auto saved = store.change({"auth.logout"}, [&]() -> Result<core::Plan> {
            auto plan = plan_on(store.read(file->scope, file->path));
            if (!plan) return std::unexpected(plan.error());
            last = *plan;
            return *std::move(plan);
          });
          if (saved)
            removed.add(last, *std::move(saved));
          else if (removed.saved.empty())
            return std::unexpected(saved.error());
          else
            warnings.push_back({"F803", "file.symlink-readonly", {}, saved.error().message});
        }
        const std::string qwen_dir = core::parent_folder(files.user.path);
        if (from_oauth) removed.tokens = io::remove_oauth_tokens(qwen_dir);
        const std::string& name = credentials.env_key;
        if (!name.empty()) removed.key = remove_command(key_file, name, warnings) || removed.key;
        if (params.purge && !name.empty())
          if (const auto purged = store.purge(name); !purged)
            warnings.push_back({"F808", "file.not-purged", {}, purged.error().message});
        Json result = {{"removed", removed.to_json(name)},
                       {"saved", Json::array()},
                       {"remains", Json::array()},
                       {"warnings", wire::warnings(warnings)},
                       {"judgedBy", environment.judged_by()}};
        for (const io::Saved& saved : removed.saved) result["saved"].push_back(wire::saved(saved));
        if (!name.empty()) {
          result["remains"] =
              remaining(name, io::load_surroundings(store, environment), environment);
          result["snapshotsWithKey"] = store.history().holding_key(name);
        }
        return Written{std::move(removed.saved), std::move(result)};
      },
      std::move(request));
}

}  // namespace authd
