// The settings and what was written to them, as lines.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// A write: where, how many members, and how to take it back. `saved` is null or unchanged where
// nothing was written.
std::vector<Line> change_lines(const Json& saved, const Json& result, std::size_t columns);

// settings.apply; in a dry run the diff.
std::vector<Line> apply_lines(const Json& result, bool dry_run, std::size_t columns);

// settings.scopes: a file and what is to be known of it.
std::vector<Line> scopes_lines(const Json& result, std::size_t columns);

// The value that settings.get answered: a text as it is, else JSON.
Line value_line(const Json& value);
// Which file each member of it comes from; nothing where one file was asked for.
std::vector<Line> origin_lines(const Json& result, std::size_t columns);

}  // namespace authd::client
