#include "client/unattended.hpp"

#include <signal.h>
#include <unistd.h>

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/output.hpp"
#include "client/signal_inbox.hpp"
#include "client/verdict_view.hpp"

namespace authd::client {
namespace {

// Walks to the review step with the answers given.
Outcome<Json> walked_to_review(Wizard& wizard, const SetupOptions& options,
                               std::map<std::string, Secret>& answers) {
  auto state = wizard.start(options.flow, options.scope);
  while (state) {
    const Json& step = member(*state, "step");
    if (text_member(step, "kind") == "review") return state;
    const std::string id = text_member(step, "id");
    auto answer = answers.extract(id);
    if (!answer)
      return usage("This flow asks for `" + text_member(step, "title") +
                   "`, which no option answers: run it on a terminal.");
    state = wizard.submit(id, std::move(answer.mapped()));
  }
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

ExitCode run_unattended(Wizard& wizard, const SetupOptions& options,
                        std::map<std::string, Secret> answers, bool json) {
  SignalInbox signals({SIGINT, SIGTERM, SIGHUP});
  wizard.set_attention(heeding(signals, false));
  const auto give_up = [&](const Fault& fault) {
    wizard.cancel();
    return report(fault, json);
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
