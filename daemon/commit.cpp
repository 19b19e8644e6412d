#include "daemon/commit.hpp"

#include "daemon/core/sha256.hpp"
#include "daemon/core/url.hpp"
#include "daemon/io/oauth_tokens.hpp"
#include "daemon/wire.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

constexpr const char* custom_message =
    "Custom API Key authenticated successfully. Settings updated with generated env key and model "
    "provider config.";
constexpr const char* tip = "Tip: Use /model to switch between configured models.";
constexpr const char* restart_note =
    "Qwen Code sessions already open do not see the new key: restart them.";

// The documentation's text, or what Qwen Code says for the other providers (facts, 3.3).
std::string success_message(const SetupOrder& order) {
  if (order.selection) return "Switched to " + order.selection->model + ".";
  const core::Installation& installation = order.installation;
  const core::Provider* provider = installation.provider;
  if (!provider) return custom_message;
  if (provider->saved_message.empty())
    return "Successfully configured " + std::string(provider->title) + ".";
  std::string text(provider->saved_message);
  constexpr std::string_view placeholder = "{models}";
  if (const std::size_t at = text.find(placeholder); at != std::string::npos)
    text.replace(at, placeholder.size(), std::to_string(installation.model_ids.size()));
  return text;
}

}  // namespace

std::function<void()> Commit::run(Services& services, CommitOrder order,
                                  const rpc::Request& request, Done done) {
  const auto commit =
      std::make_shared<Commit>(services, std::move(order), request.peer, std::move(done));
  const auto cancel = [weak = std::weak_ptr(commit)] {
    if (const auto self = weak.lock()) self->cancel();
  };
  request.cancellation->on_request(cancel);
  commit->begin();
  return cancel;
}

Commit::Commit(Services& services, CommitOrder order, std::shared_ptr<rpc::Peer> peer, Done done)
    : services_(services),
      order_(std::move(order)),
      progress_{std::move(peer), order_.params.work_done_token},
      done_(std::move(done)),
      timer_(services.io) {}

void Commit::begin() {
  progress_.begin("Saving");
  const bool needs_key = order_.setup.key_store == "command" && !order_.setup.selection &&
                         order_.params.check != "none";
  if (needs_key)
    run_key_command();
  else
    save();
}

void Commit::plan_then(std::function<void(SetupPlan)> then) {
  services_.settings.run(
      [self = shared_from_this()](io::SettingsStore& store) {
        return self->plan_on_settings_thread(store);
      },
      [self = shared_from_this(), then = std::move(then)](Result<SetupPlan> made) {
        if (!made) return self->answer(std::unexpected(made.error()));
        if (self->cancelled_) return self->checked_before({});
        then(*std::move(made));
      });
}

// Before anything is saved: a command that prints no key is an error, not a verdict.
void Commit::run_key_command() {
  plan_then([self = shared_from_this()](const SetupPlan& made) {
    self->progress_.report("Running the command that prints the key");
    self->running_key_name_ = made.plan.env_key;
    self->running_command_ = self->services_.key_commands.ask(
        {made.plan.env_key, {.command = self->order_.setup.key_command}, self->order_.environment},
        KeyCommands::Use::run, [self](Result<KeyCommands::Answer> answer) {
          self->running_command_.reset();
          if (!answer) return self->answer(std::unexpected(answer.error()));
          self->order_.setup.key = std::move(answer->key);
          self->save();
        });
  });
}

void Commit::save() {
  if (order_.params.check == "before")
    check_before();
  else
    write();
}

// What could not be saved afterwards is not asked about either: no key travels for nothing.
void Commit::check_before() {
  plan_then([self = shared_from_this()](SetupPlan made) {
    self->target_ = std::move(made.target);
    self->check([self](const core::Verdict& verdict) { self->checked_before(verdict); });
  });
}

void Commit::cancel() {
  cancelled_ = true;
  if (running_check_) services_.checker.cancel(*running_check_);
  if (running_command_) services_.key_commands.cancel(*running_command_);
}

