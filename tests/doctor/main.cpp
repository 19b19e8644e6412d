// doctor-scenarios BIN_DIR SCENARIOS [--only CODE] [--verbose]: asks the doctor of the real daemon
// about each set-up, and prints how often it was right, missed something, or cried wolf.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>

#include "../crash/daemon.hpp"
#include "scenario.hpp"
#include "vendor.hpp"

namespace authd::doctor {
namespace {

constexpr int workers_count = 4;

struct Options {
  std::string bin_dir, scenarios, only;
  bool is_verbose = false;
};

struct Outcome {
  std::vector<std::string> complaints;  // none: it is as it should be
  Json answer;
  std::vector<std::string> requests;
};

struct Count {
  int right = 0, wrong = 0;
};
struct Row {
  Count has, near_miss;
};

bool is_alarm(const Json& finding) { return finding["severity"] == "error" || finding["severity"] == "warning"; }

// "E101", or "E101|E105" where either is right.
bool names(const std::string& wanted, const std::string& code) {
  return ("|" + wanted + "|").find("|" + code + "|") != std::string::npos;
}

bool has_finding(const Json& findings, const std::string& wanted) {
  return std::any_of(findings.begin(), findings.end(), [&](const Json& finding) { return names(wanted, finding["code"]); });
}

bool is_text(const Json& object, const char* member) {
  return object.contains(member) && object[member].is_string() && !object[member].get_ref<const std::string&>().empty();
}

// The contract's shape of a finding (rpc-contract, Doctor).
std::vector<std::string> complaints_about_shape(const Json& finding) {
  std::vector<std::string> complaints;
  const auto require = [&](bool condition, const std::string& what) {
    if (!condition) complaints.push_back("a finding without " + what + ": " + finding.dump());
  };
  for (const char* member : {"code", "name", "title", "message", "cause", "remedy"}) require(is_text(finding, member), member);
  require(is_alarm(finding) || finding.value("severity", "") == "info", "severity");
  require(finding.contains("evidence") && finding["evidence"].is_array(), "evidence");
  if (!finding.contains("fix")) return complaints;
  const Json& fix = finding["fix"];
  require(is_text(fix, "id") && is_text(fix, "title"), "a fix's id and title");
  const std::string kind = fix.value("kind", "");
  require(kind == "auto" || kind == "ask" || kind == "user", "a fix's kind");
  return complaints;
}

std::vector<std::string> complaints_about(const Scenario& scenario, const Json& answer) {
  if (answer.contains("error")) return {"the doctor refuses: " + answer["error"].value("message", "")};
  std::vector<std::string> complaints;
  const Json& findings = answer["result"]["findings"];
  std::vector<std::string> expected = scenario.words("expect"), forbidden = scenario.words("forbid");
  if (scenario.kind == Kind::has && expected.empty()) expected.push_back(scenario.code);
  if (scenario.kind == Kind::near_miss) forbidden.push_back(scenario.code);
  for (const std::string& code : expected)
    if (!has_finding(findings, code)) complaints.push_back("missed " + code);
  for (const std::string& code : forbidden)
    if (has_finding(findings, code)) complaints.push_back("says " + code + ", which is not so");
  if (scenario.kind == Kind::healthy || scenario.flag("clean"))
    for (const Json& finding : findings)
      if (is_alarm(finding)) complaints.push_back("cries wolf: " + finding["code"].get<std::string>());
  for (const Json& finding : findings)
    for (const std::string& complaint : complaints_about_shape(finding)) complaints.push_back(complaint);
  const std::string text = answer.dump();
  for (const std::string& secret : secrets_of(scenario))
    if (text.find(secret) != std::string::npos) complaints.push_back("shows a key that begins with " + secret.substr(0, 8));
  return complaints;
}

// Takes the fix of the scenario's finding, where the daemon can carry it out: then it must be gone.
std::vector<std::string> complaints_about_fix(const Scenario& scenario, const Json& params, const Json& answer, crash::Daemon& daemon) {
  const Json findings = answer["result"]["findings"];
  const auto has_fix = [&](const Json& finding) {
    return finding["code"] == scenario.code && finding.contains("fix") && finding["fix"].value("kind", "") != "user";
  };
  const auto found = std::find_if(findings.begin(), findings.end(), has_fix);
  if (found == findings.end()) return {};
  const Json& fix = (*found)["fix"];
  const auto fixed = daemon.ask("doctor.fix", {{"fix", fix["id"]}, {"context", params["context"]}});
  if (!fixed || fixed->contains("error")) return {"its fix \"" + fix.value("title", "") + "\" is refused: " + (fixed ? fixed->dump() : "")};
  const auto again = daemon.ask("doctor.run", params);
  if (!again || !again->contains("result")) return {"after its fix the doctor says nothing"};
  for (const Json& finding : (*again)["result"]["findings"])
    if (finding["code"] == scenario.code && finding.value("subject", "") == found->value("subject", ""))
      return {"its fix \"" + fix.value("title", "") + "\" does not mend it: " + finding.value("message", "")};
  return {};
}

std::string unmet_need(const Scenario& scenario) {
  for (const std::string& need : scenario.words("needs")) {
    if (need == "root" ? geteuid() != 0 : need == "no-root" ? geteuid() == 0 : need == "ipv6" ? !has_ipv6() : true) return need;
  }
  return {};
}

// What happens after the daemon has started: calls of it, and what others write meanwhile.
void take_steps(const Scenario& scenario, const Place& place, crash::Daemon& daemon) {
  if (!scenario.data.contains("steps")) return;
  for (const OrderedJson& step : scenario.data["steps"]) {
    if (step.contains("call")) {
      Json params = Json::parse(step["params"].dump());
      params["context"] = place.context(scenario);
      daemon.call(step["call"], params);
    } else {
      for (const auto& [name, content] : step["write"].items()) place.write(scenario, name, content);
    }
  }
}

Outcome outcome_of(const Scenario& raw, const Options& options, const OrderedJson& replies, Authority& authority) {
  const Place place;
  const bool on_ipv6 = raw.text("listen") == "ipv6";
  Placeholders placeholders = {{"home", place.home()}, {"root", place.root()}, {"ca", place.root() + "/ca.pem"}};
  if (const auto cwd = place.cwd(raw)) placeholders["cwd"] = *cwd;
  Scenario scenario = raw;
  Vendor vendor(filled(raw.data.value("provider", OrderedJson::array()), placeholders), replies, authority, on_ipv6);
  const std::string address = (on_ipv6 ? "[::1]:" : "127.0.0.1:") + vendor.port();
  placeholders.insert({{"provider", "http://" + address}, {"tls", "https://" + address}, {"port", vendor.port()}});
  scenario.data = filled(raw.data, placeholders);
  tests::write_file(place.root() + "/ca.pem", authority.pem());
  place.lay_out(scenario);
  tests::Environment daemon_environment;
  if (scenario.data.contains("daemonEnv"))
    for (const auto& [name, value] : scenario.data["daemonEnv"].items()) daemon_environment[name] = value;
  crash::Daemon daemon(options.bin_dir, place.root(), crash::Daemon::Tracing::off, {}, daemon_environment);
  take_steps(scenario, place, daemon);
  Json params = {{"context", place.context(scenario)}, {"probe", scenario.flag("probe")}};
  if (!scenario.words("consent").empty()) params["consent"] = {{"hosts", scenario.words("consent")}};
  if (!scenario.words("only").empty()) params["only"] = scenario.words("only");
  const auto answer = daemon.ask("doctor.run", params);
  Outcome outcome;
  outcome.requests = vendor.requests();
  if (!answer) {
    outcome.complaints = {"the daemon has gone or says nothing: " + tests::read_file(place.root() + "/output")};
    return outcome;
  }
  outcome.answer = *answer;
  outcome.complaints = complaints_about(scenario, *answer);
  if (scenario.kind == Kind::has && outcome.complaints.empty())
    outcome.complaints = complaints_about_fix(scenario, params, *answer, daemon);
  daemon.signal(SIGTERM);
  if (daemon.wait_for_exit() != 0) outcome.complaints.push_back("the daemon does not end as it should");
  return outcome;
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::has: return "has";
    case Kind::near_miss: return "near miss";
    case Kind::healthy: return "healthy";
  }
  return "";
}

void print(const Scenario& scenario, const Outcome& outcome) {
  std::printf("%s %s (%s): %s\n", scenario.code.empty() ? "healthy" : scenario.code.c_str(), name_of(scenario.kind),
              scenario.file.c_str(), scenario.name.c_str());
  for (const std::string& complaint : outcome.complaints) std::printf("    !! %s\n", complaint.c_str());
  if (outcome.answer.contains("result"))
    for (const Json& finding : outcome.answer["result"]["findings"])
      std::printf("    %s %s: %s\n", finding.value("code", "?").c_str(), finding.value("severity", "?").c_str(),
                  finding.value("message", "").c_str());
  for (const std::string& request : outcome.requests) std::printf("    asked: %s\n", request.c_str());
}

std::string percent(const Count& count) {
  const int total = count.right + count.wrong;
  return total == 0 ? "-" : std::to_string(100 * count.right / total) + " %";
}

void print_table(const std::map<std::string, Row>& rows, const Count& healthy, int skipped) {
  Row total;
  std::printf("\n%-6s %14s %14s %14s %14s\n", "code", "has: right", "missed", "near: right", "false alarm");
  const auto line = [](const char* name, const Row& row) {
    std::printf("%-6s %14d %14d %14d %14d\n", name, row.has.right, row.has.wrong, row.near_miss.right, row.near_miss.wrong);
  };
  for (const auto& [code, row] : rows) {
    line(code.c_str(), row);
    for (const auto& [from, to] : {std::pair(&row.has, &total.has), std::pair(&row.near_miss, &total.near_miss)}) {
      to->right += from->right;
      to->wrong += from->wrong;
    }
  }
  line("all", total);
  std::printf("\nhas %s, near misses %s, healthy %s (%d right, %d with an alarm); skipped: %d\n", percent(total.has).c_str(),
              percent(total.near_miss).c_str(), percent(healthy).c_str(), healthy.right, healthy.wrong, skipped);
}

Outcome tried(const Scenario& scenario, const Options& options, const OrderedJson& replies, Authority& authority) {
  try {
    return outcome_of(scenario, options, replies, authority);
  } catch (const std::exception& error) {
    return {{std::string("it cannot be tried: ") + error.what()}, {}, {}};
  }
}

// Several at once, because each waits for its daemon most of the time; in the order of `scenarios`.
std::vector<Outcome> outcomes_of(const std::vector<Scenario>& scenarios, const Options& options) {
  const OrderedJson replies = OrderedJson::parse(tests::read_file(options.scenarios + "/replies.json"));
  Authority authority;
  std::vector<Outcome> outcomes(scenarios.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> workers;
  for (int worker = 0; worker < workers_count; ++worker) {
    workers.emplace_back([&] {
      for (std::size_t at = next++; at < scenarios.size(); at = next++)
        outcomes[at] = tried(scenarios[at], options, replies, authority);
    });
  }
  workers.clear();
  return outcomes;
}

std::vector<Scenario> chosen_scenarios(const Options& options, int& skipped) {
  std::vector<Scenario> chosen;
  for (Scenario& scenario : read_scenarios(options.scenarios)) {
    if (!options.only.empty() && options.only != scenario.code && options.only + ".json" != scenario.file) continue;
    if (const std::string need = unmet_need(scenario); !need.empty()) {
      std::printf("skipped, because it needs %s: %s\n", need.c_str(), scenario.name.c_str());
      ++skipped;
    } else {
      chosen.push_back(std::move(scenario));
    }
  }
  return chosen;
}

int run(const Options& options) {
  int skipped = 0, failed = 0;
  const std::vector<Scenario> scenarios = chosen_scenarios(options, skipped);
  const std::vector<Outcome> outcomes = outcomes_of(scenarios, options);
  std::map<std::string, Row> rows;
  Count healthy;
  for (std::size_t at = 0; at < scenarios.size(); ++at) {
    const Scenario& scenario = scenarios[at];
    const bool is_right = outcomes[at].complaints.empty();
    Count& count = scenario.kind == Kind::healthy ? healthy
                   : scenario.kind == Kind::has   ? rows[scenario.code].has
                                                  : rows[scenario.code].near_miss;
    ++(is_right ? count.right : count.wrong);
    failed += is_right ? 0 : 1;
    if (!is_right || options.is_verbose) print(scenario, outcomes[at]);
  }
  print_table(rows, healthy, skipped);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace authd::doctor

int main(int argc, char** argv) {
  using namespace authd;
  std::signal(SIGPIPE, SIG_IGN);
  doctor::Options options;
  std::vector<std::string> places;
  for (int at = 1; at < argc; ++at) {
    const std::string word = argv[at];
    if (word == "--verbose")
      options.is_verbose = true;
    else if (word == "--only" && at + 1 < argc)
      options.only = argv[++at];
    else
      places.push_back(word);
  }
  if (places.size() != 2) {
    std::fprintf(stderr, "usage: doctor-scenarios BIN_DIR SCENARIOS [--only CODE] [--verbose]\n");
    return 2;
  }
  options.bin_dir = places[0];
  options.scenarios = places[1];
  try {
    return doctor::run(options);
  } catch (const std::exception& error) {
    std::printf("doctor-scenarios: %s\n", error.what());
    return 1;
  }
}
