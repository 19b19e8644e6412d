// What doctor.run and doctor.fix answer, for a person.
#pragma once

#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// Findings in their order, what was not looked for, and a line that sums it up.
std::vector<Line> doctor_lines(const Json& result, std::size_t columns);

// Whether the provider was not to be asked, or said something that proves something.
bool is_settled(const Json& result);

// One fix: its title, its diff, its command.
std::vector<Line> fix_lines(const Json& fix, std::size_t columns);

// The same as a Markdown report to be pasted: `home` is shown as ~.
std::string doctor_report(const Json& result, const std::string& home);

}  // namespace authd::client
