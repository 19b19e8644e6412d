#include "daemon/core/wizard.hpp"
#include "daemon/core/endpoint.hpp"

#include <algorithm>

#include "daemon/core/url.hpp"
#include "daemon/core/wizard_flows.hpp"
#include "protocol/limits.hpp"

namespace authd::core {
namespace {

constexpr std::string_view documentation_label =
    "Need advanced generationConfig or capabilities? See:";
constexpr std::string_view documentation_url =
    "https://qwenlm.github.io/qwen-code-docs/en/users/configuration/model-providers/";

// A select step accepts the value of an option that can be chosen.
Result<std::string> accept_option(const std::vector<Option>& options, std::string_view value) {
  std::string known;
  for (const Option& option : options) {
    if (option.value == value) {
      if (option.unavailable.empty()) return option.value;
      return fail(ErrorKind::invalid_input, option.label + ": " + option.unavailable, "value",
                  "Choose another option.");
    }
    known += (known.empty() ? "" : ", ") + option.value;
  }
  return fail(ErrorKind::invalid_input, "Choose one of: " + known + ".", "value");
}

Result<std::string> accepted(const StepRow& row, const Answers& answers, std::string_view input) {
  if (input.size() > limits::text_input_bytes_max)
    return fail(ErrorKind::invalid_input, std::string(row.label) + " is longer than 16 KiB.",
                "value");
  if (row.kind == StepKind::select) return accept_option(row.options(answers), input);
  if (row.accept) return row.accept(input);
  return fail(ErrorKind::invalid_input, "This step takes no answer.", "step",
              "Call wizard.commit to save, or wizard.back.");
}

template <class T>
T shown(T (*part)(const Answers&), const Answers& answers) {
  return part ? part(answers) : T();
}

}  // namespace

std::string_view step_kind_name(StepKind kind) {
  switch (kind) {
    case StepKind::select: return "select";
    case StepKind::text: return "text";
    case StepKind::secret: return "secret";
    case StepKind::review: return "review";
    case StepKind::notice: return "notice";
  }
  return "text";
}

std::vector<FlowInfo> wizard_flows() {
  std::vector<FlowInfo> flows;
  for (const FlowRow& row : flow_rows())
    flows.push_back({std::string(row.id), std::string(row.title), std::string(row.description),
                     std::string(row.deprecated), std::string(row.unavailable)});
  return flows;
}

std::string Answers::text(std::string_view step) const { return std::string(reveal(step)); }
std::string_view Answers::reveal(std::string_view step) const {
  const auto found = values_.find(step);
  return found == values_.end() ? std::string_view() : found->second.reveal();
}
void Answers::put(std::string_view step, Secret value) {
  values_.insert_or_assign(std::string(step), std::move(value));
}
void Answers::drop(std::string_view step) {
  if (const auto found = values_.find(step); found != values_.end()) values_.erase(found);
}

Result<Wizard> Wizard::start(const std::string& flow) {
  const FlowRow* row = find_flow(flow);
  if (!row)
    return fail(ErrorKind::invalid_input, "There is no such flow.", "flow",
                "wizard.flows lists the flows.");
  if (!row->unavailable.empty())
    return fail(ErrorKind::invalid_input,
                std::string(row->title) + ": " + std::string(row->unavailable), "flow",
                "wizard.flows says which flows are available.");
  return Wizard(*row);
}

const StepRow& Wizard::current() const { return walked_.back().flow->steps[walked_.back().step]; }
std::string Wizard::flow() const { return std::string(walked_.back().flow->id); }
std::string Wizard::step_id() const { return std::string(current().id); }
bool Wizard::at_review() const { return current().kind == StepKind::review; }

void Wizard::put_answer(const StepRow& row, Secret value, bool same_origin_keeps_key) {
  const std::string before = answers_.text(row.id);
  const bool holds = same_origin_keeps_key && row.id == step::base_url &&
                     parse_url(before).origin() == parse_url(value.reveal()).origin();
  if (before != value.reveal() && !row.drops.empty() && !holds) answers_.drop(row.drops);
  answers_.put(row.id, std::move(value));
}

Result<void> Wizard::submit(const std::string& step, std::optional<Secret> value) {
  const StepRow& row = current();
  if (step != row.id) {
    Error error{ErrorKind::wrong_step,
                "The current step is " + std::string(row.id) + ".",
                "step",
                "wizard.state shows the current step.",
                {{"current", row.id}}};
    return std::unexpected(std::move(error));
  }
  if (value || !answers_.has(row.id) || row.kind == StepKind::review) {
    auto answer = accepted(row, answers_, value ? value->reveal() : std::string_view());
    if (!answer) return std::unexpected(answer.error());
    put_answer(row, Secret(*std::move(answer)), false);
  }
  just_answered_ = row.id;
  const FlowRow* chosen = row.kind == StepKind::select ? find_flow(answers_.text(row.id)) : nullptr;
  if (chosen)
    walked_.push_back({chosen, 0});
  else
    ++walked_.back().step;
  return {};
}

Result<void> Wizard::amend(const std::string& step, Secret value) {
  for (const Place& place : walked_) {
    const auto rows = place.flow->steps;
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const StepRow& r) { return r.id == step; });
    if (row == rows.end()) continue;
    const auto index = static_cast<std::size_t>(row - rows.begin());
    if (index > place.step || !answers_.has(step) || place.flow != walked_.back().flow) break;
    auto answer = accepted(*row, answers_, value.reveal());
    if (!answer) return std::unexpected(answer.error());
    put_answer(*row, Secret(*std::move(answer)), true);
    // Where a later answer no longer holds, that step is the next one to answer.
    for (std::size_t i = 0; i < walked_.back().step; ++i)
      if (!answers_.has(rows[i].id)) walked_.back().step = i;
    just_answered_ = step;
    return {};
  }
  Error error{ErrorKind::wrong_step,
              "That step has no answer yet that could be replaced.",
              "step",
              "wizard.state shows the current step.",
              {{"current", current().id}}};
  return std::unexpected(std::move(error));
}

