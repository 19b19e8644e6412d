// What a verdict shows of a provider's words, and what it never shows.
#include <catch2/catch.hpp>

#include "daemon/core/probe.hpp"

namespace authd::core {
namespace {

const std::string echoed_key = "sk-canary-0123456789abcdef";

Verdict judged(HttpResponse response) {
  const ProbeTarget target{"openai", "https://h/v1", "m", Secret(std::string_view(echoed_key)), {}};
  StreamReader stream("openai");
  if (response.status == 200) stream.feed(response.body);
  return classify(target, probe_request(target, {}, std::chrono::milliseconds(1)), response, stream);
}

Verdict judged(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  response.content_type = "application/json";
  return judged(std::move(response));
}

// Everything of a verdict that leaves the daemon.
std::string all_of(const Verdict& verdict) {
  std::string text = verdict.message + "\n" + verdict.url + "\n" + verdict.code + "\n" + dump(verdict.observed);
  for (const std::string& hint : verdict.hints) text += "\n" + hint;
  return text;
}

// The longest piece of the key in a text.
std::size_t longest_piece(const std::string& text) {
  for (std::size_t length = echoed_key.size(); length > 0; --length)
    for (std::size_t at = 0; at + length <= echoed_key.size(); ++at)
      if (text.find(echoed_key.substr(at, length)) != std::string::npos) return length;
  return 0;
}

}  // namespace

TEST_CASE("a provider's error text is shown with its status") {
  const Verdict verdict = judged(401, R"({"error":{"message":"Incorrect key, see our page"}})");
  CHECK_THAT(verdict.message, Catch::Contains("Incorrect key, see our page"));
  CHECK_THAT(verdict.message, Catch::Contains("401"));
  CHECK(verdict.http_status == 401);
  CHECK(verdict.method == "POST");
  CHECK(verdict.url == "https://h/v1/chat/completions");
  CHECK(verdict.protocol == "openai");
  CHECK(verdict.base_url == "https://h/v1");
  CHECK(verdict.model == "m");
}

TEST_CASE("the words are found in every shape that providers use") {
  const auto body = GENERATE(as<std::string>(), R"({"error":{"message":"THE WORDS"}})", R"({"error":"THE WORDS"})",
                             R"({"code":"X","message":"THE WORDS"})", R"({"msg":"THE WORDS"})", R"({"detail":"THE WORDS"})",
                             R"([{"error":{"message":"THE WORDS"}}])", R"({"type":"error","error":{"type":"x","message":"THE WORDS"}})",
                             R"({"error":{"code":7,"msg":"THE WORDS"}})");
  CAPTURE(body);
  CHECK_THAT(judged(500, body).message, Catch::Contains("THE WORDS"));
}

TEST_CASE("a key that the provider echoes is never shown, whole, in part or masked") {
  const auto echo = GENERATE(as<std::string>(), "sk-canary-0123456789abcdef", "\\\"sk-canary-0123456789abcdef\\\"",
                             "sk-canary-01234", "9abcdef", "sk-ca***cdef", "sk-canary-0...cdef", "sk-c…cdef", "••••cdef",
                             "Bearer sk-canary-0123456789abcdef", "sk-canary-0123456789abcdefsk-canary-0123456789abcdef",
                             "xxsk-canary-0123456789abcdefxx", "sk\\u002dcanary-0123456789abcdef",
                             "sk-canary-\\u001b[0m0123456789abcdef", "sk-canary\\n-0123456789abcdef");
  const int status = GENERATE(200, 302, 400, 401, 403, 404, 429, 500);
  CAPTURE(echo, status);
  for (const std::string& body : {R"({"error":{"message":"wrong key )" + echo + R"(."}})", R"({"error":")" + echo + "\"}",
                                  "data: {\"error\":{\"message\":\"" + echo + "\"}}\n\n", "<html>" + echo + "</html>", echo}) {
    const std::string text = all_of(judged(status, body));
    CAPTURE(body, text);
    CHECK(longest_piece(text) < 6);
    CHECK(text.find("cdef") == std::string::npos);
  }
}

