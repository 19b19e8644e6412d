#include "client/plain.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "client/characters.hpp"
#include "client/discovery.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/plain_view.hpp"
#include "client/step_view.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

// The option a line means: by its number, else the line itself, which the daemon judges.
Secret option_value(const Json& options, const Secret& line) {
  const std::string_view text = line.reveal();
  const bool is_number = !text.empty() && text.size() <= 3 &&
                         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return line.clone();
  const std::size_t number = std::stoul(std::string(text));
  if (number < 1 || number > options.size()) return line.clone();
  return Secret(text_member(options[number - 1], "value"));
}

const Json* option_with(const Json& options, std::string_view value) {
  for (const Json& option : options)
    if (text_member(option, "value") == value) return &option;
  return nullptr;
}

// What numbers and IDs mean; nothing where a word is neither.
std::string taken_of_list(const Json& step, const std::string& text) {
  const Json& options = list_member(step, "options");
  std::vector<std::string> values;
  for (const std::string& word : model_ids(text)) {
    const Secret value = option_value(options, Secret(std::string_view(word)));
    if (option_with(options, value.reveal()) == nullptr) return {};
    values.emplace_back(value.reveal());
  }
  return joined(values, ",");
}

}  // namespace

Plain::Plain(int input, int output)
    : output_(output),
      input_is_terminal_(isatty(input) == 1),
      columns_(output_columns(output)),
      signals_({SIGINT, SIGTERM, SIGHUP}),
      input_(input, signals_) {}

void Plain::print(const std::vector<Line>& lines) { print_lines(output_, lines); }

void Plain::explain_once() {
  if (std::exchange(explained_, true)) return;
  print(
      wrapped("Answer each question with a line. < goes back, an empty line keeps what stands in "
              "[brackets], Ctrl-C leaves without saving.",
              columns_, Tone::faint));
}

// Where nobody sees what is typed (a pipe), the answer is shown after its prompt, so that the
// transcript can be read.
void Plain::echo(const std::string& text) {
  const std::string bytes = input_is_terminal_ ? "" : printable_line(text) + "\n";
  [[maybe_unused]] const auto written = write(output_, bytes.data(), bytes.size());
}

Plain::Answer Plain::read_answer(const std::string& prompt, bool hidden) {
  auto next = input_.next(hidden, [&] {
    const std::string bytes = prompt + " ";
    [[maybe_unused]] const auto written = write(output_, bytes.data(), bytes.size());
  });
  if (hidden && input_is_terminal_) print({{}});
  if (next.signal != 0) signal_ = next.signal;
  if (!next.line) {
    print({{}});
    if (signal_ == 0) return {Reply::Kind::end, {}};
    return {signal_ == SIGINT ? Reply::Kind::interrupt : Reply::Kind::terminate, {}, signal_};
  }
  const std::string command = trimmed(next.line->reveal().substr(0, 8));
  if (command == "<" || command == "+") {
    echo(command);
    return {command == "<" ? Reply::Kind::back : Reply::Kind::amend, {}};
  }
  return {Reply::Kind::value, std::move(*next.line)};
}

Reply Plain::ask(const Json& state, const std::string& complaint, bool again) {
  const Json& step = member(state, "step");
  explain_once();
  // The same step again after a refused answer: the reason is enough.
  if (!again || complaint.empty()) print(plain_step(step, columns_));
  if (!complaint.empty()) print(plain_complaint(complaint, columns_));
  const std::string kind = text_member(step, "kind");
  if (kind == "select") return ask_with_options(step);

  const bool secret = kind == "secret", has_value = flag_member(step, "hasValue");
  while (true) {
    Answer answer = read_answer(plain_prompt(step), secret);
    if (answer.kind == Reply::Kind::amend &&
        first_suggestion(list_member(step, "warnings")).is_null())
      continue;
    if (answer.kind != Reply::Kind::value) return {answer.kind, {}, answer.signal};
    const std::string text = trimmed(answer.text.reveal());
    if (text == "?" && asks_for_models(step)) {
      echo(text);
      return {Reply::Kind::discover, Secret(text_member(step, "value"))};
    }
    if (kind == "notice" || (text.empty() && has_value)) {
      echo(kind == "notice" ? "" : secret ? mask("") : text_member(step, "value"));
      return {Reply::Kind::keep};
    }
    echo(secret ? answer.text.masked() : text);
    return {Reply::Kind::value, std::move(answer.text)};
  }
}