void Commit::checked_before(const core::Verdict& verdict) {
  if (cancelled_)
    return answer(fail(ErrorKind::cancelled, "Cancelled before anything was written."));
  verdict_before_ = verdict;
  if (verdict.state != core::VerdictState::rejected) return write();
  report(verdict);
}

void Commit::write() {
  services_.settings.run(
      [self = shared_from_this()](io::SettingsStore& store) {
        return self->write_on_settings_thread(store);
      },
      [self = shared_from_this()](Result<Written> result) { self->written(std::move(result)); });
}

Result<SetupPlan> Commit::plan_on_settings_thread(io::SettingsStore& store) const {
  auto made = plan_setup(order_.setup, store, order_.environment, {.repair = order_.params.repair});
  if (!made || !order_.params.etag || *order_.params.etag == made->plan.file.etag) return made;
  const core::SettingsFile& file = made->plan.file;
  return std::unexpected(Error{ErrorKind::settings_conflict,
                               file.path + " has changed since the preview.",
                               "etag",
                               "Look at a new preview, then commit again.",
                               {{"path", file.path}, {"etag", file.etag}}});
}

Result<Commit::Written> Commit::write_on_settings_thread(io::SettingsStore& store) const {
  Written written;
  std::string qwen_dir;
  std::optional<PlacedKey> placed;
  auto saved = store.change({"wizard.commit"}, [&]() -> Result<core::Plan> {
    auto made = plan_on_settings_thread(store);
    if (!made) return std::unexpected(made.error());
    if (cancelled_) return fail(ErrorKind::cancelled, "Cancelled before anything was written.");
    if (!placed) {
      auto key = PlacedKey::place(order_.setup, *made, services_.key_commands.path());
      if (!key) return std::unexpected(key.error());
      placed = *std::move(key);
    }
    written.env_key = made->plan.env_key;
    written.warnings = made->plan.warnings;
    written.target = std::move(made->target);
    qwen_dir = std::move(made->qwen_dir);
    return std::move(made->plan);
  });
  if (!saved) {
    if (placed) placed->take_back();
    return std::unexpected(saved.error());
  }
  written.saved = *std::move(saved);
  if (placed) {
    written.key_path = placed->saved().path;
    for (const core::Warning& warning : placed->saved().warnings)
      written.warnings.push_back(warning);
  }
  if (order_.setup.removes_oauth_tokens) written.removed_tokens = io::remove_oauth_tokens(qwen_dir);
  return written;
}

void Commit::written(Result<Written> result) {
  if (!result) return answer(std::unexpected(result.error()));
  written_ = *std::move(result);
  target_ = std::move(written_->target);
  log_later("saved " + written_->saved.path + (written_->saved.changed ? "" : " (unchanged)"));
  sync();
  if (verdict_before_) return report(*verdict_before_);
  if (order_.params.check == "none") return report(unchecked("", "The key was not checked."));
  if (cancelled_) return report(unchecked("cancelled", "The check was cancelled."));
  if (target_.key.empty() && order_.setup.selection)
    return report(unchecked(
        "E105",
        "No key is set that may go to the model's host without asking: nothing was checked."));
  check([self = shared_from_this()](core::Verdict verdict) { self->report(std::move(verdict)); });
}

// The key is in the overlay before the check uses it (PRD, Process env sync).
void Commit::sync() {
  const io::Saved& saved = written_->saved;
  const bool has_key = !order_.setup.key.empty() && order_.setup.key_store != "command";
  if (has_key && services_.overlay.set(written_->env_key, order_.setup.key.clone()))
    synced_ = {written_->env_key};
  services_.publish_saved(saved);
  if (!synced_.empty()) services_.publish("env", "env.changed", {{"names", synced_}});
}

core::Verdict Commit::unchecked(const char* code, const char* message) const {
  return core::not_tested(target_, code, message);
}

