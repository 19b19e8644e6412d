// env.export, env.sync and the client's exec: what the selected model needs reaches a program, and
// only that.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "protocol/limits.hpp"
#include "tests/support/bin_dir.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string key(canary);

Json entry(const std::string& id, const std::string& env_key) {
  return {{"id", id}, {"baseUrl", "http://127.0.0.1:9/" + id + "/v1"}, {"envKey", env_key}};
}

// Two models with keys of their own; the second one is selected.
std::string two_models() {
  return Json{{"$version", 4},
              {"env", {{"PLAIN_API_KEY", key}, {"REF_API_KEY", "${OTHER_VALUE}"}}},
              {"modelProviders", {{"openai", {entry("first", "FIRST_API_KEY"), entry("second", "SECOND_API_KEY")}}}},
              {"security", {{"auth", {{"selectedType", "openai"}}}}},
              {"model", {{"name", "second"}}}}
      .dump();
}

struct ExportPlace {
  Daemon daemon{{.settings = two_models()}};
  std::string secret = daemon.path("vault/secret");
  Client client = daemon.connect();
  ExportPlace() {
    daemon.may_hold_key(secret);
    write_file(secret, key);
  }
  void set(const std::string& name, const std::vector<std::string>& command) {
    client.call("keys.set", {{"name", name}, {"command", command}});
  }
  void prints(const std::string& name) { set(name, {"cat", secret}); }
  Json exported(const Json& params = Json::object()) { return client.reveal("env.export", params); }

  // Runs the client with its output in a file of the test's own.
  int authctl(std::vector<std::string> words, std::string& output, const Environment& more = {}) const {
    Environment environment = daemon.environment();
    for (const auto& [name, value] : more) environment[name] = value;
    return run(bin_dir() + "/qwen-authctl", words, environment, output);
  }
};

}  // namespace

TEST_CASE("env.export has the key of the selected model's command, and with all those of every command") {
  ExportPlace place;
  CHECK(place.exported() == Json{{"variables", Json::object()}, {"judgedBy", "daemon"}});
  place.prints("FIRST_API_KEY");
  place.prints("SECOND_API_KEY");
  CHECK(place.exported()["variables"] == Json{{"SECOND_API_KEY", key}});
  CHECK(place.exported({{"all", true}})["variables"] == Json{{"FIRST_API_KEY", key}, {"SECOND_API_KEY", key}});
  // Another model is selected on the command line of qwen, and by what the caller exports.
  const Json as_first = {{"args", {"--model", "first"}}};
  CHECK(place.exported({{"context", as_first}})["variables"] == Json{{"FIRST_API_KEY", key}});
  CHECK(place.exported({{"context", place.daemon.context({{"SECOND_API_KEY", "mine"}})}})["variables"] == Json::object());
  CHECK(place.exported({{"context", place.daemon.context({{"SECOND_API_KEY", ""}})}})["variables"] == Json{{"SECOND_API_KEY", key}});
}

TEST_CASE("Without the key of the selected model env.export fails; other commands that fail are named") {
  ExportPlace place;
  place.set("FIRST_API_KEY", {"false"});
  place.prints("SECOND_API_KEY");
  const Json result = place.exported({{"all", true}});
  CHECK(result["variables"] == Json{{"SECOND_API_KEY", key}});
  CHECK(result["unavailable"] == Json{{{"name", "FIRST_API_KEY"}, {"message", "The command for FIRST_API_KEY gives no key: it ended with exit code 1."}}});
  place.set("SECOND_API_KEY", {"false"});
  const Json error = place.client.refusal("env.export");
  CHECK(error["code"] == -32034);
  CHECK(error["data"]["name"] == "SECOND_API_KEY");
}

TEST_CASE("A command outranks what was just saved, as it will once the daemon has been started anew") {
  ExportPlace place;
  const std::string name = env_key_of("openai", "http://127.0.0.1:9/v1");
  set_up(place.client, {.key = "sk-0123456789-saved"});
  CHECK(place.exported()["variables"] == Json{{name, "sk-0123456789-saved"}});
  place.prints(name);
  CHECK(place.exported()["variables"] == Json{{name, key}});
}

