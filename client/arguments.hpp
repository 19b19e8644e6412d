// The command line as a value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/doctor_options.hpp"
#include "client/environment_options.hpp"
#include "client/fault.hpp"

namespace authd::client {

struct SetupOptions {
  std::string flow = "auth";
  std::string scope = "auto";
  std::string check = "after";
  std::string region;
  std::string protocol;
  std::string base_url;
  std::vector<std::string> models;
  bool key_from_stdin = false;
  std::string key_store;                 // empty for the daemon's choice
  std::vector<std::string> key_command;  // a program and its arguments
  bool repair = false;
  bool dry_run = false;

  bool brings_key() const { return key_from_stdin || !key_command.empty(); }
  bool has_answers() const {
    return !region.empty() || !protocol.empty() || !base_url.empty() || !models.empty() ||
           brings_key();
  }
};

// Of models discover, models remove and use: a model, as far as it is named.
struct ModelOptions {
  std::string model;
  std::string protocol;
  std::string base_url;
  std::string env_key;
  std::string scope = "auto";
  bool key_from_stdin = false;
};

// Of check: a configured model, or an endpoint that need not be configured.
struct CheckOptions {
  std::string model;
  std::string protocol;
  std::string base_url;
  std::string env_key;
  bool key_from_stdin = false;
  std::string depth = "key";
  std::vector<std::string> consent;  // hosts that may get the key
  bool yes_sweep = false;
  std::string cli_version;

  bool is_candidate() const { return key_from_stdin || !env_key.empty(); }
};

struct LogoutOptions {
  std::string provider;  // empty for the one that is selected
  bool purge = false;
  bool yes = false;
};

struct HistoryOptions {
  std::string path;
  std::string purge;  // a variable whose values leave every snapshot
  std::size_t limit = 20;
};

// Of diff, undo and restore. Without a snapshot the daemon takes the newest that fits.
struct SnapshotOptions {
  std::string snapshot;
  std::vector<std::string> members;
};

struct ApplyOptions {
  std::string file;  // "-" for stdin
  std::string scope = "auto";
  bool dry_run = false;
  bool detailed_exit_code = false;
  bool repair = false;
};

// Of settings get, set and remove.
struct SettingsOptions {
  std::string path;
  std::string value;  // "-" for stdin
  std::string scope;
  bool purge = false;
  bool repair = false;
};

struct Arguments {
  enum class Command {
    setup,
    history,
    diff,
    undo,
    restore,
    apply,
    settings_scopes,
    settings_get,
    settings_set,
    settings_remove,
    env_print,
    env_sync,
    exec,
    keys_list,
    keys_set,
    keys_remove,
    keys_run,
    keys_forget,
    rpc,
    stdio,
    socket_path,
    daemon_start,
    daemon_stop,
    daemon_status,
    status,
    check,
    models,
    models_discover,
    models_remove,
    use,
    logout,
    explain,
    decode,
    doctor,
    why,
    print,  // `printed` is all there is to do (--help, --version)
  };
  Command command = Command::setup;
  bool json = false;
  bool plain = false;
  bool autostart = true;
  std::string socket;
  SetupOptions setup;
  HistoryOptions history;
  SnapshotOptions snapshot;
  ApplyOptions apply;
  SettingsOptions settings;
  ModelOptions model;
  CheckOptions check;
  LogoutOptions logout;
  std::string variable;           // of explain; empty for the key of the selected model
  std::string cli_version;        // of status and explain; empty for the one that is installed
  std::string pasted_file = "-";  // of decode; "-" for stdin
  EnvironmentOptions environment;
  KeysOptions keys;
  DoctorOptions doctor;
  WhyOptions why;
  std::vector<std::string> program;  // of exec and of keys set, with its arguments
  std::string method;
  std::string params;  // JSON, "-" for stdin, empty for none
  std::string printed;
};

// Faults are usage errors. None of them repeats an argument that might be a key.
Outcome<Arguments> parse_arguments(const std::vector<std::string>& words);

// The words of `exec` and of `keys set` without the program that they name, and that program.
// Nobody here reads the program's words.
struct ProgramWords {
  std::vector<std::string> own, program;
};
ProgramWords split_program(const std::vector<std::string>& words);

// Whether a word begins as keys of well-known providers do.
bool begins_like_key(std::string_view word);

// Whether a word looks like an API key, so that it must not be repeated on the screen.
bool looks_like_key(std::string_view word);

// Every process of the machine can read the arguments of every other: a key among them is refused.
// Looks at --key and its kin and at words that look like keys.
Outcome<void> refuse_key_in_arguments(const std::vector<std::string>& words);

// The same for the JSON of `rpc`.
Outcome<void> refuse_key_in_params(const std::string& method, const Json& params);

// The same for the value of `settings set`, which is a key where the path says so.
Outcome<void> refuse_key_in_value(const std::string& path, const Json& value);

}  // namespace authd::client
