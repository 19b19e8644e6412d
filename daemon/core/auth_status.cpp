#include "daemon/core/auth_status.hpp"

#include <algorithm>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

const Provider* provider_of(const ConfiguredModel& entry) {
  if (const Provider* owner = owner_of(entry.env_key, entry.base_url, entry.name)) return owner;
  // Under a variable of the user's own it is still that provider who answers.
  for (const Provider& provider : providers())
    if (!provider.is_local() && provider.endpoint_at(entry.base_url)) return &provider;
  return nullptr;
}

std::string title_of(const std::string& protocol) {
  if (protocol == "anthropic") return "Anthropic-compatible Provider";
  if (protocol == "gemini") return "Gemini-compatible Provider";
  if (protocol == "vertex-ai") return "Google Vertex AI";
  return "OpenAI-compatible Provider";
}

// The command that sets a method up again.
std::string command_of(const AuthStatus& status) {
  if (status.method == "custom-api-key" || status.method == "api-key")
    return "qwen-authctl api-key";
  for (const char* command : {"coding-plan", "token-plan", "alibaba-standard", "qwen-oauth"})
    if (status.method == command) return "qwen-authctl " + status.method;
  return status.method == "none" ? "qwen-authctl" : "qwen-authctl setup " + status.method;
}

// The first eight digits, from where either version of Qwen Code keeps it.
std::string config_version(const std::string& provider, const SettingsFiles& files) {
  for (const Path& path :
       {Path{"providerMetadata", provider, "version"}, Path{"codingPlan", "version"}}) {
    if (path.front() == "codingPlan" && provider != "coding-plan") continue;
    const auto found = merged_value(files, path);
    if (found && found->value.is_string() && found->value != "")
      return found->value.get<std::string>().substr(0, 8);
  }
  return "";
}

std::vector<std::string> lines_of_none(const Resolution& resolution, bool has_models) {
  const bool is_plain = resolution.auth_type.empty() && resolution.issues.size() == 1 &&
                        resolution.issues.front().code == "P401";
  if (!is_plain && !resolution.fatal.empty())
    return {"⚠️  Qwen Code does not start here.", "  Issue: " + resolution.fatal};
  std::vector<std::string> lines{"⚠️  No authentication method configured."};
  if (has_models)
    lines.emplace_back("  Models are configured, and none is selected: `qwen-authctl use` does.");
  for (const char* line :
       {"", "Run one of the following commands to get started:",
        "  qwen-authctl setup openrouter - Configure OpenRouter API key",
        "  qwen-authctl coding-plan      - Authenticate with Alibaba Cloud Coding Plan",
        "  qwen-authctl api-key          - Authenticate with an API key", "",
        "Or simply run:", "  qwen-authctl                  - Interactive authentication setup"})
    lines.emplace_back(line);
  return lines;
}

std::string key_line(const Resolution& resolution) {
  if (resolution.needs_no_key) return "  API Key: not needed (Google's own credentials)";
  std::string line = "  API Key: " + resolution.key.masked();
  if (!resolution.key_source) return line;
  const VariableSource& source = *resolution.key_source;
  switch (source.kind) {
    case SourceKind::shell: return line + ", exported as " + resolution.env_key;
    case SourceKind::cli: return line + ", given by " + source.where;
    case SourceKind::dotenv:
    case SourceKind::settings:
    case SourceKind::overlay: break;
  }
  if (resolution.env_key.empty()) return line + ", security.auth.apiKey in " + source.where;
  return line + ", " + resolution.env_key + " in " + source.where;
}

std::vector<std::string> lines_of_oauth() {
  return {"⚠️  Authentication Method: Qwen OAuth (Incomplete)",
          "  Type: Free tier (discontinued 2026-04-15)",
          "  Limit: No longer available",
          "  Models: Qwen latest models",
          "",
          "  ⚠ Run `qwen-authctl qwen-oauth` to switch to Coding Plan or another provider."};
}

std::vector<std::string> lines_of(const AuthStatus& status, const Resolution& resolution,
                                  const KeyCommand* command, bool has_models) {
  if (!status.configured) return lines_of_none(resolution, has_models);
  if (status.method == "qwen-oauth") return lines_of_oauth();
  std::vector<std::string> lines;
  lines.push_back(
      (status.complete ? "✓ Authentication Method: " : "⚠️  Authentication Method: ") +
      status.title + (status.complete ? "" : " (Incomplete)"));
  if (status.region) lines.push_back("  Region: " + std::string(status.region->label));
  if (!resolution.model.empty()) lines.push_back("  Current Model: " + resolution.model);
  if (!status.region && !resolution.base_url.empty())
    lines.push_back("  Base URL: " + resolution.base_url);
  if (!status.config_version.empty())
    lines.push_back("  Config Version: " + status.config_version + "...");
  if (status.key_from_command) {
    lines.emplace_back("  Status: API key from a command");
    lines.push_back("  API Key: printed by `" + join(command->command, " ") + "`, for " +
                    resolution.env_key);
    lines.emplace_back("  Start Qwen Code with `qwen-authctl exec -- qwen`: alone it has no key.");
    return lines;
  }
  if (status.complete) {
    const Provider* const local = find_provider(status.method);
    const bool is_placeholder = local && !local->placeholder_key.empty() &&
                                resolution.key.reveal() == local->placeholder_key;
    lines.emplace_back("  Status: API key configured");
    lines.push_back(is_placeholder ? "  API Key: a placeholder, because this server needs none"
                                   : key_line(resolution));
  } else if (resolution.key_is_missing) {
    lines.emplace_back("  Issue: API key not found in environment or settings");
  }
  for (const Warning& issue : resolution.issues) {
    if (issue.code == "E105" && resolution.key_is_missing && issue.message != resolution.fatal)
      lines.push_back("  " + issue.message);
    else
      lines.push_back((issue.message == resolution.fatal ? "  Issue: " : "  Note: ") +
                      issue.message);
  }
  if (!status.complete) lines.push_back("  Run `" + command_of(status) + "` to re-configure.");
  return lines;
}

}  // namespace

AuthStatus auth_status(const Resolution& resolution, const SettingsFiles& files,
                       const KeyCommand* command) {
  AuthStatus status;
  status.configured = !resolution.auth_type.empty();
  status.key_from_command = status.configured && resolution.key_is_missing && command;
  status.complete = status.configured && (resolution.fatal.empty() || status.key_from_command);
  if (resolution.auth_type == "qwen-oauth") {
    status.method = "qwen-oauth";
    status.title = "Qwen OAuth";
  } else if (status.configured && !find_auth_type(resolution.auth_type)) {
    status.title = resolution.auth_type;
  } else if (status.configured) {
    const Provider* const provider = resolution.entry ? provider_of(*resolution.entry) : nullptr;
    status.method = provider           ? std::string(provider->id)
                    : resolution.entry ? "custom-api-key"
                                       : "api-key";
    status.title = provider ? std::string(provider->title) : title_of(resolution.protocol);
    if (provider && provider->endpoints.size() > 1)
      status.region = provider->endpoint_at(resolution.entry->base_url);
    if (provider) status.config_version = config_version(status.method, files);
  }
  if (resolution.entry) {
    status.scope = resolution.entry->scope;
  } else if (const auto selected = merged_value(files, Path{"security", "auth", "selectedType"})) {
    status.scope = selected->scope;
  }
  if (status.scope) status.path = files.at(*status.scope).path;
  const bool has_models = !model_entries(files, Scope::user).empty();
  status.lines = lines_of(status, resolution, command, has_models);
  return status;
}

}  // namespace authd::core
