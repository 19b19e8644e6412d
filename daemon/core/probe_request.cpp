// The request: URL, authentication, version and headers as Qwen Code sends them.
#include <algorithm>
#include <array>

#include "daemon/core/address.hpp"
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

bool is_anthropic_host(const Url& url) { return is_at_or_below(url.host, "anthropic.com"); }

// Alibaba's, which get headers of their own (facts, 9).
bool is_dashscope_host(const Url& url) {
  return std::ranges::any_of(
      std::array{"dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com",
                 "dashscope-us.aliyuncs.com", "maas.aliyuncs.com", "alibaba-inc.com"},
      [&](std::string_view domain) { return is_at_or_below(url.host, domain); });
}

bool is_azure_host(const Url& url) { return is_at_or_below(url.host, "azure.com"); }

bool speaks_gemini(std::string_view protocol) {
  return protocol == "gemini" || protocol == "vertex-ai";
}

// ---- Bodies

constexpr std::string_view tool_name = "report_ready";
constexpr std::string_view tool_summary = "Reports whether you are ready.";
constexpr std::string_view tool_prompt =
    "Call the tool report_ready with ready set to true. Do not answer with text.";

Json tool_parameters() {
  return {{"type", "object"},
          {"properties", {{"ready", {{"type", "boolean"}}}}},
          {"required", Json::array({"ready"})}};
}

// Enough for a thought before the first word, or for one call. The answer is left at the first
// token that counts.
int token_limit(ProbeDepth depth) {
  switch (depth) {
    case ProbeDepth::key: return 1;
    case ProbeDepth::model: return 256;
    case ProbeDepth::tools: return 1024;
  }
  return 1;
}

std::string_view prompt(ProbeDepth depth) {
  return depth == ProbeDepth::tools ? tool_prompt : "hi";
}

Json gemini_body(const ProbeTarget& target) {
  const int limit = token_limit(target.depth);
  Json body = {{"contents", {{{"parts", {{{"text", prompt(target.depth)}}}}, {"role", "user"}}}},
               {"generationConfig", {{"maxOutputTokens", limit}}}};
  if (target.depth == ProbeDepth::tools)
    body["tools"] = {{{"functionDeclarations",
                       {{{"name", tool_name},
                         {"description", tool_summary},
                         {"parameters", tool_parameters()}}}}}};
  return body;
}

Json responses_body(const ProbeTarget& target) {
  // It takes no smaller limit than 16.
  Json body = {{"model", target.model},
               {"input", {{{"role", "user"}, {"content", prompt(target.depth)}}}},
               {"max_output_tokens", std::max(16, token_limit(target.depth))},
               {"stream", true}};
  if (target.depth == ProbeDepth::tools)
    body["tools"] = {{{"type", "function"},
                      {"name", tool_name},
                      {"description", tool_summary},
                      {"parameters", tool_parameters()}}};
  return body;
}

// Of OpenAI's chat completions and of Anthropic's messages.
Json messages_body(const ProbeTarget& target) {
  Json body = {{"model", target.model},
               {"messages", {{{"role", "user"}, {"content", prompt(target.depth)}}}},
               {"max_tokens", token_limit(target.depth)},
               {"stream", true}};
  if (target.depth != ProbeDepth::tools) return body;
  Json tool = {{"name", tool_name}, {"description", tool_summary}};
  if (target.protocol == "anthropic") {
    tool["input_schema"] = tool_parameters();
    body["tools"] = Json::array({std::move(tool)});
  } else {
    tool["parameters"] = tool_parameters();
    body["tools"] = Json::array({{{"type", "function"}, {"function", std::move(tool)}}});
  }
  return body;
}

