#include "daemon/wizard_service.hpp"

#include <sys/random.h>

#include "daemon/commit.hpp"
#include "daemon/core/oauth.hpp"
#include "daemon/io/oauth_tokens.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

constexpr std::string_view session_result = "State: the session and the step to draw";

std::string new_session_id() {
  unsigned char bytes[16] = {};
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw std::runtime_error("no random bytes");
  std::string id;
  for (const unsigned char byte : bytes) {
    id += "0123456789abcdef"[byte >> 4U];
    id += "0123456789abcdef"[byte & 15U];
  }
  return id;
}

// What the files say before anything is written. Errors become warnings here: only preview and
// commit fail on the state of a file.
std::vector<core::Warning> file_warnings(io::SettingsStore& store,
                                         const core::Environment& environment,
                                         const SetupOrder& order, bool at_review) {
  const auto made = plan_setup(order, store, environment, {.for_preview = true});
  if (!made) return {{"F801", "file.unparseable", order.review_step, made.error().message}};
  return at_review ? made->plan.warnings : std::vector<core::Warning>();
}

core::OauthFindings what_is_left_of_oauth(io::SettingsStore& store,
                                          const core::Environment& environment) {
  const core::Surroundings here = io::load_surroundings(store, environment);
  const auto models =
      core::configured_models(here.files, environment, core::rules_of(here.version), here.dotenvs);
  const auto tokens = io::read_oauth_tokens(core::parent_folder(here.files.user.path));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return core::oauth_findings(tokens,
                              std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                              here.files, models);
}

// Before there are answers, a stand-in tells whether the file could be written at all. Its
// protocol is one that no file has, so that no list of another one is complained about.
SetupOrder answered_or_sample(SetupOrder order, bool at_review) {
  if (at_review) return order;
  core::Installation& installation = order.installation;
  if (installation.protocol.empty()) installation.protocol = "none";
  installation.base_url = "https://example.com/v1";
  installation.model_ids = {"model"};
  return order;
}

}  // namespace

void WizardService::bind(rpc::Dispatcher& dispatcher) {
  dispatcher.bind<NoParams>(
      {"wizard.flows", "The flows that can be started", "{flows: [{id, title, description}]}"},
      [](NoParams, rpc::Peer&) -> Result<Json> { return wire::flows(core::wizard_flows()); });
  dispatcher.bind_later<WizardStart>(
      {"wizard.start", "Opens a wizard session", session_result},
      [this](WizardStart p, rpc::Request r) { start(std::move(p), std::move(r)); });
  dispatcher.bind_later<WizardSubmitStep>(
      {"wizard.submitStep", "Answers the current step", session_result},
      [this](WizardSubmitStep p, rpc::Request r) { submit(std::move(p), std::move(r)); });
  dispatcher.bind_later<WizardAmend>(
      {"wizard.amend", "Replaces an earlier answer, as a suggestion does", session_result},
      [this](WizardAmend p, rpc::Request r) { amend(std::move(p), std::move(r)); });
  dispatcher.bind_later<WizardSession>(
      {"wizard.back", "One step back; at the very first step closes", session_result},
      [this](WizardSession p, rpc::Request r) { back(std::move(p), std::move(r)); });
  dispatcher.bind_later<WizardSession>(
      {"wizard.state", "The session as it stands", session_result},
      [this](WizardSession p, rpc::Request r) { state(std::move(p), std::move(r)); });
  dispatcher.bind<WizardSession>(
      {"wizard.cancel", "Closes a session; nothing is saved", "{closed: true}"},
      [this](WizardSession p, rpc::Peer&) { return cancel(p); });
  dispatcher.bind<NoParams>({"wizard.list", "The open sessions, without their secrets",
                             "{sessions: [{sessionId, flow, step}]}"},
                            [this](NoParams, rpc::Peer&) { return list(); });
  dispatcher.bind_later<WizardPreview>(
      {"wizard.preview", "What a commit would write, secrets masked",
       "{scope, path, exists, etag, envKey, patch, text, diff, request, warnings}"},
      [this](WizardPreview p, rpc::Request r) { preview(std::move(p), std::move(r)); });
  dispatcher.bind_later<WizardCommit>(
      {"wizard.commit", "Saves, syncs the environment, then checks the key",
       "{saved, synced, auth, message, tip?, notes, closed}"},
      [this](WizardCommit p, rpc::Request r) { commit(std::move(p), std::move(r)); });
}

std::size_t WizardService::live_sessions() {
  const auto oldest =
      std::chrono::steady_clock::now() - std::chrono::seconds(limits::session_idle_s);
  std::erase_if(sessions_, [&](const auto& entry) {
    return entry.second->used < oldest && !entry.second->committing;
  });
  return sessions_.size();
}

Result<WizardService::SessionPtr> WizardService::find(const std::string& id) {
  live_sessions();
  const auto found = sessions_.find(id);
  if (found == sessions_.end())
    return fail(ErrorKind::unknown_session, "There is no such wizard session, or it has expired.",
                "sessionId", "Call wizard.start for a new one.");
  found->second->used = std::chrono::steady_clock::now();
  return found->second;
}

