// HTTP/1.1 as far as a provider's server needs it: whole requests in, answers or chunks out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stream.hpp"

namespace loopback {

struct Request {
  std::string method;
  std::string target;  // as on the wire, query included
  std::map<std::string, std::string> headers;  // names in lower case, repeats joined by ", "
  std::string body;
  bool keep_alive = true;

  [[nodiscard]] std::string_view header(const std::string& name) const;
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

class HttpConnection {
public:
  explicit HttpConnection(Stream& stream) : stream_(stream) {}

  // The next request; nothing when the peer is done or sent something that is not HTTP, which is
  // then in `refused()` as the status that says so.
  std::optional<Request> next();
  [[nodiscard]] int refused() const { return refused_; }

  bool send(const Answer& answer, const Request& request);

  // A streamed answer: the head, any number of chunks, the end.
  bool begin_stream(const Answer& head);
  bool chunk(std::string_view bytes);
  bool end_stream();

private:
  std::optional<std::string> line(std::size_t bytes_max);
  bool exactly(std::size_t size, std::string& into);
  bool body_of(Request& request);
  bool chunked_body(std::string& body);
  std::nullopt_t refuse(int status);
  bool fill();

  Stream& stream_;
  std::string buffer_;
  int refused_ = 0;
};

std::string_view reason_phrase(int status);

}  // namespace loopback
