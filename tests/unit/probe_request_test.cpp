// The request of the check: as Qwen Code 0.24.4 would send it (facts 9, qwen-code-runs 1).
#include <catch2/catch.hpp>

#include "daemon/core/probe.hpp"

namespace authd::core {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// All values of a header.
std::vector<std::string> header(const HttpRequest& request, const std::string& name) {
  std::vector<std::string> found;
  for (const auto& [key, value] : request.headers)
    if (lower(key) == lower(name)) found.push_back(value);
  return found;
}

HttpRequest request_for(const std::string& protocol, const std::string& base_url, const Variables& variables = {},
                        Headers custom_headers = {}, const std::string& model = "m") {
  const ProbeTarget target{protocol, base_url, model, Secret(std::string_view("sk-key-0123456789")), std::move(custom_headers)};
  Environment environment;
  environment.variables = variables;
  return probe_request(target, environment, std::chrono::milliseconds(8000));
}

const std::vector<std::string> none;

}  // namespace

TEST_CASE("the URL is the one that Qwen Code makes of a base URL") {
  struct Row {
    std::string protocol, base_url, model, url;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "http://h/v1", "m", "http://h/v1/chat/completions"},
      {"openai", "http://h/v1/", "m", "http://h/v1/chat/completions"},
      {"openai", "http://h", "m", "http://h/chat/completions"},
      {"openai", "http://h/v1/chat/completions", "m", "http://h/v1/chat/completions/chat/completions"},
      {"openai", "http://h/a b/v1", "m", "http://h/a%20b/v1/chat/completions"},
      {"anthropic", "http://h/v1", "m", "http://h/v1/v1/messages"},
      {"anthropic", "http://h", "m", "http://h/v1/messages"},
      {"anthropic", "http://h/", "m", "http://h/v1/messages"},
      {"anthropic", "http://h/anthropic", "m", "http://h/anthropic/v1/messages"},
      {"gemini", "http://h", "gemini-2.5-pro", "http://h/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"},
      {"gemini", "http://h//", "m", "http://h/v1beta/models/m:streamGenerateContent?alt=sse"},
      {"gemini", "http://h/v1beta", "m", "http://h/v1beta/v1beta/models/m:streamGenerateContent?alt=sse"},
      {"gemini", "http://h", "a b?c#d%", "http://h/v1beta/models/a%20b%3Fc%23d%25:streamGenerateContent?alt=sse"},
  }));
  CAPTURE(row.protocol, row.base_url);
  CHECK(probe_url(row.protocol, row.base_url, row.model) == row.url);
  CHECK(request_for(row.protocol, row.base_url, {}, {}, row.model).url == row.url);
}

TEST_CASE("the key goes in the header that the protocol and the host want, and in no other") {
  struct Row {
    std::string protocol, base_url;
    std::vector<std::string> authorization, x_api_key, x_goog_api_key;
  };
  const std::vector<std::string> bearer{"Bearer sk-key-0123456789"}, bare{"sk-key-0123456789"};
  const auto row = GENERATE_COPY(values<Row>({
      {"openai", "https://api.openai.com/v1", bearer, none, none},
      {"anthropic", "https://api.anthropic.com", none, bare, none},
      {"anthropic", "https://API.Anthropic.COM/", none, bare, none},
      {"anthropic", "https://eu.anthropic.com:443", none, bare, none},
      {"anthropic", "https://gateway.example", bearer, none, none},
      {"anthropic", "https://api.anthropic.com.evil.example", bearer, none, none},
      {"anthropic", "https://evilanthropic.com", bearer, none, none},
      {"anthropic", "https://evil.example/api.anthropic.com", bearer, none, none},
      {"anthropic", "https://api.anthropic.com@evil.example", bearer, none, none},
      {"anthropic", "http://127.0.0.1:8080", bearer, none, none},
      {"gemini", "https://generativelanguage.googleapis.com", none, none, bare},
  }));
  CAPTURE(row.protocol, row.base_url);
  const HttpRequest request = request_for(row.protocol, row.base_url);
  CHECK(header(request, "Authorization") == row.authorization);
  CHECK(header(request, "x-api-key") == row.x_api_key);
  CHECK(header(request, "x-goog-api-key") == row.x_goog_api_key);
  CHECK(header(request, "anthropic-version") == (row.protocol == "anthropic" ? std::vector<std::string>{"2023-06-01"} : none));
  CHECK(request.url.find("sk-key") == std::string::npos);
  CHECK(request.body.find("sk-key") == std::string::npos);
}