void WizardService::start(WizardStart params, rpc::Request request) {
  if (live_sessions() >= limits::sessions_max) {
    Error error{ErrorKind::busy,
                "Too many wizard sessions are open.",
                {},
                "Cancel one, then try again.",
                {{"retryable", true}}};
    return request.reply(std::unexpected(std::move(error)));
  }
  if ((params.key_store == "command") != !params.key_command.empty())
    return request.reply(fail(ErrorKind::invalid_input,
                              "keyStore \"command\" and keyCommand belong together.",
                              "keyCommand"));
  KeyStore key_store{std::move(params.key_store), std::move(params.key_command)};
  if (key_store.kind == "command") {
    // Which variable it is for turns out later.
    auto ok = core::acceptable_key_command("KEY", {.command = key_store.command});
    if (!ok) return request.reply(std::unexpected(ok.error()));
  }
  auto wizard = core::Wizard::start(params.flow, key_store.kind == "command");
  if (!wizard) return request.reply(std::unexpected(wizard.error()));
  if (auto environment = core::judging_environment(params.context, services_.environment);
      !environment)
    return request.reply(std::unexpected(environment.error()));
  const auto session = std::make_shared<Session>(
      Session{new_session_id(), *std::move(wizard), params.scope, std::move(key_store),
              std::move(params.context), std::chrono::steady_clock::now()});
  sessions_.emplace(session->id, session);
  answer_state(session, std::move(request));
}

void WizardService::submit(WizardSubmitStep params, rpc::Request request) {
  const auto session = find(params.session_id);
  if (!session) return request.reply(std::unexpected(session.error()));
  if (auto ok = (*session)->wizard.submit(params.step, std::move(params.value)); !ok)
    return request.reply(std::unexpected(ok.error()));
  publish_step(**session);
  answer_state(*session, std::move(request));
}

void WizardService::amend(WizardAmend params, rpc::Request request) {
  const auto session = find(params.session_id);
  if (!session) return request.reply(std::unexpected(session.error()));
  if (auto ok = (*session)->wizard.amend(params.step, std::move(params.value)); !ok)
    return request.reply(std::unexpected(ok.error()));
  answer_state(*session, std::move(request));
}

void WizardService::back(WizardSession params, rpc::Request request) {
  const auto session = find(params.session_id);
  if (!session) return request.reply(std::unexpected(session.error()));
  if (!(*session)->wizard.back()) {
    sessions_.erase(params.session_id);
    return request.reply(Json{{"closed", true}});
  }
  publish_step(**session);
  answer_state(*session, std::move(request));
}

void WizardService::state(WizardSession params, rpc::Request request) {
  const auto session = find(params.session_id);
  if (!session) return request.reply(std::unexpected(session.error()));
  answer_state(*session, std::move(request));
}

Result<Json> WizardService::cancel(const WizardSession& params) {
  const auto session = find(params.session_id);
  if (!session) return std::unexpected(session.error());
  if ((*session)->committing) (*session)->cancel_commit();
  sessions_.erase(params.session_id);
  return Json{{"closed", true}};
}

Result<Json> WizardService::list() {
  live_sessions();
  Json list = Json::array();
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [id, session] : sessions_) {
    const auto idle = std::chrono::duration_cast<std::chrono::seconds>(now - session->used);
    list.push_back({{"sessionId", id},
                    {"flow", session->wizard.flow()},
                    {"step", session->wizard.step_id()},
                    {"idleSeconds", idle.count()}});
  }
  return Json{{"sessions", std::move(list)}};
}

void WizardService::publish_step(const Session& session) {
  services_.publish("wizard", "wizard.changed",
                    {{"sessionId", session.id}, {"step", session.wizard.step_id()}});
}

