// Checks of keys: hands requests to the HTTP workers and brings verdicts back to the io thread.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include "daemon/core/discovery.hpp"
#include "daemon/core/reach.hpp"
#include "daemon/io/http_client.hpp"
#include "protocol/result.hpp"

namespace authd {

class ReachVisit;

class Checker {
 public:
  using Ticket = std::uint64_t;
  using Done = std::move_only_function<void(core::Verdict)>;

  explicit Checker(asio::io_context& io) : io_(io) {}

  // Whether another check can be started now (limits::probes_max).
  bool has_room() const;
  // `done` is called once, later, on the io thread. Io thread only.
  Ticket start(core::ProbeTarget target, const core::Environment& environment,
               std::chrono::milliseconds timeout, Done done);
  using Discovered = std::move_only_function<void(core::Discovery)>;
  // Asks for the list of models; a cancelled one never calls `done`.
  Ticket discover(core::ProbeTarget target, const core::Environment& environment,
                  std::chrono::milliseconds timeout, Discovered done);
  using Reached = std::move_only_function<void(core::Reach)>;
  // How the host of a URL can be reached (core/reach): no key and no request is sent. `timeout` is
  // for each of three steps; `done` is called as by `discover`. Counts as one check.
  Ticket reach(core::ReachTarget target, const core::Environment& environment,
               std::chrono::milliseconds timeout, Reached done);
  // A check's `done` is called with not_tested at once; the connection is freed by its worker.
  void cancel(Ticket ticket);
  std::size_t running() const { return running_.size() + questions_.size() + visits_.size(); }

 private:
  struct Probe;
  struct Question;
  void ask(Ticket ticket, const std::shared_ptr<Question>& question, core::HttpRequest request);
  void heard(Ticket ticket, const core::HttpRequest& request, const core::HttpResponse& response);
  io::HttpClient& http();
  void finish(Ticket ticket, core::Verdict verdict);

  asio::io_context& io_;
  std::unordered_map<Ticket, std::shared_ptr<Probe>> running_;
  std::unordered_map<Ticket, std::shared_ptr<Question>> questions_;
  std::unordered_map<Ticket, std::shared_ptr<ReachVisit>> visits_;
  Ticket next_ = 0;
  std::unique_ptr<io::HttpClient> http_;  // made by the first check
};

}  // namespace authd
