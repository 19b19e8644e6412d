#include "vendor.hpp"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <stdexcept>

namespace authd::doctor {
namespace {

constexpr unsigned char tls_handshake = 0x16;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

int listen_on_loopback(bool on_ipv6, unsigned short& port) {
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const address = on_ipv6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t size = on_ipv6 ? sizeof six : sizeof four;
  const int listener = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (on_ipv6) setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(listener, address, size) != 0 || listen(listener, 128) != 0) {
    close(listener);
    return -1;
  }
  getsockname(listener, address, &size);
  port = ntohs(on_ipv6 ? six.sin6_port : four.sin_port);
  return listener;
}

// "example.com" of "example.com:443", "::1" of "[::1]:80".
std::string host_of(const std::string& authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return lower(authority.substr(0, authority.find(':')));
}

// `*` at the end stands for anything.
bool matches(const std::string& pattern, const std::string& text) {
  if (!pattern.ends_with('*')) return pattern == text;
  return text.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

// The other end: plain bytes, or TLS from some moment on.
class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    if (ssl_ && is_encrypted_) SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }

  bool begins_with_tls() const {
    unsigned char first = 0;
    return recv(descriptor_, &first, 1, MSG_PEEK) == 1 && first == tls_handshake;
  }
  bool encrypt(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, descriptor_);
    is_encrypted_ = SSL_accept(ssl_) == 1;
    return is_encrypted_;
  }
  // Until `text` ends with it; false where the peer ends before.
  bool read_until(std::string& text, std::string_view end) {
    char byte = 0;
    while (!text.ends_with(end) && read(&byte, 1)) text += byte;
    return text.ends_with(end);
  }
  bool read_exactly(std::string& text, std::size_t size) {
    text.resize(size);
    for (std::size_t at = 0; at < size; ++at)
      if (!read(&text[at], 1)) return false;
    return true;
  }
  void write(const std::string& text) {
    if (ssl_)
      SSL_write(ssl_, text.data(), static_cast<int>(text.size()));
    else
      send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
  }

 private:
  bool read(char* byte, int size) {
    return ssl_ ? SSL_read(ssl_, byte, size) == size : recv(descriptor_, byte, static_cast<std::size_t>(size), 0) == size;
  }

  int descriptor_;
  SSL* ssl_ = nullptr;
  bool is_encrypted_ = false;
};

struct Vendor::Request {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  // names in lower case

  static std::optional<Request> read_from(Peer& peer) {
    std::string head;
    if (!peer.read_until(head, "\r\n\r\n")) return std::nullopt;
    Request request;
    const std::size_t first = head.find(' '), second = head.find(' ', first + 1);
    request.method = head.substr(0, first);
    request.target = head.substr(first + 1, second - first - 1);
    for (std::size_t at = head.find("\r\n") + 2; at < head.size() - 2;) {
      const std::size_t end = head.find("\r\n", at), colon = head.find(':', at);
      request.headers[lower(head.substr(at, colon - at))] = head.substr(head[colon + 1] == ' ' ? colon + 2 : colon + 1, end - colon - 2);
      at = end + 2;
    }
    const std::string length = request.header("content-length");
    if (!length.empty() && !peer.read_exactly(request.body, std::stoul(length))) return std::nullopt;
    return request;
  }
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  bool wants_stream() const {
    return target.find("streamGenerateContent") != std::string::npos || body.find("\"stream\":true") != std::string::npos;
  }
  // In the header that is named, or in any that a vendor reads.
  bool bears(const std::string& key, const std::string& name) const {
    const auto in = [&](const char* header_name) {
      return (name.empty() || name == header_name) && (header(header_name) == key || header(header_name) == "Bearer " + key);
    };
    return in("authorization") || in("x-api-key") || in("x-goog-api-key");
  }
};

// Which server the peer believes that it speaks with.
struct Vendor::Place {
  std::string scheme, host, path;
  bool is_proxied = false;
};

bool has_ipv6() {
  unsigned short port = 0;
  const int listener = listen_on_loopback(true, port);
  if (listener >= 0) close(listener);
  return listener >= 0;
}

