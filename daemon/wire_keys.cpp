#include "daemon/wire_keys.hpp"

#include "daemon/core/redact.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"

namespace authd::wire {
namespace {

std::string undo_command(const EnvSync& order, const std::vector<std::string>& names) {
  return "qwen-authctl env sync " + order.target + " " + core::join(names, " ") +
         (order.remove ? "" : " --remove");
}

std::string sync_warning(const EnvSync& order) {
  if (order.remove)
    return order.target == "dbus"
               ? "D-Bus cannot take a variable away: each is empty now, which Qwen Code 0.15 takes "
                 "for a key. Programs that run already keep the former value."
               : "Programs that run already keep the former value.";
  return std::string("Programs that ") + (order.target == "dbus" ? "the message bus" : "systemd") +
         " starts from now on have these variables, and every program of yours can read them "
         "there. An exported key wins over .env files and settings.json: a later edit there has no "
         "effect on those programs until this is undone.";
}

}  // namespace

// A command that was written by hand may hold what it should not.
Json key_command(const std::string& name, const core::KeyCommand& command,
                 const KeyCommands::State& state) {
  Json words = Json::array();
  for (const std::string& word : command.command) words.push_back(core::without_credentials(word));
  Json result = {{"name", name},
                 {"command", std::move(words)},
                 {"shell", command.shell},
                 {"timeoutMs", command.timeout.count()},
                 {"lifetimeMs", command.lifetime.count()},
                 {"state", state.name}};
  if (!state.reason.empty()) result["reason"] = state.reason;
  return result;
}

Json key_run(const std::string& name, const KeyCommands::Answer& answer,
             const std::string& judged_by) {
  return {{"name", name},
          {"masked", answer.key.masked()},
          {"fingerprint", core::fingerprint(answer.key.reveal())},
          {"length", answer.key.reveal().size()},
          {"tookMs", answer.took.count()},
          {"judgedBy", judged_by}};
}

Json synced(const EnvSync& order, const std::vector<std::string>& names,
            const std::string& judged_by) {
  return {{"target", order.target},
          {"names", names},
          {"removed", order.remove},
          {"warning", sync_warning(order)},
          {"undo", undo_command(order, names)},
          {"judgedBy", judged_by}};
}

}  // namespace authd::wire
