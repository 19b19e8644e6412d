#include "client/connection.hpp"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "client/members.hpp"
#include "protocol/jsonrpc.hpp"
#include "protocol/limits.hpp"
#include "protocol/secret.hpp"
#include "protocol/socket_path.hpp"

namespace authd::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds tick{100};
constexpr milliseconds full_backlog_timeout{5'000};
// What may stand around a member of the settings: {error: {data: {conflicts: [{before: …}]}}}.
constexpr std::size_t answer_depth_max = limits::depth_max + 5;

void wipe_strings(Json& value) {
  if (value.is_string()) wipe(value.get_ref<std::string&>());
  if (value.is_structured())
    for (Json& inner : value) wipe_strings(inner);
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::clamp<long>(left.count(), 0, 1'000'000));
}

std::unexpected<Fault> lost() {
  return fault(ExitCode::error, "connection_lost",
               "The daemon closed the connection before it answered.",
               "Its log says why; see `qwen-authctl daemon status`.");
}

std::unexpected<Fault> interrupted() {
  return fault(ExitCode::interrupted, "interrupted", "Interrupted.");
}

// The socket directory is private, but a wrong path must not hand a key to someone else.
Outcome<void> check_peer(int descriptor, const std::string& path) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid())
    return {};
  return fault(ExitCode::error, "foreign_socket",
               "The socket " + path + " belongs to another user; nothing was sent to it.",
               "Check QWEN_AUTHD_SOCKET and --socket.");
}

Outcome<void> connect_to(int descriptor, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto deadline = Clock::now() + full_backlog_timeout;
  while (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int reason = errno;
    if (reason == EINTR) continue;
    if (reason == EAGAIN && Clock::now() < deadline) {  // its backlog is full
      std::this_thread::sleep_for(milliseconds(10));
      continue;
    }
    const bool nobody = reason == ENOENT || reason == ECONNREFUSED;
    return fault(ExitCode::unreachable, nobody ? "not_running" : "unreachable",
                 nobody ? "qwen-authd is not running (nothing answers at " + path + ")."
                        : "Cannot connect to " + path + ": " + strerror(reason) + ".",
                 nobody ? "Start it with `qwen-authctl daemon start`." : "");
  }
  return {};
}

}  // namespace

// What the daemon answers may be larger than what it takes.
Connection::Connection(int descriptor)
    : descriptor_(descriptor), reader_(std::make_unique<FrameReader>(limits::outbound_bytes_max)) {}

Connection::Connection(Connection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      next_id_(other.next_id_),
      reader_(std::move(other.reader_)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(next_id_, other.next_id_);
  std::swap(reader_, other.reader_);
  return *this;
}

Connection::~Connection() {
  if (descriptor_ >= 0) close(descriptor_);
}

Outcome<Connection> Connection::open(const std::string& socket_path) {
  if (auto ok = checked_socket_path(socket_path); !ok)
    return std::unexpected(fault_from_error(ok.error(), ExitCode::usage));
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0)
    return fault(ExitCode::unreachable, "unreachable",
                 std::string("Cannot make a socket: ") + strerror(errno) + ".");
  Connection connection(descriptor);
  if (auto ok = connect_to(descriptor, socket_path); !ok) return std::unexpected(ok.error());
  if (auto ok = check_peer(descriptor, socket_path); !ok) return std::unexpected(ok.error());
  return connection;
}

Outcome<void> Connection::send(std::string text) {
  std::string_view rest = text;
  const auto deadline = Clock::now() + answer_timeout;
  Outcome<void> outcome;
  while (!rest.empty()) {
    const ssize_t sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN && Clock::now() < deadline) {
      pollfd ready{descriptor_, POLLOUT, 0};
      poll(&ready, 1, 1000);
    } else if (errno != EINTR) {
      outcome = lost();
      break;
    }
  }
  wipe(text);
  return outcome;
}

Outcome<void> Connection::send_cancel(long id) {
  return send(framed(Framing::lines, jsonrpc::notification("$/cancelRequest", {{"id", id}})));
}

