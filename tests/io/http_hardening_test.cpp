// What the HTTP client refuses to do, whatever the URL, the environment or the server wants.
#include <sys/stat.h>

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

namespace {

Looked looked(Look look) {
  if (look.timeout.count() == 0) look.timeout = std::chrono::seconds(60);
  const auto client = make_curl_client();
  const auto promise = std::make_shared<std::promise<Looked>>();
  client->look(std::move(look), [promise](Looked found) { promise->set_value(std::move(found)); });
  return promise->get_future().get();
}

}  // namespace

TEST_CASE("a link-local or metadata address is not connected to, however it is spelled") {
  for (const char* host :
       {"169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "169.16689662", "0xA9.254.0251.254",
        "169.254.7.7", "100.100.100.200", "[fe80::1]", "[FE80::1%25lo]", "[fd00:ec2::254]", "[fd00:0ec2::0254]", "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]", "user:password@169.254.169.254", "[::169.254.169.254]"}) {
    CAPTURE(host);
    const HttpResponse response = fetch(post("http://" + std::string(host) + "/v1", {{"Authorization", "Bearer k"}}));
    CHECK(response.fault == NetworkFault::refused_address);
    CHECK(response.status == 0);
    CHECK(response.latency < std::chrono::seconds(5));
  }
}

