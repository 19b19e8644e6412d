#include "daemon/fix_book.hpp"

#include <sys/random.h>

#include <algorithm>
#include <stdexcept>

#include "protocol/limits.hpp"

namespace authd {
namespace {

std::string new_fix_id() {
  unsigned char bytes[8] = {};
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw std::runtime_error("no random bytes");
  std::string id = "fix-";
  for (const unsigned char byte : bytes) {
    id += "0123456789abcdef"[byte >> 4U];
    id += "0123456789abcdef"[byte & 15U];
  }
  return id;
}

}  // namespace

std::string FixBook::add(core::Fix fix, core::Environment environment) {
  if (entries_.size() == limits::fixes_max) entries_.pop_front();
  std::string id = new_fix_id();
  entries_.emplace_back(
      id, std::make_shared<const Entry>(Entry{std::move(fix), std::move(environment)}));
  return id;
}

std::shared_ptr<const FixBook::Entry> FixBook::find(const std::string& id) const {
  const auto found = std::ranges::find(entries_, id, [](const auto& entry) { return entry.first; });
  return found == entries_.end() ? nullptr : found->second;
}

}  // namespace authd
