// What a check and a visit of the host mean to the doctor (issue: network truth).
#include <catch2/catch.hpp>

#include "daemon/core/doctor_answers.hpp"

namespace authd::core {
namespace {

Way way(const std::string& address, NetworkFault fault = NetworkFault::none, bool is_resolved = true) {
  Way one;
  one.address = address;
  one.fault = fault;
  one.is_resolved = is_resolved;
  if (fault == NetworkFault::connect) one.fault_text = "Connection refused";
  return one;
}

Verdict verdict_of(VerdictState state, const std::string& code, const std::string& base_url, int status = 0) {
  Verdict verdict;
  verdict.state = state;
  verdict.code = code;
  verdict.message = "The check's words.";
  verdict.method = "POST";
  verdict.url = base_url + "/chat/completions";
  verdict.base_url = base_url;
  verdict.http_status = status;
  return verdict;
}

ProbeAnswers unreachable(const std::string& host, const std::string& port) {
  ProbeAnswers answers;
  answers.verdict = verdict_of(VerdictState::inconclusive, "N704", "http://" + host + ":" + port + "/v1");
  answers.subject = "K";
  answers.reach.emplace();
  answers.reach->url = answers.verdict.base_url;
  answers.reach->host = host;
  answers.reach->port = port;
  return answers;
}

std::vector<std::string> codes(std::vector<Finding> findings) {
  std::vector<std::string> told;
  for (const Finding& finding : arranged(std::move(findings))) told.push_back(finding.code);
  return told;
}

std::vector<std::string> open_in(const ProbeAnswers& answers) {
  std::vector<std::string> open;
  for (const OpenCode& one : open_codes(answers)) open.emplace_back(one.code);
  return open;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("what a refused request does not say is no finding, and no pass") {
  ProbeAnswers answers;
  answers.verdict = verdict_of(VerdictState::accepted_but, "M501", "https://a.example/v1", 400);
  CHECK(codes(findings_of(answers)) == Codes{"M501"});
  answers.verdict.is_code_vague = true;
  CHECK(findings_of(answers).empty());
  const Codes open = open_in(answers);
  CHECK(std::ranges::find(open, "M501") != open.end());
}

TEST_CASE("the loopback address that listens is told, instead of a host that cannot be reached") {
  ProbeAnswers answers = unreachable("localhost", "11434");
  answers.reach->direct = {way("::1", NetworkFault::connect), way("127.0.0.1", NetworkFault::none, false)};
  auto findings = findings_of(answers);
  const auto told = arranged(std::move(findings));
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == "U305");
  CHECK(told[0].message == "Nothing listens on [::1]:11434, which is what localhost means here; the server is on 127.0.0.1:11434.");
  CHECK(told[0].hides == Codes{"N704"});
  CHECK(told[0].evidence == Codes{"directly, [::1]:11434: Connection refused", "directly, 127.0.0.1:11434: answers"});
}

TEST_CASE("an address that was written is no localhost, and one that nobody listens on no other address") {
  ProbeAnswers written = unreachable("127.0.0.1", "11434");
  written.reach->direct = {way("127.0.0.1", NetworkFault::connect), way("::1", NetworkFault::none, false)};
  CHECK(arranged(findings_of(written)).front().message == "Nothing listens on 127.0.0.1:11434; the server is on [::1]:11434.");
  ProbeAnswers nobody = unreachable("localhost", "11434");
  nobody.reach->direct = {way("127.0.0.1", NetworkFault::connect), way("::1", NetworkFault::connect, false)};
  CHECK(codes(findings_of(nobody)) == Codes{"N704"});
  // Node tries the next one by itself.
  ProbeAnswers fine = unreachable("localhost", "11434");
  fine.verdict = verdict_of(VerdictState::accepted, "", "http://localhost:11434/v1", 200);
  fine.reach->direct = {way("::1", NetworkFault::connect), way("127.0.0.1")};
  CHECK(findings_of(fine).empty());
}

TEST_CASE("the host of a guest is named where it has what the guest's loopback has not") {
  const auto guest = [](bool is_wsl, const std::string& container, bool gateway_answers) {
    ProbeAnswers answers = unreachable("localhost", "11434");
    answers.reach->direct = {way("127.0.0.1", NetworkFault::connect)};
    answers.host = {is_wsl, container, "172.20.0.1"};
    answers.gateway.emplace();
    answers.gateway->host = "172.20.0.1";
    answers.gateway->direct = {way("172.20.0.1", gateway_answers ? NetworkFault::none : NetworkFault::connect)};
    return answers;
  };
  ProbeAnswers wsl = guest(true, "", true);
  const auto told = arranged(findings_of(wsl));
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == "U306");
  CHECK(told[0].message == "This runs in WSL, where localhost is the guest itself; 172.20.0.1:11434, the host's gateway, answers.");
  ProbeAnswers container = guest(false, "docker", true);
  CHECK(codes(findings_of(container)) == Codes{"U306"});
  ProbeAnswers silent = guest(true, "", false);
  CHECK(codes(findings_of(silent)) == Codes{"N704"});
  ProbeAnswers no_guest = guest(false, "", true);
  CHECK(codes(findings_of(no_guest)) == Codes{"N704"});
}

TEST_CASE("a proxy that fails where the direct way works is in the way") {
  ProbeAnswers answers = unreachable("api.example", "443");
  answers.verdict.code = "N703";
  answers.reach->direct = {way("203.0.113.5")};
  answers.reach->proxied = way("http://127.0.0.1:7890", NetworkFault::proxy);
  answers.reach->proxied->proxy_status = 407;
  auto told = findings_of(answers);
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == "N703");
  CHECK(told[0].message == "The proxy http://127.0.0.1:7890 does not lead to api.example (HTTP 407), and the direct way does.");
  REQUIRE(told[0].fixes.size() == 1);
  CHECK(told[0].fixes[0].command == "export NO_PROXY=\"${NO_PROXY:+$NO_PROXY,}api.example\"");
  // A network that only the proxy leads out of is as it should be.
  ProbeAnswers needed = unreachable("api.example", "443");
  needed.verdict = verdict_of(VerdictState::accepted, "", "https://api.example/v1", 200);
  needed.reach->direct = {way("203.0.113.5", NetworkFault::timeout)};
  needed.reach->proxied = way("http://127.0.0.1:7890");
  CHECK(findings_of(needed).empty());
}

