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
  if (offers_.size() == limits::fixes_max) offers_.pop_front();
  offers_.push_back(
      {new_fix_id(),
       std::chrono::steady_clock::now() + std::chrono::seconds(limits::fix_lifetime_s),
       std::make_shared<const Entry>(Entry{std::move(fix), std::move(environment)})});
  if (offers_.size() == 1) forget_in_time();
  return offers_.back().id;
}

// One that was forgotten sooner leaves the timer early, which looks again.
void FixBook::forget_in_time() {
  if (offers_.empty()) return;
  timer_.expires_at(offers_.front().until);
  timer_.async_wait([this](const asio::error_code& stopped) {
    if (stopped) return;
    while (!offers_.empty() && offers_.front().until <= std::chrono::steady_clock::now())
      offers_.pop_front();
    forget_in_time();
  });
}

std::shared_ptr<const FixBook::Entry> FixBook::find(const std::string& id) const {
  const auto found = std::ranges::find(offers_, id, &Offer::id);
  return found == offers_.end() ? nullptr : found->entry;
}

}  // namespace authd