void WizardService::answer_state(const SessionPtr& session, rpc::Request request) {
  auto environment = core::judging_environment(session->context, services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  if (session->wizard.flow() != "qwen-oauth")
    return answer_view(*session, *std::move(environment), std::move(request));
  // What its steps show and offer is in files.
  services_.settings.run(
      [environment = *environment](io::SettingsStore& store) -> Result<core::OauthFindings> {
        return what_is_left_of_oauth(store, environment);
      },
      [this, session, environment = *environment,
       request = std::move(request)](Result<core::OauthFindings> findings) mutable {
        if (findings) session->wizard.learn(*std::move(findings));
        answer_view(*session, std::move(environment), std::move(request));
      });
}

void WizardService::answer_view(const Session& session, core::Environment environment,
                                rpc::Request request) {
  // Drawn now: a later request may move the session before the files have been looked at.
  wire::StateOf state{session.id, session.wizard.flow(), session.wizard.view(),
                      session.wizard.can_go_back(), environment.judged_by()};
  const bool at_review = session.wizard.at_review();
  const bool installs = session.wizard.flow() != "qwen-oauth" || at_review;
  if (session.wizard.review_step().empty() || !installs) return request.reply(wire::state(state));
  services_.settings.run(
      [environment = std::move(environment),
       order = answered_or_sample(setup_order(session.wizard, session.scope, session.key_store),
                                  at_review),
       at_review](io::SettingsStore& store) -> Result<std::vector<core::Warning>> {
        return file_warnings(store, environment, order, at_review);
      },
      [state = std::move(state),
       request = std::move(request)](Result<std::vector<core::Warning>> warnings) mutable {
        for (core::Warning& warning : warnings.value_or(std::vector<core::Warning>()))
          state.view.warnings.push_back(std::move(warning));
        request.reply(wire::state(state));
      });
}

std::function<void()> WizardService::endpoint_of(const std::string& session_id, Endpoint then) {
  const auto nothing = [] {};
  const auto found = find(session_id);
  if (!found) return then(std::unexpected(found.error())), nothing;
  const Session& session = **found;
  const core::Installation wanted = session.wizard.installation();
  core::ProbeTarget target{wanted.protocol, wanted.base_url, {}, {}};
  target.is_base_url_typed = true;
  const bool runs_command = session.key_store.kind == "command";
  if (wanted.base_url.empty() || (session.wizard.api_key().empty() && !runs_command)) {
    then(std::unexpected(Error{ErrorKind::wrong_step,
                               "Base URL and key have not been answered yet.",
                               "sessionId",
                               "Ask at the step of the model IDs.",
                               {{"current", session.wizard.step_id()}}}));
    return nothing;
  }
  auto environment = core::judging_environment(session.context, services_.environment);
  if (!environment) return then(std::unexpected(environment.error())), nothing;
  if (!runs_command) {
    target.key = Secret(session.wizard.api_key());
    return then(std::move(target)), nothing;
  }
  const auto ticket = services_.key_commands.ask(
      {session.id, {.command = session.key_store.command}, *std::move(environment)},
      KeyCommands::Use::kept,
      [target = std::move(target),
       then = std::move(then)](Result<KeyCommands::Answer> answer) mutable {
        if (!answer) return then(std::unexpected(answer.error()));
        target.key = std::move(answer->key);
        then(std::move(target));
      });
  return [this, ticket] { services_.key_commands.cancel(ticket); };
}

namespace {

Error not_at_review(const core::Wizard& wizard) {
  return Error{ErrorKind::wrong_step,
               "There is nothing to save yet: the current step is " + wizard.step_id() + ".",
               "step",
               "Answer the remaining steps first.",
               {{"current", wizard.step_id()}}};
}

}  // namespace

void WizardService::preview(WizardPreview params, rpc::Request request) {
  const auto found = find(params.session_id);
  if (!found) return request.reply(std::unexpected(found.error()));
  const Session& session = **found;
  if (!session.wizard.at_review())
    return request.reply(std::unexpected(not_at_review(session.wizard)));
  auto environment =
      core::judging_environment(params.context.value_or(session.context), services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  services_.settings.run(
      [environment = *std::move(environment),
       order = setup_order(session.wizard, session.scope, session.key_store),
       warnings = session.wizard.warnings(),
       repair = params.repair](io::SettingsStore& store) mutable -> Result<Json> {
        auto made = plan_setup(order, store, environment, {.repair = repair, .for_preview = true});
        if (!made) return std::unexpected(made.error());
        const core::InstallationPlan& plan = made->plan;
        warnings.insert(warnings.end(), plan.warnings.begin(), plan.warnings.end());
        const core::ProbeTarget& asked = made->target;
        const std::string url = core::probe_url(asked.protocol, asked.base_url, asked.model);
        return wire::preview(plan, url, made->dotenv ? made->dotenv->path : std::string(), warnings,
                             environment.judged_by());
      },
      [request = std::move(request)](Result<Json> result) mutable {
        request.reply(std::move(result));
      });
}

void WizardService::commit(WizardCommit params, rpc::Request request) {
  const auto found = find(params.session_id);
  if (!found) return request.reply(std::unexpected(found.error()));
  const SessionPtr session = *found;
  if (session->committing) {
    Error error{ErrorKind::busy,
                "This session is being committed already.",
                "sessionId",
                "Wait for the answer.",
                {{"retryable", true}}};
    return request.reply(std::unexpected(std::move(error)));
  }
  if (!session->wizard.at_review())
    return request.reply(std::unexpected(not_at_review(session->wizard)));
  auto environment =
      core::judging_environment(params.context.value_or(session->context), services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  session->committing = true;
  CommitOrder order{setup_order(session->wizard, session->scope, session->key_store),
                    *std::move(environment), std::move(params)};
  auto cancel =
      Commit::run(services_, std::move(order), request,
                  [this, session, reply = std::move(request.reply)](Result<Json> result) mutable {
                    session->committing = false;
                    session->used = std::chrono::steady_clock::now();
                    if (result && result->value("closed", false)) sessions_.erase(session->id);
                    reply(std::move(result));
                  });
  session->cancel_commit = std::move(cancel);
}

}  // namespace authd
