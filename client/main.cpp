// qwen-authctl: arguments in, one command, an exit code out.
#include <algorithm>
#include <exception>

#include "client/apply_command.hpp"
#include "client/arguments.hpp"
#include "client/check_command.hpp"
#include "client/daemon_command.hpp"
#include "client/decode_command.hpp"
#include "client/doctor_command.hpp"
#include "client/env_command.hpp"
#include "client/explain_command.hpp"
#include "client/hardening.hpp"
#include "client/history_command.hpp"
#include "client/keys_command.hpp"
#include "client/logout_command.hpp"
#include "client/models_command.hpp"
#include "client/output.hpp"
#include "client/rpc_command.hpp"
#include "client/settings_command.hpp"
#include "client/setup.hpp"
#include "client/status_command.hpp"
#include "client/stdio_command.hpp"
#include "client/why_command.hpp"

namespace authd::client {
namespace {

ExitCode run(const std::vector<std::string>& words) {
  const std::vector<std::string> own = split_program(words).own;
  const bool json = std::find(own.begin(), own.end(), "--json") != own.end();
  const auto arguments = parse_arguments(words);
  if (!arguments) return report(arguments.error(), json);
  using Command = Arguments::Command;
  switch (arguments->command) {
    case Command::setup: return run_setup(*arguments);
    case Command::history: return run_history(*arguments);
    case Command::diff: return run_diff(*arguments);
    case Command::undo: return run_undo(*arguments);
    case Command::restore: return run_restore(*arguments);
    case Command::apply: return run_apply(*arguments);
    case Command::settings_scopes: return run_settings_scopes(*arguments);
    case Command::settings_get: return run_settings_get(*arguments);
    case Command::settings_set: return run_settings_set(*arguments);
    case Command::settings_remove: return run_settings_remove(*arguments);
    case Command::env_print: return run_env(*arguments);
    case Command::env_sync: return run_env_sync(*arguments);
    case Command::exec: return run_exec(*arguments);
    case Command::keys_list: return run_keys_list(*arguments);
    case Command::keys_set: return run_keys_set(*arguments);
    case Command::keys_remove: return run_keys_remove(*arguments);
    case Command::keys_run: return run_keys_run(*arguments);
    case Command::keys_forget: return run_keys_forget(*arguments);
    case Command::rpc: return run_rpc(*arguments);
    case Command::stdio: return run_stdio(*arguments);
    case Command::socket_path: return run_socket_path(*arguments);
    case Command::daemon_start: return run_daemon_start(*arguments);
    case Command::daemon_stop: return run_daemon_stop(*arguments);
    case Command::daemon_status: return run_daemon_status(*arguments);
    case Command::status: return run_status(*arguments);
    case Command::check: return run_check(*arguments);
    case Command::models: return run_models(*arguments);
    case Command::models_discover: return run_models_discover(*arguments);
    case Command::models_remove: return run_models_remove(*arguments);
    case Command::use: return run_use(*arguments);
    case Command::logout: return run_logout(*arguments);
    case Command::explain: return run_explain(*arguments);
    case Command::decode: return run_decode(*arguments);
    case Command::doctor: return run_doctor(*arguments);
    case Command::why: return run_why(*arguments);
    case Command::print: print_text(arguments->printed); return ExitCode::done;
  }
  return ExitCode::error;
}

}  // namespace
}  // namespace authd::client

int main(int argc, char** argv) {
  using namespace authd::client;
  try {
    harden();
    return static_cast<int>(run({argv + std::min(argc, 1), argv + argc}));
  } catch (const OutputFailure& failure) {
    const auto unsaid = fault(ExitCode::error, "output_failed", failure.what());
    return static_cast<int>(report(unsaid.error(), false));
  } catch (const std::exception&) {
    // Its text is left out: a library may have quoted what it was working on.
    const auto broken =
        fault(ExitCode::error, "internal_error", "qwen-authctl failed unexpectedly.");
    return static_cast<int>(report(broken.error(), false));
  }
}
