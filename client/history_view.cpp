#include "client/history_view.hpp"

#include <algorithm>

#include "client/characters.hpp"
#include "client/local_time.hpp"
#include "client/members.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

constexpr std::size_t members_columns_min = 16;

std::string time_of(const Json& snapshot) {
  return printable_line(local_time(text_member(snapshot, "at")));
}

std::string author_of(const Json& snapshot) {
  if (text_member(snapshot, "by") == "foreign") return "another program";
  const std::string method = shown(snapshot, "method");
  return method.empty() ? "qwen-authd" : "qwen-authd " + method;
}

std::string write_of(const Json& snapshot) {
  return "the write of " + time_of(snapshot) + " by " + author_of(snapshot);
}

std::string members_of(const Json& result) {
  return printable_line(joined(texts_member(result, "keys"), ", "));
}

// Members may all stand as before, and the text around them not.
std::string restored_of(const Json& result) {
  const std::string members = members_of(result);
  return members.empty() ? "the comments and the layout" : members;
}

// As many whole members as fit, then "…".
std::string shortened(const std::string& members, std::size_t columns) {
  if (columns_of(members) <= columns) return members;
  return plain_text(wrapped(members, columns - 1).front()) + "…";
}

// The columns that all rows share. The id stands at the end of a row where the terminal is wide
// enough for it, else on a row of its own: it is there to be copied whole.
struct Table {
  std::size_t time = 0, author = 0, members = 0;
  bool has_room_for_id = false;
};

Table table_of(const Json& snapshots, std::size_t count, std::size_t columns) {
  Table table;
  std::size_t id = 0;
  for (std::size_t i = 0; i < count; ++i) {
    table.time = std::max(table.time, columns_of(time_of(snapshots[i])));
    table.author = std::max(table.author, columns_of(author_of(snapshots[i])));
    id = std::max(id, columns_of(shown(snapshots[i], "id")));
  }
  const std::size_t before = table.time + 2 + table.author + 2;
  table.has_room_for_id = before + members_columns_min + 2 + id <= columns;
  const std::size_t taken = before + (table.has_room_for_id ? 2 + id : 0);
  table.members = std::max(columns > taken ? columns - taken : 0, members_columns_min);
  return table;
}

std::vector<Line> snapshot_lines(const Json& snapshot, const Table& table, std::size_t columns) {
  const Line id = line(shown(snapshot, "id"), Tone::faint);
  std::string members = shortened(members_of(snapshot), table.members);
  if (table.has_room_for_id) members = padded(members, table.members + 2);
  std::vector<Line> lines{{Span{padded(time_of(snapshot), table.time + 2)},
                           Span{padded(author_of(snapshot), table.author + 2), Tone::chosen},
                           Span{members}}};
  if (table.has_room_for_id)
    lines.back().push_back(id.front());
  else
    append(lines, wrapped_after(line("    "), id.front().text, columns, Tone::faint));
  if (const std::string undone = shown(snapshot, "undoes"); !undone.empty())
    append(lines, wrapped_after(line("    takes back ", Tone::faint), undone, columns));
  if (const std::string trouble = shown(snapshot, "trouble"); !trouble.empty())
    append(lines, wrapped_after(line("    ⚠ ", Tone::warning), trouble, columns, Tone::warning));
  return lines;
}

std::vector<Line> done_lines(const std::string& what, const Json& result, std::size_t columns) {
  std::vector<Line> lines = wrapped_after(line("✓ ", Tone::good), what, columns);
  append(lines, wrapped_after(line("  Saved to: ", Tone::faint), shown(result, "path"), columns,
                              Tone::faint));
  append(lines, wrapped_after(line("  Not what you meant? ", Tone::faint),
                              "qwen-authctl undo " + shown(result, "snapshot"), columns));
  return lines;
}

std::vector<Line> unchanged_lines() {
  return {line("Those members already stand as before: nothing to do.")};
}

}  // namespace

std::vector<Line> history_lines(const Json& result, const std::string& path, std::size_t limit,
                                std::size_t columns) {
  const Json& snapshots = list_member(result, "snapshots");
  if (snapshots.empty())
    return {line("No changes " + (path.empty() ? "" : "of " + printable_line(path) + " ") +
                 "were recorded yet.")};
  const std::size_t count = std::min(limit, snapshots.size());
  const Table table = table_of(snapshots, count, columns);
  std::vector<Line> lines;
  for (std::size_t i = 0; i < count; ++i)
    append(lines, snapshot_lines(snapshots[i], table, columns));
  if (count < snapshots.size())
    lines.push_back(line(
        "… and " + counted(snapshots.size() - count, "older snapshot") + "; --limit shows more.",
        Tone::faint));
  return lines;
}

std::vector<Line> snapshot_diff_lines(const Json& result, std::size_t columns) {
  const std::string head = time_of(result) + ", " + author_of(result) + ", ";
  std::vector<Line> lines =
      wrapped_after(line(head, Tone::faint), shown(result, "snapshot"), columns, Tone::faint);
  const std::string diff = printable(text_member(result, "diff"));
  append(lines, diff_lines(diff, diff.size() + 2));
  if (diff.empty()) lines.push_back(line("Nothing differs."));
  return lines;
}

std::vector<Line> undo_lines(const Json& result, std::size_t columns) {
  if (!flag_member(result, "changed")) return unchanged_lines();
  const Json& undone = member(result, "undone");
  return done_lines("Took back " + write_of(undone) + ": " + restored_of(result) + ".", result,
                    columns);
}

std::vector<Line> restore_lines(const Json& result, std::size_t columns) {
  if (!flag_member(result, "changed")) return unchanged_lines();
  const Json& undone = member(result, "undone");
  return done_lines("Put back " + restored_of(result) + " as before " + write_of(undone) + ".",
                    result, columns);
}

Line purged_line(const std::string& name, std::size_t snapshots) {
  return line("Removed " + printable_line(name) + " from " + counted(snapshots, "snapshot") + ".");
}

}  // namespace authd::client
