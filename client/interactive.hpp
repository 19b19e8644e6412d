// The wizard with arrow keys, drawn in place at the bottom of the scrollback.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/frontend.hpp"
#include "client/inline_region.hpp"
#include "client/step_view.hpp"
#include "client/terminal.hpp"

namespace authd::client {

class Interactive final : public Frontend {
 public:
  Interactive(std::unique_ptr<Terminal> terminal, bool colours);

  Reply ask(const Json& state, const std::string& complaint, bool again) override;
  Reply review(const Json& state, const Json& preview, const std::string& complaint) override;
  Reply choose(const std::vector<Line>& said, const Json& step) override;
  Reply pick(const Json& step) override;
  void answered(const Json& step, const std::string& shown) override;
  void at_step(const std::string& step) override;
  void amended(const std::string& step, const std::string& value) override;
  Attention attention(Wait wait) override;
  int ended_by_signal() const override { return signal_; }
  void finish(const std::vector<Line>& lines) override;
  std::size_t columns() const override { return columns_inside(terminal_->size()); }

 private:
  struct Answer {
    std::string step;
    Json step_json;
    Line line;
  };

  void draw(const Panel& panel);
  void draw_progress();
  std::vector<Line> finished_lines() const;
  std::optional<Reply> reply_to(const Event& event);
  Reply ask_with(StepDraft& draft, const Json& state);
  std::optional<Reply> reply_to_key(const Key& key, const Json& step, StepDraft& draft);
  Attention::Wish on_keys_during_call(Wait wait);

  std::unique_ptr<Terminal> terminal_;
  InlineRegion region_;
  std::vector<Answer> answers_;
  StepDraft draft_;
  std::string progress_;
  std::size_t spinner_ = 0;
  int signal_ = 0;
};

}  // namespace authd::client