std::string body_of(const ProbeTarget& target) {
  if (speaks_gemini(target.protocol)) return dump(gemini_body(target));
  Json body =
      target.protocol == "openai-responses" ? responses_body(target) : messages_body(target);
  // Only the OpenAI protocols use it, and what it says replaces the rest (facts, 9).
  if (target.protocol != "anthropic" && target.extra_body.is_object())
    body.update(target.extra_body);
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

constexpr std::string_view anthropic_thinking = "interleaved-thinking-2025-05-14";
constexpr std::string_view anthropic_caching = "prompt-caching-scope-2026-01-05";

// Who asks, as Qwen Code says it to this protocol and host (qwen-code-runs, 1.1). That it is only
// imitated stands behind it.
void add_agent(HttpRequest& request, const ProbeTarget& target, const Url& url) {
  const CliRules rules = rules_of(target.version);
  const std::string version = target.version.text();
  std::string agent = "QwenCode/" + version + " (linux; x64)";
  if (target.protocol == "anthropic") {
    request.headers.emplace_back("anthropic-version", "2023-06-01");
    if (is_anthropic_host(url)) {
      std::string betas(anthropic_thinking);
      if (rules.scopes_prompt_caching) betas += "," + std::string(anthropic_caching);
      request.headers.emplace_back("anthropic-beta", betas);
    } else if (rules.bearer_for_gateways) {
      agent = "claude-cli/" + version + " (external, cli)";
      request.headers.emplace_back("x-app", "cli");
    }
  }
  agent += " qwen-authd/" AUTHD_VERSION;
  request.headers.emplace_back("User-Agent", agent);
  if (target.protocol != "openai" || !is_dashscope_host(url)) return;
  request.headers.emplace_back("X-DashScope-CacheControl", "enable");
  request.headers.emplace_back("X-DashScope-UserAgent", agent);
  request.headers.emplace_back("X-DashScope-AuthType", target.protocol);
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
  std::string base = encoded_blanks(without_trailing_slashes(base_url));
  if (protocol == "anthropic") return base + "/v1/messages";
  if (protocol == "gemini")
    return base + "/v1beta/models/" + path_segment(model) + ":streamGenerateContent?alt=sse";
  if (protocol == "vertex-ai")
    return base + "/v1beta1/publishers/google/models/" + path_segment(model) +
           ":streamGenerateContent?alt=sse";
  if (protocol == "openai-responses") {
    if (base.ends_with("/v1")) base.resize(base.size() - 3);
    return base + "/v1/responses";
  }
  return base + "/chat/completions";
}

std::string proxy_for(std::string_view text, const Environment& environment) {
  const Url url = parse_url(text);
  const std::string port = !url.port.empty() ? url.port : url.scheme == "https" ? "443" : "80";
  std::string no_proxy = environment.get("NO_PROXY");
  if (no_proxy.empty()) no_proxy = environment.get("no_proxy");
  if (url.is_loopback() || is_excepted_from_proxy(no_proxy, url.host, port)) return {};
  return proxy_of(environment);
}

HttpRequest probe_request(const ProbeTarget& target, const Environment& environment,
                          std::chrono::milliseconds timeout) {
  HttpRequest request;
  request.method = "POST";
  request.url = probe_url(target.protocol, target.base_url, target.model);
  request.body = body_of(target);
  request.timeout = timeout;
  request.extra_ca_file = environment.get("NODE_EXTRA_CA_CERTS");
  const Url url = parse_url(target.base_url);
  request.allows_guarded_address = target.is_base_url_typed && names_guarded_address(url.host);
  if (!url.is_loopback()) {
    request.proxy = proxy_of(environment);
    request.no_proxy = environment.get("NO_PROXY");
    if (request.no_proxy.empty()) request.no_proxy = environment.get("no_proxy");
  }
  request.headers = {
      {"Content-Type", "application/json"},
      {"Accept", target.protocol == "openai" ? "application/json" : "text/event-stream"}};
  add_agent(request, target, url);
  const std::string key(target.key.reveal());
  const std::string name(key_header(target));
  request.headers.emplace_back(name, name == "Authorization" ? "Bearer " + key : key);
  for (const auto& [custom, value] : target.custom_headers) set_header(request, custom, value);
  return request;
}

ProbeTarget ProbeTarget::clone() const {
  return {protocol,         base_url,          model,           key.clone(),
          custom_headers,   extra_body,        version,         depth,
          is_call_optional, is_base_url_typed, other_key_header};
}

std::vector<std::pair<std::string, std::string>> custom_headers(const Json& entry) {
  std::vector<std::pair<std::string, std::string>> headers;
  const Json::json_pointer pointer("/generationConfig/customHeaders");
  if (!entry.is_object() || !entry.contains(pointer) || !entry[pointer].is_object()) return headers;
  for (const auto& [name, value] : entry[pointer].items())
    if (value.is_string()) headers.emplace_back(name, value.get<std::string>());
  return headers;
}

std::string_view key_header(const ProbeTarget& target) {
  const Url url = parse_url(target.base_url);
  if (speaks_gemini(target.protocol)) return "x-goog-api-key";
  if (target.protocol != "anthropic") return target.other_key_header ? "api-key" : "Authorization";
  const bool bearer = rules_of(target.version).bearer_for_gateways && !is_anthropic_host(url);
  return bearer != target.other_key_header ? "Authorization" : "x-api-key";
}

bool has_other_key_header(const ProbeTarget& target) {
  const Url url = parse_url(target.base_url);
  if (target.other_key_header) return false;
  if (target.protocol == "anthropic") return !is_anthropic_host(url);
  return target.protocol == "openai" && is_azure_host(url);
}

std::string_view depth_name(ProbeDepth depth) {
  switch (depth) {
    case ProbeDepth::key: return "key";
    case ProbeDepth::model: return "model";
    case ProbeDepth::tools: return "tools";
  }
  return "key";
}

ProbeDepth depth_named(std::string_view name) {
  for (const ProbeDepth depth : {ProbeDepth::model, ProbeDepth::tools})
    if (depth_name(depth) == name) return depth;
  return ProbeDepth::key;
}

}  // namespace authd::core
