#include "daemon/core/wizard_flows.hpp"

#include <algorithm>

#include "daemon/core/endpoint.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr const char* select_hint = "Enter to select, ↑↓ to navigate, Esc to go back";
constexpr const char* input_hint = "Enter to continue, Esc to go back";
constexpr const char* review_hint = "Enter to save, Esc to go back";
constexpr const char* documentation_label = "Need advanced generationConfig or capabilities? See:";
constexpr const char* documentation_url =
    "https://qwenlm.github.io/qwen-code-docs/en/users/configuration/model-providers/";

std::string protocol_label(const Walk& walk) {
  const Protocol* protocol = find_protocol(walk.protocol());
  return protocol ? std::string(protocol->label) : std::string();
}

// ---- what the steps show

std::vector<Option> flow_options(const std::vector<std::string_view>& flows) {
  std::vector<Option> options;
  for (const std::string_view id : flows) {
    const FlowRow& flow = *find_flow(id);
    options.push_back({flow.id, flow.title, flow.description});
  }
  return options;
}

std::vector<Option> main_options(const Walk&) {
  return flow_options({"coding-plan", "api-key", "qwen-oauth"});
}

std::vector<Option> api_key_type_options(const Walk&) {
  return flow_options({"alibaba-standard", "custom-api-key", "token-plan", "third-party", "local"});
}

bool is_alibaba(const Provider& provider) {
  return provider.id == "coding-plan" || provider.id == "token-plan" ||
         provider.id == "alibaba-standard";
}

std::vector<Option> provider_options(bool local) {
  std::vector<std::string_view> flows;
  for (const Provider& provider : providers())
    if (!is_alibaba(provider) && provider.is_local() == local) flows.push_back(provider.id);
  return flow_options(flows);
}

std::vector<Option> third_party_options(const Walk&) { return provider_options(false); }
std::vector<Option> local_options(const Walk&) { return provider_options(true); }

std::vector<Option> protocol_options(const Walk&) {
  std::vector<Option> options;
  for (const Protocol& protocol : protocols())
    options.push_back(
        {std::string(protocol.id), std::string(protocol.label), std::string(protocol.description)});
  return options;
}

std::vector<Option> region_options(const Walk& walk) {
  std::vector<Option> options;
  for (const Endpoint& endpoint : walk.flow.provider->endpoints)
    options.push_back(
        {std::string(endpoint.id), std::string(endpoint.label), std::string(endpoint.base_url)});
  return options;
}

std::vector<LabelledText> protocol_context(const Walk& walk) {
  return {{"Protocol", protocol_label(walk)}};
}

std::vector<LabelledText> endpoint_context(const Walk& walk) {
  std::vector<LabelledText> context = protocol_context(walk);
  if (walk.flow.provider) context.clear();
  if (const Endpoint* endpoint =
          walk.flow.provider ? walk.flow.provider->find_endpoint(walk.text(StepRole::region))
                             : nullptr)
    context.push_back({"Region", std::string(endpoint->label)});
  context.push_back({"Endpoint", walk.base_url()});
  return context;
}

std::vector<LabelledText> base_url_examples(const Walk& walk) {
  std::vector<LabelledText> examples;
  if (const Protocol* protocol = find_protocol(walk.protocol()))
    for (const Example& example : protocol->base_url_examples)
      examples.push_back({std::string(example.label), std::string(example.value)});
  return examples;
}

std::vector<LabelledText> documentation_link(const Walk&) {
  return {{documentation_label, documentation_url}};
}

std::vector<LabelledText> provider_link(const Walk& walk) {
  const Provider& provider = *walk.flow.provider;
  const Endpoint* endpoint = provider.endpoint_at(walk.base_url());
  const std::string_view url = endpoint && !endpoint->documentation_url.empty()
                                   ? endpoint->documentation_url
                                   : provider.documentation_url;
  if (url.empty()) return {};
  return {{"Where the key comes from:", std::string(url)}};
}

