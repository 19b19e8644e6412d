// What the answers of a wizard session ask for, as a value that crosses to the settings thread.
#pragma once

#include "daemon/core/probe.hpp"
#include "daemon/core/wizard.hpp"
#include "daemon/io/dotenv_file.hpp"
#include "daemon/io/key_file.hpp"
#include "daemon/io/settings_store.hpp"

namespace authd {

struct SetupOrder {
  std::string scope;
  std::optional<core::Selected> selection;  // a configured model; nothing: the installation
  core::Installation installation;
  Secret key;
  std::string key_store;                 // "settings", "dotenv", "project-dotenv", "command"
  std::vector<std::string> key_command;  // with "command"
  std::string key_step, review_step;
  bool removes_oauth_tokens = false;
};

// Where a session keeps its key.
struct KeyStore {
  std::string kind = "settings";
  std::vector<std::string> command;
};
SetupOrder setup_order(const core::Wizard& wizard, const std::string& scope,
                       const KeyStore& key_store);

struct SetupPlan {
  core::InstallationPlan plan;
  core::ProbeTarget target;                // what a check asks
  std::string qwen_dir;                    // the user's
  std::optional<io::DotenvTarget> dotenv;  // where the key goes instead of settings.env
};
struct SetupPlanOptions {
  bool repair = false;
  bool for_preview = false;
};
// On the files as they are now. Settings thread; errors as plan_installation and find_model.
Result<SetupPlan> plan_setup(const SetupOrder& order, io::SettingsStore& store,
                             const core::Environment& environment, SetupPlanOptions options);

// A key, or the command that prints it, put into its place before the settings that name it.
// Settings thread only.
class PlacedKey {
 public:
  // Nothing where the key goes into the settings themselves. `key_file` is keys.json.
  static Result<std::optional<PlacedKey>> place(const SetupOrder& order, const SetupPlan& made,
                                                const std::string& key_file);
  // Puts back what was there, where the settings could not be written after all.
  void take_back() const;
  const io::DotenvSaved& saved() const { return saved_; }

 private:
  Result<void> place_key(const io::DotenvTarget& target, const Secret& key);
  void remove_command(const std::string& key_file);
  Result<void> place_command(const std::string& key_file, const core::KeyCommand& command);

  std::string name_;
  std::optional<io::DotenvTarget> dotenv_;
  std::optional<Secret> key_before_;
  bool is_new_file_ = false;
  std::optional<core::KeyCommand> command_before_;
  std::optional<core::KeyCommand> removed_command_;
  std::string key_file_;
  io::DotenvSaved saved_;
};

}  // namespace authd
