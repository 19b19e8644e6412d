#include "daemon/core/env_key.hpp"

#include <algorithm>

#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr std::string_view prefix = "QWEN_CUSTOM_API_KEY_";

std::string normalized(std::string_view value) {
  std::string name;
  for (const char c : js_upper(js_trim(value))) {
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (kept)
      name += c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  if (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

std::string endpoint_hash(std::string_view protocol, std::string_view base_url) {
  return js_upper(
      sha256_hex(std::string(protocol) + '\0' + canonical_base_url(base_url)).substr(0, 12));
}

}  // namespace

std::string plain_env_key(std::string_view protocol, std::string_view base_url) {
  return std::string(prefix) + normalized(protocol) + "_" + normalized(base_url);
}

std::string hashed_env_key(std::string_view protocol, std::string_view base_url) {
  return plain_env_key(protocol, base_url) + "_" + endpoint_hash(protocol, base_url);
}

std::string choose_env_key(std::string_view protocol, std::string_view base_url,
                           const std::vector<KeyUse>& uses) {
  const std::string plain = plain_env_key(protocol, base_url);
  const std::string hashed = hashed_env_key(protocol, base_url);
  const std::string short_hashed = hashed.substr(0, hashed.size() - 6);
  const std::string endpoint = canonical_base_url(base_url);
  const auto is_same_endpoint = [&](const KeyUse& use) {
    return canonical_base_url(use.base_url) == endpoint;
  };
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(uses.begin(), uses.end(), [&](const KeyUse& use) {
      return use.env_key == name && !is_same_endpoint(use);
    });
  };
  for (const KeyUse& use : uses) {
    const bool generated =
        use.env_key == plain || use.env_key == short_hashed || use.env_key == hashed;
    if (use.protocol == protocol && is_same_endpoint(use) && generated && !is_taken(use.env_key))
      return use.env_key;
  }
  return is_taken(plain) ? hashed : plain;
}

}  // namespace authd::core