TEST_CASE("A key that was saved for one workspace is exported there only, and as long as its files say so") {
  ExportPlace place;
  const std::string home = place.daemon.home(), name = "DEEPSEEK_API_KEY", saved = "sk-0123456789-saved";
  const auto at = [&](const std::string& directory) {
    Json context = place.daemon.context();
    context["cwd"] = home + "/" + directory;
    return context;
  };
  const auto exported = [&](const std::string& directory) {
    return place.exported({{"context", at(directory)}})["variables"].value(name, "");
  };
  std::filesystem::create_directories(home + "/a");
  std::filesystem::create_directories(home + "/b");
  Json state = place.client.call("wizard.start", {{"flow", "deepseek"}, {"keyStore", "project-dotenv"}, {"context", at("a")}});
  for (int steps = 0; steps < 8 && state["step"]["kind"] != "review"; ++steps) {
    const Json& step = state["step"];
    state = submit(place.client, state["sessionId"], step["id"], step["kind"] == "secret" ? Json(saved) : Json());
  }
  commit(place.client, state["sessionId"]);
  const std::string dotenv = home + "/a/.qwen/.env";
  REQUIRE(exists(dotenv));
  CHECK(exported("a") == saved);
  CHECK(exported("b").empty());
  CHECK(place.exported()["variables"].value(name, "").empty());
  // It is edited by hand, put back, and removed.
  const std::string text = read_file(dotenv);
  write_file(dotenv, name + "=sk-0123456789-by-hand\n");
  CHECK(exported("a").empty());
  write_file(dotenv, text);
  CHECK(exported("a") == saved);
  std::filesystem::remove(dotenv);
  CHECK(exported("a").empty());
}

TEST_CASE("The command for the variable that the selected entry names runs whatever else is exported") {
  ExportPlace place;
  place.prints("SECOND_API_KEY");
  const Json context = place.daemon.context({{"OPENAI_API_KEY", "sk-0123456789-other"}});
  CHECK(place.exported({{"context", context}})["variables"] == Json{{"SECOND_API_KEY", key}});
}

TEST_CASE("env.export and env.sync that are cancelled at once run no command and answer so") {
  ExportPlace place;
  const std::string ran = place.daemon.path("vault/ran");
  place.client.call("keys.set", {{"name", "SECOND_API_KEY"}, {"command", {"touch", ran}}});
  const std::vector<std::pair<std::string, Json>> methods = {{"env.export", Json::object()},
                                                             {"env.sync", {{"target", "dbus"}}},
                                                             {"env.sync", {{"target", "dbus"}, {"remove", true}}}};
  int id = 1000;
  for (const auto& [method, params] : methods) {
    CAPTURE(method);
    // The settings thread has other things to do first, so that the cancellation comes in between.
    std::string text;
    for (int i = 0; i < 60; ++i) text += Json{{"jsonrpc", "2.0"}, {"id", 2000 + i}, {"method", "models.list"}}.dump() + "\n";
    text += Json{{"jsonrpc", "2.0"}, {"id", ++id}, {"method", method}, {"params", params}}.dump() + "\n";
    text += Json{{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}}.dump() + "\n";
    place.client.send_bytes(text);
    CHECK(place.client.error_of(id)["code"] == -32800);
  }
  // A request of the same kind is behind them.
  place.client.call("keys.list");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK_FALSE(exists(ran));
}

TEST_CASE("env.export that is cancelled stops the commands that it waits for") {
  ExportPlace place;
  const std::string pid_file = place.daemon.path("vault/pid");
  place.client.call("keys.set", {{"name", "SECOND_API_KEY"}, {"command", {"echo $$ > '" + pid_file + "'; exec sleep 60"}}, {"shell", true}});
  const int asked = place.client.request("env.export");
  REQUIRE(eventually([&] { return !read_file(pid_file).empty(); }));
  place.client.notify("$/cancelRequest", {{"id", asked}});
  CHECK(place.client.error_of(asked)["code"] == -32800);
  const std::string pid = std::to_string(std::stol(read_file(pid_file)));
  CHECK(eventually([&] { return !exists("/proc/" + pid) || read_file("/proc/" + pid + "/stat").find(") Z") != std::string::npos; }));
}

