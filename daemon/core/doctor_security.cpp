// What lets others have the key: repositories that redirect it, certificates that are not checked,
// arguments; and what the daemon itself knows of sockets and sessions.
#include <algorithm>

#include "daemon/core/address.hpp"
#include "daemon/core/doctor_case.hpp"
#include "daemon/core/probe.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr const char* tls_switch = "NODE_TLS_REJECT_UNAUTHORIZED";

void examine_origin(DoctorCase& doctor) {
  for (const Warning& issue : doctor.active.issues) {
    if (issue.code != "S901") continue;
    const Resolution& active = doctor.active;
    Finding& finding = doctor.tell("S901", parse_url(active.base_url).host, issue.message);
    if (active.key_source)
      finding.evidence.push_back("the key: " + active.key_source->where + ", " +
                                 shown_value(active.key.reveal()));
    if (active.entry && active.entry->base_url == active.base_url)
      finding.evidence.push_back("the base URL: " + doctor.where_of(*active.entry, "baseUrl"));
    finding.evidence.push_back("POST " + probe_url(active.protocol, active.base_url, active.model));
    doctor.offer_command(finding,
                         "If this host is meant, set it up yourself, with a key of its own",
                         "qwen-authctl setup custom --scope user");
  }
}

void examine_tls(DoctorCase& doctor) {
  if (doctor.variable(tls_switch) != "0") return;
  const VariableSource* winner = doctor.winner(tls_switch);
  Finding& finding = doctor.tell("N702", tls_switch,
                                 std::string(tls_switch) +
                                     " is 0: certificates are not checked, so your key can be read "
                                     "in transit.");
  if (!winner) return;
  finding.evidence = {winner->where + ": " + tls_switch + "=0"};
  for (const ExportLine& line : doctor.in.exports)
    if (line.name == tls_switch) finding.evidence.push_back(line.where + ": exports it");
  if (winner->kind == SourceKind::settings)
    for (const Scope scope : {Scope::user, Scope::workspace}) {
      if (scope == Scope::workspace && !doctor.files.workspace) continue;
      if (winner->where.starts_with(doctor.files.at(scope).path + ":"))
        return doctor.offer_edits(finding, FixKind::ask, "Remove it", scope,
                                  {{{"env", tls_switch}, std::nullopt}});
    }
  if (winner->kind == SourceKind::dotenv)
    return doctor.offer_command(
        finding, "Take the line out",
        "$EDITOR " + shell_quoted(winner->where.substr(0, winner->where.rfind(':'))));
  doctor.offer_command(
      finding, "Unset it, and name the missing authority instead",
      "unset " + std::string(tls_switch) + " && export NODE_EXTRA_CA_CERTS=/path/to/authority.pem");
}

// ---- N703 --------------------------------------------------------------------------------------

struct Proxy {
  std::string name, url, where;
};

// The proxy that Qwen Code sends everything through, whatever the scheme.
std::optional<Proxy> proxy_of(DoctorCase& doctor) {
  const auto member = merged_value(doctor.files, Path{"proxy"});
  const std::string said =
      member && member->value.is_string() ? member->value.get<std::string>() : "";
  if (doctor.in.rules.has_provider_protocol && !said.empty() && !expandable_name(said))
    return Proxy{"proxy", said, DoctorCase::where_of(doctor.files.at(member->scope), {"proxy"})};
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"}) {
    std::string url = doctor.variable(name);
    if (url.empty()) continue;
    const VariableSource* winner = doctor.winner(name);
    return Proxy{name, std::move(url), winner ? winner->where : ""};
  }
  return std::nullopt;
}

