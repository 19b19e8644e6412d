// What an answer proves (rpc-contract, Verdict; user-pain-and-diagnoses, appendix A).
#include <algorithm>
#include <array>

#include "daemon/core/probe.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

constexpr std::size_t provider_words_bytes_max = 500;
// Shorter values of custom headers are words ("true", "cli"), not credentials.
constexpr std::size_t secret_header_bytes_min = 12;

// `part` as a word of its own: 1113 is no error code inside 1741113600.
bool has_word(std::string_view text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string_view::npos && !part.empty();
       at = text.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    if ((at == 0 || !is_word_character(text[at - 1])) &&
        (end == text.size() || !is_word_character(text[end])))
      return true;
  }
  return false;
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

// The protocol's own answer, streamed or whole.
bool is_answer(std::string_view protocol, const Json& json) {
  if (protocol == "gemini" && json.is_array())
    return !json.empty() && is_answer(protocol, json.front());
  if (!json.is_object()) return false;
  const auto list = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_array();
  };
  if (protocol == "openai") return list("choices");
  if (protocol == "gemini") return list("candidates") || json.contains("promptFeedback");
  const auto type = json.find("type");
  if (type == json.end() || !type->is_string()) return false;
  const std::string& name = type->get_ref<const std::string&>();
  return name == "message" || name.starts_with("message_") || name.starts_with("content_block_");
}

// The error object of a body in a protocol's own shape; null where it is not one.
Json error_of(const Json& json) {
  if (json.is_array() && !json.empty()) return error_of(json.front());
  if (!json.is_object()) return nullptr;
  if (const auto error = json.find("error");
      error != json.end() && (error->is_object() || error->is_string()))
    return *error;
  // DashScope's native shape, Z.AI's and FastAPI's.
  for (const char* name : {"message", "msg", "detail"})
    if (const auto found = json.find(name); found != json.end() && found->is_string()) return json;
  return nullptr;
}

std::string words_of(const Json& error) {
  if (error.is_string()) return error.get<std::string>();
  if (!error.is_object()) return {};
  for (const char* name : {"message", "msg", "detail", "error"})
    if (const auto found = error.find(name); found != error.end() && found->is_string())
      return found->get<std::string>();
  return {};
}

// Which status an error event inside a stream stands for.
int status_of(const Json& error) {
  if (!error.is_object()) return 0;
  if (const auto code = error.find("code"); code != error.end() && code->is_number_integer()) {
    const int value = code->get<int>();
    if (value >= 400 && value < 600) return value;
  }
  const std::string text = lower_ascii(dump(error));
  if (has_any(text, {"authentication_error", "invalid_api_key", "unauthenticated"})) return 401;
  if (has_any(text, {"permission_error", "permission_denied"})) return 403;
  if (has_any(text, {"not_found", "model_not_found"})) return 404;
  if (has_any(text, {"rate_limit", "insufficient_quota", "resource_exhausted", "throttling"}))
    return 429;
  if (has_any(text, {"invalid_request", "invalid_argument"})) return 400;
  if (has_any(text, {"overloaded"})) return 529;
  return 500;
}

struct Judgement {
  VerdictState state;
  std::string_view code;
  std::string_view meaning;
};

bool speaks_of_the_key(std::string_view text) {
  return has_any(text,
                 {"api key", "api-key", "api_key", "apikey", "authentication", "unauthenticated",
                  "unauthorized", "credential", "access token", "invalid key", "invalid token"});
}

bool is_plan_mismatch(std::string_view text) {
  return has_word(text, "1113") || has_any(text, {"resource package"});
}

// Gemini's rate limit speaks of billing too, so that a 429 has to say more.
bool is_unpaid(int status, std::string_view text) {
  if (is_plan_mismatch(text)) return status != 429;
  if (status == 402 ||
      has_any(text, {"arrearage", "insufficient balance", "insufficient_quota", "overdue",
                     "purchased credits", "insufficient credit", "credit balance"}))
    return true;
  return status != 429 && has_any(text, {"billing", "exceeded your current quota"});
}

Judgement judge_forbidden(std::string_view text) {
  if (speaks_of_the_key(text))
    return {VerdictState::rejected, "K203", "The provider refused the key."};
  return {VerdictState::accepted_but, "M501",
          "The key is good, but this model is not available to it."};
}

Judgement judge_quota(std::string_view text) {
  if (is_plan_mismatch(text))
    return {VerdictState::accepted_but, "K201",
            "The key belongs to another plan than this endpoint."};
  if (has_any(text, {"allocated quota", "limit exhausted", "allocationquota", "hour allocated",
                     "weekly"}))
    return {VerdictState::accepted_but, "Q602", "The key is good, but its quota is used up."};
  return {VerdictState::accepted_but, "Q601", "The key is good, but there were too many requests."};
}

