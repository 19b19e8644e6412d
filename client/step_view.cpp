#include "client/step_view.hpp"

#include <algorithm>

#include "client/characters.hpp"
#include "client/discovery.hpp"
#include "client/members.hpp"
#include "client/output.hpp"

namespace authd::client {
namespace {

constexpr std::size_t field_columns_min = 16;

// One blank line between paragraphs, none at the start.
void add_paragraph(std::vector<Line>& lines, std::vector<Line> paragraph) {
  if (paragraph.empty()) return;
  if (!lines.empty()) lines.push_back({});
  append(lines, std::move(paragraph));
}

std::vector<Line> labelled_lines(const Json& items, std::size_t columns, std::size_t indent,
                                 bool aligned) {
  std::size_t widest = 0;
  for (const Json& item : items) widest = std::max(widest, columns_of(shown(item, "label")));
  std::vector<Line> lines;
  for (const Json& item : items) {
    const std::string label = shown(item, "label");
    const std::size_t gap = aligned ? widest - columns_of(label) + 1 : 1;
    const std::string lead = std::string(indent, ' ') + label + ":" + std::string(gap, ' ');
    append(lines, wrapped_after(line(lead, Tone::faint), shown(item, "value"), columns));
  }
  return lines;
}

std::vector<Line> example_lines(const Json& step, std::size_t columns) {
  const Json& examples = list_member(step, "examples");
  if (examples.empty()) return {};
  std::vector<Line> lines{line("Examples:", Tone::faint)};
  append(lines, labelled_lines(examples, columns, 2, true));
  return lines;
}

std::vector<Line> link_lines(const Json& step, std::size_t columns) {
  std::vector<Line> lines;
  for (const Json& link : list_member(step, "links")) {
    append(lines, wrapped(shown(link, "label"), columns, Tone::faint));
    append(lines, wrapped(shown(link, "url"), columns, Tone::faint));
  }
  return lines;
}

std::vector<Line> prompt_lines(const Json& step, std::size_t columns) {
  const std::string prompt = printable(text_member(step, "prompt"));
  return prompt.empty() ? std::vector<Line>() : wrapped(prompt, columns);
}

std::vector<Line> complaint_lines(const std::string& complaint, std::size_t columns) {
  if (complaint.empty()) return {};
  return wrapped_after({Span{"✗ ", Tone::bad}}, printable(complaint), columns, Tone::bad);
}

std::vector<Line> option_lines(const Json& option, bool chosen, std::size_t columns) {
  const bool open = can_choose(option);
  const Tone tone = !open ? Tone::faint : chosen ? Tone::chosen : Tone::plain;
  std::vector<Line> lines = wrapped_after({Span{chosen && open ? "◉ " : "○ ", tone}},
                                          shown(option, "label"), columns, tone);
  const std::string description = shown(option, "description");
  if (!description.empty())
    append(lines, wrapped_after({Span{"  "}}, description, columns, Tone::faint));
  if (!open)
    append(lines, wrapped_after({Span{"  "}}, shown(option, "unavailable"), columns, Tone::faint));
  return lines;
}

// An option of a long list: on one line, and without a blank one around it.
std::vector<Line> list_lines(const Json& step, const StepDraft& draft, std::size_t option,
                             std::size_t columns) {
  const Json& one = list_member(step, "options")[option];
  const bool open = can_choose(one), here = option == draft.choice && open;
  const bool filled = takes_several(step) ? draft.marked.contains(option) : here;
  const Tone tone = !open ? Tone::faint : here ? Tone::chosen : Tone::plain;
  Line lead = line(std::string(here ? "› " : "  ") + (filled ? "◉ " : "○ "), tone);
  const std::string label = shown(one, "label");
  const std::string more = shown(one, open ? "description" : "unavailable");
  if (columns_of(label) + columns_of(more) + 6 > columns || more.empty()) {
    std::vector<Line> lines = wrapped_after(lead, label, columns, tone);
    if (!more.empty()) append(lines, wrapped_after(line("    "), more, columns, Tone::faint));
    return lines;
  }
  lead.push_back(Span{label + "  ", tone});
  lead.push_back(Span{more, Tone::faint});
  return {lead};
}

void add_options(Panel& panel, const Json& step, const StepDraft& draft, std::size_t columns) {
  const bool is_list = has_filter(step);
  if (is_list && !panel.body.empty()) panel.body.push_back({});
  const std::vector<std::size_t> visible = visible_options(draft, step);
  for (const std::size_t option : visible) {
    const Json& one = list_member(step, "options")[option];
    if (is_list)
      append(panel.body, list_lines(step, draft, option, columns));
    else
      add_paragraph(panel.body, option_lines(one, option == draft.choice, columns));
    // Not drawn, but it keeps the choice in sight where the terminal is low.
    if (option == draft.choice) panel.focus_row = panel.body.size() - 1;
  }
  if (visible.empty() && is_list) panel.body.push_back(line("Nothing matches.", Tone::faint));
}

// What a step can do beyond its hint.
std::string more_keys(const Json& step, const StepDraft& draft) {
  if (asks_for_models(step)) return "Ctrl-L lists the models of this endpoint";
  if (!has_filter(step)) return {};
  if (draft.filter.empty()) return "type to filter";
  return "Esc clears the filter";
}

std::vector<Line> filter_lines(const Json& step, const StepDraft& draft, std::size_t columns) {
  if (!has_filter(step)) return {};
  std::vector<Line> lines;
  const std::size_t all = list_member(step, "options").size();
  if (!draft.filter.empty())
    append(lines, wrapped_after(line("Filter: ", Tone::faint),
                                printable_line(draft.filter) + " (" +
                                    std::to_string(visible_options(draft, step).size()) + " of " +
                                    std::to_string(all) + ")",
                                columns, Tone::strong));
  if (!draft.marked.empty())
    lines.push_back(line(std::to_string(draft.marked.size()) + " marked", Tone::faint));
  return lines;
}

// The field and where its cursor is, broken anywhere because keys and URLs have no blanks.
std::vector<Line> field_lines(const Json& step, const StepDraft& draft, std::size_t columns,
                              Position& cursor) {
  const bool secret = text_member(step, "kind") == "secret";
  const std::string& typed = draft.editor.text();
  const std::string text = secret ? masked_while_typed(typed) : printable_line(typed);
  // Both forms keep one character per character, so characters place the cursor.
  std::size_t before_cursor = 0;
  for (std::size_t at = 0; at < draft.editor.cursor(); ++before_cursor)
    at += first_character(std::string_view(typed).substr(at)).bytes;

  const std::string label = shown(step, "label");
  Line current = label.empty() ? Line() : line(label + ": ", Tone::strong);
  std::size_t indent = columns_of_line(current);
  std::vector<Line> lines;
  if (indent + field_columns_min > columns) {
    lines.push_back(std::move(current));
    indent = 2;
    current = line("  ");
  }
  std::string row;
  std::size_t used = indent, index = 0;
  const auto break_row = [&] {
    current.push_back(Span{row});
    lines.push_back(std::move(current));
    current = line(std::string(indent, ' '));
    row.clear();
    used = indent;
  };
  for (std::size_t at = 0; at <= text.size(); ++index) {
    const bool at_end = at == text.size();
    const Character next = at_end ? Character{' ', 1} : first_character(text.substr(at));
    const auto width = static_cast<std::size_t>(columns_of(next.code));
    if (used + width > columns) break_row();
    const bool here = index == before_cursor || (at_end && index < before_cursor);
    if (here) cursor = {lines.size(), used};
    if (!at_end) row += text.substr(at, next.bytes);
    used += width;
    at += next.bytes;
  }
  current.push_back(Span{row});
  const bool kept = secret && typed.empty() && flag_member(step, "hasValue");
  if (kept) current.push_back(Span{repeated("•", 16), Tone::faint});
  lines.push_back(std::move(current));
  return lines;
}

std::vector<Line> footer_lines(const Json& step, std::size_t columns, const std::string& more) {
  std::string hint = shown(step, "hint");
  if (!more.empty()) hint += (hint.empty() ? "" : " · ") + more;
  return hint.empty() ? std::vector<Line>() : wrapped(hint, columns, Tone::faint);
}

std::vector<Line> preview_facts(const Json& preview, std::size_t columns) {
  std::vector<Line> lines;
  const Json& request = member(preview, "request");
  const std::string path = shown(preview, "path"), url = shown(request, "url");
  if (!path.empty()) append(lines, wrapped_after(line("File:  ", Tone::faint), path, columns));
  if (!url.empty())
    append(lines, wrapped_after(line("Check: ", Tone::faint), shown(request, "method") + " " + url,
                                columns));
  return lines;
}

}  // namespace

const Json& first_suggestion(const Json& warnings) {
  static const Json none;
  for (const Json& warning : warnings)
    if (!text_member(warning, "suggestion").empty()) return warning;
  return none;
}

std::vector<Line> warning_lines(const Json& warnings, std::size_t columns,
                                const std::string& key_for_suggestion) {
  const Json& suggested = first_suggestion(warnings);
  std::vector<Line> lines;
  for (const Json& warning : warnings) {
    const std::string message = said_in_a_shell(text_member(warning, "message"));
    append(lines, wrapped_after({Span{"⚠ ", Tone::warning}}, printable_line(message), columns,
                                Tone::warning));
    const std::string suggestion = shown(warning, "suggestion");
    if (suggestion.empty()) continue;
    const bool has_key = &warning == &suggested && !key_for_suggestion.empty();
    const std::string lead = has_key ? "  " + key_for_suggestion + ": use " : "  Suggested: ";
    append(lines, wrapped_after(line(lead, Tone::faint), suggestion, columns, Tone::strong));
  }
  return lines;
}

Panel step_panel(const Json& state, const StepDraft& draft, std::size_t columns) {
  const Json& step = member(state, "step");
  const std::string kind = text_member(step, "kind");
  Panel panel{shown(step, "title"), {}, {}, {}, draft.scrolled};
  std::vector<Line>& body = panel.body;
  add_paragraph(body, labelled_lines(list_member(step, "context"), columns, 0, false));
  add_paragraph(body, warning_lines(list_member(step, "warnings"), columns, "Tab"));
  add_paragraph(body, prompt_lines(step, columns));
  if (kind == "select") add_options(panel, step, draft, columns);
  if (kind == "text" || kind == "secret") {
    Position cursor;
    std::vector<Line> field = field_lines(step, draft, columns, cursor);
    const std::size_t first = body.empty() ? 0 : body.size() + 1;
    panel.cursor = Position{first + cursor.row, cursor.column};
    add_paragraph(body, std::move(field));
  }
  add_paragraph(body, complaint_lines(draft.complaint, columns));
  add_paragraph(body, example_lines(step, columns));
  add_paragraph(body, link_lines(step, columns));
  panel.footer = filter_lines(step, draft, columns);
  append(panel.footer, footer_lines(step, columns, more_keys(step, draft)));
  return panel;
}

Panel review_panel(const Json& state, const Json& preview, const ReviewExtras& extras,
                   std::size_t columns) {
  const Json& step = member(state, "step");
  Panel panel{shown(step, "title"), {}, {}, {}, extras.scrolled};
  std::vector<Line>& body = panel.body;
  add_paragraph(body, labelled_lines(list_member(step, "context"), columns, 0, false));
  const Json& warnings = list_member(preview.is_null() ? step : preview, "warnings");
  add_paragraph(body, warning_lines(warnings, columns, "Tab"));
  if (!preview.is_null()) {
    add_paragraph(body, prompt_lines(step, columns));
    const std::string text = printable(text_member(preview, "text"));
    const std::string diff = printable(text_member(preview, "diff"));
    add_paragraph(body, extras.show_diff ? diff_lines(diff, columns)
                                         : wrapped(text, columns, Tone::plain, 2));
    add_paragraph(body, preview_facts(preview, columns));
  }
  add_paragraph(body, complaint_lines(extras.complaint, columns));
  add_paragraph(body, link_lines(step, columns));
  const char* diff_key = extras.show_diff ? "d for the JSON" : "d for the diff";
  panel.footer = footer_lines(step, columns, preview.is_null() ? "" : diff_key);
  return panel;
}

Line answered_line(const Json& step, const std::string& answer) {
  std::string label = shown(step, "label");
  if (label.empty()) label = shown(step, "title");
  return {Span{"✓ ", Tone::good}, Span{label + ": ", Tone::faint}, Span{printable_line(answer)}};
}

}  // namespace authd::client
