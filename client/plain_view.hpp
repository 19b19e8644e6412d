// A State as plain lines, for a reader that goes from top to bottom.
#pragma once

#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

std::vector<Line> plain_step(const Json& step, std::size_t columns);
// A notice by itself, where nobody is asked to confirm it.
std::vector<Line> plain_notice(const Json& step, std::size_t columns);
// The options of a long list that match a filter, with the numbers they have in the whole list; the
// first of them where they are too many to read.
std::vector<Line> plain_list(const Json& step, const std::string& filter, std::size_t columns);
// The JSON, the diff, the file and the request of the check.
std::vector<Line> plain_review(const Json& step, const Json& preview, std::size_t columns);
std::vector<Line> plain_complaint(const std::string& complaint, std::size_t columns);
// "Base URL [https://…]:", what stands before the cursor.
std::string plain_prompt(const Json& step);

}  // namespace authd::client
