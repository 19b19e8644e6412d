#include "daemon/decode_service.hpp"

#include "daemon/core/provider.hpp"
#include "daemon/core/resolution.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire_decode.hpp"

namespace authd {
namespace {

core::DecodeFacts facts_here(io::SettingsStore& store, const core::Environment& environment) {
  const core::Surroundings here = io::load_surroundings(store, environment);
  const core::Resolution active = core::resolve(here, environment, core::rules_of(here.version));
  core::DecodeFacts facts;
  facts.auth_type = active.auth_type;
  facts.protocol = active.protocol;
  facts.base_url = active.base_url;
  facts.has_plan_key =
      active.key.reveal().starts_with(core::find_provider("coding-plan")->key_prefix);
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"})
    facts.has_proxy = facts.has_proxy || !environment.get(name).empty();
  return facts;
}

}  // namespace

void DecodeService::bind(rpc::Dispatcher& dispatcher) {
  dispatcher.bind_later<DoctorDecode>(
      {"doctor.decode", "What an error text or a log means, without asking anybody",
       "{findings: [{code, name, severity, title, message, cause, remedy, evidence, confidence, "
       "confirm?}], hint?, judgedBy?} and the members of the best finding"},
      [this](DoctorDecode params, rpc::Request request) {
        decode(std::move(params), std::move(request));
      });
}

void DecodeService::decode(DoctorDecode params, rpc::Request request) {
  std::optional<core::Environment> environment;
  if (params.context) {
    auto judging = core::judging_environment(*params.context, services_.environment);
    if (!judging) return request.reply(std::unexpected(judging.error()));
    environment = *std::move(judging);
  }
  read_settings(
      services_,
      [text = std::move(params.text),
       environment = std::move(environment)](io::SettingsStore& store) -> Result<Json> {
        const core::DecodeFacts facts =
            environment ? facts_here(store, *environment) : core::DecodeFacts();
        return wire::decoding(core::decode(text, facts),
                              environment ? environment->judged_by() : "");
      },
      std::move(request));
}

}  // namespace authd
