#include "protocol/framing.hpp"

#include <strings.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "protocol/limits.hpp"

namespace authd {
namespace {

constexpr std::size_t room_min = 4096;
// A buffer that one large message has grown is given back once it is empty.
constexpr std::size_t kept_bytes_max = 64 * 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

struct HeaderSection {
  std::size_t bytes = 0;  // up to and with the blank line
  std::optional<std::size_t> content_length;
  bool malformed = false;
};

// Nothing while the blank line has not come yet.
std::optional<HeaderSection> read_headers(std::string_view text) {
  HeaderSection section;
  std::size_t at = 0;
  while (true) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (line.empty()) {
      section.bytes = at;
      return section;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      section.malformed = true;
    } else if (same_name(trimmed(line.substr(0, colon)), "content-length")) {
      const std::string_view digits = trimmed(line.substr(colon + 1));
      const bool number =
          !digits.empty() && digits.size() <= 18 &&
          std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (number) section.content_length = std::stoull(std::string(digits));
      section.malformed = section.malformed || !number;
    }
  }
}

}  // namespace

void append_framed(std::string& out, Framing framing, std::string_view body) {
  if (framing == Framing::headers) {
    out += "Content-Length: ";
    out += std::to_string(body.size());
    out += "\r\n\r\n";
    out += body;
  } else {
    out += body;
    out += '\n';
  }
}

std::string framed(Framing framing, std::string_view body) {
  std::string out;
  out.reserve(body.size() + 32);
  append_framed(out, framing, body);
  return out;
}

FrameReader::~FrameReader() { explicit_bzero(buffer_.data(), buffer_.size()); }

std::span<char> FrameReader::room() {
  consume(pending_);
  pending_ = 0;
  if (buffer_.size() - end_ < room_min) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      scanned_ -= std::min(scanned_, begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() - end_ < room_min) {
      std::string grown(std::max(buffer_.size() * 2, room_min), '\0');
      std::memcpy(grown.data(), buffer_.data(), end_);
      explicit_bzero(buffer_.data(), buffer_.size());
      buffer_ = std::move(grown);
    }
  }
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void FrameReader::filled(std::size_t bytes) { end_ += bytes; }

void FrameReader::consume(std::size_t bytes) {
  if (bytes == 0) return;
  std::memset(buffer_.data() + begin_, 0, bytes);
  begin_ += bytes;
  if (begin_ != end_) return;
  begin_ = end_ = scanned_ = 0;
  if (buffer_.size() > kept_bytes_max) {
    buffer_.resize(room_min);
    buffer_.shrink_to_fit();
  }
}

FrameReader::Next FrameReader::refuse(std::string_view reason) {
  refused_ = true;
  return {Status::refused, {}, reason};
}

FrameReader::Next FrameReader::next() {
  consume(pending_);
  pending_ = 0;
  if (refused_) return {Status::refused, {}, {}};
  if (framing_ == Framing::unknown || framing_ == Framing::lines) {
    std::size_t blanks = 0;
    while (begin_ + blanks < end_ && is_blank(buffer_[begin_ + blanks])) ++blanks;
    consume(blanks);
    scanned_ = std::max(scanned_, begin_);
  }
  if (begin_ == end_) return {Status::incomplete};
  if (framing_ == Framing::unknown) {
    const char first = buffer_[begin_];
    if (first == '{' || first == '[')
      framing_ = Framing::lines;
    else if (first == 'C' || first == 'c')
      framing_ = Framing::headers;
    else
      return refuse("expected a JSON text per line or Content-Length headers");
  }
  return framing_ == Framing::lines ? next_line() : next_with_headers();
}

FrameReader::Next FrameReader::next_line() {
  const void* found = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
  std::size_t length = end_ - begin_;
  if (found)
    length = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) - begin_;
  if (length > message_bytes_max_) return refuse("the message is larger than 4 MiB");
  if (!found && !ended_) {
    scanned_ = end_;
    return {Status::incomplete};
  }
  pending_ = found ? length + 1 : length;
  scanned_ = begin_ + pending_;
  return {Status::message, trimmed({buffer_.data() + begin_, length})};
}

FrameReader::Next FrameReader::next_with_headers() {
  const std::string_view unread(buffer_.data() + begin_, end_ - begin_);
  const auto section = read_headers(unread.substr(0, limits::header_bytes_max));
  if (!section) {
    if (unread.size() >= limits::header_bytes_max)
      return refuse("the header section is larger than 8 KiB");
    return ended_ ? refuse("the stream ended inside a header section") : Next{Status::incomplete};
  }
  if (section->malformed || !section->content_length)
    return refuse("expected a Content-Length header");
  if (*section->content_length > message_bytes_max_)
    return refuse("the message is larger than 4 MiB");
  const std::size_t whole = section->bytes + *section->content_length;
  if (unread.size() < whole)
    return ended_ ? refuse("the stream ended inside a message") : Next{Status::incomplete};
  pending_ = whole;
  return {Status::message, unread.substr(section->bytes, *section->content_length)};
}

}  // namespace authd