TEST_CASE("the authority that Node does not know is named, with the line that makes it known") {
  ProbeAnswers answers = unreachable("api.example", "443");
  answers.verdict = verdict_of(VerdictState::accepted, "", "https://api.example/v1", 200);
  answers.reach->direct = {way("203.0.113.5")};
  Chain& chain = answers.reach->chain;
  chain.presented = {{"CN=api.example", "CN=Zscaler Root,O=Zscaler", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "ab12", ""}};
  chain.by_system = Trust::trusted;
  chain.by_node = Trust::unknown_issuer;
  chain.local_authority = Certificate{"CN=Zscaler Root,O=Zscaler", "CN=Zscaler Root,O=Zscaler", "", "", "", ""};
  chain.authority_file = "/etc/ssl/certs/zscaler.pem";
  auto told = findings_of(answers);
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == "N701");
  CHECK(told[0].message ==
        "The certificate of api.example is issued by \"CN=Zscaler Root,O=Zscaler\", which this system trusts and Node does not, as behind TLS "
        "inspection: Node does not read the system's store.");
  CHECK(told[0].fixes[0].command == "export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/zscaler.pem");
  chain.by_node = Trust::trusted;
  CHECK(findings_of(answers).empty());
  chain.by_node = Trust::expired;
  CHECK(findings_of(answers).front().message == "The certificate of api.example is valid from 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z, which is not now.");
}

TEST_CASE("what was not tested is no pass") {
  ProbeAnswers refused;
  refused.verdict = verdict_of(VerdictState::rejected, "K203", "https://api.example/v1", 401);
  refused.reach.emplace();
  refused.siblings = 1;
  CHECK(open_in(refused) == Codes{"K202", "K201", "M501", "M502", "M503", "M504", "Q603", "Q601", "Q602"});
  refused.sweep.emplace_back();
  CHECK(open_in(refused) == Codes{"M501", "M502", "M503", "M504", "Q603", "Q601", "Q602"});
  ProbeAnswers unclear;
  unclear.verdict = verdict_of(VerdictState::inconclusive, "N704", "https://api.example/v1");
  unclear.reach.emplace();
  CHECK(open_in(unclear) == Codes{"U302", "U301", "K208", "K202", "K201", "K210", "K203", "K204", "M501", "M502", "M503", "M504", "Q603", "Q601", "Q602"});
  ProbeAnswers good;
  good.verdict = verdict_of(VerdictState::accepted, "", "https://api.example/v1", 200);
  good.reach.emplace();
  CHECK(open_in(good) == Codes{"K204"});
  good.verdict.proven = true;
  CHECK(open_in(good).empty());
  ProbeAnswers busy = std::move(good);
  busy.verdict.state = VerdictState::accepted_but;
  busy.verdict.code = "Q601";
  CHECK(open_in(busy) == Codes{"M501", "M502", "M503", "M504", "Q603", "Q602"});
}

TEST_CASE("the same thing found out both ways is told once, with the evidence and the fixes of both") {
  const auto finding = [](const std::string& code, const std::string& subject, const std::string& evidence) {
    Finding one;
    one.code = code;
    one.subject = subject;
    one.evidence = {evidence};
    one.fixes.push_back({FixKind::user, "of " + evidence, "", "", {}});
    return one;
  };
  std::vector<Finding> from_files, from_answers;
  from_files.push_back(finding("U302", "https://a/v1", "file"));
  from_files.push_back(finding("U302", "https://b/v1", "other"));
  from_answers.push_back(finding("U302", "https://a/v1", "answer"));
  const auto all = joined(std::move(from_files), std::move(from_answers));
  REQUIRE(all.size() == 2);
  CHECK(all[0].evidence == Codes{"other"});
  CHECK(all[1].evidence == Codes{"answer", "file"});
  CHECK(all[1].fixes.size() == 2);
}

}  // namespace authd::core
