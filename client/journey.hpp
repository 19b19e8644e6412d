// The way through the wizard, from the first step to the verdict, whatever the frontend. It knows
// the methods of the daemon and none of its texts: which step comes next, the daemon says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/answers.hpp"
#include "client/frontend.hpp"
#include "client/wizard.hpp"

namespace authd::client {

class Journey {
 public:
  // `answers` are those of steps that are not asked.
  Journey(Wizard& wizard, Frontend& frontend, SetupOptions options, Answers answers)
      : wizard_(wizard),
        frontend_(frontend),
        options_(std::move(options)),
        answers_(std::move(answers)) {}

  ExitCode run();

 private:
  // Where to go on; nothing where the journey has ended with `exit_code_`.
  using Next = std::optional<Json>;

  Next answer_step(const Json& state);
  Next submit(const Json& state, std::optional<Secret> value, const std::string& shown);
  Next discover(const Json& state, const std::string& typed);
  Next complain(const Json& state, std::string complaint);
  Next submit_for(const Json& state, Secret value);
  Next review(const Json& state);
  Next at_review(const Json& state, const Json& preview, const std::string& complaint);
  Next offer_repair(const Json& state, const Fault& fault);
  Next commit(const Json& state);
  Next after_refusal(const Json& state, const Json& result);
  Next put_back(const Json& result);
  Next go_back();
  Next take_suggestion(const Json& state, const Json& warnings);

  Next arrive(Outcome<Json> state);
  Next leave(const Reply& reply);
  Next fail(const Fault& fault);
  Next end(ExitCode exit_code, const std::vector<Line>& lines);

  Wizard& wizard_;
  Frontend& frontend_;
  SetupOptions options_;
  Answers answers_;
  ExitCode exit_code_ = ExitCode::done;
  std::string complaint_;               // against the answer just given
  bool again_ = false;                  // the same step is asked again
  std::vector<std::string> snapshots_;  // of the writes of this journey, first one first
  ExitCode last_failure_ = ExitCode::error;
};

}  // namespace authd::client
