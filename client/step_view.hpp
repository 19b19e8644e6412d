// A State of the wizard as a panel. Every text comes from the daemon; what is here is only where
// it goes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/frame.hpp"
#include "client/step_draft.hpp"

namespace authd::client {

Panel step_panel(const Json& state, const StepDraft& draft, std::size_t columns);

struct ReviewExtras {
  std::string complaint;
  bool show_diff = false;
  std::size_t scrolled = 0;
};

// `preview` is null where there is none (the settings cannot be read; the complaint says why).
Panel review_panel(const Json& state, const Json& preview, const ReviewExtras& extras,
                   std::size_t columns);

// The warnings as paragraphs; the first that has a suggestion says which key takes it.
std::vector<Line> warning_lines(const Json& warnings, std::size_t columns,
                                const std::string& key_for_suggestion);
// The first warning with a suggestion; null where there is none.
const Json& first_suggestion(const Json& warnings);

// "✓ Base URL: https://…": an answer that is finished. `answer` is already masked for a secret.
Line answered_line(const Json& step, const std::string& answer);

}  // namespace authd::client