TEST_CASE("exec gives the program the key of the selected model, and env prints it for a shell") {
  ExportPlace place;
  place.prints("SECOND_API_KEY");
  std::string output;
  CHECK(place.authctl({"exec", "--", "sh", "-c", "printf '%s|%s' \"$SECOND_API_KEY\" \"$FIRST_API_KEY\"; exit 9"}, output) == 9);
  CHECK(output == key + "|");
  CHECK(place.authctl({"exec", "sh", "-c", "kill -SEGV $$"}, output) == 128 + SIGSEGV);
  CHECK(place.authctl({"env", "--shell", "bash"}, output) == 0);
  CHECK(output == "export SECOND_API_KEY='" + key + "'\n");
  CHECK(place.authctl({"env"}, output, {{"SECOND_API_KEY", "mine"}}) == 0);
  CHECK(output.empty());
  CHECK(place.authctl({"keys", "run", "SECOND_API_KEY"}, output) == 0);
  CHECK(output.find("sk-••••••••••••••••, " + std::to_string(key.size()) + " characters") != std::string::npos);
  CHECK(output.find(key.substr(3, 8)) == std::string::npos);
}

TEST_CASE("A client that is interrupted while a command hangs takes it along") {
  ExportPlace place;
  const std::string pid_file = place.daemon.path("vault/pid");
  place.client.call("keys.set", {{"name", "SECOND_API_KEY"}, {"command", {"echo $$ > '" + pid_file + "'; exec sleep 60"}}, {"shell", true}});
  const Scratch scratch;
  Process process(bin_dir() + "/qwen-authctl", {"exec", "touch", scratch.path("ran")}, place.daemon.environment(), scratch.path("output"));
  REQUIRE(eventually([&] { return !read_file(pid_file).empty(); }));
  process.signal(SIGINT);
  CHECK(process.wait(patience) == 130);
  CHECK_FALSE(exists(scratch.path("ran")));
  const std::string pid = std::to_string(std::stol(read_file(pid_file)));
  CHECK(eventually([&] { return !exists("/proc/" + pid) || read_file("/proc/" + pid + "/stat").find(") Z") != std::string::npos; }));
}

