#include "daemon/core/provider.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr std::array<Example, 5> openai_examples{{
    {"OpenAI", "https://api.openai.com/v1"},
    {"OpenRouter", "https://openrouter.ai/api/v1"},
    {"Fireworks", "https://api.fireworks.ai/inference/v1"},
    {"Ollama", "http://localhost:11434/v1"},
    {"LM Studio", "http://localhost:1234/v1"},
}};

constexpr std::array<Protocol, 3> protocol_table{{
    {"openai", "OpenAI-compatible", "OpenAI, OpenRouter, Fireworks, vLLM, Ollama, LM Studio",
     openai_examples},
    {"anthropic", "Anthropic-compatible", "Anthropic-compatible endpoints", {}},
    {"gemini", "Gemini-compatible", "Gemini-compatible endpoints", {}},
}};

// ---- Alibaba Cloud (facts, 4 and 5)

constexpr Endpoint coding_plan_endpoints[] = {
    {"china", "中国 (China) - 阿里云百炼", "https://coding.dashscope.aliyuncs.com/v1",
     "[ModelStudio Coding Plan]", "https://help.aliyun.com/zh/model-studio/coding-plan"},
    {"global", "Global - Alibaba Cloud", "https://coding-intl.dashscope.aliyuncs.com/v1",
     "[ModelStudio Coding Plan for Global/Intl]",
     "https://www.alibabacloud.com/help/en/model-studio/coding-plan"},
};
constexpr std::string_view alibaba = "Alibaba Cloud";
constexpr std::string_view pro_only = "Currently available to Pro subscribers only.";
constexpr TemplateModel coding_plan_china_models[] = {
    {.id = "qwen3.5-plus", .context_window = 1000000, .thinking = true},
    {.id = "qwen3.6-plus", .context_window = 1000000, .thinking = true, .description = pro_only},
    {.id = "glm-5", .context_window = 202752, .thinking = true},
    {.id = "kimi-k2.5", .context_window = 262144, .thinking = true},
    {.id = "MiniMax-M2.5", .context_window = 196608, .thinking = true},
    {.id = "qwen3-coder-plus", .context_window = 1000000},
    {.id = "qwen3-coder-next", .context_window = 262144},
    {.id = "qwen3-max-2026-01-23", .context_window = 262144, .thinking = true},
    {.id = "glm-4.7", .context_window = 202752, .thinking = true},
};
constexpr TemplateModel coding_plan_global_models[] = {
    {.id = "qwen3.5-plus", .context_window = 1000000, .thinking = true},
    {.id = "qwen3.6-plus", .context_window = 1000000, .thinking = true, .description = pro_only},
    {.id = "qwen3-coder-plus", .context_window = 1000000},
    {.id = "qwen3-coder-next", .context_window = 262144},
    {.id = "qwen3-max-2026-01-23", .context_window = 262144, .thinking = true},
    {.id = "glm-4.7", .context_window = 202752, .thinking = true},
    {.id = "glm-5", .context_window = 202752, .thinking = true},
    {.id = "MiniMax-M2.5", .context_window = 196608, .thinking = true},
    {.id = "kimi-k2.5", .context_window = 262144, .thinking = true},
};

constexpr Endpoint token_plan_endpoints[] = {
    {"cn-beijing", "China (Beijing)",
     "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
     "[ModelStudio Token Plan]",
     "https://bailian.console.aliyun.com/cn-beijing?tab=doc#/doc/?type=model&url=3028856"},
    {"ap-southeast-1", "Singapore (International)",
     "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1",
     "[ModelStudio Token Plan for Global/Intl]",
     "https://modelstudio.console.alibabacloud.com/ap-southeast-1?tab=doc#/doc/?type=model"},
};
constexpr TemplateModel token_plan_models[] = {
    {"qwen3.7-plus", 1000000, true, true, true},
    {"qwen3.6-plus", 1000000, true, true, true},
    {"qwen3.7-max", 1000000, true},
    {"qwen3.8-max", 1000000, true, true, true},
    {"qwen3.8-max-preview", 1000000, true, true, true},
    {"qwen3.6-flash", 1000000, true},
    {"deepseek-v4-pro", 1000000},
    {"deepseek-v4-flash-0731", 1000000},
    {"deepseek-v3.2", 131072},
    {"kimi-k2.7-code", 262144, true, true, true},
    {"kimi-k2.6", 262144, true},
    {"kimi-k2.5", 262144, true, true, true},
    {"glm-5.2", 1000000, true},
    {"glm-5.1", 202752, true},
    {"glm-5", 202752, true},
    {"MiniMax-M2.5", 196608},
    {"qwen3.8-flash", 1000000, false, true, true},
    {"deepseek-v4-pro-0813", 1000000},
};

