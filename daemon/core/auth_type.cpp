#include "daemon/core/auth_type.hpp"

#include <algorithm>

namespace authd::core {
namespace {

constexpr std::array<AuthType, 6> types{
    {{"openai", "OPENAI_API_KEY", "OPENAI_BASE_URL", {"OPENAI_MODEL", "QWEN_MODEL"}},
     {"openai-responses", "OPENAI_API_KEY", "OPENAI_BASE_URL", {"OPENAI_MODEL"}},
     {"qwen-oauth", "", "", {}},
     {"gemini", "GEMINI_API_KEY", "", {"GEMINI_MODEL"}},
     {"vertex-ai", "GOOGLE_API_KEY", "", {"GOOGLE_MODEL"}},
     {"anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", {"ANTHROPIC_MODEL"}}}};

}  // namespace

std::span<const AuthType> auth_types() { return types; }

const AuthType* find_auth_type(std::string_view id) {
  const auto found = std::ranges::find(types, id, &AuthType::id);
  return found == types.end() ? nullptr : &*found;
}

}  // namespace authd::core
