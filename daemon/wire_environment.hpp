// Variables, status and the list of models in the words of the contract.
#pragma once

#include "daemon/core/auth_status.hpp"
#include "daemon/wire.hpp"

namespace authd::wire {

// Everything that one version of Qwen Code makes of a place. What it was made of outlives it.
struct Place {
  const core::Surroundings& surroundings;
  const core::Environment& environment;
  core::CliRules rules;
  core::Variables overlay = {};  // what the daemon would add
  core::NamedKeyCommands commands = {};
  std::string key_file = {};  // that names them

  const core::KeyCommand* command_for(const std::string& name) const {
    const auto found = commands.find(name);
    return found == commands.end() ? nullptr : &found->second;
  }
};

// What nothing that is shown may hold: secrets of the files and of variables whose name says so.
core::Secrets secrets_at(const Place& place);
// Masks them in every string of a value.
void hide(Json& value, const core::Secrets& secrets);

Json env_names(const Place& place);
// `other` is the same place under the rules of another version; it is told where it has another
// winner.
Json env_explain(const std::string& name, const Place& place, const Place& other);
Json auth_status(const Place& place, const Place& other);
Json models_list(const Place& place);

}  // namespace authd::wire
