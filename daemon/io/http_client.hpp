// HTTP requests on worker threads. The one virtual interface of the daemon, so that the library
// behind it can be replaced, or loaded only when it is needed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "daemon/core/probe.hpp"

namespace authd::io {

struct Transfer {
  core::HttpRequest request;
  // Bytes of a 2xx answer as they come, on a worker thread; true = enough, end the transfer.
  std::move_only_function<bool(std::string_view)> feed;
  // Called once, on a worker thread.
  std::move_only_function<void(core::HttpResponse)> done;
};

// Started and cancelled on one thread.
class HttpClient {
 public:
  using Ticket = std::uint64_t;
  virtual ~HttpClient() = default;
  // Returns at once.
  virtual Ticket start(Transfer transfer) = 0;
  // Frees the connection; `done` is called with NetworkFault::cancelled unless it has been called
  // already.
  virtual void cancel(Ticket ticket) = 0;
};

// With libcurl. Threads and the library are started by the first request: a daemon that never
// checks a key pays for neither. Each worker drives many transfers, so that endpoints that hang
// do not keep others waiting. Destruction does not wait for a name look-up that hangs.
std::unique_ptr<HttpClient> make_curl_client();

}  // namespace authd::io
