// The Verdict table (rpc-contract) on the bodies that providers send (user-pain-and-diagnoses, A).
#include <catch2/catch.hpp>

#include "daemon/core/probe.hpp"

namespace authd::core {
namespace {

const std::string probed_key = "sk-canary-0123456789abcdef";

struct Answer {
  std::string protocol = "openai";
  int status = 200;
  std::string body = "";
  std::string content_type = "application/json";
  std::string base_url = "https://h/v1";
  std::string model = "qwen3-coder";
  NetworkFault fault = NetworkFault::none;
  std::string proxy = "";
};

Verdict judged(const Answer& answer) {
  const ProbeTarget target{answer.protocol, answer.base_url, answer.model, Secret(std::string_view(probed_key)), {}};
  HttpRequest request = probe_request(target, {}, std::chrono::milliseconds(8000));
  request.proxy = answer.proxy;
  HttpResponse response;
  response.status = answer.status;
  response.body = answer.body;
  response.content_type = answer.content_type;
  response.fault = answer.fault;
  StreamReader stream(answer.protocol);
  if (answer.status >= 200 && answer.status < 300) stream.feed(answer.body);
  return classify(target, request, response, stream);
}

std::string said(const Verdict& verdict) {
  return std::string(verdict_state_name(verdict.state)) + (verdict.code.empty() ? "" : " " + verdict.code);
}

std::string error(const std::string& message, const std::string& more = "") {
  return R"({"error": {"message": ")" + message + "\"" + more + "}}";
}

}  // namespace

TEST_CASE("the protocol's own answer proves the key, streamed or whole") {
  struct Row {
    std::string protocol, body;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "data: {\"choices\":[{\"delta\":{\"content\":\"h\"}}]}\n\n"},
      {"openai", ": OPENROUTER PROCESSING\n\ndata: {\"choices\":[]}\r\n\r\n"},
      {"openai", "event: x\nid: 1\ndata:{\"choices\":[{}]}\n\ndata: [DONE]\n\n"},
      {"openai", "{\"choices\":[{\"message\":{}}]}"},
      {"anthropic", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n"},
      {"anthropic", "event: ping\ndata: {\"type\":\"ping\"}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\"}\n\n"},
      {"anthropic", "{\"type\":\"message\",\"content\":[]}"},
      {"gemini", "data: {\"candidates\":[{\"content\":{}}]}\r\n\r\n"},
      {"gemini", "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n"},
      {"gemini", "[{\"candidates\":[{}]}]"},
  }));
  CAPTURE(row.protocol, row.body);
  CHECK(said(judged({.protocol = row.protocol, .body = row.body})) == "accepted");
}

TEST_CASE("a 200 that is not the protocol's answer proves nothing") {
  struct Row {
    std::string protocol, body, content_type;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "", "text/event-stream"},
      {"openai", "   \n", "application/json"},
      {"openai", "<html><body>Welcome</body></html>", "text/html; charset=utf-8"},
      {"openai", "\n <!doctype html>", "application/json"},
      {"openai", "{\"choices\":", "application/json"},
      {"openai", "{\"choices\":{}}", "application/json"},
      {"openai", "{\"object\":\"list\"}", "application/json"},
      {"openai", "[]", "application/json"},
      {"openai", "null", "application/json"},
      {"openai", "ok", "text/plain"},
      {"openai", "data: [DONE]\n\n", "text/event-stream"},
      {"openai", "data: {\"type\":\"message_start\"}\n\n", "text/event-stream"},
      {"anthropic", "data: {\"choices\":[{}]}\n\n", "text/event-stream"},
      {"anthropic", "data: {\"type\":\"ping\"}\n\n", "text/event-stream"},
      {"anthropic", "data: {\"type\":7}\n\n", "text/event-stream"},
      {"gemini", "{\"choices\":[{}]}", "application/json"},
      {"gemini", "[]", "application/json"},
  }));
  CAPTURE(row.protocol, row.body);
  const Verdict verdict = judged({.protocol = row.protocol, .body = row.body, .content_type = row.content_type});
  CHECK(verdict_state_name(verdict.state) == "inconclusive");
  CHECK(verdict.http_status == 200);
}

