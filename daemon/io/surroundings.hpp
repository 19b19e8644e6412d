// Reads everything in files that decides what Qwen Code makes of a place. Settings thread only.
#pragma once

#include "daemon/core/variables.hpp"
#include "daemon/io/settings_store.hpp"

namespace authd::io {

// Under the rules of the version that the caller names, else of the one that is installed for it,
// else of the newest known. Nothing is cached but what SettingsStore caches.
core::Surroundings load_surroundings(SettingsStore& store, const core::Environment& environment);
// The same under the rules of a certain version; `version_from` of the result is empty.
core::Surroundings load_surroundings(SettingsStore& store, const core::Environment& environment,
                                     const core::CliVersion& version);

}  // namespace authd::io
