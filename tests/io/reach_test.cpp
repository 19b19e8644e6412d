// How a host can be reached, without a key and without a request.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <asio/executor_work_guard.hpp>
#include <catch2/catch.hpp>

#include "daemon/checker.hpp"
#include "tests/io/certificates.hpp"
#include "tests/io/http_support.hpp"
#include "tests/support/bin_dir.hpp"

extern char** environ;

namespace authd {
namespace {

using core::NetworkFault;
using core::Trust;
using test::LoopbackServer;

core::Reach reached(const std::string& url, const core::Variables& variables = {}) {
  asio::io_context io;
  Checker checker(io);
  core::Environment environment;
  environment.variables = variables;
  std::optional<core::Reach> found;
  checker.reach({url}, environment, std::chrono::seconds(30), [&](core::Reach reach) { found = std::move(reach); });
  CHECK(checker.running() == 1);
  const auto work = asio::make_work_guard(io);
  while (!found && io.run_one_for(std::chrono::seconds(60)) > 0) {
  }
  REQUIRE(found);
  CHECK(checker.running() == 0);
  return *std::move(found);
}

const core::Way& way_to(const core::Reach& reach, const std::string& address) {
  const auto found = std::ranges::find_if(reach.direct, [&](const core::Way& way) { return way.address == address; });
  if (found == reach.direct.end()) throw std::runtime_error("no way to " + address);
  return *found;
}

// The loopback provider with TLS.
class TlsServer {
 public:
  TlsServer(const std::string& certificate, const std::string& key) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    const std::string program = tests::bin_dir() + "/loopback-provider";
    const char* const arguments[] = {program.c_str(), "--tls-cert", certificate.c_str(), "--tls-key", key.c_str(),
                                     "--lifetime",    "120",        nullptr};
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, const_cast<char**>(arguments), environ) != 0)
      throw std::runtime_error("no provider");
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    std::string output;
    for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';) output += c;
    ::close(ends[0]);
    port_ = output.substr(output.rfind(':') + 1);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  std::string url() const { return "https://127.0.0.1:" + port_ + "/v1"; }

 private:
  pid_t pid_ = -1;
  std::string port_;
};

}  // namespace

TEST_CASE("localhost is looked at as both of its addresses") {
  LoopbackServer server(test::ok);
  const std::string port = server.host().substr(server.host().rfind(':') + 1);
  const core::Reach reach = reached("http://localhost:" + port + "/v1");
  CHECK(reach.host == "localhost");
  CHECK(reach.port == port);
  CHECK(reach.look_up == NetworkFault::none);
  CHECK(reach.direct.size() == 2);
  CHECK(way_to(reach, "127.0.0.1").works());
  CHECK(way_to(reach, "::1").fault == NetworkFault::connect);
  CHECK(reach.is_loopback());
  CHECK_FALSE(reach.proxied);
  CHECK(server.wait_until_idle());
  CHECK(server.requests().empty());
}

TEST_CASE("a host that refuses, one without a name and one that must not be asked are told apart") {
  const core::Reach refused = reached("http://127.0.0.1:1/v1");
  CHECK(way_to(refused, "127.0.0.1").fault == NetworkFault::connect);
  CHECK_FALSE(refused.works_directly());
  const core::Reach nameless = reached("https://name.invalid/v1");
  CHECK(nameless.look_up == NetworkFault::dns);
  CHECK_FALSE(nameless.look_up_text.empty());
  CHECK(nameless.direct.empty());
  CHECK(nameless.chain.presented.empty());
  CHECK(reached("http://169.254.169.254/v1").look_up == NetworkFault::refused_address);
}

TEST_CASE("the way through the proxy stands beside the direct one") {
  LoopbackServer server(test::ok);
  LoopbackServer refusing("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"), accepting("HTTP/1.1 200 OK\r\n\r\n");
  const std::string address = server.host().substr(server.host().rfind(':'));
  const std::string plain = "http://0.0.0.0" + address, https = "https://0.0.0.0" + address;
  const core::Reach refused = reached(https, {{"HTTPS_PROXY", "http://user:secret@" + refusing.host()}});
  REQUIRE(refused.proxied);
  CHECK(refused.proxied->address == "http://" + refusing.host());
  CHECK(refused.proxied->fault == NetworkFault::proxy);
  CHECK(refused.proxied->proxy_status == 407);
  CHECK(refused.works_directly());
  CHECK(refused.tls == NetworkFault::none);  // not even tried
  const core::Reach connected = reached(plain, {{"HTTPS_PROXY", accepting.url()}});
  REQUIRE(connected.proxied);
  CHECK(connected.proxied->works());
  CHECK(accepting.requests().empty());
  CHECK_FALSE(reached(plain, {{"HTTPS_PROXY", accepting.url()}, {"NO_PROXY", "0.0.0.0"}}).proxied);
  CHECK_FALSE(reached(server.url(), {{"HTTPS_PROXY", accepting.url()}}).proxied);
  CHECK(server.wait_until_idle());
  CHECK(server.requests().empty());
}

TEST_CASE("the certificates of a server are told, and who trusts them") {
  test::Certificates certificates;
  certificates.make_authority("inspector");
  certificates.make_server("server", "inspector", "IP:127.0.0.1");
  const TlsServer server(certificates.path("server.pem"), certificates.path("server.key"));
  const core::Reach unknown = reached(server.url());
  CHECK(unknown.tls == NetworkFault::none);
  REQUIRE(unknown.chain.presented.size() == 1);
  CHECK(unknown.chain.presented[0].issuer == "CN=inspector,O=Corp");
  CHECK(unknown.chain.by_system == Trust::unknown_issuer);
  CHECK(unknown.chain.by_node == Trust::unknown_issuer);
  const core::Reach known = reached(server.url(), {{"NODE_EXTRA_CA_CERTS", certificates.path("inspector.pem")}});
  CHECK(known.chain.by_system == Trust::unknown_issuer);
  CHECK(known.chain.by_node == Trust::trusted);
}

TEST_CASE("what does not speak TLS has no certificates, and says so") {
  LoopbackServer server(test::ok);
  const core::Reach reach = reached("https://" + server.host() + "/v1");
  CHECK(reach.works_directly());
  CHECK(reach.tls == NetworkFault::tls);
  CHECK(reach.chain.presented.empty());
}

TEST_CASE("a cancelled look at a host tells nobody and leaves no connection") {
  LoopbackServer server(test::wait_for_close);
  asio::io_context io;
  Checker checker(io);
  bool told = false;
  const Checker::Ticket ticket =
      checker.reach({"https://" + server.host()}, {}, std::chrono::seconds(30), [&](const core::Reach&) { told = true; });
  // Until the hello of TLS has come.
  for (int i = 0; i < 1000 && server.requests().empty(); ++i) io.run_for(std::chrono::milliseconds(20));
  checker.cancel(ticket);
  CHECK(checker.running() == 0);
  CHECK(server.wait_until_idle());
  io.run_for(std::chrono::milliseconds(50));
  CHECK_FALSE(told);
}

}  // namespace authd
