#include "stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <limits>
#include <stdexcept>

namespace loopback {

TlsContext::TlsContext(const std::string& certificate_file, const std::string& key_file)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  if (!context_ ||
      SSL_CTX_use_certificate_chain_file(context_.get(), certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use the certificate " + certificate_file);
  }
}

Stream::Stream(int descriptor, const TlsContext& tls)
    : descriptor_(descriptor), ssl_(nullptr, SSL_free) {
  // Each event has to leave at once, or a test of timing measures Nagle's algorithm.
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // No thread may wait for ever on a peer that went silent.
  const timeval limit{60, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (tls.get() == nullptr) return;
  ssl_.reset(SSL_new(tls.get()));
  usable_ = ssl_ && SSL_set_fd(ssl_.get(), descriptor_) == 1 && SSL_accept(ssl_.get()) == 1;
}

Stream::~Stream() {
  if (ssl_ && usable_) SSL_shutdown(ssl_.get());
  ::close(descriptor_);
}

std::size_t Stream::read(char* bytes, std::size_t size) {
  if (!usable_) return 0;
  if (ssl_) {
    size = std::min<std::size_t>(size, std::numeric_limits<int>::max());
    const int count = SSL_read(ssl_.get(), bytes, static_cast<int>(size));
    if (count > 0) return static_cast<std::size_t>(count);
    usable_ = false;
    return 0;
  }
  ssize_t count;
  do {
    count = ::recv(descriptor_, bytes, size, 0);
  } while (count < 0 && errno == EINTR);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool Stream::write(std::string_view bytes) {
  while (usable_ && !bytes.empty()) {
    ssize_t count;
    if (ssl_) {
      const auto size = std::min<std::size_t>(bytes.size(), 1 << 20);
      count = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(size));
    } else {
      count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
    }
    if (count <= 0) {
      usable_ = false;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return usable_;
}

void Stream::wait_for_close(int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const timeval limit{seconds, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::array<char, 4096> dropped;
  while (std::chrono::steady_clock::now() < end && read(dropped.data(), dropped.size()) > 0) {
  }
}

void Stream::reset() {
  const linger abort_at_close{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof abort_at_close);
  usable_ = false;  // A TLS goodbye would make the end orderly again.
}

}  // namespace loopback
