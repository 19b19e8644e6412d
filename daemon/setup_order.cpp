#include "daemon/setup_order.hpp"

#include <unistd.h>

#include <cerrno>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/key_origin.hpp"
#include "daemon/core/selection.hpp"
#include "daemon/core/url.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/surroundings.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

Result<std::optional<io::DotenvTarget>> dotenv_target(const SetupOrder& order,
                                                      const core::Environment& environment,
                                                      const std::string& qwen_dir) {
  if (order.key_store == "dotenv") return io::user_dotenv(environment, qwen_dir);
  if (order.key_store != "project-dotenv") return std::nullopt;
  auto target = io::project_dotenv(environment);
  if (!target) return std::unexpected(target.error());
  return *std::move(target);
}

// A .env file with another value for the variable wins over the place where the key is kept now.
struct OtherPlaces {
  const std::string& name;
  const std::string& own_path;  // of the .env file that the key goes into, else empty
};
void warn_of_dotenvs(std::vector<core::Warning>& warnings, const SetupOrder& order,
                     const core::Surroundings& here, const OtherPlaces& places) {
  for (const core::DotenvFile& file : here.dotenvs) {
    if (file.path == places.own_path) return;
    const auto entry = std::ranges::find(file.entries.rbegin(), file.entries.rend(), places.name,
                                         &core::DotenvEntry::name);
    if (entry == file.entries.rend() || entry->value.empty() || entry->value == order.key.reveal())
      continue;
    warnings.push_back({"E101", "env.shadowed", order.key_step,
                        file.path + " sets " + places.name + " to another value (" +
                            mask(entry->value) +
                            "), and it wins over what is saved here. Remove "
                            "line " +
                            std::to_string(entry->line) + " there."});
    return;
  }
}

Result<SetupPlan> plan_installation(const SetupOrder& order, io::SettingsStore& store,
                                    const core::Environment& environment,
                                    SetupPlanOptions options) {
  using Freshness = io::SettingsStore::Freshness;
  core::SettingsFiles files =
      store.load(environment, options.for_preview ? Freshness::by_times : Freshness::by_content);
  if (const auto scope = core::scope_to_write(files, order.scope); scope && options.for_preview)
    io::SettingsStore::inspect(files.at(*scope));
  const std::string qwen_dir = core::parent_folder(files.user.path);
  auto dotenv = dotenv_target(order, environment, qwen_dir);
  if (!dotenv) return std::unexpected(dotenv.error());
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
  if (*dotenv && options.for_preview) {
    auto warnings = io::dotenv_warnings(**dotenv);
    if (!warnings) return std::unexpected(warnings.error());
    for (core::Warning& warning : *warnings) {
      warning.step = order.review_step;
      plan->warnings.push_back(std::move(warning));
    }
  }
  if (order.key_store != "project-dotenv")
    warn_of_dotenvs(plan->warnings, order, io::load_surroundings(store, environment),
                    {plan->env_key, *dotenv ? (*dotenv)->path : std::string()});
  core::ProbeTarget target{wanted.protocol, wanted.base_url, wanted.model_ids.front(),
                           order.key.clone(), core::custom_headers(plan->first_entry)};
  target.is_base_url_typed = true;
  return SetupPlan{*std::move(plan), std::move(target), qwen_dir, *std::move(dotenv)};
}

Result<SetupPlan> plan_selection(const SetupOrder& order, io::SettingsStore& store,
                                 const core::Environment& environment, bool repair) {
  const core::Surroundings surroundings = io::load_surroundings(store, environment);
  const core::CliRules rules = core::rules_of(surroundings.version);
  const auto models =
      core::configured_models(surroundings.files, environment, rules, surroundings.dotenvs);
  const auto model = core::find_model(models, *order.selection);
  if (!model) return std::unexpected(model.error());
  auto plan = core::plan_selection(surroundings.files, {.scope = order.scope,
                                                        .model = **model,
                                                        .models = models,
                                                        .repair = repair,
                                                        .review_step = order.review_step});
  if (!plan) return std::unexpected(plan.error());
  const core::Variables variables = core::effective_variables(surroundings, environment, rules);
  std::string name = (*model)->env_key;
  if (const core::AuthType* type = core::find_auth_type((*model)->protocol); name.empty() && type)
    name = type->api_key;
  const auto key = variables.find(name);
  // A project's entry gets the key only where it was set up for that host.
  const bool is_own = (*model)->scope != core::Scope::workspace ||
                      core::origins_of_key(name, surroundings.files)
                          .contains(core::parse_url((*model)->base_url).origin());
  core::ProbeTarget target{
      (*model)->protocol, (*model)->base_url, (*model)->id,
      key == variables.end() || !is_own ? Secret() : Secret(std::string_view(key->second)),
      core::custom_headers(plan->first_entry)};
  return SetupPlan{*std::move(plan), std::move(target),
                   core::parent_folder(surroundings.files.user.path), std::nullopt};
}

}  // namespace