TEST_CASE("a refused key is told from everything else that a provider refuses") {
  struct Row {
    int status;
    std::string body, expected;
  };
  const auto row = GENERATE(values<Row>({
      // 401: the key.
      {401, error("invalid access token or token expired"), "rejected K203"},
      {401, error("Incorrect API key provided. For details, see https://help.aliyun.com/model-studio/error-code#apikey-error"), "rejected K203"},
      {401, error("Incorrect API key provided: sk-ca****cdef. You can find your API key at https://platform.openai.com/account/api-keys."), "rejected K203"},
      {401, R"({"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"x"})", "rejected K203"},
      {401, error("No auth credentials found"), "rejected K203"},
      {401, error("User not found."), "rejected K203"},
      {401, "", "rejected K203"},
      {401, "<html>401</html>", "rejected K203"},
      {401, R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})", "rejected K203"},
      // 403: the key only where the body says so.
      {403, error("invalid api-key"), "rejected K203"},
      {403, error("Authentication failed"), "rejected K203"},
      {403, R"({"error":{"code":403,"message":"Method doesn't allow unregistered callers. Please use API Key or other form of API consumer identity","status":"PERMISSION_DENIED"}})", "rejected K203"},
      {403, R"({"code":"AccessDenied.Unpurchased","message":"Access to model denied."})", "accepted_but M501"},
      {403, error("You do not have access to this model"), "accepted_but M501"},
      {403, R"({"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."})", "accepted_but Q603"},
      // 400: the key only with a key reason.
      {400, R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}})", "rejected K203"},
      {400, R"([{"error":{"code":400,"message":"API key expired.","details":[{"reason":"API_KEY_INVALID"}]}}])", "rejected K203"},
      {400, R"({"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."})", "accepted_but Q603"},
      {400, error("This model only support stream mode, please enable the stream parameter"), "accepted_but M503"},
      {400, error("parameter.enable_thinking must be set to false for non-streaming calls"), "accepted_but M503"},
      {400, error("current user api does not support http call"), "accepted_but M503"},
      {422, error("max_tokens too small"), "accepted_but M501"},
      {400, error("qwen3-coder is not a valid model ID"), "accepted_but M501"},
      {400, "Bad Request", "inconclusive"},
      {422, "<html>", "inconclusive"},
      // 402 and unpaid accounts.
      {402, error("Insufficient credits. This account never purchased credits."), "accepted_but Q603"},
      {402, "", "accepted_but Q603"},
      {400, error("Your credit balance is too low to access the Anthropic API."), "accepted_but Q603"},
      {429, error("You exceeded your current quota, please check your plan and billing details.", R"(, "code": "insufficient_quota")"), "accepted_but Q603"},
      // 429.
      {429, error("Rate limit reached for requests"), "accepted_but Q601"},
      {429, "", "accepted_but Q601"},
      {429, R"({"code":"Throttling.RateQuota","message":"Requests rate limit exceeded, please try again later."})", "accepted_but Q601"},
      {429, R"({"code":"Throttling.AllocationQuota","message":"Allocated quota exceeded, please increase your quota limit."})", "accepted_but Q602"},
      {429, error("week allocated quota exceeded"), "accepted_but Q602"},
      {429, error("hour allocated quota exceeded"), "accepted_but Q602"},
      {429, error("month allocated quota exceeded"), "accepted_but Q602"},
      {429, error("Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-05-01"), "accepted_but Q602"},
      {429, R"({"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}})", "accepted_but K201"},
      // 404: the model only where the body names it.
      {404, error("The model `qwen3-coder` does not exist or you do not have access to it.", R"(, "code": "model_not_found")"), "accepted_but M501"},
      {404, error("models/qwen3-coder is not found for API version v1beta"), "accepted_but M501"},
      {404, error("Not Found"), "inconclusive U301"},
      {404, R"({"detail":"Not Found"})", "inconclusive U301"},
      {404, "<html>qwen3-coder</html>", "inconclusive U301"},
      {404, "", "inconclusive U301"},
      {404, error("Invalid URL (POST /chat/completions)"), "inconclusive U301"},
      // Everything else.
      {301, "", "inconclusive"},
      {302, "<html>", "inconclusive"},
      {307, "", "inconclusive"},
      {405, error("Method Not Allowed"), "inconclusive U301"},
      {405, "<html>Your request was blocked</html>", "inconclusive"},
      {407, "", "inconclusive N703"},
      {408, "", "inconclusive"},
      {418, error("I'm a teapot"), "inconclusive"},
      {500, error("internal error"), "inconclusive"},
      {500, error("invalid api key"), "inconclusive"},
      {502, "<html>Bad Gateway</html>", "inconclusive"},
      {503, error("overloaded"), "inconclusive"},
      {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})", "inconclusive"},
      {204, "", "inconclusive"},
      {103, "", "inconclusive"},
      {999, "", "inconclusive"},
  }));
  CAPTURE(row.status, row.body);
  CHECK(said(judged({.status = row.status, .body = row.body})) == row.expected);
}

