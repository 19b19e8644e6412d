// auth.check: depths, the control probe, when it asks again, whom it asks, and the sweep.
#include <catch2/catch.hpp>

#include "provider.hpp"
#include "vendor_gate.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string good_key(canary);

std::string one_model(const std::string& protocol, const std::string& base_url, const std::string& more = "") {
  return R"({"$version": 4, "env": {"K": ")" + good_key + R"("}, "modelProviders": {")" + protocol + R"(": [{"id": "m1", "baseUrl": ")" +
         base_url + R"(", "envKey": "K")" + more + R"(}]}, "security": {"auth": {"selectedType": ")" + protocol +
         R"("}}, "model": {"name": "m1"}})";
}

Json check_at(const Provider& provider, const std::string& mode, const std::string& depth, const std::string& protocol = "openai") {
  const Daemon daemon({.settings = one_model(protocol, provider.base_url(protocol, mode))});
  Client client = daemon.connect();
  return client.call("auth.check", {{"depth", depth}});
}

std::string outcome_of(const Json& verdict) {
  return verdict["state"].get<std::string>() + (verdict.contains("code") ? " " + verdict["code"].get<std::string>() : "");
}

std::string header_of(const Json& request, const std::string& name) { return request["headers"].value(name, ""); }

}  // namespace

TEST_CASE("A key is proven by a random one that is refused") {
  const Provider provider({"--key", good_key});
  const Daemon daemon({.settings = one_model("openai", provider.base_url("openai"))});
  Client client = daemon.connect();
  const Json verdict = client.call("auth.check");
  CHECK(outcome_of(verdict) == "accepted");
  CHECK(verdict["proven"] == true);
  CHECK(verdict["control"] == Json{{"state", "rejected"}, {"httpStatus", 401}});
  CHECK(verdict["depth"] == "key");
  CHECK(verdict["attempts"] == 1);
  CHECK(verdict["key"]["name"] == "K");
  CHECK(verdict["key"]["masked"] == "sk-••••••••••••••••");
  CHECK(verdict["key"]["source"].get<std::string>().starts_with(daemon.settings_path() + ":"));
  CHECK(verdict["cliVersion"] == "0.24.4");
  CHECK(verdict["judgedBy"] == "daemon");
  const auto requests = provider.requests();
  REQUIRE(requests.size() == 2);
  const std::string random = header_of(requests[1], "authorization");
  CHECK(random.size() == header_of(requests[0], "authorization").size());
  CHECK(random.starts_with("Bearer sk-"));
  CHECK(random.find(good_key) == std::string::npos);
}

TEST_CASE("An endpoint on this machine that takes any key is healthy, but proves nothing") {
  const Provider provider;
  const Json verdict = check_at(provider, "ok", "key");
  CHECK(outcome_of(verdict) == "accepted");
  CHECK(verdict["proven"] == false);
  CHECK(verdict["hints"] == Json{"This server needs no key: a random one is accepted, too."});
}

TEST_CASE("The model has to say something, and to call a tool where that is asked for") {
  const Provider provider;
  for (const std::string protocol : {"openai", "anthropic", "gemini"}) {
    CAPTURE(protocol);
    const Json model = check_at(provider, "ok", "model", protocol);
    CHECK(outcome_of(model) == "accepted");
    CHECK(model["firstTokenMs"].is_number_integer());
    CHECK(outcome_of(check_at(provider, "silent", "key", protocol)) == "accepted");
    CHECK(outcome_of(check_at(provider, "silent", "model", protocol)) == "inconclusive");
    CHECK(outcome_of(check_at(provider, "ok", "tools", protocol)) == "accepted");
    CHECK(outcome_of(check_at(provider, "talks", "tools", protocol)) == "accepted_but M502");
    CHECK(outcome_of(check_at(provider, "no-tools", "tools", protocol)) == "accepted_but M502");
    CHECK(outcome_of(check_at(provider, "401", "tools", protocol)) == "rejected K203");
  }
}

