// The rows of providers: endpoints, names, templates and ownership (facts, 4, 5 and 10).
#include "daemon/core/provider.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("each preset has the env key, the endpoints and the name prefix of the facts") {
  struct Row {
    const char *id, *env_key;
    std::vector<std::string> base_urls;
    const char* name;  // of a model m at the first endpoint
  };
  const std::vector<Row> rows{
      {"coding-plan", "BAILIAN_CODING_PLAN_API_KEY",
       {"https://coding.dashscope.aliyuncs.com/v1", "https://coding-intl.dashscope.aliyuncs.com/v1"},
       "[ModelStudio Coding Plan] m"},
      {"token-plan", "BAILIAN_TOKEN_PLAN_API_KEY",
       {"https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
        "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1"},
       "[ModelStudio Token Plan] m"},
      {"alibaba-standard", "DASHSCOPE_API_KEY",
       {"https://dashscope.aliyuncs.com/compatible-mode/v1", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
        "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1"},
       "[ModelStudio Standard] m"},
      {"deepseek", "DEEPSEEK_API_KEY", {"https://api.deepseek.com"}, "[DeepSeek] m"},
      {"grok", "XAI_API_KEY", {"https://api.x.ai/v1"}, "[Grok] m"},
      {"minimax", "MINIMAX_API_KEY", {"https://api.minimax.io/v1", "https://api.minimaxi.com/v1"}, "[MiniMax] m"},
      {"zai", "ZAI_API_KEY", {"https://api.z.ai/api/paas/v4", "https://api.z.ai/api/coding/paas/v4"}, "[Z.AI] m"},
      {"moonshot", "MOONSHOT_API_KEY", {"https://api.moonshot.ai/v1", "https://api.moonshot.cn/v1"}, "[Kimi] m"},
      {"idealab", "IDEALAB_API_KEY", {"https://idealab.alibaba-inc.com/api/openai/v1"}, "[Idealab] m"},
      {"modelscope", "MODELSCOPE_API_KEY", {"https://api-inference.modelscope.cn/v1"}, "[ModelScope] m"},
      {"openrouter", "OPENROUTER_API_KEY", {"https://openrouter.ai/api/v1"}, "[OpenRouter] m"},
      {"requesty", "REQUESTY_API_KEY", {"https://router.requesty.ai/v1"}, "[Requesty] m"},
      {"fireworks", "FIREWORKS_API_KEY", {"https://api.fireworks.ai/inference/v1"}, "[Fireworks] m"},
      {"ollama", "OLLAMA_API_KEY", {"http://127.0.0.1:11434/v1"}, "[Ollama] m"},
      {"lm-studio", "LM_STUDIO_API_KEY", {"http://127.0.0.1:1234/v1"}, "[LM Studio] m"},
      {"vllm", "VLLM_API_KEY", {"http://127.0.0.1:8000/v1"}, "[vLLM] m"},
  };
  CHECK(providers().size() == rows.size());
  for (const Row& row : rows) {
    INFO(row.id);
    const Provider* provider = find_provider(row.id);
    REQUIRE(provider);
    CHECK(provider->env_key == row.env_key);
    std::vector<std::string> base_urls;
    for (const Endpoint& endpoint : provider->endpoints) base_urls.emplace_back(endpoint.base_url);
    CHECK(base_urls == row.base_urls);
    CHECK(provider->name_of("m", row.base_urls.front()) == row.name);
    CHECK(owner_of(row.env_key, row.base_urls.back(), "any name") == provider);
  }
}

