// The settings as Qwen Code sees them: all files that take part, merged (facts, 1.2).
#pragma once

#include <map>

#include "daemon/core/settings.hpp"

namespace authd::core {

struct MergedSettings {
  Json value = Json::object();
  std::map<Path, Scope> origins;  // of each member that is no object, and of empty objects
  std::vector<Warning> warnings;  // of files that should take part, and cannot be read
};

// Low to high: objects are merged member by member, everything else replaces; the members of env,
// mcpServers, channels and serve replace as a whole. So modelProviders is merged by provider, and
// of one provider the highest list counts alone. Members that Qwen Code does not take from a
// workspace are left out there.
MergedSettings merge(const SettingsFiles& files);

}  // namespace authd::core
