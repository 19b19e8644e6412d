#include "vendor_gate.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "process.hpp"

namespace authd::tests {
namespace {

void run_openssl(const std::vector<std::string>& arguments) {
  std::string output;
  const int code = run("openssl", arguments, bare_environment(), output);
  INFO(output);
  REQUIRE(code == 0);
}

sockaddr_in loopback_at(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool pump(int from, int to) {
  char bytes[16 * 1024];
  const ssize_t count = recv(from, bytes, sizeof bytes, 0);
  return count > 0 && send(to, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

}  // namespace

VendorCertificate::VendorCertificate(const std::vector<std::string>& hosts) {
  std::string names = "subjectAltName=IP:127.0.0.1";
  for (const std::string& host : hosts) names += ",DNS:" + host;
  write_file(scratch_.path("extensions"), names + "\n");
  run_openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Vendors' CA", "-keyout",
               scratch_.path("ca.key"), "-out", authority()});
  run_openssl({"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=vendors", "-keyout", scratch_.path("server.key"), "-out",
               scratch_.path("request")});
  run_openssl({"x509", "-req", "-in", scratch_.path("request"), "-CA", authority(), "-CAkey", scratch_.path("ca.key"), "-CAcreateserial",
               "-days", "2", "-extfile", scratch_.path("extensions"), "-out", scratch_.path("server.pem")});
}

std::vector<std::string> VendorCertificate::server_arguments() const {
  return {"--tls-cert", scratch_.path("server.pem"), "--tls-key", scratch_.path("server.key")};
}

VendorGate::VendorGate(const std::string& port) : port_(std::stoi(port)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback_at(0);
  socklen_t length = sizeof address;
  REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
  REQUIRE(listen(listener_, 64) == 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([this] { serve(); });
}

VendorGate::~VendorGate() {
  ends_ = true;
  thread_.join();
  for (std::thread& tunnel : tunnels_) tunnel.join();
  close(listener_);
}

void VendorGate::serve() {
  pollfd ready{listener_, POLLIN, 0};
  while (!ends_)
    if (poll(&ready, 1, 20) == 1) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) tunnels_.emplace_back([this, client] { pass_on(client); });
    }
}

void VendorGate::pass_on(int client) const {
  std::string head;
  char byte = 0;
  while (head.find("\r\n\r\n") == std::string::npos && recv(client, &byte, 1, 0) == 1) head += byte;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback_at(port_);
  const bool is_open = head.starts_with("CONNECT ") &&
                       connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const std::string answer = is_open ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 502 Bad Gateway\r\n\r\n";
  send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  pollfd both[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
  for (bool goes_on = is_open; goes_on && !ends_;) {
    if (poll(both, 2, 20) <= 0) continue;
    if (both[0].revents != 0) goes_on = pump(client, server);
    if (goes_on && both[1].revents != 0) goes_on = pump(server, client);
  }
  close(server);
  close(client);
}

}  // namespace authd::tests
