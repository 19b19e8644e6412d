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

// Those of the overlay that are in effect at a place: a key that was saved for one workspace is no
// business of another, and one that was edited or removed by hand is not given out any more.
// `effective` is what Qwen Code has there.
inline core::Variables those_in_effect(core::Variables added, const core::Variables& effective) {
  std::erase_if(added, [&](const auto& variable) {
    const auto found = effective.find(variable.first);
    return found == effective.end() || found->second != variable.second;
  });
  return added;
}

}  // namespace authd