namespace {

// A bus of the test's own. It starts no services.
struct Bus {
  Scratch scratch;
  std::string address = "unix:path=" + scratch.path("bus");
  std::optional<Process> process;
  Bus() {
    write_file(scratch.path("bus.conf"),
               "<busconfig><type>session</type><listen>" + address +
                   "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                   "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>");
    process.emplace("dbus-daemon", std::vector<std::string>{"--config-file=" + scratch.path("bus.conf"), "--nofork"}, bare_environment(), scratch.path("log"));
    eventually([&] { return exists(scratch.path("bus")) || !process->is_running(); });
  }
  bool is_up() const { return exists(scratch.path("bus")); }
};

}  // namespace

TEST_CASE("env.sync gives variables to the message bus, says what that means, and takes them back") {
  ExportPlace place;
  const Bus bus;
  if (!bus.is_up()) return;  // no dbus-daemon here
  place.prints("SECOND_API_KEY");
  const Json context = place.daemon.context({{"DBUS_SESSION_BUS_ADDRESS", bus.address}, {"OTHER_VALUE", key}});
  const auto sync = [&](Json params) {
    params["context"] = context;
    params["target"] = "dbus";
    return place.client.call("env.sync", params);
  };
  const Json result = sync({{"names", {"SECOND_API_KEY", "PLAIN_API_KEY", "REF_API_KEY"}}});
  CHECK(result["target"] == "dbus");
  CHECK(result["names"] == Json{"SECOND_API_KEY", "PLAIN_API_KEY", "REF_API_KEY"});
  CHECK(result["undo"] == "qwen-authctl env sync dbus SECOND_API_KEY PLAIN_API_KEY REF_API_KEY --remove");
  CHECK(result["warning"].get<std::string>().find("a later edit there has no effect") != std::string::npos);
  CHECK(result["judgedBy"] == "caller");
  // Without names it is the variable of the selected model.
  CHECK(sync(Json::object())["names"] == Json{"SECOND_API_KEY"});
  // What a .env file says will do, too.
  place.daemon.may_hold_key(place.daemon.home() + "/.qwen/.env");
  write_file(place.daemon.home() + "/.qwen/.env", "DOTENV_API_KEY=" + key + "\n");
  CHECK(sync({{"names", {"DOTENV_API_KEY"}}})["names"] == Json{"DOTENV_API_KEY"});
  const Json removed = sync({{"names", {"SECOND_API_KEY"}}, {"remove", true}});
  CHECK(removed["removed"] == true);
  CHECK(removed["undo"] == "qwen-authctl env sync dbus SECOND_API_KEY");
  CHECK(removed["warning"].get<std::string>().starts_with("D-Bus cannot take a variable away: each is empty now"));
  std::string output;
  CHECK(place.authctl({"env", "sync", "dbus"}, output, {{"DBUS_SESSION_BUS_ADDRESS", bus.address}}) == 0);
  CHECK(output.starts_with("✓ Given to dbus: SECOND_API_KEY\n"));
}

namespace {

// Takes connections and never says a word.
class SilentBus {
 public:
  SilentBus() {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, path.c_str(), sizeof name.sun_path - 1);
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 || listen(socket_, 64) != 0)
      throw std::runtime_error("cannot listen on " + path);
  }
  SilentBus(const SilentBus&) = delete;
  SilentBus& operator=(const SilentBus&) = delete;
  ~SilentBus() { hang_up(); }
  void hang_up() { close(std::exchange(socket_, -1)); }
  std::string address() const { return "unix:path=" + path; }

 private:
  Scratch scratch_;
  std::string path = scratch_.path("silent");
  int socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

Json plain_sync(const ExportPlace& place, const std::string& address) {
  return {{"target", "dbus"}, {"names", {"PLAIN_API_KEY"}}, {"context", place.daemon.context({{"DBUS_SESSION_BUS_ADDRESS", address}})}};
}

void check_busy(const Json& error) {
  INFO(error.dump(2));
  CHECK(error["code"] == -32001);
  CHECK(error["data"]["kind"] == "busy");
  CHECK(error["data"].value("retryable", false));
}

}  // namespace

TEST_CASE("Of env.sync on a bus that does not answer so many wait at once, and the next is refused") {
  ExportPlace place;
  SilentBus bus;
  std::vector<int> waiting;
  for (std::size_t i = 0; i < limits::syncs_max; ++i) waiting.push_back(place.client.request("env.sync", plain_sync(place, bus.address())));
  check_busy(place.client.refusal("env.sync", plain_sync(place, bus.address())));
  bus.hang_up();
  for (const int id : waiting) CHECK(place.client.error_of(id)["code"] == -32035);
  // There is room again.
  CHECK(place.client.refusal("env.sync", plain_sync(place, bus.address()))["code"] == -32035);
}

TEST_CASE("env.sync is refused, and the daemon lives on, where there can be no further thread") {
  if (std::getenv("AUTHD_TEST_BIN")) return;  // a sanitizer needs memory of its own for a thread
  ExportPlace place;
  place.client.call("models.list");  // the settings thread is there
  const std::string pages = read_file("/proc/" + std::to_string(place.daemon.pid()) + "/statm");
  const rlim_t room = std::stoul(pages) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + 4 * 1024 * 1024;  // less than a stack
  const rlimit bound{room, RLIM_INFINITY};
  REQUIRE(prlimit(place.daemon.pid(), RLIMIT_AS, &bound, nullptr) == 0);
  check_busy(place.client.refusal("env.sync", plain_sync(place, "unix:path=" + place.daemon.path("no-bus"))));
  const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
  REQUIRE(prlimit(place.daemon.pid(), RLIMIT_AS, &none, nullptr) == 0);
  CHECK(place.client.refusal("env.sync", plain_sync(place, "unix:path=" + place.daemon.path("no-bus")))["code"] == -32035);
}

