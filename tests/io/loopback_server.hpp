// An HTTP server on loopback that answers as a test says, one thread for each connection.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace authd::test {

inline void send_all(int socket, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t bytes = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (bytes <= 0) return;
    sent += static_cast<std::size_t>(bytes);
  }
}

// Returns when the other side has closed.
inline void wait_for_close(int socket) {
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) > 0) {
  }
}

class LoopbackServer {
 public:
  // Called with the socket once the whole request has come; closing is the server's.
  using Answer = std::function<void(int socket)>;

  explicit LoopbackServer(Answer answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener_, 128) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw std::runtime_error("no loopback server");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  explicit LoopbackServer(const std::string& whole_answer)
      : LoopbackServer([whole_answer](int socket) { send_all(socket, whole_answer); }) {}
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& connection : connections_) connection.join();
    ::close(listener_);
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(const std::string& path = "/") const { return "http://" + host() + path; }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // Waits until that many requests have come; false after half a minute.
  bool wait_for_requests(std::size_t count) const { return wait([&] { return requests_.size() >= count; }); }
  // Waits until nobody is connected any more.
  bool wait_until_idle() const { return wait([&] { return open_.empty(); }); }

 private:
  template <class Condition>
  bool wait(Condition condition) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), condition);
  }
  void accept_all() {
    while (true) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      const std::lock_guard lock(mutex_);
      if (socket < 0 || stopping_) {
        if (socket >= 0) ::close(socket);
        return;
      }
      open_.push_back(socket);
      connections_.emplace_back([this, socket] { serve(socket); });
    }
  }
  void serve(int socket) {
    std::string request = read_request(socket);
    if (!request.empty()) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
        changed_.notify_all();
      }
      answer_(socket);
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, socket);
    ::close(socket);
    changed_.notify_all();
  }
  static std::string read_request(int socket) {
    std::string text;
    std::size_t wanted = 0;
    while (wanted == 0 || text.size() < wanted) {
      char bytes[4096];
      const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
      if (count <= 0) return {};
      text.append(bytes, static_cast<std::size_t>(count));
      if (text[0] == '\x16') return text;  // TLS, which this server does not speak
      const std::size_t end = text.find("\r\n\r\n");
      if (wanted != 0 || end == std::string::npos) continue;
      const std::size_t length = text.find("Content-Length: ");
      wanted = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
    }
    return text;
  }

  Answer answer_;
  int listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;              // guarded by mutex_
  std::vector<int> open_;              // guarded by mutex_
  std::vector<std::string> requests_;  // guarded by mutex_
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace authd::test