std::string base_url_prompt(const Walk& walk) {
  return "Enter the " + protocol_label(walk) + " API endpoint.";
}
std::string api_key_prompt(const Walk&) { return "Enter the API key for this endpoint."; }
std::string provider_key_prompt(const Walk& walk) {
  const Provider& provider = *walk.flow.provider;
  std::string prompt = "Enter the API key of " + std::string(provider.title);
  if (!provider.key_prefix.empty()) prompt += ", " + std::string(provider.key_prefix) + "…";
  prompt += ".";
  if (provider.is_local())
    prompt +=
        " A server on this machine needs none: leave it empty, and a placeholder is saved, "
        "because Qwen Code does not start without a key.";
  return prompt;
}
std::string model_ids_prompt(const Walk&) {
  return "Enter one or more model IDs, separated by commas.";
}
std::string review_prompt(const Walk&) {
  return "The following JSON will be saved to settings.json:";
}

// ---- answers that stand by themselves

std::string local_base_url(const Walk& walk) {
  return std::string(walk.flow.provider->endpoints.front().base_url);
}

std::string template_ids(const Walk& walk) {
  std::vector<std::string> ids;
  for (const TemplateModel& model : walk.flow.provider->models_at(walk.base_url()))
    ids.emplace_back(model.id);
  return join(ids, ", ");
}

// ---- what is accepted

Result<std::string> base_url_rule(const Walk&, std::string_view input) {
  return accept_base_url(input);
}
Result<std::string> api_key_rule(const Walk&, std::string_view input) {
  return accept_api_key(input);
}
bool needs_no_key(const Walk& walk) { return parse_url(walk.base_url()).is_loopback(); }
Result<std::string> local_key_rule(const Walk& walk, std::string_view input) {
  if (clean_input(input).empty() && needs_no_key(walk))
    return std::string(walk.flow.provider->placeholder_key);
  return accept_api_key(input);
}
Result<std::string> model_ids_rule(const Walk&, std::string_view input) {
  return accept_model_ids(input);
}

// ---- what the answers are warned of

std::vector<Warning> warn_of_base_url(const Walk& walk, std::string_view step) {
  return base_url_warnings(walk.protocol(), walk.base_url(), step);
}
std::vector<Warning> warn_of_api_key(const Walk& walk, std::string_view step) {
  const std::string_view key = walk.reveal(StepRole::api_key);
  auto warnings = api_key_warnings(key, walk.base_url(), step);
  const Provider* provider = walk.flow.provider;
  // A hint with an expiry date, not a rule: vendors change what their keys look like.
  if (provider && !key.starts_with(provider->key_prefix))
    warnings.push_back({"K201", "key.plan-endpoint", std::string(step),
                        std::string(provider->title) + " keys start with \"" +
                            std::string(provider->key_prefix) + "\"; this one does not."});
  return warnings;
}

// ---- Qwen OAuth

std::string oauth_prompt(const Walk& walk) {
  return "The Qwen OAuth free tier was discontinued on 2026-04-15: Qwen Code refuses to start with "
         "it. " +
         std::string(walk.oauth.alternatives.empty()
                         ? "No other model is configured yet; the next step sets one up."
                         : "The next step switches to a model that is configured already, or sets "
                           "up another one.");
}

std::vector<LabelledText> oauth_context(const Walk& walk) {
  const OauthFindings& found = walk.oauth;
  std::vector<LabelledText> context = {{"Cached tokens", found.tokens}};
  context.push_back({"Selected now", found.is_selected     ? "Qwen OAuth"
                                     : found.none_selected ? "nothing"
                                                           : "another method"});
  for (const Option& option : found.alternatives)
    context.push_back({"Configured", option.label + " · " + option.description});
  return context;
}

std::vector<Option> oauth_options(const Walk& walk) {
  std::vector<Option> options = walk.oauth.alternatives;
  for (Option& flow : flow_options({"coding-plan", "api-key"})) {
    flow.label = "Set up: " + flow.label;
    options.push_back(std::move(flow));
  }
  return options;
}

std::string oauth_switch_prompt(const Walk& walk) {
  return walk.oauth.has_tokens ? "The cached tokens are removed with the switch." : "";
}

// ---- the rows

