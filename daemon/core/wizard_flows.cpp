#include "daemon/core/wizard_flows.hpp"

#include "daemon/core/endpoint.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/provider.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "protocol/limits.hpp"

namespace authd::core {
namespace {

constexpr std::string_view select_hint = "Enter to select, ↑↓ to navigate, Esc to go back";
constexpr std::string_view input_hint = "Enter to continue, Esc to go back";
constexpr std::string_view not_yet = "Not available yet in this version.";

std::string protocol_label(const Answers& answers) {
  const Protocol* protocol = find_protocol(answers.text(step::protocol));
  return protocol ? std::string(protocol->label) : std::string();
}

// ---- what the steps show

std::vector<Option> flow_options(std::initializer_list<std::string_view> flows) {
  std::vector<Option> options;
  for (const std::string_view id : flows) {
    const FlowRow& flow = *find_flow(id);
    options.push_back({std::string(flow.id), std::string(flow.title), std::string(flow.description),
                       std::string(flow.unavailable)});
  }
  return options;
}

std::vector<Option> main_options(const Answers&) {
  return flow_options({"coding-plan", "api-key", "qwen-oauth"});
}

std::vector<Option> api_key_type_options(const Answers&) {
  return flow_options({"alibaba-standard", "custom-api-key"});
}

std::vector<Option> protocol_options(const Answers&) {
  std::vector<Option> options;
  for (const Protocol& protocol : protocols())
    options.push_back(
        {std::string(protocol.id), std::string(protocol.label), std::string(protocol.description)});
  return options;
}

std::vector<LabelledText> protocol_context(const Answers& answers) {
  return {{"Protocol", protocol_label(answers)}};
}

std::vector<LabelledText> endpoint_context(const Answers& answers) {
  return {{"Protocol", protocol_label(answers)}, {"Endpoint", answers.text(step::base_url)}};
}

std::vector<LabelledText> base_url_examples(const Answers& answers) {
  std::vector<LabelledText> examples;
  if (const Protocol* protocol = find_protocol(answers.text(step::protocol)))
    for (const Example& example : protocol->base_url_examples)
      examples.push_back({std::string(example.label), std::string(example.value)});
  return examples;
}

std::string base_url_prompt(const Answers& answers) {
  return "Enter the " + protocol_label(answers) + " API endpoint.";
}
std::string api_key_prompt(const Answers&) { return "Enter the API key for this endpoint."; }
std::string model_ids_prompt(const Answers&) {
  return "Enter one or more model IDs, separated by commas.";
}
std::string review_prompt(const Answers&) {
  return "The following JSON will be saved to settings.json:";
}

// ---- what the answers are warned of

std::vector<Warning> warn_of_base_url(const Answers& answers) {
  return base_url_warnings(answers.text(step::protocol), answers.text(step::base_url),
                           step::base_url);
}
std::vector<Warning> warn_of_api_key(const Answers& answers) {
  return api_key_warnings(answers.reveal(step::api_key), answers.text(step::base_url),
                          step::api_key);
}

// ---- the rows

constexpr std::array<StepRow, 1> main_steps{{
    {.id = "main",
     .kind = StepKind::select,
     .title = "Select Authentication Method",
     .label = "Method",
     .hint = "Enter to select, ↑↓ to navigate, Esc to close",
     .options = main_options},
}};

constexpr std::array<StepRow, 1> api_key_type_steps{{
    {.id = "api-key-type-select",
     .kind = StepKind::select,
     .title = "Select API Key Type",
     .label = "API key type",
     .hint = select_hint,
     .options = api_key_type_options},
}};

constexpr std::array<StepRow, 5> custom_steps{{
    {.id = step::protocol,
     .kind = StepKind::select,
     .title = "Custom API Key · Select Protocol",
     .label = "Protocol",
     .hint = select_hint,
     .options = protocol_options,
     .drops = step::api_key},
    {.id = step::base_url,
     .kind = StepKind::text,
     .title = "Custom API Key · Base URL",
     .label = "Base URL",
     .hint = input_hint,
     .prompt = base_url_prompt,
     .context = protocol_context,
     .examples = base_url_examples,
     .links_to_documentation = true,
     .accept = accept_base_url,
     .warnings = warn_of_base_url,
     .drops = step::api_key},
    {.id = step::api_key,
     .kind = StepKind::secret,
     .title = "Custom API Key · API Key",
     .label = "API key",
     .hint = input_hint,
     .prompt = api_key_prompt,
     .context = endpoint_context,
     .accept = accept_api_key,
     .warnings = warn_of_api_key},
    {.id = step::model_ids,
     .kind = StepKind::text,
     .title = "Custom API Key · Model IDs",
     .label = "Model IDs",
     .hint = input_hint,
     .prompt = model_ids_prompt,
     .context = endpoint_context,
     .accept = accept_model_ids},
    {.id = step::review,
     .kind = StepKind::review,
     .title = "Custom API Key · Review",
     .label = "Review",
     .hint = "Enter to save, Esc to go back",
     .prompt = review_prompt,
     .links_to_documentation = true},
}};

constexpr std::array<FlowRow, 20> table{{
    {.id = "auth",
     .title = "Select Authentication Method",
     .description = "Every way to authenticate Qwen Code",
     .steps = main_steps},
    {.id = "coding-plan",
     .title = "Alibaba Cloud Coding Plan",
     .description = "Paid · Up to 6,000 requests/5 hrs · All Alibaba Cloud Coding Plan Models",
     .unavailable = not_yet},
    {.id = "api-key",
     .title = "API Key",
     .description = "Bring your own API key",
     .steps = api_key_type_steps},
    {.id = "alibaba-standard",
     .title = "Alibaba Cloud ModelStudio Standard API Key",
     .description = "Quick setup for Model Studio (China/International)",
     .unavailable = not_yet},
    {.id = "custom-api-key",
     .title = "Custom API Key",
     .description = "For other OpenAI / Anthropic / Gemini-compatible providers",
     .steps = custom_steps},
    {.id = "qwen-oauth",
     .title = "Qwen OAuth",
     .description = "Discontinued — switch to Coding Plan or API Key",
     .deprecated = "The Qwen OAuth free tier was discontinued on 2026-04-15.",
     .unavailable = not_yet},
    {.id = "token-plan",
     .title = "Alibaba Cloud Token Plan",
     .description = "Paid by token",
     .unavailable = not_yet},
    {.id = "deepseek",
     .title = "DeepSeek",
     .description = "api.deepseek.com",
     .unavailable = not_yet},
    {.id = "grok", .title = "Grok", .description = "api.x.ai", .unavailable = not_yet},
    {.id = "minimax",
     .title = "MiniMax",
     .description = "api.minimax.io, api.minimaxi.com",
     .unavailable = not_yet},
    {.id = "zai", .title = "Z.AI", .description = "api.z.ai", .unavailable = not_yet},
    {.id = "moonshot",
     .title = "Moonshot (Kimi)",
     .description = "api.moonshot.ai, api.moonshot.cn",
     .unavailable = not_yet},
    {.id = "idealab",
     .title = "Idealab",
     .description = "idealab.alibaba-inc.com",
     .unavailable = not_yet},
    {.id = "modelscope",
     .title = "ModelScope",
     .description = "api-inference.modelscope.cn",
     .unavailable = not_yet},
    {.id = "openrouter",
     .title = "OpenRouter",
     .description = "openrouter.ai",
     .unavailable = not_yet},
    {.id = "requesty",
     .title = "Requesty",
     .description = "router.requesty.ai",
     .unavailable = not_yet},
    {.id = "fireworks",
     .title = "Fireworks",
     .description = "api.fireworks.ai",
     .unavailable = not_yet},
    {.id = "ollama", .title = "Ollama", .description = "On this machine", .unavailable = not_yet},
    {.id = "lm-studio",
     .title = "LM Studio",
     .description = "On this machine",
     .unavailable = not_yet},
    {.id = "vllm", .title = "vLLM", .description = "On this machine", .unavailable = not_yet},
}};

}  // namespace

std::span<const FlowRow> flow_rows() { return table; }

const FlowRow* find_flow(std::string_view id) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const FlowRow& row) { return row.id == id; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace authd::core