TEST_CASE("a 403 is about the model only where it says so") {
  CHECK(said(judged({.status = 403})) == "inconclusive");
  CHECK(said(judged({.status = 403, .body = error("Forbidden")})) == "inconclusive");
  CHECK(said(judged({.status = 403, .body = "<html><title>Just a moment...</title></html>", .content_type = "text/html"})) == "inconclusive N704");
  CHECK(said(judged({.status = 403, .body = "<html>Zscaler</html>", .content_type = "text/html", .proxy = "http://p:1"})) == "inconclusive N703");
  for (const auto& [status, words] : {std::pair(403, "Country, region, or territory not supported"), {400, "User location is not supported for the API use."}}) {
    const Verdict verdict = judged({.status = status, .body = error(words)});
    CHECK(said(verdict) == "inconclusive");
    CHECK_THAT(verdict.message, Catch::Contains("country or region"));
  }
}

TEST_CASE("gateways and providers say it in words and shapes of their own") {
  struct Row {
    int status;
    std::string body, expected;
    std::string base_url = "https://h/v1";
  };
  const auto row = GENERATE(values<Row>({
      {403, error("quota", R"(, "code": "insufficient_user_quota")"), "accepted_but Q603"},
      {403, error("用户额度不足, 剩余额度: 0"), "accepted_but Q603"},
      {401, error("该令牌额度已用尽"), "accepted_but Q603"},
      {401, error("无效的令牌"), "rejected K203"},
      {503, error("No available channel for model qwen3-coder under group default"), "accepted_but M501"},
      {503, error("当前分组 default 下对于模型 qwen3-coder 无可用渠道"), "accepted_but M501"},
      {503, error("x", R"(, "code": "model_not_found")"), "accepted_but M501"},
      {503, error("insufficient_quota"), "inconclusive"},
      {429, R"({"error":{"code":"1311","message":"Your subscription plan does not include access to this model"}})", "accepted_but M501"},
      {429, R"({"errors":{"message":"You have exceeded today's quota for this model"}})", "accepted_but Q602"},
      {401, R"({"errors":{"message":"Please provide a valid ModelScope token"}})", "rejected K203"},
      {401, R"({"errors":{"message":"Please bind your Alibaba Cloud account before use."}})", "accepted_but Q603"},
      {429, error("You exceeded your current quota, please check your plan and billing details."), "accepted_but Q603", "https://api.openai.com/v1"},
      {200, R"({"base_resp":{"status_code":1004,"status_msg":"login fail"}})", "rejected K203"},
      {200, R"({"base_resp":{"status_code":2049,"status_msg":"invalid api key"}})", "rejected K203"},
      {200, R"({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})", "accepted_but Q603"},
      {200, R"x({"error":"Unexpected endpoint or method. (POST /chat/completions)"})x", "inconclusive U301"},
      {200, R"({"error":"boom"})", "inconclusive"},
      {500, R"x({"error":{"message":"your current token plan not support model, MiniMax-M2.7 (2061)"}})x", "accepted_but M501"},
      {500, R"x({"error":{"type":"insufficient_balance_error","message":"insufficient balance (1008)"}})x", "accepted_but Q603"},
      {403, error("预扣费额度失败, 用户剩余额度: 0.02"), "accepted_but Q603"},
      {403, error("该令牌无权访问模型 qwen3-coder"), "accepted_but M501"},
      {401, error("key not allowed to access model. This key can only access models=['gpt-4o']", R"(, "type": "key_model_access_denied")"), "accepted_but M501"},
      {400, error("Budget has been exceeded! Current cost: 76.16, Max budget: 10.0"), "accepted_but Q603"},
      {400, error("Authentication Error - Expired Key. Key Expiry time 2026-01-01"), "rejected K203"},
      {403, R"({"code":30001,"message":"Sorry, your account balance is insufficient"})", "accepted_but Q603"},
      {403, R"({"error":"Your team has either used all available credits or reached its monthly spending limit."})", "accepted_but Q603"},
      {412, error("Account jane is suspended, possibly due to reaching the monthly spending limit"), "accepted_but Q603"},
      {403, error("Your subscription is invalid", R"(, "code": "invalid_subscription")"), "accepted_but K201"},
      {429, R"({"error":{"code":"1309","message":"您的GLM Coding Plan套餐已到期"}})", "accepted_but Q603"},
      {429, R"({"error":{"code":"1304","message":"该API今日调用次数已达上限。"}})", "accepted_but Q602"},
      {429, error("request reached organization TPD rate limit, current: 1505241, limit: 1500000"), "accepted_but Q602"},
      {429, error("You have exceeded the 5-hour usage quota. It will reset at 2026-11-22 15:00:00"), "accepted_but Q602"},
      {429, error("Rate limit of 50 per 86400s exceeded for UserByModelByDay."), "accepted_but Q602"},
      {429, error("The engine is currently overloaded, please try again later"), "accepted_but Q601"},
      {401, error("Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired."), "rejected K210"},
      {400, error("This model's maximum context length is 16 tokens."), "accepted_but"},
      {400, R"({"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}})", "accepted_but"},
      {413, "<html><title>413 Request Entity Too Large</title></html>", "inconclusive"},
      {400, error("This organization is on hold."), "accepted_but M501"},
      {404, R"({"message":"no Route matched with those values"})", "inconclusive U301"},
      {405, R"({"detail":"Method Not Allowed"})", "inconclusive U301"},
  }));
  CAPTURE(row.status, row.body);
  const Verdict verdict = judged({.status = row.status, .body = row.body, .base_url = row.base_url});
  CHECK(said(verdict) == row.expected);
  CHECK(verdict.message.find("(0)") == std::string::npos);
}

