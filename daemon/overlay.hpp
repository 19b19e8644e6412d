// The variables that the daemon would add to a caller's environment: keys that were just saved,
// before any program has read the file again. A value of the app, because setenv would race with
// getenv inside libraries. Io thread only.
#pragma once

#include <map>
#include <string>

#include "daemon/core/environment.hpp"
#include "protocol/secret.hpp"

namespace authd {

class Overlay {
 public:
  // Whether this changed anything.
  bool set(const std::string& name, Secret value) {
    const auto found = values_.find(name);
    if (found != values_.end() && found->second == value) return false;
    values_.insert_or_assign(name, std::move(value));
    return true;
  }
  bool remove(const std::string& name) { return values_.erase(name) > 0; }
  // nullptr where it has none of that name.
  const Secret* find(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }

  // What is missing in an environment: an exported variable wins.
  core::Variables missing_in(const core::Environment& environment) const {
    core::Variables variables;
    for (const auto& [name, value] : values_)
      if (environment.get(name).empty()) variables.emplace(name, value.reveal());
    return variables;
  }

 private:
  std::map<std::string, Secret> values_;
};

}  // namespace authd
