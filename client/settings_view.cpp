#include "client/settings_view.hpp"

#include <map>

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

std::vector<std::string> facts_of(const Json& scope, const std::string& persist_scope) {
  const bool exists = flag_member(scope, "exists");
  const Json& version = member(scope, "version");
  const std::string mode = shown(scope, "mode"), link = shown(scope, "link");
  std::vector<std::string> facts;
  const auto add = [&](bool holds, std::string fact) {
    if (holds) facts.push_back(std::move(fact));
  };
  add(text_member(scope, "scope") == persist_scope, "changes are saved here");
  add(!exists, "does not exist");
  add(!mode.empty(), "mode " + mode);
  add(version.is_number_integer(), "version " + dump(version));
  add(!link.empty(), "a link to " + link);
  add(!flag_member(scope, "writable"), "not writable");
  const bool trusted = flag_member(scope, "trusted");
  add(!trusted, "the folder is not trusted");
  add(exists && !trusted, "Qwen Code ignores it here");
  // Its `trouble` says why. Qwen Code may not start with it, or may read more than we do.
  add(exists && trusted && !flag_member(scope, "takesPart"), "cannot be used as it is");
  return facts;
}

}  // namespace

std::vector<Line> change_lines(const Json& saved, const Json& result, std::size_t columns) {
  if (!flag_member(saved, "changed"))
    return {line("settings.json already says so: nothing to do.")};
  const std::size_t members = list_member(result, "keys").size();
  std::vector<Line> lines = wrapped_after(
      line("✓ ", Tone::good),
      "Saved to " + shown(saved, "path") + " (" + counted(members, "member") + " changed)",
      columns);
  // A key that has left the copies, too, does not come back.
  if (!result.contains("purged"))
    append(lines, wrapped_after(line("  Not what you meant? ", Tone::faint), "qwen-authctl undo",
                                columns));
  return lines;
}

std::vector<Line> apply_lines(const Json& result, bool dry_run, std::size_t columns) {
  const bool changes = text_member(result, "result") == "changed";
  if (!dry_run || !changes) return change_lines(member(result, "saved"), result, columns);
  const std::string diff = printable(text_member(result, "diff"));
  std::vector<Line> lines = diff_lines(diff, diff.size() + 2);
  lines.push_back(line("Dry run: nothing was saved."));
  return lines;
}

std::vector<Line> scopes_lines(const Json& result, std::size_t columns) {
  std::vector<Line> lines;
  for (const Json& scope : list_member(result, "scopes")) {
    append(lines, wrapped_after(line(shown(scope, "scope") + ": ", Tone::strong),
                                shown(scope, "path"), columns));
    const auto facts = facts_of(scope, text_member(result, "persistScope"));
    append(lines, wrapped_after(line("  "), joined(facts, " · "), columns, Tone::faint));
    if (const std::string trouble = shown(scope, "trouble"); !trouble.empty())
      append(lines, wrapped_after(line("  ⚠ ", Tone::warning), trouble, columns, Tone::warning));
  }
  return lines;
}

Line value_line(const Json& value) {
  return line(value.is_string() ? printable(value.get_ref<const std::string&>())
                                : json_text(value));
}

std::vector<Line> origin_lines(const Json& result, std::size_t columns) {
  std::map<std::string, std::vector<std::string>> members;
  const Json& origins = member(result, "origins");
  for (const auto& [path, scope] : origins.items())
    if (scope.is_string()) members[scope.get<std::string>()].push_back(path);
  std::vector<Line> lines;
  for (const auto& [scope, paths] : members)
    append(lines, wrapped_after(line("from " + printable_line(scope) + ": ", Tone::faint),
                                printable_line(joined(paths, ", ")), columns, Tone::faint));
  return lines;
}

}  // namespace authd::client
