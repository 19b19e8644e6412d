// Fixes as plans: what of them the settings engine carries out.
#pragma once

#include "daemon/core/finding.hpp"
#include "daemon/core/resolution.hpp"

namespace authd::core {

// Several members of one file in one write. Errors as of plan_set; settings_conflict where a member
// is not what `was` says any more.
Result<Plan> plan_edits(const SettingsFile& file, const std::vector<MemberEdit>& edits);

// Trailing commas and a byte order mark taken out. settings_conflict where there are none, and
// settings_unreadable where more than that is wrong.
Result<Plan> plan_repair(const SettingsFile& file);

// Of EditSettings, RepairSettings and SelectModel. `models` are those that are configured here.
Result<Plan> plan_fix(const Fix& fix, const SettingsFiles& files,
                      const std::vector<ConfiguredModel>& models);

// The diff of such a fix. False where the settings engine would refuse it, or has nothing to do.
bool add_preview(Fix& fix, const SettingsFiles& files, const std::vector<ConfiguredModel>& models);

// The file that such a fix writes; nothing for other fixes.
std::optional<Scope> scope_of(const Fix& fix);

}  // namespace authd::core
