// What an answer proves (rpc-contract, Verdict; user-pain-and-diagnoses, appendix A).
#include <algorithm>
#include <array>
#include <optional>

#include "daemon/core/error_texts.hpp"
#include "daemon/core/probe.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

constexpr std::size_t provider_words_bytes_max = 500, page_title_bytes_max = 100;
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

// An event of OpenAI's Responses API, or its whole answer.
bool is_responses_answer(const Json& json) {
  const auto type = json.find("type");
  if (type == json.end() || !type->is_string()) return json.value("object", Json()) == "response";
  const std::string& name = type->get_ref<const std::string&>();
  return name.starts_with("response.") && name != "response.failed";
}

// The protocol's own answer, streamed or whole.
bool is_answer(std::string_view protocol, const Json& json) {
  if ((protocol == "gemini" || protocol == "vertex-ai") && json.is_array())
    return !json.empty() && is_answer(protocol, json.front());
  if (!json.is_object()) return false;
  const auto list = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_array();
  };
  // OpenRouter's gateways tell of a failure in a chunk that has choices as well.
  const auto error = json.find("error");
  const bool is_failed = error != json.end() && (error->is_object() || error->is_string());
  if (protocol == "openai") return list("choices") && !is_failed;
  if (protocol == "gemini" || protocol == "vertex-ai")
    return list("candidates") || json.contains("promptFeedback");
  if (protocol == "openai-responses") return is_responses_answer(json);
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
  // ModelScope's shape, and MiniMax's.
  if (const auto errors = json.find("errors"); errors != json.end() && errors->is_object())
    return *errors;
  if (const auto told = json.find("base_resp");
      told != json.end() && told->is_object() && told->value("status_code", Json(0)) != 0)
    return *told;
  if (const auto failed = json.find("response"); failed != json.end()) return error_of(*failed);
  // DashScope's native shape, Z.AI's and FastAPI's.
  for (const char* name : {"message", "msg", "detail"})
    if (const auto found = json.find(name); found != json.end() && found->is_string()) return json;
  return nullptr;
}

std::string words_of(const Json& error) {
  if (error.is_string()) return error.get<std::string>();
  if (!error.is_object()) return {};
  for (const char* name : {"message", "msg", "detail", "error", "status_msg"})
    if (const auto found = error.find(name); found != error.end() && found->is_string())
      return found->get<std::string>();
  return {};
}

// Which status an error event inside a stream stands for.
int status_of(const Json& error) {
  constexpr int unknown = 500;
  if (error.is_string()) {
    const int meant = status_meant_by(lower_ascii(error.get_ref<const std::string&>()));
    return meant == 0 ? unknown : meant;
  }
  if (!error.is_object()) return unknown;
  if (const auto told = error.find("status_code"); told != error.end()) {
    if (*told == 1004 || *told == 2049) return 401;
    if (*told == 1008) return 402;
    if (*told == 1002 || *told == 1039) return 429;
  }
  if (const auto code = error.find("code"); code != error.end() && code->is_number_integer()) {
    const int value = code->get<int>();
    if (value >= 400 && value < 600) return value;
  }
  const std::string text = lower_ascii(dump(error));
  if (contains_any(text, {"authentication_error", "invalid_api_key", "unauthenticated"}))
    return 401;
  if (contains_any(text, {"permission_error", "permission_denied"})) return 403;
  if (contains_any(text, {"not_found", "model_not_found"})) return 404;
  if (contains_any(text, {"rate_limit", "rate limit", "insufficient_quota", "resource_exhausted",
                          "throttling"}))
    return 429;
  if (contains_any(text, {"invalid_request", "invalid_argument"})) return 400;
  if (contains_any(text, {"overloaded"})) return 529;
  const int meant = status_meant_by(text);
  return meant == 0 ? unknown : meant;
}

struct Judgement {
  VerdictState state;
  std::string_view code;
  std::string_view meaning;
  bool is_code_vague = false;  // as of a Verdict
};

constexpr Judgement refused_key{VerdictState::rejected, "K203", "The provider refused the key."};

bool names_the_model(std::string_view text, const ProbeTarget& target) {
  return has_word(text, lower_ascii(target.model));
}

bool has_warning(const ProbeTarget& target, std::string_view code) {
  const auto warnings = base_url_warnings(target.protocol, target.base_url, "");
  return std::ranges::find(warnings, code, &Warning::code) != warnings.end();
}

