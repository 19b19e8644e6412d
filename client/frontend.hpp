// What a person sees and answers, whether with arrow keys or line by line. The journey
// (client/journey.hpp) decides what to ask; a frontend only asks.
#pragma once

#include <string>
#include <vector>

#include "client/connection.hpp"
#include "client/line.hpp"
#include "protocol/secret.hpp"

namespace authd::client {

struct Reply {
  enum class Kind {
    value,  // `value` is the answer; at a review: save
    keep,   // the earlier answer
    back,
    amend,      // take the first suggestion among the warnings
    discover,   // show the models that the endpoint offers; `value` is what was typed so far
    interrupt,  // Ctrl-C, Ctrl-D
    end,        // no more input will come
    terminate,  // `signal` ends the program
  };
  Kind kind;
  Secret value = {};
  int signal = 0;
};

// What the user waits for while the daemon thinks.
enum class Wait {
  step,       // next to nothing
  discovery,  // the endpoint's list of models
  commit,     // shows progress; an interrupt is a wish to cancel rather than to leave
};

class Frontend {
 public:
  virtual ~Frontend() = default;

  // A select, text, secret or notice step. `complaint` is the daemon's reason against the last
  // answer; `again` says that the same step is asked again and what was typed should stand.
  virtual Reply ask(const Json& state, const std::string& complaint, bool again) = 0;

  // The review step. `preview` is null where it failed, and `complaint` says why.
  virtual Reply review(const Json& state, const Json& preview, const std::string& complaint) = 0;

  // A question of the client's own (what after a refusal, whether to repair): `said` stays above
  // the numbered answers. The value of the reply is the answer's `value`.
  virtual Reply choose(const std::vector<Line>& said, const Json& step) = 0;

  // A list to take from: a select step of the client's own with `multiple`, whose options are
  // many, and `marked`, the values that are taken already. The value of the reply is what was
  // taken, with commas between.
  virtual Reply pick(const Json& step) = 0;

  // Called when a step was answered, and when the journey goes back to an earlier one.
  virtual void answered(const Json& step, const std::string& shown) = 0;
  virtual void at_step(const std::string& step) = 0;
  // An earlier answer was replaced by a suggestion.
  virtual void amended(const std::string& step, const std::string& value) = 0;

  // What a call of the daemon does with keys and signals meanwhile.
  virtual Attention attention(Wait wait) = 0;
  // The signal that ended a call, 0 if none did.
  virtual int ended_by_signal() const = 0;

  // The last words; the frontend gives the terminal back after them.
  virtual void finish(const std::vector<Line>& lines) = 0;

  virtual std::size_t columns() const = 0;
};

}  // namespace authd::client