TEST_CASE("a number inside another one is no code of a provider") {
  struct Row {
    int status;
    std::string body, expected;
  };
  const auto row = GENERATE(values<Row>({
      {401, R"({"timestamp": 1741113600000, "status": 401, "error": "Unauthorized"})", "rejected K203"},
      {401, error("Incorrect API key provided.", R"(, "request_id": "req_7f1113ab90")"), "rejected K203"},
      {429, error("Rate limit reached", R"(, "request_id": "req_7f1113ab90")"), "accepted_but Q601"},
  }));
  CAPTURE(row.body);
  CHECK(said(judged({.status = row.status, .body = row.body})) == row.expected);
}

TEST_CASE("a wrong path says what is wrong with the base URL") {
  struct Row {
    std::string protocol, base_url, body, expected;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "https://h", error("Invalid URL (POST /chat/completions)"), "inconclusive U301"},
      {"openai", "https://h/v1/chat/completions", error("Invalid URL (POST /v1/chat/completions/chat/completions)"), "inconclusive U302"},
      {"anthropic", "https://h/v1", "", "inconclusive U301"},
      {"anthropic", "https://h/v1/messages", "", "inconclusive U302"},
      {"gemini", "https://h/v1beta", "<html>", "inconclusive U301"},
  }));
  CAPTURE(row.base_url);
  CHECK(said(judged({.protocol = row.protocol, .status = 404, .body = row.body, .base_url = row.base_url})) == row.expected);
}

