// The wizard as numbered questions, line by line: for screen readers, dumb terminals, pipes and
// demonstrations. No cursor motion; everything stays in the order in which it was said.
#pragma once

#include <string>
#include <vector>

#include "client/frontend.hpp"
#include "client/line_input.hpp"
#include "client/signal_inbox.hpp"

namespace authd::client {

class Plain final : public Frontend {
 public:
  Plain(int input, int output);

  Reply ask(const Json& state, const std::string& complaint, bool again) override;
  Reply review(const Json& state, const Json& preview, const std::string& complaint) override;
  Reply choose(const std::vector<Line>& said, const Json& step) override;
  Reply pick(const Json& step) override;
  void answered(const Json&, const std::string&) override {}
  void at_step(const std::string&) override {}
  void amended(const std::string& step, const std::string& value) override;
  Attention attention(Wait wait) override;
  int ended_by_signal() const override { return signal_; }
  void finish(const std::vector<Line>& lines) override;
  std::size_t columns() const override { return columns_; }

 private:
  struct Answer {
    Reply::Kind kind;
    Secret text;
    int signal = 0;
  };

  Reply ask_with_options(const Json& step);
  // One line, or what came instead of it: `<` back, `+` the suggestion, the end, a signal.
  Answer read_answer(const std::string& prompt, bool hidden);
  void echo(const std::string& text);
  void print(const std::vector<Line>& lines);
  void explain_once();
  Attention::Wish on_signal_during_call(Wait wait);

  const int output_;
  const bool input_is_terminal_;
  const std::size_t columns_;
  SignalInbox signals_;
  LineInput input_;
  std::string progress_;
  bool explained_ = false;
  int signal_ = 0;
};

}  // namespace authd::client
