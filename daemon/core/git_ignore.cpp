#include "daemon/core/git_ignore.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <span>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

using Parts = std::span<const std::string_view>;

// More of them than any real file has; who makes the most of 1 MiB would keep the thread busy.
constexpr std::size_t rules_max = 10'000;

// One line of a .gitignore file. Its parts are of the text of the file.
struct Rule {
  bool is_negated = false;
  bool is_for_directories = false;
  bool is_anchored = false;  // to the directory of its file; else it fits names at any depth
  std::vector<std::string_view> parts;
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
  rule.parts = split(line, '/');
  return rule;
}

bool fits_name(std::string_view pattern, std::string_view name) {
  return fnmatch(std::string(pattern).c_str(), std::string(name).c_str(), 0) == 0;
}

// Costs the product of both at most: a "**" that has been passed need not be asked again.
bool fits(Parts pattern, Parts path) {
  std::size_t at = 0, taken = 0;
  std::optional<std::size_t> after_stars;  // where to go on from when the rest does not fit
  std::size_t taken_by_stars = 0;
  while (taken < path.size()) {
    if (at < pattern.size() && pattern[at] == "**") {
      after_stars = ++at;
      taken_by_stars = taken;
      if (at == pattern.size()) return true;  // everything inside
    } else if (at < pattern.size() && fits_name(pattern[at], path[taken])) {
      ++at;
      ++taken;
    } else if (after_stars) {
      at = *after_stars;
      taken = ++taken_by_stars;
    } else {
      return false;
    }
  }
  return at == pattern.size();
}

struct RuleFile {
  std::vector<std::string_view> above;  // the parts of its directory
  std::vector<Rule> rules;
};

// Nothing where there are too many rules.
std::optional<RuleFile> parsed(const GitIgnoreFile& file) {
  RuleFile rule_file;
  if (!file.directory.empty()) rule_file.above = split(file.directory, '/');
  for (const std::string_view line : split(file.text, '\n')) {
    auto rule = rule_of(line);
    if (!rule) continue;
    if (rule_file.rules.size() == rules_max) return std::nullopt;
    const auto repeated = std::ranges::unique(
        rule->parts, [](auto one, auto next) { return one == "**" && next == "**"; });
    rule->parts.erase(repeated.begin(), repeated.end());
    rule_file.rules.push_back(*std::move(rule));
  }
  return rule_file;
}

// What the last rule that fits says of this one path.
bool is_named(const std::vector<RuleFile>& files, Parts path, bool is_directory) {
  bool ignored = false;
  for (const RuleFile& file : files) {
    if (path.size() <= file.above.size() ||
        !std::equal(file.above.begin(), file.above.end(), path.begin()))
      continue;
    const Parts below = path.subspan(file.above.size());
    for (const Rule& rule : file.rules) {
      if (rule.is_for_directories && !is_directory) continue;
      if (fits(rule.parts, rule.is_anchored ? below : below.last(1))) ignored = !rule.is_negated;
    }
  }
  return ignored;
}

}  // namespace

bool git_ignores(const std::vector<GitIgnoreFile>& files, std::string_view path) {
  std::vector<RuleFile> rule_files;
  for (const GitIgnoreFile& file : files) {
    auto rule_file = parsed(file);
    if (!rule_file) return false;
    rule_files.push_back(*std::move(rule_file));
  }
  const std::vector<std::string_view> parts = split(path, '/');
  // What is in an ignored directory cannot be named back.
  for (std::size_t depth = 1; depth <= parts.size(); ++depth)
    if (is_named(rule_files, Parts(parts).first(depth), depth < parts.size())) return true;
  return false;
}

}  // namespace authd::core
