// HTTP requests on worker threads. The one virtual interface of the daemon, so that the library
// behind it can be replaced, or loaded only when it is needed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/probe.hpp"

namespace authd::io {

struct Transfer {
  core::HttpRequest request;
  // Bytes of a 2xx answer as they come, on a worker thread; true = enough, end the transfer.
  std::move_only_function<bool(std::string_view)> feed;
  // Called once, on a worker thread.
  std::move_only_function<void(core::HttpResponse)> done;
};

enum class LookAt {
  addresses,     // what the host name resolves to; nothing is connected
  connection,    // a TCP connection, opened and closed
  certificates,  // then TLS, whoever the server says it is: what it presents is the answer
};

// What can be learned of a way to a host without a request: no key and no header of ours is sent,
// only a proxy is asked to CONNECT.
struct Look {
  LookAt at = LookAt::connection;
  std::string url = {};  // its scheme, host and port count
  std::string address =
      {};  // to connect to; empty = all that the host resolves to, as Qwen Code does
  std::string proxy = {};  // empty = direct
  bool allows_guarded_address = false;
  std::chrono::milliseconds timeout{0};
};
struct Looked {
  core::NetworkFault fault = core::NetworkFault::none;
  std::string fault_text = {};              // the library's words
  int proxy_status = 0;                     // the proxy's answer to CONNECT
  std::vector<std::string> addresses = {};  // of LookAt::addresses
  std::vector<std::string> chain = {};      // of LookAt::certificates: PEM, the server's own first
  std::chrono::milliseconds latency{0};
};

// Started and cancelled on one thread.
class HttpClient {
 public:
  using Ticket = std::uint64_t;
  virtual ~HttpClient() = default;
  // Returns at once.
  virtual Ticket start(Transfer transfer) = 0;
  // `done` is called once, on a worker thread.
  virtual Ticket look(Look look, std::move_only_function<void(Looked)> done) = 0;
  // Frees the connection; `done` is called with NetworkFault::cancelled unless it has been called
  // already.
  virtual void cancel(Ticket ticket) = 0;
};

// With libcurl. Threads and the library are started by the first request: a daemon that never
// checks a key pays for neither. Each worker drives many transfers, so that endpoints that hang
// do not keep others waiting. Destruction does not wait for a name look-up that hangs.
std::unique_ptr<HttpClient> make_curl_client();

}  // namespace authd::io
