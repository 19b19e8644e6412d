#include "daemon/core/wizard.hpp"
#include "daemon/core/endpoint.hpp"

#include <algorithm>

#include "daemon/core/url.hpp"
#include "daemon/core/wizard_flows.hpp"
#include "protocol/limits.hpp"

namespace authd::core {
namespace {

// A select step accepts the value of one of its options.
Result<std::string> accept_option(const std::vector<Option>& options, std::string_view value) {
  std::string known;
  for (const Option& option : options) {
    if (option.value == value) return option.value;
    known += (known.empty() ? "" : ", ") + option.value;
  }
  return fail(ErrorKind::invalid_input, "Choose one of: " + known + ".", "value");
}

// The option that a model's bare id means, where only one alternative has it.
std::optional<std::string> option_of_model(const OauthFindings& oauth, std::string_view id) {
  std::optional<std::string> found;
  for (std::size_t i = 0; i < oauth.models.size(); ++i) {
    if (oauth.models[i].model != id) continue;
    if (found) return std::nullopt;
    found = oauth.alternatives[i].value;
  }
  return found;
}

Result<std::string> accepted(const StepRow& row, const Walk& walk, std::string_view input) {
  if (input.size() > limits::text_input_bytes_max)
    return fail(ErrorKind::invalid_input, row.label + " is longer than 16 KiB.", "value");
  if (row.role == StepRole::model)
    if (const auto option = option_of_model(walk.oauth, input)) return *option;
  if (row.kind == StepKind::select) return accept_option(row.options(walk), input);
  if (row.kind == StepKind::notice) return std::string("seen");
  if (row.accept) return row.accept(walk, input);
  return fail(ErrorKind::invalid_input, "This step takes no answer.", "step",
              "Call wizard.commit to save, or wizard.back.");
}

template <class T>
T shown(T (*part)(const Walk&), const Walk& walk) {
  return part ? part(walk) : T();
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
    flows.push_back({row.id, row.title, row.description, row.deprecated});
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

Result<Wizard> Wizard::start(const std::string& flow, bool brings_key) {
  const FlowRow* row = find_flow(flow);
  if (!row)
    return fail(ErrorKind::invalid_input, "There is no such flow.", "flow",
                "wizard.flows lists the flows.");
  return Wizard(*row, brings_key);
}

const StepRow& Wizard::current() const { return walked_.back().flow->steps[walked_.back().step]; }
Walk Wizard::walk() const { return {*walked_.back().flow, answers_, oauth_}; }
std::string Wizard::flow() const { return walked_.back().flow->id; }
std::string Wizard::step_id() const { return current().id; }
std::string Wizard::key_step() const { return step_of(StepRole::api_key); }
std::string Wizard::review_step() const { return step_of(StepRole::review); }
std::string Wizard::step_of(StepRole role) const {
  const StepRow* row = walked_.back().flow->find(role);
  return row ? row->id : std::string();
}
bool Wizard::at_review() const { return current().kind == StepKind::review; }

bool Wizard::comes_from_oauth() const {
  return std::ranges::any_of(walked_, [](const Place& at) { return at.flow->id == "qwen-oauth"; });
}

void Wizard::put_answer(const StepRow& row, Secret value, bool same_origin_keeps_key) {
  const std::string before = answers_.text(row.id);
  const bool holds = same_origin_keeps_key && row.role == StepRole::base_url &&
                     parse_url(before).origin() == parse_url(value.reveal()).origin();
  if (before != value.reveal() && row.drops_key && !holds)
    if (const StepRow* key = walked_.back().flow->find(StepRole::api_key)) answers_.drop(key->id);
  answers_.put(row.id, std::move(value));
}

// The step that asks for a key that is brought is none.
void Wizard::pass_over_key(int direction) {
  if (!brings_key_ || current().role != StepRole::api_key) return;
  if (direction > 0)
    ++walked_.back().step;
  else if (walked_.back().step > 0)
    --walked_.back().step;
  else
    walked_.pop_back();
}

Result<void> Wizard::submit(const std::string& step, std::optional<Secret> value) {
  const StepRow& row = current();
  if (step != row.id) {
    Error error{ErrorKind::wrong_step,
                "The current step is " + row.id + ".",
                "step",
                "wizard.state shows the current step.",
                {{"current", row.id}}};
    return std::unexpected(std::move(error));
  }
  if (value || !answers_.has(row.id) || row.kind == StepKind::review) {
    const std::string standing = shown(row.initial, walk());
    auto answer = accepted(row, walk(), value ? value->reveal() : std::string_view(standing));
    if (!answer) return std::unexpected(answer.error());
    put_answer(row, Secret(*std::move(answer)), false);
  }
  just_answered_ = row.id;
  // A region may be called as a flow is (Z.AI has a coding-plan, too).
  const bool leads_on = row.role == StepRole::menu || row.role == StepRole::model;
  const FlowRow* chosen = leads_on ? find_flow(answers_.text(row.id)) : nullptr;
  if (chosen)
    walked_.push_back({chosen, 0});
  else
    ++walked_.back().step;
  pass_over_key(+1);
  return {};
}

Result<void> Wizard::amend(const std::string& step, Secret value) {
  for (const Place& place : walked_) {
    const auto& rows = place.flow->steps;
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const StepRow& r) { return r.id == step; });
    if (row == rows.end()) continue;
    const auto index = static_cast<std::size_t>(row - rows.begin());
    if (index > place.step || !answers_.has(step) || place.flow != walked_.back().flow) break;
    auto answer = accepted(*row, walk(), value.reveal());
    if (!answer) return std::unexpected(answer.error());
    put_answer(*row, Secret(*std::move(answer)), true);
    // Where a later answer no longer holds, that step is the next one to answer.
    for (std::size_t i = 0; i < walked_.back().step; ++i)
      if (!answers_.has(rows[i].id) && !(brings_key_ && rows[i].role == StepRole::api_key))
        walked_.back().step = i;
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
  if (!can_go_back()) return false;
  if (walked_.back().step > 0)
    --walked_.back().step;
  else
    walked_.pop_back();
  pass_over_key(-1);
  return true;
}

bool Wizard::can_go_back() const {
  const bool first_asks =
      !(brings_key_ && walked_.front().flow->steps.front().role == StepRole::api_key);
  return walked_.size() > 1 || walked_.back().step > (first_asks ? 0U : 1U);
}

StepView Wizard::view() const {
  const StepRow& row = current();
  const Walk here = walk();
  StepView view;
  view.id = row.id;
  view.kind = row.kind;
  view.title = row.title;
  view.label = row.label;
  view.hint = row.hint;
  view.prompt = shown(row.prompt, here);
  view.context = shown(row.context, here);
  view.options = shown(row.options, here);
  view.examples = shown(row.examples, here);
  view.links = shown(row.links, here);
  view.is_optional = shown(row.is_optional, here);
  const std::string standing = shown(row.initial, here);
  view.has_value = answers_.has(row.id) || !standing.empty();
  if (view.has_value && row.kind != StepKind::secret)
    view.value = answers_.has(row.id) ? answers_.text(row.id) : standing;
  for (const StepRow& other : here.flow.steps)
    if (other.warnings && answers_.has(other.id) &&
        (other.id == row.id || other.id == just_answered_))
      for (Warning& warning : other.warnings(here, other.id))
        view.warnings.push_back(std::move(warning));
  return view;
}

std::vector<Warning> Wizard::warnings() const {
  std::vector<Warning> all;
  for (const StepRow& row : walked_.back().flow->steps)
    if (row.warnings && answers_.has(row.id))
      for (Warning& warning : row.warnings(walk(), row.id)) all.push_back(std::move(warning));
  return all;
}

std::optional<Selected> Wizard::selection() const {
  const std::string chosen = walk().text(StepRole::model);
  for (std::size_t i = 0; i < oauth_.alternatives.size() && !chosen.empty(); ++i)
    if (oauth_.alternatives[i].value == chosen) return oauth_.models[i];
  return std::nullopt;
}

Installation Wizard::installation() const {
  const Walk here = walk();
  Installation wanted{here.protocol(), here.base_url(),
                      normalized_model_ids(here.text(StepRole::model_ids)), here.flow.provider};
  if (wanted.provider && wanted.provider->models_are_fixed)
    for (const TemplateModel& model : wanted.provider->models_at(wanted.base_url))
      wanted.model_ids.emplace_back(model.id);
  return wanted;
}

std::string_view Wizard::api_key() const { return walk().reveal(StepRole::api_key); }

}  // namespace authd::core
