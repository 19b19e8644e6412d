// Commands that print keys: one run however many ask, in bounds, and the key nowhere but in what
// reveals it.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "daemon.hpp"
#include "tests/support/bin_dir.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

const std::string masked = "sk-••••••••••••••••";

// A daemon, and a vault whose programs print the canary.
struct Vault {
  Daemon daemon;
  std::string vault = daemon.path("vault"), secret = vault + "/secret", runs = vault + "/runs";
  Vault() {
    daemon.may_hold_key(secret);
    write_file(secret, std::string(canary) + "\n");
  }
  // A program that notes that it ran, does this, and prints the key.
  std::string program(const std::string& name, const std::string& first = ":") const {
    const std::string path = vault + "/" + name;
    write_file(path, "#!/bin/sh\necho run >> '" + runs + "'\n" + first + "\ncat '" + secret + "'\n", 0700);
    chmod(path.c_str(), 0700);
    return path;
  }
  std::size_t count_of_runs() const {
    const std::string text = read_file(runs);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  std::string keys_path() const { return daemon.home() + "/.config/qwen-authd/keys.json"; }
};

void set(Client& client, const std::string& name, const Words& command, const Json& more = Json::object()) {
  Json params = {{"name", name}, {"command", command}};
  params.update(more);
  CHECK(client.call("keys.set", params)["name"] == name);
}

Json run_of(Client& client, const std::string& name) { return client.call("keys.run", {{"name", name}}); }

Json unavailable(Client& client, const std::string& name) {
  const Json error = client.refusal("keys.run", {{"name", name}});
  CHECK(error["code"] == -32034);
  CHECK(error["data"]["kind"] == "key_unavailable");
  CHECK(error["data"]["name"] == name);
  return error;
}

std::string state_of(Client& client, const std::string& name) {
  const Json list = client.call("keys.list");
  for (const Json& key : list["keys"])
    if (key["name"] == name) return key["state"];
  return "absent";
}

std::vector<pid_t> pids_in(const std::string& path) {
  std::ifstream file(path);
  std::vector<pid_t> pids;
  for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
  return pids;
}

bool has_ended(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_ends = stat.rfind(')');
  return name_ends == std::string::npos || stat.substr(name_ends).starts_with(") Z");
}

}  // namespace