TEST_CASE("every request is a POST of JSON that says who asks") {
  for (const std::string protocol : {"openai", "anthropic", "gemini"}) {
    CAPTURE(protocol);
    const HttpRequest request = request_for(protocol, "https://h");
    CHECK(request.method == "POST");
    CHECK(header(request, "Content-Type") == std::vector<std::string>{"application/json"});
    const std::string agent = protocol == "anthropic" ? "claude-cli/0.24.4 (external, cli)" : "QwenCode/0.24.4 (linux; x64)";
    CHECK(header(request, "User-Agent") == std::vector<std::string>{agent + " qwen-authd/" AUTHD_VERSION});
    CHECK(request.timeout == std::chrono::milliseconds(8000));
  }
}

TEST_CASE("the generation is streamed and as small as can be") {
  Json openai = Json::parse(request_for("openai", "https://h/v1", {}, {}, "a\"b").body);
  CHECK(openai.at("model") == "a\"b");
  CHECK(openai.at("stream") == true);
  CHECK(openai.at("max_tokens") == 1);
  CHECK(openai.at("messages").size() == 1);
  Json anthropic = Json::parse(request_for("anthropic", "https://h").body);
  CHECK(anthropic.at("model") == "m");
  CHECK(anthropic.at("stream") == true);
  CHECK(anthropic.at("max_tokens") == 1);
  Json gemini = Json::parse(request_for("gemini", "https://h").body);
  CHECK(gemini.at("generationConfig").at("maxOutputTokens") == 1);
  CHECK(gemini.at("contents").at(0).at("parts").at(0).contains("text"));
}

TEST_CASE("an entry's own headers are sent, and replace those of the same name in any case") {
  const HttpRequest request = request_for("openai", "https://h/v1", {},
                                          {{"HTTP-Referer", "https://x"}, {"authorization", "Basic abc"}, {"USER-AGENT", "mine"}});
  CHECK(header(request, "HTTP-Referer") == std::vector<std::string>{"https://x"});
  CHECK(header(request, "Authorization") == std::vector<std::string>{"Basic abc"});
  CHECK(header(request, "User-Agent") == std::vector<std::string>{"mine"});
}

TEST_CASE("the caller's proxy is used, but never for loopback") {
  struct Row {
    std::string base_url;
    Variables variables;
    std::string proxy, no_proxy;
  };
  const auto row = GENERATE(values<Row>({
      {"https://h/v1", {}, "", ""},
      {"https://h/v1", {{"HTTPS_PROXY", "http://p:1"}}, "http://p:1", ""},
      {"https://h/v1", {{"https_proxy", "http://p:2"}}, "http://p:2", ""},
      {"https://h/v1", {{"HTTP_PROXY", "http://p:3"}}, "http://p:3", ""},
      {"http://h/v1", {{"http_proxy", "http://p:4"}, {"NO_PROXY", "a,b"}}, "http://p:4", "a,b"},
      {"http://h/v1", {{"HTTPS_PROXY", ""}, {"http_proxy", "http://p:5"}, {"no_proxy", "c"}}, "http://p:5", "c"},
      {"http://localhost:1/v1", {{"HTTPS_PROXY", "http://p:1"}, {"http_proxy", "http://p:1"}}, "", ""},
      {"http://LOCALHOST/v1", {{"HTTPS_PROXY", "http://p:1"}}, "", ""},
      {"http://x.localhost/v1", {{"HTTPS_PROXY", "http://p:1"}}, "", ""},
      {"http://127.0.0.1:11434/v1", {{"HTTP_PROXY", "http://p:1"}}, "", ""},
      {"http://127.9.9.9/v1", {{"HTTP_PROXY", "http://p:1"}}, "", ""},
      {"http://[::1]:8080/v1", {{"HTTP_PROXY", "http://p:1"}}, "", ""},
      {"http://127.0.0.1.evil.example/v1", {{"HTTP_PROXY", "http://p:1"}}, "http://p:1", ""},
      {"http://user:pw@localhost/v1", {{"HTTP_PROXY", "http://p:1"}}, "", ""},
      {"http://localhost@h/v1", {{"HTTP_PROXY", "http://p:1"}}, "http://p:1", ""},
  }));
  CAPTURE(row.base_url);
  const HttpRequest request = request_for("openai", row.base_url, row.variables);
  CHECK(request.proxy == row.proxy);
  CHECK(request.no_proxy == row.no_proxy);
}

