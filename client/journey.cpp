#include "client/journey.hpp"

#include <signal.h>

#include <iterator>

#include "client/characters.hpp"
#include "client/discovery.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/step_view.hpp"
#include "client/verdict_view.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

constexpr const char* nothing_saved = "Nothing was saved.";
constexpr const char* saved_stays = "What was saved stays.";

std::string step_id(const Json& state) { return text_member(member(state, "step"), "id"); }

// How an answer is remembered on the screen: an option by its label, a secret masked.
std::string shown_answer(const Json& step, const Secret& value) {
  const std::string kind = text_member(step, "kind");
  if (kind == "secret") return value.empty() ? "none" : value.masked();
  for (const Json& option : list_member(step, "options"))
    if (text_member(option, "value") == value.reveal()) return text_member(option, "label");
  return trimmed(value.reveal());
}

std::string kept_answer(const Json& step) {
  if (text_member(step, "kind") == "secret") return mask("");
  return shown_answer(step, Secret(text_member(step, "value")));
}

Json option(const char* value, const char* label, const char* description) {
  return {{"value", value}, {"label", label}, {"description", description}};
}

Json choice_step(const char* title, Json options) {
  return {{"kind", "select"},
          {"title", title},
          {"options", std::move(options)},
          {"hint", "Enter to select, ↑↓ to navigate"}};
}

// A fault as a complaint on the screen.
std::string complaint_of(const Fault& fault) {
  std::string text;
  for (const std::string& part : fault_texts(fault)) text += (text.empty() ? "" : "\n") + part;
  return text;
}

// The review step where there is nothing to review: the reason stands there once, as the complaint.
Json without_preview(Json state, const std::string& complaint) {
  Json& step = state["step"];
  step.erase("prompt");
  Json others = Json::array();
  for (const Json& warning : list_member(step, "warnings"))
    if (complaint.find(text_member(warning, "message")) == std::string::npos)
      others.push_back(warning);
  step["warnings"] = std::move(others);
  return state;
}

bool may_be_asked_again(const Fault& fault) {
  const std::string kind = fault.kind();
  return kind == "invalid_input" || kind == "invalid_params" || kind == "busy";
}

}  // namespace

ExitCode Journey::run() {
  wizard_.set_attention(frontend_.attention(Wait::step));
  Next state = arrive(wizard_.start(options_));
  while (state) {
    const bool is_review = text_member(member(*state, "step"), "kind") == "review";
    state = is_review ? review(*state) : answer_step(*state);
  }
  return exit_code_;
}

Journey::Next Journey::arrive(Outcome<Json> state) {
  if (!state) return fail(state.error());
  complaint_.clear();
  again_ = false;
  if (flag_member(*state, "closed")) return end(ExitCode::error, {line(nothing_saved)});
  frontend_.at_step(step_id(*state));
  return std::move(*state);
}

Journey::Next Journey::answer_step(const Json& state) {
  const Json& step = member(state, "step");
  if (auto given = answers_.take(step)) return submit_for(state, std::move(*given));
  Reply reply = frontend_.ask(state, complaint_, again_);
  switch (reply.kind) {
    case Reply::Kind::value: {
      const std::string shown = shown_answer(step, reply.value);
      return submit(state, std::move(reply.value), shown);
    }
    case Reply::Kind::keep: return submit(state, std::nullopt, kept_answer(step));
    case Reply::Kind::back: return go_back();
    case Reply::Kind::amend: return take_suggestion(state, list_member(step, "warnings"));
    case Reply::Kind::discover: return discover(state, std::string(reply.value.reveal()));
    case Reply::Kind::interrupt:
    case Reply::Kind::end:
    case Reply::Kind::terminate: return leave(reply);
  }
  return std::nullopt;
}

// An answer that was not typed at this step stands in its field if it is refused, to be mended.
Journey::Next Journey::submit_for(const Json& state, Secret value) {
  const std::string shown = shown_answer(member(state, "step"), value);
  Json as_typed = state;
  if (text_member(member(state, "step"), "kind") == "text")
    as_typed["step"]["value"] = value.reveal();
  return submit(as_typed, std::move(value), shown);
}

