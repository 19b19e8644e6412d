#include "daemon/core/cli_flags.hpp"

#include <array>
#include <utility>

namespace authd::core {
namespace {

enum class Flag { none, model, base_url, auth_type, api_key };

struct Spelling {
  std::string_view name;
  Flag flag;
};
constexpr std::array<Spelling, 8> spellings{{{model_flag, Flag::model},
                                             {"-m", Flag::model},
                                             {base_url_flag, Flag::base_url},
                                             {"--openaiBaseUrl", Flag::base_url},
                                             {auth_type_flag, Flag::auth_type},
                                             {"--authType", Flag::auth_type},
                                             {api_key_flag, Flag::api_key},
                                             {"--openaiApiKey", Flag::api_key}}};

struct Match {
  Flag flag = Flag::none;
  std::optional<std::string_view> value;  // where it stands in the same argument
};

Match match(std::string_view argument) {
  for (const auto& [name, flag] : spellings) {
    if (!argument.starts_with(name)) continue;
    const std::string_view rest = argument.substr(name.size());
    if (rest.empty()) return {flag, std::nullopt};
    if (rest.starts_with('=')) return {flag, rest.substr(1)};
    if (!name.starts_with("--")) return {flag, rest};
  }
  return {};
}

}  // namespace

CliFlags parse_cli_flags(const std::vector<std::string>& args) {
  CliFlags flags;
  for (std::size_t i = 0; i < args.size() && args[i] != "--"; ++i) {
    auto [flag, value] = match(args[i]);
    if (flag == Flag::none) continue;
    if (!value && i + 1 < args.size() && !args[i + 1].starts_with('-')) value = args[++i];
    const std::string_view text = value.value_or("");
    switch (flag) {
      case Flag::model: flags.model = text; break;
      case Flag::base_url: flags.base_url = text; break;
      case Flag::auth_type: flags.auth_type = text; break;
      case Flag::api_key: flags.api_key = Secret(text); break;
      case Flag::none: break;
    }
  }
  return flags;
}

}  // namespace authd::core
