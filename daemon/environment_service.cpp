#include "daemon/environment_service.hpp"

#include "daemon/io/key_file.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire_environment.hpp"

namespace authd {
namespace {

constexpr std::size_t name_bytes_max = 256;

using Answer = std::function<Json(const wire::Place& place)>;
using ComparedAnswer = std::function<Json(const wire::Place& place, const wire::Place& other)>;

// What the daemon adds to a place. A file of commands that cannot be used adds nothing; keys.list
// says why.
struct Additions {
  core::Variables overlay = {};
  std::string key_file;
};
core::NamedKeyCommands commands_in(const std::string& key_file) {
  return io::read_key_file(key_file).value_or(core::NamedKeyCommands());
}

Json answer_at(io::SettingsStore& store, const core::Environment& environment,
               const std::string& key_file, const Answer& answer) {
  const core::Surroundings here = io::load_surroundings(store, environment);
  return answer(
      {here, environment, core::rules_of(here.version), {}, commands_in(key_file), key_file});
}

// With what the version with the most other rules makes of the same place.
Json compared_answer_at(io::SettingsStore& store, const core::Environment& environment,
                        const Additions& added, const ComparedAnswer& answer) {
  const core::Surroundings here = io::load_surroundings(store, environment);
  const core::Surroundings there =
      io::load_surroundings(store, environment, core::other_version(here.version));
  const core::NamedKeyCommands commands = commands_in(added.key_file);
  const auto place = [&](const core::Surroundings& at) {
    const core::CliRules rules = core::rules_of(at.version);
    core::Variables overlay = added.overlay;
    if (!overlay.empty())
      overlay =
          those_in_effect(std::move(overlay), core::effective_variables(at, environment, rules));
    return wire::Place{at, environment, rules, std::move(overlay), commands, added.key_file};
  };
  return answer(place(here), place(there));
}

}  // namespace

void EnvironmentService::bind(rpc::Dispatcher& dispatcher) {
  using rpc::Request;
  const auto later = [&]<class Params>(rpc::MethodSummary summary,
                                       void (EnvironmentService::*handler)(Params, Request)) {
    dispatcher.bind_later<Params>(summary, [this, handler](Params params, Request request) {
      (this->*handler)(std::move(params), std::move(request));
    });
  };
  later({"auth.status", "Which method is set up, and whether it can work",
         "{configured, complete, method, title, issues: [{code, name, message, hint?}], model, "
         "protocol, baseUrl, region?, envKey, keySource: {kind, where}, keyMasked, "
         "keyFingerprint, scope, path, configVersion?, fatal?, cliVersion, cliVersionFrom, "
         "otherVersions?, lines, judgedBy}"},
        &EnvironmentService::status);
  later({"models.list", "Every configured model, as Qwen Code sees it",
         "{models: [{protocol, provider, id, name, baseUrl, envKey, scope, index, selected, "
         "keyState, keySource?, keyMasked?, duplicate?, usable, fatal, reason?}], selected?, "
         "warnings, cliVersion, cliVersionFrom, judgedBy}"},
        &EnvironmentService::models);
  later({"env.names", "The variables that matter here", "{names, patterns, judgedBy}"},
        &EnvironmentService::names);
  later({"env.explain", "Every place that a variable could come from, and which one counts",
         "{name, winner, sources: [{kind, where, masked, fingerprint, applied, reason, exists?, "
         "value?}], cliVersion, cliVersionFrom, differs?, judgedBy}"},
        &EnvironmentService::explain);
}

void EnvironmentService::names(EnvNames params, rpc::Request request) {
  read_at(
      services_, std::move(params),
      [key_file = services_.key_commands.path()](io::SettingsStore& store,
                                                 const core::Environment& environment,
                                                 const EnvNames&) -> Result<Json> {
        return answer_at(store, environment, key_file, wire::env_names);
      },
      std::move(request));
}

void EnvironmentService::explain(EnvExplain params, rpc::Request request) {
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  if (params.name.empty() || params.name.size() > name_bytes_max)
    return request.reply(
        fail(ErrorKind::invalid_input, "A variable has a name of 1 to 256 bytes.", "name"));
  core::Variables overlay = services_.overlay.missing_in(*environment);
  read_settings(
      services_,
      [environment = *std::move(environment), name = std::move(params.name),
       added = Additions{std::move(overlay), services_.key_commands.path()}](
          io::SettingsStore& store) -> Result<Json> {
        return compared_answer_at(store, environment, added,
                                  [&](const wire::Place& place, const wire::Place& other) {
                                    return wire::env_explain(name, place, other);
                                  });
      },
      std::move(request));
}

void EnvironmentService::status(AuthStatusOf params, rpc::Request request) {
  read_at(
      services_, std::move(params),
      [key_file = services_.key_commands.path()](io::SettingsStore& store,
                                                 const core::Environment& environment,
                                                 const AuthStatusOf&) -> Result<Json> {
        return compared_answer_at(store, environment, {{}, key_file}, wire::auth_status);
      },
      std::move(request));
}

void EnvironmentService::models(ModelsList params, rpc::Request request) {
  read_at(
      services_, std::move(params),
      [key_file = services_.key_commands.path()](io::SettingsStore& store,
                                                 const core::Environment& environment,
                                                 const ModelsList&) -> Result<Json> {
        return answer_at(store, environment, key_file, wire::models_list);
      },
      std::move(request));
}

}  // namespace authd