TEST_CASE("a key that the provider echoes in a header is never shown") {
  const auto put = GENERATE(as<void (*)(HttpResponse&)>(), [](HttpResponse& r) { r.content_type = "text/" + echoed_key; },
                            [](HttpResponse& r) { r.retry_after = "7; " + echoed_key; },
                            [](HttpResponse& r) { r.location = "https://h/?key=" + echoed_key; },
                            [](HttpResponse& r) { r.location = "https://" + echoed_key + ".example/"; });
  for (const int status : {200, 302, 401, 429, 503}) {
    HttpResponse response;
    response.status = status;
    put(response);
    const std::string text = all_of(judged(std::move(response)));
    CAPTURE(status, text);
    CHECK(longest_piece(text) < 6);
  }
}

TEST_CASE("a key in the words of the library is never shown") {
  HttpResponse response;
  response.fault = NetworkFault::broken;
  response.fault_text = "could not send " + echoed_key;
  const std::string text = all_of(judged(std::move(response)));
  CAPTURE(text);
  CHECK(longest_piece(text) < 6);
}

TEST_CASE("a key that is cut by the bound of the text does not show its beginning") {
  for (std::size_t filler = 470; filler < 505; ++filler) {
    const std::string text = all_of(judged(401, R"({"error":{"message":")" + std::string(filler, '.') + " " + echoed_key + R"("}})"));
    CAPTURE(filler);
    CHECK(longest_piece(text) < 6);
  }
}

TEST_CASE("terminal escapes and control characters are not passed on") {
  const Verdict verdict =
      judged(401, R"({"error":{"message":"a\u001b[31mred\u001b[0m b\u0007\u0000\u009b2J \u202Eevil\u2066 c\r\nd"}})");
  for (const char* bad : {"\x1b", "\x07", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\r", "\n", "[31m"}) {
    CAPTURE(bad);
    CHECK(verdict.message.find(bad) == std::string::npos);
  }
  CHECK_THAT(verdict.message, Catch::Contains("red") && Catch::Contains("evil") && Catch::Contains("d"));
}

TEST_CASE("an endless text is cut") {
  CHECK(judged(401, R"({"error":{"message":")" + std::string(100'000, 'x') + R"("}})").message.size() < 1000);
  HttpResponse response;
  response.status = 401;
  response.content_type = response.retry_after = response.location = response.fault_text = std::string(10'000, 'x');
  CHECK(all_of(judged(std::move(response))).size() < 2000);
}

TEST_CASE("an error of an unknown shape does not stop the judgement") {
  const auto body = GENERATE(as<std::string>(), R"({"error":null})", R"({"error":[]})", R"({"error":7})", R"({"error":{}})",
                             R"({"error":{"message":7}})", R"({"error":{"message":null,"code":-1}})", R"({"error":{"code":99999999999}})",
                             R"({"error":{"code":4.5}})", R"({"message":{}})", "[[]]", "[[[]]]", "7", "\"x\"", "[1]", "{",
                             R"({"error":{"code":18446744073709551615}})", "\xFF\xFE", std::string(100, '['));
  for (const int status : {200, 400, 401, 403, 404, 429, 500}) {
    CAPTURE(body, status);
    const Verdict verdict = judged(status, body);
    CHECK_FALSE(verdict.message.empty());
    if (status == 401) CHECK(verdict_state_name(verdict.state) == "rejected");
    CHECK(verdict_state_name(verdict.state) != "accepted");
  }
}

TEST_CASE("a check that did not take place says so and names the request it would have been") {
  const ProbeTarget target{"anthropic", "https://h", "m", Secret(std::string_view(echoed_key)), {}};
  const Verdict verdict = not_tested(target, "cancelled", "The check was cancelled.");
  CHECK(verdict_state_name(verdict.state) == "not_tested");
  CHECK(verdict.code == "cancelled");
  CHECK(verdict.method == "POST");
  CHECK(verdict.url == "https://h/v1/messages");
  CHECK(verdict.http_status == 0);
}

}  // namespace authd::core
