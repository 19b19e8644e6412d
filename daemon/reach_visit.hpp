// Finds out how one host can be reached: its addresses, a connection to each and through the proxy,
// then the certificates. Io thread only; the connections are made by the HTTP workers.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "daemon/core/reach.hpp"
#include "daemon/io/http_client.hpp"

namespace authd {

class ReachVisit : public std::enable_shared_from_this<ReachVisit> {
 public:
  using Done = std::move_only_function<void(core::Reach)>;

  ReachVisit(asio::io_context& io, io::HttpClient& http, core::ReachTarget target,
             const core::Environment& environment, std::chrono::milliseconds timeout, Done done);
  void start();
  // Frees the connections; `done` is not called any more.
  void cancel();

 private:
  using Seen = std::move_only_function<void(io::Looked)>;
  io::Look look_at(io::LookAt at, const std::string& address, const std::string& proxy) const;
  void look(io::Look look, Seen seen);
  void saw_addresses(io::Looked looked);
  void saw_way(core::Way& way, const io::Looked& looked);
  void went_one_way();
  void look_at_certificates();
  void finish();

  asio::io_context& io_;
  io::HttpClient& http_;
  core::ReachTarget target_;
  std::string proxy_, extra_ca_file_;
  std::chrono::milliseconds timeout_;
  Done done_;
  core::Reach reach_;
  std::size_t ways_left_ = 0;
  std::vector<io::HttpClient::Ticket> looks_;
  bool cancelled_ = false;
};

}  // namespace authd
