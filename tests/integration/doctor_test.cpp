// doctor.run and doctor.fix over the socket: what is found, mended and undone.
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string doubled = R"({
  // mine
  "$version": 4,
  "env": {"K": ")" + std::string(canary) + R"("},
  "modelProviders": {"openai": [{"id": "m1", "baseUrl": "https://api.openai.com/v1/chat/completions", "envKey": "K"}]},
  "security": {"auth": {"selectedType": "openai"}},
  "model": {"name": "m1"}
})";

Json only_finding(const Json& result) {
  REQUIRE(result["findings"].size() == 1);
  return result["findings"][0];
}

std::string settings_for(const std::string& base_url) {
  return R"({"$version": 4, "env": {"K": ")" + std::string(canary) + R"("}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" +
         base_url + R"(", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})";
}

}  // namespace

TEST_CASE("The doctor finds what is wrong, mends it in one write, and that can be undone") {
  const Daemon daemon({.settings = doubled});
  Client client = daemon.connect();
  const Json result = client.call("doctor.run", {{"context", daemon.context()}});
  const Json finding = only_finding(result);
  CHECK(finding["code"] == "U302");
  CHECK(finding["name"] == "url.full-endpoint");
  CHECK(finding["severity"] == "error");
  CHECK(finding["evidence"][0] == daemon.settings_path() + ":5: https://api.openai.com/v1/chat/completions");
  CHECK(finding["evidence"][1] == "POST https://api.openai.com/v1/chat/completions/chat/completions");
  CHECK(finding["fix"]["kind"] == "auto");
  CHECK(finding["fix"]["preview"].get<std::string>().find("+") != std::string::npos);
  CHECK(result["summary"] == Json{{"errors", 1}, {"warnings", 0}, {"infos", 0}});
  CHECK(result["schema"] == 1);
  CHECK(result["place"]["home"] == daemon.home());
  CHECK(result["place"]["cwd"].is_null());
  CHECK(daemon.settings_text() == doubled);

  const Json mended = client.call("doctor.fix", {{"fix", finding["fix"]["id"]}});
  CHECK(mended["changed"] == true);
  CHECK(mended["path"] == daemon.settings_path());
  CHECK(mended["done"] == "Use https://api.openai.com/v1");
  CHECK(daemon.settings_text().find("\"https://api.openai.com/v1\"") != std::string::npos);
  CHECK(daemon.settings_text().find("// mine") != std::string::npos);
  CHECK(client.call("doctor.run", {{"context", daemon.context()}})["findings"].empty());

  client.call("settings.undo");
  CHECK(daemon.settings_text() == doubled);
}

TEST_CASE("A fix is refused where the file is another one, or what it mends is gone") {
  const Daemon daemon({.settings = doubled});
  Client client = daemon.connect();
  const Json fix = only_finding(client.call("doctor.run"))["fix"]["id"];
  CHECK(client.refusal("doctor.fix", {{"fix", fix}, {"etag", "0000000000000000"}})["code"] == -32021);
  write_file(daemon.settings_path(), settings_for("https://elsewhere.example/v1"));
  const Json refused = client.refusal("doctor.fix", {{"fix", fix}});
  CHECK(refused["code"] == -32021);
  CHECK(refused["data"]["path"] == daemon.settings_path());
  CHECK(daemon.settings_text() == settings_for("https://elsewhere.example/v1"));
  const Json unknown = client.refusal("doctor.fix", {{"fix", "fix-0"}});
  CHECK(unknown["code"] == -32036);
  CHECK(unknown["data"]["kind"] == "unknown_fix");
}

TEST_CASE("Trailing commas are all that a repair takes out") {
  const Daemon daemon({.settings = R"({"env": {"A": "sk-1234567890abcdef",}, "ui": {"x": 1}})"});
  Client client = daemon.connect();
  const Json finding = client.call("doctor.run")["findings"][0];
  CHECK(finding["code"] == "F801");
  const Json mended = client.call("doctor.fix", {{"fix", finding["fix"]["id"]}});
  CHECK(mended["changed"] == true);
  CHECK(daemon.settings_text() == R"({"env": {"A": "sk-1234567890abcdef"}, "ui": {"x": 1}})");
  client.call("settings.undo");
  CHECK(daemon.settings_text() == R"({"env": {"A": "sk-1234567890abcdef",}, "ui": {"x": 1}})");
}

