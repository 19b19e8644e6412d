// Whom a check asks, with which key, and whether the key may go there. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/probe.hpp"
#include "daemon/core/resolution.hpp"
#include "daemon/core/settings_plan.hpp"

namespace authd::core {

struct CheckQuestion {
  struct Endpoint {
    std::string protocol, base_url;
    std::optional<Secret> api_key;
    std::string env_key;
    std::string model;
  };
  // At most one of the two; with neither it is the active model.
  std::optional<Selected> model;
  std::optional<Endpoint> endpoint;
  ProbeDepth depth = ProbeDepth::key;
  bool is_call_optional = false;  // see ProbeTarget
  std::vector<std::string> consented_hosts;
};

struct CheckSubject {
  ProbeTarget target;      // the key is empty where it is missing
  std::string key_name;    // the variable; empty for a key that was given, or stands in settings
  std::string key_source;  // "/home/u/.qwen/.env:3"; empty where nothing is known
  std::optional<ConfiguredModel> entry;
  std::vector<ConfiguredModel> models;
  SettingsFiles files;
  CliVersion version;
  std::string version_from;
  bool is_active = false;  // it is the model that Qwen Code starts with
  // Why nothing can be asked, whatever the key: a diagnosis code and a sentence.
  std::string obstacle_code, obstacle;
  // consent_required with data.hosts: the key, if there is one, was not set up for the host.
  std::optional<Error> consent_needed;
};

// unknown_model, or invalid_input.
Result<CheckSubject> check_subject(const CheckQuestion& question, const Surroundings& surroundings,
                                   const Environment& environment);

// Why a key cannot be sent at all (K205): one sentence; empty where it can.
std::string unsendable(const Secret& key);

}  // namespace authd::core
