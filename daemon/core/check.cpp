#include "daemon/core/check.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

using std::chrono::milliseconds;

constexpr int attempts_max = 3;
constexpr milliseconds default_answer_limit{120'000};  // facts, 9
constexpr milliseconds time_for_an_answer{500};        // that has to be left after a pause

void rule(Verdict& verdict, VerdictState state, std::string_view code, std::string message) {
  verdict.state = state;
  verdict.code = code;
  verdict.message = std::move(message);
}

// The provider's own words, in lower case; empty where it said nothing.
std::string words_in(const Verdict& verdict) {
  return lower_ascii(verdict.observed.value("error", std::string()));
}

// A refusal of the request that speaks of tools.
bool refuses_tools(const Verdict& verdict) {
  const bool is_refusal =
      verdict.state == VerdictState::accepted_but || verdict.state == VerdictState::inconclusive;
  const bool is_about_request = verdict.http_status == 400 || verdict.http_status == 404 ||
                                verdict.http_status == 422 || verdict.http_status == 501 ||
                                verdict.observed.contains("errorEvent");
  return is_refusal && is_about_request &&
         contains_any(words_in(verdict), {"tool", "function call", "function_call"});
}

AnswerParts parts_of(const ProbeTarget& target, const HttpResponse& response,
                     const StreamReader& stream) {
  if (stream.seen() == StreamReader::Seen::answer) return stream.parts();
  const auto whole = parse_json(response.body);
  return whole ? answer_parts(target.protocol, *whole) : AnswerParts();
}

// What keys of well-known vendors begin with, longer ones first: a key without it would be refused
// for its looks.
std::size_t vendor_prefix(std::string_view key) {
  for (const std::string_view prefix :
       {"sk-ant-api03-", "sk-or-v1-", "github_pat_", "sk-proj-", "sk-ant-", "nvapi-", "sk-sp-",
        "sk-ws-",        "sk-or-",    "pplx-",       "AIza",     "gsk_",    "xai-",   "ghp_",
        "sk-",           "sk_",       "hf_",         "fw_",      "ms-",     "AQ."})
    if (key.starts_with(prefix)) return prefix.size();
  return 0;
}

char random_like(char c, unsigned char random) {
  const auto in = [&](char first, unsigned count) {
    return static_cast<char>(first + random % count);
  };
  if (c >= '0' && c <= '9') return in('0', 10);
  if (c >= 'a' && c <= 'z') return in('a', 26);
  if (c >= 'A' && c <= 'Z') return in('A', 26);
  return c;
}

// Another character of the same kind.
char next_of_kind(char c) {
  if (c == '9') return '0';
  if (c == 'z') return 'a';
  if (c == 'Z') return 'A';
  return static_cast<char>(c + 1);
}

std::string seconds_text(milliseconds time) {
  const auto tenths = (time.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

bool is_same_refusal(const Verdict& verdict, const Verdict& control) {
  return control.state == VerdictState::accepted_but && verdict.http_status == control.http_status;
}

}  // namespace

Verdict judge_depth(Verdict verdict, const ProbeTarget& target, const HttpResponse& response,
                    const StreamReader& stream) {
  verdict.depth = target.depth;
  if (target.depth == ProbeDepth::key) return verdict;
  if (target.depth == ProbeDepth::tools && refuses_tools(verdict)) {
    rule(verdict, VerdictState::accepted_but, "M502",
         "The model cannot be used with tools here, and an agent needs them. The provider says (" +
             std::to_string(verdict.http_status) +
             "): " + verdict.observed.value("error", std::string()));
    return verdict;
  }
  if (verdict.state != VerdictState::accepted) return verdict;
  const AnswerParts parts = parts_of(target, response, stream);
  const bool is_streamed = stream.seen() == StreamReader::Seen::answer;
  if (!parts.content && !parts.tool_call) {
    rule(verdict, VerdictState::inconclusive, "",
         "The provider accepted the request, but the model said nothing.");
    return verdict;
  }
  if (is_streamed) verdict.first_token = response.first_token;
  if (target.answer_depth() == ProbeDepth::model) {
    if (target.is_call_optional && !parts.tool_call) verdict.observed["calledTool"] = false;
    verdict.message = "The provider accepted the key, and the model answered with content.";
    return verdict;
  }
  if (!parts.tool_call) {
    rule(verdict, VerdictState::accepted_but, "M502",
         "The model answered without calling the tool that it was asked to call: it may not be "
         "able to, and an agent needs that.");
    return verdict;
  }
  if (!is_streamed) {
    rule(verdict, VerdictState::accepted_but, "M502",
         "The model called the tool, but not in a stream, which is what Qwen Code reads.");
    return verdict;
  }
  verdict.message = "The provider accepted the key, and the model called a tool.";
  return verdict;
}

milliseconds answer_limit(const Json& entry) {
  const Json::json_pointer config("/generationConfig");
  if (!entry.is_object() || !entry.contains(config) || !entry[config].is_object())
    return default_answer_limit;
  milliseconds limit = default_answer_limit;
  if (const Json timeout = entry[config].value("timeout", Json());
      timeout.is_number_unsigned() && timeout > 0)
    limit = milliseconds(std::min<std::uint64_t>(timeout.get<std::uint64_t>(), 86'400'000));
  return limit;
}

void warn_of_slow_token(Verdict& verdict, milliseconds limit) {
  if (verdict.state != VerdictState::accepted || !verdict.first_token || !verdict.code.empty() ||
      *verdict.first_token * 2 <= limit)
    return;
  verdict.code = "M504";
  verdict.hints.push_back("The first token took " + seconds_text(*verdict.first_token) +
                          "; Qwen Code gives up after " + seconds_text(limit) +
                          ". generationConfig.timeout of the model's entry can be raised.");
}

std::optional<milliseconds> retry_pause(const Verdict& verdict, milliseconds left) {
  if (verdict.attempts >= attempts_max) return std::nullopt;
  const std::string after = verdict.observed.value("retryAfter", std::string());
  std::optional<milliseconds> asked;
  if (!after.empty()) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), number);
    // A date, or longer than a check may take.
    if (error != std::errc() || end != after.data() + after.size() || number > 3600)
      return std::nullopt;
    asked = milliseconds(std::uint64_t{number} * 1000);
  }
  // A failure whose words prove something, such as a gateway's 503 for a model that it has not, is
  // the same the next time.
  if (verdict.http_status >= 500 && claims_good_key(verdict)) return std::nullopt;
  const bool is_rate = verdict.http_status == 429 && verdict.code == "Q601";
  const bool is_down = verdict.http_status == 502 || verdict.http_status == 503 ||
                       verdict.http_status == 504 || verdict.http_status == 529 ||
                       (verdict.http_status == 0 && verdict.fault == NetworkFault::broken);
  if ((is_rate && !asked) || (!is_rate && !is_down)) return std::nullopt;
  const milliseconds pause = asked.value_or(milliseconds(verdict.attempts == 1 ? 250 : 750));
  if (pause + time_for_an_answer > left) return std::nullopt;
  return pause;
}

