#include "daemon/rpc/connection.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "daemon/rpc/server.hpp"
#include "protocol/limits.hpp"

namespace authd::rpc {
namespace {

// A client that does not read its answers is not read from either.
constexpr std::size_t unread_bytes_pause = 1024 * 1024;

}  // namespace

// Answers of a batch, sent together when the last one is there.
struct Connection::Batch {
  std::weak_ptr<Connection> connection;
  std::string text;
  ~Batch() {
    const auto owner = connection.lock();
    if (!owner || text.empty()) return;
    owner->send(text += ']');
    owner->flush();
  }
};

// What handlers keep of a connection.
class Connection::Handle final : public Peer {
 public:
  explicit Handle(std::weak_ptr<Connection> connection) : connection_(std::move(connection)) {}
  void notify(std::string_view method, const Json& params) override {
    if (const auto connection = connection_.lock()) connection->notify(method, params);
  }
  void subscribe(std::vector<std::string> topics) override {
    if (const auto connection = connection_.lock()) connection->subscribe(std::move(topics));
  }

 private:
  std::weak_ptr<Connection> connection_;
};

Connection::Connection(Server& server, asio::local::stream_protocol::socket socket)
    : server_(&server), socket_(std::move(socket)) {
  socket_.native_non_blocking(true);
}

Connection::~Connection() = default;

void Connection::start() {
  handle_ = std::make_shared<Handle>(weak_from_this());
  wait_for_input();
}

void Connection::wait_for_input() {
  if (reading_ || end_of_input_ || !server_ || out_.size() - written_ > unread_bytes_pause) return;
  reading_ = true;
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](const asio::error_code& error) {
                       self->reading_ = false;
                       if (!error) self->readable();
                     });
}

void Connection::readable() {
  if (end_of_input_ || !server_) return;
  const std::span<char> room = reader_.room();
  const ssize_t bytes = recv(socket_.native_handle(), room.data(), room.size(), 0);
  if (bytes < 0) {
    if (errno == EAGAIN || errno == EINTR) return wait_for_input();
    return close();
  }
  if (bytes == 0) {
    end_of_input_ = true;
    reader_.end_of_stream();
  } else {
    reader_.filled(static_cast<std::size_t>(bytes));
  }
  read_messages();
  wait_for_input();
}

void Connection::read_messages() {
  handling_ = true;  // answers are gathered and leave in one write
  while (server_) {
    const FrameReader::Next next = reader_.next();
    if (next.status == FrameReader::Status::incomplete) break;
    if (next.status == FrameReader::Status::refused) {
      if (!next.reason.empty()) refuse(next.reason);
      break;
    }
    receive(jsonrpc::parse(next.body));
  }
  handling_ = false;
  flush();
  close_when_done();
}

void Connection::refuse(std::string_view reason) {
  ++server_->counters_.refused;
  send(jsonrpc::answer("null", Error{ErrorKind::invalid_request, std::string(reason)}));
  end_of_input_ = true;
}

void Connection::receive(jsonrpc::Message message) {
  std::shared_ptr<Batch> batch;
  if (message.batch) batch = std::make_shared<Batch>(Batch{weak_from_this(), {}});
  for (jsonrpc::Item& item : message.items) {
    if (item.invalid) {
      ++server_->counters_.errors;
      send_in(batch, jsonrpc::answer(item.invalid->id, item.invalid->error));
    } else if (item.call) {
      receive_call(*std::move(item.call), batch);
    }
    if (!server_) return;
  }
}

void Connection::receive_call(jsonrpc::Call call, const std::shared_ptr<Batch>& batch) {
  ++server_->counters_.requests;
  const Dispatcher::Method* method = server_->dispatcher_.find(call.method);
  if (!method) {
    if (!call.id && protocol_call(call)) return;
    return answer(call.id, fail(ErrorKind::method_not_found, ""), batch);
  }
  if (!has_room(batch)) {
    Error error{ErrorKind::busy,
                "Too many answers wait to be read.",
                {},
                "Read them, then ask again.",
                {{"retryable", true}}};
    return answer(call.id, std::unexpected(std::move(error)), batch);
  }
  if (method->at_once) return answer_at_once(*method, call, batch);
  answer_later(*method, call, batch);
}

bool Connection::protocol_call(const jsonrpc::Call& call) {
  if (!call.params.is_object()) return false;
  const char* member = nullptr;
  if (call.method == "$/cancelRequest" && call.params.contains("id"))
    member = "id";
  else if (call.method == "$/cancel_request" && call.params.contains("requestId"))
    member = "requestId";
  else
    return false;
  const std::string id = dump(call.params[member]);
  std::vector<Ticket> cancelled;
  for (const auto& [ticket, open] : open_)
    if (open.id == id) cancelled.push_back(ticket);
  for (const Ticket ticket : cancelled) cancel(ticket);
  return true;
}

