#include "daemon/core/doctor_answers.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr auto codes_of_answers = std::to_array<std::string_view>(
    {"U302", "U301", "N704", "N703", "N701", "U305", "U306", "K208", "K202", "K201",
     "K210", "K203", "K204", "M501", "M502", "M503", "M504", "Q603", "Q601", "Q602"});

// What the network alone tells, whatever became of the key.
bool is_of_network(std::string_view code) { return code.starts_with("N"); }
bool is_of_loopback(std::string_view code) { return code == "U305" || code == "U306"; }

bool has_answer(const Verdict& verdict) {
  return verdict.state == VerdictState::accepted || verdict.state == VerdictState::rejected ||
         verdict.state == VerdictState::accepted_but;
}

std::string authority(const std::string& address, const std::string& port) {
  return (address.find(':') != std::string::npos ? "[" + address + "]" : address) +
         (port.empty() ? "" : ":" + port);
}

std::string fault_words(const Way& way) {
  if (way.works()) return "answers";
  if (way.proxy_status != 0) return "HTTP " + std::to_string(way.proxy_status);
  if (!way.fault_text.empty()) return way.fault_text;
  return std::string(fault_sentence(way.fault));
}

void show_ways(Finding& finding, const Reach& reach) {
  if (reach.look_up != NetworkFault::none)
    finding.evidence.push_back(reach.host + ": " + reach.look_up_text);
  for (const Way& way : reach.direct)
    finding.evidence.push_back("directly, " + authority(way.address, reach.port) + ": " +
                               fault_words(way));
  if (reach.proxied)
    finding.evidence.push_back("through the proxy " + reach.proxied->address + ": " +
                               fault_words(*reach.proxied));
}

// ---- What the check says

std::optional<Finding> finding_of_verdict(ProbeAnswers& answers) {
  const Verdict& verdict = answers.verdict;
  if (verdict.state == VerdictState::not_tested || !find_diagnosis(verdict.code) ||
      verdict.is_code_vague)
    return std::nullopt;
  Finding finding;
  finding.code = verdict.code;
  finding.message = verdict.message;
  // What is wrong with a URL is told of the URL, so that both ways to find it out are one finding.
  const bool is_of_url = verdict.code.starts_with("U") || verdict.code.starts_with("N");
  finding.subject = is_of_url ? verdict.base_url : answers.subject;
  finding.evidence.push_back(
      verdict.method + " " + verdict.url +
      (verdict.http_status != 0 ? ": HTTP " + std::to_string(verdict.http_status) : "") +
      ", after " + std::to_string(verdict.latency.count()) + " ms");
  if (!answers.key_shown.empty())
    finding.evidence.push_back((answers.key_where.empty() ? "the key" : answers.key_where) + ": " +
                               answers.key_shown);
  for (const SweepAnswer& one : answers.sweep)
    finding.evidence.push_back(one.sibling.host() + ": " +
                               std::string(verdict_state_name(one.verdict.state)));
  for (const std::string& hint : verdict.hints) finding.evidence.push_back(hint);
  if (answers.fix) finding.fixes.push_back(*std::move(answers.fix));
  return finding;
}

// ---- What the visit says

std::string issuer_of(const Chain& chain) {
  if (chain.local_authority) return chain.local_authority->subject;
  return chain.presented.empty() ? std::string("nobody") : chain.presented.back().issuer;
}

void tell_authority(Finding& finding, const Reach& reach) {
  const Chain& chain = reach.chain;
  const bool system_trusts = chain.by_system == Trust::trusted;
  finding.message = "The certificate of " + reach.host + " is issued by \"" + issuer_of(chain) +
                    "\", which " +
                    (system_trusts ? "this system trusts and Node does not, as behind TLS "
                                     "inspection: Node does not read the system's store."
                                   : "neither this system nor Node trusts.");
  const std::string file =
      chain.authority_file.empty() ? "/path/to/the/authority.pem" : chain.authority_file;
  finding.fixes.push_back({FixKind::user,
                           system_trusts ? "Name the authority to Node"
                                         : "Name the authority to Node, if it is one to be trusted",
                           "",
                           "export NODE_EXTRA_CA_CERTS=" + file,
                           {}});
}

std::optional<Finding> certificate_trouble(const Reach& reach) {
  const Chain& chain = reach.chain;
  if (chain.presented.empty()) return std::nullopt;
  const Trust trust = chain.by_node == Trust::not_judged ? chain.by_system : chain.by_node;
  if (trust == Trust::trusted || trust == Trust::not_judged) return std::nullopt;
  const Certificate& own = chain.presented.front();
  Finding finding;
  finding.code = "N701";
  switch (trust) {
    case Trust::unknown_issuer: tell_authority(finding, reach); break;
    case Trust::expired:
      finding.message = "The certificate of " + reach.host + " is valid from " + own.not_before +
                        " to " + own.not_after + ", which is not now.";
      break;
    case Trust::wrong_host:
      finding.message = "The certificate that comes for " + reach.host +
                        " is another host's: " + own.subject + ".";
      break;
    default: finding.message = "The certificate of " + reach.host + " cannot be trusted."; break;
  }
  finding.evidence.push_back("subject: " + own.subject);
  finding.evidence.push_back("issuer: " + own.issuer);
  finding.evidence.push_back("SHA-256: " + own.fingerprint);
  finding.evidence.push_back("by this system: " + std::string(trust_name(chain.by_system)) +
                             "; by Node: " + std::string(trust_name(chain.by_node)));
  return finding;
}

