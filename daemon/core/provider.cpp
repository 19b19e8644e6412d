#include "daemon/core/provider.hpp"

#include <array>

namespace authd::core {
namespace {

constexpr std::array<Example, 5> openai_examples{{
    {"OpenAI", "https://api.openai.com/v1"},
    {"OpenRouter", "https://openrouter.ai/api/v1"},
    {"Fireworks", "https://api.fireworks.ai/inference/v1"},
    {"Ollama", "http://localhost:11434/v1"},
    {"LM Studio", "http://localhost:1234/v1"},
}};

constexpr std::array<Protocol, 3> table{{
    {"openai", "OpenAI-compatible", "OpenAI, OpenRouter, Fireworks, vLLM, Ollama, LM Studio",
     openai_examples},
    {"anthropic", "Anthropic-compatible", "Anthropic-compatible endpoints", {}},
    {"gemini", "Gemini-compatible", "Gemini-compatible endpoints", {}},
}};

}  // namespace

std::span<const Protocol> protocols() { return table; }

const Protocol* find_protocol(std::string_view id) {
  for (const Protocol& protocol : table)
    if (protocol.id == id) return &protocol;
  return nullptr;
}

}  // namespace authd::core