TEST_CASE("A command is kept in a private file, listed, run and removed, and its key never shown") {
  const Vault place;
  Client client = place.daemon.connect();
  CHECK(client.call("keys.list") == Json{{"path", place.keys_path()}, {"keys", Json::array()}});
  const std::string program = place.program("get");
  set(client, "MY_API_KEY", {program, "a b"}, {{"lifetimeMs", 60'000}});
  CHECK(mode_of(place.keys_path()) == 0600);
  CHECK(mode_of(place.daemon.home() + "/.config/qwen-authd") == 0700);
  CHECK(client.call("keys.list")["keys"] == Json{{{"name", "MY_API_KEY"}, {"command", {program, "a b"}}, {"shell", false}, {"timeoutMs", 30'000}, {"lifetimeMs", 60'000}, {"state", "unused"}}});
  const Json result = run_of(client, "MY_API_KEY");
  CHECK(result["masked"] == masked);
  CHECK(result["length"] == canary.size());
  CHECK(result["fingerprint"].get<std::string>().size() == 8);
  CHECK(result["judgedBy"] == "daemon");
  CHECK(state_of(client, "MY_API_KEY") == "fresh");
  CHECK(client.call("keys.remove", {{"name", "MY_API_KEY"}})["changed"] == true);
  CHECK(client.call("keys.remove", {{"name", "MY_API_KEY"}})["changed"] == false);
  CHECK(client.refusal("keys.run", {{"name", "MY_API_KEY"}})["data"]["kind"] == "invalid_input");
}

TEST_CASE("Fifty who ask at once get the answer of one run") {
  const Vault place;
  Client client = place.daemon.connect();
  set(client, "MY_API_KEY", {place.program("slow", "sleep 0.3")});
  std::vector<Client> clients;
  std::vector<std::pair<std::size_t, int>> asked;
  for (std::size_t i = 0; i < 5; ++i) clients.push_back(place.daemon.connect());
  for (std::size_t i = 0; i < 50; ++i) asked.emplace_back(i % 5, clients[i % 5].request("keys.run", {{"name", "MY_API_KEY"}}));
  for (const auto& [at, id] : asked) CHECK(clients[at].result_of(id)["masked"] == masked);
  CHECK(place.count_of_runs() == 1);
  // A test run is a new one; env.export takes what is kept.
  run_of(client, "MY_API_KEY");
  CHECK(place.count_of_runs() == 2);
  for (int i = 0; i < 3; ++i) CHECK(client.reveal("env.export", {{"all", true}})["variables"] == Json{{"MY_API_KEY", canary}});
  CHECK(place.count_of_runs() == 2);
}

TEST_CASE("A key is kept for its lifetime, until it is forgotten, or until its command is another one") {
  const Vault place;
  Client client = place.daemon.connect();
  const auto ask = [&] { CHECK(client.reveal("env.export", {{"all", true}})["variables"] == Json{{"MY_API_KEY", canary}}); };
  set(client, "MY_API_KEY", {place.program("get")}, {{"lifetimeMs", 0}});
  ask();
  ask();
  CHECK(place.count_of_runs() == 2);
  CHECK(state_of(client, "MY_API_KEY") == "unused");
  set(client, "MY_API_KEY", {place.program("get")}, {{"lifetimeMs", 400}});
  ask();
  ask();
  CHECK(place.count_of_runs() == 3);
  CHECK(eventually([&] { return state_of(client, "MY_API_KEY") == "unused"; }));
  ask();
  CHECK(place.count_of_runs() == 4);
  set(client, "MY_API_KEY", {place.program("get")});
  ask();
  CHECK(client.call("keys.forget", {{"name", "OTHER"}})["forgotten"] == 0);
  CHECK(client.call("keys.forget", {{"name", "MY_API_KEY"}})["forgotten"] == 1);
  ask();
  CHECK(place.count_of_runs() == 6);
  client.call("daemon.reload");
  ask();
  CHECK(place.count_of_runs() == 7);
  // By hand, too.
  write_file(place.keys_path(), Json{{"keys", {{"MY_API_KEY", {{"command", {place.program("other")}}}}}}}.dump());
  ask();
  CHECK(place.count_of_runs() == 8);
}

TEST_CASE("A command gets the caller's environment, and no shell reads its arguments") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string seen = place.vault + "/seen";
  const std::string program = place.program("show", "{ printf '%s|' \"$OP_SESSION\" \"$HOME\" \"$@\"; pwd; } > '" + seen + "'");
  set(client, "MY_API_KEY", {program, "$(id)", "a;b", "`x`", "*", ""});
  const Json context = place.daemon.context({{"OP_SESSION", "mine"}, {"HOME", place.vault}});
  CHECK(client.call("keys.run", {{"name", "MY_API_KEY"}, {"context", context}})["judgedBy"] == "caller");
  CHECK(read_file(seen) == "mine|" + place.vault + "|$(id)|a;b|`x`|*||" + place.vault + "\n");
  // A few chosen variables are not a whole environment: without a PATH they are laid over the daemon's.
  client.call("keys.run", {{"name", "MY_API_KEY"}, {"context", {{"env", {{"OP_SESSION", "chosen"}}}}}});
  CHECK(read_file(seen).starts_with("chosen|" + place.daemon.home() + "|"));
  // A name is looked for in the caller's PATH.
  set(client, "MY_API_KEY", {"show"});
  CHECK(unavailable(client, "MY_API_KEY")["data"]["reason"] == "start");
  const Json with_vault = place.daemon.context({{"PATH", place.vault + ":/usr/bin:/bin"}});
  CHECK(client.call("keys.run", {{"name", "MY_API_KEY"}, {"context", with_vault}})["masked"] == masked);
}

TEST_CASE("A shell runs a command where one is asked for") {
  const Vault place;
  Client client = place.daemon.connect();
  set(client, "MY_API_KEY", {"cat '" + place.secret + "' | head -1"}, {{"shell", true}});
  CHECK(run_of(client, "MY_API_KEY")["masked"] == masked);
}

TEST_CASE("Why a command gives no key is said, and never with what may be one") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string secret = place.secret;
  const auto message_of = [&](const std::string& script) {
    set(client, "MY_API_KEY", {script}, {{"shell", true}, {"timeoutMs", 20'000}});
    const std::string message = unavailable(client, "MY_API_KEY")["message"];
    CHECK(state_of(client, "MY_API_KEY") == "failed");
    const std::string begin = "The command for MY_API_KEY gives no key: ";
    CHECK(message.starts_with(begin));
    return message.substr(begin.size());
  };
  CHECK(message_of("true") == "it printed nothing.");
  CHECK(message_of("cat '" + secret + "' '" + secret + "'") == "it printed 2 lines, and a key is one line.");
  CHECK(message_of("echo \"key: $(cat '" + secret + "')\"") == "it printed a line with characters that no key has.");
  CHECK(message_of("exit 3") == "it ended with exit code 3.");
  CHECK(message_of("cat '" + secret + "'; echo 'not signed in' >&2; exit 1") == "it ended with exit code 1. It says: not signed in");
  CHECK(message_of("cat '" + secret + "' >&2; exit 1") == "it ended with exit code 1. It says: sk-••••");
  CHECK(message_of("cut -c4- '" + secret + "' >&2; exit 1") == "it ended with exit code 1. It says: ••••");
  CHECK(message_of("set -x; K=$(cat '" + secret + "'); echo $K; exit 1").find("It says: + ") != std::string::npos);
  CHECK(message_of("kill -9 $$") == "signal KILL ended it.");
  CHECK(message_of("cat '" + secret + "'; yes") == "it printed more than 64 KiB, which is no key.");
  set(client, "MY_API_KEY", {"no-such-program"});
  CHECK(unavailable(client, "MY_API_KEY")["message"] == "The command for MY_API_KEY gives no key: it cannot be run: No such file or directory.");
}

TEST_CASE("The time-out kills a command with its grandchildren") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string pids = place.vault + "/pids";
  set(client, "MY_API_KEY", {"trap '' TERM; echo $$ > '" + pids + "'; (trap '' TERM; sh -c 'echo $$ >> \"" + pids + "\"; exec sleep 60') & sleep 60"},
      {{"shell", true}, {"timeoutMs", 500}});
  const Json error = unavailable(client, "MY_API_KEY");
  CHECK(error["data"]["reason"] == "timeout");
  CHECK(error["message"] == "The command for MY_API_KEY gives no key: it took longer than 500 ms and was stopped.");
  REQUIRE(pids_in(pids).size() == 2);
  for (const pid_t pid : pids_in(pids)) CHECK(eventually([pid] { return has_ended(pid); }));
}

TEST_CASE("Who is cancelled does not take the run from the others, and the last one does") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string pids = place.vault + "/pids", gate = place.vault + "/gate";
  set(client, "MY_API_KEY", {place.program("wait", "echo $$ > '" + pids + "'; while ! test -e '" + gate + "'; do sleep 0.02; done")});
  const int first = client.request("keys.run", {{"name", "MY_API_KEY"}});
  const int second = client.request("keys.run", {{"name", "MY_API_KEY"}});
  REQUIRE(eventually([&] { return !pids_in(pids).empty(); }));
  CHECK(state_of(client, "MY_API_KEY") == "running");
  client.notify("$/cancelRequest", {{"id", first}});
  CHECK(client.error_of(first)["code"] == -32800);
  CHECK_FALSE(has_ended(pids_in(pids)[0]));
  write_file(gate, "");
  CHECK(client.result_of(second)["masked"] == masked);
  CHECK(place.count_of_runs() == 1);

  std::filesystem::remove(gate);
  std::filesystem::remove(pids);
  const int third = client.request("keys.run", {{"name", "MY_API_KEY"}});
  REQUIRE(eventually([&] { return !pids_in(pids).empty(); }));
  const pid_t pid = pids_in(pids)[0];
  client.notify("$/cancelRequest", {{"id", third}});
  CHECK(client.error_of(third)["code"] == -32800);
  CHECK(eventually([pid] { return has_ended(pid); }));
  // Whoever asks next gets a run of its own.
  write_file(gate, "");
  CHECK(run_of(client, "MY_API_KEY")["masked"] == masked);
}

TEST_CASE("A command that is changed while it runs gives nobody its key") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string pids = place.vault + "/pids";
  set(client, "MY_API_KEY", {place.program("hang", "echo $$ > '" + pids + "'; sleep 60")});
  const int asked = client.request("keys.run", {{"name", "MY_API_KEY"}});
  REQUIRE(eventually([&] { return !pids_in(pids).empty(); }));
  set(client, "MY_API_KEY", {place.program("get")});
  const Json error = client.error_of(asked);
  CHECK(error["data"]["reason"] == "changed");
  CHECK(run_of(client, "MY_API_KEY")["masked"] == masked);
  CHECK(eventually([pid = pids_in(pids)[0]] { return has_ended(pid); }));
}

TEST_CASE("Callers whose environments say something else to the command have keys of their own") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string gate = place.vault + "/gate", seen = place.vault + "/seen";
  const std::string program = place.vault + "/vault";
  write_file(program, "#!/bin/sh\necho run >> '" + place.runs + "'\nwhile ! test -e '" + gate + "'; do sleep 0.02; done\necho \"key-of-$VAULT_ADDR\"\n", 0700);
  chmod(program.c_str(), 0700);
  set(client, "MY_API_KEY", {program});
  const auto context = [&](const std::string& address) { return place.daemon.context({{"VAULT_ADDR", address}, {"TERM", address + "-term"}}); };
  const auto ask = [&](const Json& of) { return client.request("env.export", {{"all", true}, {"context", of}}); };
  std::vector<std::pair<std::string, int>> asked;
  for (const char* address : {"one", "two", "one", "two", "one"}) asked.emplace_back(address, ask(context(address)));
  REQUIRE(eventually([&] { return place.count_of_runs() == 2; }));
  write_file(gate, "");
  for (const auto& [address, id] : asked) CHECK(client.result_of(id)["variables"] == Json{{"MY_API_KEY", "key-of-" + address}});
  CHECK(place.count_of_runs() == 2);
  // Both are kept, and forgotten together.
  CHECK(client.result_of(ask(context("one")))["variables"] == Json{{"MY_API_KEY", "key-of-one"}});
  CHECK(client.result_of(ask(context("two")))["variables"] == Json{{"MY_API_KEY", "key-of-two"}});
  CHECK(place.count_of_runs() == 2);
  CHECK(client.call("keys.forget", {{"name", "MY_API_KEY"}})["forgotten"] == 2);
}

