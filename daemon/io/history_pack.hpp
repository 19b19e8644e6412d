// One text as what makes it of another one, with zstd: an old version of a file costs what it
// differs by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace authd::io {

// Empty where zstd has no memory for it.
std::string pack(std::string_view text, std::string_view base);

// Nothing where `packed` is not whole, or not made of this base, as far as zstd can tell: whoever
// needs to know compares the SHA-256.
std::optional<std::string> unpack(std::string_view packed, std::string_view base);

}  // namespace authd::io
