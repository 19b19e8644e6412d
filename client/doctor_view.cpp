#include "client/doctor_view.hpp"

#include "client/members.hpp"
#include "client/output.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

Tone tone_of_finding(const std::string& severity) {
  return severity == "error" ? Tone::bad : severity == "warning" ? Tone::warning : Tone::faint;
}

std::string sign_of_severity(const std::string& severity) {
  return severity == "error" ? "✗ " : severity == "warning" ? "⚠ " : "· ";
}

std::vector<Line> finding_lines(const Json& finding, std::size_t columns) {
  const std::string severity = text_member(finding, "severity");
  const Tone tone = tone_of_finding(severity);
  std::vector<Line> lines =
      wrapped_after(line(sign_of_severity(severity) + shown(finding, "code") + " ", tone),
                    shown(finding, "title"), columns, Tone::strong);
  append(lines, wrapped_after(line("  "), shown(finding, "message"), columns));
  for (const std::string& text : texts_member(finding, "evidence"))
    append(lines, wrapped_after(line("    "), printable_line(text), columns, Tone::faint));
  const Json& fix = member(finding, "fix");
  if (fix.is_object()) {
    const std::string command = shown(fix, "command");
    append(lines,
           wrapped_after(
               line("  → ", Tone::good),
               shown(fix, "title") +
                   (text_member(fix, "kind") == "user" && !command.empty() ? ": " + command : "."),
               columns));
  } else if (const std::string remedy = shown(finding, "remedy"); !remedy.empty()) {
    append(lines, wrapped_after(line("  → ", Tone::good), remedy, columns));
  }
  return lines;
}

std::string summary_of(const Json& result) {
  const Json& summary = member(result, "summary");
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const char* noun) {
    if (const std::size_t count = count_member(summary, name))
      parts.push_back(counted(count, noun));
  };
  add("errors", "error");
  add("warnings", "warning");
  add("infos", "note");
  return joined(parts, ", ");
}

std::string version_of(const Json& result) {
  const std::string from = shown(result, "cliVersionFrom");
  return "Qwen Code " + shown(result, "cliVersion") + (from.empty() ? "" : " (" + from + ")");
}

bool is_mendable(const Json& fix) {
  const std::string kind = text_member(fix, "kind");
  return kind == "auto" || kind == "ask";
}

// What has no place in a report that is pasted somewhere.
std::string with_home(std::string text, const std::string& home) {
  if (home.size() < 2) return text;
  for (std::size_t at = text.find(home); at != std::string::npos; at = text.find(home, at + 1))
    text.replace(at, home.size(), "~");
  return text;
}

// Text in a code span or a paragraph of Markdown.
std::string markdown_text(const Json& object, const char* name) {
  std::string out;
  for (const char c : shown(object, name)) {
    if (c == '`' || c == '*' || c == '_' || c == '<' || c == '[') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::vector<Line> fix_lines(const Json& fix, std::size_t columns) {
  std::vector<Line> lines = wrapped_after(line("→ ", Tone::good), shown(fix, "title"), columns);
  const std::string preview = printable(text_member(fix, "preview"));
  if (!preview.empty()) append(lines, diff_lines(preview, preview.size() + 2));
  return lines;
}

std::vector<Line> doctor_lines(const Json& result, std::size_t columns) {
  std::vector<Line> lines;
  bool has_fix = false;
  for (const Json& finding : list_member(result, "findings")) {
    append(lines, finding_lines(finding, columns));
    lines.push_back({});
    has_fix = has_fix || is_mendable(member(finding, "fix"));
  }
  const std::string summary = summary_of(result);
  const std::size_t checked = list_member(result, "checked").size();
  if (summary.empty() && !is_settled(result))
    append(lines, wrapped_after(line("? ", Tone::faint),
                                "Nothing is known to be wrong, and the provider proved nothing: " +
                                    shown(member(result, "probe"), "message"),
                                columns));
  else if (summary.empty())
    lines.push_back(
        {Span{"✓ ", Tone::good}, Span{"Nothing is wrong here: " + std::to_string(checked) +
                                      " diagnoses looked for, as " + version_of(result) + "."}});
  else
    lines.push_back(line(summary + ", as " + version_of(result) + ".", Tone::strong));
  std::size_t answers = 0;
  for (const Json& skipped : list_member(result, "skipped"))
    answers += text_member(skipped, "reason").contains("probe") ? 1U : 0U;
  if (answers > 0)
    append(lines, wrapped("The provider was not asked: `qwen-authctl doctor --probe` does.",
                          columns, Tone::faint));
  else
    for (const Json& skipped : list_member(result, "skipped"))
      if (text_member(skipped, "code") == "K203")
        append(lines,
               wrapped_after(line("Not tested: ", Tone::faint),
                             said_in_a_shell(shown(skipped, "reason")), columns, Tone::faint));
  if (has_fix)
    append(lines, wrapped("`qwen-authctl doctor --fix` shows what mends it, and asks.", columns,
                          Tone::faint));
  return lines;
}

bool is_settled(const Json& result) {
  const std::string state = text_member(member(result, "probe"), "state");
  return state != "inconclusive" && state != "not_tested";
}

std::string doctor_report(const Json& result, const std::string& home) {
  const Json& place = member(result, "place");
  std::string text = "### qwen-authctl doctor\n\n- " + version_of(result) + ", judged by the " +
                     shown(result, "judgedBy") + "'s environment\n- directory `" +
                     shown(place, "cwd") + "`, settings in `" + shown(place, "qwenHome") + "`\n- " +
                     (summary_of(result).empty() ? "nothing is wrong" : summary_of(result)) + "\n";
  for (const Json& finding : list_member(result, "findings")) {
    text += "\n**" + shown(finding, "code") + " " + shown(finding, "name") + "** (" +
            shown(finding, "severity") + "): " + markdown_text(finding, "message") + "\n";
    for (const std::string& line : texts_member(finding, "evidence"))
      text += "- `" + printable_line(line) + "`\n";
  }
  std::vector<std::string> skipped;
  for (const Json& one : list_member(result, "skipped")) skipped.push_back(shown(one, "code"));
  if (!skipped.empty()) text += "\nNot looked for: " + joined(skipped, ", ") + "\n";
  return with_home(std::move(text), home);
}

}  // namespace authd::client
