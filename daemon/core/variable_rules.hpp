// Which variables Qwen Code takes from which file (facts, 8; the lists as they are in the versions
// that cli_version.hpp names).
#pragma once

#include <string>
#include <string_view>

#include "daemon/core/cli_version.hpp"

namespace authd::core {

enum class VariablePlace { home_dotenv, project_dotenv, settings };

// Why a version never takes this variable from such a place, one sentence; empty where it does.
// What advanced.excludedEnvVars says is not in it.
std::string refusal(const std::string& name, VariablePlace place, const CliRules& rules);

// $NAME in settings.json that Qwen Code leaves as it stands, whatever its value.
bool is_never_expanded(const std::string& name, const CliRules& rules);

}  // namespace authd::core