constexpr Endpoint standard_endpoints[] = {
    {"cn-beijing",
     "China (Beijing)",
     "https://dashscope.aliyuncs.com/compatible-mode/v1",
     {},
     "https://bailian.console.aliyun.com/cn-beijing?tab=api#/api"},
    {"sg-singapore",
     "Singapore",
     "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
     {},
     "https://modelstudio.console.alibabacloud.com/"
     "ap-southeast-1?tab=api#/api/?type=model&url=2712195"},
    {"us-virginia",
     "US (Virginia)",
     "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
     {},
     "https://modelstudio.console.alibabacloud.com/us-east-1?tab=api#/api/?type=model&url=2712195"},
    {"cn-hongkong",
     "China (Hong Kong)",
     "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1",
     {},
     "https://modelstudio.console.alibabacloud.com/"
     "cn-hongkong?tab=api#/api/?type=model&url=2712195"},
};
constexpr TemplateModel standard_models[] = {{"qwen3.5-plus"}, {"glm-5"}, {"kimi-k2.5"}};

// ---- Third-party providers (facts, 10)

constexpr Endpoint deepseek_endpoints[] = {{"default", "DeepSeek", "https://api.deepseek.com"}};
constexpr TemplateModel deepseek_models[] = {{"deepseek-v4-pro", 1000000},
                                             {"deepseek-v4-flash", 1000000}};

constexpr Endpoint grok_endpoints[] = {{"default", "xAI", "https://api.x.ai/v1"}};
constexpr TemplateModel grok_models[] = {
    {"grok-4.5", 500000},
    {"grok-4.3", 1000000},
    {"grok-4.20-0309-reasoning", 1000000},
    {"grok-4.20-0309-non-reasoning", 1000000},
    {"grok-4.20-multi-agent-0309", 1000000},
    {"grok-build-0.1", 262144},
};

constexpr Endpoint minimax_endpoints[] = {
    {"international",
     "International",
     "https://api.minimax.io/v1",
     {},
     "https://www.minimax.io/platform"},
    {"china", "China", "https://api.minimaxi.com/v1", {}, "https://platform.minimaxi.com"},
};
constexpr TemplateModel minimax_models[] = {
    {"MiniMax-M3", 1000000, false, true, true}, {"MiniMax-M2.7", 204800},
    {"MiniMax-M2.7-highspeed", 204800},         {"MiniMax-M2.5", 196608},
    {"MiniMax-M2.5-highspeed", 196608},
};

constexpr Endpoint zai_endpoints[] = {
    {"standard-api-key",
     "Standard API Key",
     "https://api.z.ai/api/paas/v4",
     {},
     "https://docs.z.ai/"},
    {"coding-plan", "Coding Plan", "https://api.z.ai/api/coding/paas/v4", {}, "https://docs.z.ai/"},
};
constexpr TemplateModel zai_models[] = {
    {"GLM-5.2", 1000000, true},
    {"GLM-5.1", 204800, true},
    {"GLM-5", 204800},
    {"GLM-5-Turbo", 204800},
};

constexpr Endpoint moonshot_endpoints[] = {
    {"international",
     "International",
     "https://api.moonshot.ai/v1",
     {},
     "https://platform.kimi.ai/docs"},
    {"china", "China", "https://api.moonshot.cn/v1", {}, "https://platform.moonshot.cn/docs"},
};
constexpr TemplateModel moonshot_models[] = {
    {"kimi-k3", 1000000, false, true, true},
    {"kimi-k2.7-code", 262144, false, true, true},
    {"kimi-k2.7-code-highspeed", 262144, false, true, true},
    {"kimi-k2.6", 262144, false, true, true},
};

constexpr Endpoint idealab_endpoints[] = {
    {"default", "Idealab", "https://idealab.alibaba-inc.com/api/openai/v1"}};
constexpr TemplateModel idealab_models[] = {
    {"Qwen3.6-Plus-DogFooding", 1000000, true, true, true},
    {"bailian/deepseek-v4-pro", 1000000, true},
    {"bailian/deepseek-v4-flash", 1000000, true},
    {"bailian/kimi-k2.6", 262144, true},
};

