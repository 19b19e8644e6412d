// Message boundaries on a stream: one JSON text per line, or the headers of the LSP base protocol.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "protocol/limits.hpp"

namespace authd {

enum class Framing { unknown, lines, headers };

// A message as it goes out. Writing is strict: exactly `Content-Length: N\r\n\r\n`, because some
// clients read nothing else (client-conventions, Framing).
std::string framed(Framing framing, std::string_view body);
void append_framed(std::string& out, Framing framing, std::string_view body);

// Cuts a byte stream into messages. The framing is found out from the first non-blank byte.
// Owns its buffer and wipes what has been consumed, since a message may hold a key. One thread.
class FrameReader {
 public:
  enum class Status {
    message,     // `body` is valid until the next call of any member
    incomplete,  // more bytes are needed
    refused,     // the stream is out of step: answer `reason`, then close
  };
  struct Next {
    Status status;
    std::string_view body = {};
    std::string_view reason = {};
  };

  // A line longer than `message_bytes_max`, or a body, is refused.
  explicit FrameReader(std::size_t message_bytes_max = limits::message_bytes_max)
      : message_bytes_max_(message_bytes_max) {}
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader();

  // Room for bytes from the stream; `filled` says how many came.
  std::span<char> room();
  void filled(std::size_t bytes);
  // No more bytes will come: a last line without its line break counts as a message.
  void end_of_stream() { ended_ = true; }

  Next next();
  Framing framing() const { return framing_; }

 private:
  Next next_line();
  Next next_with_headers();
  Next refuse(std::string_view reason);
  void consume(std::size_t bytes);

  const std::size_t message_bytes_max_;
  std::string buffer_;  // bytes [begin_, end_) are not consumed yet
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t scanned_ = 0;  // [begin_, scanned_) holds no line break
  std::size_t pending_ = 0;  // consumed at the next call, so that `body` stays valid till then
  Framing framing_ = Framing::unknown;
  bool ended_ = false;
  bool refused_ = false;
};

}  // namespace authd