Judgement judge_bad_request(std::string_view text, bool own_shape) {
  if (has_any(text, {"api_key_invalid", "api key not valid", "invalid_api_key", "invalid api key",
                     "api key expired", "incorrect api key"}))
    return {VerdictState::rejected, "K203", "The provider refused the key."};
  if (!own_shape) return {VerdictState::inconclusive, "", "The answer is not this protocol's."};
  if (has_any(text, {"only support stream", "enable_thinking", "does not support http call"}))
    return {VerdictState::accepted_but, "M503",
            "The key is good, but the model wants another kind of request."};
  return {VerdictState::accepted_but, "M501",
          "The key is good, but the provider refuses this model or request."};
}

Judgement judge_not_found(std::string_view text, bool own_shape, const ProbeTarget& target) {
  const bool names_model =
      has_word(text, lower_ascii(target.model)) ||
      has_any(text, {"model_not_found", "model not found", "model does not exist", "no such model",
                     "unknown model"});
  const bool names_url = has_any(text, {"invalid url"});
  if (own_shape && names_model && !names_url)
    return {VerdictState::accepted_but, "M501",
            "The key is good, but the provider does not offer this model."};
  for (const Warning& warning : base_url_warnings(target.protocol, target.base_url, ""))
    if (warning.code == "U302")
      return {VerdictState::inconclusive, "U302",
              "There is nothing at this path: the base URL is a whole endpoint."};
  return {VerdictState::inconclusive, "U301",
          "There is nothing at this path: the base URL does not fit the protocol."};
}

Judgement judge_status(int status, const std::string& text, bool own_shape,
                       const ProbeTarget& target) {
  if (status >= 300 && status < 400)
    return {VerdictState::inconclusive, "",
            "The endpoint redirects elsewhere, and a key is never sent along."};
  if (status >= 400 && status < 500 && is_unpaid(status, text))
    return {VerdictState::accepted_but, "Q603",
            "The key is good, but the account is not paid for."};
  switch (status) {
    case 400:
    case 422: return judge_bad_request(text, own_shape);
    case 401: return {VerdictState::rejected, "K203", "The provider refused the key."};
    case 403: return judge_forbidden(text);
    case 404: return judge_not_found(text, own_shape, target);
    case 407: return {VerdictState::inconclusive, "N703", "The proxy wants to be authenticated."};
    case 429: return judge_quota(text);
    default: break;
  }
  return {VerdictState::inconclusive, "", "The provider could not answer."};
}

Judgement judge_fault(NetworkFault fault) {
  switch (fault) {
    case NetworkFault::dns:
      return {VerdictState::inconclusive, "N704", "The host name cannot be resolved."};
    case NetworkFault::connect:
      return {VerdictState::inconclusive, "N704", "The host refuses the connection."};
    case NetworkFault::timeout:
      return {VerdictState::inconclusive, "N704", "The provider did not answer in time."};
    case NetworkFault::tls:
      return {VerdictState::inconclusive, "N701", "The TLS connection could not be verified."};
    case NetworkFault::proxy:
      return {VerdictState::inconclusive, "N703", "The proxy cannot be used."};
    case NetworkFault::too_large:
      return {VerdictState::inconclusive, "",
              "The answer is larger than 1 MiB and no answer of this protocol."};
    case NetworkFault::cancelled:
      return {VerdictState::not_tested, "cancelled", "The check was cancelled."};
    case NetworkFault::broken:
    case NetworkFault::none: break;
  }
  return {VerdictState::inconclusive, "N704", "The connection ended before an answer came."};
}

Judgement judge_success(const HttpRequest& request, const HttpResponse& response,
                        std::string_view body) {
  if (lower_ascii(response.content_type).find("html") != std::string::npos || body.starts_with("<"))
    return {VerdictState::inconclusive, request.proxy.empty() ? "N704" : "N703",
            "A web page came back instead of the protocol's answer."};
  if (response.fault != NetworkFault::none) return judge_fault(response.fault);
  return {VerdictState::inconclusive, "",
          body.empty() ? "The answer was empty." : "The answer is not this protocol's."};
}

Verdict verdict_for(const ProbeTarget& target, const HttpRequest& request) {
  Verdict verdict;
  verdict.method = request.method;
  verdict.url = without_secret(printable(request.url, 2000), target.key.reveal());
  verdict.model = target.model;
  verdict.protocol = target.protocol;
  verdict.base_url = target.base_url;
  return verdict;
}

std::string_view trimmed_front(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

std::string shown(const ProbeTarget& target, std::string_view text, std::size_t bytes_max) {
  std::string safe = without_secret(printable(text, bytes_max), target.key.reveal());
  for (const auto& [name, value] : target.custom_headers)
    if (value.size() >= secret_header_bytes_min) safe = without_secret(safe, value);
  return safe;
}

}  // namespace