void Commit::check(std::function<void(core::Verdict)> then) {
  if (!services_.checker.has_room()) {
    // Nothing is written yet where the check was to come first: then it is an error, to be retried.
    if (!written_)
      return answer(std::unexpected(Error{ErrorKind::busy,
                                          "Too many checks are running already.",
                                          {},
                                          "Try again in a moment.",
                                          {{"retryable", true}}}));
    return then(unchecked("busy", "Too many checks are running already."));
  }
  const bool with_progress = progress_.is_wanted();
  const std::chrono::milliseconds timeout(with_progress ? limits::check_timeout_with_progress_ms
                                                        : limits::check_timeout_ms);
  check_begun_ = std::chrono::steady_clock::now();
  running_check_ = services_.checker.start(
      target_.clone(), order_.environment, timeout,
      [self = shared_from_this(), then = std::move(then)](core::Verdict verdict) {
        self->running_check_.reset();
        self->timer_.cancel();
        then(std::move(verdict));
      });
  progress_.report("Asking " + core::parse_url(target_.base_url).host);
  if (with_progress) tick();
}

void Commit::tick() {
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& stopped) {
    const auto self = weak.lock();
    if (stopped || !self || !self->running_check_) return;
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::steady_clock::now() - self->check_begun_)
                            .count();
    self->progress_.report("Waiting for " + core::parse_url(self->target_.base_url).host + ", " +
                           std::to_string(waited) + " s (a local model may still be loading)");
    self->tick();
  });
}

void Commit::report(core::Verdict verdict) {
  using core::VerdictState;
  const bool accepted = verdict.state == VerdictState::accepted;
  const bool closed = accepted || (verdict.state == VerdictState::not_tested && !cancelled_ &&
                                   verdict.code.empty());
  if (!accepted && verdict.state != VerdictState::not_tested)
    verdict.hints = {"Base URL is compatible with the selected protocol",
                     "API key is valid for this endpoint", "Model ID exists for this provider"};
  std::string message = success_message(order_.setup);
  if (verdict.state == VerdictState::not_tested)
    message = "Settings saved. The key was not checked.";
  else if (!accepted)
    message = "Failed to authenticate. Message: " + verdict.message;
  Json notes = Json::array();
  const bool useful = accepted || verdict.state == VerdictState::accepted_but ||
                      verdict.state == VerdictState::not_tested;
  if (useful && written_ && written_->saved.changed) notes.push_back(restart_note);
  if (written_)
    for (const core::Warning& warning : written_->warnings) notes.push_back(warning.message);
  if (written_ && order_.setup.key_store == "command" && !order_.setup.selection)
    notes.push_back("The key is kept nowhere: start Qwen Code with `qwen-authctl exec -- qwen`.");
  if (written_ && written_->removed_tokens)
    notes.push_back("The cached tokens of Qwen OAuth were removed.");
  if (verdict.observed.value("streamed", true) == false)
    notes.push_back("The provider answered without streaming; Qwen Code needs a streamed answer.");
  Json result = {{"saved", written_ ? wire::saved(written_->saved) : Json()},
                 {"synced", synced_},
                 {"auth", wire::verdict(verdict)},
                 {"message", message},
                 {"notes", std::move(notes)},
                 {"closed", closed},
                 {"judgedBy", order_.environment.judged_by()}};
  if (written_ && !written_->key_path.empty()) result["keyPath"] = written_->key_path;
  if (closed) result["tip"] = tip;
  log_later("check of " + core::parse_url(verdict.base_url).host + ": " +
            std::string(core::verdict_state_name(verdict.state)) +
            (verdict.code.empty() ? "" : " " + verdict.code));
  if (verdict.state == core::VerdictState::rejected && running_key_name_)
    services_.key_commands.refused(*running_key_name_, core::fingerprint(target_.key.reveal()));
  services_.publish("auth", "auth.changed", {{"state", core::verdict_state_name(verdict.state)}});
  answer(std::move(result));
}

void Commit::log_later(std::string line) {
  asio::post(services_.io, [&log = services_.log, line = std::move(line)] { log.info(line); });
}

void Commit::answer(Result<Json> result) {
  progress_.end(result ? "Done" : "Failed");
  if (Done done = std::exchange(done_, nullptr)) done(std::move(result));
}

}  // namespace authd