TEST_CASE("What is down for a moment is asked again, what is refused is not") {
  const Provider provider;
  const Json again = check_at(provider, "down-first", "key");
  CHECK(outcome_of(again) == "accepted");
  CHECK(again["attempts"] == 2);
  const std::size_t before = provider.requests().size();
  const Json refused = check_at(provider, "401", "key");
  CHECK(refused["attempts"] == 1);
  CHECK(provider.requests().size() == before + 1);
}

TEST_CASE("Where nothing has a key, nothing is asked") {
  const Provider provider;
  const Daemon daemon({.settings = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" + provider.base_url("openai") +
                                   R"(", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})"});
  Client client = daemon.connect();
  const Json verdict = client.call("auth.check");
  CHECK(outcome_of(verdict) == "not_tested E105");
  CHECK(verdict["attempts"] == 0);
  CHECK(verdict["hints"] == Json{"qwen-authctl explain K shows where Qwen Code looks for it."});
  CHECK(provider.requests().empty());
}

TEST_CASE("A key is checked before it is saved anywhere, and the list of models stands in for a model") {
  const Provider provider({"--key", good_key, "--model", "m7"});
  const Daemon daemon;
  Client client = daemon.connect();
  const Json endpoint = {{"baseUrl", provider.base_url("openai")}, {"apiKey", good_key}};
  const Json listed = client.call("auth.check", {{"endpoint", endpoint}});
  CHECK(outcome_of(listed) == "accepted");
  CHECK(listed["proven"] == true);
  CHECK(listed["request"]["method"] == "GET");
  CHECK_FALSE(listed["key"].contains("name"));
  const Json asked = client.call("auth.check", {{"endpoint", endpoint}, {"depth", "model"}});
  CHECK(outcome_of(asked) == "accepted");
  CHECK(asked["model"] == "m7");
  CHECK_FALSE(exists(daemon.settings_path()));
}

TEST_CASE("A list that anybody gets is followed by a request that counts") {
  const Provider provider({"--model", "m7"});
  const Daemon daemon;
  Client client = daemon.connect();
  const Json verdict = client.call("auth.check", {{"endpoint", {{"baseUrl", provider.base_url("openai")}, {"apiKey", good_key}}}});
  CHECK(verdict["request"]["method"] == "POST");
  CHECK(verdict["model"] == "m7");
  CHECK(verdict["proven"] == false);
}