TEST_CASE("the caller's extra certificates are taken along") {
  CHECK(request_for("openai", "https://h/v1", {{"NODE_EXTRA_CA_CERTS", "/etc/corp.pem"}}).extra_ca_file == "/etc/corp.pem");
  CHECK(request_for("openai", "https://h/v1").extra_ca_file.empty());
}

namespace {

ProbeTarget asked(const std::string& protocol, const std::string& base_url, CliVersion version = newest_known_version) {
  ProbeTarget target{protocol, base_url, "m", Secret(std::string_view("sk-key-0123456789"))};
  target.version = version;
  return target;
}

HttpRequest sent(const ProbeTarget& target) { return probe_request(target, {}, std::chrono::milliseconds(8000)); }

const CliVersion old_version{0, 15, 6};

}  // namespace

TEST_CASE("each version of Qwen Code says who it is and shows the key in its own way") {
  const HttpRequest old_gateway = sent(asked("anthropic", "https://gateway.example", old_version));
  CHECK(header(old_gateway, "x-api-key") == std::vector<std::string>{"sk-key-0123456789"});
  CHECK(header(old_gateway, "Authorization").empty());
  CHECK(header(old_gateway, "x-app").empty());
  CHECK(header(old_gateway, "User-Agent").front().starts_with("QwenCode/0.15.6 (linux; x64)"));

  const HttpRequest gateway = sent(asked("anthropic", "https://gateway.example"));
  CHECK(header(gateway, "Authorization") == std::vector<std::string>{"Bearer sk-key-0123456789"});
  CHECK(header(gateway, "x-api-key").empty());
  CHECK(header(gateway, "x-app") == std::vector<std::string>{"cli"});

  CHECK(header(sent(asked("anthropic", "https://api.anthropic.com", old_version)), "anthropic-beta") ==
        std::vector<std::string>{"interleaved-thinking-2025-05-14"});
  CHECK(header(sent(asked("anthropic", "https://api.anthropic.com")), "anthropic-beta") ==
        std::vector<std::string>{"interleaved-thinking-2025-05-14,prompt-caching-scope-2026-01-05"});
}

TEST_CASE("the other header is the one that this version does not use") {
  for (const CliVersion version : {newest_known_version, old_version}) {
    ProbeTarget other = asked("anthropic", "https://gateway.example", version);
    CHECK(has_other_key_header(other));
    other.other_key_header = true;
    CHECK_FALSE(has_other_key_header(other));
    const bool bearer = version == old_version;
    CHECK(header(sent(other), "x-api-key").empty() == bearer);
    CHECK(header(sent(other), "Authorization").empty() != bearer);
  }
  CHECK_FALSE(has_other_key_header(asked("anthropic", "https://api.anthropic.com")));
  CHECK_FALSE(has_other_key_header(asked("openai", "https://api.openai.com/v1")));
  ProbeTarget azure = asked("openai", "https://x.openai.azure.com/openai/v1");
  CHECK(has_other_key_header(azure));
  azure.other_key_header = true;
  CHECK(header(sent(azure), "api-key") == std::vector<std::string>{"sk-key-0123456789"});
  CHECK(header(sent(azure), "Authorization").empty());
}

TEST_CASE("Alibaba's hosts get the headers that Qwen Code adds for them, and no other host does") {
  struct Row {
    std::string base_url;
    bool is_alibaba;
  };
  const auto row = GENERATE(values<Row>({{"https://dashscope.aliyuncs.com/compatible-mode/v1", true},
                                         {"https://coding-intl.dashscope.aliyuncs.com/v1", true},
                                         {"https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1", true},
                                         {"https://idealab.alibaba-inc.com/api/openai/v1", true},
                                         {"https://dashscope.aliyuncs.com.evil.example/v1", false},
                                         {"https://api.openai.com/v1", false}}));
  CAPTURE(row.base_url);
  const HttpRequest request = sent(asked("openai", row.base_url));
  CHECK(header(request, "X-DashScope-AuthType") == (row.is_alibaba ? std::vector<std::string>{"openai"} : none));
  CHECK(header(request, "X-DashScope-CacheControl") == (row.is_alibaba ? std::vector<std::string>{"enable"} : none));
}

