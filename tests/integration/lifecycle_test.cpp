// How the daemon starts and ends, and what it says about itself.
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <memory>
#include <set>
#include <thread>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

// Runs a daemon that is expected to end by itself.
int start_another(const Environment& environment, const std::vector<std::string>& arguments, std::string& output) {
  return run(daemon_program(), arguments, environment, output);
}

}  // namespace

TEST_CASE("daemon.info says what is running") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json info = client.call("daemon.info");
  CHECK(info["name"] == "qwen-authd");
  CHECK(info["version"] == "0.1.0");
  CHECK(info["protocolVersion"].is_number_integer());
  CHECK(info["pid"] == daemon.pid());
  CHECK(info["startedAt"].get<std::string>().size() == std::string("2026-01-01T00:00:00Z").size());
  CHECK(info["socket"] == daemon.socket());
  CHECK(info["activation"] == "none");
  CHECK(info["counters"]["connections"].get<int>() >= 1);
  CHECK(info["counters"]["sessions"] == 0);
}

TEST_CASE("rpc.discover is an OpenRPC 1.3.2 document of every method that answers") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json document = client.call("rpc.discover");
  CHECK(document["openrpc"] == "1.3.2");
  CHECK(document["info"]["title"] == "qwen-authd");
  CHECK(document["info"]["version"] == "0.1.0");
  const std::set<std::string> root_members{"openrpc", "info", "methods", "servers", "components", "externalDocs"};
  for (const auto& [name, value] : document.items()) CHECK((root_members.contains(name) || name.starts_with("x-")));
  // The members that the meta-schema of OpenRPC allows; others must begin with x-.
  const std::set<std::string> method_members{"name", "description", "summary", "servers", "tags", "paramStructure", "params",
                                             "result", "errors", "links", "examples", "deprecated", "externalDocs"};
  const std::set<std::string> descriptor_members{"name", "description", "summary", "schema", "required", "deprecated"};
  std::set<std::string> names;
  for (const Json& method : document["methods"]) {
    INFO(method.dump());
    CHECK(names.insert(method["name"]).second);
    CHECK(method["params"].is_array());
    CHECK(method["result"]["name"].is_string());
    CHECK(method["result"].contains("schema"));
    for (const auto& [name, value] : method.items()) CHECK((method_members.contains(name) || name.starts_with("x-")));
    bool optional_seen = false;
    for (const Json& param : method["params"]) {
      for (const auto& [name, value] : param.items()) CHECK((descriptor_members.contains(name) || name.starts_with("x-")));
      const bool required = param.value("required", false);
      CHECK_FALSE((required && optional_seen));
      optional_seen = optional_seen || !required;
    }
    if (method["name"] == "daemon.shutdown") continue;
    CHECK(client.answer_to(client.request(method["name"])).value("/error/code"_json_pointer, 0) != -32601);
  }
  for (const char* name : {"daemon.ping", "daemon.info", "daemon.reload", "daemon.shutdown", "rpc.discover", "events.subscribe",
                           "wizard.flows", "wizard.start", "wizard.submitStep", "wizard.amend", "wizard.back", "wizard.state",
                           "wizard.cancel", "wizard.list", "wizard.preview", "wizard.commit", "env.export", "settings.restore"})
    CHECK(names.contains(name));
}

TEST_CASE("Only the method that reveals secrets is marked so") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json methods = client.call("rpc.discover")["methods"];
  CHECK(methods.size() > 10);
  for (const Json& method : methods)
    CHECK(method.value("x-reveals", false) == (method["name"] == "env.export"));
}

TEST_CASE("daemon.shutdown is answered, then the daemon ends with 0") {
  Daemon daemon;
  Client client = daemon.connect();
  CHECK(client.call("daemon.shutdown") == Json::object());
  CHECK(client.is_closed());
  CHECK(daemon.wait_for_exit() == 0);
  CHECK_FALSE(exists(daemon.socket()));
}

TEST_CASE("SIGTERM and SIGINT end the daemon with 0, and the socket goes") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Daemon daemon;
    Client client = daemon.connect();
    client.call("daemon.ping");
    daemon.signal(signal);
    CHECK(daemon.wait_for_exit() == 0);
    CHECK(client.is_closed());
    CHECK_FALSE(exists(daemon.socket()));
  }
}

