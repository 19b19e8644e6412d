#include "client/doctor_command.hpp"

#include <set>

#include "client/asking.hpp"
#include "client/daemon_call.hpp"
#include "client/doctor_view.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/standard_input.hpp"
#include "client/sweep_consent.hpp"
#include "client/why_command.hpp"

namespace authd::client {
namespace {

ExitCode exit_code_of(const Json& result) {
  const Json& summary = member(result, "summary");
  if (count_member(summary, "errors") > 0) return ExitCode::found_errors;
  if (count_member(summary, "warnings") > 0) return ExitCode::found_warnings;
  if (!is_settled(result)) return ExitCode::inconclusive;
  return ExitCode::done;
}

Json run_params(const DoctorOptions& options, Json context) {
  if (!options.cli_version.empty()) context["cliVersion"] = options.cli_version;
  Json params = {{"context", std::move(context)}};
  if (options.probe) {
    params["probe"] = true;
    // A model that has to be loaded first takes its time.
    params["workDoneToken"] = "doctor";
  }
  if (!options.hosts.empty()) params["consent"] = {{"hosts", options.hosts}};
  return params;
}

class Mender {
 public:
  Mender(const Arguments& arguments, Connection& connection, SignalInbox& signals)
      : arguments_(arguments), connection_(connection), signals_(signals) {}

  // The first fix of each finding that the daemon can carry out, as far as it is wanted. What one
  // fix has written moves what others are about, so the doctor is asked again after each; `result`
  // is what it said last.
  Outcome<void> mend(Json& result, const Json& run_params) {
    std::set<std::string> seen;
    constexpr std::size_t fixes_max = 64;
    while (const Json* finding = seen.size() < fixes_max ? next_mendable(result, seen) : nullptr) {
      const Json fix = *first_mendable(*finding);
      const auto wanted = is_wanted(*finding, fix);
      if (!wanted) return std::unexpected(wanted.error());
      if (!*wanted) continue;
      auto mended = call(connection_, "doctor.fix", {{"fix", text_member(fix, "id")}}, signals_);
      if (!mended && mended.error().exit_code != ExitCode::conflict)
        return std::unexpected(mended.error());
      if (mended) {
        applied_.push_back(*mended);
        say(*mended);
      } else if (!arguments_.json) {
        print_lines(STDOUT_FILENO,
                    {line("  Left as it is: the file is another one by now.", Tone::faint)});
      }
      auto again = call(connection_, "doctor.run", run_params, signals_);
      if (!again) return std::unexpected(again.error());
      result = *std::move(again);
    }
    return {};
  }
  const Json& applied() const { return applied_; }

 private:
  // The first finding that can be mended and was not asked about yet; nullptr where there is none.
  static const Json* next_mendable(const Json& result, std::set<std::string>& seen) {
    for (const Json& finding : list_member(result, "findings")) {
      const Json* fix = first_mendable(finding);
      if (!fix) continue;
      const std::string what = text_member(finding, "code") + "\n" +
                               text_member(finding, "subject") + "\n" +
                               text_member(finding, "message") + "\n" + text_member(*fix, "title");
      if (seen.insert(what).second) return &finding;
    }
    return nullptr;
  }

  static const Json* first_mendable(const Json& finding) {
    const auto can_be_done = [](const Json& fix) {
      const std::string kind = text_member(fix, "kind");
      return kind == "auto" || kind == "ask";
    };
    if (can_be_done(member(finding, "fix"))) return &member(finding, "fix");
    for (const Json& fix : list_member(finding, "fixes"))
      if (can_be_done(fix)) return &fix;
    return nullptr;
  }

  Outcome<bool> is_wanted(const Json& finding, const Json& fix) {
    const std::size_t columns = output_columns(STDOUT_FILENO);
    const bool is_safe = text_member(fix, "kind") == "auto";
    const bool asks = !arguments_.doctor.yes && on_terminal(arguments_);
    if (!arguments_.doctor.yes && !asks && !is_safe) return false;
    if (!arguments_.json) {
      print_lines(STDOUT_FILENO, wrapped_after(line(shown(finding, "code") + " ", Tone::strong),
                                               shown(finding, "message"), columns));
      print_lines(STDOUT_FILENO, fix_lines(fix, columns));
    }
    return asks ? confirmed("Do this?", signals_) : true;
  }

  void say(const Json& mended) const {
    if (arguments_.json) return;
    const std::string path = shown(mended, "path"), undo = shown(mended, "undo");
    print_lines(STDOUT_FILENO, wrapped_after(line("✓ ", Tone::good),
                                             "Done: " + path +
                                                 (!undo.empty() ? " (undo: " + undo + ")"
                                                  : member(mended, "snapshot").is_string()
                                                      ? " (undo: qwen-authctl undo)"
                                                      : ""),
                                             output_columns(STDOUT_FILENO)));
  }

  const Arguments& arguments_;
  Connection& connection_;
  SignalInbox& signals_;
  Json applied_ = Json::array();
};

}  // namespace

ExitCode run_doctor(const Arguments& arguments) {
  Json only;
  for (const std::string& name : arguments.doctor.only) {
    const auto row = diagnosis_called(name);
    if (!row) return report(row.error(), arguments.json);
    only.push_back((*row)->code);
  }
  SignalInbox signals = command_signals();
  auto connection = reach_daemon(arguments);
  if (!connection) return report(connection.error(), arguments.json);
  Json params = run_params(arguments.doctor, informed_context(*connection, signals));
  if (!only.is_null()) params["only"] = std::move(only);
  auto result = call(*connection, "doctor.run", params, signals);
  if (!result) return report(result.error(), arguments.json);
  const Json& lacking = member(*result, "consent");
  const auto allowed =
      consented_hosts(arguments, text_member(lacking, "message"), lacking, signals);
  if (!allowed) return report(allowed.error(), arguments.json);
  if (!allowed->empty()) {
    for (const std::string& host : *allowed) params["consent"]["hosts"].push_back(host);
    result = call(*connection, "doctor.run", params, signals);
    if (!result) return report(result.error(), arguments.json);
  }
  const auto hosts =
      consented_siblings(arguments, *result, arguments.doctor.yes_sweep,
                         doctor_lines(*result, output_columns(STDOUT_FILENO)), signals);
  if (!hosts) return report(hosts.error(), arguments.json);
  if (!hosts->empty()) {
    for (const std::string& host : *hosts) params["consent"]["hosts"].push_back(host);
    result = call(*connection, "doctor.run", params, signals);
    if (!result) return report(result.error(), arguments.json);
  }
  Json applied;
  if (arguments.doctor.fix) {
    Mender mender(arguments, *connection, signals);
    if (const auto done = mender.mend(*result, params); !done)
      return report(done.error(), arguments.json);
    applied = mender.applied();
  }
  if (arguments.json) {
    if (arguments.doctor.fix) (*result)["applied"] = std::move(applied);
    print_json(*result);
  } else if (arguments.doctor.report) {
    print_text(doctor_report(*result, text_member(member(*result, "place"), "home")));
  } else {
    print_lines(STDOUT_FILENO, doctor_lines(*result, output_columns(STDOUT_FILENO)));
  }
  return exit_code_of(*result);
}

}  // namespace authd::client
