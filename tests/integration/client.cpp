#include "client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>

namespace authd::tests {

Client::Client(const std::string& socket_path, Framing framing, std::shared_ptr<Overheard> overheard)
    : framing_(framing), overheard_(std::move(overheard)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  descriptor_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    FAIL("cannot connect to " << socket_path << ": " << std::strerror(errno));
}

Client::~Client() {
  // A moved-from client has no text to share any more.
  if (overheard_) close(descriptor_);
}

void Client::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return;  // the daemon has closed; what it said is still read
    // The daemon does not read on while its answers are not read.
    pollfd ready{descriptor_, POLLIN | POLLOUT, 0};
    if (poll(&ready, 1, static_cast<int>(patience.count())) <= 0) FAIL("the daemon does not read");
    if ((ready.revents & POLLOUT) == 0 && !fill()) return;
  }
}

void Client::send_text(std::string_view message) {
  if (framing_ == Framing::lines) return send_bytes(std::string(message) + "\n");
  send_bytes("Content-Length: " + std::to_string(message.size()) + "\r\n\r\n" + std::string(message));
}

void Client::half_close() { shutdown(descriptor_, SHUT_WR); }

bool Client::fill() {
  pollfd readable{descriptor_, POLLIN, 0};
  const int ready = poll(&readable, 1, static_cast<int>(patience.count()));
  if (ready <= 0) FAIL("the daemon said nothing for " << patience.count() << " ms");
  std::array<char, 64 * 1024> bytes;
  const ssize_t count = recv(descriptor_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> Client::cut_message() {
  std::size_t begin = 0, length = 0;
  // Whatever the framing of the question, a refusal may come as a line.
  if (framing_ == Framing::lines || buffer_.starts_with("{")) {
    length = buffer_.find('\n');
    if (length == std::string::npos) return std::nullopt;
  } else {
    const std::size_t blank_line = buffer_.find("\r\n\r\n");
    if (blank_line == std::string::npos) return std::nullopt;
    last_header_ = buffer_.substr(0, blank_line + 4);
    if (!last_header_.starts_with("Content-Length: ")) FAIL("not a header: " << last_header_);
    begin = last_header_.size();
    length = std::stoul(last_header_.substr(16));
    if (buffer_.size() < begin + length) return std::nullopt;
  }
  std::string message = buffer_.substr(begin, length);
  buffer_.erase(0, begin + length + (begin == 0 ? 1 : 0));
  return message;
}

std::optional<std::string> Client::next_text() {
  while (true) {
    if (auto message = cut_message()) {
      if (!is_secret_expected_) overheard_->text += *message + "\n";
      return message;
    }
    if (!fill()) {
      INFO("left over when the daemon closed: " << buffer_);
      CHECK(buffer_.empty());
      return std::nullopt;
    }
  }
}

Json Client::next() {
  const auto text = next_text();
  if (!text) FAIL("the daemon closed the connection instead of answering");
  return Json::parse(*text);
}

int Client::request(const std::string& method, const Json& params) {
  const int id = next_id_++;
  Json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  send_text(message.dump());
  return id;
}

void Client::notify(const std::string& method, const Json& params) {
  Json message = {{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.is_null()) message["params"] = params;
  send_text(message.dump());
}

void Client::sort(Json message) {
  (message.contains("method") ? notifications_ : answers_).push_back(std::move(message));
}

Json Client::answer_to(int id) {
  while (true) {
    const auto found = std::find_if(answers_.begin(), answers_.end(), [id](const Json& a) { return a["id"] == id; });
    if (found != answers_.end()) {
      Json answer = std::move(*found);
      answers_.erase(found);
      return answer;
    }
    sort(next());
  }
}

Json Client::result_of(int id) {
  const Json answer = answer_to(id);
  if (!answer.contains("result")) FAIL("an error instead of a result: " << answer.dump());
  return answer["result"];
}

Json Client::error_of(int id) {
  const Json answer = answer_to(id);
  if (!answer.contains("error")) FAIL("a result instead of an error: " << answer.dump());
  return answer["error"];
}

Json Client::call(const std::string& method, const Json& params) { return result_of(request(method, params)); }

Json Client::refusal(const std::string& method, const Json& params) { return error_of(request(method, params)); }

Json Client::reveal(const std::string& method, const Json& params) {
  is_secret_expected_ = true;
  Json result = call(method, params);
  is_secret_expected_ = false;
  return result;
}

std::vector<Json> Client::notifications(const std::string& method) {
  call("daemon.ping");
  std::vector<Json> chosen;
  for (const Json& notification : notifications_)
    if (method.empty() || notification["method"] == method) chosen.push_back(notification);
  return chosen;
}

Json Client::next_notification(const std::string& method) {
  while (true) {
    const auto found = std::find_if(notifications_.begin(), notifications_.end(),
                                    [&](const Json& n) { return n["method"] == method; });
    if (found != notifications_.end()) {
      Json notification = std::move(*found);
      notifications_.erase(found);
      return notification;
    }
    sort(next());
  }
}

}  // namespace authd::tests
