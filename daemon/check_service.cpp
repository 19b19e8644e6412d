#include "daemon/check_service.hpp"

#include "daemon/core/url.hpp"
#include "daemon/io/key_file.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire_check.hpp"
#include "daemon/wire_environment.hpp"

namespace authd {
namespace {

Result<core::CheckQuestion> question_of(AuthCheck& params) {
  core::CheckQuestion question;
  question.depth = core::depth_named(params.depth);
  question.consented_hosts = params.consent.hosts;
  if (params.model && params.endpoint)
    return fail(ErrorKind::invalid_input, "model and endpoint exclude each other.", "model");
  if (params.model)
    question.model =
        core::Selected{params.model->protocol, params.model->id, params.model->base_url};
  if (params.endpoint) {
    CheckEndpoint& endpoint = *params.endpoint;
    question.endpoint = core::CheckQuestion::Endpoint{endpoint.protocol, endpoint.base_url,
                                                      std::move(endpoint.api_key), endpoint.env_key,
                                                      endpoint.model_id};
  }
  return question;
}

struct Found {
  core::CheckSubject subject;
  core::Secrets secrets;  // of the place: no answer shows one
  bool key_has_command = false;
};

Result<Found> look_for_subject(io::SettingsStore& store, const core::CheckQuestion& question,
                               const core::Environment& environment, const std::string& key_file) {
  const core::Surroundings here = io::load_surroundings(store, environment);
  auto subject = core::check_subject(question, here, environment);
  if (!subject) return std::unexpected(subject.error());
  Found found{*std::move(subject),
              wire::secrets_at({here, environment, core::rules_of(here.version)}), false};
  found.secrets.learn(std::string(found.subject.target.key.reveal()));
  if (found.subject.target.key.empty() && !found.subject.key_name.empty())
    if (const auto commands = io::read_key_file(key_file))
      found.key_has_command = commands->contains(found.subject.key_name);
  return found;
}

}  // namespace

void CheckService::bind(rpc::Dispatcher& dispatcher) {
  dispatcher.bind_later<AuthCheck>(
      {"auth.check", "Checks a key, a model or its tools, as Qwen Code would use them",
       "{state, code?, message, hints, proven?, request: {method, url}, httpStatus?, latencyMs, "
       "model, provider: {protocol, baseUrl}, observed, depth, firstTokenMs?, attempts, control?: "
       "{state, httpStatus?}, key?: {masked, fingerprint, name?, source?}, siblings?, sweep?, "
       "switch?: {baseUrl, envKey, label, fix?}, fix?: {id, kind, title, preview}, cliVersion, "
       "cliVersionFrom, judgedBy}"},
      [this](AuthCheck params, rpc::Request request) {
        check(std::move(params), std::move(request));
      });
}

void CheckService::check(AuthCheck params, rpc::Request received) {
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return received.reply(std::unexpected(environment.error()));
  auto question = question_of(params);
  if (!question) return received.reply(std::unexpected(question.error()));
  const auto request = std::make_shared<rpc::Request>(std::move(received));
  // Until the settings are read there is nothing to stop yet.
  const auto withdrawn = std::make_shared<bool>(false);
  request->cancellation->on_request([withdrawn] { *withdrawn = true; });
  const auto hosts = question->consented_hosts;
  services_.settings.run(
      [environment = *environment, key_file = services_.key_commands.path(),
       question = *std::move(question)](io::SettingsStore& store) {
        return look_for_subject(store, question, environment, key_file);
      },
      [this, environment = *environment, token = std::move(params.work_done_token), hosts,
       withdrawn, request](Result<Found> found) mutable {
        if (*withdrawn)
          return request->reply(fail(ErrorKind::cancelled, "The check was cancelled."));
        if (!found) return request->reply(std::unexpected(found.error()));
        const wire::CheckedBy by{found->subject.version.text(), found->subject.version_from,
                                 environment.judged_by()};
        const Progress progress{request->peer, std::move(token)};
        progress.begin("Checking " + core::parse_url(found->subject.target.base_url).host);
        const auto secrets = std::make_shared<core::Secrets>(std::move(found->secrets));
        const auto reply = [this, request, secrets, by, progress,
                            environment](Result<CheckReport> report) mutable {
          progress.end(report ? "Done" : "Failed");
          if (!report) return request->reply(std::unexpected(report.error()));
          Json json = wire::check(*report, by);
          wire::hide(json, *secrets);
          if (report->fix)
            wire::give_fix_id(json,
                              services_.fixes.add(*std::move(report->fix), std::move(environment)));
          request->reply(std::move(json));
        };
        // It goes with what is cancelled.
        const auto cancellation = request->cancellation;
        cancellation->on_request(CheckRun::run(services_,
                                               {std::move(found->subject), std::move(environment),
                                                std::move(hosts), found->key_has_command, progress},
                                               std::move(reply)));
      });
}

}  // namespace authd
