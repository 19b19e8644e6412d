// The versions of Qwen Code, and the rules that differ between them (facts, 0 and 8).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace authd::core {

struct CliVersion {
  int major = 0, minor = 0, patch = 0;
  auto operator<=>(const CliVersion&) const = default;
  std::string text() const;  // "0.24.4"
};

// The newest whose behaviour was measured; assumed where none is installed and none was given.
inline constexpr CliVersion newest_known_version{0, 24, 4};

// "0.24.4", also with a leading v and with what follows the third number. Nothing where it is none.
std::optional<CliVersion> parse_cli_version(std::string_view text);

// What one version does.
struct CliRules {
  CliVersion version = newest_known_version;
  bool reads_all_home_dotenvs = true;  // besides the first project file; else one file in all
  bool empty_counts_as_unset = true;   // else an exported empty variable blocks every file
  bool trusts_without_rule = false;    // a folder that trustedFolders.json does not name
  bool has_qwen_home = true;
  bool base_url_is_identity = true;  // model.baseUrl picks between entries with one id
  bool has_provider_protocol = true;
  bool refuses_loader_variables =
      true;  // and its other hard exclusions, from .env and settings.env
  bool has_wire_api = true;
  bool auth_command = false;  // `qwen auth`
};

CliRules rules_of(const CliVersion& version);

}  // namespace authd::core