StepRow menu_step(const char* id, const char* title, const char* label,
                  std::vector<Option> (*options)(const Walk&), const char* hint = select_hint) {
  return {.id = id,
          .kind = StepKind::select,
          .role = StepRole::menu,
          .title = title,
          .label = label,
          .hint = hint,
          .options = options};
}

std::vector<StepRow> custom_steps() {
  return {
      {.id = "custom-protocol-select",
       .kind = StepKind::select,
       .role = StepRole::protocol,
       .title = "Custom API Key · Select Protocol",
       .label = "Protocol",
       .hint = select_hint,
       .options = protocol_options,
       .drops_key = true},
      {.id = "custom-base-url-input",
       .kind = StepKind::text,
       .role = StepRole::base_url,
       .title = "Custom API Key · Base URL",
       .label = "Base URL",
       .hint = input_hint,
       .prompt = base_url_prompt,
       .context = protocol_context,
       .examples = base_url_examples,
       .links = documentation_link,
       .accept = base_url_rule,
       .warnings = warn_of_base_url,
       .drops_key = true},
      {.id = "custom-api-key-input",
       .kind = StepKind::secret,
       .role = StepRole::api_key,
       .title = "Custom API Key · API Key",
       .label = "API key",
       .hint = input_hint,
       .prompt = api_key_prompt,
       .context = endpoint_context,
       .accept = api_key_rule,
       .warnings = warn_of_api_key},
      {.id = "custom-model-id-input",
       .kind = StepKind::text,
       .role = StepRole::model_ids,
       .title = "Custom API Key · Model IDs",
       .label = "Model IDs",
       .hint = input_hint,
       .prompt = model_ids_prompt,
       .context = endpoint_context,
       .accept = model_ids_rule},
      {.id = "custom-review-json",
       .kind = StepKind::review,
       .role = StepRole::review,
       .title = "Custom API Key · Review",
       .label = "Review",
       .hint = review_hint,
       .prompt = review_prompt,
       .links = documentation_link},
  };
}

// The steps that a provider's row asks for. The Coding Plan's first two have the PRD's short names.
std::vector<StepRow> provider_steps(const Provider& provider) {
  const std::string title(provider.title);
  const std::string prefix =
      provider.id == "coding-plan" ? std::string() : std::string(provider.id) + "-";
  std::vector<StepRow> steps;
  if (provider.endpoints.size() > 1)
    steps.push_back({.id = prefix + "region-select",
                     .kind = StepKind::select,
                     .role = StepRole::region,
                     .title = title + " · Select Region",
                     .label = "Region",
                     .hint = select_hint,
                     .options = region_options,
                     .drops_key = true});
  if (provider.is_local())
    steps.push_back({.id = prefix + "base-url-input",
                     .kind = StepKind::text,
                     .role = StepRole::base_url,
                     .title = title + " · Base URL",
                     .label = "Base URL",
                     .hint = input_hint,
                     .prompt = base_url_prompt,
                     .initial = local_base_url,
                     .accept = base_url_rule,
                     .warnings = warn_of_base_url,
                     .drops_key = true});
  steps.push_back({.id = prefix + "api-key-input",
                   .kind = StepKind::secret,
                   .role = StepRole::api_key,
                   .title = title + " · API Key",
                   .label = "API key",
                   .hint = input_hint,
                   .prompt = provider_key_prompt,
                   .context = endpoint_context,
                   .links = provider_link,
                   .accept = provider.is_local() ? local_key_rule : api_key_rule,
                   .warnings = warn_of_api_key,
                   .is_optional = provider.is_local() ? needs_no_key : nullptr});
  if (!provider.models_are_fixed)
    steps.push_back({.id = prefix + "model-id-input",
                     .kind = StepKind::text,
                     .role = StepRole::model_ids,
                     .title = title + " · Model IDs",
                     .label = "Model IDs",
                     .hint = input_hint,
                     .prompt = model_ids_prompt,
                     .context = endpoint_context,
                     .initial = provider.models.empty() ? nullptr : template_ids,
                     .accept = model_ids_rule});
  steps.push_back({.id = std::string(provider.id) + "-review-json",
                   .kind = StepKind::review,
                   .role = StepRole::review,
                   .title = title + " · Review",
                   .label = "Review",
                   .hint = review_hint,
                   .prompt = review_prompt,
                   .links = documentation_link});
  return steps;
}

