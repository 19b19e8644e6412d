// Parses a text while its thread waits for the disk: beside the disk itself that is the longest
// part of writing a large file.
#pragma once

#include <asio/thread_pool.hpp>
#include <atomic>
#include <expected>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/jsonc.hpp"

namespace authd::io {

class Parsing {
 public:
  using Result = std::expected<core::Jsonc, core::JsoncError>;

  Parsing(const Parsing&) = delete;
  Parsing& operator=(const Parsing&) = delete;
  ~Parsing() {
    if (!work_->take()) result_.wait();
  }

  // Waits where another thread is at it; where none has begun yet, as on a busy machine, does it.
  const Result& result() const {
    if (work_->take()) work_->run();
    return result_.get();
  }

 private:
  friend class Parser;
  // Done by who takes it first.
  struct Work {
    explicit Work(const std::string& what) : text(what) {}
    const std::string& text;
    std::atomic_flag taken;
    std::promise<Result> promise;

    bool take() { return !taken.test_and_set(); }
    void run();
  };
  explicit Parsing(std::shared_ptr<Work> work)
      : work_(std::move(work)), result_(work_->promise.get_future()) {}

  std::shared_ptr<Work> work_;
  std::shared_future<Result> result_;
};

// Used by one thread.
class Parser {
 public:
  // `text` stays where it is for as long as the Parsing is there.
  Parsing parse(const std::string& text);

 private:
  void hand_over(const std::shared_ptr<Parsing::Work>& work);

  std::optional<asio::thread_pool> thread_;  // from the first large text on
};

}  // namespace authd::io