Secret control_key(const Secret& key, std::string_view random) {
  std::string text(key.reveal());
  const std::size_t prefix = vendor_prefix(text);
  std::size_t last = std::string::npos;
  for (std::size_t i = prefix; i < text.size(); ++i) {
    if (!is_alphanumeric(text[i])) continue;
    text[i] = random_like(text[i], static_cast<unsigned char>(random[i % random.size()]));
    last = i;
  }
  if (last == std::string::npos)
    text += "x";
  else if (text == key.reveal())
    text[last] = next_of_kind(text[last]);
  Secret control{std::string_view(text)};
  wipe(text);
  return control;
}

std::size_t control_bytes(const ProbeTarget& target) {
  std::size_t bytes = std::max<std::size_t>(target.key.reveal().size(), 1);
  for (const auto& [name, value] : target.custom_headers) bytes = std::max(bytes, value.size());
  return bytes;
}

ProbeTarget control_target(const ProbeTarget& target, std::string_view random) {
  ProbeTarget control = target.clone();
  control.depth = ProbeDepth::key;
  control.key = control_key(target.key, random);
  const std::string_view key = target.key.reveal();
  for (auto& [name, value] : control.custom_headers) {
    if (const std::size_t at = value.find(key); !key.empty() && at != std::string::npos) {
      value.replace(at, key.size(), control.key.reveal());
    } else if (names_a_secret(name)) {
      const std::size_t blank = value.rfind(' ');  // "Bearer …", "Basic …"
      const std::size_t begin = blank == std::string::npos ? 0 : blank + 1;
      const Secret other = control_key(Secret(std::string_view(value).substr(begin)), random);
      value.replace(begin, std::string::npos, other.reveal());
    }
  }
  return control;
}

bool claims_good_key(const Verdict& verdict) {
  return verdict.state == VerdictState::accepted || verdict.state == VerdictState::accepted_but;
}

