#include "daemon/check_run.hpp"

#include <sys/random.h>

#include <algorithm>

#include "daemon/core/check.hpp"
#include "daemon/core/fix_plan.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

using core::VerdictState;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(bytes.data() + filled, count - filled, 0);
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

core::ProbeTarget control_of(const core::ProbeTarget& target) {
  return core::control_target(target, random_bytes(core::control_bytes(target)));
}

}  // namespace

std::function<void()> CheckRun::run(Services& services, CheckOrder order, Done done) {
  const auto run = std::make_shared<CheckRun>(services, std::move(order), std::move(done));
  run->begin();
  return [weak = std::weak_ptr(run)] {
    if (const auto self = weak.lock()) self->cancel();
  };
}

CheckRun::CheckRun(Services& services, CheckOrder order, Done done)
    : services_(services),
      order_(std::move(order)),
      done_(std::move(done)),
      tick_timer_(services.io),
      pause_timer_(services.io) {}

// ---- The key

void CheckRun::begin() {
  const core::CheckSubject& subject = order_.subject;
  if (!subject.obstacle.empty()) return stop(subject.obstacle_code.c_str(), subject.obstacle);
  const bool has_key = !subject.target.key.empty();
  if (!has_key && !order_.key_has_command)
    return stop("E105", subject.key_name.empty()
                            ? "No key is given, so there is nothing to check."
                            : subject.key_name + " is set nowhere, so there is nothing to check.");
  if (subject.consent_needed) return answer(std::unexpected(*subject.consent_needed));
  if (!services_.checker.has_room())
    return answer(std::unexpected(Error{ErrorKind::busy,
                                        "Too many checks are running already.",
                                        {},
                                        "Try again in a moment.",
                                        {{"retryable", true}}}));
  if (has_key) return ask();
  key_is_from_command_ = true;
  run_key_command(KeyCommands::Use::kept, [self = shared_from_this()] { self->ask(); });
}

void CheckRun::run_key_command(KeyCommands::Use use, std::function<void()> then) {
  order_.progress.report("Running the command that prints the key");
  cancel_command_ = services_.key_commands.find(
      order_.subject.key_name, order_.environment, use,
      [self = shared_from_this(),
       then = std::move(then)](Result<std::optional<KeyCommands::Answer>> found) {
        self->cancel_command_ = nullptr;
        if (!self->done_) return;
        if (!found) return self->answer(std::unexpected(found.error()));
        if (!*found) return self->stop("E105", self->order_.subject.key_name + " is set nowhere.");
        self->target().key = std::move((*found)->key);
        self->order_.subject.key_source = "keys.json";
        then();
      });
}

// ---- The request

void CheckRun::ask() {
  if (const std::string why = core::unsendable(target().key); !why.empty())
    return stop("K205", why);
  begun_ = std::chrono::steady_clock::now();
  deadline_ = begun_ + std::chrono::milliseconds(order_.progress.is_wanted()
                                                     ? limits::check_timeout_with_progress_ms
                                                     : limits::check_timeout_ms);
  if (order_.progress.is_wanted()) tick();
  first_request();
}

void CheckRun::first_request() {
  if (target().model.empty()) return list_models();
  probe();
}

void CheckRun::probe() {
  ++attempts_;
  order_.progress.report("Asking " + host());
  start(target().clone(), [this](Verdict verdict) { answered(std::move(verdict)); });
}

void CheckRun::answered(Verdict verdict) {
  verdict.attempts = attempts_;
  if (const auto pause = core::retry_pause(verdict, left())) {
    order_.progress.report(host() + " asks to wait, or is down for a moment");
    pause_timer_.expires_after(*pause);
    pause_timer_.async_wait([self = shared_from_this()](const asio::error_code& stopped) {
      if (!stopped && self->done_) self->probe();
    });
    return;
  }
  if (core::claims_good_key(verdict)) return control(std::move(verdict));
  if (verdict.state == VerdictState::rejected) return refused(std::move(verdict));
  finish(std::move(verdict));
}

