#include "client/check_command.hpp"

#include <unistd.h>

#include "client/asking.hpp"
#include "client/characters.hpp"
#include "client/check_view.hpp"
#include "client/daemon_call.hpp"
#include "client/doctor_view.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/standard_input.hpp"
#include "client/sweep_consent.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

// One check and what may follow it, on one connection.
class Check {
 public:
  Check(const Arguments& arguments, Connection connection)
      : arguments_(arguments), connection_(std::move(connection)) {}

  ExitCode run() {
    if (auto ok = make_params(); !ok) return report(ok.error(), arguments_.json);
    auto verdict = ask();
    if (!verdict && verdict.error().kind() == "consent_required") {
      const auto hosts =
          consented_hosts(arguments_, verdict.error().message(), verdict.error().data(), signals_);
      if (!hosts) return report(hosts.error(), arguments_.json);
      if (!hosts->empty()) verdict = ask_also(*hosts);
    }
    if (verdict) {
      const auto hosts = hosts_to_ask(*verdict);
      if (!hosts) return report(hosts.error(), arguments_.json);
      if (!hosts->empty()) verdict = ask_also(*hosts);
    }
    const ExitCode shown_code = show(arguments_, verdict, check_lines);
    if (shown_code != ExitCode::done) return shown_code;
    if (const auto mended = offer_fix(*verdict)) return *mended;
    return exit_code_of_verdict(*verdict, false);
  }

 private:
  const CheckOptions& options() const { return arguments_.check; }

  Outcome<void> make_params() {
    if (options().key_from_stdin && !options().env_key.empty())
      return usage("--key-stdin and --env-key exclude each other.");
    if (options().is_candidate() && options().base_url.empty())
      return usage("--key-stdin and --env-key want the endpoint, too.", "Name it with --base-url.");
    if (!options().is_candidate() && !options().base_url.empty() && options().model.empty())
      return usage("--base-url wants a MODEL, or a key with --key-stdin or --env-key.");
    if (options().key_from_stdin) {
      auto given = secret_from_stdin("API key", signals_);
      if (!given) return std::unexpected(given.error());
      key_ = std::move(*given);
    }
    std::vector<std::string> more;
    if (!options().env_key.empty()) more.push_back(options().env_key);
    params_ = {{"depth", options().depth},
               {"consent", {{"hosts", options().consent}}},
               {"context", informed_context(connection_, signals_, std::move(more))}};
    if (!options().cli_version.empty()) params_["context"]["cliVersion"] = options().cli_version;
    // A model that has to be loaded first takes its time.
    if (options().depth != "key") params_["workDoneToken"] = "check";
    if (options().is_candidate())
      params_["endpoint"] = candidate();
    else if (!options().model.empty() || !options().base_url.empty())
      params_["model"] = configured();
    return {};
  }

  Json candidate() const {
    Json endpoint = {{"baseUrl", options().base_url}};
    if (!options().protocol.empty()) endpoint["protocol"] = options().protocol;
    if (!options().model.empty()) endpoint["modelId"] = options().model;
    if (!options().env_key.empty()) endpoint["envKey"] = options().env_key;
    return endpoint;
  }

  Json configured() const {
    Json model = {{"id", options().model}};
    if (!options().protocol.empty()) model["protocol"] = options().protocol;
    if (!options().base_url.empty()) model["baseUrl"] = options().base_url;
    return model;
  }

  // The key is in what is sent alone, which is wiped.
  Outcome<Json> ask() {
    Json params = params_;
    if (!key_.empty()) params["endpoint"]["apiKey"] = key_.reveal();
    return call(connection_, "auth.check", std::move(params), signals_);
  }

  // The vendor's other hosts, where they may be asked; none where there is no need to.
  Outcome<std::vector<std::string>> hosts_to_ask(const Json& verdict) {
    if (!list_member(verdict, "sweep").empty()) return std::vector<std::string>();
    return consented_siblings(arguments_, verdict, options().yes_sweep,
                              check_lines(verdict, output_columns(STDOUT_FILENO)), signals_);
  }

  Outcome<Json> ask_also(const std::vector<std::string>& hosts) {
    for (const std::string& host : hosts) params_["consent"]["hosts"].push_back(host);
    return ask();
  }

  // The exit code, where what mends it was carried out: mostly a switch to the endpoint that takes
  // the key.
  std::optional<ExitCode> offer_fix(const Json& verdict) {
    const Json& fix = member(verdict, "fix");
    const std::string id = text_member(fix, "id");
    if (id.empty() || !on_terminal(arguments_)) return std::nullopt;
    print_lines(STDOUT_FILENO, fix_lines(fix, output_columns(STDOUT_FILENO)));
    const auto sure = confirmed("Do this?", signals_);
    if (!sure || !*sure) return std::nullopt;
    const auto saved = call(connection_, "doctor.fix", {{"fix", id}}, signals_);
    if (!saved) return report(saved.error(), false);
    print_lines(
        STDOUT_FILENO,
        {line("Saved to " + shown(*saved, "path") + " (undo: qwen-authctl undo).", Tone::good)});
    return ExitCode::done;
  }

  const Arguments& arguments_;
  Connection connection_;
  SignalInbox signals_ = command_signals();
  Secret key_;
  Json params_;
};

}  // namespace

ExitCode run_check(const Arguments& arguments) {
  auto connection = reach_daemon(arguments);
  if (!connection) return report(connection.error(), arguments.json);
  return Check(arguments, std::move(*connection)).run();
}

}  // namespace authd::client