Outcome<Json> Connection::call(std::string_view method, Json params, const Attention& attention,
                               milliseconds timeout) {
  const long id = next_id_++;
  std::string request = jsonrpc::request(std::to_string(id), method, params);
  wipe_strings(params);
  if (request.size() > limits::message_bytes_max) {
    wipe(request);
    return fault(ExitCode::error, "too_large",
                 "What is to be sent is larger than 4 MiB, the most that qwen-authd takes.");
  }
  auto sent = send(framed(Framing::lines, request));
  wipe(request);
  if (!sent) return std::unexpected(sent.error());

  const auto deadline = Clock::now() + timeout;
  while (true) {
    if (auto answer = received_answer(id, attention)) return std::move(*answer);
    std::vector<pollfd> ready{{descriptor_, POLLIN, 0}};
    for (const int other : attention.descriptors) ready.push_back({other, POLLIN, 0});
    const int left = milliseconds_until(deadline);
    if (left == 0)
      return fault(ExitCode::error, "timed_out",
                   "The daemon gave no answer to " + std::string(method) + " within " +
                       std::to_string(timeout.count() / 1000) + " s.");
    const bool ticks = static_cast<bool>(attention.on_tick);
    poll(ready.data(), ready.size(), ticks ? std::min<int>(left, tick.count()) : left);
    if (ticks) attention.on_tick();
    const bool called = std::any_of(ready.begin() + 1, ready.end(),
                                    [](const pollfd& one) { return one.revents != 0; });
    if (called) {
      const Attention::Wish wish = attention.on_ready();
      if (wish == Attention::Wish::abandon) return interrupted();
      if (wish == Attention::Wish::cancel) {
        if (auto ok = send_cancel(id); !ok) return std::unexpected(ok.error());
      }
    }
    if (ready[0].revents == 0) continue;
    const auto open = receive();
    if (!open) return std::unexpected(open.error());
    if (!*open) {
      if (auto answer = received_answer(id, attention)) return std::move(*answer);
      return lost();
    }
  }
}

// Reads what has come; false at the end of the stream.
Outcome<bool> Connection::receive() {
  const auto room = reader_->room();
  const ssize_t count = recv(descriptor_, room.data(), room.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (count < 0) return lost();
  reader_->filled(static_cast<std::size_t>(count));
  if (count == 0) reader_->end_of_stream();
  return count > 0;
}

// Hands progress on and drops what is not for us.
std::optional<Outcome<Json>> Connection::received_answer(long id, const Attention& attention) {
  while (true) {
    const FrameReader::Next next = reader_->next();
    if (next.status == FrameReader::Status::incomplete) return std::nullopt;
    // Of a line there is nothing else to refuse.
    if (next.status == FrameReader::Status::refused && reader_->framing() == Framing::lines)
      return fault(ExitCode::error, "too_large", "The daemon's answer is larger than 16 MiB.",
                   "Ask for less: `qwen-authctl settings get model` shows one member.");
    auto message = next.status == FrameReader::Status::message
                       ? parse_json(next.body, {.depth_max = answer_depth_max})
                       : std::unexpected(JsonFault::syntax);
    if (!message || !message->is_object())
      return fault(ExitCode::error, "protocol", "What answered is not qwen-authd.");
    if (text_member(*message, "method") == "$/progress") {
      if (attention.on_progress) attention.on_progress(member(member(*message, "params"), "value"));
      continue;
    }
    const Json& answered = member(*message, "id");
    const Json& error = member(*message, "error");
    // An error with id null is about the stream as a whole: a request that was too large.
    if (!error.is_null() && (answered.is_null() || answered == id))
      return std::unexpected(fault_from_daemon(error));
    if (answered.is_number() && answered == id) return member(*message, "result");
  }
}

bool Connection::closed_within(milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    pollfd ready{descriptor_, POLLIN, 0};
    const int left = milliseconds_until(deadline);
    if (poll(&ready, 1, left) <= 0 && left == 0) return false;
    const auto open = receive();
    if (!open || !*open) return true;
    while (reader_->next().status == FrameReader::Status::message) {
    }
  }
}

}  // namespace authd::client
