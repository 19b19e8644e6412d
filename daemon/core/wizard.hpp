// The /auth dialog as data: flows are rows of steps, a session is a value that walks along them.
// Every text that a person reads comes from here (PRD, Detailed Interaction Design).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/core/installation.hpp"
#include "daemon/core/warning.hpp"
#include "protocol/secret.hpp"

namespace authd::core {

enum class StepKind { select, text, secret, review, notice };
std::string_view step_kind_name(StepKind kind);

struct LabelledText {
  std::string label, value;
};

struct Option {
  std::string value, label, description;
};

// What a frontend draws for one step.
struct StepView {
  std::string id;
  StepKind kind = StepKind::text;
  std::string title, prompt, label, hint;
  std::vector<LabelledText> context;
  std::vector<Option> options;
  std::vector<LabelledText> examples;
  std::vector<LabelledText> links;
  std::optional<std::string> value;  // what was answered before; never of a secret
  bool has_value = false;
  bool is_optional = false;       // nothing is an answer, too
  std::vector<Warning> warnings;  // about the answer just given, and about this step's own
};

struct FlowInfo {
  std::string id, title, description;
  std::string deprecated = {};
};

// What is left of Qwen OAuth at the caller's, for its flow (facts, 6).
struct OauthFindings {
  std::string tokens = "none";  // whether there are cached ones and when they expire
  bool has_tokens = false;
  bool is_selected = false;
  bool none_selected = false;
  // The configured models that could be used instead; `models` says which ones the options mean.
  std::vector<Option> alternatives = {};
  std::vector<Selected> models = {};
};

std::vector<FlowInfo> wizard_flows();

// The answers given so far, by step id.
class Answers {
 public:
  bool has(std::string_view step) const { return values_.contains(step); }
  std::string text(std::string_view step) const;
  std::string_view reveal(std::string_view step) const;
  void put(std::string_view step, Secret value);
  void drop(std::string_view step);

 private:
  std::map<std::string, Secret, std::less<>> values_;
};

enum class StepRole : int;
struct FlowRow;
struct StepRow;
struct Walk;

// One walk through the dialog. A wrong answer leaves it where it was. Owns the answers, the key
// among them; one thread.
class Wizard {
 public:
  // invalid_input (field "flow") where there is no such flow. Where the key comes from somewhere
  // else (`brings_key`), no step asks for one.
  static Result<Wizard> start(const std::string& flow, bool brings_key = false);

  // What the Qwen OAuth flow shows and offers.
  void learn(OauthFindings findings) { oauth_ = std::move(findings); }
  // Whether the walk is in that flow or has come through it.
  bool comes_from_oauth() const;

  // wrong_step, or invalid_input with the PRD's text. Without a value an earlier answer stands.
  Result<void> submit(const std::string& step, std::optional<Secret> value);
  // Replaces an earlier answer without moving, unless a later answer no longer holds.
  Result<void> amend(const std::string& step, Secret value);
  // One step back; false at the very first one.
  bool back();

  std::string flow() const;
  std::string step_id() const;
  // The flow's own, empty where it has none.
  std::string key_step() const;
  std::string review_step() const;
  bool at_review() const;
  bool can_go_back() const;
  StepView view() const;
  // About all answers, for the preview.
  std::vector<Warning> warnings() const;

  // What the answers ask to be written: a configured model to be selected, or an installation,
  // which is complete at the review step only.
  std::optional<Selected> selection() const;
  Installation installation() const;
  std::string_view api_key() const;

 private:
  struct Place {
    const FlowRow* flow;
    std::size_t step;
  };
  Wizard(const FlowRow& flow, bool brings_key) : brings_key_(brings_key), walked_{{&flow, 0}} {
    pass_over_key(+1);
  }
  const StepRow& current() const;
  Walk walk() const;
  std::string step_of(StepRole role) const;
  void put_answer(const StepRow& step, Secret value, bool same_origin_keeps_key);
  void pass_over_key(int direction);

  bool brings_key_ = false;

  std::vector<Place> walked_;  // the menus above, then the flow itself
  Answers answers_;
  OauthFindings oauth_;
  std::string just_answered_;
};

}  // namespace authd::core
