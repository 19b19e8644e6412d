// Every text of the PRD's screens, verbatim.
#include <catch2/catch.hpp>

#include "daemon/core/wizard.hpp"
#include "tests/unit/walked_wizard.hpp"

namespace authd::core {
namespace {

using test::walked;

std::vector<std::string> lines(const std::vector<LabelledText>& list) {
  std::vector<std::string> texts;
  for (const auto& item : list) texts.push_back(item.label + ": " + item.value);
  return texts;
}

const char* input_hint = "Enter to continue, Esc to go back";
const char* openrouter_url = "https://openrouter.ai/api/v1";

std::string refusal(std::initializer_list<std::string_view> before, std::string_view answer) {
  Wizard wizard = walked(before);
  const std::string step = wizard.step_id();
  const auto refused = wizard.submit(step, Secret(answer));
  if (refused) return "accepted";
  CHECK(refused.error().kind == ErrorKind::invalid_input);
  CHECK(refused.error().field == "value");
  CHECK(wizard.step_id() == step);
  return refused.error().message;
}

}  // namespace

TEST_CASE("the protocol screen is the PRD's") {
  const StepView view = walked({}).view();
  CHECK(view.id == "custom-protocol-select");
  CHECK(step_kind_name(view.kind) == "select");
  CHECK(view.title == "Custom API Key · Select Protocol");
  CHECK(view.hint == "Enter to select, ↑↓ to navigate, Esc to go back");
  REQUIRE(view.options.size() == 3);
  CHECK(view.options[0].value == "openai");
  CHECK(view.options[0].label == "OpenAI-compatible");
  CHECK(view.options[0].description == "OpenAI, OpenRouter, Fireworks, vLLM, Ollama, LM Studio");
  CHECK(view.options[1].value == "anthropic");
  CHECK(view.options[1].label == "Anthropic-compatible");
  CHECK(view.options[1].description == "Anthropic-compatible endpoints");
  CHECK(view.options[2].value == "gemini");
  CHECK(view.options[2].label == "Gemini-compatible");
  CHECK(view.options[2].description == "Gemini-compatible endpoints");
  CHECK_FALSE(view.has_value);
}

TEST_CASE("the base URL screen is the PRD's, for each protocol") {
  struct Row {
    std::string protocol, label;
    std::vector<std::string> examples;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "OpenAI-compatible",
       {"OpenAI: https://api.openai.com/v1", "OpenRouter: https://openrouter.ai/api/v1",
        "Fireworks: https://api.fireworks.ai/inference/v1", "Ollama: http://localhost:11434/v1",
        "LM Studio: http://localhost:1234/v1"}},
      {"anthropic", "Anthropic-compatible", {}},
      {"gemini", "Gemini-compatible", {}},
  }));
  CAPTURE(row.protocol);
  const StepView view = walked({row.protocol}).view();
  CHECK(view.id == "custom-base-url-input");
  CHECK(step_kind_name(view.kind) == "text");
  CHECK(view.title == "Custom API Key · Base URL");
  CHECK(lines(view.context) == std::vector<std::string>{"Protocol: " + row.label});
  CHECK(view.prompt == "Enter the " + row.label + " API endpoint.");
  CHECK(view.label == "Base URL");
  CHECK(lines(view.examples) == row.examples);
  CHECK(view.hint == input_hint);
}

TEST_CASE("the API key screen is the PRD's, and never gives the key back") {
  Wizard wizard = walked({"openai", openrouter_url});
  StepView view = wizard.view();
  CHECK(view.id == "custom-api-key-input");
  CHECK(step_kind_name(view.kind) == "secret");
  CHECK(view.title == "Custom API Key · API Key");
  CHECK(lines(view.context) == std::vector<std::string>{"Protocol: OpenAI-compatible", "Endpoint: https://openrouter.ai/api/v1"});
  CHECK(view.prompt == "Enter the API key for this endpoint.");
  CHECK(view.label == "API key");
  CHECK(view.hint == input_hint);
  CHECK_FALSE(view.has_value);
  REQUIRE(wizard.submit("custom-api-key-input", Secret(std::string_view("sk-or-v1-1234567890"))));
  wizard.back();
  view = wizard.view();
  CHECK(view.has_value);
  CHECK_FALSE(view.value);
}