TEST_CASE("the Responses API is asked below /v1, however the base URL ends") {
  CHECK(probe_url("openai-responses", "https://h/v1", "m") == "https://h/v1/responses");
  CHECK(probe_url("openai-responses", "https://h/v1/", "m") == "https://h/v1/responses");
  CHECK(probe_url("openai-responses", "https://h", "m") == "https://h/v1/responses");
  CHECK(sent(asked("openai-responses", "https://h/v1")).body ==
        R"({"input":[{"content":"hi","role":"user"}],"max_output_tokens":16,"model":"m","stream":true})");
  CHECK(probe_url("vertex-ai", "https://h", "m") ==
        "https://h/v1beta1/publishers/google/models/m:streamGenerateContent?alt=sse");
}

TEST_CASE("each depth asks for what it wants to see, and for no more") {
  struct Row {
    std::string protocol;
    ProbeDepth depth;
    std::string body;
  };
  const std::string parameters = R"({"properties":{"ready":{"type":"boolean"}},"required":["ready"],"type":"object"})";
  const std::string summary = R"("description":"Reports whether you are ready.")";
  const std::string call = "Call the tool report_ready with ready set to true. Do not answer with text.";
  const auto row = GENERATE_COPY(values<Row>({
      {"openai", ProbeDepth::key, R"({"max_tokens":1,"messages":[{"content":"hi","role":"user"}],"model":"m","stream":true})"},
      {"openai", ProbeDepth::model, R"({"max_tokens":256,"messages":[{"content":"hi","role":"user"}],"model":"m","stream":true})"},
      {"anthropic", ProbeDepth::model, R"({"max_tokens":256,"messages":[{"content":"hi","role":"user"}],"model":"m","stream":true})"},
      {"gemini", ProbeDepth::model, R"({"contents":[{"parts":[{"text":"hi"}],"role":"user"}],"generationConfig":{"maxOutputTokens":256}})"},
      {"openai", ProbeDepth::tools,
       R"({"max_tokens":1024,"messages":[{"content":")" + call + R"(","role":"user"}],"model":"m","stream":true,"tools":[{"function":{)" + summary +
           R"(,"name":"report_ready","parameters":)" + parameters + R"(},"type":"function"}]})"},
      {"anthropic", ProbeDepth::tools,
       R"({"max_tokens":1024,"messages":[{"content":")" + call + R"(","role":"user"}],"model":"m","stream":true,"tools":[{)" + summary +
           R"(,"input_schema":)" + parameters + R"(,"name":"report_ready"}]})"},
      {"gemini", ProbeDepth::tools,
       R"({"contents":[{"parts":[{"text":")" + call + R"("}],"role":"user"}],"generationConfig":{"maxOutputTokens":1024},"tools":[{"functionDeclarations":[{)" +
           summary + R"(,"name":"report_ready","parameters":)" + parameters + R"(}]}]})"},
      {"openai-responses", ProbeDepth::tools,
       R"({"input":[{"content":")" + call + R"(","role":"user"}],"max_output_tokens":1024,"model":"m","stream":true,"tools":[{)" + summary +
           R"(,"name":"report_ready","parameters":)" + parameters + R"(,"type":"function"}]})"},
  }));
  CAPTURE(row.protocol, depth_name(row.depth));
  ProbeTarget target = asked(row.protocol, "https://h/v1");
  target.depth = row.depth;
  CHECK(sent(target).body == row.body);
}

TEST_CASE("an entry's extra body goes along where Qwen Code sends it") {
  ProbeTarget target = asked("openai", "https://h/v1");
  target.extra_body = {{"enable_thinking", true}, {"max_tokens", 5}};
  CHECK(sent(target).body ==
        R"({"enable_thinking":true,"max_tokens":5,"messages":[{"content":"hi","role":"user"}],"model":"m","stream":true})");
  target.protocol = "anthropic";
  CHECK(sent(target).body == R"({"max_tokens":1,"messages":[{"content":"hi","role":"user"}],"model":"m","stream":true})");
}

}  // namespace authd::core
