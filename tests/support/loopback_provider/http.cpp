#include "http.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace loopback {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t header_count_max = 200;
constexpr std::size_t body_bytes_max = 32 * 1024 * 1024;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::size_t> number(std::string_view digits, int base) {
  std::size_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::string_view Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

bool HttpConnection::fill() {
  std::array<char, 16 * 1024> bytes;
  const std::size_t count = stream_.read(bytes.data(), bytes.size());
  buffer_.append(bytes.data(), count);
  return count > 0;
}

std::optional<std::string> HttpConnection::line(std::size_t bytes_max) {
  std::size_t end;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (buffer_.size() > bytes_max) return refuse(431);
    if (!fill()) return std::nullopt;
  }
  std::string text = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

bool HttpConnection::exactly(std::size_t size, std::string& into) {
  while (buffer_.size() < size) {
    if (!fill()) return false;
  }
  into.append(buffer_, 0, size);
  buffer_.erase(0, size);
  return true;
}

std::nullopt_t HttpConnection::refuse(int status) {
  refused_ = status;
  return std::nullopt;
}

std::optional<Request> HttpConnection::next() {
  refused_ = 0;
  auto start = line(line_bytes_max);
  if (start && start->empty()) start = line(line_bytes_max);  // RFC 9112 2.2 allows one blank line
  if (!start) return std::nullopt;
  Request request;
  const auto first = start->find(' ');
  const auto last = start->rfind(' ');
  if (first == std::string::npos || first == last) return refuse(400);
  request.method = start->substr(0, first);
  request.target = start->substr(first + 1, last - first - 1);
  const std::string version = start->substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(400);
  if (request.target.empty() || request.target.front() != '/') return refuse(400);

  for (std::size_t count = 0;; ++count) {
    const auto text = line(line_bytes_max);
    if (!text) return std::nullopt;
    if (text->empty()) break;
    const auto colon = text->find(':');
    if (colon == std::string::npos || count == header_count_max) return refuse(400);
    std::string& value = request.headers[lower(text->substr(0, colon))];
    if (!value.empty()) value += ", ";
    value += trimmed(std::string_view(*text).substr(colon + 1));
  }
  const std::string connection = lower(request.header("connection"));
  request.keep_alive = version == "HTTP/1.1" ? connection != "close" : connection == "keep-alive";
  if (!body_of(request)) return std::nullopt;
  return request;
}

bool HttpConnection::body_of(Request& request) {
  if (lower(request.header("expect")) == "100-continue") {
    stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (lower(request.header("transfer-encoding")) == "chunked") return chunked_body(request.body);
  if (!request.headers.contains("content-length")) return true;
  const auto size = number(request.header("content-length"), 10);
  if (!size || *size > body_bytes_max) {
    refuse(size ? 413 : 400);
    return false;
  }
  return exactly(*size, request.body);
}

bool HttpConnection::chunked_body(std::string& body) {
  for (;;) {
    const auto head = line(line_bytes_max);
    if (!head) return false;
    const auto size = number(trimmed(std::string_view(*head).substr(0, head->find(';'))), 16);
    if (!size || *size > body_bytes_max || body.size() + *size > body_bytes_max) {
      refuse(size ? 413 : 400);
      return false;
    }
    if (*size == 0) break;
    if (!exactly(*size, body) || !line(2)) return false;
  }
  for (;;) {  // trailers
    const auto trailer = line(line_bytes_max);
    if (!trailer) return false;
    if (trailer->empty()) return true;
  }
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 529: return "Overloaded";
    default: return "Unknown";
  }
}

namespace {

std::string head_of(const Answer& answer) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  head += reason_phrase(answer.status);
  head += "\r\nServer: loopback-provider\r\nContent-Type: " + answer.content_type + "\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  return head;
}

}  // namespace

bool HttpConnection::send(const Answer& answer, const Request& request) {
  std::string text = head_of(answer) + "Content-Length: " + std::to_string(answer.body.size());
  text += request.keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  if (request.method != "HEAD") text += answer.body;
  return stream_.write(text);
}

bool HttpConnection::begin_stream(const Answer& head) {
  return stream_.write(head_of(head) +
                       "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n");
}

bool HttpConnection::chunk(std::string_view bytes) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), bytes.size(), 16).ptr;
  std::string text(digits.begin(), end);
  text += "\r\n";
  text += bytes;
  text += "\r\n";
  return stream_.write(text);
}

bool HttpConnection::end_stream() { return stream_.write("0\r\n\r\n"); }

}  // namespace loopback
