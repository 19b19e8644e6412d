#include "client/interactive.hpp"

#include <signal.h>

#include <algorithm>
#include <array>

#include "client/characters.hpp"
#include "client/discovery.hpp"
#include "client/members.hpp"

namespace authd::client {
namespace {

constexpr std::array<const char*, 10> spinner_frames{"⠋", "⠙", "⠹", "⠸", "⠼",
                                                     "⠴", "⠦", "⠧", "⠇", "⠏"};

bool is_letter(const Key& key, std::string_view letter) {
  return key.kind == Key::Kind::character && key.text == letter;
}

// How far a key scrolls: lines up (negative) or down.
int scroll_of(const Key& key, bool arrows_scroll) {
  constexpr int page = 10;
  if (key.kind == Key::Kind::page_up) return -page;
  if (key.kind == Key::Kind::page_down) return page;
  if (!arrows_scroll) return 0;
  if (key.kind == Key::Kind::up || is_letter(key, "k")) return -1;
  if (key.kind == Key::Kind::down || is_letter(key, "j")) return 1;
  return 0;
}

void scroll(std::size_t& scrolled, int by, std::size_t most) {
  const long moved = static_cast<long>(std::min(scrolled, most)) + by;
  scrolled = static_cast<std::size_t>(std::clamp<long>(moved, 0, static_cast<long>(most)));
}

bool is_number(const Key& key) {
  return key.kind == Key::Kind::character && key.text >= "1" && key.text <= "9";
}

// What is typed narrows a long list. Whether the key was one for the filter.
bool handle_filter(StepDraft& draft, const Json& step, const Key& key) {
  const std::string& filter = draft.filter;
  if (key.kind == Key::Kind::backspace) {
    set_filter(draft, step, filter.substr(0, character_before(filter, filter.size())));
    return true;
  }
  const bool clears =
      key.kind == Key::Kind::escape || (key.kind == Key::Kind::control && key.letter == 'u');
  if (clears && !filter.empty()) {
    set_filter(draft, step, {});
    return true;
  }
  if (key.kind == Key::Kind::paste) {
    set_filter(draft, step, filter + pasted_line(key.text));
    return true;
  }
  const bool is_mark = takes_several(step) && is_letter(key, " ");
  const bool chooses = filter.empty() && (is_number(key) || is_letter(key, " "));
  if (key.kind != Key::Kind::character || is_mark || chooses) return false;
  set_filter(draft, step, filter + key.text);
  return true;
}

void handle_select(StepDraft& draft, const Json& step, const Key& key) {
  const bool letters_move = !has_filter(step);
  if (key.kind == Key::Kind::up || (letters_move && is_letter(key, "k")))
    move_choice(draft, step, -1);
  if (key.kind == Key::Kind::down || (letters_move && is_letter(key, "j")))
    move_choice(draft, step, +1);
  if (!letters_move) move_choice(draft, step, scroll_of(key, false));
  if (takes_several(step) && is_letter(key, " ")) toggle_mark(draft, step);
  if (is_number(key)) choose_number(draft, step, static_cast<std::size_t>(key.text[0] - '0'));
}

std::optional<Reply> submitted(const StepDraft& draft, const Json& step) {
  const std::string kind = text_member(step, "kind");
  if (kind == "select") {
    if (takes_several(step)) {
      const std::string taken = taken_values(draft, step);
      if (taken.empty()) return std::nullopt;
      return Reply{Reply::Kind::value, Secret(std::string_view(taken))};
    }
    const auto choice = chosen_option(draft, step);
    if (!choice) return std::nullopt;
    return Reply{Reply::Kind::value,
                 Secret(text_member(list_member(step, "options")[*choice], "value"))};
  }
  const std::string& typed = draft.editor.text();
  if (kind == "secret" && typed.empty() && flag_member(step, "hasValue"))
    return Reply{Reply::Kind::keep};
  if (kind == "text" || kind == "secret")
    return Reply{Reply::Kind::value, Secret(std::string_view(typed))};
  return Reply{Reply::Kind::keep};
}

}  // namespace

Interactive::Interactive(std::unique_ptr<Terminal> terminal, bool colours)
    : terminal_(std::move(terminal)), region_(*terminal_, colours) {
  terminal_->set_before_suspend([this] { region_.leave({}); });
}

std::vector<Line> Interactive::finished_lines() const {
  std::vector<Line> lines;
  const std::size_t columns = terminal_->size().columns - 1;
  for (const Answer& answer : answers_) {
    const auto pieces =
        wrapped_after({answer.line[0], answer.line[1]}, answer.line[2].text, columns);
    lines.insert(lines.end(), pieces.begin(), pieces.end());
  }
  return lines;
}

void Interactive::draw(const Panel& panel) {
  region_.draw(framed(finished_lines(), panel, terminal_->size()));
}

// What every screen does with what is not a key.
std::optional<Reply> Interactive::reply_to(const Event& event) {
  switch (event.kind) {
    case Event::Kind::interrupt: return Reply{Reply::Kind::interrupt};
    case Event::Kind::terminate: return Reply{Reply::Kind::terminate, {}, event.signal};
    case Event::Kind::resumed: region_.forget(); return std::nullopt;
    case Event::Kind::redraw:
    case Event::Kind::tick:
    case Event::Kind::key: return std::nullopt;
  }
  return std::nullopt;
}

Reply Interactive::ask(const Json& state, const std::string& complaint, bool again) {
  const Json& step = member(state, "step");
  if (!again || draft_.step != text_member(step, "id")) begin(draft_, step);
  draft_.complaint = complaint;
  return ask_with(draft_, state);
}

// A draft of its own: the one of the step stays as it is.
Reply Interactive::pick(const Json& step) {
  StepDraft draft;
  begin(draft, step);
  return ask_with(draft, {{"step", step}});
}

Reply Interactive::ask_with(StepDraft& draft, const Json& state) {
  const Json& step = member(state, "step");
  while (true) {
    const TerminalSize size = terminal_->size();
    const Panel panel = step_panel(state, draft, columns_inside(size));
    draw(panel);
    const Event event = terminal_->wait(-1);
    if (auto reply = reply_to(event)) return std::move(*reply);
    if (event.kind != Event::Kind::key) continue;
    if (!has_filter(step))
      scroll(draft.scrolled, scroll_of(event.key, text_member(step, "kind") == "notice"),
             scroll_max(panel, size));
    if (auto reply = reply_to_key(event.key, step, draft)) return std::move(*reply);
  }
}

std::optional<Reply> Interactive::reply_to_key(const Key& key, const Json& step, StepDraft& draft) {
  const std::string kind = text_member(step, "kind");
  if (key.kind == Key::Kind::enter) return submitted(draft, step);
  if (kind == "select" && has_filter(step) && handle_filter(draft, step, key)) return std::nullopt;
  if (key.kind == Key::Kind::escape) return Reply{Reply::Kind::back};
  if (key.kind == Key::Kind::tab) {
    if (first_suggestion(list_member(step, "warnings")).is_null()) return std::nullopt;
    return Reply{Reply::Kind::amend};
  }
  if (key.kind == Key::Kind::control && key.letter == 'l' && asks_for_models(step))
    return Reply{Reply::Kind::discover, Secret(std::string_view(draft.editor.text()))};
  if (kind == "select") handle_select(draft, step, key);
  if ((kind == "text" || kind == "secret") && draft.editor.handle(key)) draft.complaint.clear();
  return std::nullopt;
}

Reply Interactive::review(const Json& state, const Json& preview, const std::string& complaint) {
  ReviewExtras extras{complaint};
  const Json& warnings =
      list_member(preview.is_null() ? member(state, "step") : preview, "warnings");
  while (true) {
    const TerminalSize size = terminal_->size();
    Panel panel = review_panel(state, preview, extras, columns_inside(size));
    if (scroll_max(panel, size) > 0) panel.footer.push_back(line("↑↓ to scroll", Tone::faint));
    draw(panel);
    const Event event = terminal_->wait(-1);
    if (auto reply = reply_to(event)) return std::move(*reply);
    if (event.kind != Event::Kind::key) continue;
    const Key& key = event.key;
    if (key.kind == Key::Kind::enter) return {Reply::Kind::value};
    if (key.kind == Key::Kind::escape) return {Reply::Kind::back};
    if (key.kind == Key::Kind::tab && !first_suggestion(warnings).is_null())
      return {Reply::Kind::amend};
    if (is_letter(key, "d")) {
      extras.show_diff = !extras.show_diff;
      extras.scrolled = 0;
    }
    scroll(extras.scrolled, scroll_of(key, true), scroll_max(panel, size));
  }
}

Reply Interactive::choose(const std::vector<Line>& said, const Json& step) {
  std::vector<Line> above = finished_lines();
  if (!above.empty()) above.push_back({});
  above.insert(above.end(), said.begin(), said.end());
  above.push_back({});
  region_.leave(above);  // what was said stays in the scrollback, whatever is chosen
  answers_.clear();
  const Json state = {{"step", step}};
  return ask(state, {}, false);
}

void Interactive::answered(const Json& step, const std::string& shown) {
  answers_.push_back({text_member(step, "id"), step, answered_line(step, shown)});
}

// Back at a step, its answer and the later ones are open again.
void Interactive::at_step(const std::string& step) {
  const auto open = std::ranges::find(answers_, step, &Answer::step);
  answers_.erase(open, answers_.end());
}

void Interactive::amended(const std::string& step, const std::string& value) {
  for (Answer& answer : answers_)
    if (answer.step == step) answer.line = answered_line(answer.step_json, value);
}

Attention Interactive::attention(Wait wait) {
  Attention attention{.descriptors = terminal_->descriptors()};
  attention.on_ready = [this, wait] { return on_keys_during_call(wait); };
  if (wait == Wait::step) return attention;
  progress_ = wait == Wait::commit ? "Saving…" : "Asking the endpoint for its models…";
  attention.on_progress = [this](const Json& value) {
    const std::string message = shown(value, "message");
    if (!message.empty()) progress_ = message;
  };
  attention.on_tick = [this] { draw_progress(); };
  draw_progress();
  return attention;
}

Attention::Wish Interactive::on_keys_during_call(Wait wait) {
  const auto urgent = terminal_->pump();
  if (!urgent) return Attention::Wish::wait;
  const bool second = signal_ != 0;
  signal_ = urgent->kind == Event::Kind::interrupt ? SIGINT : urgent->signal;
  if (wait != Wait::commit || second || urgent->kind == Event::Kind::terminate)
    return Attention::Wish::abandon;
  progress_ = "Cancelling…";
  draw_progress();
  return Attention::Wish::cancel;
}

void Interactive::draw_progress() {
  spinner_ = (spinner_ + 1) % spinner_frames.size();
  Picture picture{finished_lines(), {}};
  const std::size_t columns = terminal_->size().columns - 1;
  for (Line& more : wrapped_after(line(std::string(spinner_frames[spinner_]) + " ", Tone::chosen),
                                  progress_, columns))
    picture.lines.push_back(std::move(more));
  region_.draw(picture);
}

void Interactive::finish(const std::vector<Line>& lines) {
  std::vector<Line> last = finished_lines();
  if (!last.empty() && !lines.empty()) last.push_back({});
  last.insert(last.end(), lines.begin(), lines.end());
  region_.leave(last);
  answers_.clear();
}

}  // namespace authd::client
