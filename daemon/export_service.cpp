#include "daemon/export_service.hpp"

#include <algorithm>
#include <set>

#include "daemon/core/resolution.hpp"
#include "daemon/core/settings_rules.hpp"
#include "daemon/io/bus.hpp"
#include "daemon/io/key_file.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire.hpp"
#include "daemon/wire_keys.hpp"

namespace authd {
namespace {

// The variables that the key of the selected model is read from: the one that its entry names where
// a command prints it, even while another one's key would be used instead.
std::vector<std::string> needed_variables(const core::Surroundings& surroundings,
                                          const core::Environment& environment,
                                          const core::NamedKeyCommands& commands) {
  const core::Resolution resolution =
      core::resolve(surroundings, environment, core::rules_of(surroundings.version));
  if (resolution.entry && commands.contains(resolution.entry->env_key))
    return {resolution.entry->env_key};
  if (resolution.env_key.empty() || resolution.needs_no_key) return {};
  return {resolution.env_key};
}

std::unexpected<Error> no_value(const std::string& name) {
  return fail(ErrorKind::invalid_input,
              name +
                  " has no value here: nothing exports it, neither a .env file nor env of the "
                  "settings has it, and no command prints it.",
              "names", "Set the key up first.");
}

std::unexpected<Error> no_room_to_sync() {
  return std::unexpected(Error{ErrorKind::busy,
                               "Too many calls of systemd or the message bus are running already.",
                               {},
                               "Try again in a moment.",
                               {{"retryable", true}}});
}

std::unexpected<Error> withdrawn() { return fail(ErrorKind::cancelled, "Cancelled."); }

}  // namespace

// Several commands at once, until each has ended.
struct ExportService::Gathering {
  std::size_t open = 0;
  Keys keys;
  std::vector<KeyCommands::Ticket> tickets;
  std::move_only_function<void(Keys)> then;
};

void ExportService::bind(rpc::Dispatcher& dispatcher) {
  dispatcher.bind_later<EnvExport>(
      {"env.export", "What the daemon would add to the caller's environment",
       "{variables: {NAME: value}, unavailable?: [{name, message}], warnings?, judgedBy}", true},
      [this](EnvExport p, rpc::Request r) { export_variables(std::move(p), std::move(r)); });
  dispatcher.bind_later<EnvSync>(
      {"env.sync", "Gives variables to the programs that systemd or the message bus starts",
       "{target, names, removed, warning, undo, judgedBy}"},
      [this](EnvSync p, rpc::Request r) { sync(std::move(p), std::move(r)); });
}

ExportService::Found ExportService::look(io::SettingsStore& store,
                                         const core::Environment& environment,
                                         const std::string& key_file) {
  const core::Surroundings surroundings = io::load_surroundings(store, environment);
  Found found;
  if (auto commands = io::read_key_file(key_file))
    found.commands = *std::move(commands);
  else
    found.key_file_trouble = commands.error();
  found.needed = needed_variables(surroundings, environment, found.commands);
  found.effective =
      core::effective_variables(surroundings, environment, core::rules_of(surroundings.version));
  return found;
}

bool ExportService::Found::has_value(const std::string& name) const {
  const auto value = effective.find(name);
  return value != effective.end() && !value->second.empty();
}

ExportService::Withdrawn ExportService::watch(rpc::Cancellation& cancellation) {
  auto is_withdrawn = std::make_shared<bool>(false);
  cancellation.on_request([is_withdrawn] { *is_withdrawn = true; });
  return is_withdrawn;
}

void ExportService::gather(const std::vector<std::string>& names,
                           const core::NamedKeyCommands& commands,
                           const core::Environment& environment, rpc::Cancellation& cancellation,
                           const Withdrawn& is_withdrawn,
                           std::move_only_function<void(Keys)> then) {
  if (names.empty()) return then({});
  const auto gathering = std::make_shared<Gathering>();
  gathering->open = names.size();
  gathering->then = std::move(then);
  cancellation.on_request([this, gathering, is_withdrawn] {
    *is_withdrawn = true;
    for (const KeyCommands::Ticket ticket : gathering->tickets)
      services_.key_commands.cancel(ticket);
  });
  for (const std::string& name : names)
    gathering->tickets.push_back(services_.key_commands.ask(
        {name, commands.at(name), environment}, KeyCommands::Use::kept,
        [gathering, name](Result<KeyCommands::Answer> answer) {
          gathering->keys.insert_or_assign(name, std::move(answer));
          if (--gathering->open == 0)
            std::exchange(gathering->then, nullptr)(std::move(gathering->keys));
        }));
}

void ExportService::export_variables(EnvExport params, rpc::Request request) {
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  const Withdrawn is_withdrawn = watch(*request.cancellation);
  services_.settings.run(
      [environment = *environment, path = services_.key_commands.path()](
          io::SettingsStore& store) -> Result<Found> { return look(store, environment, path); },
      [this, all = params.all, environment = *environment, is_withdrawn,
       request = std::move(request)](Result<Found> found) mutable {
        if (*is_withdrawn) return request.reply(withdrawn());
        if (!found) return request.reply(std::unexpected(found.error()));
        const std::set<std::string> needed(found->needed.begin(), found->needed.end());
        std::vector<core::Warning> warnings;
        if (const auto& trouble = found->key_file_trouble) {
          const auto has_value = [&](const std::string& name) { return found->has_value(name); };
          if (all || !std::ranges::all_of(needed, has_value))
            return request.reply(std::unexpected(*trouble));
          warnings.push_back({"F801", "file.unparseable", {}, trouble->message});
        }
        std::vector<std::string> names;
        for (const auto& [name, command] : found->commands)
          if ((all || needed.contains(name)) && environment.get(name).empty())
            names.push_back(name);
        auto& cancellation = *request.cancellation;
        gather(names, found->commands, environment, cancellation, is_withdrawn,
               [this, needed, effective = std::move(found->effective), environment, warnings,
                request = std::move(request)](Keys keys) mutable {
                 core::Variables variables =
                     those_in_effect(services_.overlay.missing_in(environment), effective);
                 Json unavailable = Json::array();
                 for (auto& [name, key] : keys) {
                   if (key) {
                     variables.insert_or_assign(name, std::string(key->key.reveal()));
                     continue;
                   }
                   // Without it the selected model does not start; the others are not asked for.
                   if (needed.contains(name) || key.error().kind == ErrorKind::cancelled)
                     return request.reply(std::unexpected(key.error()));
                   unavailable.push_back({{"name", name}, {"message", key.error().message}});
                 }
                 Json result = {{"variables", std::move(variables)},
                                {"judgedBy", environment.judged_by()}};
                 if (!unavailable.empty()) result["unavailable"] = std::move(unavailable);
                 if (!warnings.empty()) result["warnings"] = wire::warnings(warnings);
                 request.reply(std::move(result));
               });
      });
}

void ExportService::sync(EnvSync params, rpc::Request request) {
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  for (const std::string& name : params.names)
    if (!core::usable_variable_name(name))
      return request.reply(
          fail(ErrorKind::invalid_input, "A key cannot be in a variable of this name.", "names"));
  const Withdrawn is_withdrawn = watch(*request.cancellation);
  services_.settings.run(
      [environment = *environment, path = services_.key_commands.path()](
          io::SettingsStore& store) -> Result<Found> { return look(store, environment, path); },
      [this, params = std::move(params), environment = *environment, is_withdrawn,
       request = std::move(request)](Result<Found> found) mutable {
        if (*is_withdrawn) return request.reply(withdrawn());
        if (!found) return request.reply(std::unexpected(found.error()));
        std::vector<std::string> names = params.names.empty() ? found->needed : params.names;
        std::erase(names, "");
        if (names.empty())
          return request.reply(fail(ErrorKind::invalid_input,
                                    "No model with a key is selected, so there is nothing to sync.",
                                    "names", "Name the variables."));
        if (params.remove)
          return send(std::move(params), {}, std::move(names), environment, std::move(request));
        std::map<std::string, Secret> values;
        std::vector<std::string> commands;
        for (const std::string& name : names) {
          if (found->has_value(name))
            values.insert_or_assign(name, Secret(std::string_view(found->effective.at(name))));
          else if (found->commands.contains(name))
            commands.push_back(name);
          else if (found->key_file_trouble)
            return request.reply(std::unexpected(*found->key_file_trouble));
          else
            return request.reply(no_value(name));
        }
        auto& cancellation = *request.cancellation;
        gather(commands, found->commands, environment, cancellation, is_withdrawn,
               [this, is_withdrawn, params = std::move(params), names, values = std::move(values),
                environment, request = std::move(request)](Keys keys) mutable {
                 // Also where the command had just ended.
                 if (*is_withdrawn) return request.reply(withdrawn());
                 for (auto& [name, key] : keys) {
                   if (!key) return request.reply(std::unexpected(key.error()));
                   values.insert_or_assign(name, key->key.clone());
                 }
                 send(std::move(params), std::move(values), std::move(names), environment,
                      std::move(request));
               });
      });
}

// Once it is under way it is not cancelled: nobody could say what it came to.
void ExportService::send(EnvSync params, std::map<std::string, Secret> values,
                         std::vector<std::string> names, const core::Environment& environment,
                         rpc::Request request) {
  if (running_syncs_ >= limits::syncs_max) return request.reply(no_room_to_sync());
  struct Sent {
    Result<void> result = fail(ErrorKind::internal_error, "Something went wrong on the bus.");
  };
  io::BusOrder order{
      params.target == "dbus" ? io::BusOrder::Target::dbus : io::BusOrder::Target::systemd,
      io::user_bus_address(environment), std::move(values),
      params.remove ? names : std::vector<std::string>()};
  request.cancellation->on_request([] {});
  const auto open = std::make_shared<rpc::Request>(std::move(request));
  auto then = [this, params = std::move(params), names = std::move(names),
               judged_by = environment.judged_by(), open](const Sent& sent) {
    --running_syncs_;
    if (!sent.result) return open->reply(std::unexpected(sent.result.error()));
    open->reply(wire::synced(params, names, judged_by));
  };
  try {
    services_.background.start(
        [order = std::move(order)](const io::StopSignal& stop) {
          const std::chrono::milliseconds timeout(limits::sync_timeout_ms);
          return Sent{io::update_activation(order, timeout, stop)};
        },
        std::move(then));
    ++running_syncs_;
  } catch (const std::system_error&) {  // there can be no further thread
    open->reply(no_room_to_sync());
  }
}

}  // namespace authd
