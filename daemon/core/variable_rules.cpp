#include "daemon/core/variable_rules.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

using Names = std::span<const std::string_view>;

// They make Node, npm or a shell run other code. Refused from every file.
constexpr std::array<std::string_view, 17> loader{"node_options",
                                                  "npm_config_node_options",
                                                  "npm_config_userconfig",
                                                  "npm_config_globalconfig",
                                                  "npm_config_script_shell",
                                                  "npm_config_prefix",
                                                  "node_path",
                                                  "openssl_conf",
                                                  "node_repl_external_module",
                                                  "npm_config_node_gyp",
                                                  "npm_config_init_module",
                                                  "ld_preload",
                                                  "ld_audit",
                                                  "dyld_insert_libraries",
                                                  "bash_env",
                                                  "zdotdir",
                                                  "bash_func"};

// Marks that Qwen Code's own processes give each other. Refused from every file.
constexpr std::array<std::string_view, 4> marks{"qwen_code_private_conversations_runtime",
                                                "qwen_code_private_relaunch_env_provenance",
                                                "sandbox", "sandbox_enforcement"};

// What a project must not decide. Home files may say them; settings.env of any scope may not.
constexpr std::array<std::string_view, 2> project_0_15_10{"qwen_home", "qwen_runtime_dir"};
constexpr std::array<std::string_view, 6> project_0_21_2{"qwen_code_mcp_approvals_path",
                                                         "qwen_code_trusted_folders_path",
                                                         "qwen_code_settings_corrupted_path",
                                                         "qwen_code_settings_was_recovered",
                                                         "qwen_tls_insecure",
                                                         "node_tls_reject_unauthorized"};
constexpr std::array<std::string_view, 55> project_0_23_0{
    "qwen_code_warnings_file",
    "qwen_code_serve",
    "qwen_code_desktop",
    "qwen_code_acp_repeated_tool_failure_guard",
    "qwen_code_memory_project_scope",
    "qwen_code_enable_workflows",
    "qwen_code_disable_workflows",
    "qwen_review_prebuild",
    "node_extra_ca_certs",
    "ssl_cert_file",
    "ssl_cert_dir",
    "curl_ca_bundle",
    "requests_ca_bundle",
    "git_ssl_cainfo",
    "git_ssl_capath",
    "npm_config_cafile",
    "npm_config_ca",
    "npm_config_strict_ssl",
    "npm_config_strict-ssl",
    "pip_cert",
    "curl_home",
    "wgetrc",
    "pip_config_file",
    "git_ssh_command",
    "git_ssh",
    "git_exec_path",
    "git_template_dir",
    "git_askpass",
    "git_proxy_command",
    "git_editor",
    "git_sequence_editor",
    "git_external_diff",
    "git_config_global",
    "git_config_system",
    "xdg_config_home",
    "git_config_count",
    "git_config_parameters",
    "ssh_askpass",
    "lessopen",
    "lessclose",
    "node_gyp_force_python",
    "npm_config_python",
    "python",
    "pythonstartup",
    "visual",
    "editor",
    "npm_config_git",
    "browser",
    "qwen_cli_entry",
    "qwen_cdp_mcp_command",
    "qwen_serve_cdp_tunnel_over_ws",
    "qwen_serve_new_file_mode",
    "qwen_serve_session_attachments_root",
    "dev",
    "qwen_code_private_conversations_runtime"};
constexpr std::array<std::string_view, 16> project_0_24_4{
    "qwen_agent_execution_backend",
    "qwen_code_system_settings_path",
    "qwen_code_system_defaults_path",
    "qwen_update_base_url",
    "qwen_code_workflow_name_only",
    "qwen_review_automatic",
    "qwen_sandbox",
    "qwen_sandbox_image",
    "qwen_sandbox_proxy_command",
    "qwen_sandbox_net",
    "xdg_cache_home",
    "tmpdir",
    "tmp",
    "temp",
    "qwen_serve_max_workspaces",
    "qwen_code_private_relaunch_env_provenance"};

