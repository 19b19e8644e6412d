#include "client/step_draft.hpp"

#include <algorithm>
#include <sstream>

#include "client/members.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

constexpr std::size_t filter_options_min = 8;

bool holds_all(const Json& option, const std::vector<std::string>& words) {
  const std::string text =
      lowered(text_member(option, "label") + "\n" + text_member(option, "value") + "\n" +
              text_member(option, "description"));
  return std::ranges::all_of(words, [&](const std::string& word) { return text.contains(word); });
}

}  // namespace

bool can_choose(const Json& option) { return text_member(option, "unavailable").empty(); }

bool takes_several(const Json& step) { return flag_member(step, "multiple"); }

bool has_filter(const Json& step) {
  return takes_several(step) || list_member(step, "options").size() >= filter_options_min;
}

void begin(StepDraft& draft, const Json& step) {
  draft.step = text_member(step, "id");
  draft.complaint.clear();
  draft.filter.clear();
  draft.marked.clear();
  draft.scrolled = 0;
  draft.choice = 0;
  const std::string value = text_member(step, "value");
  const bool is_text = text_member(step, "kind") == "text";
  draft.editor.assign(is_text ? value : std::string());
  const Json& options = list_member(step, "options");
  const std::vector<std::string> marked = texts_member(step, "marked");
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string option = text_member(options[i], "value");
    if (!value.empty() && option == value) draft.choice = i;
    if (std::ranges::find(marked, option) != marked.end()) draft.marked.insert(i);
  }
  if (draft.choice < options.size() && !can_choose(options[draft.choice]))
    move_choice(draft, step, +1);
}

std::vector<std::size_t> visible_options(const StepDraft& draft, const Json& step) {
  std::vector<std::string> words;
  std::istringstream typed(lowered(draft.filter));
  for (std::string word; typed >> word;) words.push_back(word);
  const Json& options = list_member(step, "options");
  std::vector<std::size_t> visible;
  for (std::size_t i = 0; i < options.size(); ++i)
    if (holds_all(options[i], words)) visible.push_back(i);
  return visible;
}

std::optional<std::size_t> chosen_option(const StepDraft& draft, const Json& step) {
  const std::vector<std::size_t> visible = visible_options(draft, step);
  if (std::ranges::find(visible, draft.choice) == visible.end()) return std::nullopt;
  if (!can_choose(list_member(step, "options")[draft.choice])) return std::nullopt;
  return draft.choice;
}

void set_filter(StepDraft& draft, const Json& step, std::string filter) {
  draft.filter = std::move(filter);
  if (!chosen_option(draft, step)) move_choice(draft, step, +1);
}

void move_choice(StepDraft& draft, const Json& step, int steps) {
  const Json& options = list_member(step, "options");
  const std::vector<std::size_t> visible = visible_options(draft, step);
  const auto count = static_cast<int>(visible.size());
  const int direction = steps < 0 ? -1 : +1;
  const auto found = std::ranges::find(visible, draft.choice);
  // From outside of what is visible, one step leads to its first option, or up to its last one.
  const int outside = direction < 0 ? 0 : -1;
  auto at = found == visible.end() ? outside : static_cast<int>(found - visible.begin());
  for (int left = std::abs(steps), tries = 0; left > 0 && tries < count; ++tries) {
    // A page does not go round: it ends at the end.
    const bool at_end = direction < 0 ? at <= 0 : at + 1 >= count;
    if (at_end && std::abs(steps) > 1) return;
    at = (at + direction + count) % count;
    const std::size_t option = visible[static_cast<std::size_t>(at)];
    if (!can_choose(options[option])) continue;
    draft.choice = option;
    --left;
  }
}

void choose_number(StepDraft& draft, const Json& step, std::size_t number) {
  const std::vector<std::size_t> visible = visible_options(draft, step);
  if (number < 1 || number > visible.size()) return;
  const std::size_t option = visible[number - 1];
  if (can_choose(list_member(step, "options")[option])) draft.choice = option;
}

void toggle_mark(StepDraft& draft, const Json& step) {
  const auto option = chosen_option(draft, step);
  if (option && draft.marked.erase(*option) == 0) draft.marked.insert(*option);
}

std::string taken_values(const StepDraft& draft, const Json& step) {
  std::set<std::size_t> taken = draft.marked;
  if (const auto option = chosen_option(draft, step); taken.empty() && option)
    taken.insert(*option);
  std::vector<std::string> values;
  for (const std::size_t option : taken)
    values.push_back(text_member(list_member(step, "options")[option], "value"));
  return joined(values, ",");
}

}  // namespace authd::client
