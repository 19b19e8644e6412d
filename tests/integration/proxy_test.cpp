// A real HTTP proxy in front of the provider. Loopback is never proxied, so the provider goes by the
// name 0.0.0.0 here, which leads to loopback, too.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "authority.hpp"
#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

bool listens(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answers = connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return answers;
}

std::uint16_t free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  REQUIRE(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), length) == 0);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  close(descriptor);
  return ntohs(address.sin_port);
}

// Debian's tinyproxy, in the foreground.
class TinyProxy {
 public:
  explicit TinyProxy(const std::string& more = "") : port_(free_port()) {
    write_file(scratch_.path("configuration"), "Port " + std::to_string(port_) + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\n" +
                                                   "LogFile \"" + log_path() + "\"\n" + more + "\n");
    process_.emplace("tinyproxy", std::vector<std::string>{"-d", "-c", scratch_.path("configuration")}, bare_environment(),
                     scratch_.path("output"));
    if (!eventually([&] { return listens(port_) || !process_->is_running(); }) || !process_->is_running())
      FAIL("tinyproxy did not start: " << read_file(scratch_.path("output")) << read_file(log_path()));
  }
  std::string url(const std::string& credentials = "") const {
    return "http://" + (credentials.empty() ? "" : credentials + "@") + "127.0.0.1:" + std::to_string(port_);
  }
  std::string log() const { return read_file(log_path()); }
  bool was_asked(const std::string& what) const {
    return eventually([&] { return log().find(what) != std::string::npos; });
  }

 private:
  std::string log_path() const { return scratch_.path("log"); }
  Scratch scratch_;
  std::uint16_t port_;
  std::optional<Process> process_;
};

std::string unspecified(const Provider& provider, const std::string& scheme) {
  return scheme + "://0.0.0.0:" + provider.port() + "/v1";
}

Json verdict(const Daemon& daemon, const std::string& base_url, const Environment& environment) {
  Client client = daemon.connect();
  const Answers answers{.base_url = base_url, .context = daemon.context(environment)};
  return commit(client, walk_to_review(client, answers), Json::object())["auth"];
}

}  // namespace

TEST_CASE("A check goes through a real proxy, and by CONNECT where it is https") {
  const Authority authority;
  const Provider plain, encrypted(authority.server_arguments());
  const TinyProxy proxy;
  const Daemon daemon;
  CHECK(verdict(daemon, unspecified(plain, "http"), {{"HTTPS_PROXY", proxy.url()}})["state"] == "accepted");
  CHECK(proxy.was_asked("POST http://0.0.0.0:" + plain.port() + "/v1/chat/completions"));
  CHECK(verdict(daemon, unspecified(encrypted, "https"),
                {{"HTTPS_PROXY", proxy.url()}, {"NODE_EXTRA_CA_CERTS", authority.certificate()}})["state"] == "accepted");
  CHECK(proxy.was_asked("CONNECT 0.0.0.0:" + encrypted.port()));
  // The authority counts behind a proxy, too.
  CHECK(verdict(daemon, unspecified(encrypted, "https"), {{"HTTPS_PROXY", proxy.url()}})["code"] == "N701");
  CHECK(encrypted.requests().size() == 1);
  CHECK(proxy.log().find(canary.substr(0, 8)) == std::string::npos);
}

TEST_CASE("A proxy that wants a password gets the one in its URL; without one the verdict names the proxy") {
  const Authority authority;
  const Provider plain, encrypted(authority.server_arguments());
  const TinyProxy proxy("BasicAuth alice secret");
  const Daemon daemon;
  for (const auto& [provider, scheme] : {std::pair<const Provider*, const char*>{&plain, "http"}, {&encrypted, "https"}}) {
    CAPTURE(scheme);
    const auto asked = [&, base_url = unspecified(*provider, scheme)](const std::string& credentials) {
      return verdict(daemon, base_url, {{"HTTPS_PROXY", proxy.url(credentials)}, {"NODE_EXTRA_CA_CERTS", authority.certificate()}});
    };
    for (const std::string credentials : {"", "alice:wrong"}) {
      // Unasked to connect, tinyproxy answers a wrong password as a provider would: with 401.
      if (!credentials.empty() && provider == &plain) continue;
      const Json refused = asked(credentials);
      CHECK(refused["state"] == "inconclusive");
      CHECK(refused["code"] == "N703");
    }
    CHECK(provider->requests().empty());
    const Json accepted = asked("alice:secret");
    CHECK(accepted["state"] == "accepted");
    CHECK(accepted.dump().find("secret") == std::string::npos);
    REQUIRE(provider->requests().size() == 1);
    CHECK_FALSE(provider->requests()[0]["headers"].contains("proxy-authorization"));
  }
}

TEST_CASE("A proxy that does not connect to this port is named") {
  const Authority authority;
  const Provider provider(authority.server_arguments());
  const TinyProxy proxy("ConnectPort 443");
  const Daemon daemon;
  const Json refused = verdict(daemon, unspecified(provider, "https"), {{"HTTPS_PROXY", proxy.url()}});
  CHECK(refused["state"] == "inconclusive");
  CHECK(refused["code"] == "N703");
}

TEST_CASE("A real proxy never sees loopback, nor what NO_PROXY excepts") {
  const Provider provider;
  const TinyProxy proxy;
  const Daemon daemon;
  for (const std::string host : {"127.0.0.1:", "localhost:"})
    CHECK(verdict(daemon, "http://" + host + provider.port() + "/v1", {{"HTTPS_PROXY", proxy.url()}})["state"] == "accepted");
  CHECK(verdict(daemon, unspecified(provider, "http"), {{"HTTPS_PROXY", proxy.url()}, {"NO_PROXY", "example.com,0.0.0.0"}})["state"] ==
        "accepted");
  CHECK(provider.requests().size() == 3);
  CHECK(proxy.log().find("Request") == std::string::npos);
}