TEST_CASE("a refused request whose words name no model has the nearest code, and that is said") {
  CHECK(judged({.status = 422, .body = error("max_tokens too small")}).is_code_vague);
  CHECK_FALSE(judged({.status = 400, .body = error("unknown model")}).is_code_vague);
  // A server that fails has not looked at the key.
  CHECK(said(judged({.status = 500, .body = error("Invalid API key")})) == "inconclusive");
}

TEST_CASE("the name of a model inside a word is not the model") {
  CHECK(said(judged({.status = 404, .body = R"({"detail":"Not Found"})", .model = "o"})) == "inconclusive U301");
  CHECK(said(judged({.status = 404, .body = error("Resource not found", R"(, "request_id": "req_9o1f")"), .model = "o1"})) == "inconclusive U301");
}

TEST_CASE("an error event inside a 200 stream counts as its status would") {
  struct Row {
    std::string protocol, body, expected;
  };
  const auto row = GENERATE(values<Row>({
      {"anthropic", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"invalid x-api-key\"}}\n\n", "rejected K203"},
      {"anthropic", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", "inconclusive"},
      {"anthropic", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow down\"}}\n\n", "accepted_but Q601"},
      {"openai", "data: {\"error\":{\"code\":401,\"message\":\"No auth credentials found\"}}\n\n", "rejected K203"},
      {"openai", "data: {\"error\":{\"code\":402,\"message\":\"Insufficient credits\"}}\n\n", "accepted_but Q603"},
      {"openai", "data: {\"error\":{\"code\":\"invalid_api_key\",\"message\":\"wrong\"}}\n\n", "rejected K203"},
      {"openai", "data: {\"error\":{\"code\":500,\"message\":\"boom\"}}\n\n", "inconclusive"},
      {"openai", "data: {\"error\":\"boom\"}\n\n", "inconclusive"},
      {"openai", "{\"error\":{\"code\":429,\"message\":\"slow down\"}}", "accepted_but Q601"},
      {"gemini", "data: {\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\",\"message\":\"API key not valid\"}}\n\n", "rejected K203"},
      {"gemini", "data: {\"error\":{\"code\":404,\"status\":\"NOT_FOUND\",\"message\":\"models/qwen3-coder is not found\"}}\n\n", "accepted_but M501"},
  }));
  CAPTURE(row.protocol, row.body);
  CHECK(said(judged({.protocol = row.protocol, .body = row.body})) == row.expected);
}

TEST_CASE("an error event without a status counts as its words do") {
  struct Row {
    std::string event, expected;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}})", "accepted_but K201"},
      {R"({"error":{"message":"Insufficient Balance","code":"invalid_request_error"}})", "accepted_but Q603"},
      {R"({"error":"insufficient_quota"})", "accepted_but Q603"},
      {R"({"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"code":429,"message":"Rate limit exceeded"}})", "accepted_but Q601"},
      {R"({"choices":[{"delta":{"content":"h"}}],"error":null})", "accepted"},
      {R"({"error":{"message":"This model's maximum context length is 10 tokens","code":400}})", "accepted_but"},
  }));
  CAPTURE(row.event);
  CHECK(said(judged({.body = "data: " + row.event + "\n\n", .content_type = "text/event-stream"})) == row.expected);
}

