// The walk through the dialog: steps, answers, Esc.
#include "daemon/core/endpoint.hpp"
#include "daemon/core/wizard.hpp"

#include <catch2/catch.hpp>

#include "daemon/core/wizard_flows.hpp"
#include "tests/unit/walked_wizard.hpp"

namespace authd::core {
namespace {

using test::walked;

Secret secret(std::string_view text) { return Secret(text); }

Wizard at_review() {
  return walked({"openai", "https://openrouter.ai/api/v1", "sk-or-v1-1234567890", "qwen/qwen3-coder,openai/gpt-4.1"});
}

}  // namespace

TEST_CASE("the custom wizard walks from protocol to review") {
  Wizard wizard = walked({});
  const std::vector<std::pair<std::string, std::string>> steps{{"custom-protocol-select", "anthropic"},
                                                               {"custom-base-url-input", "https://api.anthropic.com"},
                                                               {"custom-api-key-input", "sk-ant-1234567890"},
                                                               {"custom-model-id-input", "claude-sonnet-4-5"}};
  for (const auto& [step, answer] : steps) {
    CHECK(wizard.step_id() == step);
    CHECK_FALSE(wizard.at_review());
    REQUIRE(wizard.submit(step, secret(answer)));
  }
  CHECK(wizard.step_id() == "custom-review-json");
  CHECK(wizard.at_review());
  CHECK(wizard.installation().protocol == "anthropic");
  CHECK(wizard.installation().base_url == "https://api.anthropic.com");
  CHECK(wizard.installation().model_ids == std::vector<std::string>{"claude-sonnet-4-5"});
  CHECK(wizard.api_key() == "sk-ant-1234567890");
}

TEST_CASE("each protocol can be selected, and nothing else") {
  for (const std::string protocol : {"openai", "anthropic", "gemini"}) {
    CAPTURE(protocol);
    CHECK(walked({protocol}).step_id() == "custom-base-url-input");
  }
  for (const std::string_view wrong : {"", "vertex-ai", "OpenAI", "openai ", "qwen-oauth", "custom-api-key"}) {
    CAPTURE(wrong);
    Wizard wizard = walked({});
    const auto refused = wizard.submit("custom-protocol-select", secret(wrong));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid_input);
    CHECK(refused.error().field == "value");
    for (const char* name : {"openai", "anthropic", "gemini"}) CHECK_THAT(refused.error().message, Catch::Contains(name));
    CHECK(wizard.step_id() == "custom-protocol-select");
  }
}

TEST_CASE("Esc goes exactly one step back along the PRD's edges, answers kept") {
  Wizard wizard = walked({"api-key", "custom-api-key", "gemini", "https://g.example", "AIza-1234567890", "gemini-pro"}, "auth");
  for (const char* step : {"custom-model-id-input", "custom-api-key-input", "custom-base-url-input",
                           "custom-protocol-select", "api-key-type-select", "main"}) {
    REQUIRE(wizard.can_go_back());
    REQUIRE(wizard.back());
    CHECK(wizard.step_id() == step);
    CHECK(wizard.view().has_value);
  }
  CHECK_FALSE(wizard.can_go_back());
  CHECK_FALSE(wizard.back());
  CHECK(wizard.step_id() == "main");
}

TEST_CASE("started directly, the first step of a flow has nothing before it") {
  Wizard wizard = walked({});
  CHECK_FALSE(wizard.can_go_back());
  CHECK_FALSE(wizard.back());
  CHECK(wizard.step_id() == "custom-protocol-select");
  CHECK(walked({"openai"}).can_go_back());
}

TEST_CASE("after going back, the earlier answers stand without being given again") {
  Wizard wizard = at_review();
  while (wizard.back()) {
  }
  for (int i = 0; i < 4; ++i) REQUIRE(wizard.submit(wizard.step_id(), std::nullopt));
  CHECK(wizard.at_review());
  CHECK(wizard.installation().model_ids == std::vector<std::string>{"qwen/qwen3-coder", "openai/gpt-4.1"});
  CHECK(wizard.api_key() == "sk-or-v1-1234567890");
}

TEST_CASE("a step without an earlier answer wants one") {
  Wizard wizard = walked({"openai"});
  const auto refused = wizard.submit("custom-base-url-input", std::nullopt);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "Base URL cannot be empty.");
}

