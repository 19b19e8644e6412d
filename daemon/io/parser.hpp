// Parses a text while its thread waits for the disk: beside the disk itself that is the longest
// part of writing a large file.
#pragma once

#include <asio/thread_pool.hpp>
#include <expected>
#include <future>
#include <optional>
#include <string>

#include "daemon/core/jsonc.hpp"

namespace authd::io {

class Parsing {
 public:
  using Result = std::expected<core::Jsonc, core::JsoncError>;

  explicit Parsing(std::future<Result> result) : result_(std::move(result)) {}
  Parsing(const Parsing&) = delete;
  Parsing& operator=(const Parsing&) = delete;
  ~Parsing() { result_.wait(); }

  // Waits where it is not there yet.
  const Result& result() const { return result_.get(); }

 private:
  std::shared_future<Result> result_;
};

// Used by one thread.
class Parser {
 public:
  // `text` stays where it is for as long as the Parsing is there.
  Parsing parse(const std::string& text);

 private:
  std::optional<asio::thread_pool> thread_;  // from the first large text on
};

}  // namespace authd::io