// What settings.env must not decide besides.
constexpr std::array<std::string_view, 9> settings_0_21_2{"qwen_server_token",
                                                          "ld_library_path",
                                                          "dyld_library_path",
                                                          "env",
                                                          "path",
                                                          "home",
                                                          "tmpdir",
                                                          "tmp",
                                                          "temp"};
constexpr std::array<std::string_view, 7> settings_only_0_21_2{
    "qwen_cli_entry", "node_options",         "node_path", "ld_preload", "ld_audit",
    "bash_env",       "dyld_insert_libraries"};

constexpr std::array<std::string_view, 4> daemon_secrets{"qwen_server_token", "qwen_daemon_token",
                                                         "qwen_code_external_tool_guard_token",
                                                         "qwen_code_private_acp_capability"};

// The lists are in lower case. Where case counts, all but npm's are in upper case in the original.
bool is_listed(std::string_view name, Names names, const CliRules& rules) {
  const std::string lower = lower_ascii(name);
  if (std::ranges::find(names, lower) == names.end()) return false;
  return rules.names_ignore_case ||
         std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

// npm takes - and _ for the same.
bool is_loader(std::string_view name) {
  std::string lower = lower_ascii(name);
  std::ranges::replace(lower, '-', '_');
  return lower.starts_with("bash_func_") || std::ranges::find(loader, lower) != loader.end();
}

// GIT_CONFIG_KEY_3 and its like.
bool is_numbered_git_config(std::string_view name) {
  const std::string lower = lower_ascii(name);
  for (const std::string_view prefix : {"git_config_key_", "git_config_value_"}) {
    if (!lower.starts_with(prefix) || lower.size() == prefix.size()) continue;
    return lower.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
  }
  return false;
}

bool is_not_for_projects(std::string_view name, const CliRules& rules) {
  if (rules.has_qwen_home && is_listed(name, project_0_15_10, rules)) return true;
  if (rules.version >= CliVersion{0, 21, 2} && is_listed(name, project_0_21_2, rules)) return true;
  if (rules.refuses_loader_variables &&
      (is_listed(name, project_0_23_0, rules) || is_numbered_git_config(name)))
    return true;
  return rules.version >= CliVersion{0, 24, 4} && is_listed(name, project_0_24_4, rules);
}

bool is_not_for_settings(std::string_view name, const CliRules& rules) {
  if (rules.version < CliVersion{0, 21, 2}) return false;
  return is_listed(name, settings_0_21_2, rules) ||
         (!rules.refuses_loader_variables && is_listed(name, settings_only_0_21_2, rules));
}

}  // namespace

std::string refusal(const std::string& name, VariablePlace place, const CliRules& rules) {
  if (rules.refuses_loader_variables && is_loader(name))
    return "Qwen Code takes no variable from a file that makes programs load other code.";
  if (rules.version >= CliVersion{0, 24, 4} && is_listed(name, marks, rules) &&
      place != VariablePlace::settings)
    return "Qwen Code sets this variable itself and takes it from no file.";
  if (place == VariablePlace::home_dotenv) return "";
  if (is_not_for_projects(name, rules))
    return place == VariablePlace::settings
               ? "Qwen Code takes this variable from no settings file."
               : "Qwen Code takes this variable from no project's file, only from one of the home.";
  if (place == VariablePlace::settings && is_not_for_settings(name, rules))
    return "Qwen Code takes this variable from no settings file.";
  return "";
}

bool is_never_expanded(const std::string& name, const CliRules& rules) {
  const std::string lower = lower_ascii(name);
  if (rules.keeps_session_names && (lower == "session_id" || lower == "qwen_code_session_id"))
    return true;
  return rules.keeps_secret_names &&
         std::ranges::find(daemon_secrets, lower) != daemon_secrets.end();
}

}  // namespace authd::core
