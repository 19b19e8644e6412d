// Snapshots of the settings, and what became of them, as lines.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// The newest `limit` snapshots of settings.history, a line each. `path` is the file that was asked
// about, empty for all.
std::vector<Line> history_lines(const Json& result, const std::string& path, std::size_t limit,
                                std::size_t columns);

// settings.diff: which snapshot it is, then its diff, unbroken.
std::vector<Line> snapshot_diff_lines(const Json& result, std::size_t columns);

// settings.undo and settings.restore: which members stand as before, and how to think again.
std::vector<Line> undo_lines(const Json& result, std::size_t columns);
std::vector<Line> restore_lines(const Json& result, std::size_t columns);

// "Removed NAME from 3 snapshots."
Line purged_line(const std::string& name, std::size_t snapshots);

}  // namespace authd::client