TEST_CASE("A key goes to no host that it was not set up for, unless its user names the host") {
  const Provider provider, elsewhere;
  const Daemon daemon({.settings = one_model("openai", provider.base_url("openai"))});
  Client client = daemon.connect();
  Json params = {{"endpoint", {{"baseUrl", elsewhere.base_url("openai")}, {"envKey", "K"}, {"modelId", "m1"}}}};
  const Json error = client.refusal("auth.check", params);
  CHECK(error["code"] == -32030);
  CHECK(error["data"]["hosts"] == Json{"127.0.0.1"});
  CHECK(elsewhere.requests().empty());
  params["consent"] = {{"hosts", {"127.0.0.1"}}};
  CHECK(outcome_of(client.call("auth.check", params)) == "accepted");

  write_file(daemon.path("repo/.qwen/settings.json"),
             R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" + elsewhere.origin() + R"(/other/v1", "envKey": "K"}]}})");
  Json context = daemon.context();
  context["cwd"] = daemon.path("repo");
  const std::size_t before = elsewhere.requests().size();
  CHECK(client.refusal("auth.check", {{"context", context}})["code"] == -32030);
  CHECK(elsewhere.requests().size() == before);
}

TEST_CASE("A gateway that wants the key in the other header is told, for each version") {
  struct Row {
    std::string mode, version, outcome;
  };
  for (const Row& row : std::vector<Row>{{"x-api-key", "0.24.4", "rejected K210"},
                                         {"x-api-key", "0.15.6", "accepted"},
                                         {"bearer", "0.24.4", "accepted"},
                                         {"bearer", "0.15.6", "rejected K210"}}) {
    CAPTURE(row.mode, row.version);
    const Provider strict({"--key", good_key});
    const Daemon daemon({.settings = one_model("anthropic", strict.base_url("anthropic", row.mode))});
    Client client = daemon.connect();
    Json context = daemon.context();
    context["cliVersion"] = row.version;
    const Json verdict = client.call("auth.check", {{"context", context}});
    CHECK(outcome_of(verdict) == row.outcome);
    CHECK(verdict["cliVersion"] == row.version);
    CHECK(verdict.contains("fix") == (row.outcome == "rejected K210"));
  }
}

TEST_CASE("A cancelled check is answered at once, with its progress before") {
  const Provider provider;
  const Daemon daemon({.settings = one_model("openai", provider.base_url("openai", "hang"))});
  Client client = daemon.connect();
  const int id = client.request("auth.check", {{"workDoneToken", "t"}});
  CHECK(client.next_notification("$/progress")["params"]["value"]["kind"] == "begin");
  REQUIRE(provider.was_asked());
  client.notify("$/cancelRequest", {{"id", id}});
  CHECK(client.error_of(id)["code"] == -32800);
  CHECK(client.call("daemon.info")["counters"]["checks"] == 0);
}

TEST_CASE("A key that a command prints is used, and fetched again once it is refused") {
  const Provider provider({"--key", good_key});
  Daemon daemon({.settings = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" + provider.base_url("openai") +
                             R"(", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})"});
  daemon.may_hold_key(daemon.path("vault"));
  write_file(daemon.path("vault"), "sk-old-0123456789abcdef\n");
  Client client = daemon.connect();
  client.call("keys.set", {{"name", "K"}, {"command", {"cat", daemon.path("vault")}}});
  CHECK(outcome_of(client.call("auth.check")) == "rejected K203");
  // The one in memory is the old one.
  client.call("keys.run", {{"name", "K"}});
  write_file(daemon.path("vault"), good_key + "\n");
  const Json verdict = client.call("auth.check");
  CHECK(outcome_of(verdict) == "accepted");
  CHECK(verdict["key"]["source"] == "keys.json");
}

// ---- The sweep

namespace {

const std::vector<std::string> alibaba_hosts{"dashscope.aliyuncs.com",
                                             "dashscope-intl.aliyuncs.com",
                                             "dashscope-us.aliyuncs.com",
                                             "cn-hongkong.dashscope.aliyuncs.com",
                                             "coding.dashscope.aliyuncs.com",
                                             "coding-intl.dashscope.aliyuncs.com",
                                             "token-plan.cn-beijing.maas.aliyuncs.com",
                                             "token-plan.ap-southeast-1.maas.aliyuncs.com",
                                             "api.openai.com"};

// Alibaba's hosts, of which one takes the key; and a home set up for Beijing.
class Vendors {
 public:
  explicit Vendors(const std::string& accepting_host, const std::string& careless_host = "")
      : certificate_(alibaba_hosts),
        provider_(provider_arguments(certificate_, accepting_host, careless_host)),
        gate_(provider_.port()),
        daemon_({.settings = R"({"$version": 4, "env": {"DASHSCOPE_API_KEY": ")" + good_key +
                             R"("}, "modelProviders": {"openai": [{"id": "glm-5", "name": "[ModelStudio Standard] glm-5", "baseUrl": )"
                             R"("https://dashscope.aliyuncs.com/compatible-mode/v1", "envKey": "DASHSCOPE_API_KEY"}]}, )"
                             R"("security": {"auth": {"selectedType": "openai"}}, "model": {"name": "glm-5"}})"}),
        client_(daemon_.connect()) {}

  Json check(const std::vector<std::string>& hosts = {}) {
    return client_.call("auth.check", {{"context", context()}, {"consent", {{"hosts", hosts}}}});
  }
  Json examine(const std::vector<std::string>& hosts) {
    return client_.call("doctor.run", {{"context", context()}, {"probe", true}, {"consent", {{"hosts", hosts}}}});
  }
  Client& client() { return client_; }
  const Daemon& daemon() const { return daemon_; }
  // How often each host was asked with the key, and with another one.
  std::map<std::string, std::pair<int, int>> asked() const {
    std::map<std::string, std::pair<int, int>> hosts;
    for (const Json& request : provider_.requests()) {
      auto& [with_key, with_other] = hosts[header_of(request, "host")];
      ++(header_of(request, "authorization") == "Bearer " + good_key ? with_key : with_other);
    }
    return hosts;
  }

 private:
  Json context() const {
    return daemon_.context({{"HTTPS_PROXY", gate_.url()}, {"NODE_EXTRA_CA_CERTS", certificate_.authority()}});
  }
  static std::vector<std::string> provider_arguments(const VendorCertificate& certificate, const std::string& host,
                                                     const std::string& careless_host) {
    std::vector<std::string> arguments = certificate.server_arguments();
    arguments.insert(arguments.end(), {"--host-key", host + "=" + good_key});
    if (!careless_host.empty()) arguments.insert(arguments.end(), {"--host-key", careless_host + "=*"});
    return arguments;
  }

  VendorCertificate certificate_;
  Provider provider_;
  VendorGate gate_;
  Daemon daemon_;
  Client client_;
};

}  // namespace

TEST_CASE("A refused key names the vendor's other endpoints, and none of them is asked without consent") {
  Vendors vendors("dashscope-intl.aliyuncs.com");
  const Json refused = vendors.check();
  INFO(refused.dump(2));
  CHECK(outcome_of(refused) == "rejected K203");
  REQUIRE(refused["siblings"].size() == 7);
  CHECK(refused["siblings"][0]["host"] == "dashscope-intl.aliyuncs.com");
  CHECK(refused["siblings"][0]["envKey"] == "DASHSCOPE_API_KEY");
  CHECK_FALSE(refused.contains("sweep"));
  CHECK(vendors.asked() == std::map<std::string, std::pair<int, int>>{{"dashscope.aliyuncs.com", {1, 0}}});
}

TEST_CASE("The region that takes the key is found, and no other vendor gets it") {
  Vendors vendors("dashscope-intl.aliyuncs.com");
  const Json verdict = vendors.check(alibaba_hosts);
  INFO(verdict.dump(2));
  CHECK(outcome_of(verdict) == "rejected K202");
  CHECK(verdict["message"] == "The key is valid in Singapore (dashscope-intl.aliyuncs.com), not in China (Beijing) (dashscope.aliyuncs.com).");
  CHECK(verdict["switch"]["baseUrl"] == "https://dashscope-intl.aliyuncs.com/compatible-mode/v1");
  CHECK(verdict["switch"]["envKey"] == "DASHSCOPE_API_KEY");
  CHECK(verdict["switch"]["fix"].get<std::string>().starts_with("fix-"));
  CHECK(verdict["sweep"].size() == 7);
  const auto asked = vendors.asked();
  CHECK(asked.size() == 8);
  for (const auto& [host, times] : asked) {
    CAPTURE(host);
    CHECK(times.first == 1);
    CHECK(times.second == (host == "dashscope-intl.aliyuncs.com" ? 1 : 0));
  }
  CHECK_FALSE(asked.contains("api.openai.com"));
}

TEST_CASE("A region that takes any key does not hide the one that takes this key") {
  Vendors vendors("dashscope-us.aliyuncs.com", "dashscope-intl.aliyuncs.com");
  const Json verdict = vendors.check(alibaba_hosts);
  INFO(verdict.dump(2));
  CHECK(outcome_of(verdict) == "rejected K202");
  CHECK(verdict["switch"]["baseUrl"] == "https://dashscope-us.aliyuncs.com/compatible-mode/v1");
  Vendors careless("none.example", "dashscope-intl.aliyuncs.com");
  CHECK_FALSE(careless.check(alibaba_hosts).contains("switch"));
}

TEST_CASE("The switch to the region that takes the key shows its diff, is one write, and can be undone") {
  Vendors vendors("dashscope-intl.aliyuncs.com");
  const Json verdict = vendors.check(alibaba_hosts);
  REQUIRE(verdict["fix"]["id"] == verdict["switch"]["fix"]);
  CHECK(verdict["fix"]["kind"] == "ask");
  CHECK(verdict["fix"]["title"] == "Use the endpoint of Alibaba Cloud ModelStudio Standard API Key, Singapore");
  const std::string preview = verdict["fix"]["preview"];
  CHECK(preview.find("https://dashscope.aliyuncs.com/compatible-mode/v1") != std::string::npos);
  CHECK(preview.find("https://dashscope-intl.aliyuncs.com/compatible-mode/v1") != std::string::npos);
  CHECK(preview.find(good_key) == std::string::npos);
  const std::string before = vendors.daemon().settings_text();
  const Json saved = vendors.client().call("doctor.fix", {{"fix", verdict["fix"]["id"]}});
  CHECK(saved["changed"] == true);
  CHECK(vendors.daemon().settings_text().find("https://dashscope-intl.aliyuncs.com/compatible-mode/v1") != std::string::npos);
  CHECK(outcome_of(vendors.check()) == "accepted");
  vendors.client().call("settings.undo");
  CHECK(vendors.daemon().settings_text() == before);
}

TEST_CASE("The doctor that may ask the vendor's other regions offers the one that takes the key") {
  Vendors vendors("dashscope-intl.aliyuncs.com");
  const Json unasked = vendors.examine({});
  CHECK(codes_of(unasked["findings"]) == std::vector<std::string>{"K203"});
  CHECK(unasked["siblings"].size() == 7);
  const Json asked = vendors.examine(alibaba_hosts);
  INFO(asked.dump(2));
  REQUIRE(codes_of(asked["findings"]) == std::vector<std::string>{"K202"});
  const Json& finding = asked["findings"][0];
  CHECK(finding["fix"]["kind"] == "ask");
  CHECK(finding["evidence"].dump().find("dashscope-intl.aliyuncs.com: accepted") != std::string::npos);
  vendors.client().call("doctor.fix", {{"fix", finding["fix"]["id"]}});
  CHECK(vendors.examine({})["findings"].empty());
}

TEST_CASE("The plan that the key belongs to is found, with the variable of that plan") {
  Vendors vendors("coding-intl.dashscope.aliyuncs.com");
  const Json verdict = vendors.check({"coding-intl.dashscope.aliyuncs.com", "coding.dashscope.aliyuncs.com"});
  INFO(verdict.dump(2));
  CHECK(outcome_of(verdict) == "rejected K201");
  CHECK(verdict["switch"]["baseUrl"] == "https://coding-intl.dashscope.aliyuncs.com/v1");
  CHECK(verdict["switch"]["envKey"] == "BAILIAN_CODING_PLAN_API_KEY");
  CHECK(vendors.asked().size() == 3);
}

TEST_CASE("A key that no endpoint of the vendor takes is wrong, and it is said how many were asked") {
  Vendors vendors("nowhere.example");
  const Json verdict = vendors.check(alibaba_hosts);
  CHECK(outcome_of(verdict) == "rejected K203");
  CHECK(verdict["message"] ==
        "The key is refused by all 8 endpoints of Alibaba Cloud that were asked, dashscope.aliyuncs.com among them: it is revoked, mistyped or "
        "of another vendor.");
  CHECK_FALSE(verdict.contains("switch"));
}
