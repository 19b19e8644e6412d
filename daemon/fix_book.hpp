// The fixes that were offered, until they are asked for. Bounded: the oldest is forgotten first. Io
// thread only; an entry is a value that other threads may read.
#pragma once

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
  // The id, which says nothing.
  std::string add(core::Fix fix, core::Environment environment);
  // nullptr where it was never offered, or is forgotten.
  std::shared_ptr<const Entry> find(const std::string& id) const;

 private:
  std::deque<std::pair<std::string, std::shared_ptr<const Entry>>> entries_;
};

}  // namespace authd