TEST_CASE("a name that leads to such an address is not connected to either") {
  for (const char* address : {"169.254.169.254", "100.100.100.200", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"}) {
    CAPTURE(address);
    CHECK(looked({.url = "https://provider.example/v1", .address = address}).fault == NetworkFault::refused_address);
  }
  // Nothing listens there, but it is tried.
  CHECK(looked({.url = "http://provider.example:1/v1", .address = "127.0.0.1"}).fault == NetworkFault::connect);
}

TEST_CASE("a proxy is not asked for such an address") {
  LoopbackServer proxy(ok);
  for (const char* url : {"http://169.254.169.254/v1", "https://169.254.169.254/v1", "http://0xa9fea9fe/"}) {
    HttpRequest request = post(url, {{"Authorization", "Bearer k"}});
    request.proxy = proxy.url();
    CHECK(fetch(request).fault == NetworkFault::refused_address);
  }
  CHECK(proxy.requests().empty());
}

TEST_CASE("an address that the user named is tried") {
  HttpRequest request = post("http://[fe80::1]:1/v1");
  request.timeout = std::chrono::seconds(2);
  request.allows_guarded_address = true;
  const HttpResponse response = fetch(request);
  CHECK(response.fault != NetworkFault::none);
  CHECK(response.fault != NetworkFault::refused_address);
}

TEST_CASE("nothing of an answer is remembered: no cookie, no stricter transport, no other service") {
  LoopbackServer elsewhere(ok);
  LoopbackServer server("HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nStrict-Transport-Security: max-age=31536000\r\nAlt-Svc: h2=\"" +
                        elsewhere.host() + "\"; ma=86400\r\nContent-Length: 2\r\n\r\n{}");
  const auto client = make_curl_client();
  for (int i = 0; i < 4; ++i) {  // each worker twice
    test::Started started = test::start(*client, post(server.url()));
    CHECK(test::wait(started).status == 200);
  }
  REQUIRE(server.requests().size() == 4);
  for (const std::string& request : server.requests()) CHECK_FALSE(contains(request, "Cookie:"));
  CHECK(elsewhere.requests().empty());
}

TEST_CASE("no credentials are taken from .netrc") {
  test::ScratchDirectory scratch;
  test::write_text(scratch / ".netrc", "default login somebody password secret\n");
  ::chmod((scratch / ".netrc").c_str(), 0600);
  const test::Variable home("HOME", scratch / ""), netrc("NETRC", scratch / ".netrc");
  LoopbackServer server("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  CHECK(fetch(post(server.url())).status == 401);
  REQUIRE(server.requests().size() == 1);
  CHECK_FALSE(contains(server.requests()[0], "Authorization:"));
}

TEST_CASE("no compression is asked for, and none is undone") {
  const std::string bomb("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  LoopbackServer server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + bomb);
  CHECK(fetch(post(server.url())).body == bomb);
  CHECK_FALSE(contains(server.requests().at(0), "Accept-Encoding:"));
  CHECK_FALSE(contains(server.requests().at(0), "TE:"));
}

TEST_CASE("a header section has bounds, and one within them is read") {
  struct Row {
    std::size_t lines, bytes;  // of further headers; of each
    NetworkFault fault;
  };
  // With the status line, Content-Length and the blank line, 256 lines are 253 further ones.
  const auto row = GENERATE(values<Row>({{253, 20, NetworkFault::none},
                                         {254, 20, NetworkFault::too_large},
                                         {60, 1000, NetworkFault::none},
                                         {70, 1000, NetworkFault::too_large}}));
  CAPTURE(row.lines, row.bytes);
  std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  for (std::size_t i = 0; i < row.lines; ++i) head += "X: " + std::string(row.bytes - 5, 'x') + "\r\n";
  LoopbackServer server(head + "\r\n{}");
  CHECK(fetch(post(server.url())).fault == row.fault);
}

TEST_CASE("headers, a header line or interim answers without end are cut off") {
  struct Row {
    const char *first, *then;
  };
  const auto row = GENERATE(values<Row>({{"HTTP/1.1 200 OK\r\n", "X: y\r\n"},
                                         {"HTTP/1.1 200 OK\r\nX: ", "yyyyyyyyyyyyyyyy"},
                                         {"", "HTTP/1.1 100 Continue\r\n\r\n"},
                                         {"", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"},
                                         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"}}));
  CAPTURE(row.first, row.then);
  LoopbackServer server([&](int socket) {
    send_all(socket, row.first);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += row.then;
    for (int i = 0; i < 2000; ++i) send_all(socket, many);
  });
  CHECK(fetch(post(server.url())).fault == NetworkFault::too_large);
  CHECK(server.wait_until_idle());
}

TEST_CASE("a proxy that is asked to connect learns nothing but the host, and gets its own password") {
  LoopbackServer proxy("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
  HttpRequest request = post("https://provider.invalid/v1", {{"Authorization", "Bearer sk-key"}, {"x-api-key", "sk-key"}});
  request.proxy = "http://user:password@" + proxy.host();
  const HttpResponse response = fetch(request);
  CHECK(response.fault == NetworkFault::proxy);
  CHECK_FALSE(contains(response.fault_text, "password"));
  REQUIRE_FALSE(proxy.requests().empty());
  for (const std::string& asked : proxy.requests()) {
    CHECK(asked.starts_with("CONNECT provider.invalid:443 HTTP/1.1\r\n"));
    CHECK(contains(asked, "\r\nProxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n"));
    CHECK_FALSE(contains(asked, "sk-key"));
  }
}

TEST_CASE("what is no HTTP proxy is not used, as Node uses none") {
  LoopbackServer server(ok);
  for (const char* proxy : {"socks5://127.0.0.1:1", "socks5h://127.0.0.1:1", "ftp://127.0.0.1:1", "http://"}) {
    CAPTURE(proxy);
    HttpRequest request = post(server.url());
    request.proxy = proxy;
    CHECK(fetch(request).fault == NetworkFault::proxy);
  }
  CHECK(server.requests().empty());
}

TEST_CASE("a URL that needs a guess is not asked") {
  for (const char* url : {"127.0.0.1:1/v1", "http://", "http://a b/", "http://127.0.0.1:99999/", "https//host/v1"}) {
    CAPTURE(url);
    CHECK(fetch(post(url)).fault == NetworkFault::broken);
  }
}

TEST_CASE("a name that resolves to nothing is the name's fault, or the proxy's where it is the proxy's name") {
  HttpRequest request = post("http://name.invalid/v1");
  request.timeout = std::chrono::seconds(3);
  CHECK(fetch(request).fault == NetworkFault::dns);
  request.url = "https://provider.example/v1";
  request.proxy = "http://proxy.invalid:3128";
  CHECK(fetch(request).fault == NetworkFault::proxy);
}

TEST_CASE("a connection is looked at without a request") {
  LoopbackServer server(ok);
  const Looked found = looked({.url = server.url("/v1")});
  CHECK(found.fault == NetworkFault::none);
  CHECK(server.wait_until_idle());
  CHECK(server.requests().empty());
  // The port of https is as good as any.
  CHECK(looked({.url = "https://" + server.host() + "/v1"}).fault == NetworkFault::none);
  CHECK(looked({.at = LookAt::certificates, .url = "https://" + server.host() + "/v1"}).fault == NetworkFault::tls);
  CHECK(looked({.at = LookAt::addresses, .url = server.url()}).addresses == std::vector<std::string>{"127.0.0.1"});
}

}  // namespace authd::io
