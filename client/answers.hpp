// What the command line has answered already, and which step of a wizard asks for it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/fault.hpp"
#include "protocol/secret.hpp"

namespace authd::client {

// Flows are many and their steps are named alike: what a step asks is told by its kind and by the
// end of its id (rpc-contract, Wizards), so a flow that a newer daemon adds can be answered, too.
enum class Question { region, protocol, base_url, key, models, other };

Question question_of(const Json& step);

// The option that answers it, such as "--region"; empty for `other`.
std::string option_of(Question question);

// Each answer is given out once: a step that is come back to is asked.
class Answers {
 public:
  // An empty value is none.
  void give(Question question, Secret value);

  // The answer to a step, if there is one; nothing from then on.
  std::optional<Secret> take(const Json& step);

  // The options whose answers no step has taken.
  std::vector<std::string> left() const;

  Answers clone() const;

 private:
  std::map<Question, Secret> values_;
};

// What is said of options that no step of the flow has taken.
std::unexpected<Fault> answers_nothing(const std::vector<std::string>& options);

}  // namespace authd::client