void CheckRun::refused(Verdict verdict) {
  if (key_is_from_command_ && !key_was_renewed_) return renew_key(std::move(verdict));
  if (verdict.http_status == 401 && core::has_other_key_header(target()) && !target().model.empty())
    return try_other_header(std::move(verdict));
  sweep(std::move(verdict));
}

// A key that was kept may have been replaced in the password manager meanwhile.
void CheckRun::renew_key(Verdict verdict) {
  key_was_renewed_ = true;
  const std::string before = core::fingerprint(target().key.reveal());
  if (!services_.key_commands.refused(order_.subject.key_name, before))
    return refused(std::move(verdict));
  const auto kept = std::make_shared<Verdict>(std::move(verdict));
  const auto begun = std::chrono::steady_clock::now();
  run_key_command(KeyCommands::Use::run, [self = shared_from_this(), before, kept, begun] {
    // A password manager may have to be unlocked, which is not the provider's time.
    self->deadline_ += std::chrono::steady_clock::now() - begun;
    const bool is_other = core::fingerprint(self->target().key.reveal()) != before;
    if (is_other && core::unsendable(self->target().key).empty()) return self->first_request();
    self->refused(std::move(*kept));
  });
}

void CheckRun::try_other_header(Verdict verdict) {
  core::ProbeTarget other = target().clone();
  other.other_key_header = true;
  other.depth = core::ProbeDepth::key;
  const auto first = std::make_shared<Verdict>(std::move(verdict));
  core::ProbeTarget asked = other.clone();
  start(std::move(asked), [this, first, other = std::move(other)](const Verdict& second) mutable {
    if (!core::claims_good_key(second)) return sweep(std::move(*first));
    // A gateway that takes anything in this header proves nothing.
    core::ProbeTarget random = control_of(other);
    start(std::move(random), [this, first, other = std::move(other)](const Verdict& third) {
      if (third.state != VerdictState::rejected) return sweep(std::move(*first));
      core::apply_other_header(*first, other);
      first->proven = true;
      if (order_.subject.entry)
        report_.fix = core::header_fix(entry_facts(), core::key_header(other));
      finish(std::move(*first));
    });
  });
}

void CheckRun::control(Verdict verdict) {
  order_.progress.report("Asking " + host() + " with a random key");
  const auto first = std::make_shared<Verdict>(std::move(verdict));
  start(control_of(target()), [this, first](const Verdict& second) {
    core::apply_control(*first, second);
    sweep(std::move(*first));
  });
}

// ---- The list of models, where no model is named

void CheckRun::list_models() {
  order_.progress.report("Asking " + host() + " for its models");
  start_list(target().clone(), [this](core::Discovery found) {
    if (found.status != core::DiscoveryStatus::ok) return listed(std::move(found), std::nullopt);
    const auto first = std::make_shared<core::Discovery>(std::move(found));
    start_list(control_of(target()), [this, first](core::Discovery second) {
      listed(std::move(*first), std::move(second));
    });
  });
}

void CheckRun::listed(core::Discovery found, std::optional<core::Discovery> control) {
  Verdict verdict = core::verdict_of_list(target(), found, control);
  const bool is_settled =
      found.status == core::DiscoveryStatus::unreachable ||
      (verdict.state == VerdictState::accepted && target().depth == core::ProbeDepth::key);
  // What a list cannot tell, a model of it can.
  const auto vendor = core::vendor_endpoint(target().base_url);
  if (target().model.empty()) target().model = core::model_to_try(found);
  if (target().model.empty() && vendor && !vendor->provider->models.empty())
    target().model = vendor->provider->models_at(target().base_url).front().id;
  if (verdict.state == VerdictState::rejected) return refused(std::move(verdict));
  if (is_settled || target().model.empty()) return sweep(std::move(verdict));
  probe();
}