std::optional<Finding> proxy_trouble(const Reach& reach) {
  if (!reach.proxied || reach.proxied->works() || !reach.works_directly()) return std::nullopt;
  Finding finding;
  finding.code = "N703";
  finding.message = "The proxy " + reach.proxied->address + " does not lead to " + reach.host +
                    " (" + fault_words(*reach.proxied) + "), and the direct way does.";
  finding.fixes.push_back({FixKind::user,
                           "Except the host from the proxy",
                           "",
                           "export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}" + reach.host + "\"",
                           {}});
  return finding;
}

void offer_host(Finding& finding, const ProbeAnswers& answers, const std::string& host) {
  if (!answers.entry) return;
  if (auto fix = host_fix(*answers.entry, authority(host, "")))
    finding.fixes.push_back(*std::move(fix));
}

std::optional<Finding> localhost_trouble(const ProbeAnswers& answers) {
  const Reach& reach = *answers.reach;
  if (reach.works_directly()) return std::nullopt;
  const auto refusing =
      std::ranges::find_if(reach.direct, [](const Way& way) { return way.is_resolved; });
  const auto other = std::ranges::find_if(
      reach.direct, [](const Way& way) { return !way.is_resolved && way.works(); });
  if (refusing == reach.direct.end() || other == reach.direct.end()) return std::nullopt;
  Finding finding;
  finding.code = "U305";
  finding.message = "Nothing listens on " + authority(refusing->address, reach.port) +
                    (reach.host == "localhost" ? ", which is what localhost means here" : "") +
                    "; the server is on " + authority(other->address, reach.port) + ".";
  offer_host(finding, answers, other->address);
  return finding;
}

std::string kind_of_guest(const HostFacts& host) {
  return host.is_wsl ? "WSL" : "a container (" + host.container + ")";
}

std::optional<Finding> guest_trouble(const ProbeAnswers& answers) {
  const Reach& reach = *answers.reach;
  const bool is_guest = answers.host.is_wsl || !answers.host.container.empty();
  if (!is_guest || !reach.is_loopback() || reach.works_directly() || !answers.gateway ||
      !answers.gateway->works_directly())
    return std::nullopt;
  Finding finding;
  finding.code = "U306";
  finding.message = "This runs in " + kind_of_guest(answers.host) + ", where " + reach.host +
                    " is the guest itself; " + authority(answers.gateway->host, reach.port) +
                    ", the host's gateway, answers.";
  offer_host(finding, answers, answers.gateway->host);
  return finding;
}

}  // namespace

std::span<const std::string_view> answer_codes() { return codes_of_answers; }

std::vector<Finding> joined(std::vector<Finding> found, std::vector<Finding> answered) {
  for (Finding& finding : answered) {
    std::erase_if(found, [&](Finding& known) {
      if (known.code != finding.code || known.subject != finding.subject) return false;
      std::ranges::move(known.fixes, std::back_inserter(finding.fixes));
      std::ranges::move(known.evidence, std::back_inserter(finding.evidence));
      return true;
    });
    found.push_back(std::move(finding));
  }
  return found;
}

std::vector<Finding> findings_of(ProbeAnswers& answers) {
  std::vector<Finding> findings;
  const auto tell = [&](std::optional<Finding> seen) {
    if (!seen) return;
    seen->subject = answers.verdict.base_url;
    show_ways(*seen, *answers.reach);
    findings.push_back(*std::move(seen));
  };
  if (answers.reach) {
    tell(localhost_trouble(answers));
    tell(guest_trouble(answers));
    tell(proxy_trouble(*answers.reach));
    tell(certificate_trouble(*answers.reach));
  }
  auto checked = finding_of_verdict(answers);
  if (!checked) return findings;
  const bool is_told =
      std::ranges::any_of(findings, [&](const Finding& one) { return one.code == checked->code; });
  if (answers.reach && is_of_network(checked->code) && !is_told)
    show_ways(*checked, *answers.reach);
  std::vector<Finding> of_check;
  of_check.push_back(*std::move(checked));
  // What the visit found out is more exact than the check's own words.
  return joined(std::move(of_check), std::move(findings));
}

std::vector<OpenCode> open_codes(const ProbeAnswers& answers) {
  const Verdict& verdict = answers.verdict;
  const bool is_refused = verdict.state == VerdictState::rejected;
  const bool is_swept = answers.sweep.size() == answers.siblings;
  std::vector<OpenCode> open;
  for (const std::string_view code : codes_of_answers) {
    const auto leave_open = [&](std::string reason) { open.push_back({code, std::move(reason)}); };
    if (code == verdict.code && !verdict.is_code_vague) continue;
    if (is_of_network(code) || is_of_loopback(code)) {
      if (!answers.reach) leave_open("The way to the host was not looked at.");
    } else if (!has_answer(verdict)) {
      leave_open(verdict.message);
    } else if (is_refused && (code.starts_with("M") || code.starts_with("Q"))) {
      leave_open("The key is refused, so nothing is known of what it could do.");
    } else if (is_refused && !is_swept && (code == "K202" || code == "K201")) {
      leave_open("Not all of the vendor's other endpoints were asked: that takes your consent.");
    } else if (code == "M502" && verdict.observed.contains("calledTool")) {
      leave_open(
          "The model answered in words: `qwen-authctl check --depth tools` asks for a call.");
    } else if (code == "K204" && !is_refused && !verdict.proven) {
      leave_open("What a random key gets could not be told.");
    } else if (verdict.state == VerdictState::accepted_but &&
               (code.starts_with("M") || code.starts_with("Q"))) {
      leave_open("The model gave no answer to look at: " + verdict.message);
    }
  }
  return open;
}

}  // namespace authd::core
