// The one type for keys and tokens: wiped when it goes, prints itself masked.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace authd {

// Sixteen bullets after the first three characters, or after none where the value has fewer than
// twelve (rpc-contract, Transport).
std::string mask(std::string_view value);

// Overwrites the characters so that the compiler cannot leave the write out.
void wipe(std::string& text);

// Owns one value. Never copied by accident: `clone` says so. Not thread-safe, movable.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  explicit Secret(std::string_view value) : value_(value) {}
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(value_); }

  Secret clone() const { return Secret(std::string_view(value_)); }
  // The value itself, for the settings file, an HTTP header and a method marked "reveals".
  std::string_view reveal() const { return value_; }
  std::string masked() const { return mask(value_); }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret& other) const { return value_ == other.value_; }

 private:
  std::string value_;
};

std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace authd