TEST_CASE("the model ids screen is the PRD's") {
  const StepView view = walked({"openai", openrouter_url, "sk-or-v1-1234567890"}).view();
  CHECK(view.id == "custom-model-id-input");
  CHECK(step_kind_name(view.kind) == "text");
  CHECK(view.title == "Custom API Key · Model IDs");
  CHECK(lines(view.context) == std::vector<std::string>{"Protocol: OpenAI-compatible", "Endpoint: https://openrouter.ai/api/v1"});
  CHECK(view.prompt == "Enter one or more model IDs, separated by commas.");
  CHECK(view.label == "Model IDs");
  CHECK(view.hint == input_hint);
}

TEST_CASE("the review screen is the PRD's, with the link to the documentation") {
  const StepView view = walked({"openai", openrouter_url, "sk-or-v1-1234567890", "m"}).view();
  CHECK(view.id == "custom-review-json");
  CHECK(step_kind_name(view.kind) == "review");
  CHECK(view.title == "Custom API Key · Review");
  CHECK(view.prompt == "The following JSON will be saved to settings.json:");
  CHECK(view.hint == "Enter to save, Esc to go back");
  CHECK(lines(view.links) ==
        std::vector<std::string>{"Need advanced generationConfig or capabilities? See:: "
                                 "https://qwenlm.github.io/qwen-code-docs/en/users/configuration/model-providers/"});
}

TEST_CASE("the menus above are the documentation's tree") {
  Wizard wizard = walked({}, "auth");
  StepView view = wizard.view();
  CHECK(view.id == "main");
  CHECK(view.title == "Select Authentication Method");
  REQUIRE(view.options.size() == 3);
  CHECK(view.options[0].label == "Alibaba Cloud Coding Plan");
  CHECK(view.options[0].description == "Paid · Up to 6,000 requests/5 hrs · All Alibaba Cloud Coding Plan Models");
  CHECK(view.options[1].label == "API Key");
  CHECK(view.options[1].description == "Bring your own API key");
  CHECK(view.options[2].label == "Qwen OAuth");
  CHECK(view.options[2].description == "Discontinued — switch to Coding Plan or API Key");
  REQUIRE(wizard.submit("main", Secret(std::string_view("api-key"))));
  view = wizard.view();
  CHECK(view.id == "api-key-type-select");
  CHECK(view.title == "Select API Key Type");
  std::vector<std::string> values;
  for (const Option& option : view.options) values.push_back(option.value);
  CHECK(values == std::vector<std::string>{"alibaba-standard", "custom-api-key", "token-plan", "third-party", "local"});
  CHECK(view.options[0].label == "Alibaba Cloud ModelStudio Standard API Key");
  CHECK(view.options[1].label == "Custom API Key");
}

TEST_CASE("every flow of the contract is listed and can be started") {
  std::vector<std::string> ids;
  for (const FlowInfo& flow : wizard_flows()) {
    ids.push_back(flow.id);
    CHECK_FALSE(flow.title.empty());
    CHECK_FALSE(flow.description.empty());
    CHECK(Wizard::start(flow.id));
  }
  for (const char* id : {"auth", "coding-plan", "api-key", "alibaba-standard", "custom-api-key", "qwen-oauth", "token-plan",
                         "deepseek", "grok", "minimax", "zai", "moonshot", "idealab", "modelscope", "openrouter",
                         "requesty", "fireworks", "ollama", "lm-studio", "vllm"})
    CHECK_THAT(ids, Catch::VectorContains(std::string(id)));
}

TEST_CASE("an empty or senseless answer is refused in the PRD's words") {
  struct Row {
    std::vector<std::string_view> before;
    std::string_view answer;
    std::string message;
  };
  const std::string no_url = "Base URL cannot be empty.", no_scheme = "Base URL must start with http:// or https://.",
                    no_key = "API key cannot be empty.", no_models = "Model IDs cannot be empty.";
  for (const std::string_view blank : {"", " \t\r\n ", "\xEF\xBB\xBF", "\xE2\x80\x8B\xC2\xA0", "\x1b[200~\x1b[201~"}) {
    CAPTURE(blank);
    CHECK(refusal({"openai"}, blank) == no_url);
    CHECK(refusal({"openai", openrouter_url}, blank) == no_key);
    CHECK(refusal({"openai", openrouter_url, "sk-or-v1-1234567890"}, blank) == no_models);
  }
  for (const std::string_view wrong : {"api.openai.com/v1", "ftp://api.openai.com", "https:/api.openai.com", "http", "//host/v1",
                                       "javascript:alert(1)", "xhttps://h", "file:///etc/passwd", "https"}) {
    CAPTURE(wrong);
    CHECK(refusal({"openai"}, wrong) == no_scheme);
  }
  for (const std::string_view wrong : {",", " , ,, "}) CHECK(refusal({"openai", openrouter_url, "sk-or-v1-1234567890"}, wrong) == no_models);
}

