// Taking a write back: the inverse of what it changed, on the file as it is now.
#pragma once

#include "daemon/core/settings_plan.hpp"

namespace authd::core {

// A write that took place, as the history holds it.
struct PastWrite {
  std::optional<std::string> before, after;  // the texts; nothing = no file
  std::string link_before;  // what the symlink said that the write replaced, else empty
};

// Where the file is still as the write left it, the former text is put back byte for byte, and the
// symlink with it. Else only what the write changed is, member by member and model by model;
// everybody's later edits stay. Comments come back with the bytes only: a warning counts those that
// are missing then, and a write that changed nothing else is settings_conflict. With `only`,
// nothing but these members and what is below them is put back; invalid_input, field "keys", names
// one that the write did not change. settings_conflict where a later edit touched the same:
// `data.conflicts` has for each {path, before, after, now}, masked, without those that were absent.
Result<Plan> plan_undo(const SettingsFile& now, const PastWrite& write,
                       const std::vector<Path>& only = {});

}  // namespace authd::core