TEST_CASE("At most four commands run at once, and the others get their turn") {
  const Vault place;
  Client client = place.daemon.connect();
  const std::string now = place.vault + "/now";
  std::filesystem::create_directories(now);
  const std::string program = place.program("count", "touch '" + now + "'/$$; ls '" + now + "' | wc -l >> '" + place.vault + "/seen'; sleep 0.1; rm '" + now + "'/$$");
  for (int i = 0; i < 12; ++i) set(client, "K" + std::to_string(i) + "_API_KEY", {program, std::to_string(i)});
  CHECK(client.reveal("env.export", {{"all", true}})["variables"].size() == 12);
  CHECK(place.count_of_runs() == 12);
  std::ifstream seen(place.vault + "/seen");
  for (int count = 0; seen >> count;) CHECK(count <= 4);
}

TEST_CASE("The daemon ends in time although commands hang, and leaves none behind") {
  Vault place;
  Client client = place.daemon.connect();
  const std::string pids = place.vault + "/pids";
  set(client, "MY_API_KEY", {place.program("hang", "trap '' TERM; echo $$ > '" + pids + "'; sleep 60")});
  const int asked = client.request("keys.run", {{"name", "MY_API_KEY"}});
  REQUIRE(eventually([&] { return !pids_in(pids).empty(); }));
  place.daemon.signal(SIGTERM);
  CHECK(client.error_of(asked)["code"] == -32800);
  CHECK(place.daemon.wait_for_exit() == 0);
  CHECK(has_ended(pids_in(pids)[0]));
}