TEST_CASE("an answer to another step is refused and names the current one") {
  Wizard wizard = walked({"openai"});
  for (const char* step : {"custom-protocol-select", "custom-api-key-input", "custom-review-json", "", "nonsense"}) {
    CAPTURE(step);
    const auto refused = wizard.submit(step, secret("https://x/v1"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::wrong_step);
    CHECK(refused.error().data.at("current") == "custom-base-url-input");
    CHECK(wizard.step_id() == "custom-base-url-input");
  }
}

TEST_CASE("the review takes no answer") {
  Wizard wizard = at_review();
  const auto refused = wizard.submit("custom-review-json", secret("yes"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid_input);
  CHECK(wizard.at_review());
}

TEST_CASE("changing the protocol or the base URL drops the key that was typed for the former one") {
  struct Row {
    int steps_back;
    std::string answer;
    bool kept;
  };
  const auto row = GENERATE(values<Row>({
      {4, "gemini", false},
      {4, "openai", true},
      {3, "https://elsewhere.example/v1", false},
      {3, "https://openrouter.ai/api/v2", false},
      {3, " https://openrouter.ai/api/v1 ", true},
  }));
  CAPTURE(row.answer);
  Wizard wizard = at_review();
  for (int i = 0; i < row.steps_back; ++i) wizard.back();
  REQUIRE(wizard.submit(wizard.step_id(), secret(row.answer)));
  while (wizard.step_id() != "custom-api-key-input") REQUIRE(wizard.submit(wizard.step_id(), std::nullopt));
  CHECK(wizard.view().has_value == row.kept);
  CHECK(wizard.api_key() == (row.kept ? "sk-or-v1-1234567890" : ""));
  CHECK(wizard.submit("custom-api-key-input", std::nullopt).has_value() == row.kept);
}

TEST_CASE("a refused answer leaves the earlier one and the key where they were") {
  Wizard wizard = at_review();
  for (int i = 0; i < 3; ++i) wizard.back();
  REQUIRE_FALSE(wizard.submit("custom-base-url-input", secret("ftp://x")));
  CHECK(wizard.view().value == "https://openrouter.ai/api/v1");
  CHECK(wizard.api_key() == "sk-or-v1-1234567890");
}

TEST_CASE("amending replaces an answer without moving") {
  Wizard wizard = walked({"anthropic", "https://api.anthropic.com/v1", "sk-ant-1234567890", "claude"});
  REQUIRE(wizard.amend("custom-base-url-input", secret("https://api.anthropic.com")));
  CHECK(wizard.at_review());
  CHECK(wizard.installation().base_url == "https://api.anthropic.com");
  CHECK(wizard.api_key() == "sk-ant-1234567890");
  REQUIRE(wizard.amend("custom-model-id-input", secret("a,b,a")));
  CHECK(wizard.installation().model_ids == std::vector<std::string>{"a", "b"});
}

TEST_CASE("amending to another host asks for the key again, since it was meant for the former one") {
  const auto url = GENERATE(as<std::string>(), "https://evil.example/v1", "http://openrouter.ai/api/v1", "https://openrouter.ai:8443/api/v1");
  CAPTURE(url);
  Wizard wizard = at_review();
  REQUIRE(wizard.amend("custom-base-url-input", secret(url)));
  CHECK(wizard.step_id() == "custom-api-key-input");
  CHECK(wizard.api_key().empty());
}

TEST_CASE("amending is refused for steps without an answer, and for unacceptable ones") {
  Wizard wizard = walked({"openai", "https://openrouter.ai/api/v1"});
  for (const char* step : {"custom-api-key-input", "custom-model-id-input", "custom-review-json", "main", "nonsense"}) {
    CAPTURE(step);
    const auto refused = wizard.amend(step, secret("x"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::wrong_step);
  }
  const auto refused = wizard.amend("custom-base-url-input", secret("example.com"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "Base URL must start with http:// or https://.");
  CHECK(wizard.step_id() == "custom-api-key-input");
}

TEST_CASE("only flows that exist can be started") {
  for (const char* flow : {"auth", "api-key", "custom-api-key", "coding-plan", "third-party"}) CHECK(Wizard::start(flow));
  for (const char* flow : {"", "custom", "main"}) {
    CAPTURE(flow);
    const auto refused = Wizard::start(flow);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid_input);
    CHECK(refused.error().field == "flow");
  }
}

TEST_CASE("the menus lead to the custom wizard") {
  Wizard wizard = walked({}, "auth");
  CHECK(wizard.step_id() == "main");
  REQUIRE_FALSE(wizard.submit("main", secret("custom")));
  REQUIRE(wizard.submit("main", secret("api-key")));
  CHECK(wizard.step_id() == "api-key-type-select");
  REQUIRE(wizard.submit("api-key-type-select", secret("custom-api-key")));
  CHECK(wizard.step_id() == "custom-protocol-select");
  CHECK(wizard.flow() == "custom-api-key");
}

TEST_CASE("the Coding Plan asks for region and key, and warns of a key of another kind") {
  Wizard wizard = walked({"global"}, "coding-plan");
  CHECK(wizard.step_id() == "api-key-input");
  REQUIRE(wizard.submit("api-key-input", secret("sk-1234567890ab")));
  CHECK(wizard.step_id() == "coding-plan-review-json");
  REQUIRE(wizard.view().warnings.size() == 1);
  CHECK(wizard.view().warnings[0].code == "K201");
  CHECK(wizard.view().warnings[0].step == "api-key-input");
  CHECK(wizard.view().warnings[0].message ==
        "Alibaba Cloud Coding Plan keys start with \"sk-sp-\"; this one does not.");
  const Installation wanted = wizard.installation();
  CHECK(wanted.protocol == "openai");
  CHECK(wanted.base_url == "https://coding-intl.dashscope.aliyuncs.com/v1");
  CHECK(wanted.model_ids.size() == 9);
  CHECK(walked({"china", "sk-sp-1234567890"}, "coding-plan").view().warnings.empty());
  const auto refused = walked({}, "coding-plan").submit("region-select", secret("mars"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "Choose one of: china, global.");
}

TEST_CASE("a region that is called like a flow is a region") {
  Wizard wizard = walked({"coding-plan", "sk-1234567890ab"}, "zai");
  CHECK(wizard.step_id() == "zai-model-id-input");
  CHECK(wizard.installation().base_url == "https://api.z.ai/api/coding/paas/v4");
}

TEST_CASE("default model ids stand until others are given") {
  Wizard wizard = walked({"us-virginia", "sk-1234567890ab"}, "alibaba-standard");
  CHECK(wizard.step_id() == "alibaba-standard-model-id-input");
  CHECK(wizard.view().has_value);
  CHECK(wizard.view().value == "qwen3.5-plus, glm-5, kimi-k2.5");
  REQUIRE(wizard.submit("alibaba-standard-model-id-input", std::nullopt));
  CHECK(wizard.installation().model_ids == std::vector<std::string>{"qwen3.5-plus", "glm-5", "kimi-k2.5"});
  CHECK(wizard.installation().base_url == "https://dashscope-us.aliyuncs.com/compatible-mode/v1");
  REQUIRE(wizard.back());
  REQUIRE(wizard.submit("alibaba-standard-model-id-input", secret("qwen-max")));
  CHECK(wizard.installation().model_ids == std::vector<std::string>{"qwen-max"});
}

TEST_CASE("another region drops the key that was typed for the former one") {
  Wizard wizard = walked({"china", "sk-sp-1234567890"}, "coding-plan");
  REQUIRE(wizard.back());
  REQUIRE(wizard.back());
  REQUIRE(wizard.submit("region-select", secret("global")));
  CHECK_FALSE(wizard.view().has_value);
  CHECK(wizard.api_key().empty());
}

TEST_CASE("a server on this machine needs no key, one elsewhere does") {
  Wizard local = walked({"http://127.0.0.1:11434/v1"}, "ollama");
  CHECK(local.view().is_optional);
  REQUIRE(local.submit("ollama-api-key-input", secret("")));
  CHECK(local.api_key() == "ollama-needs-no-key");
  CHECK_FALSE(local.view().has_value);  // whoever asks a server for its models knows their names
  Wizard far = walked({"https://gpu.example/v1"}, "vllm");
  CHECK_FALSE(far.view().is_optional);
  CHECK(far.submit("vllm-api-key-input", secret("")).error().message == "API key cannot be empty.");
  Wizard standing = walked({}, "lm-studio");
  CHECK(standing.view().value == "http://127.0.0.1:1234/v1");
  REQUIRE(standing.submit("lm-studio-base-url-input", std::nullopt));
  CHECK(standing.installation().base_url == "http://127.0.0.1:1234/v1");
}

TEST_CASE("where the key comes from a command no step asks for one, forwards or back") {
  auto wizard = Wizard::start("coding-plan", true);
  REQUIRE(wizard);
  REQUIRE(wizard->submit("region-select", secret("china")));
  CHECK(wizard->step_id() == "coding-plan-review-json");
  REQUIRE(wizard->back());
  CHECK(wizard->step_id() == "region-select");
  CHECK_FALSE(wizard->can_go_back());
  auto keyed_first = Wizard::start("deepseek", true);
  REQUIRE(keyed_first);
  CHECK(keyed_first->step_id() == "deepseek-model-id-input");
  CHECK_FALSE(keyed_first->can_go_back());
  CHECK_FALSE(keyed_first->back());
}

TEST_CASE("Qwen OAuth is told to be gone, and leads to a configured model or to another flow") {
  Wizard wizard = walked({}, "qwen-oauth");
  wizard.learn({.tokens = "expired on 2026-05-01 10:00 UTC",
                .has_tokens = true,
                .is_selected = true,
                .alternatives = {{"openai/m@https://a.example/v1", "m", "openai · a.example"}},
                .models = {{"openai", "m", "https://a.example/v1"}}});
  StepView view = wizard.view();
  CHECK(step_kind_name(view.kind) == "notice");
  CHECK_THAT(view.prompt, Catch::Contains("discontinued on 2026-04-15"));
  CHECK(view.context[0].value == "expired on 2026-05-01 10:00 UTC");
  CHECK(view.context[2].value == "m · openai · a.example");
  REQUIRE(wizard.submit("qwen-oauth-notice", std::nullopt));
  CHECK(wizard.view().options.size() == 3);
  REQUIRE(wizard.submit("qwen-oauth-switch-select", secret("openai/m@https://a.example/v1")));
  CHECK(wizard.step_id() == "qwen-oauth-review-json");
  REQUIRE(wizard.selection());
  CHECK(wizard.selection()->base_url == "https://a.example/v1");
  REQUIRE(wizard.back());
  REQUIRE(wizard.submit("qwen-oauth-switch-select", secret("m")));  // what a person types
  CHECK(wizard.selection()->model == "m");
  Wizard other = walked({"", "coding-plan"}, "qwen-oauth");
  CHECK(other.step_id() == "region-select");
  CHECK(other.comes_from_oauth());
  CHECK_FALSE(other.selection());
}

TEST_CASE("model ids are split, trimmed, freed of empty ones and repetitions, in their order") {
  struct Row {
    std::string input;
    std::vector<std::string> ids;
  };
  const auto row = GENERATE(values<Row>({
      {"qwen/qwen3-coder, openai/gpt-4.1, qwen/qwen3-coder", {"qwen/qwen3-coder", "openai/gpt-4.1"}},
      {"qwen/qwen3-coder,openai/gpt-4.1", {"qwen/qwen3-coder", "openai/gpt-4.1"}},
      {"one", {"one"}},
      {" , a ,, b ,\t", {"a", "b"}},
      {"b,a,b,a", {"b", "a"}},
      {"A,a", {"A", "a"}},
      {"a b", {"a b"}},
      {"\xC2\xA0"
       "a\xEF\xBB\xBF,\xE3\x80\x80"
       "b",
       {"a", "b"}},
      {"", {}},
      {" ,,, ", {}},
  }));
  CAPTURE(row.input);
  CHECK(normalized_model_ids(row.input) == row.ids);
}

TEST_CASE("warnings come with the state after the answer, on the step again, and all at the end") {
  Wizard wizard = walked({"anthropic"});
  CHECK(wizard.view().warnings.empty());
  REQUIRE(wizard.submit("custom-base-url-input", secret("https://api.anthropic.com/v1")));
  REQUIRE(wizard.view().warnings.size() == 1);
  CHECK(wizard.view().warnings[0].code == "U301");
  CHECK(wizard.view().warnings[0].step == "custom-base-url-input");
  CHECK(wizard.view().warnings[0].suggestion == "https://api.anthropic.com");
  REQUIRE(wizard.submit("custom-api-key-input", secret("sk-$HOME-1234567890")));
  REQUIRE(wizard.view().warnings.size() == 1);
  CHECK(wizard.view().warnings[0].step == "custom-api-key-input");
  REQUIRE(wizard.submit("custom-model-id-input", secret("claude")));
  CHECK(wizard.view().warnings.empty());
  CHECK(wizard.warnings().size() == 2);
  REQUIRE(wizard.amend("custom-base-url-input", secret("https://api.anthropic.com")));
  CHECK(wizard.warnings().size() == 1);
  wizard.back();
  wizard.back();
  CHECK(wizard.step_id() == "custom-api-key-input");
  CHECK(wizard.view().warnings.size() == 1);
}

}  // namespace authd::core
