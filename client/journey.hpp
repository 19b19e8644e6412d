// The way through the wizard, from the first step to the verdict, whatever the frontend. It knows
// the methods of the daemon and none of its texts: which step comes next, the daemon says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/frontend.hpp"
#include "client/wizard.hpp"

namespace authd::client {

struct JourneyOptions {
  std::string flow = "auth";
  std::string scope = "auto";
  std::string check = "after";
  bool repair = false;
  bool dry_run = false;
  std::map<std::string, Secret> answers = {};  // by step id: steps that are not asked
};

class Journey {
 public:
  Journey(Wizard& wizard, Frontend& frontend, JourneyOptions options)
      : wizard_(wizard), frontend_(frontend), options_(std::move(options)) {}

  ExitCode run();

 private:
  // Where to go on; nothing where the journey has ended with `exit_code_`.
  using Next = std::optional<Json>;

  Next answer_step(const Json& state);
  Next submit(const Json& state, std::optional<Secret> value, const std::string& shown);
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
  JourneyOptions options_;
  ExitCode exit_code_ = ExitCode::done;
  std::string complaint_;               // against the answer just given
  bool again_ = false;                  // the same step is asked again
  std::vector<std::string> snapshots_;  // of the writes of this journey, first one first
  ExitCode last_failure_ = ExitCode::error;
};

}  // namespace authd::client
