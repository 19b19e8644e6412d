// What is left of Qwen OAuth, which was discontinued on 2026-04-15 (facts, 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/core/resolution.hpp"
#include "daemon/core/wizard.hpp"

namespace authd::core {

// `credentials` is the text of oauth_creds.json, nothing where there is none; `now_ms` is the time
// since 1970 in milliseconds. No token is ever shown.
OauthFindings oauth_findings(const std::optional<std::string>& credentials, std::int64_t now_ms,
                             const SettingsFiles& files,
                             const std::vector<ConfiguredModel>& models);

}  // namespace authd::core