Judgement judge_path(const ProbeTarget& target) {
  if (has_warning(target, "U302"))
    return {VerdictState::inconclusive, "U302",
            "There is nothing at this path: the base URL is a whole endpoint."};
  return {VerdictState::inconclusive, "U301",
          "There is nothing at this path: the base URL does not fit the protocol."};
}

// Where the provider's words say nothing that is known.
Judgement judge_status_alone(int status, std::string_view text, bool own_shape,
                             const ProbeTarget& target) {
  switch (status) {
    case 400:
    case 422:
      if (!own_shape) return {VerdictState::inconclusive, "", "The answer is not this protocol's."};
      if (!contains_any(text, {"model"}) && !names_the_model(text, target))
        return {VerdictState::accepted_but, "M501",
                "The key is good, but the provider refuses the request.", true};
      return {VerdictState::accepted_but, "M501",
              "The key is good, but the provider refuses this model or request."};
    case 401: return refused_key;
    case 402:
      return {VerdictState::accepted_but, "Q603",
              "The key is good, but the account is not paid for."};
    case 403:
      if (own_shape && (contains_any(text, {"model"}) || names_the_model(text, target)))
        return {VerdictState::accepted_but, "M501",
                "The key is good, but this model is not available to it."};
      return {VerdictState::inconclusive, "",
              "The request is forbidden, and nothing says whether because of the key."};
    case 404:
      if (own_shape && names_the_model(text, target))
        return {VerdictState::accepted_but, "M501",
                "The key is good, but the provider does not offer this model."};
      return judge_path(target);
    case 405:
      return own_shape ? judge_path(target)
                       : Judgement{VerdictState::inconclusive, "",
                                   "The request is refused before it comes to a model: by a "
                                   "firewall, or because the base URL leads elsewhere."};
    case 407: return {VerdictState::inconclusive, "N703", "The proxy wants to be authenticated."};
    case 429:
      return {VerdictState::accepted_but, "Q601",
              "The key is good, but there were too many requests."};
    default: break;
  }
  return {VerdictState::inconclusive, "", "The provider could not answer."};
}

// A refusal that says whose key it was, or whose it was not.
Judgement judge_refusal(Judgement refusal, std::string_view text, const ProbeTarget& target) {
  const Url url = parse_url(lower_ascii(target.base_url));
  const Vendor* const asked = vendor_of_host(url.host);
  const Vendor* const answering = vendor_named_in(text);
  if (asked && answering && asked != answering && !asked->relays)
    return {VerdictState::rejected, "K208",
            "Another provider than the configured one answered: the key was sent to it, and should "
            "be renewed."};
  const bool is_standard = asked && asked->id == "alibaba" && url.host.starts_with("dashscope");
  if (is_standard && target.key.reveal().starts_with(find_provider("coding-plan")->key_prefix))
    return {VerdictState::rejected, "K201",
            "The provider refused the key, which looks like a Coding Plan's: the plan has an "
            "endpoint of its own."};
  return refusal;
}

Judgement judge_status(int status, const std::string& text, bool own_shape,
                       const ProbeTarget& target) {
  if (status >= 300 && status < 400)
    return {VerdictState::inconclusive, "",
            "The endpoint redirects elsewhere, and a key is never sent along."};
  if (status >= 400 && status < 500 &&
      contains_any(text,
                   {"country, region, or territory not supported",
                    "unsupported_country_region_territory", "user location is not supported"}))
    return {VerdictState::inconclusive, "",
            "The provider refuses requests from the country or region that this one came from."};
  const ErrorText* known =
      status >= 400 ? find_provider_text(status, text, target.base_url) : nullptr;
  // A server that fails may refuse for a while whom it has not looked at, and a key without having
  // looked.
  if (known && status >= 500 && (known->code == "Q601" || known->state == VerdictState::rejected))
    known = nullptr;
  // Words about tools, where none were offered, are about something else.
  if (known && known->code == "M502" && target.depth != ProbeDepth::tools) known = nullptr;
  Judgement judgement = judge_status_alone(status, text, own_shape, target);
  if (known && known->code == "U301")
    judgement = judge_path(target);
  else if (known && (own_shape || !known->in_own_shape))
    judgement = {known->state, known->as_verdict, known->meaning};
  if (judgement.state == VerdictState::rejected) return judge_refusal(judgement, text, target);
  return judgement;
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
    case NetworkFault::refused_address:
      return {
          VerdictState::inconclusive, "N704",
          "The host leads to a link-local address or to one of a cloud's metadata, where no key "
          "is sent unless the base URL names that very address."};
    case NetworkFault::cancelled:
      return {VerdictState::not_tested, "cancelled", "The check was cancelled."};
    case NetworkFault::broken:
    case NetworkFault::none: break;
  }
  return {VerdictState::inconclusive, "N704", "The connection ended before an answer came."};
}

