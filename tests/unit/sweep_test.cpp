// The vendors' regions and plans: who is asked, what the answers mean, what a switch writes.
#include <catch2/catch.hpp>

#include "daemon/core/sweep.hpp"
#include "tests/unit/place.hpp"

namespace authd::core {
namespace {

std::vector<std::string> sibling_urls(const std::string& base_url, const std::string& protocol = "openai") {
  std::vector<std::string> urls;
  for (const VendorEndpoint& one : siblings_of(protocol, base_url)) urls.emplace_back(one.endpoint->base_url);
  return urls;
}

VendorEndpoint vendor_at(const std::string& base_url) { return vendor_endpoint(base_url).value(); }

SweepAnswer answer_of(const std::string& base_url, VerdictState state, std::string code = "") {
  SweepAnswer answer{vendor_at(base_url), {}};
  answer.verdict.state = state;
  answer.verdict.code = std::move(code);
  return answer;
}

Verdict refused_at(const std::string& base_url) {
  Verdict verdict;
  verdict.state = VerdictState::rejected;
  verdict.code = "K203";
  verdict.base_url = base_url;
  return verdict;
}

const std::string beijing = "https://dashscope.aliyuncs.com/compatible-mode/v1";
const std::string singapore = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1";
const std::string virginia = "https://dashscope-us.aliyuncs.com/compatible-mode/v1";
const std::string hong_kong = "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1";
const std::string coding = "https://coding.dashscope.aliyuncs.com/v1";
const std::string coding_intl = "https://coding-intl.dashscope.aliyuncs.com/v1";
const std::string token_beijing = "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1";
const std::string token_singapore = "https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1";

}  // namespace

TEST_CASE("the siblings of an endpoint are its vendor's, those of the same plan first") {
  using Urls = std::vector<std::string>;
  CHECK(sibling_urls(beijing) == Urls{singapore, virginia, hong_kong, coding, coding_intl, token_beijing, token_singapore});
  CHECK(sibling_urls(coding_intl + "/") == Urls{coding, token_beijing, token_singapore, beijing, singapore, virginia, hong_kong});
  CHECK(sibling_urls("https://api.z.ai/api/paas/v4") == Urls{"https://api.z.ai/api/coding/paas/v4", "https://open.bigmodel.cn/api/paas/v4",
                                                            "https://open.bigmodel.cn/api/coding/paas/v4"});
  CHECK(sibling_urls("https://api.minimax.io/v1") == Urls{"https://api.minimaxi.com/v1"});
  CHECK(sibling_urls("https://api.moonshot.cn/v1") == Urls{"https://api.moonshot.ai/v1"});
  // By its host alone, where the path is another one.
  CHECK(sibling_urls("https://dashscope-intl.aliyuncs.com/api/v1").size() == 7);
}

TEST_CASE("nobody else has siblings") {
  for (const char* url : {"https://api.deepseek.com", "https://api.openai.com/v1", "https://openrouter.ai/api/v1", "http://127.0.0.1:11434/v1",
                          "https://dashscope.aliyuncs.com.evil.example/compatible-mode/v1", "https://example.com/dashscope.aliyuncs.com"})
    CHECK(sibling_urls(url).empty());
  CHECK(sibling_urls(beijing, "anthropic").empty());
}

TEST_CASE("a sibling is asked for the same model, or for one that it has") {
  const auto model_at = [](const std::string& model, const std::string& url) {
    const ProbeTarget target{"openai", beijing, model, Secret(std::string_view("sk-key-0123456789"))};
    const ProbeTarget there = sibling_target(target, vendor_at(url));
    CHECK(there.base_url == url);
    CHECK(there.key.reveal() == "sk-key-0123456789");
    return there.model;
  };
  CHECK(model_at("glm-5", singapore) == "glm-5");
  CHECK(model_at("glm-5", coding_intl) == "glm-5");
  CHECK(model_at("my-own-model", coding_intl) == "qwen3.5-plus");
  CHECK(model_at("qwen3.5-plus", token_singapore) == "qwen3.7-plus");
}

TEST_CASE("another region is K202, another plan K201, and nobody K203") {
  Verdict region = refused_at(beijing);
  const std::vector answers{answer_of(virginia, VerdictState::rejected), answer_of(singapore, VerdictState::accepted)};
  REQUIRE(accepting(answers) == std::vector<std::size_t>{1});
  apply_sweep(region, answers, answers[1].sibling);
  CHECK(region.code == "K202");
  CHECK(region.state == VerdictState::rejected);
  CHECK(region.message ==
        "The key is valid in Singapore (dashscope-intl.aliyuncs.com), not in China (Beijing) (dashscope.aliyuncs.com).");

  Verdict plan = refused_at("https://api.z.ai/api/paas/v4");
  apply_sweep(plan, {answer_of("https://api.z.ai/api/coding/paas/v4", VerdictState::accepted)}, vendor_at("https://api.z.ai/api/coding/paas/v4"));
  CHECK(plan.code == "K201");
  CHECK(plan.message == "The key belongs to Coding Plan (api.z.ai), not to Standard API Key (api.z.ai).");

  Verdict kimi = refused_at("https://api.moonshot.ai/v1");
  apply_sweep(kimi, {answer_of("https://api.moonshot.cn/v1", VerdictState::accepted)}, vendor_at("https://api.moonshot.cn/v1"));
  CHECK(kimi.code == "K202");
  CHECK(kimi.message == "The key is valid in China (api.moonshot.cn), not in International (api.moonshot.ai).");

  Verdict nobody = refused_at(beijing);
  const std::vector refusals{answer_of(singapore, VerdictState::rejected), answer_of(virginia, VerdictState::rejected)};
  CHECK(accepting(refusals).empty());
  apply_sweep(nobody, refusals, std::nullopt);
  CHECK(nobody.code == "K203");
  CHECK(nobody.message ==
        "The key is refused by all 3 endpoints of Alibaba Cloud that were asked, dashscope.aliyuncs.com among them: it is revoked, mistyped or "
        "of another vendor.");

  Verdict unclear = refused_at(beijing);
  apply_sweep(unclear, {answer_of(singapore, VerdictState::inconclusive, "N704")}, std::nullopt);
  CHECK(unclear.message == "The key is refused by 1 endpoints of Alibaba Cloud, dashscope.aliyuncs.com among them; 1 gave no clear answer.");
}

TEST_CASE("what is good but for the money is a better sign than a mismatch of plans") {
  CHECK(accepting({answer_of(singapore, VerdictState::accepted_but, "K201")}).empty());
  CHECK(accepting({answer_of(singapore, VerdictState::accepted_but, "Q603"), answer_of(coding, VerdictState::accepted)}) ==
        std::vector<std::size_t>{1, 0});
  CHECK(accepting({answer_of(singapore, VerdictState::accepted_but, "Q603")}) == std::vector<std::size_t>{0});
}

TEST_CASE("a sweep is for refused keys and mismatches of plans alone") {
  Verdict verdict = refused_at(beijing);
  CHECK(is_worth_a_sweep(verdict));
  verdict.code = "K210";
  CHECK_FALSE(is_worth_a_sweep(verdict));
  verdict.state = VerdictState::accepted_but;
  verdict.code = "K201";
  CHECK(is_worth_a_sweep(verdict));
  verdict.code = "Q603";
  CHECK_FALSE(is_worth_a_sweep(verdict));
}

namespace {

const std::string configured_in_beijing = R"({
  "env": {"DASHSCOPE_API_KEY": "sk-key-0123456789"},
  "modelProviders": {"openai": [
    {"id": "glm-5", "name": "[ModelStudio Standard] glm-5", "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1", "envKey": "DASHSCOPE_API_KEY"},
    {"id": "other", "baseUrl": "https://api.openai.com/v1", "envKey": "OPENAI_API_KEY"},
    {"id": "kimi-k2.5", "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1/", "envKey": "DASHSCOPE_API_KEY"}]},
  "model": {"name": "glm-5", "baseUrl": "https://dashscope.aliyuncs.com/compatible-mode/v1"},
  "security": {"auth": {"selectedType": "openai"}}})";

