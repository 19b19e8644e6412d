#include "daemon/rpc/server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "daemon/rpc/connection.hpp"
#include "protocol/limits.hpp"

namespace authd::rpc {

using asio::local::stream_protocol;

Server::Server(asio::io_context& io, const Dispatcher& dispatcher, int listening_socket, Log log)
    : io_(io),
      dispatcher_(dispatcher),
      log_(std::move(log)),
      acceptor_(io, stream_protocol(), listening_socket),
      retry_(io) {}

// Requests that are still open keep their connection, and may outlive the server.
Server::~Server() {
  on_connections_changed = nullptr;
  const auto connections = connections_;
  for (const auto& connection : connections) connection->close();
}

void Server::accept() {
  acceptor_.async_accept([this](const asio::error_code& error, stream_protocol::socket socket) {
    if (stopping_ || error == asio::error::operation_aborted) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    // Out of file descriptors, most likely: the connection waits in the backlog meanwhile.
    log_("cannot accept a connection: " + error.message());
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](const asio::error_code& stopped) {
      if (!stopped) accept();
    });
  });
}

void Server::accepted(stream_protocol::socket socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  const bool known =
      getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
  if (!known || peer.uid != geteuid()) {
    ++counters_.refused;
    return log_("refused a connection of another user");
  }
  if (connections_.size() >= limits::connections_max) {
    ++counters_.refused;
    const Error error{ErrorKind::busy,
                      "There are too many connections.",
                      {},
                      "Close some, then try again.",
                      {{"retryable", true}}};
    const std::string text = framed(Framing::lines, jsonrpc::answer("null", error));
    ::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  ++counters_.connections;
  const auto connection = std::make_shared<Connection>(*this, std::move(socket));
  connections_.insert(connection);
  connection->start();
  if (on_connections_changed) on_connections_changed();
}

void Server::closed(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  if (on_connections_changed) on_connections_changed();
}

void Server::stop() {
  stopping_ = true;
  asio::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  const auto connections = connections_;
  for (const auto& connection : connections) connection->stop_reading();
}

bool Server::drained() const {
  for (const auto& connection : connections_)
    if (!connection->drained()) return false;
  return true;
}

void Server::cancel_all() {
  const auto connections = connections_;
  for (const auto& connection : connections) connection->cancel_all();
}

void Server::publish(std::string_view topic, std::string_view method, const Json& params) {
  const auto connections = connections_;
  for (const auto& connection : connections)
    if (connection->subscribed(topic)) connection->notify(method, params);
}

}  // namespace authd::rpc
