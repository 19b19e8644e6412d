// Threads for what waits for other programs: a key command, a message bus. One per job, because
// there are few at a time and each may wait for minutes. Io thread only, but for the jobs.
#pragma once

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>

#include "daemon/io/stop_signal.hpp"

namespace authd {

class Background {
 public:
  using Ticket = std::uint64_t;
  static constexpr Ticket none = UINT64_MAX;

  explicit Background(asio::io_context& io) : io_(io) {}
  ~Background() { finish(); }

  // Runs `job` (const io::StopSignal& -> Value) on a thread of its own, then `then` (Value) on the
  // io thread. A Value as it is made without arguments means that the job has failed. Throws
  // std::system_error where there can be no further thread.
  template <class Job, class Then>
  Ticket start(Job job, Then then) {
    const Ticket ticket = next_++;
    const auto stop = std::make_shared<io::StopSignal>();
    std::thread thread(
        [this, ticket, stop, job = std::move(job), then = std::move(then)]() mutable {
          asio::post(io_,
                     [this, ticket, then = std::move(then), value = guarded(job, *stop)]() mutable {
                       running_.at(ticket).thread.join();
                       running_.erase(ticket);
                       then(std::move(value));
                     });
        });
    running_.emplace(ticket, Running{std::move(thread), stop});
    return ticket;
  }

  // The job ends as soon as it can; `then` is called all the same.
  void stop(Ticket ticket) {
    if (const auto found = running_.find(ticket); found != running_.end())
      found->second.stop->request();
  }
  void stop_all() {
    for (auto& [ticket, running] : running_) running.stop->request();
  }
  // Stops all and waits for them; nothing that they came to is told any more.
  void finish() {
    stop_all();
    for (auto& [ticket, running] : running_)
      if (running.thread.joinable()) running.thread.join();
  }

 private:
  struct Running {
    std::thread thread;
    std::shared_ptr<io::StopSignal> stop;
  };

  template <class Job>
  static auto guarded(Job& job, const io::StopSignal& stop) -> decltype(job(stop)) {
    try {
      return job(stop);
    } catch (const std::exception&) {
      return {};
    }
  }

  asio::io_context& io_;
  std::unordered_map<Ticket, Running> running_;
  Ticket next_ = 0;
};

}  // namespace authd
