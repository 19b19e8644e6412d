// Lists of models as endpoints give them, and what their failures mean.
#include "daemon/core/discovery.hpp"

#include <catch2/catch.hpp>

namespace authd::core {
namespace {

ProbeTarget target(const std::string& protocol, const std::string& base_url, const std::string& key = "sk-1234567890abcdef") {
  return {protocol, base_url, {}, Secret(std::string_view(key)), {}};
}

Discovery read(const std::string& body, int status = 200, const ProbeTarget& asked = target("openai", "https://a.example/v1")) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return read_discovery(asked, discovery_request(asked, {}, std::chrono::milliseconds(1)), response);
}

std::vector<std::string> ids(const Discovery& found) {
  std::vector<std::string> all;
  for (const DiscoveredModel& model : found.models) all.push_back(model.id);
  return all;
}

}  // namespace

TEST_CASE("each protocol's list is asked where it is, with the key where that protocol has it") {
  struct Row {
    std::string protocol, base_url, url, header, value;
  };
  const std::vector<Row> rows{
      {"openai", "https://a.example/v1/", "https://a.example/v1/models", "Authorization", "Bearer sk-1234567890abcdef"},
      {"anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/models?limit=1000", "x-api-key", "sk-1234567890abcdef"},
      {"anthropic", "https://gw.example", "https://gw.example/v1/models?limit=1000", "Authorization", "Bearer sk-1234567890abcdef"},
      {"gemini", "https://g.example", "https://g.example/v1beta/models?pageSize=1000", "x-goog-api-key", "sk-1234567890abcdef"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.protocol, row.base_url);
    const HttpRequest request = discovery_request(target(row.protocol, row.base_url), {}, std::chrono::milliseconds(5));
    CHECK(request.method == "GET");
    CHECK(request.url == row.url);
    CHECK(request.body.empty());
    CHECK_THAT(request.headers, Catch::VectorContains(std::pair(row.header, row.value)));
    const HttpRequest keyless = discovery_request(target(row.protocol, row.base_url, ""), {}, std::chrono::milliseconds(5));
    for (const auto& [name, value] : keyless.headers) CHECK(name != row.header);
  }
}

TEST_CASE("lists of OpenAI, Anthropic, Gemini and Ollama are read") {
  CHECK(ids(read(R"({"object":"list","data":[{"id":"b"},{"id":"a","context_length":8192}]})")) == std::vector<std::string>{"b", "a"});
  CHECK(read(R"({"data":[{"id":"a","context_length":8192}]})").models[0].context_window == 8192);
  CHECK(ids(read(R"({"data":[{"id":"old","created":1},{"id":"new","created":2}]})")) == std::vector<std::string>{"new", "old"});
  const auto anthropic = read(R"({"data":[{"type":"model","id":"claude-x","display_name":"Claude X","created_at":"2026-01-01"}],"has_more":false})");
  CHECK(anthropic.models[0].name == "Claude X");
  const auto gemini = read(R"({"models":[{"name":"models/gemini-x","displayName":"Gemini X","inputTokenLimit":1048576,"supportedGenerationMethods":["generateContent"]},
                                         {"name":"models/embed","supportedGenerationMethods":["embedContent"]}]})");
  CHECK(ids(gemini) == std::vector<std::string>{"gemini-x"});
  CHECK(gemini.models[0].context_window == 1048576);
  CHECK(ids(read(R"({"models":[{"name":"qwen3:8b","model":"qwen3:8b","size":1}]})")) == std::vector<std::string>{"qwen3:8b"});
  CHECK(read(R"({"object":"list","data":null})").status == DiscoveryStatus::ok);
  CHECK(ids(read(R"(["a","b"])")) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("ids that could not be typed into the wizard are left out, and each is listed once") {
  const std::string longest(256, 'x');
  CHECK(ids(read(R"({"data":[{"id":"a"},{"id":" a "},{"id":"a,b"},{"id":"a\u001b[31m"},{"id":""},{"id":7},{},null,{"id":")" + longest +
                 R"("},{"id":")" + longest + R"(x"}]})")) == std::vector<std::string>{"a", longest});
}

TEST_CASE("a failure says why") {
  struct Row {
    int status;
    std::string body, name, words;
  };
  const std::vector<Row> rows{
      {401, R"({"error":{"message":"Incorrect API key provided"}})", "rejected", "The provider says: Incorrect API key provided (HTTP 401)"},
      {403, "", "rejected", "HTTP 403"},
      {404, "", "not-offered", "offers no list"},
      {405, "", "not-offered", "HTTP 405"},
      {500, "", "failed", "HTTP 500"},
      {302, "", "failed", "HTTP 302"},
      {200, "<html>", "not-a-list", "no list of models"},
      {200, "{}", "not-a-list", "no list of models"},
      {200, "", "not-a-list", "no list of models"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status, row.body);
    const Discovery found = read(row.body, row.status);
    CHECK(discovery_status_name(found.status) == row.name);
    CHECK_THAT(found.message, Catch::Contains(row.words));
    CHECK(found.models.empty());
  }
  HttpResponse none;
  none.fault = NetworkFault::connect;
  const ProbeTarget asked = target("openai", "http://127.0.0.1:1/v1");
  const Discovery found = read_discovery(asked, discovery_request(asked, {}, std::chrono::milliseconds(1)), none);
  CHECK(discovery_status_name(found.status) == "unreachable");
  CHECK(found.message == "The host refuses the connection.");
  CHECK(discovery_status_name(read(R"({"data":[]})", 200, target("openai", "http://127.0.0.1:1/v1", "")).status) == "no-auth-needed");
}

TEST_CASE("a provider that echoes the key does not get it shown") {
  const Discovery found = read(R"({"error":{"message":"bad key sk-1234567890abcdef"}})", 401);
  CHECK(found.message.find("567890abcdef") == std::string::npos);
}

TEST_CASE("only a server on this machine is asked for Ollama's own list") {
  const auto second = [](const std::string& protocol, const std::string& base_url, int status) {
    const ProbeTarget asked = target(protocol, base_url);
    const HttpRequest first = discovery_request(asked, {}, std::chrono::milliseconds(1));
    HttpResponse response;
    response.status = status;
    const auto request = second_discovery_request(asked, first, read_discovery(asked, first, response));
    return request ? request->url : std::string();
  };
  CHECK(second("openai", "http://127.0.0.1:11434/v1", 404) == "http://127.0.0.1:11434/api/tags");
  CHECK(second("openai", "http://127.0.0.1:11434/v1", 401).empty());
  CHECK(second("openai", "https://a.example/v1", 404).empty());
  CHECK(second("gemini", "http://127.0.0.1:11434", 404).empty());
}

}  // namespace authd::core
