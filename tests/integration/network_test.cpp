// The two doors of the check: certificates and proxies come from the caller (issue 2, 8).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "authority.hpp"
#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

// An HTTP proxy for one plain request: remembers it and answers it itself.
class Proxy {
 public:
  Proxy() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
    REQUIRE(listen(listener_, 5) == 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() { close(listener_); }

  const std::string& url() const { return url_; }
  // Waits for a request, answers it, returns its text.
  std::string answer(const std::string& answer_text) const {
    if (!is_ready(listener_)) FAIL("nobody came to the proxy");
    const int connection = accept(listener_, nullptr, nullptr);
    std::string request;
    char bytes[4096];
    while (request.find("\r\n\r\n") == std::string::npos && is_ready(connection)) {
      const ssize_t count = recv(connection, bytes, sizeof bytes, 0);
      if (count <= 0) break;
      request.append(bytes, static_cast<std::size_t>(count));
    }
    send(connection, answer_text.data(), answer_text.size(), MSG_NOSIGNAL);
    close(connection);
    return request;
  }

 private:
  static bool is_ready(int descriptor) {
    pollfd readable{descriptor, POLLIN, 0};
    return poll(&readable, 1, static_cast<int>(patience.count())) > 0;
  }
  int listener_ = -1;
  std::string url_;
};

const std::string anthropic_success =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n";

}  // namespace

TEST_CASE("A certificate of an unknown authority is not accepted, and no request is sent") {
  const Authority authority;
  const Provider provider(authority.server_arguments());
  const Daemon daemon;
  Client client = daemon.connect();
  const Json result = commit(client, walk_to_review(client, {.base_url = provider.base_url("openai")}), Json::object());
  CHECK(result["auth"]["state"] == "inconclusive");
  CHECK(result["auth"]["code"] == "N701");
  CHECK(provider.requests().empty());
}

TEST_CASE("The authority in the caller's NODE_EXTRA_CA_CERTS is trusted in every protocol") {
  const Authority authority;
  const Provider provider(authority.server_arguments());
  const Daemon daemon;
  Client client = daemon.connect();
  for (const std::string protocol : {"openai", "anthropic", "gemini"}) {
    const Json context = daemon.context({{"NODE_EXTRA_CA_CERTS", authority.certificate()}});
    const Json result = commit(
        client, walk_to_review(client, {.base_url = provider.base_url(protocol), .protocol = protocol, .context = context}),
        Json::object());
    INFO(result.dump(2));
    CHECK(result["auth"]["state"] == "accepted");
    CHECK(result["judgedBy"] == "caller");
  }
  CHECK(provider.requests().size() == 3);
}

TEST_CASE("The secrets of a connection are not written down, whatever the environment asks for") {
  const Authority authority;
  const Provider provider(authority.server_arguments());
  const std::string key_log = authority.path("key-log");
  const Daemon daemon({.environment = {{"SSLKEYLOGFILE", key_log}}});
  Client client = daemon.connect();
  const Json context =
      daemon.context({{"NODE_EXTRA_CA_CERTS", authority.certificate()}, {"SSLKEYLOGFILE", key_log}});
  const Answers answers{.base_url = provider.base_url("openai"), .context = context};
  CHECK(commit(client, walk_to_review(client, answers), Json::object())["auth"]["state"] == "accepted");
  CHECK_FALSE(exists(key_log));
}

TEST_CASE("A context given to the commit replaces the one of the start") {
  const Authority authority;
  const Provider provider(authority.server_arguments());
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai")});
  const Json context = daemon.context({{"NODE_EXTRA_CA_CERTS", authority.certificate()}});
  CHECK(commit(client, session, {{"context", context}})["auth"]["state"] == "accepted");
}

TEST_CASE("A certificate for another host is not accepted, whoever signed it") {
  const Authority authority;
  const Provider provider(authority.server_arguments());
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string base_url = "https://localhost:" + provider.port() + "/v1";
  const Json context = daemon.context({{"NODE_EXTRA_CA_CERTS", authority.certificate()}});
  const Json result = commit(client, walk_to_review(client, {.base_url = base_url, .context = context}), Json::object());
  CHECK(result["auth"]["code"] == "N701");
  CHECK(provider.requests().empty());
}

TEST_CASE("A NODE_EXTRA_CA_CERTS that cannot be read does not stop a check that needs none") {
  const Authority authority;
  const Provider provider;
  const Daemon daemon;
  Client client = daemon.connect();
  for (const std::string& path : {authority.path("missing"), authority.path("extensions"), authority.path("")}) {
    const Json context = daemon.context({{"NODE_EXTRA_CA_CERTS", path}});
    const Answers answers{.base_url = provider.base_url("openai"), .context = context};
    CHECK(commit(client, walk_to_review(client, answers), Json::object())["auth"]["state"] == "accepted");
  }
}

TEST_CASE("Proxy variables never apply to loopback") {
  const Provider provider;
  const Environment dead_proxy{{"HTTP_PROXY", "http://127.0.0.1:9"}, {"http_proxy", "http://127.0.0.1:9"},
                               {"HTTPS_PROXY", "http://127.0.0.1:9"}, {"https_proxy", "http://127.0.0.1:9"},
                               {"ALL_PROXY", "http://127.0.0.1:9"}, {"all_proxy", "http://127.0.0.1:9"}};
  const Daemon daemon({.environment = dead_proxy});
  Client client = daemon.connect();
  for (const Json& context : {Json(), daemon.context()})
    for (const std::string host : {"127.0.0.1:", "localhost:"}) {
      INFO(host);
      const Answers answers{.base_url = "http://" + host + provider.port() + "/v1", .context = context};
      CHECK(commit(client, walk_to_review(client, answers), Json::object())["auth"]["state"] == "accepted");
    }
}

TEST_CASE("The caller's proxy is used for other hosts, and a host of Anthropic gets x-api-key") {
  const Proxy proxy;
  const Daemon daemon;
  Client client = daemon.connect();
  const Json context = daemon.context({{"HTTP_PROXY", proxy.url()}});
  const std::string session =
      walk_to_review(client, {.base_url = "http://api.anthropic.com", .protocol = "anthropic", .context = context});
  const int commit = client.request("wizard.commit", {{"sessionId", session}});
  const std::string request = proxy.answer(anthropic_success);
  CHECK(request.starts_with("POST http://api.anthropic.com/v1/messages HTTP/1.1\r\n"));
  CHECK(request.find("\r\nx-api-key: " + std::string(canary) + "\r\n") != std::string::npos);
  CHECK(request.find("\r\nanthropic-version: 2023-06-01\r\n") != std::string::npos);
  CHECK(request.find("Authorization:") == std::string::npos);
  CHECK(client.result_of(commit)["auth"]["state"] == "accepted");
}

TEST_CASE("The daemon's own proxy is not used for a caller that has none") {
  const Proxy proxy;
  const Daemon daemon({.environment = {{"HTTP_PROXY", proxy.url()}}});
  Client client = daemon.connect();
  Json context = daemon.context();
  context["env"].erase("HTTP_PROXY");
  // Nothing listens there: a proxy would have answered.
  const std::string session = walk_to_review(client, {.base_url = "http://host.invalid/v1", .context = context});
  const Json result = commit(client, session, Json::object());
  CHECK(result["auth"]["state"] == "inconclusive");
  CHECK(result["auth"]["code"] == "N704");
}