constexpr Endpoint modelscope_endpoints[] = {
    {"default", "ModelScope", "https://api-inference.modelscope.cn/v1"}};
constexpr TemplateModel modelscope_models[] = {
    {"deepseek-ai/DeepSeek-V4-Flash", 1000000, true},
    {"Qwen/Qwen3.5-397B-A17B", 1000000, true},
    {"ZhipuAI/GLM-5.1", 1000000, true},
};

constexpr Endpoint openrouter_endpoints[] = {
    {"default", "OpenRouter", "https://openrouter.ai/api/v1"}};
constexpr TemplateModel openrouter_models[] = {{"z-ai/glm-4.5-air:free", 128000},
                                               {"openai/gpt-oss-120b:free", 131072}};
constexpr Example openrouter_headers[] = {
    {"HTTP-Referer", "https://github.com/QwenLM/qwen-code.git"},
    {"X-OpenRouter-Title", "Qwen Code"},
};

constexpr Endpoint requesty_endpoints[] = {
    {"default", "Requesty", "https://router.requesty.ai/v1"}};
constexpr TemplateModel requesty_models[] = {{"openai/gpt-4o-mini", 128000},
                                             {"openai/gpt-4o", 128000}};
constexpr Example requesty_headers[] = {
    {"HTTP-Referer", "https://github.com/QwenLM/qwen-code.git"},
    {"X-Title", "Qwen Code"},
};

// Qwen Code has no preset for these four; their models differ from account to account and from
// machine to machine.
constexpr Endpoint fireworks_endpoints[] = {
    {"default", "Fireworks AI", "https://api.fireworks.ai/inference/v1"}};
constexpr Endpoint ollama_endpoints[] = {{"default", "Ollama", "http://127.0.0.1:11434/v1"}};
constexpr Endpoint lm_studio_endpoints[] = {{"default", "LM Studio", "http://127.0.0.1:1234/v1"}};
constexpr Endpoint vllm_endpoints[] = {{"default", "vLLM", "http://127.0.0.1:8000/v1"}};

