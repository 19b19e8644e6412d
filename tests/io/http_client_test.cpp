// The HTTP client against a server on loopback: where a key goes, and where it never goes.
#include "daemon/io/http_client.hpp"

#include <catch2/catch.hpp>

#include "tests/io/http_support.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {

using core::HttpRequest;
using core::HttpResponse;
using core::NetworkFault;
using test::contains;
using test::fetch;
using test::LoopbackServer;
using test::ok;
using test::post;
using test::send_all;
using test::start;
using test::Started;
using test::Variable;
using test::wait;

TEST_CASE("a request arrives as it was made, and its answer comes back") {
  LoopbackServer server("HTTP/1.1 429 Too Many\r\nContent-Type: Application/JSON; Charset=UTF-8\r\nRetry-After:  7 \r\nContent-Length: 3\r\n\r\nno!");
  const HttpResponse response = fetch(post(server.url("/v1/a%20b?alt=sse"), {{"Authorization", "Bearer k"}, {"X-Empty", ""}}));
  CHECK(response.fault == NetworkFault::none);
  CHECK(response.status == 429);
  CHECK(response.content_type == "Application/JSON; Charset=UTF-8");
  CHECK(response.retry_after == "7");
  CHECK(response.body == "no!");
  REQUIRE(server.requests().size() == 1);
  const std::string request = server.requests()[0];
  CHECK(request.starts_with("POST /v1/a%20b?alt=sse HTTP/1.1\r\n"));
  CHECK(contains(request, "\r\nAuthorization: Bearer k\r\n"));
  CHECK(contains(request, "\r\nX-Empty:\r\n"));
  CHECK(request.ends_with("\r\n\r\n{\"hello\":1}"));
  CHECK_FALSE(contains(request, "Expect:"));
  CHECK_FALSE(contains(request, "application/x-www-form-urlencoded, "));
}

TEST_CASE("a redirect is not followed: the key goes nowhere else") {
  LoopbackServer elsewhere(ok);
  const int status = GENERATE(301, 302, 303, 307, 308);
  LoopbackServer server("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " + elsewhere.url("/stolen") + "\r\nContent-Length: 0\r\n\r\n");
  const HttpResponse response = fetch(post(server.url(), {{"x-api-key", "k"}}));
  CHECK(response.status == status);
  CHECK(response.location == elsewhere.url("/stolen"));
  CHECK(response.fault == NetworkFault::none);
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("a header that would make two is not sent") {
  LoopbackServer server(ok);
  fetch(post(server.url(), {{"X-Good", "1"},
                            {"X-Bad", "a\r\nX-Injected: 1"},
                            {"X-Worse", "a\nX-Injected: 2"},
                            {"X-Name\r\nX-Injected", "3"},
                            {"X-Nul", std::string("a\0b", 3)}}));
  REQUIRE(server.requests().size() == 1);
  CHECK(contains(server.requests()[0], "X-Good: 1\r\n"));
  CHECK_FALSE(contains(server.requests()[0], "Injected"));
  CHECK_FALSE(contains(server.requests()[0], "X-Nul"));
}

TEST_CASE("an answer is read up to 1 MiB and no further") {
  struct Row {
    std::size_t bytes;
    NetworkFault fault;
  };
  const auto row = GENERATE(values<Row>({{1'048'576, NetworkFault::none}, {1'048'577, NetworkFault::too_large}, {50'000'000, NetworkFault::too_large}}));
  CAPTURE(row.bytes);
  LoopbackServer server([&](int socket) {
    send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(row.bytes) + "\r\n\r\n");
    send_all(socket, std::string(row.bytes, 'x'));
  });
  const HttpResponse response = fetch(post(server.url()));
  CHECK(response.fault == row.fault);
  CHECK(response.status == 200);
  CHECK(response.body.size() <= 1'048'576);
}

