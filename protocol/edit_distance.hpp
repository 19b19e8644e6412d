// How alike two names are, for both sides of the socket.
#pragma once

#include <cstddef>
#include <string_view>

namespace authd {

// How many bytes must be put in, taken out or replaced (Levenshtein). Takes time by the product of
// the sizes.
std::size_t edit_distance(std::string_view one, std::string_view other);

}  // namespace authd
