// A provider's answer, whatever it is: a judgement comes out, the same however the stream was cut,
// and nothing of it holds the key.
//
// Input: one byte for protocol and status, one for the endpoint, and the body.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>

#include "daemon/core/probe.hpp"

namespace {

using namespace authd;

constexpr std::string_view key = "sk-canary-0123456789abcdef";

void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "the law on line %u does not hold\n", static_cast<unsigned>(where.line()));
  std::abort();
}

core::Verdict judged(const core::ProbeTarget& target, core::HttpResponse response, std::size_t piece) {
  core::StreamReader stream(target.protocol);
  if (response.status >= 200 && response.status < 300)
    for (std::size_t at = 0; at < response.body.size(); at += piece)
      if (stream.feed(std::string_view(response.body).substr(at, piece))) break;
  return core::classify(target, core::probe_request(target, {}, std::chrono::milliseconds(1)), response, stream);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static constexpr std::array<const char*, 3> protocols{"openai", "anthropic", "gemini"};
  static constexpr std::array<int, 16> statuses{200, 200, 200, 200, 204, 302, 400, 401, 402, 403, 404, 407, 422, 429, 500, 529};
  // The second byte says whose endpoint it is: the table has rows for some alone.
  static constexpr std::array<const char*, 8> base_urls{"https://h/v1", "https://api.openai.com/v1", "https://dashscope.aliyuncs.com/compatible-mode/v1",
                                                        "https://coding.dashscope.aliyuncs.com/v1", "https://api.moonshot.ai/v1", "https://api.minimax.io/v1",
                                                        "https://openrouter.ai/api/v1", "https://api.z.ai/api/paas/v4"};
  const core::ProbeTarget target{protocols[data[0] % 3], base_urls[data[1] % 8], "m", Secret(key), {}};
  core::HttpResponse response;
  response.status = statuses[data[0] / 16];
  response.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  // Every "@" is the key, so that the fuzzer need not guess it.
  for (std::size_t at = response.body.find('@'); at != std::string::npos; at = response.body.find('@', at + key.size()))
    response.body.replace(at, 1, key);
  response.content_type = response.retry_after = response.location = response.body.substr(0, 60);
  const core::Verdict verdict = judged(target, response, size);
  const core::Verdict by_byte = judged(target, response, 1);
  require(verdict.state == by_byte.state && verdict.message == by_byte.message);
  require(verdict.state == core::VerdictState::accepted || response.status != 200 || !verdict.message.empty());
  require(verdict.state != core::VerdictState::accepted || response.status / 100 == 2);
  require(verdict.state != core::VerdictState::rejected || response.status != 500);
  const std::string shown = verdict.message + '\n' + verdict.code + '\n' + dump(verdict.observed);
  for (std::size_t at = 0; at + 6 <= key.size(); ++at) require(shown.find(key.substr(at, 6)) == std::string::npos);
  for (const char c : verdict.message) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  require(Json(verdict.message).dump().size() > 1);  // throws where it is no UTF-8
  return 0;
}
