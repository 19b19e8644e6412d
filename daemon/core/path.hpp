// Where a member stands in a settings document: its names from the root, and how a person reads
// and types them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

using Path = std::vector<std::string>;

// "env.X", "modelProviders.openai"; a name that is not a plain word in brackets, as a JSON string:
// modelProviders["my.gw"]. Empty for the root.
std::string path_text(const Path& path);

// The inverse, for what a person typed: a name outside brackets may be anything without a dot, a
// bracket or a quotation mark. Nothing where the text is no path; the root has none.
std::optional<Path> parse_path(std::string_view text);

// Whether Qwen Code passes over members of this name, wherever they stand (facts, 1.2).
bool is_skipped_name(std::string_view name);

// Whether it is `root` or a path that goes on from it.
bool is_below(const Path& path, const Path& root);

}  // namespace authd::core
