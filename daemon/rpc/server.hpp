// Connections on the socket: framing, JSON-RPC, batches, cancellation, limits, events. The only
// code that does socket I/O, on the io thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "daemon/rpc/dispatcher.hpp"

namespace authd::rpc {

class Connection;

struct Counters {
  std::uint64_t connections = 0;  // accepted since the start
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;   // requests answered with an error
  std::uint64_t refused = 0;  // connections and messages over a bound, or of another user
};

class Server {
 public:
  // `log` is told what went wrong, never with content of a message.
  using Log = std::function<void(const std::string&)>;

  // Takes over a listening socket. `dispatcher` must outlive the server.
  Server(asio::io_context& io, const Dispatcher& dispatcher, int listening_socket, Log log);
  ~Server();

  void start() { accept(); }
  // No new connections and no new requests; answers still go out.
  void stop();
  // Whether every request has been answered and every answer has been written.
  bool drained() const;
  // Cancels every request that is still open, as $/cancelRequest would.
  void cancel_all();

  // To the connections that subscribed to the topic.
  void publish(std::string_view topic, std::string_view method, const Json& params);

  std::size_t connections() const { return connections_.size(); }
  const Counters& counters() const { return counters_; }
  // Called when the last connection has gone, and when one has come.
  std::function<void()> on_connections_changed;

 private:
  friend class Connection;
  void accept();
  void accepted(asio::local::stream_protocol::socket socket);
  void closed(const std::shared_ptr<Connection>& connection);

  asio::io_context& io_;
  const Dispatcher& dispatcher_;
  Log log_;
  asio::local::stream_protocol::acceptor acceptor_;
  asio::steady_timer retry_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  Counters counters_;
  bool stopping_ = false;
};

}  // namespace authd::rpc