constexpr Provider provider_table[] = {
    {.id = "coding-plan",
     .title = "Alibaba Cloud Coding Plan",
     .description = "Paid · Up to 6,000 requests/5 hrs · All Alibaba Cloud Coding Plan Models",
     .env_key = "BAILIAN_CODING_PLAN_API_KEY",
     .name_prefix = "[ModelStudio Coding Plan]",
     .endpoints = coding_plan_endpoints,
     .models = coding_plan_china_models,
     .models_of_second_endpoint = coding_plan_global_models,
     .models_are_fixed = true,
     .key_prefix = "sk-sp-",
     .metadata = "codingPlan",
     .saved_message = "Successfully authenticated with Alibaba Cloud Coding Plan.",
     .vendor = alibaba},
    {.id = "token-plan",
     .title = "Alibaba Cloud Token Plan",
     .description = "For teams and companies · Usage-based billing with dedicated endpoint",
     .env_key = "BAILIAN_TOKEN_PLAN_API_KEY",
     .name_prefix = "[ModelStudio Token Plan]",
     .endpoints = token_plan_endpoints,
     .models = token_plan_models,
     .ownership = Ownership::by_endpoint_or_name,
     .vendor = alibaba},
    {.id = "alibaba-standard",
     .title = "Alibaba Cloud ModelStudio Standard API Key",
     .description = "Quick setup for Model Studio (China/International)",
     .env_key = "DASHSCOPE_API_KEY",
     .name_prefix = "[ModelStudio Standard]",
     .endpoints = standard_endpoints,
     .models = standard_models,
     .replaces = "coding-plan",
     .saved_message = "Alibaba Cloud ModelStudio Standard API Key successfully entered. Settings "
                      "updated with env.DASHSCOPE_API_KEY and {models} model(s).",
     .vendor = alibaba},
    {.id = "deepseek",
     .title = "DeepSeek",
     .description = "Quick setup for DeepSeek (deepseek-v4-flash, deepseek-v4-pro)",
     .env_key = "DEEPSEEK_API_KEY",
     .name_prefix = "[DeepSeek]",
     .endpoints = deepseek_endpoints,
     .models = deepseek_models,
     .ownership = Ownership::by_endpoint_or_name,
     .documentation_url = "https://api-docs.deepseek.com/zh-cn/"},
    {.id = "grok",
     .title = "Grok (xAI)",
     .description = "Quick setup for xAI Grok chat & code models",
     .env_key = "XAI_API_KEY",
     .name_prefix = "[Grok]",
     .endpoints = grok_endpoints,
     .models = grok_models,
     .ownership = Ownership::by_endpoint_or_name,
     .documentation_url = "https://docs.x.ai/docs"},
    {.id = "minimax",
     .title = "MiniMax",
     .description = "Quick setup for MiniMax models",
     .env_key = "MINIMAX_API_KEY",
     .name_prefix = "[MiniMax]",
     .endpoints = minimax_endpoints,
     .models = minimax_models,
     .ownership = Ownership::by_endpoint_or_name},
    {.id = "zai",
     .title = "Z.AI",
     .description = "Quick setup for Z.AI models",
     .env_key = "ZAI_API_KEY",
     .name_prefix = "[Z.AI]",
     .endpoints = zai_endpoints,
     .models = zai_models,
     .ownership = Ownership::by_endpoint_or_name,
     .endpoints_are_plans = true},
    {.id = "moonshot",
     .title = "Kimi (Moonshot AI)",
     .description = "Quick setup for Kimi models",
     .env_key = "MOONSHOT_API_KEY",
     .name_prefix = "[Kimi]",
     .endpoints = moonshot_endpoints,
     .models = moonshot_models,
     .ownership = Ownership::by_endpoint_or_name},
    {.id = "idealab",
     .title = "Idealab",
     .description = "Alibaba internal LLM service",
     .env_key = "IDEALAB_API_KEY",
     .name_prefix = "[Idealab]",
     .endpoints = idealab_endpoints,
     .models = idealab_models,
     .ownership = Ownership::by_endpoint_or_name},
    {.id = "modelscope",
     .title = "ModelScope",
     .description = "Quick setup for ModelScope API Inference",
     .env_key = "MODELSCOPE_API_KEY",
     .name_prefix = "[ModelScope]",
     .endpoints = modelscope_endpoints,
     .models = modelscope_models,
     .ownership = Ownership::by_endpoint_or_name,
     .documentation_url = "https://modelscope.cn/docs/model-service/API-Inference/intro"},
    {.id = "openrouter",
     .title = "OpenRouter",
     .description = "Connect with an OpenRouter API key (get one from openrouter.ai/keys)",
     .env_key = "OPENROUTER_API_KEY",
     .name_prefix = "[OpenRouter]",
     .endpoints = openrouter_endpoints,
     .models = openrouter_models,
     .ownership = Ownership::by_host,
     .headers = openrouter_headers,
     .documentation_url = "https://openrouter.ai/docs"},
    {.id = "requesty",
     .title = "Requesty",
     .description = "Connect with a Requesty API key (get one from app.requesty.ai/api-keys)",
     .env_key = "REQUESTY_API_KEY",
     .name_prefix = "[Requesty]",
     .endpoints = requesty_endpoints,
     .models = requesty_models,
     .ownership = Ownership::by_host,
     .headers = requesty_headers,
     .documentation_url = "https://docs.requesty.ai"},
    {.id = "fireworks",
     .title = "Fireworks AI",
     .description = "Connect with a Fireworks AI API key (get one from app.fireworks.ai)",
     .env_key = "FIREWORKS_API_KEY",
     .name_prefix = "[Fireworks]",
     .endpoints = fireworks_endpoints,
     .ownership = Ownership::by_endpoint_or_name,
     .documentation_url = "https://docs.fireworks.ai"},
    {.id = "ollama",
     .title = "Ollama",
     .description = "Models that Ollama runs on this machine",
     .env_key = "OLLAMA_API_KEY",
     .name_prefix = "[Ollama]",
     .endpoints = ollama_endpoints,
     .ownership = Ownership::by_variable,
     .placeholder_key = "ollama-needs-no-key",
     .documentation_url = "https://docs.ollama.com/api/openai-compatibility"},
    {.id = "lm-studio",
     .title = "LM Studio",
     .description = "Models that LM Studio serves on this machine",
     .env_key = "LM_STUDIO_API_KEY",
     .name_prefix = "[LM Studio]",
     .endpoints = lm_studio_endpoints,
     .ownership = Ownership::by_variable,
     .placeholder_key = "lm-studio-needs-no-key",
     .documentation_url = "https://lmstudio.ai/docs/developer/openai-compat"},
    {.id = "vllm",
     .title = "vLLM",
     .description = "A vLLM server on this machine or in your network",
     .env_key = "VLLM_API_KEY",
     .name_prefix = "[vLLM]",
     .endpoints = vllm_endpoints,
     .ownership = Ownership::by_variable,
     .placeholder_key = "vllm-needs-no-key",
     .documentation_url = "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"},
};

