// Any pasted text, with any set-up: what comes out is bounded, fit for a terminal and holds no key.
//
// Input: one byte for the set-up, then the text. Every "@" in it is a key, so that the fuzzer need
// not guess one.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <source_location>
#include <string>

#include "daemon/core/decode.hpp"
#include "protocol/diagnosis.hpp"

namespace {

using namespace authd;

constexpr std::string_view key = "sk-canary-0123456789abcdef", secret_part = "0123456789abcdef";

void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "the law on line %u does not hold\n", static_cast<unsigned>(where.line()));
  std::abort();
}

core::DecodeFacts facts_of(std::uint8_t which) {
  static constexpr std::array<const char*, 8> base_urls{
      "", "https://api.openai.com/v1", "https://dashscope.aliyuncs.com/compatible-mode/v1", "https://coding.dashscope.aliyuncs.com/v1",
      "https://api.anthropic.com/v1", "http://localhost:11434/v1", "https://api.z.ai/api/coding/paas/v4", "https://gw.example/v1/chat/completions"};
  static constexpr std::array<const char*, 4> protocols{"", "openai", "anthropic", "gemini"};
  core::DecodeFacts facts;
  facts.base_url = base_urls[which % 8];
  facts.protocol = protocols[which / 8 % 4];
  facts.auth_type = which & 32 ? "qwen-oauth" : facts.protocol;
  facts.has_plan_key = (which & 64) != 0;
  facts.has_proxy = (which & 128) != 0;
  return facts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + key.size())) text.replace(at, 1, key);
  const core::DecodeFacts facts = facts_of(data[0]);
  const core::Decoding decoding = core::decode(text, facts);
  require(decoding.meanings.empty() == !decoding.hint.empty());
  std::set<std::string> codes;
  std::string all = decoding.hint;
  core::Certainty last = core::Certainty::certain;
  for (const core::Meaning& meaning : decoding.meanings) {
    require(find_diagnosis(meaning.code) != nullptr);
    require(codes.insert(meaning.code).second);
    require(meaning.certainty <= last);
    last = meaning.certainty;
    require(!meaning.message.empty() && meaning.message.size() < 1500);
    require(meaning.evidence.size() <= 3);
    all += meaning.message;
    for (const std::string& words : meaning.evidence) {
      require(words.size() < 700);
      all += words;
    }
  }
  require(all.find(secret_part) == std::string::npos);
  for (const char c : all) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  require(Json(all).dump().size() > 1);  // throws where it is no UTF-8
  return 0;
}
