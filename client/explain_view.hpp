// Where a variable's value comes from, as lines.
#pragma once

#include <cstddef>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// env.explain: every place, highest first, the winner marked; then what other versions of Qwen Code
// would take, where they differ.
std::vector<Line> explain_lines(const Json& result, std::size_t columns);

}  // namespace authd::client
