// The result of a commit in the words of the daemon.
#pragma once

#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// The message, the hints of a refusal, the tip, the notes, and where it was saved.
std::vector<Line> commit_lines(const Json& result, std::size_t columns);

}  // namespace authd::client
