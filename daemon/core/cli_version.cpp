#include "daemon/core/cli_version.hpp"

#include <charconv>

namespace authd::core {
namespace {

// The versions that were looked into, oldest first. What changed between two of them is dated to
// the later one, because nothing says in which release between them it came.
constexpr CliVersion v0_15_10{0, 15, 10}, v0_21_2{0, 21, 2}, v0_23_0{0, 23, 0}, v0_24_4{0, 24, 4};

}  // namespace

std::string CliVersion::text() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::optional<CliVersion> parse_cli_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  CliVersion version;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int* const number : {&version.major, &version.minor, &version.patch}) {
    if (number != &version.major) {
      if (at == end || *at != '.') return std::nullopt;
      ++at;
    }
    if (at == end || *at < '0' || *at > '9') return std::nullopt;  // from_chars takes a sign
    const auto [rest, error] = std::from_chars(at, end, *number);
    if (error != std::errc()) return std::nullopt;
    at = rest;
  }
  // "0.24.4-nightly.1", "0.24.4+build", "0.24.4 (linux)", but not "0.24.4.1" or "0.24.4x".
  if (at != end && *at != '-' && *at != '+' && *at != ' ') return std::nullopt;
  return version;
}

CliVersion other_version(const CliVersion& version) {
  return version < v0_21_2 ? newest_known_version : oldest_known_version;
}

CliRules rules_of(const CliVersion& version) {
  const auto since = [&](const CliVersion& first) { return version >= first; };
  CliRules rules;
  rules.version = version;
  rules.has_qwen_home = since(v0_15_10);
  rules.reads_all_home_dotenvs = since(v0_21_2);
  rules.empty_counts_as_unset = since(v0_21_2);
  rules.unwraps_v5 = since(v0_21_2);
  rules.expands_from_home_dotenvs = since(v0_21_2);
  rules.base_url_is_identity = since(v0_21_2);
  rules.has_provider_protocol = since(v0_21_2);
  rules.keeps_other_base_url = since(v0_21_2);
  rules.auth_from_qwen_model = since(v0_21_2);
  rules.default_model = since(v0_21_2) ? "qwen3.7-max" : "qwen3.5-plus";
  rules.bearer_for_gateways = since(v0_21_2);
  rules.restores_from_orig = !since(v0_21_2);
  rules.refuses_loader_variables = since(v0_23_0);
  rules.names_ignore_case = since(v0_23_0);
  rules.deepest_trust_rule_wins = since(v0_23_0);
  rules.judges_each_folder = since(v0_23_0);
  rules.keeps_secret_names = since(v0_23_0);
  rules.has_vertex_credentials = since(v0_23_0);
  rules.trusts_without_rule = !since(v0_24_4);
  rules.system_decides_trust = since(v0_24_4);
  rules.broken_file_is_fatal = since(v0_24_4);
  rules.reads_byte_order_mark = since(v0_24_4);
  rules.keeps_session_names = since(v0_24_4);
  rules.has_wire_api = since(v0_24_4);
  rules.scopes_prompt_caching = since(v0_24_4);
  return rules;
}

}  // namespace authd::core
