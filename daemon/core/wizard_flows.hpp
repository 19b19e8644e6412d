// The rows behind the wizard. The menus and the custom wizard are written down in wizard_flows.cpp;
// the flow of a provider is made from its row in provider.cpp.
#pragma once

#include <functional>
#include <span>

#include "daemon/core/provider.hpp"
#include "daemon/core/wizard.hpp"

namespace authd::core {

// What the answer to a step is for.
enum class StepRole : int {
  menu,
  protocol,
  region,
  base_url,
  api_key,
  model_ids,
  review,
  notice,
  model
};

struct FlowRow;

// Where a walk stands in one flow: what the texts of a step and its rules may look at.
struct Walk {
  const FlowRow& flow;
  const Answers& answers;
  const OauthFindings& oauth;

  // Of this flow's step with that role, given or standing by itself; empty where there is none.
  std::string text(StepRole role) const;
  std::string_view reveal(StepRole role) const;
  std::string protocol() const;
  std::string base_url() const;
};

struct StepRow {
  std::string id;
  StepKind kind;
  StepRole role;
  std::string title, label, hint;
  std::string (*prompt)(const Walk&) = nullptr;
  std::vector<LabelledText> (*context)(const Walk&) = nullptr;
  std::vector<Option> (*options)(const Walk&) = nullptr;
  std::vector<LabelledText> (*examples)(const Walk&) = nullptr;
  std::vector<LabelledText> (*links)(const Walk&) = nullptr;
  // An answer that stands until another one is given; empty where there is none.
  std::string (*initial)(const Walk&) = nullptr;
  // The answer as it is kept, or why it is refused (PRD, Error Handling). For select steps the
  // options themselves are the rule.
  Result<std::string> (*accept)(const Walk&, std::string_view input) = nullptr;
  std::vector<Warning> (*warnings)(const Walk&, std::string_view step) = nullptr;
  bool (*is_optional)(const Walk&) = nullptr;  // whether nothing is an answer, too
  // An answer to this step that changes makes the key worthless that was typed for the former one.
  bool drops_key = false;
};

struct FlowRow {
  std::string id, title, description;
  std::string deprecated = {};
  const Provider* provider = nullptr;  // whose flow it is
  std::vector<StepRow> steps = {};

  const StepRow* find(StepRole role) const;
};

std::span<const FlowRow> flow_rows();
const FlowRow* find_flow(std::string_view id);

}  // namespace authd::core