TEST_CASE("keys.json that somebody tampered with is not used, by any method") {
  const Vault place;
  Client client = place.daemon.connect();
  set(client, "MY_API_KEY", {place.program("get")});
  const auto refused_by_all = [&](const std::string& part) {
    for (const auto& [method, params] : std::vector<std::pair<std::string, Json>>{{"keys.list", nullptr},
                                                                                  {"keys.run", {{"name", "MY_API_KEY"}}},
                                                                                  {"keys.set", {{"name", "A_KEY"}, {"command", {"x"}}}},
                                                                                  {"keys.remove", {{"name", "MY_API_KEY"}}},
                                                                                  {"env.export", {{"all", true}}},
                                                                                  {"env.sync", {{"target", "dbus"}, {"names", {"MY_API_KEY"}}}}}) {
      INFO(method);
      const Json error = client.refusal(method, params);
      CHECK(error["data"]["kind"] == "settings_unreadable");
      CHECK(error["data"]["path"].get<std::string>().starts_with(place.daemon.home()));
      CHECK(error["message"].get<std::string>().find(part) != std::string::npos);
    }
    CHECK(place.count_of_runs() == 0);
  };
  chmod(place.keys_path().c_str(), 0622);
  refused_by_all("can be changed by others");
  chmod(place.keys_path().c_str(), 0600);
  const std::string directory = place.daemon.home() + "/.config/qwen-authd";
  chmod(directory.c_str(), 0777);
  refused_by_all("can be changed by others");
  chmod(directory.c_str(), 0700);
  const std::string good = read_file(place.keys_path());
  write_file(place.keys_path(), "{\"keys\": {\n  \"A_KEY\": {\"command\": \"" + std::string(canary) + "\"}}}");
  const Json error = client.refusal("keys.list");
  CHECK(error["message"] == place.keys_path() + " has a wrong keys.A_KEY.command: expected a list of strings: the program and its arguments (line 2, column 24).");
  CHECK(error["data"]["line"] == 2);
  CHECK(error["data"]["column"] == 24);
  write_file(place.keys_path(), good);
  CHECK(run_of(client, "MY_API_KEY")["masked"] == masked);
}