TEST_CASE("a base URL is accepted in any case of its scheme and kept as it was entered, but trimmed") {
  struct Row {
    std::string entered, kept;
  };
  const auto row = GENERATE(values<Row>({
      {"https://api.anthropic.com/v1", "https://api.anthropic.com/v1"},
      {"HTTPS://API.OpenAI.com/V1/", "HTTPS://API.OpenAI.com/V1/"},
      {" \t https://h/v1 \r\n", "https://h/v1"},
      {"\xEF\xBB\xBFhttps://h/v1\xE2\x80\x8B", "https://h/v1"},
      {"\x1b[200~https://h/v1\x1b[201~", "https://h/v1"},
      {"https://h/a b?x=1#y", "https://h/a b?x=1#y"},
      {"http://例え.jp", "http://例え.jp"},
  }));
  CAPTURE(row.entered);
  CHECK(walked({"openai", row.entered}).installation().base_url == row.kept);
}

TEST_CASE("a base URL with a control character inside is refused, and it is named") {
  for (const auto& [url, name] : {std::pair<std::string_view, const char*>{"https://h\n/v1", "U+000A"},
                                  {"https://h\r\nX: y/v1", "U+000D"},
                                  {"https://h\x1b[31m/v1", "U+001B"},
                                  {"https://h\x7f/v1", "U+007F"},
                                  {std::string_view("https://h\0/v1", 13), "U+0000"}}) {
    CAPTURE(name);
    CHECK_THAT(refusal({"openai"}, url), Catch::Contains(name));
  }
}

TEST_CASE("a key is trimmed, and any other character than those of a key is named with its position") {
  CHECK(walked({"openai", openrouter_url, "\xEF\xBB\xBF \x1b[200~sk-or-v1-1234567890\n\x1b[201~\xE2\x80\x8B"}).api_key() == "sk-or-v1-1234567890");
  CHECK(walked({"openai", openrouter_url, "!~sk-or-v1-1234567890"}).api_key() == "!~sk-or-v1-1234567890");
  struct Row {
    std::string_view key, name, position;
  };
  const auto row = GENERATE(values<Row>({
      {"“sk-or-v1-1234567890”", "U+201C", "position 1"},
      {"sk-or v1-1234567890", "U+0020", "position 6"},
      {"sk-or-v1-\xC2\xA0"
       "1234567890",
       "U+00A0", "position 10"},
      {"sk-or-v1-12345\n67890", "U+000A", "position 15"},
      {"sk-é", "U+00E9", "position 4"},
      {"sk-\xE2\x80\x8B"
       "v1",
       "U+200B", "position 4"},
      {"sk-😀", "U+1F600", "position 4"},
      {"sk-\x7f", "U+007F", "position 4"},
      {std::string_view("sk-\0x", 5), "U+0000", "position 4"},
  }));
  CAPTURE(row.key);
  const std::string message = refusal({"openai", openrouter_url}, row.key);
  CHECK_THAT(message, Catch::Contains(std::string(row.name)));
  CHECK_THAT(message, Catch::Contains(std::string(row.position)));
  CHECK_THAT(message, !Catch::Contains("sk-"));
}

TEST_CASE("a base URL past 2048 bytes and a 257th model ID are refused") {
  const std::string url = "https://h/";
  CHECK(refusal({"openai"}, url + std::string(2038, 'v')) == "accepted");
  CHECK(refusal({"openai"}, url + std::string(2039, 'v')) == "Base URL is longer than 2048 bytes.");
  std::string ids;
  for (int i = 0; i < 256; ++i) ids += "m" + std::to_string(i) + ",";
  CHECK(refusal({"openai", url, "sk-0123456789"}, ids) == "accepted");
  CHECK(refusal({"openai", url, "sk-0123456789"}, ids + "one-more") == "More than 256 model IDs at once.");
}

TEST_CASE("an answer past 16 KiB is refused") {
  CHECK(refusal({"openai", openrouter_url}, std::string(16'384, 'k')) == "accepted");
  CHECK(refusal({"openai", openrouter_url}, std::string(16'385, 'k')) != "accepted");
}

}  // namespace authd::core
