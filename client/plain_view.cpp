#include "client/plain_view.hpp"

#include <algorithm>

#include "client/characters.hpp"
#include "client/discovery.hpp"
#include "client/members.hpp"
#include "client/step_view.hpp"
#include "client/words.hpp"
#include "protocol/secret.hpp"

namespace authd::client {
namespace {

constexpr std::size_t list_options_max = 40;

// With a blank line before it, also at the start: above stands what was there before.
void add_spaced(std::vector<Line>& lines, std::vector<Line> paragraph) {
  if (paragraph.empty()) return;
  lines.push_back({});
  append(lines, std::move(paragraph));
}

std::vector<Line> labelled(const Json& items, const std::string& lead, std::size_t columns) {
  std::vector<Line> lines;
  for (const Json& item : items)
    append(lines, wrapped_after(line(lead + shown(item, "label") + ": ", Tone::faint),
                                shown(item, "value"), columns));
  return lines;
}

std::vector<Line> options(const Json& step, std::size_t columns) {
  std::vector<Line> lines;
  std::size_t number = 0;
  for (const Json& option : list_member(step, "options")) {
    const Tone tone = can_choose(option) ? Tone::plain : Tone::faint;
    const std::string lead = "  " + std::to_string(++number) + ". ";
    append(lines, wrapped_after(line(lead, tone), shown(option, "label"), columns, tone));
    for (const char* name : {"description", "unavailable"})
      if (const std::string text = shown(option, name); !text.empty())
        append(lines, wrapped_after(line("     "), text, columns, Tone::faint));
  }
  return lines;
}

std::vector<Line> heading(const Json& step, const Json& warnings, std::size_t columns) {
  std::vector<Line> lines;
  lines.push_back({});
  append(lines, wrapped(shown(step, "title"), columns, Tone::strong));
  add_spaced(lines, labelled(list_member(step, "context"), "", columns));
  add_spaced(lines, warning_lines(warnings, columns, "+"));
  if (const std::string prompt = printable(text_member(step, "prompt")); !prompt.empty())
    add_spaced(lines, wrapped(prompt, columns));
  return lines;
}

std::vector<Line> ending(const Json& step, std::size_t columns) {
  std::vector<Line> links;
  for (const Json& link : list_member(step, "links")) {
    append(links, wrapped(shown(link, "label"), columns, Tone::faint));
    links.push_back(line(shown(link, "url"), Tone::faint));  // unbroken, to be clicked
  }
  std::vector<Line> lines;
  add_spaced(lines, std::move(links));
  if (const std::string hint = shown(step, "hint"); !hint.empty())
    add_spaced(lines, wrapped(hint, columns, Tone::faint));
  if (asks_for_models(step))
    append(lines, wrapped("? lists the models of this endpoint", columns, Tone::faint));
  return lines;
}

// Lines as they are: JSON and diffs are copied from a transcript, so they are not broken.
std::vector<Line> unbroken(std::string_view text) { return wrapped(text, text.size() + 2); }

}  // namespace

std::vector<Line> plain_step(const Json& step, std::size_t columns) {
  std::vector<Line> lines = heading(step, list_member(step, "warnings"), columns);
  add_spaced(lines, options(step, columns));
  std::vector<Line> examples = labelled(list_member(step, "examples"), "  ", columns);
  if (!examples.empty()) examples.insert(examples.begin(), line("Examples:", Tone::faint));
  add_spaced(lines, std::move(examples));
  append(lines, ending(step, columns));
  lines.push_back({});
  return lines;
}

std::vector<Line> plain_notice(const Json& step, std::size_t columns) {
  std::vector<Line> lines = wrapped(shown(step, "title"), columns, Tone::strong);
  append(lines, labelled(list_member(step, "context"), "  ", columns));
  append(lines, warning_lines(list_member(step, "warnings"), columns, ""));
  if (const std::string prompt = printable(text_member(step, "prompt")); !prompt.empty())
    append(lines, wrapped(prompt, columns));
  return lines;
}

std::vector<Line> plain_list(const Json& step, const std::string& filter, std::size_t columns) {
  StepDraft draft;
  begin(draft, step);
  set_filter(draft, step, filter);
  const std::vector<std::size_t> visible = visible_options(draft, step);
  if (visible.empty()) return plain_complaint("Nothing matches.", columns);
  const Json& options = list_member(step, "options");
  const std::size_t count = std::min(visible.size(), list_options_max);
  std::vector<Line> lines{{}};
  append(lines, wrapped(shown(step, "title"), columns, Tone::strong));
  lines.push_back({});
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t option = visible[i];
    const std::string more = shown(options[option], "description");
    append(lines, wrapped_after(line("  " + std::to_string(option + 1) + ". "),
                                shown(options[option], "label") + (more.empty() ? "" : " · ") +
                                    more + (draft.marked.contains(option) ? " · taken" : ""),
                                columns));
  }
  lines.push_back({});
  std::string summary = counted(options.size(), "model");
  if (!filter.empty()) summary += ", " + std::to_string(visible.size()) + " of them match";
  if (count < visible.size()) summary += "; these are the first " + std::to_string(count);
  append(lines, wrapped(summary + ". Part of a name narrows the list.", columns, Tone::faint));
  return lines;
}

std::vector<Line> plain_review(const Json& step, const Json& preview, std::size_t columns) {
  std::vector<Line> lines = heading(step, list_member(preview, "warnings"), columns);
  add_spaced(lines, unbroken(printable(text_member(preview, "text"))));
  const std::string diff = printable(text_member(preview, "diff"));
  if (!diff.empty()) add_spaced(lines, diff_lines(diff, diff.size() + 2));
  const Json& request = member(preview, "request");
  std::vector<Line> facts;
  if (const std::string path = shown(preview, "path"); !path.empty())
    facts.push_back({Span{"File:  ", Tone::faint}, Span{path}});
  if (const std::string url = shown(request, "url"); !url.empty())
    facts.push_back({Span{"Check: ", Tone::faint}, Span{shown(request, "method") + " " + url}});
  add_spaced(lines, std::move(facts));
  append(lines, ending(step, columns));
  lines.push_back({});
  return lines;
}

std::vector<Line> plain_complaint(const std::string& complaint, std::size_t columns) {
  return wrapped_after({Span{"✗ ", Tone::bad}}, printable(complaint), columns);
}

std::string plain_prompt(const Json& step) {
  const std::string kind = text_member(step, "kind");
  if (kind == "notice") return "Enter continues, < goes back:";
  std::string label = shown(step, "label");
  if (label.empty()) label = kind == "select" ? "Number" : "Answer";
  if (!flag_member(step, "hasValue")) return label + ":";
  return label + " [" + (kind == "secret" ? mask("") : shown(step, "value")) + "]:";
}

}  // namespace authd::client
