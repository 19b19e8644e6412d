#include "client/unattended.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/output.hpp"
#include "client/plain_view.hpp"
#include "client/signal_inbox.hpp"
#include "client/step_view.hpp"
#include "client/verdict_view.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

// What is submitted at a step: the answer, or nothing, which keeps what the step proposes.
using Submission = std::optional<Secret>;

std::vector<std::string> choosable(const Json& step) {
  std::vector<std::string> values;
  for (const Json& option : list_member(step, "options"))
    if (can_choose(option)) values.push_back(text_member(option, "value"));
  return values;
}

// Only the client knows the name of the option at fault, and it is asked at the prompt of a shell.
Outcome<void> check_choice(const Json& step, std::string_view value) {
  const std::vector<std::string> values = choosable(step);
  if (std::ranges::find(values, value) != values.end()) return {};
  for (const Json& option : list_member(step, "options"))
    if (text_member(option, "value") == value)
      return usage(option_of(question_of(step)) + " " + std::string(value) +
                   " cannot be chosen: " + text_member(option, "unavailable"));
  return usage("There is no " + option_of(question_of(step)) + " " + std::string(value) + " here.",
               "Choose " + alternatives(values) + ".");
}

std::unexpected<Fault> no_answer(const Json& step) {
  const std::vector<std::string> values = choosable(step);
  return fault(ExitCode::usage, unanswered,
               "This flow asks for `" + text_member(step, "title") +
                   "`, which no option answers: run it on a terminal.",
               values.empty() ? "" : "There it offers " + joined(values, ", ") + ".");
}

Outcome<Submission> answer_to(const Json& step, Answers& answers) {
  const bool is_select = text_member(step, "kind") == "select";
  if (auto given = answers.take(step)) {
    if (auto ok = is_select ? check_choice(step, given->reveal()) : Outcome<void>(); !ok)
      return std::unexpected(ok.error());
    return given;
  }
  if (flag_member(step, "hasValue") || text_member(step, "kind") == "notice") return std::nullopt;
  if (flag_member(step, "optional")) return Secret();
  const std::vector<std::string> values = choosable(step);
  if (is_select && values.size() == 1) return Secret(values.front());
  return no_answer(step);
}

// Something that a step takes, so that it can be seen what the next one asks.
Secret stand_in(const Json& step) {
  switch (question_of(step)) {
    case Question::base_url: return Secret(std::string_view("https://example.com/v1"));
    case Question::key: return Secret(std::string_view("sk-sp-stand-in"));
    case Question::models: return Secret(std::string_view("stand-in"));
    case Question::region:
    case Question::protocol:
    case Question::other: break;
  }
  const std::vector<std::string> values = choosable(step);
  return values.empty() ? Secret() : Secret(values.front());
}

// The option that a step waits for, with the values it may have.
std::string missing_option(const Json& step) {
  const std::string option = option_of(question_of(step));
  const std::vector<std::string> values = choosable(step);
  return values.empty() ? option : option + " (" + alternatives(values) + ")";
}

// A person wants to hear of everything that is missing at once, and a step is only seen once the
// ones before it are answered: the walk goes on with stand-ins. Nothing comes of the session.
Fault everything_missing(Wizard& wizard, Json state, Answers& answers) {
  std::vector<std::string> missing;
  bool lacks_key = false;
  while (text_member(member(state, "step"), "kind") != "review") {
    const Json& step = member(state, "step");
    auto answer = answer_to(step, answers);
    if (!answer && question_of(step) == Question::other) {
      if (missing.empty()) return answer.error();
      break;
    }
    if (!answer) {
      missing.push_back(missing_option(step));
      lacks_key = lacks_key || question_of(step) == Question::key;
      answer = stand_in(step);
    }
    auto next = wizard.submit(text_member(step, "id"), std::move(*answer));
    if (!next) break;
    state = std::move(*next);
  }
  return fault(ExitCode::usage, unanswered,
               "Without questions this needs " + joined(missing, ", ") + ".",
               std::string(lacks_key ? "The key is read from standard input with --key-stdin; "
                                     : "") +
                   "`qwen-authctl setup --help` shows an example.")
      .error();
}

