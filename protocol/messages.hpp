// The parameters of every method, as the contract names them (rpc-contract). Results are objects
// that daemon/wire.cpp writes; a frontend reads them as JSON.
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct WizardStart {
  std::string flow = "auth";
  std::string scope = "auto";
  std::string key_store = "settings";
  std::vector<std::string> key_command;
  Context context;
  static auto fields() {
    return std::tuple{
        optional("flow", &WizardStart::flow,
                 "an id that wizard.flows lists; \"auth\" is the root menu"),
        optional("scope", &WizardStart::scope, "where to save; \"auto\" is Qwen Code's own rule",
                 {"auto", "user", "workspace"}),
        optional("keyStore", &WizardStart::key_store,
                 "where the key is kept: settings.env, ~/.qwen/.env, the project's .qwen/.env, or "
                 "nowhere, because keyCommand prints it",
                 {"settings", "dotenv", "project-dotenv", "command"}),
        optional("keyCommand", &WizardStart::key_command,
                 "a program and its arguments; then no key is asked for"),
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
        optional("repair", &WizardPreview::repair,
                 "remove trailing commas first, in the same write"),
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
        optional("etag", &WizardCommit::etag,
                 "from wizard.preview: refuse if the file changed since"),
        optional("check", &WizardCommit::check, "when to ask the provider whether the key works",
                 {"after", "before", "none"}),
        optional("repair", &WizardCommit::repair,
                 "remove trailing commas first, in the same write"),
        optional("context", &WizardCommit::context, "replaces the context given at the start"),
        optional("workDoneToken", &WizardCommit::work_done_token, "asks for $/progress")};
  }
};

struct SettingsScopes {
  Context context;
  static auto fields() {
    return std::tuple{optional("context", &SettingsScopes::context, "where the caller stands")};
  }
};

struct SettingsGet {
  std::string scope = "merged";
  std::optional<SettingsPath> path;
  Context context;
  static auto fields() {
    return std::tuple{optional("scope", &SettingsGet::scope,
                               "one file, or \"merged\": what Qwen Code makes of all of them",
                               {"merged", "system-defaults", "user", "workspace", "system"}),
                      optional("path", &SettingsGet::path,
                               "a member, \"model.name\" or [\"model\", \"name\"]; absent = all"),
                      optional("context", &SettingsGet::context, "where the caller stands")};
  }
};

struct SettingsSet {
  std::string scope;
  SettingsPath path;
  Json value;
  std::optional<std::string> etag;
  bool repair = false;
  Context context;
  static auto fields() {
    return std::tuple{
        required("scope", &SettingsSet::scope, "the file to write", {"auto", "user", "workspace"}),
        required("path", &SettingsSet::path, "the member, \"model.name\" or [\"model\", \"name\"]"),
        required("value", &SettingsSet::value, "any JSON but null"),
        optional("etag", &SettingsSet::etag, "refuse if the file is no longer this one"),
        optional("repair", &SettingsSet::repair, "remove trailing commas first, in the same write"),
        optional("context", &SettingsSet::context, "where the caller stands")};
  }
};

struct SettingsRemove {
  std::string scope;
  SettingsPath path;
  std::optional<std::string> etag;
  bool purge = false;
  bool repair = false;
  Context context;
  static auto fields() {
    return std::tuple{
        required("scope", &SettingsRemove::scope, "the file to write",
                 {"auto", "user", "workspace"}),
        required("path", &SettingsRemove::path, "the member, \"env.NAME\" or [\"env\", \"NAME\"]"),
        optional("etag", &SettingsRemove::etag, "refuse if the file is no longer this one"),
        optional("purge", &SettingsRemove::purge,
                 "of a key under env: remove it from the snapshots, too"),
        optional("repair", &SettingsRemove::repair,
                 "remove trailing commas first, in the same write"),
        optional("context", &SettingsRemove::context, "where the caller stands")};
  }
};

