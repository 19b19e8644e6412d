// The fixes that were offered. They may hold keys: each is forgotten after a time, the oldest
// sooner where there are too many. Io thread only; an entry is a value that other threads may read.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "daemon/core/environment.hpp"
#include "daemon/core/finding.hpp"

namespace authd {

class FixBook {
 public:
  struct Entry {
    core::Fix fix;
    core::Environment environment;  // where it was offered
  };
  explicit FixBook(asio::io_context& io) : timer_(io) {}

  // The id, which says nothing.
  std::string add(core::Fix fix, core::Environment environment);
  // nullptr where it was never offered, or is forgotten.
  std::shared_ptr<const Entry> find(const std::string& id) const;

 private:
  struct Offer {
    std::string id;
    std::chrono::steady_clock::time_point until;
    std::shared_ptr<const Entry> entry;
  };
  void forget_in_time();

  std::deque<Offer> offers_;  // the oldest first
  asio::steady_timer timer_;  // of the oldest
};

}  // namespace authd