std::vector<StepRow> oauth_steps() {
  return {
      {.id = "qwen-oauth-notice",
       .kind = StepKind::notice,
       .role = StepRole::notice,
       .title = "Qwen OAuth · Discontinued",
       .label = "Qwen OAuth",
       .hint = input_hint,
       .prompt = oauth_prompt,
       .context = oauth_context},
      {.id = "qwen-oauth-switch-select",
       .kind = StepKind::select,
       .role = StepRole::model,
       .title = "Qwen OAuth · Switch to",
       .label = "Switch to",
       .hint = select_hint,
       .prompt = oauth_switch_prompt,
       .options = oauth_options},
      {.id = "qwen-oauth-review-json",
       .kind = StepKind::review,
       .role = StepRole::review,
       .title = "Qwen OAuth · Review",
       .label = "Review",
       .hint = review_hint,
       .prompt = review_prompt},
  };
}

FlowRow provider_flow(const Provider& provider) {
  return {.id = std::string(provider.id),
          .title = std::string(provider.title),
          .description = std::string(provider.description),
          .provider = &provider,
          .steps = provider_steps(provider)};
}

std::vector<FlowRow> make_flows() {
  std::vector<FlowRow> flows = {
      {.id = "auth",
       .title = "Select Authentication Method",
       .description = "Every way to authenticate Qwen Code",
       .steps = {menu_step("main", "Select Authentication Method", "Method", main_options,
                           "Enter to select, ↑↓ to navigate, Esc to close")}},
      {.id = "api-key",
       .title = "API Key",
       .description = "Bring your own API key",
       .steps = {menu_step("api-key-type-select", "Select API Key Type", "API key type",
                           api_key_type_options)}},
      {.id = "custom-api-key",
       .title = "Custom API Key",
       .description = "For other OpenAI / Anthropic / Gemini-compatible providers",
       .steps = custom_steps()},
      {.id = "qwen-oauth",
       .title = "Qwen OAuth",
       .description = "Discontinued — switch to Coding Plan or API Key",
       .deprecated = "The Qwen OAuth free tier was discontinued on 2026-04-15.",
       .steps = oauth_steps()},
      {.id = "third-party",
       .title = "Third-party Providers",
       .description = "DeepSeek, Grok, Kimi, MiniMax, OpenRouter, Z.AI and others",
       .steps = {menu_step("third-party-select", "Select Provider", "Provider",
                           third_party_options)}},
      {.id = "local",
       .title = "Local Models",
       .description = "Ollama, LM Studio, vLLM",
       .steps = {menu_step("local-select", "Select Server", "Server", local_options)}},
  };
  for (const Provider& provider : providers()) flows.push_back(provider_flow(provider));
  return flows;
}

const std::vector<FlowRow>& table() {
  static const std::vector<FlowRow> flows = make_flows();
  return flows;
}

}  // namespace

std::string Walk::text(StepRole role) const {
  const StepRow* row = flow.find(role);
  if (!row) return {};
  if (!answers.has(row->id) && row->initial) return row->initial(*this);
  return answers.text(row->id);
}

std::string_view Walk::reveal(StepRole role) const {
  const StepRow* row = flow.find(role);
  return row ? answers.reveal(row->id) : std::string_view();
}

std::string Walk::protocol() const { return flow.provider ? "openai" : text(StepRole::protocol); }

std::string Walk::base_url() const {
  if (!flow.provider || flow.provider->is_local()) return text(StepRole::base_url);
  const Endpoint* region = flow.provider->find_endpoint(text(StepRole::region));
  return std::string(region ? region->base_url : flow.provider->endpoints.front().base_url);
}

const StepRow* FlowRow::find(StepRole role) const {
  const auto found = std::ranges::find(steps, role, &StepRow::role);
  return found == steps.end() ? nullptr : &*found;
}

std::span<const FlowRow> flow_rows() { return table(); }

const FlowRow* find_flow(std::string_view id) {
  const auto found = std::ranges::find(table(), id, &FlowRow::id);
  return found == table().end() ? nullptr : &*found;
}

}  // namespace authd::core
