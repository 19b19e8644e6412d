// The parameters of every method, as the contract names them (rpc-contract). Results are objects
// that daemon/wire.cpp writes; a frontend reads them as JSON.
#pragma once

#include "protocol/fields.hpp"

namespace authd {

struct NoParams {
  static auto fields() { return std::tuple{}; }
};

// Where the caller stands: a service does not see the user's shell. `env` absent means that the
// daemon's own environment judges; `cwd` absent means that there is no workspace.
struct Context {
  std::optional<std::string> cwd;
  std::optional<std::map<std::string, std::string>> env;
  std::vector<std::string> args;
  std::optional<std::string> home;
  std::optional<std::string> cli_version;
  static auto fields() {
    return std::tuple{
        optional("cwd", &Context::cwd, "the caller's directory, absolute; without it there is no workspace"),
        optional("env", &Context::env, "the caller's environment: the variables that env.names lists"),
        optional("args", &Context::args, "the arguments that qwen was or will be started with"),
        optional("home", &Context::home, "the caller's home directory, absolute"),
        optional("cliVersion", &Context::cli_version, "the version of Qwen Code to imitate")};
  }
};

struct WizardStart {
  std::string flow = "auth";
  std::string scope = "auto";
  Context context;
  static auto fields() {
    return std::tuple{
        optional("flow", &WizardStart::flow, "an id that wizard.flows lists; \"auth\" is the root menu"),
        optional("scope", &WizardStart::scope, "where to save; \"auto\" is Qwen Code's own rule",
                 {"auto", "user", "workspace"}),
        optional("context", &WizardStart::context, "where the caller stands")};
  }
};

struct WizardSubmitStep {
  std::string session_id;
  std::string step;
  std::optional<Secret> value;
  static auto fields() {
    return std::tuple{
        required("sessionId", &WizardSubmitStep::session_id, "from wizard.start"),
        required("step", &WizardSubmitStep::step, "the id of the current step"),
        optional("value", &WizardSubmitStep::value,
                 "the answer, or an option's value; absent keeps the earlier answer")};
  }
};

struct WizardAmend {
  std::string session_id;
  std::string step;
  Secret value;
  static auto fields() {
    return std::tuple{required("sessionId", &WizardAmend::session_id, "from wizard.start"),
                      required("step", &WizardAmend::step, "the id of an answered step"),
                      required("value", &WizardAmend::value, "the new answer")};
  }
};

struct WizardSession {
  std::string session_id;
  static auto fields() {
    return std::tuple{required("sessionId", &WizardSession::session_id, "from wizard.start")};
  }
};

struct WizardPreview {
  std::string session_id;
  bool repair = false;
  std::optional<Context> context;
  static auto fields() {
    return std::tuple{
        required("sessionId", &WizardPreview::session_id, "from wizard.start"),
        optional("repair", &WizardPreview::repair, "remove trailing commas first, in the same write"),
        optional("context", &WizardPreview::context, "replaces the context given at the start")};
  }
};

struct WizardCommit {
  std::string session_id;
  std::optional<std::string> etag;
  std::string check = "after";
  bool repair = false;
  std::optional<Context> context;
  Json work_done_token;
  static auto fields() {
    return std::tuple{
        required("sessionId", &WizardCommit::session_id, "from wizard.start"),
        optional("etag", &WizardCommit::etag, "from wizard.preview: refuse if the file changed since"),
        optional("check", &WizardCommit::check, "when to ask the provider whether the key works",
                 {"after", "before", "none"}),
        optional("repair", &WizardCommit::repair, "remove trailing commas first, in the same write"),
        optional("context", &WizardCommit::context, "replaces the context given at the start"),
        optional("workDoneToken", &WizardCommit::work_done_token, "asks for $/progress")};
  }
};

struct EnvExport {
  Context context;
  static auto fields() {
    return std::tuple{optional("context", &EnvExport::context, "where the caller stands")};
  }
};

struct SettingsRestore {
  std::string snapshot;
  static auto fields() {
    return std::tuple{required("snapshot", &SettingsRestore::snapshot, "from `saved.snapshot`")};
  }
};

struct EventsSubscribe {
  std::vector<std::string> topics;
  static auto fields() {
    return std::tuple{required("topics", &EventsSubscribe::topics,
                               "any of settings, env, wizard, auth, models")};
  }
};

}  // namespace authd
