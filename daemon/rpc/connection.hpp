// One connection. Lives as long as its socket, or as long as a request of it is open.
#pragma once

#include <asio/local/stream_protocol.hpp>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/rpc/dispatcher.hpp"
#include "protocol/framing.hpp"
#include "protocol/jsonrpc.hpp"

namespace authd::rpc {

class Server;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, asio::local::stream_protocol::socket socket);
  ~Connection();

  void start();
  void stop_reading();
  void cancel_all();
  // Cancels what is open and drops what is not written yet.
  void close();
  // Nothing is open and nothing is left to write.
  bool drained() const { return open_.empty() && out_.size() == written_; }
  bool subscribed(std::string_view topic) const { return topics_.contains(topic); }
  void notify(std::string_view method, const Json& params);
  void subscribe(std::vector<std::string> topics);

 private:
  struct Batch;
  class Handle;
  struct Open {
    std::optional<std::string> id;
    std::shared_ptr<Cancellation> cancellation;
    std::shared_ptr<Batch> batch;
  };
  using Ticket = std::uint64_t;

  void wait_for_input();
  void readable();
  void read_messages();
  void receive(jsonrpc::Message message);
  void receive_call(jsonrpc::Call call, const std::shared_ptr<Batch>& batch);
  void answer_at_once(const Dispatcher::Method& method, jsonrpc::Call& call,
                      const std::shared_ptr<Batch>& batch);
  void answer_later(const Dispatcher::Method& method, jsonrpc::Call& call,
                    const std::shared_ptr<Batch>& batch);
  bool protocol_call(const jsonrpc::Call& call);
  void cancel(Ticket ticket);
  void answer(const std::optional<std::string>& id, const Result<Json>& result,
              const std::shared_ptr<Batch>& batch);
  bool has_room(const std::shared_ptr<Batch>& batch) const;
  void send_in(const std::shared_ptr<Batch>& batch, std::string text);
  void send(std::string_view text);
  void refuse(std::string_view reason);
  void flush();
  void close_when_done();

  Server* server_;  // nullptr once closed
  asio::local::stream_protocol::socket socket_;
  FrameReader reader_;
  std::string out_;  // bytes before written_ have gone
  std::size_t written_ = 0;
  std::unordered_map<Ticket, Open> open_;  // requests that are answered later
  Ticket next_ticket_ = 0;
  std::set<std::string, std::less<>> topics_;
  std::shared_ptr<Peer> handle_;
  bool reading_ = false, writing_ = false, handling_ = false;
  bool end_of_input_ = false;
};

}  // namespace authd::rpc
