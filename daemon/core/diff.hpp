// A unified diff of two texts.
#pragma once

#include <string>
#include <vector>

namespace authd::core {

// Compares `old_lines` with `new_lines` and prints `old_shown` and `new_shown`, which have as many
// lines each: so a diff tells that a secret changed while it shows neither value. Empty where the
// lines are the same. Cost is bounded: texts that differ too much are shown as one whole change.
std::string unified_diff(const std::string& old_text, const std::string& new_text,
                         const std::string& old_shown, const std::string& new_shown,
                         const std::string& path);

}  // namespace authd::core
