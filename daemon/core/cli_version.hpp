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
// The last with `qwen auth`, which still is on machines; its rules differ most.
inline constexpr CliVersion oldest_known_version{0, 15, 6};

// "0.24.4", also with a leading v and with what follows the third number. Nothing where it is none.
std::optional<CliVersion> parse_cli_version(std::string_view text);

// The version whose answer is worth telling beside that of `version`: the oldest or the newest one.
CliVersion other_version(const CliVersion& version);

// What one version does. Read and run in 0.15.6, 0.15.10, 0.21.2, 0.23.0 and 0.24.4; a version
// between two of them is taken for the earlier one.
struct CliRules {
  CliVersion version = newest_known_version;

  // .env files and settings.env
  bool reads_all_home_dotenvs = true;    // besides the first project file; else one file in all
  bool empty_counts_as_unset = true;     // else an exported empty variable blocks every file
  bool has_qwen_home = true;             // and a first list of names that no project may set
  bool refuses_loader_variables = true;  // and the long list of what no project may set
  bool names_ignore_case = true;         // in these lists

  // Settings files
  bool trusts_without_rule = false;     // a folder that trustedFolders.json does not name
  bool deepest_trust_rule_wins = true;  // else any rule that trusts
  bool system_decides_trust = true;     // else the user's settings outrank the system's there
  bool judges_each_folder = true;    // each folder above on its own; else by the working directory
  bool broken_file_is_fatal = true;  // else the file counts as empty
  bool restores_from_orig = false;   // what .orig beside a broken file says
  bool reads_byte_order_mark = true;
  bool unwraps_v5 = true;                 // {protocol, models} of a file of $version 5
  bool expands_from_home_dotenvs = true;  // $NAME in settings
  bool keeps_secret_names = true;         // of the daemon's own tokens: $QWEN_SERVER_TOKEN stays
  bool keeps_session_names = true;        // $SESSION_ID stays

  // Models
  bool base_url_is_identity = true;    // model.baseUrl picks between entries with one id
  bool has_provider_protocol = true;   // and lists that are none are skipped instead of fatal
  bool has_wire_api = true;            // and the auth type openai-responses
  bool keeps_other_base_url = true;    // of the environment, for an entry that has none
  bool has_vertex_credentials = true;  // GOOGLE_CLOUD_PROJECT stands for a key
  bool auth_from_qwen_model = true;    // QWEN_MODEL makes an OPENAI_API_KEY an auth type
  std::string_view default_model = "qwen3.7-max";  // of openai

  // Requests
  bool bearer_for_gateways = true;    // anthropic to other hosts than Anthropic's; else x-api-key
  bool scopes_prompt_caching = true;  // a beta that is asked for at Anthropic's own hosts
};

CliRules rules_of(const CliVersion& version);

}  // namespace authd::core
