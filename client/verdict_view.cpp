#include "client/verdict_view.hpp"

#include "client/characters.hpp"
#include "client/members.hpp"

namespace authd::client {
namespace {

std::vector<Line> saved_lines(const Json& saved, std::size_t columns) {
  std::vector<Line> lines;
  const std::string path = shown(saved, "path");
  const std::string backup = shown(saved, "backup");
  const bool changed = flag_member(saved, "changed");
  if (!path.empty())
    append(lines, wrapped_after(line(changed ? "  Saved to:  " : "  Unchanged: ", Tone::faint),
                                path, columns, Tone::faint));
  if (!backup.empty() && changed)
    append(lines, wrapped_after(line("  Before:    ", Tone::faint), backup, columns, Tone::faint));
  return lines;
}

}  // namespace

std::vector<Line> commit_lines(const Json& result, std::size_t columns) {
  const Json& auth = member(result, "auth");
  const std::string state = text_member(auth, "state");
  const bool good = state == "accepted" || state == "not_tested";
  const std::string message = printable(text_member(result, "message"));
  std::vector<Line> lines = wrapped_after(good ? line("✓ ", Tone::good) : line("✗ ", Tone::bad),
                                          message, columns, Tone::strong);
  const Json& hints = list_member(auth, "hints");
  if (!good && !hints.empty()) {
    lines.push_back(line("  Please check:"));
    for (const Json& hint : hints)
      if (hint.is_string())
        append(lines,
               wrapped_after(line("  - "), printable_line(hint.get<std::string>()), columns));
  }
  if (const std::string tip = shown(result, "tip"); !tip.empty())
    append(lines, wrapped_after(line("  "), tip, columns));
  for (const Json& note : list_member(result, "notes"))
    if (note.is_string())
      append(lines, wrapped_after(line("  "), printable_line(note.get<std::string>()), columns));
  append(lines, saved_lines(member(result, "saved"), columns));
  if (const std::string path = shown(result, "keyPath"); !path.empty())
    append(lines, wrapped_after(line("  Key in:    ", Tone::faint), path, columns, Tone::faint));
  return lines;
}

}  // namespace authd::client
