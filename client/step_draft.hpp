// What the user has done to a step so far: text, choice, filter, marks.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/line_editor.hpp"
#include "protocol/json.hpp"

namespace authd::client {

struct StepDraft {
  std::string step;              // the id it belongs to
  LineEditor editor;             // text and secret steps
  std::size_t choice = 0;        // select steps: an index into the options
  std::string filter;            // what was typed to narrow a long list
  std::set<std::size_t> marked;  // where several may be taken: indices into the options
  std::string complaint;         // the daemon's reason against the last answer
  std::size_t scrolled = 0;
};

// Starts anew with what was answered before.
void begin(StepDraft& draft, const Json& step);

bool can_choose(const Json& option);

// Long lists are narrowed by typing. In short ones letters move, as in `less`.
bool has_filter(const Json& step);
// Several options may be taken: a list of the client's own (Frontend::pick).
bool takes_several(const Json& step);

// The options that hold every word of the filter, whatever its case, in their label, value or
// description.
std::vector<std::size_t> visible_options(const StepDraft& draft, const Json& step);

// The one under the cursor, where there is one to choose.
std::optional<std::size_t> chosen_option(const StepDraft& draft, const Json& step);

// Narrows the list, and moves the choice to the first option left where its own is gone.
void set_filter(StepDraft& draft, const Json& step, std::string filter);

// Moves the choice over options that cannot be chosen; negative up, else down.
void move_choice(StepDraft& draft, const Json& step, int steps);
// Goes to the visible option with this number (from 1), if it can be chosen.
void choose_number(StepDraft& draft, const Json& step, std::size_t number);

// Marks the option under the cursor, or takes its mark away.
void toggle_mark(StepDraft& draft, const Json& step);

// What is taken of a list: the marked ones, else the one under the cursor, with commas between.
std::string taken_values(const StepDraft& draft, const Json& step);

}  // namespace authd::client