TEST_CASE("the templates are those of 0.15.6, in its order and with its bytes (facts, 4)") {
  const Provider& plan = *find_provider("coding-plan");
  const std::string china = "https://coding.dashscope.aliyuncs.com/v1",
                    global = "https://coding-intl.dashscope.aliyuncs.com/v1";
  std::vector<std::string> ids;
  for (const TemplateModel& model : plan.models_at(china)) ids.emplace_back(model.id);
  CHECK(ids == std::vector<std::string>{"qwen3.5-plus", "qwen3.6-plus", "glm-5", "kimi-k2.5", "MiniMax-M2.5",
                                        "qwen3-coder-plus", "qwen3-coder-next", "qwen3-max-2026-01-23", "glm-4.7"});
  ids.clear();
  for (const TemplateModel& model : plan.models_at(global)) ids.emplace_back(model.id);
  CHECK(ids == std::vector<std::string>{"qwen3.5-plus", "qwen3.6-plus", "qwen3-coder-plus", "qwen3-coder-next",
                                        "qwen3-max-2026-01-23", "glm-4.7", "glm-5", "MiniMax-M2.5", "kimi-k2.5"});
  CHECK(dump(plan.entry("qwen3.6-plus", china)) ==
        R"({"id":"qwen3.6-plus","name":"[ModelStudio Coding Plan] qwen3.6-plus",)"
        R"("description":"Currently available to Pro subscribers only.",)"
        R"("baseUrl":"https://coding.dashscope.aliyuncs.com/v1","envKey":"BAILIAN_CODING_PLAN_API_KEY",)"
        R"("generationConfig":{"extra_body":{"enable_thinking":true},"contextWindowSize":1000000}})");
  CHECK(dump(plan.entry("qwen3-coder-next", global)) ==
        R"({"id":"qwen3-coder-next","name":"[ModelStudio Coding Plan for Global/Intl] qwen3-coder-next",)"
        R"("baseUrl":"https://coding-intl.dashscope.aliyuncs.com/v1","envKey":"BAILIAN_CODING_PLAN_API_KEY",)"
        R"("generationConfig":{"contextWindowSize":262144}})");
}

TEST_CASE("a model that no row knows has no generationConfig, and OpenRouter's have its headers") {
  CHECK(dump(find_provider("alibaba-standard")->entry("qwen-max", "https://dashscope.aliyuncs.com/compatible-mode/v1")) ==
        R"({"id":"qwen-max","name":"[ModelStudio Standard] qwen-max",)"
        R"("baseUrl":"https://dashscope.aliyuncs.com/compatible-mode/v1","envKey":"DASHSCOPE_API_KEY"})");
  CHECK(dump(find_provider("openrouter")->entry("a/b", "https://openrouter.ai/api/v1")["generationConfig"]) ==
        R"({"customHeaders":{"HTTP-Referer":"https://github.com/QwenLM/qwen-code.git","X-OpenRouter-Title":"Qwen Code"}})");
}

TEST_CASE("an entry is a provider's own by the exact filters of the facts") {
  struct Row {
    const char *env_key, *base_url, *name, *owner;
  };
  const std::vector<Row> rows{
      {"BAILIAN_CODING_PLAN_API_KEY", "https://coding.dashscope.aliyuncs.com/v1", "mine", "coding-plan"},
      {"BAILIAN_CODING_PLAN_API_KEY", "https://coding.dashscope.aliyuncs.com/v1/", "mine", "coding-plan"},
      {"BAILIAN_CODING_PLAN_API_KEY", "https://proxy.example/v1", "[ModelStudio Coding Plan] x", nullptr},
      {"OTHER", "https://coding.dashscope.aliyuncs.com/v1", "[ModelStudio Coding Plan] x", nullptr},
      {"DASHSCOPE_API_KEY", "https://dashscope-us.aliyuncs.com/compatible-mode/v1", "mine", "alibaba-standard"},
      {"DASHSCOPE_API_KEY", "https://proxy.example/v1", "[ModelStudio Standard] x", nullptr},
      {"BAILIAN_TOKEN_PLAN_API_KEY", "https://proxy.example/v1", "[ModelStudio Token Plan] x", "token-plan"},
      {"BAILIAN_TOKEN_PLAN_API_KEY", "https://proxy.example/v1", "[ModelStudio Token Plan for Global/Intl] x", "token-plan"},
      {"OPENROUTER_API_KEY", "https://eu.openrouter.ai/api/v1", "mine", "openrouter"},
      {"OPENROUTER_API_KEY", "https://evilopenrouter.ai/api/v1", "[OpenRouter] x", nullptr},
      {"REQUESTY_API_KEY", "https://router.eu.requesty.ai/v1", "mine", "requesty"},
      {"DEEPSEEK_API_KEY", "https://proxy.example", "[DeepSeek] x", "deepseek"},
      {"DEEPSEEK_API_KEY", "https://proxy.example", "mine", nullptr},
      {"OLLAMA_API_KEY", "http://10.0.0.2:11434/v1", "mine", "ollama"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.env_key, row.base_url, row.name);
    const Provider* owner = owner_of(row.env_key, row.base_url, row.name);
    CHECK((owner ? std::string(owner->id) : "nobody") == (row.owner ? row.owner : "nobody"));
  }
}

}  // namespace authd::core