std::vector<std::string> edits_of(const std::optional<Fix>& fix) {
  std::vector<std::string> edits;
  for (const MemberEdit& edit : std::get<EditSettings>(fix.value().action).edits)
    if (edit.value != edit.was)  // else it only holds on to what is there
      edits.push_back(path_text(edit.path) + " = " + dump(edit.value.value()));
  return edits;
}

}  // namespace

TEST_CASE("a switch moves all entries of the endpoint, and the key only to another plan's variable") {
  const test::Place place = test::place({.user = configured_in_beijing});
  const auto models = place.models();
  const EntryFacts facts{models.front(), models, place.surroundings.files};
  const Secret key(std::string_view("sk-key-0123456789"));
  CHECK(edits_of(switch_fix(facts, vendor_at(singapore), key)) ==
        std::vector<std::string>{"modelProviders.openai.0.baseUrl = \"" + singapore + "\"", "modelProviders.openai.2.baseUrl = \"" + singapore + "\"",
                                 "model.baseUrl = \"" + singapore + "\""});
  CHECK(edits_of(switch_fix(facts, vendor_at(coding_intl), key)) ==
        std::vector<std::string>{
            "modelProviders.openai.0.baseUrl = \"" + coding_intl + "\"", "modelProviders.openai.0.envKey = \"BAILIAN_CODING_PLAN_API_KEY\"",
            "modelProviders.openai.0.name = \"[ModelStudio Coding Plan for Global/Intl] glm-5\"",
            "modelProviders.openai.2.baseUrl = \"" + coding_intl + "\"", "modelProviders.openai.2.envKey = \"BAILIAN_CODING_PLAN_API_KEY\"",
            "env.BAILIAN_CODING_PLAN_API_KEY = \"sk-key-0123456789\"", "model.baseUrl = \"" + coding_intl + "\""});
  CHECK(switch_fix(facts, vendor_at(singapore), key)->kind == FixKind::ask);
}

TEST_CASE("files of the system are nobody's to switch, and a header refers to the variable") {
  const test::Place place = test::place({.system = configured_in_beijing});
  const auto models = place.models();
  CHECK_FALSE(switch_fix({models.front(), models, place.surroundings.files}, vendor_at(singapore), Secret()));
  CHECK_FALSE(header_fix({models.front(), models, place.surroundings.files}, "x-api-key"));
  const test::Place own = test::place({.user = configured_in_beijing});
  const auto own_models = own.models();
  CHECK(edits_of(header_fix({own_models.front(), own_models, own.surroundings.files}, "x-api-key")) ==
        std::vector<std::string>{"modelProviders.openai.0.generationConfig.customHeaders.x-api-key = \"$DASHSCOPE_API_KEY\""});
  CHECK(edits_of(header_fix({own_models.front(), own_models, own.surroundings.files}, "Authorization")).front().ends_with("\"Bearer $DASHSCOPE_API_KEY\""));
}

}  // namespace authd::core