SetupOrder setup_order(const core::Wizard& wizard, const std::string& scope,
                       const KeyStore& key_store) {
  return {scope,
          wizard.selection(),
          wizard.installation(),
          Secret(wizard.api_key()),
          key_store.kind,
          key_store.command,
          wizard.key_step(),
          wizard.review_step(),
          wizard.comes_from_oauth()};
}

Result<SetupPlan> plan_setup(const SetupOrder& order, io::SettingsStore& store,
                             const core::Environment& environment, SetupPlanOptions options) {
  if (order.selection) return plan_selection(order, store, environment, options.repair);
  return plan_installation(order, store, environment, options);
}

Result<std::optional<PlacedKey>> PlacedKey::place(const SetupOrder& order, const SetupPlan& made,
                                                  const std::string& key_file) {
  PlacedKey placed;
  placed.name_ = made.plan.env_key;
  Result<void> done;
  if (made.dotenv)
    done = placed.place_key(*made.dotenv, order.key);
  else if (order.key_store == "command" && !order.selection)
    done = placed.place_command(key_file, {.command = order.key_command});
  if (!done) return std::unexpected(done.error());
  // A command of former days would go on to print its own key.
  if (order.key_store != "command" && !order.selection) placed.remove_command(key_file);
  if (placed.saved_.path.empty() && !placed.removed_command_) return std::nullopt;
  return placed;
}

Result<void> PlacedKey::place_key(const io::DotenvTarget& target, const Secret& key) {
  dotenv_ = target;
  const auto file = io::read_file(target.path, limits::dotenv_bytes_max);
  is_new_file_ = !file && file.error() == ENOENT;
  if (file)
    for (core::DotenvEntry& entry : core::parse_dotenv(file->text))
      if (entry.name == name_) key_before_ = Secret(std::move(entry.value));
  auto saved = io::set_dotenv(target, name_, key);
  if (!saved) return std::unexpected(saved.error());
  saved_ = *std::move(saved);
  return {};
}

Result<void> PlacedKey::place_command(const std::string& key_file,
                                      const core::KeyCommand& command) {
  if (auto ok = core::acceptable_key_command(name_, command); !ok)
    return std::unexpected(ok.error());
  const auto before = io::read_key_file(key_file);
  if (!before) return std::unexpected(before.error());
  core::KeyCommand wanted = command;
  if (const auto found = before->find(name_); found != before->end()) {
    command_before_ = found->second;
    wanted.timeout = found->second.timeout;
    wanted.lifetime = found->second.lifetime;
  }
  const auto changed = io::set_key_command(key_file, name_, wanted);
  if (!changed) return std::unexpected(changed.error());
  saved_ = {key_file, *changed, {}};
  return {};
}

// A file of commands that cannot be used is left alone: nothing of it is run either.
void PlacedKey::remove_command(const std::string& key_file) {
  const auto commands = io::read_key_file(key_file);
  if (!commands || !commands->contains(name_)) return;
  if (io::remove_key_command(key_file, name_).value_or(false)) {
    removed_command_ = commands->at(name_);
    key_file_ = key_file;
  }
}

void PlacedKey::take_back() const {
  if (removed_command_) static_cast<void>(io::set_key_command(key_file_, name_, *removed_command_));
  if (!saved_.changed) return;
  // An empty file would end Qwen Code's search for another one (facts, 8).
  if (dotenv_ && is_new_file_)
    static_cast<void>(unlink(saved_.path.c_str()));
  else if (dotenv_ && key_before_)
    static_cast<void>(io::set_dotenv(*dotenv_, name_, *key_before_));
  else if (dotenv_)
    static_cast<void>(io::remove_dotenv(*dotenv_, name_));
  else if (command_before_)
    static_cast<void>(io::set_key_command(saved_.path, name_, *command_before_));
  else
    static_cast<void>(io::remove_key_command(saved_.path, name_));
}

}  // namespace authd
