#include "daemon/doctor_service.hpp"

#include <algorithm>
#include <cstring>

#include "daemon/check_run.hpp"
#include "daemon/core/doctor.hpp"
#include "daemon/core/doctor_answers.hpp"
#include "daemon/core/fix_plan.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/url.hpp"
#include "daemon/io/doctor_facts.hpp"
#include "daemon/io/dotenv_file.hpp"
#include "daemon/io/host_facts.hpp"
#include "daemon/io/surroundings.hpp"
#include "daemon/wire_check.hpp"
#include "daemon/wire_doctor.hpp"
#include "daemon/wire_environment.hpp"
#include "protocol/limits.hpp"

namespace authd {

// What the settings thread found.
struct DoctorExamined {
  std::vector<core::Finding> findings;
  core::Secrets secrets;
  Json place;
  std::string cli_version, cli_version_from;
  core::CheckSubject subject;  // of a probe
  bool key_has_command = false;
};

namespace {

constexpr int report_schema = 1;
// Of this one the look at processes and shell histories is left out, unless it is asked for.
constexpr std::string_view looked_for_in_processes = "S902";

bool wants(const std::vector<std::string>& only, std::string_view code) {
  return only.empty() || std::ranges::find(only, code) != only.end();
}

struct Wanted {
  core::Environment environment, daemon;
  core::Variables overlay;
  std::string key_file;
  bool looks_for_traces = false;
  bool with_probe = false;
  std::vector<std::string> consented_hosts;
};

DoctorExamined examine(io::SettingsStore& store, const Wanted& wanted) {
  const core::Surroundings here = io::load_surroundings(store, wanted.environment);
  const core::CliVersion other = core::other_version(here.version);
  const core::Surroundings there = io::load_surroundings(store, wanted.environment, other);
  const core::CliRules rules = core::rules_of(here.version);
  io::DoctorFacts facts =
      io::doctor_facts(store, here, wanted.environment, wanted.key_file, wanted.looks_for_traces);
  core::DoctorInput input{here, wanted.environment, rules, wanted.daemon};
  input.others = &there;
  input.other_rules = core::rules_of(other);
  input.overlay = wanted.overlay;
  input.commands = facts.commands;
  input.key_file_trouble = std::move(facts.key_file_trouble);
  input.paths = std::move(facts.paths);
  input.dotenv_texts = std::move(facts.dotenv_texts);
  input.backups = std::move(facts.backups);
  input.lossy_writes = std::move(facts.lossy_writes);
  input.exports = std::move(facts.exports);
  input.traces = std::move(facts.traces);
  input.stale_sessions = std::move(facts.stale_sessions);
  input.authority_files = std::move(facts.authority_files);
  input.has_oauth_tokens = facts.has_oauth_tokens;
  input.socket_trouble = std::move(facts.socket_trouble);
  const core::Resolution active = core::resolve(here, wanted.environment, rules);
  DoctorExamined examined;
  examined.findings = core::diagnose(input);
  examined.secrets = wire::secrets_at({here, wanted.environment, rules});
  examined.secrets.learn(std::string(active.key.reveal()));
  for (const core::ConfiguredModel& model :
       core::configured_models(here.files, wanted.environment, rules, here.dotenvs))
    if (core::credentials_in(model.env_key).size() == 1) examined.secrets.learn(model.env_key);
  examined.place = {{"cwd", wanted.environment.cwd ? Json(*wanted.environment.cwd) : Json()},
                    {"home", wanted.environment.home},
                    {"qwenHome", core::parent_folder(here.files.user.path)}};
  examined.cli_version = here.version.text();
  examined.cli_version_from = here.version_from;
  if (!wanted.with_probe) return examined;
  // What an agent asks: with tools, which the model may use or not.
  core::CheckQuestion question;
  question.depth = core::ProbeDepth::tools;
  question.is_call_optional = true;
  question.consented_hosts = wanted.consented_hosts;
  examined.subject = *core::check_subject(question, here, wanted.environment);
  examined.key_has_command =
      examined.subject.target.key.empty() && facts.commands.contains(examined.subject.key_name);
  return examined;
}

// What the answers mean here; the model that was asked may have an entry to be mended.
std::vector<core::Finding> findings_at(io::SettingsStore& store,
                                       const core::Environment& environment,
                                       core::ProbeAnswers& answers) {
  const core::Surroundings here = io::load_surroundings(store, environment);
  const core::CliRules rules = core::rules_of(here.version);
  const core::Resolution active = core::resolve(here, environment, rules);
  const auto models = core::configured_models(here.files, environment, rules, here.dotenvs);
  std::optional<core::EntryFacts> entry;
  if (active.entry) entry.emplace(*active.entry, models, here.files);
  answers.entry = entry ? &*entry : nullptr;
  auto findings = core::findings_of(answers);
  answers.entry = nullptr;
  for (core::Finding& finding : findings)
    std::erase_if(finding.fixes,
                  [&](core::Fix& fix) { return !core::add_preview(fix, here.files, models); });
  return findings;
}

// A fix of a file that has no history.
Result<Json> mend_file(const core::Fix& fix) {
  if (const auto* mode = std::get_if<core::ChangeMode>(&fix.action)) {
    const auto former = io::change_mode(mode->path, mode->mode);
    if (!former)
      return std::unexpected(Error{
          ErrorKind::settings_not_writable,
          "Cannot change the mode of " + mode->path + ": " + std::strerror(former.error()) + ".",
          {},
          fix.command,
          {{"path", mode->path}}});
    if (*former == mode->mode)
      return std::unexpected(Error{ErrorKind::settings_conflict,
                                   mode->path + " is private already.",
                                   "fix",
                                   "Run the doctor again.",
                                   {{"path", mode->path}}});
    return Json{{"path", mode->path},
                {"changed", true},
                {"former", {{"mode", core::octal(*former)}}},
                {"undo", "chmod " + core::octal(*former) + " " + core::shell_quoted(mode->path)}};
  }
  const auto& edit = std::get<core::EditDotenv>(fix.action);
  const auto saved = io::set_dotenv({edit.path, false, {}}, edit.name, edit.value, &edit.was);
  if (!saved) return std::unexpected(saved.error());
  return Json{{"path", saved->path}, {"changed", saved->changed}, {"former", Json::object()}};
}

Error gone(const core::Plan& plan) {
  return {ErrorKind::settings_conflict,
          "What this would mend is not in " + plan.file.path + " any more.",
          "fix",
          "Run the doctor again.",
          {{"path", plan.file.path}, {"etag", plan.file.etag}}};
}

Result<core::Plan> plan_now(io::SettingsStore& store, const core::Environment& environment,
                            const core::Fix& fix, const std::optional<std::string>& etag) {
  core::Surroundings here = io::load_surroundings(store, environment);
  const core::CliRules rules = core::rules_of(here.version);
  const auto models = core::configured_models(here.files, environment, rules, here.dotenvs);
  core::SettingsFile& target = here.files.at(*core::scope_of(fix));
  target = store.read(target.scope, target.path);
  auto plan = core::plan_fix(fix, here.files, models);
  if (!plan && plan.error().kind == ErrorKind::unknown_model) {
    plan.error().kind = ErrorKind::settings_conflict;
    plan.error().data["path"] = target.path;
    plan.error().data["etag"] = target.etag;
  }
  if (!plan) return plan;
  if (auto ok = same_file(etag, *plan); !ok) return std::unexpected(ok.error());
  if (!plan->changed()) return std::unexpected(gone(*plan));
  return plan;
}

}  // namespace

// What is known of one examination so far. The check and the visit of the host run side by side.
struct DoctorService::Examination {
  DoctorRun params;
  rpc::Request request;
  Progress progress;
  core::Environment environment;
  DoctorExamined examined;
  std::vector<core::OpenCode> open;  // codes of answers that stay open
  Json siblings;                     // where the key could be tried, too
  Json consent;                      // what the probe lacks: {message, hosts}
  bool was_asked = false;

