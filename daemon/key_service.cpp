#include "daemon/key_service.hpp"

#include "daemon/io/key_file.hpp"
#include "daemon/settings_jobs.hpp"
#include "daemon/wire_keys.hpp"

namespace authd {

void KeyService::bind(rpc::Dispatcher& dispatcher) {
  dispatcher.bind_later<NoParams>(
      {"keys.list", "The commands that print keys, and what became of their last runs",
       "{path, keys: [{name, command, shell, timeoutMs, lifetimeMs, state, reason?}]}"},
      [this](NoParams, rpc::Request r) { list(std::move(r)); });
  dispatcher.bind_later<KeysSet>(
      {"keys.set", "Names the command that prints a variable's key", "{name, path, changed}"},
      [this](KeysSet p, rpc::Request r) { set(std::move(p), std::move(r)); });
  dispatcher.bind_later<KeysRemove>(
      {"keys.remove", "Removes a command", "{name, path, changed}"},
      [this](KeysRemove p, rpc::Request r) { remove(std::move(p), std::move(r)); });
  dispatcher.bind_later<KeysRun>(
      {"keys.run", "Runs a command, to see whether it prints a key",
       "{name, masked, fingerprint, length, tookMs, judgedBy}"},
      [this](KeysRun p, rpc::Request r) { run(std::move(p), std::move(r)); });
  dispatcher.bind<KeysForget>(
      {"keys.forget", "Wipes what commands printed from memory", "{forgotten}"},
      [this](KeysForget p, rpc::Peer&) { return forget(p); });
}

void KeyService::list(rpc::Request request) {
  const std::string path = services_.key_commands.path();
  services_.settings.run(
      [path](io::SettingsStore&) { return io::read_key_file(path); },
      [this, path, request = std::move(request)](Result<core::NamedKeyCommands> commands) mutable {
        if (!commands) return request.reply(std::unexpected(commands.error()));
        Json keys = Json::array();
        for (const auto& [name, command] : *commands)
          keys.push_back(
              wire::key_command(name, command, services_.key_commands.state_of(name, command)));
        request.reply(Json{{"path", path}, {"keys", std::move(keys)}});
      });
}

void KeyService::change(const std::string& name,
                        std::function<Result<bool>(const std::string& path)> edit,
                        rpc::Request request) {
  const std::string path = services_.key_commands.path();
  auto job = unless_cancelled<bool>(
      [path, edit = std::move(edit)](io::SettingsStore&) { return edit(path); }, request);
  services_.settings.run(std::move(job), [this, name, path, request = std::move(request)](
                                             Result<bool> changed) mutable {
    if (!changed) return request.reply(std::unexpected(changed.error()));
    if (*changed) {
      services_.key_commands.changed(name);
      services_.log.info("the command for " + name + " was changed");
      services_.publish("env", "env.changed", {{"names", {name}}});
    }
    request.reply(Json{{"name", name}, {"path", path}, {"changed", *changed}});
  });
}

void KeyService::set(KeysSet params, rpc::Request request) {
  core::KeyCommand command;
  command.command = std::move(params.command);
  command.shell = params.shell;
  const auto time = [](const std::optional<std::size_t>& given, std::chrono::milliseconds& into) {
    // Past what is accepted anyway a number is as good as another.
    if (given) into = std::chrono::milliseconds(std::min(*given, limits::key_lifetime_max_ms + 1));
  };
  time(params.timeout_ms, command.timeout);
  time(params.lifetime_ms, command.lifetime);
  if (auto ok = core::acceptable_key_command(params.name, command); !ok)
    return request.reply(std::unexpected(ok.error()));
  change(
      params.name,
      [name = params.name, command = std::move(command)](const std::string& path) {
        return io::set_key_command(path, name, command);
      },
      std::move(request));
}

void KeyService::remove(KeysRemove params, rpc::Request request) {
  change(
      params.name,
      [name = params.name](const std::string& path) { return io::remove_key_command(path, name); },
      std::move(request));
}

// A test: never with what is kept from an earlier run.
void KeyService::run(KeysRun params, rpc::Request request) {
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  const auto cancellation = request.cancellation;
  cancellation->on_request(services_.key_commands.find(
      params.name, *environment, KeyCommands::Use::run,
      [name = params.name, judged_by = environment->judged_by(),
       request = std::move(request)](Result<std::optional<KeyCommands::Answer>> answer) mutable {
        if (!answer) return request.reply(std::unexpected(answer.error()));
        if (!*answer)
          return request.reply(fail(ErrorKind::invalid_input, "No command is set for it.", "name",
                                    "keys.list lists the commands that there are."));
        request.reply(wire::key_run(name, **answer, judged_by));
      }));
}

Result<Json> KeyService::forget(const KeysForget& params) {
  return Json{{"forgotten", params.name ? services_.key_commands.forget(*params.name)
                                        : services_.key_commands.forget_all()}};
}

}  // namespace authd