TEST_CASE("A key in a command itself is refused, and hidden where somebody wrote it by hand") {
  Vault place;
  Client client = place.daemon.connect();
  const Json error = client.refusal("keys.set", {{"name", "A_KEY"}, {"command", {"echo", std::string(canary)}}});
  CHECK(error["data"]["field"] == "command");
  CHECK_FALSE(exists(place.keys_path()));
  place.daemon.may_hold_key(place.keys_path());
  write_file(place.keys_path(), Json{{"keys", {{"A_KEY", {{"command", {"echo", std::string(canary)}}}}}}}.dump());
  CHECK(client.refusal("keys.list")["message"].get<std::string>().find("A key in the command itself is refused") != std::string::npos);
  write_file(place.keys_path(), Json{{"keys", {{"A_KEY", {{"command", {"curl", "--header", "Authorization: Bearer my-0wn-Secret-Word"}}}}}}}.dump());
  CHECK(client.call("keys.list")["keys"][0]["command"][2] == "Authorization: Bearer ••••");
}

TEST_CASE("Params of keys.set that cannot be are refused with their field") {
  const Daemon daemon;
  Client client = daemon.connect();
  const auto field_of = [&](const Json& params) { return client.refusal("keys.set", params)["data"]["field"]; };
  CHECK(field_of({{"name", "A"}}) == "params.command");
  CHECK(field_of({{"name", "A"}, {"command", "op read"}}) == "params.command");
  CHECK(field_of({{"name", "A"}, {"command", {1}}}) == "params.command[0]");
  CHECK(field_of({{"name", "A"}, {"command", {"x"}}, {"timeoutMs", -1}}) == "params.timeoutMs");
  CHECK(field_of({{"name", "A"}, {"command", {"x"}}, {"timeoutMs", 1.5}}) == "params.timeoutMs");
  CHECK(field_of({{"name", "A"}, {"command", {"x"}}, {"timeoutMs", 120'001}}) == "timeoutMs");
  CHECK(field_of({{"name", "A"}, {"command", {"x"}}, {"lifetimeMs", UINT64_MAX}}) == "lifetimeMs");
  CHECK(field_of({{"name", "PATH"}, {"command", {"x"}}}) == "name");
  CHECK(field_of({{"name", "A"}, {"command", Json::array()}}) == "command");
}

TEST_CASE("A change of a command is told to those who listen, and logged without it") {
  const Vault place;
  Client client = place.daemon.connect(), listener = place.daemon.connect();
  listener.call("events.subscribe", {{"topics", {"env"}}});
  set(client, "MY_API_KEY", {"op", "read", "op://vault/item"});
  CHECK(listener.next_notification("env.changed")["params"] == Json{{"names", {"MY_API_KEY"}}});
  CHECK(place.daemon.log().find("MY_API_KEY") != std::string::npos);
  CHECK(place.daemon.log().find("op://") == std::string::npos);
}
