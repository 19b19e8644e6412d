// The one thread that touches settings files. Writes are in order because one thread does them,
// not because of a lock.
#pragma once

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "daemon/io/settings_store.hpp"

namespace authd {

class SettingsThread {
 public:
  SettingsThread(asio::io_context& io, std::string state_directory)
      : io_(io), store_(std::move(state_directory)) {}
  ~SettingsThread() {
    if (thread_) thread_->join();
  }

  // What a job came across, told on the io thread before the job's own result is.
  std::function<void(const io::ForeignWrite&)> on_foreign_write;

  // Readable when observing is worth a job; -1 where it cannot be told.
  int watch_fd() const { return store_.watch_fd(); }

  // Runs `job` (SettingsStore& -> Result<Value>) on the settings thread, first in first out, then
  // `then` (Result<Value>) on the io thread. Called on the io thread.
  template <class Job, class Then>
  void run(Job job, Then then) {
    if (!thread_) thread_.emplace(1);
    asio::post(*thread_, [this, job = std::move(job), then = std::move(then)]() mutable {
      auto result = guarded(job);
      asio::post(io_, [this, writes = store_.take_foreign_writes(), then = std::move(then),
                       result = std::move(result), settles = !store_.is_settled()]() mutable {
        for (const io::ForeignWrite& write : writes)
          if (on_foreign_write) on_foreign_write(write);
        then(std::move(result));
        // Not before the answer is under way: they would compete for the processor and the disk.
        if (settles) asio::post(*thread_, [this] { settle(); });
      });
    });
  }

  // Whether everything that was handed over is done, or gets done in time.
  bool finish_within(std::chrono::milliseconds patience) {
    if (!thread_) return true;
    const auto done = std::make_shared<std::promise<void>>();
    asio::post(*thread_, [this, done] {
      settle();
      done->set_value();
    });
    return done->get_future().wait_for(patience) == std::future_status::ready;
  }

 private:
  template <class Job>
  auto guarded(Job& job) -> decltype(job(std::declval<io::SettingsStore&>())) {
    try {
      return job(store_);
    } catch (const std::exception&) {
      return fail(ErrorKind::internal_error,
                  "Something went wrong while handling the settings file.");
    }
  }

  // What it could not do now is left to the next job's.
  void settle() {
    try {
      store_.settle();
    } catch (const std::exception&) {
    }
  }

  asio::io_context& io_;
  io::SettingsStore store_;  // used on the settings thread only
  std::optional<asio::thread_pool> thread_;
};

}  // namespace authd