TEST_CASE("what was enough ends the transfer, though the server would go on") {
  LoopbackServer server([](int socket) {
    send_all(socket, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\ndata: two\n\n");
    test::wait_for_close(socket);
  });
  const auto client = make_curl_client();
  Started started = start(*client, post(server.url()), "data: one");
  const HttpResponse response = wait(started);
  CHECK(response.fault == NetworkFault::none);
  CHECK(response.status == 200);
  CHECK(contains(response.body, "data: one"));
  CHECK(server.wait_until_idle());
}

TEST_CASE("only a 2xx answer is read as a stream") {
  LoopbackServer server("HTTP/1.1 500 Oh\r\nContent-Length: 11\r\n\r\ndata: one\n\n");
  const auto client = make_curl_client();
  Started started = start(*client, post(server.url()), "data: one");
  CHECK(wait(started).body == "data: one\n\n");
  CHECK(started.fed->empty());
}

TEST_CASE("a cancelled request ends at once, tells so once, and frees its connection") {
  LoopbackServer server(test::wait_for_close);
  const auto client = make_curl_client();
  Started started = start(*client, post(server.url()));
  REQUIRE(server.wait_for_requests(1));
  client->cancel(started.ticket);
  CHECK(wait(started).fault == NetworkFault::cancelled);
  CHECK(server.wait_until_idle());
  client->cancel(started.ticket);
  client->cancel(12'345);
  Started other = start(*client, post("http://127.0.0.1:1/"));
  wait(other);
  CHECK(*started.done == 1);
}

TEST_CASE("a request that is cancelled before it began is cancelled, too") {
  LoopbackServer server(test::wait_for_close);
  const auto client = make_curl_client();
  for (int i = 0; i < 20; ++i) {
    Started started = start(*client, post(server.url()));
    client->cancel(started.ticket);
    CHECK(wait(started).fault == NetworkFault::cancelled);
  }
}

TEST_CASE("a server that never answers is given up after the request's time") {
  LoopbackServer server(test::wait_for_close);
  HttpRequest request = post(server.url());
  request.timeout = std::chrono::milliseconds(100);
  const HttpResponse response = fetch(std::move(request));
  CHECK(response.fault == NetworkFault::timeout);
  CHECK(response.status == 0);
  CHECK_FALSE(response.fault_text.empty());
}

TEST_CASE("what goes wrong on the way is told apart") {
  LoopbackServer empty([](int) {});
  CHECK(fetch(post(empty.url())).fault == NetworkFault::broken);
  LoopbackServer garbage("not http at all\r\n\r\n");
  CHECK(fetch(post(garbage.url())).fault == NetworkFault::broken);
  LoopbackServer cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  const HttpResponse half = fetch(post(cut.url()));
  CHECK(half.fault == NetworkFault::broken);
  CHECK(half.status == 200);
  CHECK(half.body == "half");
  CHECK(fetch(post("http://127.0.0.1:1/")).fault == NetworkFault::connect);
  LoopbackServer plain(ok);
  CHECK(fetch(post("https://" + plain.host() + "/")).fault == NetworkFault::tls);
}

TEST_CASE("no other scheme than http and https is ever opened") {
  test::ScratchDirectory scratch;
  test::write_text(scratch / "secret", "content");
  for (const std::string& url : {"file://" + (scratch / "secret"), std::string("ftp://127.0.0.1/"), std::string("gopher://127.0.0.1/"),
                                 std::string("dict://127.0.0.1/"), std::string("nonsense"), std::string()}) {
    CAPTURE(url);
    const HttpResponse response = fetch(post(url));
    CHECK(response.fault != NetworkFault::none);
    CHECK(response.body.empty());
  }
}

TEST_CASE("the proxy of the request is used, unless the host is excepted") {
  LoopbackServer server(ok), proxy("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nby proxy!");
  HttpRequest request = post("http://provider.invalid/v1");
  request.proxy = proxy.url();
  CHECK(fetch(request).body == "by proxy!");
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0].starts_with("POST http://provider.invalid/v1 HTTP/1.1\r\n"));
  request.url = server.url();
  request.no_proxy = "other.example,127.0.0.1";
  CHECK(fetch(request).body == "{}");
  CHECK(proxy.requests().size() == 1);
}

TEST_CASE("a proxy that refuses or is not there is the proxy's fault") {
  LoopbackServer proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  HttpRequest request = post("https://provider.invalid/v1");
  request.proxy = proxy.url();
  CHECK(fetch(request).fault == NetworkFault::proxy);
  request.proxy = "http://127.0.0.1:1";
  CHECK(fetch(request).fault == NetworkFault::proxy);
}

TEST_CASE("loopback is never proxied, neither by the caller's variables nor by the daemon's") {
  LoopbackServer server(ok), proxy(ok);
  core::Environment environment;
  for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"}) environment.variables[name] = proxy.url();
  const Variable lower("http_proxy", proxy.url()), all("ALL_PROXY", proxy.url()), all_lower("all_proxy", proxy.url());
  const core::ProbeTarget target{"openai", server.url("/v1"), "m", Secret(std::string_view("sk-key")), {}};
  fetch(core::probe_request(target, environment, std::chrono::seconds(60)));
  CHECK(proxy.requests().empty());
  REQUIRE(server.requests().size() == 1);
  CHECK(contains(server.requests()[0], "Authorization: Bearer sk-key\r\n"));
}

TEST_CASE("endpoints that hang do not keep others waiting") {
  LoopbackServer hanging(test::wait_for_close), quick(ok);
  const auto client = make_curl_client();
  std::vector<Started> waiting;
  for (int i = 0; i < 40; ++i) waiting.push_back(start(*client, post(hanging.url())));
  REQUIRE(hanging.wait_for_requests(40));
  for (int i = 0; i < 4; ++i) {
    Started started = start(*client, post(quick.url()));
    CHECK(wait(started).status == 200);
  }
  for (Started& started : waiting) client->cancel(started.ticket);
  for (Started& started : waiting) CHECK(wait(started).fault == NetworkFault::cancelled);
  CHECK(hanging.wait_until_idle());
}

TEST_CASE("a client that goes takes its requests along") {
  LoopbackServer hanging(test::wait_for_close);
  auto client = make_curl_client();
  Started started = start(*client, post(hanging.url()));
  REQUIRE(hanging.wait_for_requests(1));
  client.reset();
  CHECK(hanging.wait_until_idle());
  make_curl_client().reset();  // one that never had anything to do
}

}  // namespace authd::io
