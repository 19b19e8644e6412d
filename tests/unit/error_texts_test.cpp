// The table of error texts: its form, whose words are whose, and what a check makes of it.
#include <catch2/catch.hpp>

#include <algorithm>

#include "daemon/core/error_texts.hpp"
#include "daemon/core/phrase_index.hpp"
#include "daemon/core/text.hpp"
#include "protocol/diagnosis.hpp"

namespace authd::core {
namespace {

Verdict answered(int status, const std::string& body, const std::string& base_url, const std::string& key = "sk-canary-0123456789abcdef") {
  ProbeTarget target{"openai", base_url, "qwen3-coder", Secret(std::string_view(key)), {}};
  target.depth = ProbeDepth::tools;
  HttpResponse response;
  response.status = status;
  response.body = body;
  response.content_type = "application/json";
  return classify(target, probe_request(target, {}, std::chrono::milliseconds(1)), response, StreamReader("openai"));
}

std::string judged_as(const Verdict& verdict) {
  return std::string(verdict_state_name(verdict.state)) + " " + verdict.code;
}

std::string vendor_id(const Vendor* vendor) { return std::string(vendor ? vendor->id : "nobody"); }

}  // namespace

TEST_CASE("every row of the error texts has a diagnosis, a meaning and phrases that can be found") {
  for (const std::span<const ErrorText> table : {provider_texts(), program_texts()})
    for (const ErrorText& row : table) {
      CAPTURE(row.code, row.meaning, row.phrases.front());
      CHECK((row.code.empty() || find_diagnosis(row.code) != nullptr));
      CHECK((row.as_verdict.empty() || find_diagnosis(row.as_verdict) != nullptr));
      CHECK(row.meaning.ends_with("."));
      CHECK_FALSE(row.phrases.front().empty());
      for (const std::string_view phrase : row.phrases) {
        CAPTURE(phrase);
        CHECK(lower_ascii(phrase) == phrase);
        CHECK((phrase.empty() || phrase.size() >= 3));
        CHECK(phrase.find('\n') == std::string_view::npos);
      }
      for (const std::string_view other : row.others) CHECK((other.empty() || find_diagnosis(other) != nullptr));
      if (!row.vendor.empty()) CHECK(find_vendor(row.vendor) != nullptr);
      if (row.weight == Weight::with_status) CHECK(row.statuses.front() != 0);
    }
}

TEST_CASE("phrases are found in one pass, words as words, over line breaks") {
  PhraseIndex index;
  index.add("=1113", 1);
  index.add("rate limit", 2);
  index.add("limit exceeded", 3);
  std::vector<std::pair<int, std::size_t>> found;
  index.search("1113 x1113 11131 rate\nlimit exceeded (1113)",
               [&](std::uint16_t id, std::size_t at, std::size_t) { found.emplace_back(id, at); });
  CHECK(found == std::vector<std::pair<int, std::size_t>>{{1, 0}, {2, 17}, {3, 22}, {1, 38}});
}

TEST_CASE("a phrase with a gap is found within one sentence") {
  PhraseIndex index;
  index.add("model *not found", 1);
  const auto found = [&](std::string_view text) {
    std::size_t size = 0;
    index.search(text, [&](std::uint16_t, std::size_t, std::size_t bytes) { size = bytes; });
    return size;
  };
  CHECK(found("model not found") == 15);
  CHECK(found("the model 'qwen3:8b'\nnot found here") == 26);
  CHECK(found("model \"qwen/qwen9\" not found") == 28);
  CHECK(found(R"(model \"x\", not found)") == 22);
  CHECK(found("model x. the file was not found") == 0);
  CHECK(found(R"({"model ":"x","message":"file not found"})") == 0);
  CHECK(found("model " + std::string(100, 'x') + " not found") == 0);
  CHECK(found("models/x not found") == 0);
  CHECK(found("model not foun") == 0);
}

TEST_CASE("a host is its vendor's, and a console says who speaks") {
  CHECK(vendor_id(vendor_of_host("dashscope-intl.aliyuncs.com")) == "alibaba");
  CHECK(vendor_id(vendor_of_host("api.z.ai")) == "zai");
  CHECK(vendor_id(vendor_of_host("evilopenai.com")) == "nobody");
  CHECK(vendor_id(vendor_of_host("openai.com.example")) == "nobody");
  CHECK(vendor_id(vendor_of_host("")) == "nobody");
  CHECK(vendor_id(vendor_named_in("see https://platform.openai.com/account/api-keys")) == "openai");
  CHECK(vendor_id(vendor_named_in("see https://help.aliyun.com/zh/model-studio/error-code")) == "alibaba");
  CHECK(vendor_id(vendor_named_in("platform.openai.com or console.groq.com")) == "nobody");
  CHECK(vendor_id(vendor_named_in("invalid api key")) == "nobody");
}

TEST_CASE("the time of a quota is what the text says") {
  CHECK(reset_time("Your limit will reset at 2026-05-01 08:00:00.") == "2026-05-01 08:00:00");
  CHECK(reset_time("Quota resets in 3h20m. Wait.") == "3h20m");
  CHECK(reset_time("it will reset at some time") == "");
  CHECK(reset_time("reset at ") == "");
  CHECK(reset_time("") == "");
}

TEST_CASE("a check tells whose key it was, and which plan's") {
  struct Row {
    int status;
    std::string body, base_url, key, expected;
  };
  const std::string refusal = R"({"error":{"message":"Incorrect API key provided. See https://platform.openai.com/account/api-keys"}})";
  const std::string studio = R"({"error":{"message":"Incorrect API key provided. See https://help.aliyun.com/zh/model-studio/error-code#apikey-error"}})";
  const std::string plan = R"({"error":{"message":"invalid access token or token expired"}})";
  const std::string paid = "https://dashscope.aliyuncs.com/compatible-mode/v1";
  const auto row = GENERATE_COPY(values<Row>({
      {401, refusal, "https://api.z.ai/api/paas/v4", "sk-x", "rejected K208"},
      {401, refusal, paid, "sk-x", "rejected K208"},
      {401, refusal, "https://api.openai.com/v1", "sk-x", "rejected K203"},
      {401, refusal, "https://openrouter.ai/api/v1", "sk-x", "rejected K203"},
      {401, refusal, "https://gateway.example/v1", "sk-x", "rejected K203"},
      {401, studio, "https://api.openai.com/v1", "sk-x", "rejected K208"},
      {401, studio, paid, "sk-x", "rejected K203"},
      {401, studio, paid, "sk-sp-x", "rejected K201"},
      {401, plan, "https://coding-intl.dashscope.aliyuncs.com/v1", "sk-sp-x", "rejected K201"},
      {403, R"({"error":{"message":"invalid api-key"}})", "https://coding.dashscope.aliyuncs.com/v1", "sk-x", "rejected K201"},
      {403, R"({"error":{"message":"invalid api-key"}})", paid, "sk-x", "rejected K203"},
      {404, R"({"error":{"message":"No endpoints found that support tool use."}})", "https://openrouter.ai/api/v1", "sk-x", "accepted_but M502"},
      {400, R"({"error":{"message":"gemma:2b does not support tools"}})", "http://localhost:11434/v1", "sk-x", "accepted_but M502"},
      {404, "No endpoints found that support tool use.", "https://h/v1", "sk-x", "inconclusive U301"},
      {429, R"({"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}})", paid, "sk-x", "accepted_but Q602"},
      {429, R"({"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}})", "https://api.openai.com/v1", "sk-x", "accepted_but Q603"},
      {401, R"({"error":{"message":"x-api-key header is required"}})", "https://h/v1", "sk-x", "rejected K210"},
      {500, refusal, "https://api.z.ai/api/paas/v4", "sk-x", "inconclusive "},
  }));
  CAPTURE(row.status, row.body, row.base_url, row.key);
  CHECK(judged_as(answered(row.status, row.body, row.base_url, row.key)) == row.expected);
}

TEST_CASE("a used-up quota says when it is there again") {
  const Verdict verdict = answered(429, R"({"error":{"code":"1310","message":"Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-05-01 08:00:00"}})", "https://api.z.ai/api/paas/v4");
  CHECK(judged_as(verdict) == "accepted_but Q602");
  CHECK(verdict.observed["resetsAt"] == "2026-05-01 08:00:00");
  CHECK_THAT(verdict.message, Catch::Contains("again at 2026-05-01 08:00:00"));
}

}  // namespace authd::core
