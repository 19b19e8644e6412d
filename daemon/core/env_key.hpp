// The name of the variable that holds a custom endpoint's key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

// The PRD's formula (PRD, Env Key Generation): QWEN_CUSTOM_API_KEY_<PROTOCOL>_<BASE_URL>. Lossy:
// https://a-b.com and https://a.b.com have the same name.
std::string plain_env_key(std::string_view protocol, std::string_view base_url);

// The plain name and the first 12 hex digits, in upper case, of the SHA-256 of protocol, NUL and
// canonical base URL: what Qwen Code generates today (facts, 3.3).
std::string hashed_env_key(std::string_view protocol, std::string_view base_url);

// What one model entry of the merged settings says, as far as the choice of a name needs it.
struct KeyUse {
  std::string protocol;
  std::string base_url;
  std::string env_key;
};

// The name for an endpoint: the name that an entry for this endpoint already has, if it is one
// that this rule or Qwen Code's own wizard made (plain, 6 or 12 hex digits); else the plain name;
// never one that an entry with another base URL uses, so that no endpoint takes another's key.
std::string choose_env_key(std::string_view protocol, std::string_view base_url,
                           const std::vector<KeyUse>& uses);

}  // namespace authd::core
