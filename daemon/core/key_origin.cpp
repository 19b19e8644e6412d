#include "daemon/core/key_origin.hpp"

#include "daemon/core/auth_type.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {

std::string_view default_base_url(std::string_view protocol) {
  if (protocol == "openai" || protocol == "openai-responses") return "https://api.openai.com/v1";
  if (protocol == "anthropic") return "https://api.anthropic.com";
  if (protocol == "gemini") return "https://generativelanguage.googleapis.com";
  if (protocol == "vertex-ai") return "https://aiplatform.googleapis.com";
  return "";
}

std::set<std::string> origins_of_key(const std::string& env_key, const SettingsFiles& files) {
  std::set<std::string> origins;
  const auto add = [&](std::string_view base_url, std::string_view protocol) {
    if (base_url.empty()) base_url = default_base_url(protocol);
    if (!base_url.empty()) origins.insert(parse_url(base_url).origin());
  };
  if (env_key.empty()) return origins;
  // The workspace's list of a provider hides the user's own, which was meant all the same.
  for (const ModelEntry& entry : model_entries(files, Scope::user))
    if (entry.scope != Scope::workspace && entry.env_key == env_key &&
        !expandable_name(entry.base_url))
      add(entry.base_url, entry.protocol);
  for (const Provider& provider : providers())
    if (provider.env_key == env_key)
      for (const Endpoint& endpoint : provider.endpoints) add(endpoint.base_url, "");
  for (const AuthType& type : auth_types())
    if (type.api_key == env_key) add("", type.id);
  return origins;
}

}  // namespace authd::core