Vendor::Vendor(OrderedJson rules, const OrderedJson& replies, Authority& authority, bool on_ipv6)
    : rules_(std::move(rules)), replies_(replies), authority_(authority), listener_(listen_on_loopback(on_ipv6, port_)) {
  if (listener_ < 0) throw std::runtime_error("cannot listen on loopback");
  accepting_ = std::jthread([this] { accept_all(); });
}

Vendor::~Vendor() {
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : open_) shutdown(descriptor, SHUT_RDWR);
  }
  serving_.clear();
  for (const int descriptor : open_) close(descriptor);
  close(listener_);
}

std::vector<std::string> Vendor::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void Vendor::accept_all() {
  for (int descriptor = -1; (descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    const std::lock_guard lock(mutex_);
    open_.push_back(descriptor);
    serving_.emplace_back([this, descriptor] {
      serve(descriptor);
      shutdown(descriptor, SHUT_RDWR);
    });
  }
}

void Vendor::serve(int descriptor) {
  Peer peer(descriptor);
  Place place{"http", {}, {}};
  if (peer.begins_with_tls()) {
    place.scheme = "https";
    if (!peer.encrypt(authority_.context_for("127.0.0.1"))) return;
  }
  auto request = Request::read_from(peer);
  if (request && request->method == "CONNECT") {
    place = {"https", host_of(request->target), {}, true};
    if (rule_for(*request, place)) return answer(peer, *request, place);
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (!peer.begins_with_tls())
      place.scheme = "http";
    else if (!peer.encrypt(authority_.context_for(place.host)))
      return;
    request = Request::read_from(peer);
  }
  if (!request) return;
  if (request->target.starts_with("http://")) {
    place.is_proxied = true;
    const std::size_t slash = request->target.find('/', 7);
    place.host = host_of(request->target.substr(7, slash - 7));
    request->target = slash == std::string::npos ? "/" : request->target.substr(slash);
  }
  if (place.host.empty()) place.host = host_of(request->header("host"));
  place.path = request->target.substr(0, request->target.find('?'));
  answer(peer, *request, place);
}

const OrderedJson* Vendor::rule_for(const Request& request, const Place& place) const {
  for (const OrderedJson& rule : rules_) {
    const auto asks = [&](const char* member) { return rule.value(member, std::string()); };
    const bool is_connect = request.method == "CONNECT";
    if (is_connect != (asks("method") == "CONNECT")) continue;
    if (!asks("method").empty() && asks("method") != request.method) continue;
    if (!asks("host").empty() && asks("host") != place.host) continue;
    if (!asks("path").empty() && !matches(asks("path"), place.path)) continue;
    if (!asks("key").empty() && !request.bears(asks("key"), asks("header"))) continue;
    if (!asks("body").empty() && request.body.find(asks("body")) == std::string::npos) continue;
    if (rule.contains("proxied") && rule["proxied"] != place.is_proxied) continue;
    return &rule;
  }
  return nullptr;
}

void Vendor::answer(Peer& peer, const Request& request, const Place& place) {
  const OrderedJson* const rule = rule_for(request, place);
  const OrderedJson wanted = rule ? (*rule)["reply"] : OrderedJson("404 page");
  const OrderedJson& reply = wanted.is_string() ? replies_.at(wanted.get<std::string>()) : wanted;
  const int status = reply.value("status", 200);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request.method + " " + place.scheme + "://" + place.host + place.path + " -> " + std::to_string(status));
  }
  std::string body, type = reply.value("type", std::string("application/json"));
  if (reply.contains("events") && request.wants_stream()) {
    type = "text/event-stream; charset=utf-8";
    for (const OrderedJson& event : reply["events"]) {
      if (event.is_object() && event.contains("type")) body += "event: " + event["type"].get<std::string>() + "\n";
      body += "data: " + (event.is_string() ? event.get<std::string>() : event.dump()) + "\n\n";
    }
  } else if (reply.contains("body")) {
    body = reply["body"].is_string() ? reply["body"].get<std::string>() : reply["body"].dump();
    if (body.starts_with('<')) type = "text/html; charset=utf-8";
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(reply.value("delayMs", 0)));
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\nContent-Type: " + type + "\r\n";
  if (reply.contains("headers"))
    for (const auto& [name, value] : reply["headers"].items()) head += name + ": " + value.get<std::string>() + "\r\n";
  peer.write(head + "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body);
}

}  // namespace authd::doctor