void apply_control(Verdict& verdict, const Verdict& control) {
  if (control.state == VerdictState::not_tested) return;
  verdict.control = Verdict::Control{control.state, control.http_status};
  if (control.state == VerdictState::rejected) {
    verdict.proven = true;
    return;
  }
  const bool is_same =
      verdict.state == VerdictState::accepted_but && is_same_refusal(verdict, control);
  if (control.state != VerdictState::accepted && !is_same) return;
  verdict.proven = false;
  if (verdict.state == VerdictState::accepted_but) {
    constexpr std::string_view claim = "The key is good, but ";
    if (verdict.message.starts_with(claim))
      verdict.message.replace(0, claim.size(), "Whatever the key is: ");
    verdict.hints.push_back(
        "A random key got an answer as well, so this says nothing about the key.");
    return;
  }
  if (is_private_endpoint(verdict.base_url)) {
    verdict.hints.push_back("This server needs no key: a random one is accepted, too.");
    return;
  }
  if (verdict.code.empty()) verdict.code = "K204";
  verdict.message =
      "The model answered, but it answers a random key as well: the key itself is not proven.";
  verdict.hints.push_back("The endpoint does not check keys for this model.");
}

bool is_private_endpoint(std::string_view base_url) {
  const Url url = parse_url(base_url);
  return url.is_loopback() || url.is_private();
}

void apply_other_header(Verdict& verdict, const ProbeTarget& other) {
  ProbeTarget usual = other.clone();
  usual.other_key_header = false;
  const std::string wanted(key_header(other)), sent(key_header(usual));
  verdict.code = "K210";
  verdict.message = "This endpoint takes the key in the header " + wanted + ", and refuses it in " +
                    sent + ", where Qwen Code " + other.version.text() + " sends it.";
  verdict.hints.push_back("generationConfig.customHeaders of the model's entry can send " + wanted +
                          (wanted == "Authorization"
                               ? ": \"Bearer $NAME\", with NAME the entry's envKey."
                               : ": \"$NAME\", with NAME the entry's envKey."));
}

Verdict verdict_of_list(const ProbeTarget& target, const Discovery& found,
                        const std::optional<Discovery>& control) {
  Verdict verdict = not_tested(target, "", "");
  verdict.method = "GET";
  verdict.url = found.url;
  verdict.http_status = found.http_status;
  verdict.latency = found.latency;
  verdict.fault = found.fault;
  verdict.depth = target.depth;
  switch (found.status) {
    case DiscoveryStatus::ok:
    case DiscoveryStatus::no_auth_needed: break;
    case DiscoveryStatus::rejected:
      rule(verdict, VerdictState::rejected, "K203", found.message);
      return verdict;
    case DiscoveryStatus::unreachable:
      rule(verdict, VerdictState::inconclusive,
           found.fault == NetworkFault::tls     ? "N701"
           : found.fault == NetworkFault::proxy ? "N703"
                                                : "N704",
           found.message);
      return verdict;
    case DiscoveryStatus::not_offered:
      rule(verdict, VerdictState::inconclusive, "", found.message);
      verdict.hints.emplace_back("Name a model, so that it can be asked instead.");
      return verdict;
    case DiscoveryStatus::not_a_list:
    case DiscoveryStatus::failed:
      rule(verdict, VerdictState::inconclusive, "", found.message);
      return verdict;
  }
  const bool is_refused = control && control->status == DiscoveryStatus::rejected;
  if (control)
    verdict.control =
        Verdict::Control{is_refused                               ? VerdictState::rejected
                         : control->status == DiscoveryStatus::ok ? VerdictState::accepted
                                                                  : VerdictState::inconclusive,
                         control->http_status};
  if (is_refused) {
    verdict.proven = true;
    rule(verdict, VerdictState::accepted, "",
         "The provider lists its models for this key, and refuses a random one.");
    return verdict;
  }
  if (control && control->status == DiscoveryStatus::ok) verdict.proven = false;
  rule(verdict, VerdictState::inconclusive, "K204",
       "The endpoint lists its models, but that does not prove the key.");
  return verdict;
}

std::string model_to_try(const Discovery& found) {
  const auto talks = [](const DiscoveredModel& model) {
    return !contains_any(lower_ascii(model.id),
                         {"embed", "rerank", "whisper", "tts", "audio", "image", "video", "ocr",
                          "moderation", "realtime", "transcribe", "speech", "asr", "dall-e"});
  };
  const auto first = std::ranges::find_if(found.models, talks);
  return first == found.models.end() ? std::string() : first->id;
}

}  // namespace authd::core