bool StreamReader::feed(std::string_view bytes) {
  while (!bytes.empty() && seen_ == Seen::nothing) {
    const std::size_t end = bytes.find('\n');
    partial_line_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) break;
    line(partial_line_);
    partial_line_.clear();
    bytes.remove_prefix(end + 1);
  }
  return seen_ != Seen::nothing;
}

void StreamReader::line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return event();
  if (!text.starts_with("data:")) return;
  const bool first = data_.empty();
  data_.append(text.substr(5));
  // An event is nearly always one line and need not wait for the blank one behind it. Further
  // lines do, so that no byte is parsed more than twice.
  if (first) look_at_data();
}

void StreamReader::finish() {
  if (seen_ != Seen::nothing) return;
  line(partial_line_);
  if (seen_ == Seen::nothing) event();
}

void StreamReader::event() {
  look_at_data();
  data_.clear();
}

void StreamReader::look_at_data() {
  const auto event = parse_json(data_);
  if (!event) return;  // "[DONE]", or the first line of several
  if (is_answer(protocol_, *event)) {
    seen_ = Seen::answer;
  } else if (Json error = error_of(*event); !error.is_null()) {
    seen_ = Seen::error_event;
    error_event_ = std::move(error);
  }
}

std::string_view verdict_state_name(VerdictState state) {
  switch (state) {
    case VerdictState::accepted: return "accepted";
    case VerdictState::rejected: return "rejected";
    case VerdictState::accepted_but: return "accepted_but";
    case VerdictState::inconclusive: return "inconclusive";
    case VerdictState::not_tested: return "not_tested";
  }
  return "not_tested";
}

Verdict classify(const ProbeTarget& target, const HttpRequest& request,
                 const HttpResponse& response, const StreamReader& stream) {
  Verdict verdict = verdict_for(target, request);
  verdict.latency = response.latency;
  verdict.http_status = response.status;
  if (!response.content_type.empty())
    verdict.observed["contentType"] = shown(target, response.content_type, 100);
  if (!response.retry_after.empty())
    verdict.observed["retryAfter"] = shown(target, response.retry_after, 40);
  if (!response.location.empty())
    verdict.observed["location"] = shown(target, parse_url(response.location).host, 200);
  const std::string_view body = trimmed_front(response.body);
  const auto json = parse_json(body);
  Json error = json ? error_of(*json) : Json();
  int status = response.status;
  Judgement judgement{};
  if (response.fault == NetworkFault::cancelled) {
    judgement = judge_fault(response.fault);
  } else if (status >= 200 && status < 300 &&
             (stream.seen() == StreamReader::Seen::answer ||
              (json && is_answer(target.protocol, *json)))) {
    judgement = {VerdictState::accepted, "",
                 "The provider accepted the key and the model answered."};
    if (stream.seen() != StreamReader::Seen::answer) verdict.observed["streamed"] = false;
    error = nullptr;
  } else if (status >= 200 && status < 300 &&
             (stream.seen() == StreamReader::Seen::error_event || !error.is_null())) {
    if (stream.seen() == StreamReader::Seen::error_event) error = stream.error_event();
    status = status_of(error);
    verdict.observed["errorEvent"] = true;
    judgement = judge_status(status, lower_ascii(dump(error)), true, target);
  } else if (status == 0) {
    judgement = judge_fault(response.fault);
  } else if (status >= 200 && status < 300) {
    judgement = judge_success(request, response, body);
  } else {
    judgement = judge_status(status, lower_ascii(body), !error.is_null(), target);
  }
  verdict.state = judgement.state;
  verdict.code = judgement.code;
  verdict.message = judgement.meaning;
  const std::string words = shown(target, words_of(error), provider_words_bytes_max);
  if (!words.empty()) {
    verdict.message += " The provider says (" + std::to_string(status) + "): " + words;
    verdict.observed["error"] = words;
  } else if (verdict.state != VerdictState::accepted && response.status >= 300) {
    verdict.message += " (HTTP " + std::to_string(response.status) + ")";
  } else if (response.status == 0 && !response.fault_text.empty()) {
    verdict.message += " (" + shown(target, response.fault_text, 200) + ")";
  }
  return verdict;
}

std::string provider_words(const ProbeTarget& target, std::string_view body) {
  const auto json = parse_json(trimmed_front(body));
  return json ? shown(target, words_of(error_of(*json)), provider_words_bytes_max) : std::string();
}

std::string_view fault_sentence(NetworkFault fault) { return judge_fault(fault).meaning; }

Verdict not_tested(const ProbeTarget& target, std::string code, std::string message) {
  HttpRequest request;
  request.method = "POST";
  request.url = probe_url(target.protocol, target.base_url, target.model);
  Verdict verdict = verdict_for(target, request);
  verdict.code = std::move(code);
  verdict.message = std::move(message);
  return verdict;
}

}  // namespace authd::core
