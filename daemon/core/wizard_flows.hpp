// The rows behind the wizard: adding a flow or a step is adding a row in wizard_flows.cpp.
#pragma once

#include <functional>
#include <span>

#include "daemon/core/wizard.hpp"

namespace authd::core {

struct StepRow {
  std::string_view id;
  StepKind kind;
  std::string_view title, label, hint;
  std::string (*prompt)(const Answers&) = nullptr;
  std::vector<LabelledText> (*context)(const Answers&) = nullptr;
  std::vector<Option> (*options)(const Answers&) = nullptr;
  std::vector<LabelledText> (*examples)(const Answers&) = nullptr;
  bool links_to_documentation = false;
  // The answer as it is kept, or why it is refused (PRD, Error Handling). For select steps the
  // options themselves are the rule.
  Result<std::string> (*accept)(std::string_view input) = nullptr;
  std::vector<Warning> (*warnings)(const Answers&) = nullptr;
  // An answer to this step that changes makes the answer to that one worthless.
  std::string_view drops = {};
};

struct FlowRow {
  std::string_view id, title, description;
  std::string_view deprecated = {};
  std::string_view unavailable = {};
  std::span<const StepRow> steps = {};
};

std::span<const FlowRow> flow_rows();
const FlowRow* find_flow(std::string_view id);

namespace step {
inline constexpr std::string_view protocol = "custom-protocol-select";
inline constexpr std::string_view base_url = "custom-base-url-input";
inline constexpr std::string_view api_key = "custom-api-key-input";
inline constexpr std::string_view model_ids = "custom-model-id-input";
inline constexpr std::string_view review = "custom-review-json";
}  // namespace step

}  // namespace authd::core
