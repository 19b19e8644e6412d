// The result of auth.check for a person.
#pragma once

#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

std::vector<Line> check_lines(const Json& verdict, std::size_t columns);

}  // namespace authd::client