TEST_CASE("SIGTERM during a check that hangs is answered as saved and cancelled, and ends in time") {
  Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const int commit = client.request("wizard.commit", {{"sessionId", session}});
  REQUIRE(provider.was_asked());
  daemon.signal(SIGTERM);
  const Json result = client.result_of(commit);
  CHECK(result["saved"]["changed"] == true);
  CHECK(result["auth"]["state"] == "not_tested");
  CHECK(result["auth"]["code"] == "cancelled");
  CHECK(result["closed"] == false);
  CHECK(client.is_closed());
  CHECK(daemon.wait_for_exit() == 0);
  CHECK(daemon.settings()["model"]["name"] == "m1");
}

TEST_CASE("SIGTERM during a check before the write writes nothing") {
  Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const int commit = client.request("wizard.commit", {{"sessionId", session}, {"check", "before"}});
  REQUIRE(provider.was_asked());
  daemon.signal(SIGTERM);
  CHECK(client.error_of(commit)["code"] == -32800);
  CHECK(daemon.wait_for_exit() == 0);
  CHECK_FALSE(exists(daemon.home() + "/.qwen"));
}

TEST_CASE("SIGTERM right after a commit never leaves half a file") {
  for (int round = 0; round < 8; ++round) {
    Daemon daemon;
    Client client = daemon.connect();
    const std::string session = walk_to_review(client);
    const int commit = client.request("wizard.commit", {{"sessionId", session}, {"check", "none"}});
    std::this_thread::sleep_for(std::chrono::microseconds(round * 400));
    daemon.signal(SIGTERM);
    const auto answer = client.next_text();
    CHECK(daemon.wait_for_exit() == 0);
    // A request that was read is answered; one that was not read was never begun.
    if (!answer) {
      CHECK_FALSE(exists(daemon.settings_path()));
      continue;
    }
    const Json json = Json::parse(*answer);
    CHECK(json["id"] == commit);
    CHECK(exists(daemon.settings_path()) == json.contains("result"));
    if (json.contains("result")) CHECK(daemon.settings()["model"]["name"] == "m1");
    for (const std::string& name : names_in(daemon.home() + "/.qwen")) CHECK(name == "settings.json");
  }
}

TEST_CASE("SIGHUP and daemon.reload forget what is cached and keep everything else") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  daemon.signal(SIGHUP);
  CHECK(eventually([&] { return daemon.log().find("forgot") != std::string::npos; }));
  CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == "custom-review-json");
  CHECK(client.call("daemon.reload") == Json::object());
  CHECK(preview(client, session)["exists"] == false);
}

TEST_CASE("A second daemon on the same socket says who has it and ends with an error") {
  const Daemon daemon;
  std::string output;
  CHECK(start_another(daemon.environment(), {}, output) != 0);
  INFO(output);
  CHECK(output.find(std::to_string(daemon.pid())) != std::string::npos);
  CHECK(output.find(daemon.socket()) != std::string::npos);
  CHECK(daemon.connect().call("daemon.info")["pid"] == daemon.pid());
}

TEST_CASE("Of many daemons started at once exactly one serves") {
  const Scratch scratch;
  Environment environment = bare_environment();
  environment["HOME"] = scratch.path();
  environment["QWEN_AUTHD_SOCKET"] = scratch.path("run/rpc.sock");
  std::vector<std::unique_ptr<Process>> daemons;
  for (int i = 0; i < 8; ++i)
    daemons.push_back(std::make_unique<Process>(daemon_program(), std::vector<std::string>{}, environment, scratch.path("log")));
  CHECK(eventually([&] {
    return std::count_if(daemons.begin(), daemons.end(), [](const auto& daemon) { return daemon->is_running(); }) == 1;
  }));
  for (const auto& daemon : daemons) {
    if (!daemon->is_running()) {
      CHECK(daemon->wait(patience) == 1);
      continue;
    }
    Client client(environment["QWEN_AUTHD_SOCKET"], Framing::lines, std::make_shared<Overheard>());
    CHECK(client.call("daemon.info")["pid"] == daemon->pid());
    daemon->signal(SIGTERM);
    CHECK(daemon->wait(patience) == 0);
  }
}

TEST_CASE("A socket that a killed daemon left behind is taken over") {
  Daemon daemon;
  daemon.signal(SIGKILL);
  CHECK(daemon.wait_for_exit() == 128 + SIGKILL);
  REQUIRE(exists(daemon.socket()));
  daemon.start();
  CHECK(daemon.connect().call("daemon.info")["pid"] == daemon.pid());
  daemon.signal(SIGTERM);
  CHECK(daemon.wait_for_exit() == 0);
}