// What settings.apply is told: the settings are to say this, whatever else they say. Closed: a
// member that is misspelt is an error, not a wish that nobody hears.
struct DeclaredProvider {
  static constexpr bool is_closed = true;
  std::string protocol;
  std::string base_url;
  std::string api_key;
  std::string env_key;
  std::vector<Json> models;
  static auto fields() {
    return std::tuple{
        required("protocol", &DeclaredProvider::protocol, "which protocol the endpoint speaks",
                 {"openai", "anthropic", "gemini"}),
        required("baseUrl", &DeclaredProvider::base_url, "the endpoint"),
        optional(
            "apiKey", &DeclaredProvider::api_key,
            "where the key is: env:NAME, file:PATH or stdin; absent = the environment brings it"),
        optional("envKey", &DeclaredProvider::env_key,
                 "the variable that holds the key; absent = a generated name"),
        required("models", &DeclaredProvider::models, "model ids, or entries that have an id")};
  }
};
struct DeclaredSelection {
  static constexpr bool is_closed = true;
  std::string protocol;
  std::string model;
  static auto fields() {
    return std::tuple{required("protocol", &DeclaredSelection::protocol,
                               "a protocol of `providers`, or of the settings"),
                      required("model", &DeclaredSelection::model, "a model's id")};
  }
};
struct Declaration {
  static constexpr bool is_closed = true;
  std::vector<DeclaredProvider> providers;
  std::optional<DeclaredSelection> selection;
  Json settings = Json::object();
  static auto fields() {
    return std::tuple{
        optional("providers", &Declaration::providers, "endpoints with their models"),
        optional("selection", &Declaration::selection,
                 "the model to use; absent = the first one, where none is selected yet"),
        optional("settings", &Declaration::settings, "any other members, merged into the file's")};
  }
};

struct SettingsApply {
  Declaration document;
  std::string scope = "auto";
  bool dry_run = false;
  std::optional<std::string> etag;
  bool repair = false;
  std::optional<Secret> standard_input;
  Context context;
  static auto fields() {
    return std::tuple{
        required("document", &SettingsApply::document,
                 "what the settings are to say: {providers, selection, settings}"),
        optional("scope", &SettingsApply::scope, "where to save; \"auto\" is Qwen Code's own rule",
                 {"auto", "user", "workspace"}),
        optional("dryRun", &SettingsApply::dry_run, "answer with the diff and write nothing"),
        optional("etag", &SettingsApply::etag, "refuse if the file is no longer this one"),
        optional("repair", &SettingsApply::repair,
                 "remove trailing commas first, in the same write"),
        optional("stdin", &SettingsApply::standard_input,
                 "the key that apiKey: \"stdin\" stands for"),
        optional("context", &SettingsApply::context,
                 "where the caller stands; env:NAME is looked up in its env")};
  }
};

struct SettingsHistory {
  std::optional<std::string> path;
  std::optional<std::string> purge;
  static auto fields() {
    return std::tuple{optional("path", &SettingsHistory::path, "snapshots of this file only"),
                      optional("purge", &SettingsHistory::purge,
                               "removes this member of env from every snapshot first")};
  }
};

struct SettingsDiff {
  std::optional<std::string> snapshot;
  static auto fields() {
    return std::tuple{optional("snapshot", &SettingsDiff::snapshot,
                               "from settings.history; absent = the newest")};
  }
};

struct SettingsUndo {
  std::optional<std::string> snapshot;
  std::optional<std::string> etag;
  std::optional<Context> context;
  static auto fields() {
    return std::tuple{
        optional("snapshot", &SettingsUndo::snapshot,
                 "the write to take back; absent = the daemon's last one that still stands"),
        optional("etag", &SettingsUndo::etag, "refuse if the file is no longer this one"),
        optional("context", &SettingsUndo::context,
                 "where the caller stands: only files that take part there")};
  }
};

struct SettingsRestore {
  std::string snapshot;
  std::optional<std::vector<SettingsPath>> keys;
  static auto fields() {
    return std::tuple{required("snapshot", &SettingsRestore::snapshot,
                               "from `saved.snapshot`, an event or settings.history"),
                      optional("keys", &SettingsRestore::keys,
                               "put back these members only; absent = all that the write changed")};
  }
};

struct EventsSubscribe {
  std::vector<std::string> topics;
  static auto fields() {
    return std::tuple{
        required("topics", &EventsSubscribe::topics, "any of settings, env, wizard, auth, models")};
  }
};

}  // namespace authd