bool Wizard::back() {
  just_answered_.clear();
  if (walked_.back().step > 0) {
    --walked_.back().step;
    return true;
  }
  if (walked_.size() == 1) return false;
  walked_.pop_back();
  return true;
}

StepView Wizard::view() const {
  const StepRow& row = current();
  StepView view;
  view.id = row.id;
  view.kind = row.kind;
  view.title = row.title;
  view.label = row.label;
  view.hint = row.hint;
  view.prompt = shown(row.prompt, answers_);
  view.context = shown(row.context, answers_);
  view.options = shown(row.options, answers_);
  view.examples = shown(row.examples, answers_);
  if (row.links_to_documentation)
    view.links = {{std::string(documentation_label), std::string(documentation_url)}};
  view.has_value = answers_.has(row.id);
  if (view.has_value && row.kind != StepKind::secret) view.value = answers_.text(row.id);
  for (const StepRow& other : walked_.back().flow->steps)
    if (other.warnings && answers_.has(other.id) &&
        (other.id == row.id || other.id == just_answered_))
      for (Warning& warning : other.warnings(answers_)) view.warnings.push_back(std::move(warning));
  return view;
}

std::vector<Warning> Wizard::warnings() const {
  std::vector<Warning> all;
  for (const StepRow& row : walked_.back().flow->steps)
    if (row.warnings && answers_.has(row.id))
      for (Warning& warning : row.warnings(answers_)) all.push_back(std::move(warning));
  return all;
}

Installation Wizard::installation() const {
  return {answers_.text(step::protocol), answers_.text(step::base_url),
          normalized_model_ids(answers_.text(step::model_ids))};
}

std::string_view Wizard::api_key() const { return answers_.reveal(step::api_key); }

}  // namespace authd::core
