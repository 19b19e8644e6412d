#include "daemon/core/git_ignore.hpp"

#include <fnmatch.h>

#include <optional>
#include <span>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

using Parts = std::span<const std::string>;

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(path, '/')) parts.emplace_back(part);
  return parts;
}

// One line of a .gitignore file.
struct Rule {
  bool is_negated = false;
  bool is_for_directories = false;
  bool is_anchored = false;  // to the directory of its file; else it fits names at any depth
  std::vector<std::string> parts;
};

std::optional<Rule> rule_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  if (line.empty() || line.starts_with('#')) return std::nullopt;
  Rule rule;
  if (line.starts_with('!')) {
    rule.is_negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.is_for_directories = true;
    line.remove_suffix(1);
  }
  rule.is_anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  if (line.empty()) return std::nullopt;
  rule.parts = parts_of(line);
  return rule;
}

bool fits(Parts pattern, Parts path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() == "**") {
    if (pattern.size() == 1) return !path.empty();  // everything inside
    for (std::size_t skipped = 0; skipped <= path.size(); ++skipped)
      if (fits(pattern.subspan(1), path.subspan(skipped))) return true;
    return false;
  }
  return !path.empty() && fnmatch(pattern.front().c_str(), path.front().c_str(), 0) == 0 &&
         fits(pattern.subspan(1), path.subspan(1));
}

// What the last rule that fits says of this one path.
bool is_named(const std::vector<GitIgnoreFile>& files, Parts path, bool is_directory) {
  bool ignored = false;
  for (const GitIgnoreFile& file : files) {
    const std::vector<std::string> above =
        file.directory.empty() ? std::vector<std::string>() : parts_of(file.directory);
    if (path.size() <= above.size() || !std::equal(above.begin(), above.end(), path.begin()))
      continue;
    const Parts below = path.subspan(above.size());
    for (const std::string_view line : split(file.text, '\n')) {
      const auto rule = rule_of(line);
      if (!rule || (rule->is_for_directories && !is_directory)) continue;
      if (fits(rule->parts, rule->is_anchored ? below : below.last(1))) ignored = !rule->is_negated;
    }
  }
  return ignored;
}

}  // namespace

bool git_ignores(const std::vector<GitIgnoreFile>& files, std::string_view path) {
  const std::vector<std::string> parts = parts_of(path);
  // What is in an ignored directory cannot be named back.
  for (std::size_t depth = 1; depth <= parts.size(); ++depth)
    if (is_named(files, Parts(parts).first(depth), depth < parts.size())) return true;
  return false;
}

}  // namespace authd::core