// ---- The vendor's other endpoints

void CheckRun::sweep(Verdict verdict) {
  report_.verdict = std::move(verdict);
  if (!core::is_worth_a_sweep(report_.verdict)) return finish(std::move(report_.verdict));
  report_.siblings = core::siblings_of(target().protocol, target().base_url);
  std::vector<core::VendorEndpoint> named;
  for (const core::VendorEndpoint& sibling : report_.siblings)
    if (std::ranges::any_of(order_.consented_hosts, [&](const std::string& host) {
          return core::lower_ascii(host) == sibling.host();
        }))
      named.push_back(sibling);
  if (named.empty() || left() <= std::chrono::milliseconds(0)) {
    if (!report_.siblings.empty())
      report_.verdict.hints.push_back(
          "The key may belong to another region or plan of " +
          std::string(report_.siblings.front().provider->vendor_name()) +
          ": they can be asked, if consent.hosts names their hosts.");
    return finish(std::move(report_.verdict));
  }
  order_.progress.report("Asking " + std::to_string(named.size()) + " other endpoints of " +
                         std::string(named.front().provider->vendor_name()));
  awaited_ = named.size();
  for (const core::VendorEndpoint& sibling : named) report_.sweep.push_back({sibling, {}});
  for (std::size_t i = 0; i < named.size(); ++i)
    start(core::sibling_target(target(), named[i]), [this, i](Verdict answer) {
      report_.sweep[i].verdict = std::move(answer);
      if (--awaited_ == 0) prove_one_of(core::accepting(report_.sweep));
    });
}

// The first of them that refuses a random key is the one; nobody is where none does.
void CheckRun::prove_one_of(std::vector<std::size_t> accepting) {
  if (accepting.empty()) return report_sweep(std::nullopt);
  core::SweepAnswer& chosen = report_.sweep[accepting.front()];
  accepting.erase(accepting.begin());
  start(control_of(core::sibling_target(target(), chosen.sibling)),
        [this, &chosen, others = std::move(accepting)](const Verdict& second) mutable {
          core::apply_control(chosen.verdict, second);
          if (!chosen.verdict.proven.value_or(false)) return prove_one_of(std::move(others));
          report_sweep(chosen.sibling);
        });
}

void CheckRun::report_sweep(const std::optional<core::VendorEndpoint>& accepted) {
  core::apply_sweep(report_.verdict, report_.sweep, accepted);
  report_.switch_to = accepted;
  if (accepted && order_.subject.entry)
    report_.fix = core::switch_fix(entry_facts(), *accepted, target().key);
  finish(std::move(report_.verdict));
}

// Of a subject with an entry.
core::EntryFacts CheckRun::entry_facts() const {
  const core::CheckSubject& subject = order_.subject;
  return {*subject.entry, subject.models, subject.files};
}

// ---- The end

void CheckRun::finish(Verdict verdict) {
  const core::CheckSubject& subject = order_.subject;
  core::warn_of_slow_token(verdict,
                           core::answer_limit(subject.entry ? subject.entry->entry : Json()));
  if (verdict.state == VerdictState::rejected && !subject.key_name.empty()) {
    verdict.hints.push_back("qwen-authctl explain " + core::shell_quoted(subject.key_name) +
                            " shows where the key comes from.");
    if (key_is_from_command_)
      services_.key_commands.refused(subject.key_name,
                                     core::fingerprint(subject.target.key.reveal()));
  }
  if (verdict.observed.value("streamed", true) == false)
    verdict.hints.emplace_back(
        "The provider answered without streaming; Qwen Code needs a streamed answer.");
  log(verdict);
  if (subject.is_active)
    services_.publish("auth", "auth.changed", {{"state", core::verdict_state_name(verdict.state)}});
  report_.verdict = std::move(verdict);
  report_.key = subject.target.key.clone();
  report_.key_name = subject.key_name;
  report_.key_source = subject.key_source;
  if (report_.fix) return preview_fix();
  answer(std::move(report_));
}