Reply Plain::ask_with_options(const Json& step) {
  const Json& options = list_member(step, "options");
  while (true) {
    Answer answer = read_answer(plain_prompt(step), false);
    if (answer.kind != Reply::Kind::value) return {answer.kind, {}, answer.signal};
    const std::string text = trimmed(answer.text.reveal());
    if (text.empty() && flag_member(step, "hasValue")) {
      echo(text_member(step, "value"));
      return {Reply::Kind::keep};
    }
    Secret value = option_value(options, Secret(text));
    const Json* option = option_with(options, value.reveal());
    echo(option != nullptr ? text_member(*option, "label") : text);
    if (option == nullptr || can_choose(*option)) return {Reply::Kind::value, std::move(value)};
    print(plain_complaint(text_member(*option, "unavailable"), columns_));
  }
}

Reply Plain::review(const Json& state, const Json& preview, const std::string& complaint) {
  const Json& step = member(state, "step");
  print(preview.is_null() ? plain_step(step, columns_) : plain_review(step, preview, columns_));
  if (!complaint.empty()) print(plain_complaint(complaint, columns_));
  const Json& warnings = list_member(preview.is_null() ? step : preview, "warnings");
  while (true) {
    Answer answer = read_answer("Enter saves, < goes back:", false);
    if (answer.kind == Reply::Kind::amend && first_suggestion(warnings).is_null()) continue;
    if (answer.kind != Reply::Kind::value) return {answer.kind, {}, answer.signal};
    const std::string text = trimmed(answer.text.reveal());
    echo(text);
    if (text.empty()) return {Reply::Kind::value};
  }
}

Reply Plain::choose(const std::vector<Line>& said, const Json& step) {
  print({{}});
  print(said);
  print(plain_step(step, columns_));
  while (true) {
    Reply reply = ask_with_options(step);
    const bool known = reply.kind != Reply::Kind::value ||
                       option_with(list_member(step, "options"), reply.value.reveal()) != nullptr;
    if (known && reply.kind != Reply::Kind::amend) return reply;
    print(plain_complaint("Answer with one of the numbers.", columns_));
  }
}

Reply Plain::pick(const Json& step) {
  print(plain_list(step, {}, columns_));
  while (true) {
    Answer answer = read_answer("Numbers or IDs, with commas between; < goes back:", false);
    if (answer.kind == Reply::Kind::amend) continue;
    if (answer.kind != Reply::Kind::value) return {answer.kind, {}, answer.signal};
    const std::string text = trimmed(answer.text.reveal());
    echo(text);
    if (text.empty()) return {Reply::Kind::back};
    if (const std::string taken = taken_of_list(step, text); !taken.empty())
      return {Reply::Kind::value, Secret(std::string_view(taken))};
    print(plain_list(step, text, columns_));
  }
}

void Plain::amended(const std::string&, const std::string& value) {
  print({{Span{"✓ ", Tone::good}, Span{printable_line(value)}}});
}

Attention Plain::attention(Wait wait) {
  Attention attention{.descriptors = {signals_.descriptor()}};
  attention.on_ready = [this, wait] { return on_signal_during_call(wait); };
  if (wait == Wait::discovery) print({line("… Asking the endpoint for its models", Tone::faint)});
  if (wait != Wait::commit) return attention;
  progress_.clear();
  attention.on_progress = [this](const Json& value) {
    std::string message = shown(value, "message");
    if (message.empty() || message == progress_) return;
    progress_ = std::move(message);
    print({line("… " + progress_, Tone::faint)});
  };
  return attention;
}

Attention::Wish Plain::on_signal_during_call(Wait wait) {
  const bool second = signal_ != 0;
  signal_ = signals_.take().value_or(SIGINT);
  return wait == Wait::commit && !second && signal_ == SIGINT ? Attention::Wish::cancel
                                                              : Attention::Wish::abandon;
}

void Plain::finish(const std::vector<Line>& lines) {
  if (lines.empty()) return;
  print({{}});
  print(lines);
}

}  // namespace authd::client
