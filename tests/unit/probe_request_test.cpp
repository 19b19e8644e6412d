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
    CHECK(header(request, "User-Agent") == std::vector<std::string>{"QwenCode/0.24.4 (linux; x64) qwen-authd/" AUTHD_VERSION});
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

}  // namespace authd::core