// On the settings thread, because an edit of a large file takes its time.
void CheckRun::preview_fix() {
  services_.settings.run(
      [fix = *std::move(report_.fix), models = std::move(order_.subject.models),
       files = std::move(order_.subject.files)](io::SettingsStore&) mutable {
        const bool can_be_done = core::add_preview(fix, files, models);
        return Result<std::optional<core::Fix>>(can_be_done ? std::optional(std::move(fix))
                                                            : std::nullopt);
      },
      [self = shared_from_this()](Result<std::optional<core::Fix>> fix) {
        self->report_.fix = fix ? *std::move(fix) : std::nullopt;
        self->answer(std::move(self->report_));
      });
}

void CheckRun::stop(const char* code, std::string message) {
  Verdict verdict = core::not_tested(target(), code, std::move(message));
  verdict.depth = target().depth;
  if (verdict.code == "E105" && !order_.subject.key_name.empty())
    verdict.hints.push_back("qwen-authctl explain " + core::shell_quoted(order_.subject.key_name) +
                            " shows where Qwen Code looks for it.");
  finish(std::move(verdict));
}

void CheckRun::answer(Result<CheckReport> result) {
  tick_timer_.cancel();
  if (!done_) return;
  Done done = std::exchange(done_, nullptr);
  done(std::move(result));
}

void CheckRun::cancel() {
  if (!done_) return;
  const auto self = shared_from_this();
  answer(fail(ErrorKind::cancelled, "The check was cancelled."));
  pause_timer_.cancel();
  if (cancel_command_) cancel_command_();
  for (const Checker::Ticket ticket : std::exchange(tickets_, {})) services_.checker.cancel(ticket);
}

// ---- Requests, and what is said meanwhile

// What came after a cancel is nobody's.
void CheckRun::start(core::ProbeTarget target, Then then) {
  const auto ticket = std::make_shared<Checker::Ticket>();
  *ticket = services_.checker.start(
      std::move(target), order_.environment, std::max(left(), std::chrono::milliseconds(1)),
      [self = shared_from_this(), ticket, then = std::move(then)](Verdict verdict) mutable {
        self->tickets_.erase(*ticket);
        if (self->done_) then(std::move(verdict));
      });
  tickets_.insert(*ticket);
}

void CheckRun::start_list(core::ProbeTarget target, Listed then) {
  const auto ticket = std::make_shared<Checker::Ticket>();
  *ticket = services_.checker.discover(
      std::move(target), order_.environment, std::max(left(), std::chrono::milliseconds(1)),
      [self = shared_from_this(), ticket, then = std::move(then)](core::Discovery found) mutable {
        self->tickets_.erase(*ticket);
        if (self->done_) then(std::move(found));
      });
  tickets_.insert(*ticket);
}

std::chrono::milliseconds CheckRun::left() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ -
                                                               std::chrono::steady_clock::now());
}

std::string CheckRun::host() const { return core::parse_url(order_.subject.target.base_url).host; }

void CheckRun::log(const Verdict& verdict) const {
  services_.log.info("check of " + host() + ": " +
                     std::string(core::verdict_state_name(verdict.state)) +
                     (verdict.code.empty() ? "" : " " + verdict.code));
}

void CheckRun::tick() {
  tick_timer_.expires_after(std::chrono::seconds(1));
  tick_timer_.async_wait([weak = weak_from_this()](const asio::error_code& stopped) {
    const auto self = weak.lock();
    if (stopped || !self || !self->done_) return;
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::steady_clock::now() - self->begun_)
                            .count();
    self->order_.progress.report("Waiting for " + self->host() + ", " + std::to_string(waited) +
                                 " s (a local model may still be loading)");
    self->tick();
  });
}

}  // namespace authd
