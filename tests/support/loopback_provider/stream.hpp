// One accepted connection as bytes, plain or TLS. Used by its own thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace loopback {

// The server's certificate; empty means plain HTTP.
class TlsContext {
public:
  TlsContext() = default;
  TlsContext(const std::string& certificate_file, const std::string& key_file);
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

private:
  std::shared_ptr<SSL_CTX> context_;
};

class Stream {
public:
  // Takes the descriptor; a failed TLS handshake leaves a stream that reads and writes nothing.
  Stream(int descriptor, const TlsContext& tls);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // How many bytes came; 0 when the peer is gone, or silent for a minute.
  std::size_t read(char* bytes, std::size_t size);
  // False when the peer is gone.
  bool write(std::string_view bytes);
  // Returns when the peer closes, or after `seconds`, reading and dropping what it still sends.
  void wait_for_close(int seconds);
  // Ends the connection so that the peer sees a TCP RST instead of an orderly end.
  void reset();

private:
  int descriptor_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool usable_ = true;
};

}  // namespace loopback