TEST_CASE("A keys.json that cannot be used stops only what a command would be asked for") {
  ExportPlace place;
  const std::string path = place.daemon.home() + "/.config/qwen-authd/keys.json", other = "sk-0123456789-exported";
  place.prints("SECOND_API_KEY");
  write_file(path, "{\"keys\": [");
  const auto context = [&](const Environment& more) { return Json{{"context", place.daemon.context(more)}}; };
  const Json result = place.exported(context({{"SECOND_API_KEY", other}}));
  CHECK(result["variables"] == Json::object());
  REQUIRE(result["warnings"].size() == 1);
  CHECK(result["warnings"][0]["code"] == "F801");
  CHECK(result["warnings"][0]["message"].get<std::string>().starts_with(path + " does not parse"));
  // Another key would be used in its place.
  CHECK(place.exported(context({{"OPENAI_API_KEY", other}}))["warnings"].size() == 1);
  std::string output;
  CHECK(place.authctl({"exec", "--", "sh", "-c", "echo \"has $SECOND_API_KEY\""}, output, {{"SECOND_API_KEY", other}}) == 0);
  CHECK(output.find("has " + other) != std::string::npos);
  CHECK(output.find("⚠ " + path) != std::string::npos);
  // A command might print these.
  CHECK(place.client.refusal("env.export")["data"]["kind"] == "settings_unreadable");
  Json all = context({{"SECOND_API_KEY", other}});
  all["all"] = true;
  CHECK(place.client.refusal("env.export", all)["data"]["kind"] == "settings_unreadable");
  const std::string no_bus = "unix:path=" + place.daemon.path("no-bus");
  CHECK(place.client.refusal("env.sync", plain_sync(place, no_bus))["code"] == -32035);
  Json sync = plain_sync(place, no_bus);
  sync["names"] = {"SECOND_API_KEY"};
  CHECK(place.client.refusal("env.sync", sync)["data"]["kind"] == "settings_unreadable");
}

TEST_CASE("env.sync says why it did nothing") {
  ExportPlace place;
  const Json context = place.daemon.context({{"DBUS_SESSION_BUS_ADDRESS", "unix:path=" + place.daemon.path("no-bus")}});
  const auto refused = [&](Json params) {
    params["context"] = context;
    params.emplace("target", "systemd");
    return place.client.refusal("env.sync", params);
  };
  const Json no_bus = refused({{"names", {"PLAIN_API_KEY"}}});
  CHECK(no_bus["code"] == -32035);
  CHECK(no_bus["message"] == "The user's message bus cannot be reached: No such file or directory.");
  const Json no_value = refused({{"names", {"PLAIN_API_KEY", "NOBODYS_API_KEY"}}});
  CHECK(no_value["data"]["kind"] == "invalid_input");
  CHECK(no_value["data"]["field"] == "names");
  CHECK(no_value["message"].get<std::string>().starts_with("NOBODYS_API_KEY has no value here"));
  CHECK(refused({{"names", {"LD_PRELOAD"}}})["data"]["field"] == "names");
  CHECK(refused({{"names", {"A=B"}}})["data"]["field"] == "names");
  CHECK(refused({{"target", "cron"}})["data"]["field"] == "params.target");
  // Where no command prints it and no setting has it, not even the selected model's.
  CHECK(refused(Json::object())["message"].get<std::string>().starts_with("SECOND_API_KEY has no value here"));
  place.set("SECOND_API_KEY", {"false"});
  CHECK(refused(Json::object())["data"]["kind"] == "key_unavailable");
}