// A notice is not to be missed only because nobody has to confirm it.
void print_notice(const Json& step) {
  if (text_member(step, "kind") == "notice")
    print_lines(STDERR_FILENO, plain_notice(step, output_columns(STDERR_FILENO)));
}

// Walks to the review step with the answers given.
Outcome<Json> walked_to_review(Wizard& wizard, const SetupOptions& options, Answers& answers) {
  auto state = wizard.start(options);
  while (state) {
    const Json& step = member(*state, "step");
    if (text_member(step, "kind") == "review") break;
    print_notice(step);
    auto answer = answer_to(step, answers);
    if (!answer && answer.error().kind() == unanswered)
      return std::unexpected(everything_missing(wizard, std::move(*state), answers));
    if (!answer) return std::unexpected(answer.error());
    const std::string id = text_member(step, "id");
    state = wizard.submit(id, std::move(*answer));
  }
  if (const auto left = answers.left(); state && !left.empty()) return answers_nothing(left);
  return state;
}

void print_preview(const Json& preview) {
  const std::string diff = printable(text_member(preview, "diff"));
  std::vector<Line> lines = diff_lines(diff, diff.size() + 2);
  if (diff.empty()) lines.push_back(line("The file would not change."));
  const Json& request = member(preview, "request");
  if (const std::string url = shown(request, "url"); !url.empty())
    lines.push_back(
        {Span{"Check: ", Tone::faint}, Span{text_member(request, "method") + " " + url}});
  lines.push_back(line("Dry run: nothing was saved."));
  print_lines(STDOUT_FILENO, lines);
}

// Ctrl-C once asks the daemon to stop; twice, or before the commit, leaves at once.
Attention heeding(SignalInbox& signals, bool is_commit) {
  Attention attention{.descriptors = {signals.descriptor()}};
  attention.on_ready = [&signals, is_commit, asked = false]() mutable {
    const int signal = signals.take().value_or(SIGINT);
    const bool first = !asked;
    asked = true;
    return is_commit && first && signal == SIGINT ? Attention::Wish::cancel
                                                  : Attention::Wish::abandon;
  };
  return attention;
}

ExitCode finish_commit(Wizard& wizard, const Json& result, bool json) {
  const bool closed = flag_member(result, "closed");
  if (!closed) wizard.cancel();
  if (json)
    print_json(result);
  else
    print_lines(STDOUT_FILENO, commit_lines(result, output_columns(STDOUT_FILENO)));
  const Json& verdict = member(result, "auth");
  if (!closed && text_member(verdict, "code") == "cancelled") return ExitCode::interrupted;
  return exit_code_of_verdict(verdict, closed);
}

}  // namespace

Outcome<ExitCode> run_unattended(Wizard& wizard, const SetupOptions& options, Answers answers,
                                 bool json) {
  SignalInbox signals({SIGINT, SIGTERM, SIGHUP});
  wizard.set_attention(heeding(signals, false));
  const auto give_up = [&](const Fault& fault) {
    wizard.cancel();
    return std::unexpected(fault);
  };
  if (auto state = walked_to_review(wizard, options, answers); !state)
    return give_up(state.error());
  const auto preview = wizard.preview(options.repair);
  if (!preview) {
    if (!json) offer_repair(preview.error());
    return give_up(preview.error());
  }
  print_warnings(list_member(*preview, "warnings"));
  if (options.dry_run) {
    wizard.cancel();
    if (json)
      print_json(*preview);
    else
      print_preview(*preview);
    return ExitCode::done;
  }
  const auto result = wizard.commit(options.check, options.repair, heeding(signals, true));
  if (!result) return give_up(result.error());
  return finish_commit(wizard, *result, json);
}

}  // namespace authd::client