TEST_CASE("What is not a socket is never removed") {
  const Scratch scratch;
  Environment environment = bare_environment();
  environment["HOME"] = scratch.path();
  write_file(scratch.path("run/rpc.sock"), "precious");
  std::string output;
  CHECK(start_another(environment, {"--socket", scratch.path("run/rpc.sock")}, output) != 0);
  CHECK(read_file(scratch.path("run/rpc.sock")) == "precious");
  CHECK(output.find("not a socket") != std::string::npos);
}

TEST_CASE("A path that the kernel would cut is refused") {
  const Scratch scratch;
  Environment environment = bare_environment();
  environment["HOME"] = scratch.path();
  const std::string directory = scratch.path(std::string(107 - scratch.path().size() - 2 - 8, 'd'));
  const std::string longest = directory + "/rpc.sock";
  REQUIRE(longest.size() == 107);
  std::string output;
  for (const bool as_option : {true, false}) {
    Environment variables = environment;
    std::vector<std::string> arguments;
    if (as_option)
      arguments = {"--socket", longest + "x"};
    else
      variables["QWEN_AUTHD_SOCKET"] = longest + "x";
    CHECK(start_another(variables, arguments, output) != 0);
    INFO(output);
    CHECK(output.find("107") != std::string::npos);
    CHECK_FALSE(exists(directory));
  }
  Process process(daemon_program(), {"--socket", longest}, environment, scratch.path("log"));
  CHECK(serves(process, longest));
  CHECK(mode_of(longest) == 0600);
  process.signal(SIGTERM);
  CHECK(process.wait(patience) == 0);
}

TEST_CASE("A directory that others can look into is refused") {
  for (const mode_t mode : {0755U, 0750U, 0701U, 0770U}) {
    const Scratch scratch;
    Environment environment = bare_environment();
    environment["HOME"] = scratch.path();
    write_file(scratch.path("run/placeholder"), "");
    REQUIRE(chmod(scratch.path("run").c_str(), mode) == 0);
    std::string output;
    CHECK(start_another(environment, {"--socket", scratch.path("run/rpc.sock")}, output) != 0);
    INFO(output);
    CHECK(output.find(scratch.path("run")) != std::string::npos);
    CHECK_FALSE(exists(scratch.path("run/rpc.sock")));
    CHECK(mode_of(scratch.path("run")) == mode);
  }
}

TEST_CASE("The socket is found below XDG_RUNTIME_DIR when nothing else is said") {
  const Scratch scratch;
  Environment environment = bare_environment();
  environment["HOME"] = scratch.path();
  write_file(scratch.path("run/placeholder"), "");
  environment["XDG_RUNTIME_DIR"] = scratch.path("run");
  Process process(daemon_program(), {}, environment, scratch.path("log"));
  CHECK(serves(process, scratch.path("run/qwen-authd/rpc.sock")));
  process.signal(SIGTERM);
  CHECK(process.wait(patience) == 0);
}

TEST_CASE("An idle daemon ends by itself, but not under a connection or a session") {
  Daemon daemon({.arguments = {"--idle-timeout", "1"}});
  {
    Client client = daemon.connect();
    client.call("daemon.ping");
    CHECK_FALSE(daemon.wait_for_exit(std::chrono::milliseconds(1500)));
    client.call("wizard.start");
  }
  CHECK_FALSE(daemon.wait_for_exit(std::chrono::milliseconds(1500)));
  {
    Client client = daemon.connect();
    const Json sessions = client.call("wizard.list")["sessions"];
    REQUIRE(sessions.size() == 1);
    client.call("wizard.cancel", {{"sessionId", sessions[0]["sessionId"]}});
  }
  CHECK(daemon.wait_for_exit() == 0);
}

TEST_CASE("The command line explains itself") {
  std::string output;
  CHECK(start_another(bare_environment(), {"--version"}, output) == 0);
  CHECK(output == "qwen-authd 0.1.0\n");
  CHECK(start_another(bare_environment(), {"--help"}, output) == 0);
  for (const char* option : {"--socket", "--log-level", "--idle-timeout", "--version", "--help"})
    CHECK(output.find(option) != std::string::npos);
  CHECK(start_another(bare_environment(), {"--no-such-option"}, output) == 2);
  CHECK(start_another(bare_environment(), {"--log-level", "loud"}, output) == 2);
}
