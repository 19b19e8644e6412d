// The request: URL, authentication, version and headers as Qwen Code sends them.
#include <algorithm>

#include "daemon/core/probe.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

// Every byte that a URL's path cannot hold as it is.
std::string path_segment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_alphanumeric(c) ||
                       std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
  }
  return out;
}

bool is_anthropic_host(const Url& url) {
  return url.host == "api.anthropic.com" || url.host.ends_with(".anthropic.com");
}

std::string body_of(std::string_view protocol, const std::string& model) {
  if (protocol == "gemini")
    return R"({"contents":[{"parts":[{"text":"hi"}],"role":"user"}],"generationConfig":{"maxOutputTokens":1}})";
  const Json body = {{"model", model},
                     {"messages", {{{"role", "user"}, {"content", "hi"}}}},
                     {"max_tokens", 1},
                     {"stream", true}};
  return dump(body);
}

// The first of the variables that is set (qwen-code-runs, 2.1: one proxy for both schemes).
std::string proxy_of(const Environment& environment) {
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"})
    if (const std::string value = environment.get(name); !value.empty()) return value;
  return {};
}

// A blank inside a base URL is sent as %20 (qwen-code-runs, 1).
std::string encoded_blanks(std::string_view url) {
  std::string out;
  for (const char c : url) out += c == ' ' ? std::string("%20") : std::string(1, c);
  return out;
}

void set_header(HttpRequest& request, const std::string& name, const std::string& value) {
  const auto same = [&](const auto& header) {
    return lower_ascii(header.first) == lower_ascii(name);
  };
  std::erase_if(request.headers, same);
  request.headers.emplace_back(name, value);
}

}  // namespace

std::string probe_url(std::string_view protocol, std::string_view base_url,
                      std::string_view model) {
  const std::string base = encoded_blanks(without_trailing_slashes(base_url));
  if (protocol == "anthropic") return base + "/v1/messages";
  if (protocol == "gemini")
    return base + "/v1beta/models/" + path_segment(model) + ":streamGenerateContent?alt=sse";
  return base + "/chat/completions";
}

HttpRequest probe_request(const ProbeTarget& target, const Environment& environment,
                          std::chrono::milliseconds timeout) {
  HttpRequest request;
  request.method = "POST";
  request.url = probe_url(target.protocol, target.base_url, target.model);
  request.body = body_of(target.protocol, target.model);
  request.timeout = timeout;
  request.extra_ca_file = environment.get("NODE_EXTRA_CA_CERTS");
  const Url url = parse_url(target.base_url);
  if (!url.is_loopback()) {
    request.proxy = proxy_of(environment);
    request.no_proxy = environment.get("NO_PROXY");
    if (request.no_proxy.empty()) request.no_proxy = environment.get("no_proxy");
  }
  const std::string key(target.key.reveal());
  request.headers = {
      {"Content-Type", "application/json"},
      {"Accept", target.protocol == "openai" ? "application/json" : "text/event-stream"},
      {"User-Agent",
       "QwenCode/" + std::string(qwen_code_version) + " (linux; x64) qwen-authd/" AUTHD_VERSION}};
  if (target.protocol == "gemini") {
    request.headers.emplace_back("x-goog-api-key", key);
  } else if (target.protocol == "anthropic") {
    request.headers.emplace_back("anthropic-version", "2023-06-01");
    if (is_anthropic_host(url))
      request.headers.emplace_back("x-api-key", key);
    else
      request.headers.emplace_back("Authorization", "Bearer " + key);
  } else {
    request.headers.emplace_back("Authorization", "Bearer " + key);
  }
  for (const auto& [name, value] : target.custom_headers) set_header(request, name, value);
  return request;
}

}  // namespace authd::core