Journey::Next Journey::submit(const Json& state, std::optional<Secret> value,
                              const std::string& shown) {
  auto next = wizard_.submit(step_id(state), std::move(value));
  if (!next && may_be_asked_again(next.error())) return complain(state, complaint_of(next.error()));
  const Json& step = member(state, "step");
  if (next && text_member(step, "kind") != "notice") frontend_.answered(step, shown);
  return arrive(std::move(next));
}

// The same step again, with what was typed.
Journey::Next Journey::complain(const Json& state, std::string complaint) {
  complaint_ = std::move(complaint);
  again_ = true;
  return state;
}

Journey::Next Journey::discover(const Json& state, const std::string& typed) {
  const auto found = wizard_.discover(frontend_.attention(Wait::discovery));
  if (!found) {
    const std::string kind = found.error().kind();
    if (kind == "interrupted" || kind == "connection_lost") return fail(found.error());
    return complain(state, complaint_of(found.error()));
  }
  if (list_member(*found, "models").empty()) return complain(state, discovery_failure(*found));
  Reply reply = frontend_.pick(discovered_step(*found, typed));
  switch (reply.kind) {
    case Reply::Kind::value: return submit_for(state, std::move(reply.value));
    case Reply::Kind::interrupt:
    case Reply::Kind::end:
    case Reply::Kind::terminate: return leave(reply);
    case Reply::Kind::keep:
    case Reply::Kind::back:
    case Reply::Kind::amend:
    case Reply::Kind::discover: break;
  }
  return complain(state, "");
}

Journey::Next Journey::go_back() { return arrive(wizard_.back()); }

Journey::Next Journey::take_suggestion(const Json& state, const Json& warnings) {
  const Json& warning = first_suggestion(warnings);
  const std::string step = text_member(warning, "step"), value = text_member(warning, "suggestion");
  auto next = wizard_.amend(step, value);
  if (next) frontend_.amended(step, value);
  const bool stays = next && step_id(*next) == step_id(state);
  if (!next && may_be_asked_again(next.error())) return complain(state, complaint_of(next.error()));
  Next arrived = arrive(std::move(next));
  again_ = stays;  // what is being typed is kept
  return arrived;
}

Journey::Next Journey::review(const Json& state) {
  if (const auto left = answers_.left(); !left.empty()) return fail(answers_nothing(left).error());
  const auto preview = wizard_.preview(options_.repair);
  if (preview) return at_review(state, *preview, complaint_);
  const Fault& fault = preview.error();
  if (fault.kind() == "interrupted" || fault.kind() == "connection_lost") return fail(fault);
  if (!options_.repair && !text_member(fault.data(), "repair").empty())
    return offer_repair(state, fault);
  last_failure_ = fault.exit_code;
  const std::string complaint = complaint_of(fault);
  return at_review(without_preview(state, complaint), Json(), complaint);
}

Journey::Next Journey::at_review(const Json& state, const Json& preview,
                                 const std::string& complaint) {
  const Reply reply = frontend_.review(state, preview, complaint);
  complaint_.clear();
  switch (reply.kind) {
    case Reply::Kind::value:
    case Reply::Kind::keep:
      if (preview.is_null()) return state;  // tries the preview again
      if (options_.dry_run) {
        wizard_.cancel();
        return end(ExitCode::done, {line(std::string("Dry run: nothing was saved."))});
      }
      return commit(state);
    case Reply::Kind::back:
    case Reply::Kind::discover: return go_back();
    case Reply::Kind::amend:
      return take_suggestion(
          state, list_member(preview.is_null() ? member(state, "step") : preview, "warnings"));
    case Reply::Kind::interrupt:
    case Reply::Kind::end:
    case Reply::Kind::terminate: return leave(reply);
  }
  return std::nullopt;
}

Journey::Next Journey::offer_repair(const Json& state, const Fault& fault) {
  const std::size_t columns = frontend_.columns();
  std::vector<Line> said = fault_lines(fault, columns);
  said.push_back({});
  for (Line& part : diff_lines(printable(text_member(fault.data(), "repair")), columns))
    said.push_back(std::move(part));
  const Reply reply = frontend_.choose(
      said, choice_step("The settings file can be repaired",
                        {option("repair", "Repair it", "in the same write as the new settings"),
                         option("back", "Go back", "and leave the file as it is")}));
  last_failure_ = fault.exit_code;
  if (reply.kind == Reply::Kind::value && reply.value.reveal() == "repair") {
    options_.repair = true;
    return state;
  }
  if (reply.kind == Reply::Kind::value || reply.kind == Reply::Kind::back) return go_back();
  return leave(reply);
}

