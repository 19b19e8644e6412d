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

constexpr std::string_view proxy_example = "http://proxy.example:3128";

// What is wrong with a proxy as it is written; empty where nothing is.
struct ProxyFault {
  std::string what;
  std::optional<Severity> severity = {};
  std::string right = {};  // how it was meant
};

std::optional<ProxyFault> fault_of_proxy(const std::string& text) {
  const std::string_view trimmed = js_trim(text);
  const bool is_quoted = trimmed.size() > 1 && is_quote(trimmed.front());
  if (is_quoted)
    return ProxyFault{"has quotes around it that belong to no URL", Severity::error,
                      std::string(trimmed.substr(1, trimmed.size() - 2))};
  // A blank in a password does no harm.
  const std::size_t user_end = trimmed.rfind('@');
  if (trimmed.find_first_of(" \t", user_end == std::string_view::npos ? 0 : user_end) !=
      std::string_view::npos) {
    std::string right(trimmed);
    std::erase_if(right, [](char c) { return c == ' ' || c == '\t'; });
    return ProxyFault{"has a blank in it", Severity::error, std::move(right)};
  }
  // Qwen Code puts http:// before what has no scheme (measured, 0.15.6 and 0.24.4).
  const std::size_t told_end = trimmed.find("://");
  const std::string full =
      (told_end == std::string_view::npos ? "http://" : "") + std::string(trimmed);
  const std::size_t scheme_end = full.find("://");
  const std::string scheme = lower_ascii(full.substr(0, scheme_end));
  if (scheme.starts_with("socks"))
    return ProxyFault{"is a SOCKS proxy, and Qwen Code speaks to HTTP proxies alone", {}, {}};
  if (scheme != "http" && scheme != "https")
    return ProxyFault{
        "has the scheme " + printable(scheme, 20) + ", which no proxy has", Severity::error, {}};
  const Url url = parse_url(full);
  if (url.host.empty()) return ProxyFault{"names no host", Severity::error, {}};
  if (lower_ascii(url.path).ends_with(".pac"))
    return ProxyFault{
        "is the address of a PAC file, which Qwen Code does not read: name the proxy "
        "that is in it",
        Severity::error,
        {}};
  if (!url.path.empty() && url.path != "/")
    return ProxyFault{"has a path, which Qwen Code does not take", Severity::error,
                      full.substr(0, full.find('/', scheme_end + 3))};
  return std::nullopt;
}

std::string shown_proxy(std::string_view text) { return without_credentials(printable(text, 200)); }

void examine_proxy_text(DoctorCase& doctor) {
  const auto proxy = proxy_of(doctor);
  if (!proxy) return;
  const auto fault = fault_of_proxy(proxy->url);
  if (!fault) return;
  Finding& finding =
      doctor.tell("N703", proxy->name, "The proxy in " + proxy->name + " " + fault->what + ".");
  finding.severity = fault->severity;
  finding.evidence = {proxy->where + ": " + proxy->name + " = " + shown_proxy(proxy->url)};
  const std::string right = fault->right.empty() ? std::string(proxy_example) : fault->right;
  const bool has_credentials = right.find('@') != std::string::npos;
  if (proxy->name == "proxy")
    doctor.offer_command(
        finding, "Write it as a URL of an HTTP proxy",
        has_credentials ? "" : "qwen-authctl settings set proxy " + shell_quoted(right));
  else
    doctor.offer_command(
        finding, "Write it as a URL of an HTTP proxy",
        has_credentials ? "" : "export " + proxy->name + "=" + shell_quoted(right));
}

// Programs read one or the other of both spellings, so they go different ways.
void examine_proxy_spellings(DoctorCase& doctor) {
  for (const auto& [upper, lower] :
       {std::pair{"HTTPS_PROXY", "https_proxy"}, std::pair{"HTTP_PROXY", "http_proxy"}}) {
    const std::string one = doctor.variable(upper), other = doctor.variable(lower);
    if (one.empty() || other.empty()) continue;
    if (canonical_base_url(one) == canonical_base_url(other)) continue;
    const auto used = proxy_of(doctor);
    if (!used || (used->name != upper && used->name != lower)) continue;
    Finding& finding = doctor.tell("N703", upper,
                                   std::string(upper) + " and " + lower +
                                       " name different proxies: Qwen Code takes " + used->name +
                                       ", and other programs the other one.");
    finding.severity = Severity::warning;
    for (const char* name : {upper, lower})
      if (const VariableSource* source = doctor.winner(name))
        finding.evidence.push_back(source->where + ": " + name + " = " +
                                   shown_proxy(doctor.variable(name)));
    doctor.offer_command(finding, "Keep one of them",
                         "unset " + std::string(used->name == upper ? lower : upper));
  }
}

// ---- N701, of what the environment says --------------------------------------------------------

void examine_authorities(DoctorCase& doctor) {
  constexpr const char* name = "NODE_EXTRA_CA_CERTS";
  const std::string path = doctor.variable(name);
  const auto known = doctor.in.authority_files.find(path);
  if (path.empty() || known == doctor.in.authority_files.end() || known->second.empty()) return;
  const VariableSource* winner = doctor.winner(name);
  Finding& finding =
      doctor.tell("N701", name,
                  std::string(name) + " names " + printable(path, 200) + ", " + known->second +
                      ": Node passes over it, so the authority that it is to add is "
                      "not trusted.");
  finding.severity = Severity::warning;
  if (winner) finding.evidence = {winner->where + ": " + name + " = " + printable(path, 200)};
  for (const ExportLine& line : doctor.in.exports)
    if (line.name == name) finding.evidence.push_back(line.where + ": exports it");
  doctor.offer_command(finding, "Name a PEM file that is there, by its whole path",
                       "export NODE_EXTRA_CA_CERTS=/path/to/authority.pem");
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
// Options such as --token-limit and --max-session-tokens count.
bool asks_for_a_secret(const std::string& option) {
  return announces_a_secret(option) && !option.ends_with("limit") && !option.ends_with("tokens") &&
         !option.ends_with("length");
}

// A prompt may speak of names and of what begins like a key: "sk-learn-pipeline", "api_key=value".
bool is_key_in_prompt(const Credential& found, std::string_view text) {
  constexpr std::size_t random_bytes_min = 16;
  const std::string_view body = text.substr(found.body, found.end - found.body);
  return body.size() >= random_bytes_min && std::ranges::any_of(body, is_digit);
}

void examine_arguments(DoctorCase& doctor) {
  const std::vector<std::string>& args = doctor.in.environment.args;
  for (std::size_t i = 0; i < args.size(); ++i) {
    std::string key;
    const std::size_t equals = args[i].find('=');
    if (asks_for_a_secret(args[i]) && i + 1 < args.size())
      key = args[i + 1];
    else if (equals != std::string::npos && asks_for_a_secret(args[i].substr(0, equals)))
      key = args[i].substr(equals + 1);
    else if (const auto found = credentials_in(args[i]);
             !found.empty() && is_key_in_prompt(found.front(), args[i]))
      key = args[i].substr(found.front().begin, found.front().end - found.front().begin);
    constexpr std::size_t key_bytes_min = 12;
    if (key.size() < key_bytes_min || is_reference(key) || std::ranges::all_of(key, is_digit))
      continue;
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
  examine_proxy_text(doctor);
  examine_proxy_spellings(doctor);
  examine_authorities(doctor);
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
