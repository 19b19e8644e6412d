#include "daemon/setup_order.hpp"

#include "daemon/core/selection.hpp"
#include "daemon/io/surroundings.hpp"

namespace authd {
namespace {

std::vector<std::pair<std::string, std::string>> custom_headers(const Json& entry) {
  std::vector<std::pair<std::string, std::string>> headers;
  const Json::json_pointer pointer("/generationConfig/customHeaders");
  if (!entry.is_object() || !entry.contains(pointer) || !entry[pointer].is_object()) return headers;
  for (const auto& [name, value] : entry[pointer].items())
    if (value.is_string()) headers.emplace_back(name, value.get<std::string>());
  return headers;
}

Result<SetupPlan> plan_installation(const SetupOrder& order, io::SettingsStore& store,
                                    const core::Environment& environment,
                                    SetupPlanOptions options) {
  using Freshness = io::SettingsStore::Freshness;
  core::SettingsFiles files =
      store.load(environment, options.for_preview ? Freshness::by_times : Freshness::by_content);
  if (const auto scope = core::scope_to_write(files, order.scope); scope && options.for_preview)
    io::SettingsStore::inspect(files.at(*scope));
  const core::Installation& wanted = order.installation;
  auto plan = core::plan_installation(files, environment,
                                      {.scope = order.scope,
                                       .installation = wanted,
                                       .api_key = order.key.reveal(),
                                       .repair = options.repair,
                                       .key_in_settings = order.key_store == "settings",
                                       .key_step = order.key_step,
                                       .review_step = order.review_step,
                                       .with_patch = options.for_preview});
  if (!plan) return std::unexpected(plan.error());
  core::ProbeTarget target{wanted.protocol, wanted.base_url, wanted.model_ids.front(),
                           order.key.clone(), custom_headers(plan->first_entry)};
  return SetupPlan{*std::move(plan), std::move(target), core::parent_folder(files.user.path)};
}

Result<SetupPlan> plan_selection(const SetupOrder& order, io::SettingsStore& store,
                                 const core::Environment& environment, bool repair) {
  const core::Surroundings surroundings = io::load_surroundings(store, environment);
  const core::CliRules rules = core::rules_of(surroundings.version);
  const auto models =
      core::configured_models(surroundings.files, environment, rules, surroundings.dotenvs);
  const auto model = core::find_model(models, *order.selection);
  if (!model) return std::unexpected(model.error());
  auto plan = core::plan_selection(
      surroundings.files,
      {.scope = order.scope, .model = **model, .repair = repair, .review_step = order.review_step});
  if (!plan) return std::unexpected(plan.error());
  const core::Variables variables = core::effective_variables(surroundings, environment, rules);
  const auto key = variables.find((*model)->env_key);
  core::ProbeTarget target{
      (*model)->protocol, (*model)->base_url, (*model)->id,
      key == variables.end() ? Secret() : Secret(std::string_view(key->second)),
      custom_headers(plan->first_entry)};
  return SetupPlan{*std::move(plan), std::move(target),
                   core::parent_folder(surroundings.files.user.path)};
}

}  // namespace

SetupOrder setup_order(const core::Wizard& wizard, const std::string& scope,
                       const std::string& key_store) {
  return {scope,     wizard.selection(), wizard.installation(), Secret(wizard.api_key()),
          key_store, wizard.key_step(),  wizard.review_step(),  wizard.comes_from_oauth()};
}

Result<SetupPlan> plan_setup(const SetupOrder& order, io::SettingsStore& store,
                             const core::Environment& environment, SetupPlanOptions options) {
  if (order.selection) return plan_selection(order, store, environment, options.repair);
  return plan_installation(order, store, environment, options);
}

}  // namespace authd