TEST_CASE("a web page where the base URL lacks the version is the web site's, and its title is told") {
  const std::string page = "<!doctype html><html><head><title>New API</title></head></html>";
  const Verdict site = judged({.body = page, .content_type = "text/html", .base_url = "https://h"});
  CHECK(said(site) == "inconclusive U301");
  const Verdict portal = judged({.body = page, .content_type = "text/html"});
  CHECK(said(portal) == "inconclusive N704");
  CHECK(portal.observed["pageTitle"] == "New API");
  CHECK_THAT(portal.message, Catch::Contains("titled \"New API\""));
  const Verdict hostile = judged({.body = "<title>\x1b[31m" + probed_key + std::string(500, 'x'), .content_type = "text/html"});
  CHECK(hostile.message.find(probed_key) == std::string::npos);
  const Verdict escaped = judged({.body = "<title>\x1b[31m" + probed_key + std::string(500, 'x') + "</title>", .content_type = "text/html"});
  CHECK(escaped.message.find(probed_key) == std::string::npos);
  CHECK(escaped.message.find('\x1b') == std::string::npos);
  CHECK(escaped.message.size() < 600);
}

TEST_CASE("what the network does to a request is never the key's fault") {
  struct Row {
    NetworkFault fault;
    int status;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {NetworkFault::dns, 0, "inconclusive N704"},
      {NetworkFault::connect, 0, "inconclusive N704"},
      {NetworkFault::timeout, 0, "inconclusive N704"},
      {NetworkFault::timeout, 200, "inconclusive N704"},
      {NetworkFault::tls, 0, "inconclusive N701"},
      {NetworkFault::proxy, 0, "inconclusive N703"},
      {NetworkFault::broken, 0, "inconclusive N704"},
      {NetworkFault::broken, 200, "inconclusive N704"},
      {NetworkFault::too_large, 200, "inconclusive"},
      {NetworkFault::cancelled, 0, "not_tested cancelled"},
      {NetworkFault::cancelled, 200, "not_tested cancelled"},
      {NetworkFault::none, 0, "inconclusive N704"},
  }));
  CAPTURE(static_cast<int>(row.fault), row.status);
  CHECK(said(judged({.status = row.status, .fault = row.fault})) == row.expected);
}

TEST_CASE("a web page behind a proxy is the proxy's") {
  CHECK(said(judged({.body = "<html>", .content_type = "text/html", .proxy = "http://p:1"})) == "inconclusive N703");
  CHECK(said(judged({.body = "<html>", .content_type = "text/html"})) == "inconclusive N704");
}

TEST_CASE("a stream is judged the same however it is cut into pieces") {
  const std::string text = ": hi\r\n\r\nevent: ping\r\ndata: {\"type\":\"ping\"}\r\n\r\ndata: {\"type\":\"message_start\"}\r\n\r\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CAPTURE(cut);
    StreamReader stream("anthropic");
    stream.feed(text.substr(0, cut));
    CHECK(stream.feed(text.substr(cut)));
    CHECK(stream.seen() == StreamReader::Seen::answer);
  }
  StreamReader by_byte("anthropic");
  for (const char c : text) by_byte.feed({&c, 1});
  CHECK(by_byte.seen() == StreamReader::Seen::answer);
}

TEST_CASE("an event may come in several data lines") {
  StreamReader stream("openai");
  CHECK(stream.feed("data: {\"choices\":\ndata: []}\n\n"));
}

TEST_CASE("the first event that proves something ends the transfer, later ones do not count") {
  StreamReader stream("openai");
  CHECK(stream.feed("data: {\"choices\":[]}\n\ndata: {\"error\":{\"code\":401}}\n\n"));
  CHECK(stream.seen() == StreamReader::Seen::answer);
  CHECK(stream.feed("data: {\"error\":{\"code\":401}}\n\n"));
  CHECK(stream.seen() == StreamReader::Seen::answer);
}

}  // namespace authd::core
