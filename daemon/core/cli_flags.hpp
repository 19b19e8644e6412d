// The arguments of `qwen` that decide which model, endpoint and key it uses (facts, 9).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/secret.hpp"

namespace authd::core {

struct CliFlags {
  std::optional<std::string> model, base_url, auth_type;
  std::optional<Secret> api_key;
};

// Both "--name value" and "--name=value", "-m value" and "-mvalue", also --camelCase; the last
// counts. Nothing behind "--" is a flag.
CliFlags parse_cli_flags(const std::vector<std::string>& args);

inline constexpr std::string_view model_flag = "--model", api_key_flag = "--openai-api-key",
                                  base_url_flag = "--openai-base-url",
                                  auth_type_flag = "--auth-type";

}  // namespace authd::core