  CheckReport report;
  core::ProbeAnswers answers;
  int awaited = 0;
  std::function<void()> cancel_check;
  std::optional<Checker::Ticket> visit;
  bool is_over = false;
};

void DoctorService::bind(rpc::Dispatcher& dispatcher) {
  dispatcher.bind_later<DoctorRun>(
      {"doctor.run", "What is wrong here, and what mends it",
       "{findings: [{code, name, severity, title, message, cause, remedy, evidence, subject?, "
       "hides?, fix?: {id, kind: auto|ask|user, title, preview?, command?}, fixes?}], checked, "
       "skipped: [{code, reason}], summary: {errors, warnings, infos}, probe?: {state, message}, "
       "consent?: {message, hosts}, siblings?, cliVersion, cliVersionFrom, place: {cwd, home, "
       "qwenHome}, schema, judgedBy}"},
      [this](DoctorRun params, rpc::Request request) {
        run(std::move(params), std::move(request));
      });
  dispatcher.bind_later<DoctorFix>(
      {"doctor.fix", "Carries out a fix that doctor.run offered",
       "As `saved` of a commit, with done, keys and warnings; of other files {path, changed, done, "
       "former, undo?}"},
      [this](DoctorFix params, rpc::Request request) {
        fix(std::move(params), std::move(request));
      });
}

void DoctorService::run(DoctorRun params, rpc::Request request) {
  for (std::size_t i = 0; i < params.only.size(); ++i) {
    const Diagnosis* row = find_diagnosis(params.only[i]);
    const std::string field = "only[" + std::to_string(i) + "]";
    if (!row)
      return request.reply(fail(ErrorKind::invalid_input, "There is no such diagnosis.", field,
                                "`qwen-authctl why` lists the codes."));
    params.only[i] = row->code;
  }
  auto environment = core::judging_environment(params.context, services_.environment);
  if (!environment) return request.reply(std::unexpected(environment.error()));
  const auto examination = std::make_shared<Examination>();
  Wanted wanted{*environment,
                services_.environment,
                services_.overlay.missing_in(*environment),
                services_.key_commands.path(),
                !params.only.empty() && wants(params.only, looked_for_in_processes),
                params.probe,
                params.consent.hosts};
  examination->params = std::move(params);
  examination->request = std::move(request);
  examination->environment = *std::move(environment);
  examination->progress = {examination->request.peer, examination->params.work_done_token};
  examination->progress.begin("Looking at the settings");
  // It goes with what is cancelled.
  const auto cancellation = examination->request.cancellation;
  cancellation->on_request([this, weak = std::weak_ptr(examination)] {
    if (const auto self = weak.lock()) cancel(self);
  });
  services_.settings.run(
      [wanted =
           std::move(wanted)](io::SettingsStore& store) -> Result<std::shared_ptr<DoctorExamined>> {
        return std::make_shared<DoctorExamined>(examine(store, wanted));
      },
      [this, examination](Result<std::shared_ptr<DoctorExamined>> examined) {
        if (examination->is_over) return;
        if (!examined) return refuse(examination, examined.error());
        examination->examined = std::move(**examined);
        ask(examination);
      });
}

void DoctorService::cancel(const Shared& examination) {
  if (std::exchange(examination->is_over, true)) return;
  if (examination->cancel_check) examination->cancel_check();
  if (examination->visit) services_.checker.cancel(*examination->visit);
  examination->progress.end("Failed");
  examination->request.reply(fail(ErrorKind::cancelled, "The examination was cancelled."));
}

void DoctorService::refuse(const Shared& examination, const Error& error) {
  examination->is_over = true;
  examination->progress.end("Failed");
  examination->request.reply(std::unexpected(error));
}

// Every code that takes an answer stays open.
void DoctorService::answer_unasked(const Shared& examination, const std::string& reason) {
  for (const std::string_view code : core::answer_codes())
    examination->open.push_back({code, reason});
  answer(examination);
}

void DoctorService::ask(const Shared& examination) {
  if (!examination->params.probe)
    return answer_unasked(examination, "It takes an answer of the provider: ask with probe.");
  DoctorExamined& examined = examination->examined;
  core::CheckSubject& subject = examined.subject;
  if (subject.consent_needed) {
    const Error& needed = *subject.consent_needed;
    examination->consent = {{"message", needed.message}, {"hosts", needed.data["hosts"]}};
    return answer_unasked(examination,
                          needed.message + " It is asked once consent.hosts names the host.");
  }
  const bool has_key = !subject.target.key.empty() || examined.key_has_command;
  examination->awaited = 1;
  if (subject.obstacle.empty() && has_key && services_.checker.has_room()) visit(examination);
  CheckOrder order{std::move(subject), examination->environment, examination->params.consent.hosts,
                   examined.key_has_command, examination->progress};
  examination->cancel_check =
      CheckRun::run(services_, std::move(order), [this, examination](Result<CheckReport> report) {
        if (examination->is_over) return;
        if (!report) {
          examination->answers.verdict.message = report.error().message;
        } else {
          examination->report = *std::move(report);
          examination->answers.verdict = std::move(examination->report.verdict);
        }
        heard(examination);
      });
}

void DoctorService::visit(const Shared& examination) {
  const core::ProbeTarget& target = examination->examined.subject.target;
  ++examination->awaited;
  examination->visit = services_.checker.reach(
      {target.base_url, target.is_base_url_typed}, examination->environment,
      std::chrono::milliseconds(limits::connect_timeout_ms),
      [this, examination](core::Reach reach) {
        examination->visit.reset();
        const bool is_refused = reach.is_loopback() && !reach.works_directly();
        examination->answers.reach = std::move(reach);
        if (is_refused) return look_at_host(examination);
        heard(examination);
      });
}

// Whether a machine that this one is a guest of has what the loopback has not.
void DoctorService::look_at_host(const Shared& examination) {
  services_.settings.run(
      [](io::SettingsStore&) { return Result<core::HostFacts>(io::load_host_facts()); },
      [this, examination](Result<core::HostFacts> host) {
        if (examination->is_over) return;
        if (!host) return heard(examination);
        examination->answers.host = *std::move(host);
        const std::string& gateway = examination->answers.host.default_gateway;
        const bool is_guest =
            examination->answers.host.is_wsl || !examination->answers.host.container.empty();
        if (!is_guest || gateway.empty()) return heard(examination);
        const core::Reach& reach = *examination->answers.reach;
        const core::Url url = core::parse_url(reach.url);
        examination->visit = services_.checker.reach(
            {url.scheme + "://" + gateway + ":" + reach.port + url.path, false},
            examination->environment, std::chrono::milliseconds(limits::connect_timeout_ms),
            [this, examination](core::Reach of_gateway) {
              examination->visit.reset();
              examination->answers.gateway = std::move(of_gateway);
              heard(examination);
            });
      });
}

// The check and the visit came back: what they mean is thought out on the settings thread, as is
// all that may edit a file to show what an edit would be.
void DoctorService::heard(const Shared& examination) {
  if (--examination->awaited > 0) return;
  examination->was_asked = true;
  CheckReport& report = examination->report;
  core::ProbeAnswers& answers = examination->answers;
  answers.subject = report.key_name.empty() ? "security.auth.apiKey" : report.key_name;
  if (!report.key.empty())
    answers.key_shown =
        report.key.masked() + ", fingerprint " + core::fingerprint(report.key.reveal());
  answers.key_where = report.key_source;
  answers.siblings = report.siblings.size();
  answers.sweep = std::move(report.sweep);
  answers.fix = std::move(report.fix);
  examination->open = core::open_codes(answers);
  if (answers.sweep.size() < answers.siblings)
    examination->siblings = wire::siblings(report.siblings);
  services_.settings.run(
      [examination](io::SettingsStore& store) -> Result<std::vector<core::Finding>> {
        return findings_at(store, examination->environment, examination->answers);
      },
      [this, examination](Result<std::vector<core::Finding>> findings) {
        if (examination->is_over) return;
        if (!findings) return refuse(examination, findings.error());
        DoctorExamined& examined = examination->examined;
        examined.findings =
            core::arranged(core::joined(std::move(examined.findings), *std::move(findings)));
        answer(examination);
      });
}

void DoctorService::answer(const Shared& examination) {
  DoctorExamined& examined = examination->examined;
  const std::vector<std::string>& only = examination->params.only;
  Json findings = Json::array(), checked = Json::array();
  std::size_t counts[3] = {};
  for (core::Finding& finding : examined.findings) {
    if (!wants(only, finding.code)) continue;
    ++counts[static_cast<std::size_t>(finding.weight())];
    std::vector<std::string> ids(finding.fixes.size());
    Json json = wire::finding(finding, ids);
    wire::hide(json, examined.secrets);
    for (std::size_t i = 0; i < finding.fixes.size(); ++i) {
      const std::string id =
          services_.fixes.add(std::move(finding.fixes[i]), examination->environment);
      (i == 0 ? json["fix"] : json["fixes"][i - 1])["id"] = id;
    }
    findings.push_back(std::move(json));
  }
  Json skipped = Json::array();
  for (const Diagnosis& row : diagnoses()) {
    if (!wants(only, row.code)) continue;
    const auto is_in = [&](std::span<const std::string_view> codes) {
      return std::ranges::find(codes, row.code) != codes.end();
    };
    const auto open = std::ranges::find(examination->open, row.code, &core::OpenCode::code);
    if (only.empty() && row.code == looked_for_in_processes) continue;  // told below
    if (is_in(core::static_codes()))
      checked.push_back(row.code);
    else if (open != examination->open.end())
      skipped.push_back({{"code", row.code}, {"reason", open->reason}});
    else if (is_in(core::answer_codes()))
      checked.push_back(row.code);
  }
  if (only.empty())
    skipped.push_back(
        {{"code", looked_for_in_processes},
         {"reason", "Processes and shell histories are looked at only if `only` names it."}});
  wire::hide(skipped, examined.secrets);
  Json result{{"findings", std::move(findings)},
              {"checked", std::move(checked)},
              {"skipped", std::move(skipped)},
              {"summary", {{"errors", counts[0]}, {"warnings", counts[1]}, {"infos", counts[2]}}},
              {"cliVersion", examined.cli_version},
              {"cliVersionFrom", examined.cli_version_from},
              {"place", std::move(examined.place)},
              {"schema", report_schema},
              {"judgedBy", examination->environment.judged_by()}};
  if (examination->params.probe) {
    const core::Verdict& verdict = examination->answers.verdict;
    result["probe"] = {{"state", core::verdict_state_name(verdict.state)},
                       {"message", verdict.message}};
    wire::hide(result["probe"], examined.secrets);
  }
  if (!examination->consent.is_null()) result["consent"] = std::move(examination->consent);
  if (!examination->siblings.is_null()) result["siblings"] = std::move(examination->siblings);
  examination->is_over = true;
  examination->progress.end("Done");
  examination->request.reply(std::move(result));
}

void DoctorService::fix(DoctorFix params, rpc::Request request) {
  const auto entry = services_.fixes.find(params.fix);
  if (!entry)
    return request.reply(fail(ErrorKind::unknown_fix, "There is no such fix, or it is forgotten.",
                              "fix", "Run the doctor again."));
  core::Environment environment = entry->environment;
  if (std::holds_alternative<std::monostate>(entry->fix.action))
    return request.reply(fail(ErrorKind::invalid_input,
                              "Only you can do this: " + entry->fix.title + ".", "fix",
                              entry->fix.command));
  write_settings(
      services_,
      [entry, environment = std::move(environment),
       etag = params.etag](io::SettingsStore& store) -> Result<Written> {
        const core::Fix& wanted = entry->fix;
        if (!core::scope_of(wanted)) {
          auto mended = mend_file(wanted);
          if (!mended) return std::unexpected(mended.error());
          (*mended)["done"] = wanted.title;
          return Written{{}, *std::move(mended)};
        }
        std::vector<core::Warning> warnings;
        auto saved = store.change({"doctor.fix"}, [&]() -> Result<core::Plan> {
          auto plan = plan_now(store, environment, wanted, etag);
          if (plan) warnings = plan->warnings;
          return plan;
        });
        if (!saved) return std::unexpected(saved.error());
        Json result = wire::saved(*saved);
        result["done"] = wanted.title;
        result["warnings"] = wire::warnings(warnings);
        return Written{{*std::move(saved)}, std::move(result)};
      },
      std::move(request));
}

}  // namespace authd