// A request to this machine that the environment sends through a proxy (qwen-code-runs, 2.1).
void examine_proxy(DoctorCase& doctor) {
  const Resolution& active = doctor.active;
  const Url url = parse_url(active.base_url);
  if (!url.is_loopback() || active.protocol.empty()) return;
  const auto proxy = proxy_of(doctor);
  if (!proxy) return;
  std::string exceptions = doctor.variable("NO_PROXY");
  if (exceptions.empty()) exceptions = doctor.variable("no_proxy");
  const std::string port = !url.port.empty() ? url.port : url.scheme == "https" ? "443" : "80";
  // The first versions do not look at NO_PROXY.
  const bool reads_exceptions = doctor.in.rules.has_provider_protocol;
  if (reads_exceptions && is_excepted_from_proxy(exceptions, url.host, port)) return;
  const std::string shown = without_credentials(printable(parse_url(proxy->url).origin(), 200));
  Finding& finding = doctor.tell(
      "N703", active.base_url,
      "Requests to " + url.host + " go through the proxy " + shown +
          (reads_exceptions
               ? ", because NO_PROXY does not except " + url.host + "."
               : ": Qwen Code " + doctor.in.rules.version.text() + " does not read NO_PROXY."));
  finding.evidence = {proxy->where + ": " + proxy->name + " = " + shown,
                      exceptions.empty() ? "NO_PROXY is not set" : "NO_PROXY = " + exceptions,
                      "POST " + probe_url(active.protocol, active.base_url, active.model)};
  // A proxy on this machine may hand the request on to it.
  if (parse_url(proxy->url).is_loopback()) finding.severity = Severity::warning;
  if (reads_exceptions)
    doctor.offer_command(finding, "Except this machine",
                         "export NO_PROXY=" + (exceptions.empty() ? "" : exceptions + ",") +
                             "localhost,127.0.0.1,::1");
  else
    doctor.offer_command(finding, "Start Qwen Code without the proxy, or update it",
                         "env -u HTTPS_PROXY -u https_proxy -u HTTP_PROXY -u http_proxy qwen");
}

// ---- S902 --------------------------------------------------------------------------------------

// Keys in the arguments that Qwen Code is started with. Others of this machine read them, and the
// shell keeps them.
void examine_arguments(DoctorCase& doctor) {
  const std::vector<std::string>& args = doctor.in.environment.args;
  for (std::size_t i = 0; i < args.size(); ++i) {
    std::string key;
    const std::size_t equals = args[i].find('=');
    if (announces_a_secret(args[i]) && i + 1 < args.size())
      key = args[i + 1];
    else if (equals != std::string::npos && announces_a_secret(args[i].substr(0, equals)))
      key = args[i].substr(equals + 1);
    else if (const auto found = credentials_in(args[i]); !found.empty())
      key = args[i].substr(found.front().begin, found.front().end - found.front().begin);
    constexpr std::size_t key_bytes_min = 12;
    if (key.size() < key_bytes_min || is_reference(key)) continue;
    Finding& finding = doctor.tell(
        "S902", "arguments",
        "A key stands on the command line, where `ps` shows it and the shell's history keeps it.");
    finding.evidence = {"argument " + std::to_string(i + 1) + ": " + shown_value(key)};
    doctor.offer_command(
        finding, "Save the key, leave the flag out, and replace this key",
        set_command(doctor.active.env_key.empty() ? "OPENAI_API_KEY" : doctor.active.env_key));
    return;
  }
}

}  // namespace

void examine_security(DoctorCase& doctor) {
  examine_origin(doctor);
  examine_tls(doctor);
  examine_proxy(doctor);
  examine_arguments(doctor);
  const DoctorInput& in = doctor.in;
  if (!in.socket_trouble.empty()) {
    Finding& finding = doctor.tell("D951", "socket", in.socket_trouble);
    doctor.offer_command(finding, "Use a short path",
                         "export QWEN_AUTHD_SOCKET=\"$HOME/.qwen-authd.sock\"");
  }
  for (const std::string& session : in.stale_sessions) {
    Finding& finding = doctor.tell(
        "D952", session,
        "A session of Qwen Code still has the former keys: " + session + ". Restart it.");
    finding.evidence = {session};
  }
  for (const ArgumentTrace& trace : in.traces) {
    Finding& finding =
        doctor.tell("S902", trace.where, "A key can be read in " + trace.where + ".");
    finding.evidence = {trace.where + ": " + trace.masked};
    doctor.offer_command(finding, "Give keys on standard input, and replace this one", "");
  }
}

}  // namespace authd::core