// A page at a base URL that lacks something is the web site beside the API.
std::optional<Judgement> judge_site(const ProbeTarget& target) {
  if (has_warning(target, "U302"))
    return Judgement{VerdictState::inconclusive, "U302",
                     "A web page came back: the base URL is a whole endpoint, and what Qwen Code "
                     "makes of it leads to a web site."};
  if (has_warning(target, "U301"))
    return Judgement{VerdictState::inconclusive, "U301",
                     "A web page came back: without the version, mostly /v1, the base URL leads "
                     "to a web site and not to the API."};
  return std::nullopt;
}

bool is_web_page(const HttpResponse& response, std::string_view body) {
  return lower_ascii(response.content_type).find("html") != std::string::npos ||
         body.starts_with("<");
}

// The title of a web page; empty where it has none.
std::string_view page_title_of(std::string_view page) {
  const std::string lower = lower_ascii(page);
  const std::size_t tag = lower.find("<title");
  const std::size_t begin = tag == std::string::npos ? tag : lower.find('>', tag);
  const std::size_t end = begin == std::string::npos ? begin : lower.find('<', begin);
  return end == std::string::npos ? std::string_view() : page.substr(begin + 1, end - begin - 1);
}

Judgement judge_page(const ProbeTarget& target, const HttpRequest& request,
                     const HttpResponse& response) {
  if (response.status == 403)
    return {VerdictState::inconclusive, request.proxy.empty() ? "N704" : "N703",
            "A web page forbids the request: a firewall in front of the provider, or something on "
            "the way, does not let it through."};
  if (const auto site = judge_site(target)) return *site;
  return {VerdictState::inconclusive, request.proxy.empty() ? "N704" : "N703",
          "A web page came back, and no answer of the protocol: something on the way answers in "
          "the provider's place, such as the login page of a network, or the base URL is that of "
          "a web site."};
}

Judgement judge_success(const ProbeTarget& target, const HttpRequest& request,
                        const HttpResponse& response, std::string_view body) {
  if (is_web_page(response, body)) return judge_page(target, request, response);
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
  while (!bytes.empty() && !has_enough()) {
    const std::size_t end = bytes.find('\n');
    partial_line_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) break;
    line(partial_line_);
    partial_line_.clear();
    bytes.remove_prefix(end + 1);
  }
  return has_enough();
}

bool StreamReader::has_enough() const {
  if (seen_ != Seen::answer) return seen_ == Seen::error_event;
  switch (depth_) {
    case ProbeDepth::key: return true;
    case ProbeDepth::model: return parts_.content || parts_.tool_call;
    case ProbeDepth::tools: return parts_.tool_call;
  }
  return true;
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
  if (has_enough()) return;
  line(partial_line_);
  if (!has_enough()) event();
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
    const AnswerParts parts = answer_parts(protocol_, *event);
    parts_.content = parts_.content || parts.content;
    parts_.tool_call = parts_.tool_call || parts.tool_call;
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
  verdict.fault = response.fault;
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
  } else if ((status >= 200 && status < 300) ||
             (status == 403 && error.is_null() && is_web_page(response, body))) {
    judgement = judge_success(target, request, response, body);
  } else {
    judgement = judge_status(status, lower_ascii(body), !error.is_null(), target);
  }
  verdict.state = judgement.state;
  verdict.code = judgement.code;
  verdict.is_code_vague = judgement.is_code_vague;
  verdict.message = judgement.meaning;
  const std::string words =
      without_named_keys(shown(target, words_of(error), provider_words_bytes_max));
  if (judgement.code == "Q602")
    if (const std::string again = reset_time(words); !again.empty()) {
      verdict.message += " It is there again at " + again + ".";
      verdict.observed["resetsAt"] = again;
    }
  const std::string title =
      is_web_page(response, body)
          ? without_named_keys(shown(target, page_title_of(body), page_title_bytes_max))
          : std::string();
  if (!title.empty() && verdict.state != VerdictState::accepted) {
    verdict.message += " The page is titled \"" + title + "\".";
    verdict.observed["pageTitle"] = title;
  }
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
  return json ? without_named_keys(
                    shown(target, words_of(error_of(*json)), provider_words_bytes_max))
              : std::string();
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
