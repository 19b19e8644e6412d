#include "protocol/secret.hpp"

#include <strings.h>

#include <cstring>
#include <ostream>

namespace authd {

std::string mask(std::string_view value) {
  constexpr std::string_view bullets = "••••••••••••••••";
  std::size_t characters = 0, shown_bytes = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(value[i]) & 0xC0) != 0x80;
    if (starts_character && ++characters == 4) shown_bytes = i;
  }
  std::string text(characters < 12 ? std::string_view() : value.substr(0, shown_bytes));
  return text.append(bullets);
}

void wipe(std::string& text) {
  explicit_bzero(text.data(), text.capacity());
  text.clear();
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(value_);
    value_ = std::move(other.value_);
    wipe(other.value_);
  }
  return *this;
}

std::ostream& operator<<(std::ostream& out, const Secret& secret) { return out << secret.masked(); }

}  // namespace authd
