#include "vendor.hpp"

namespace loopback {
namespace {

// Percent-escapes decoded, because a client may escape the slash of `vendor/model`.
std::string decoded(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

void take_off_mode(Route& route) {
  const auto end = route.path.find('/', 1);
  const std::string first = route.path.substr(0, end);
  const std::string rest = end == std::string::npos ? "/" : route.path.substr(end);
  for (const std::string_view prefix : {"/mode-", "/mode_", "/mode."}) {
    if (!first.starts_with(prefix)) continue;
    route.mode = first.substr(prefix.size());
    route.path = rest;
    return;
  }
  // Where `redirect` leads: whoever follows it gets a good answer there, so that following shows.
  if (first == "/elsewhere") {
    route.mode = "ok";
    route.path = rest;
  }
}

// The base paths of vendors' endpoints, where a request names a host that is not this machine: there
// they stand for /v1.
void take_off_base_path(Route& route, const Request& request) {
  if (request.header("host").starts_with("127.0.0.1")) return;
  for (const std::string_view base :
       {"/compatible-mode/v1", "/api/coding/paas/v4", "/api/paas/v4", "/api/v1"}) {
    if (!route.path.starts_with(base)) continue;
    route.path = "/v1" + route.path.substr(base.size());
    return;
  }
}

constexpr std::string_view gemini_models = "/v1beta/models";

bool gemini_generation(Route& route) {
  const std::string_view path = route.path;
  for (const std::string_view method : {":streamGenerateContent", ":generateContent"}) {
    if (!path.ends_with(method)) continue;
    route.protocol = Protocol::gemini;
    const auto name = path.substr(0, path.size() - method.size());
    if (name.starts_with(gemini_models) && name.size() > gemini_models.size() + 1 &&
        name[gemini_models.size()] == '/') {
      route.model = decoded(name.substr(gemini_models.size() + 1));
      route.operation = Operation::generate;
    }
    return true;
  }
  return false;
}

}  // namespace

Route route_of(const Request& request) {
  Route route;
  const auto question = request.target.find('?');
  route.path = request.target.substr(0, question);
  if (question != std::string::npos) route.query = request.target.substr(question + 1);
  take_off_mode(route);
  take_off_base_path(route, request);

  const bool post = request.method == "POST";
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (gemini_generation(route)) {
    if (!post) route.operation = Operation::unknown;
  } else if (route.path.ends_with("/messages")) {
    route.protocol = Protocol::anthropic;
    if (post && route.path == "/v1/messages") route.operation = Operation::generate;
  } else if (route.path.find("v1beta") != std::string::npos) {
    route.protocol = Protocol::gemini;
    if (get && route.path == gemini_models) route.operation = Operation::list_models;
  } else if (route.path == "/v1/models") {
    // Two vendors list their models here; only Anthropic's clients name a version.
    const bool anthropic = request.headers.contains("anthropic-version");
    route.protocol = anthropic ? Protocol::anthropic : Protocol::openai;
    if (get) route.operation = Operation::list_models;
  } else if (post && route.path == "/v1/chat/completions") {
    route.operation = Operation::generate;
  }
  return route;
}

Answer wrong_path(const Request& request, const Route& route) {
  if (route.protocol == Protocol::anthropic) {
    return json_answer(
        404, {{"type", "error"},
              {"error", {{"type", "not_found_error"}, {"message", "Not Found"}}},
              {"request_id", "req_loopback"}});
  }
  const bool api_call = route.path.ends_with("/completions") ||
                        route.path.ends_with("/responses") || route.path.ends_with("/models");
  if (route.protocol == Protocol::openai && api_call) {
    const std::string url = request.method + " " + route.path;
    return json_answer(404, {{"error",
                              {{"message", "Invalid URL (" + url + ")"},
                               {"type", "invalid_request_error"},
                               {"param", nullptr},
                               {"code", nullptr}}}});
  }
  return html(404, "Error 404 (Not Found)!!1");
}

Answer html(int status, const std::string& title) {
  return {status, "text/html; charset=UTF-8",
          "<!DOCTYPE html>\n<html lang=en>\n<head><title>" + title +
              "</title></head>\n<body><h1>" + title + "</h1></body>\n</html>\n",
          {}};
}

}  // namespace loopback