// A handler that says how it is cancelled answers itself; any other is not waited for.
void Connection::cancel(Ticket ticket) {
  const auto found = open_.find(ticket);
  if (found == open_.end()) return;
  const auto cancellation = found->second.cancellation;
  if (cancellation->has_action()) return cancellation->request();
  const Open open = std::move(found->second);
  open_.erase(found);
  if (server_) answer(open.id, fail(ErrorKind::cancelled, "Cancelled."), open.batch);
}

void Connection::cancel_all() {
  std::vector<Ticket> tickets;
  for (const auto& [ticket, open] : open_) tickets.push_back(ticket);
  for (const Ticket ticket : tickets) cancel(ticket);
  flush();
}

void Connection::answer_at_once(const Dispatcher::Method& method, jsonrpc::Call& call,
                                const std::shared_ptr<Batch>& batch) {
  try {
    answer(call.id, method.at_once(call.params, *handle_), batch);
  } catch (const std::exception&) {
    server_->log_("an exception in " + std::string(method.summary.name));
    answer(call.id, fail(ErrorKind::internal_error, "Something went wrong inside the daemon."),
           batch);
  }
}

void Connection::answer_later(const Dispatcher::Method& method, jsonrpc::Call& call,
                              const std::shared_ptr<Batch>& batch) {
  if (open_.size() >= limits::requests_in_flight_max) {
    Error error{ErrorKind::busy,
                "This connection has too many requests in flight.",
                {},
                "Wait for an answer, then try again.",
                {{"retryable", true}}};
    return answer(call.id, std::unexpected(std::move(error)), batch);
  }
  const Ticket ticket = next_ticket_++;
  const auto cancellation = std::make_shared<Cancellation>();
  open_.emplace(ticket, Open{call.id, cancellation, batch});
  // The reply keeps the connection: after the client's end of input its answers still go out.
  Reply reply([self = shared_from_this(), ticket, id = call.id,
               batch = std::shared_ptr<Batch>(batch)](Result<Json> result) mutable {
    const bool is_open = self->open_.erase(ticket) > 0;  // not where it was cancelled
    if (!is_open || !self->server_) return;
    self->answer(id, result, batch);
    batch.reset();
    self->flush();
    self->close_when_done();
  });
  try {
    method.later(call.params, {std::move(reply), handle_, cancellation});
  } catch (const std::exception&) {
    server_->log_("an exception in " + std::string(method.summary.name));
  }
}

void Connection::answer(const std::optional<std::string>& id, const Result<Json>& result,
                        const std::shared_ptr<Batch>& batch) {
  if (!result) ++server_->counters_.errors;
  if (!id) return;
  send_in(batch,
          result ? jsonrpc::answer(*id, dump(*result)) : jsonrpc::answer(*id, result.error()));
}

bool Connection::has_room(const std::shared_ptr<Batch>& batch) const {
  return out_.size() - written_ + (batch ? batch->text.size() : 0) < limits::outbound_bytes_max;
}

void Connection::send_in(const std::shared_ptr<Batch>& batch, std::string text) {
  if (!batch) return send(text);
  batch->text += batch->text.empty() ? '[' : ',';
  batch->text += text;
}

void Connection::send(std::string_view text) {
  if (!server_) return;
  append_framed(out_, reader_.framing(), text);
}

void Connection::notify(std::string_view method, const Json& params) {
  if (!server_) return;
  if (out_.size() - written_ > limits::outbound_bytes_max) return close();
  send(jsonrpc::notification(method, params));
  flush();
}

void Connection::subscribe(std::vector<std::string> topics) {
  topics_ = {topics.begin(), topics.end()};
}

void Connection::flush() {
  if (handling_ || writing_ || !server_) return;
  while (written_ < out_.size()) {
    const ssize_t bytes = ::send(socket_.native_handle(), out_.data() + written_,
                                 out_.size() - written_, MSG_NOSIGNAL);
    if (bytes >= 0) {
      written_ += static_cast<std::size_t>(bytes);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return close();
    writing_ = true;
    socket_.async_wait(asio::socket_base::wait_write,
                       [self = shared_from_this()](const asio::error_code& error) {
                         self->writing_ = false;
                         if (error) return self->close();
                         self->flush();
                         self->wait_for_input();
                         self->close_when_done();
                       });
    return;
  }
  // Answers may hold a revealed key.
  std::fill(out_.begin(), out_.end(), '\0');
  out_.clear();
  if (out_.capacity() > unread_bytes_pause) out_.shrink_to_fit();
  written_ = 0;
}

void Connection::stop_reading() {
  end_of_input_ = true;
  close_when_done();
}

void Connection::close_when_done() {
  if (server_ && end_of_input_ && !handling_ && drained()) close();
}

void Connection::close() {
  if (!server_) return;
  Server& server = *std::exchange(server_, nullptr);
  const auto self = shared_from_this();
  cancel_all();
  asio::error_code ignored;
  socket_.close(ignored);
  server.closed(self);
}

}  // namespace authd::rpc
