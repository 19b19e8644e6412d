// What `status` says: which method is set up, judged by the active model's entry, and whether it
// can work (facts, 7).
#pragma once

#include "daemon/core/key_commands.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/resolution.hpp"

namespace authd::core {

struct AuthStatus {
  bool configured = false;        // something is chosen
  bool complete = false;          // Qwen Code starts, and has a key
  bool key_from_command = false;  // but only through qwen-authctl exec or env
  // A provider's id; "custom-api-key" for other entries, "api-key" for variables alone,
  // "qwen-oauth", or "none".
  std::string method = "none", title;
  const Endpoint* region = nullptr;  // of a provider with several
  std::string config_version;        // of a template of models; empty where none is recorded
  std::optional<Scope> scope;        // of the file that has the entry, else the selection
  std::string path;
  std::vector<std::string> lines;  // for a person; may hold what only looks like a secret
};

// `command` prints the key of resolution.env_key, where there is one (keys.json).
AuthStatus auth_status(const Resolution& resolution, const SettingsFiles& files,
                       const KeyCommand* command = nullptr);

}  // namespace authd::core
