#include "client/explain_view.hpp"

#include <algorithm>

#include "client/characters.hpp"
#include "client/members.hpp"

namespace authd::client {
namespace {

// A place is one by its kind and where it is; the same file may hold the variable twice.
bool is_winner(const Json& source, const Json& winner) {
  return winner.is_object() && text_member(source, "kind") == text_member(winner, "kind") &&
         text_member(source, "where") == text_member(winner, "where") &&
         text_member(source, "fingerprint") == text_member(winner, "fingerprint");
}

std::string place_of(const Json& source) {
  const std::string kind = shown(source, "kind"), where = shown(source, "where");
  return where.empty() ? kind : kind + "  " + where;
}

// The value goes beside its place where both fit, else under it.
std::vector<Line> source_lines(const Json& source, const Json& winner, std::size_t widest,
                               std::size_t columns) {
  const bool wins = is_winner(source, winner);
  const Tone tone = wins ? Tone::strong : Tone::plain;
  const Line mark = wins ? line("✓ ", Tone::good) : line("  ");
  const std::string fingerprint = shown(source, "fingerprint");
  std::string value = shown(source, "masked");
  if (!fingerprint.empty()) value += "  " + fingerprint;
  std::vector<Line> lines;
  if (!value.empty() && 2 + widest + 2 + columns_of(value) <= columns) {
    lines.push_back(mark);
    lines.back().push_back(Span{padded(place_of(source), widest + 2), tone});
    lines.back().push_back(Span{value, tone});
  } else {
    lines = wrapped_after(mark, place_of(source), columns, tone);
    if (!value.empty()) append(lines, wrapped_after(line("    "), value, columns, tone));
  }
  if (const std::string reason = shown(source, "reason"); !reason.empty())
    append(lines, wrapped_after(line("    "), reason, columns, Tone::faint));
  return lines;
}

std::vector<Line> table_lines(const Json& answer, std::size_t columns) {
  const Json& sources = list_member(answer, "sources");
  std::size_t widest = 0;
  for (const Json& source : sources) widest = std::max(widest, columns_of(place_of(source)));
  std::vector<Line> lines;
  for (const Json& source : sources)
    append(lines, source_lines(source, member(answer, "winner"), widest, columns));
  if (!member(answer, "winner").is_object())
    lines.push_back(line("  No place gives it a value.", Tone::warning));
  return lines;
}

}  // namespace

std::vector<Line> explain_lines(const Json& result, std::size_t columns) {
  std::string version = shown(result, "cliVersion");
  if (const std::string from = shown(result, "cliVersionFrom"); !from.empty())
    version += " (" + from + ")";
  std::vector<Line> lines =
      wrapped_after(line(shown(result, "name"), Tone::strong),
                    version.empty() ? "" : ", as Qwen Code " + version + " reads it", columns);
  append(lines, table_lines(result, columns));
  for (const Json& other : list_member(result, "differs")) {
    lines.push_back({});
    append(lines, wrapped("Qwen Code " + shown(other, "cliVersion") + " takes another:", columns,
                          Tone::warning));
    append(lines, table_lines(other, columns));
  }
  return lines;
}

}  // namespace authd::client