// "router.requesty.ai" is at requesty.ai.
std::string domain_of(std::string_view base_url) {
  const std::string host = parse_url(base_url).host;
  const std::size_t last = host.rfind('.');
  const std::size_t before =
      last == std::string::npos || last == 0 ? std::string::npos : host.rfind('.', last - 1);
  return before == std::string::npos ? host : host.substr(before + 1);
}

}  // namespace

std::span<const Protocol> protocols() { return protocol_table; }

const Protocol* find_protocol(std::string_view id) {
  const auto found = std::ranges::find(protocol_table, id, &Protocol::id);
  return found == protocol_table.end() ? nullptr : &*found;
}

std::span<const TemplateModel> Provider::models_at(std::string_view base_url) const {
  const Endpoint* endpoint = endpoint_at(base_url);
  const bool is_second = endpoint != nullptr && endpoint == &endpoints.front() + 1;
  return is_second && !models_of_second_endpoint.empty() ? models_of_second_endpoint : models;
}

const Endpoint* Provider::endpoint_at(std::string_view base_url) const {
  const std::string canonical = canonical_base_url(base_url);
  for (const Endpoint& endpoint : endpoints)
    if (endpoint.base_url == canonical) return &endpoint;
  return nullptr;
}

const Endpoint* Provider::find_endpoint(std::string_view endpoint_id) const {
  for (const Endpoint& endpoint : endpoints)
    if (endpoint.id == endpoint_id) return &endpoint;
  return nullptr;
}

std::string Provider::name_of(std::string_view model, std::string_view base_url) const {
  const Endpoint* endpoint = endpoint_at(base_url);
  std::string name(endpoint && !endpoint->name_prefix.empty() ? endpoint->name_prefix
                                                              : name_prefix);
  return (name.empty() ? name : name + " ") + std::string(model);
}

bool Provider::owns(std::string_view its_env_key, std::string_view base_url,
                    std::string_view name) const {
  if (its_env_key != env_key) return false;
  switch (ownership) {
    case Ownership::by_variable: return true;
    case Ownership::by_endpoint: return endpoint_at(base_url) != nullptr;
    case Ownership::by_host:
      return is_at_or_below(parse_url(base_url).host, domain_of(endpoints.front().base_url));
    case Ownership::by_endpoint_or_name: {
      // "[ModelStudio Token Plan for Global/Intl]" is the plan's, too.
      const std::string_view bare = name_prefix.substr(0, name_prefix.size() - 1);
      return endpoint_at(base_url) != nullptr || name.starts_with(bare);
    }
  }
  return false;
}

OrderedJson Provider::entry(std::string_view model, std::string_view base_url) const {
  const auto known = models_at(base_url);
  const auto found = std::ranges::find(known, model, &TemplateModel::id);
  OrderedJson entry = {{"id", model}, {"name", name_of(model, base_url)}};
  OrderedJson config = OrderedJson::object();
  if (found != known.end()) {
    if (!found->description.empty()) entry["description"] = found->description;
    if (found->thinking) config["extra_body"] = {{"enable_thinking", true}};
    if (found->image) config["modalities"]["image"] = true;
    if (found->video) config["modalities"]["video"] = true;
    if (found->context_window > 0) config["contextWindowSize"] = found->context_window;
  }
  for (const Example& header : headers)
    config["customHeaders"][std::string(header.label)] = header.value;
  entry["baseUrl"] = base_url;
  entry["envKey"] = env_key;
  if (!config.empty()) entry["generationConfig"] = std::move(config);
  return entry;
}

std::span<const Provider> providers() { return provider_table; }

const Provider* find_provider(std::string_view id) {
  const auto found = std::ranges::find(provider_table, id, &Provider::id);
  return found == std::end(provider_table) ? nullptr : &*found;
}

const Provider* owner_of(std::string_view env_key, std::string_view base_url,
                         std::string_view name) {
  for (const Provider& provider : provider_table)
    if (provider.owns(env_key, base_url, name)) return &provider;
  return nullptr;
}

}  // namespace authd::core