Journey::Next Journey::commit(const Json& state) {
  auto result = wizard_.commit(options_.check, options_.repair, frontend_.attention(Wait::commit));
  if (!result) {
    const Fault& fault = result.error();
    const std::string kind = fault.kind();
    if (kind == "cancelled") return leave({Reply::Kind::interrupt});
    if (kind == "interrupted" || kind == "connection_lost" || kind == "timed_out" ||
        kind == "unknown_session")
      return fail(fault);
    complaint_ = complaint_of(fault);
    last_failure_ = fault.exit_code;
    return state;
  }
  const Json& saved = member(*result, "saved");
  const Json& verdict = member(*result, "auth");
  if (flag_member(saved, "changed") && !text_member(saved, "snapshot").empty())
    snapshots_.push_back(text_member(saved, "snapshot"));
  if (flag_member(*result, "closed"))
    return end(exit_code_of_verdict(verdict, true), commit_lines(*result, frontend_.columns()));
  if (text_member(verdict, "code") == "cancelled") {
    wizard_.cancel();
    return end(frontend_.ended_by_signal() != 0 ? ExitCode::interrupted : ExitCode::inconclusive,
               commit_lines(*result, frontend_.columns()));
  }
  return after_refusal(state, *result);
}

Journey::Next Journey::after_refusal(const Json& state, const Json& result) {
  const bool was_saved = !snapshots_.empty();
  Json options = {option("mend", "Change the answers", "back to the review; Esc walks back"),
                  was_saved ? option("keep", "Keep what was saved", "and leave")
                            : option("keep", "Leave", "without changing anything more")};
  if (was_saved)
    options.push_back(
        option("restore", "Put the former file back", "as it was before this wizard"));
  Reply reply = frontend_.choose(commit_lines(result, frontend_.columns()),
                                 choice_step("What now?", std::move(options)));
  const ExitCode by_verdict = exit_code_of_verdict(member(result, "auth"), false);
  const bool answered = reply.kind == Reply::Kind::value;
  if (answered && reply.value.reveal() == "mend") {
    auto current = wizard_.state();
    return current ? arrive(std::move(current)) : arrive(state);
  }
  if (answered && reply.value.reveal() == "restore") return put_back(result);
  if (reply.kind == Reply::Kind::interrupt || reply.kind == Reply::Kind::terminate)
    return leave(reply);
  wizard_.cancel();
  return end(by_verdict, {});
}

// The writes are undone last one first, as each snapshot is the file before one write.
Journey::Next Journey::put_back(const Json& result) {
  while (!snapshots_.empty()) {
    const auto restored = wizard_.restore(snapshots_.back());
    if (!restored) return fail(restored.error());
    snapshots_.pop_back();
  }
  wizard_.cancel();
  return end(exit_code_of_verdict(member(result, "auth"), false),
             {{Span{"✓ ", Tone::good}, Span{"The former file is back."}}});
}

Journey::Next Journey::leave(const Reply& reply) {
  wizard_.cancel();
  const char* state_of_file = snapshots_.empty() ? nothing_saved : saved_stays;
  if (reply.kind == Reply::Kind::terminate) return end(exit_code_of_signal(reply.signal), {});
  if (reply.kind == Reply::Kind::end)
    return end(last_failure_, {line("The input ended before the wizard was finished. " +
                                    std::string(state_of_file))});
  return end(ExitCode::interrupted, {line("Cancelled. " + std::string(state_of_file))});
}

Journey::Next Journey::fail(const Fault& fault) {
  const int signal = frontend_.ended_by_signal();
  if (fault.kind() == "interrupted" && signal == SIGINT) return leave({Reply::Kind::interrupt});
  if (fault.kind() == "interrupted") return leave({Reply::Kind::terminate, {}, signal});
  wizard_.cancel();
  return end(fault.exit_code, fault_lines(fault, frontend_.columns()));
}

Journey::Next Journey::end(ExitCode exit_code, const std::vector<Line>& lines) {
  exit_code_ = exit_code;
  frontend_.finish(lines);
  return std::nullopt;
}

}  // namespace authd::client
