// The variables of a caller that can change what Qwen Code does, as far as that can be told without
// its settings: what env.names answers everywhere, and what a client sends before it has asked.
#pragma once

#include <array>
#include <string_view>

namespace authd {

// Home and programs, directories, and how to get out to a provider. PATH finds the installed CLI,
// whose version decides which rules hold.
inline constexpr std::array<std::string_view, 19> caller_variables{"HOME",
                                                                   "PATH",
                                                                   "XDG_CONFIG_HOME",
                                                                   "XDG_STATE_HOME",
                                                                   "XDG_RUNTIME_DIR",
                                                                   "HTTPS_PROXY",
                                                                   "https_proxy",
                                                                   "HTTP_PROXY",
                                                                   "http_proxy",
                                                                   "ALL_PROXY",
                                                                   "all_proxy",
                                                                   "NO_PROXY",
                                                                   "no_proxy",
                                                                   "SANDBOX",
                                                                   "NODE_EXTRA_CA_CERTS",
                                                                   "NODE_OPTIONS",
                                                                   "NODE_USE_SYSTEM_CA",
                                                                   "SSL_CERT_FILE",
                                                                   "NODE_TLS_REJECT_UNAUTHORIZED"};

// What other names look like: "*" is at one end, and stands for anything.
inline constexpr std::array<std::string_view, 10> caller_variable_patterns{
    "QWEN_*",      "OPENAI_*",  "ANTHROPIC_*", "GEMINI_*",   "GOOGLE_*",
    "DASHSCOPE_*", "BAILIAN_*", "*_API_KEY",   "*_BASE_URL", "*_MODEL"};

// Whether a name is one of these or looks like one.
bool variable_matters(std::string_view name);

}  // namespace authd