TEST_CASE("A file with a key is made private, and a .env line is written as it was meant") {
  Daemon daemon({.settings = R"({"$version": 4, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]},
    "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})"});
  const std::string dotenv = daemon.home() + "/.qwen/.env";
  write_file(dotenv, "# mine\nK=sk-1234567890ab#cdef\n");
  chmod(dotenv.c_str(), 0644);
  Client client = daemon.connect();
  const Json result = client.call("doctor.run");
  CHECK(codes_of(result["findings"]) == std::vector<std::string>{"E108", "F804"});
  CHECK(result.dump().find("1234567890") == std::string::npos);
  const Json private_now = client.call("doctor.fix", {{"fix", result["findings"][1]["fix"]["id"]}});
  CHECK(private_now["former"]["mode"] == "0644");
  CHECK(private_now["undo"] == "chmod 0644 " + dotenv);
  CHECK(mode_of(dotenv) == 0600);
  client.call("doctor.fix", {{"fix", result["findings"][0]["fix"]["id"]}});
  CHECK(read_file(dotenv).find("sk-1234567890ab#cdef") != std::string::npos);
  CHECK(client.call("doctor.run")["findings"].empty());
}

TEST_CASE("Only what is asked for is looked for, and what was not tested is no pass") {
  const Daemon daemon({.settings = doubled});
  Client client = daemon.connect();
  const Json one = client.call("doctor.run", {{"only", {"e101"}}});
  CHECK(one["findings"].empty());
  CHECK(one["checked"] == Json{"E101"});
  const Json all = client.call("doctor.run");
  std::set<std::string> skipped;
  for (const Json& item : all["skipped"]) skipped.insert(item["code"]);
  CHECK(skipped.contains("K203"));
  CHECK(skipped.contains("S902"));
  for (const Json& code : all["checked"]) CHECK_FALSE(skipped.contains(code));
  CHECK(client.refusal("doctor.run", {{"only", {"X123"}}})["code"] == -32012);
}

TEST_CASE("A host that a project names is not asked before its user allows it") {
  const Provider provider;
  const Daemon daemon({.settings = settings_for("https://api.openai.com/v1")});
  const std::string project = daemon.home() + "/project";
  const std::string base_url = provider.base_url("openai");
  write_file(project + "/.qwen/settings.json",
             R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" + base_url + R"(", "envKey": "K"}]}})");
  Client client = daemon.connect();
  Json context = daemon.context();
  context["cwd"] = project;
  Json params = {{"context", context}, {"probe", true}};
  const Json withheld = client.call("doctor.run", params);
  INFO(withheld.dump(2));
  CHECK(withheld["consent"]["hosts"] == Json{"127.0.0.1"});
  CHECK(withheld["consent"]["message"].get<std::string>().find("was not set up for http://127.0.0.1:") != std::string::npos);
  CHECK(withheld["probe"]["state"] == "not_tested");
  CHECK(provider.requests().empty());
  params["consent"]["hosts"] = withheld["consent"]["hosts"];
  const Json asked = client.call("doctor.run", params);
  CHECK_FALSE(asked.contains("consent"));
  CHECK(asked["probe"]["state"] == "accepted");
  CHECK_FALSE(provider.requests().empty());
}

TEST_CASE("A probe asks the selected model, and its words are evidence") {
  const Provider provider;
  const Daemon good({.settings = settings_for(provider.base_url("openai"))});
  Client client = good.connect();
  const Json well = client.call("doctor.run", {{"probe", true}, {"only", {"K203", "M501"}}});
  CHECK(well["findings"].empty());
  CHECK(well["checked"] == Json{"K203", "M501"});
  write_file(good.settings_path(), settings_for(provider.base_url("openai", "401")));
  const Json result = client.call("doctor.run", {{"probe", true}, {"context", good.context()}});
  const Json finding = only_finding(result);
  CHECK(finding["code"] == "K203");
  CHECK(finding["evidence"][0].get<std::string>().find("HTTP 401") != std::string::npos);
  CHECK(finding["evidence"][1].get<std::string>().starts_with(good.settings_path() + ":1: sk-"));
  CHECK(result.dump().find(canary.substr(3, 8)) == std::string::npos);
}
