// Other programs write the settings, too: what they did is noticed, told, and can be taken back.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <thread>

#include "foreign_writer.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;
namespace fs = std::filesystem;

namespace {

const std::string settings = R"({
  // mine
  "theme": "dark",
  "env": {
    "A_KEY": ")" + std::string(canary) +
                             R"(",
    "B_KEY": "$FROM_THE_SHELL"
  },
  "mcpServers": {"x": {"command": "run"}}  // keep
}
)";

// Longer than the daemon waits for the dust to settle, and than it takes to look.
void let_the_dust_settle() { std::this_thread::sleep_for(std::chrono::milliseconds(300)); }

// A daemon that has read the settings, and somebody who listens to it.
struct Scene {
  explicit Scene(const std::string& text = settings, mode_t mode = 0600) {
    write_file(path, text, mode);
    begin();
  }
  // Whatever was prepared is known, and its events are past.
  void begin() {
    client.call("settings.get", {{"scope", "user"}});
    let_the_dust_settle();
    listener.call("events.subscribe", {{"topics", {"settings"}}});
  }

  Json event() { return listener.next_notification("settings.changed")["params"]; }
  std::vector<Json> events() {
    let_the_dust_settle();
    return listener.notifications("settings.changed");
  }
  std::string text() const { return read_file(path); }
  Json restore(const Json& event, const Json& more = Json::object()) {
    return client.call("settings.restore", with({{"snapshot", event["snapshot"]}}, more));
  }

  Daemon daemon;
  const std::string path = daemon.settings_path();
  Client client = daemon.connect(), listener = daemon.connect();
};

void check_event(const Json& event, const std::string& path, const Json& keys, const std::vector<std::string>& codes) {
  INFO(event.dump(2));
  CHECK(event["path"] == path);
  CHECK(event["by"] == "foreign");
  CHECK(event["scope"] == "user");
  CHECK(event["keys"] == keys);
  CHECK(codes_of(event["notices"]) == codes);
}

Json newest(Client& client) { return client.call("settings.history")["snapshots"][0]; }

}  // namespace

TEST_CASE("What a program did to the settings is told, and taken back byte for byte in one call") {
  struct Row {
    const char* what;
    std::string text;
    Json keys, noticed;
    std::vector<std::string> codes;
  };
  const auto edited = [](std::string_view what, std::string_view by) { return replaced(settings, what, by); };
  const std::vector<Row> rows = {
      {"a member added", with_member(settings, "fresh", "1"), {"fresh"}, Json::array(), {"F804"}},
      {"a member changed", edited("dark", "light"), {"theme"}, Json::array(), {"F804"}},
      {"a member dropped", edited("  \"theme\": \"dark\",\n", ""), {"theme"}, {"theme"}, {"F802", "F804"}},
      {"a comment dropped", edited("  // mine\n", ""), Json::array(), Json::array(), {"F802", "F804"}},
      {"a placeholder made a literal", edited("$FROM_THE_SHELL", "sk-literal-00000001"), {"env.B_KEY"}, {"env.B_KEY"}, {"F802", "F804"}},
      {"a file without a secret", "{\"theme\": \"dark\"}", {"env.A_KEY", "env.B_KEY", "mcpServers"}, {"env.A_KEY", "env.B_KEY", "mcpServers"}, {"F802", "F802"}},
      {"a broken file", "{\"theme\": ", Json::array(), Json::array(), {"F801", "F804"}},
      {"an empty file", "", Json::array(), Json::array(), {"F801", "F804"}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Scene scene;
    write_as_qwen_code(scene.path, row.text);
    const Json event = scene.event();
    check_event(event, scene.path, row.keys, row.codes);
    Json noticed = Json::array();
    for (const Json& notice : event["notices"])
      for (const Json& key : notice["keys"]) noticed.push_back(key);
    CHECK(noticed == row.noticed);
    const bool closed = std::count(row.codes.begin(), row.codes.end(), "F804") > 0;
    CHECK(mode_of(scene.path) == (closed ? 0600 : 0644));
    CHECK(scene.events().empty());
    const Json listed = newest(scene.client);
    CHECK(listed["id"] == event["snapshot"]);
    CHECK(listed["by"] == "foreign");
    CHECK(listed["restorable"] == true);
    CHECK(scene.restore(event)["changed"] == true);
    CHECK(scene.text() == settings);
    CHECK(mode_of(scene.path) == 0600);
    CHECK(scene.event()["by"] == "self");
    CHECK(scene.events().empty());
  }
}

TEST_CASE("Only what was dropped comes back where only that is asked for") {
  Scene scene;
  const std::string theirs = with_member(replaced(settings, "  \"theme\": \"dark\",\n", ""), "fresh", "1");
  write_as_qwen_code(scene.path, theirs);
  const Json event = scene.event();
  check_event(event, scene.path, {"fresh", "theme"}, {"F802", "F804"});
  scene.restore(event, {{"keys", event["notices"][0]["keys"]}});
  const Json now = parse_json(scene.text(), {.comments = true}).value();
  CHECK(now["theme"] == "dark");
  CHECK(now["fresh"] == 1);
  CHECK(now["env"]["A_KEY"] == canary);
}

TEST_CASE("A placeholder comes back alone, and the literal is not told") {
  Scene scene;
  write_as_qwen_code(scene.path, with_member(replaced(settings, "$FROM_THE_SHELL", canary), "fresh", "1"));
  const Json event = scene.event();
  scene.restore(event, {{"keys", {"env.B_KEY"}}});
  const Json now = parse_json(scene.text(), {.comments = true}).value();
  CHECK(now["env"]["B_KEY"] == "$FROM_THE_SHELL");
  CHECK(now["fresh"] == 1);
}

TEST_CASE("Every write of Qwen Code's kind is told once, and none of the moments without a file") {
  Scene scene;
  for (int n = 1; n <= 5; ++n) {
    write_as_qwen_code(scene.path, with_member(settings, "n", std::to_string(n)));
    check_event(scene.event(), scene.path, {"n"}, {"F804"});
    CHECK(scene.events().empty());
  }
  // Six writes of one setup are one event.
  std::string text = settings;
  for (int n = 1; n <= 6; ++n) write_as_qwen_code(scene.path, text = with_member(text, "m" + std::to_string(n), "1"));
  Json keys = scene.event()["keys"];
  std::sort(keys.begin(), keys.end());
  CHECK(keys == Json{"m1", "m2", "m3", "m4", "m5", "m6", "n"});
  CHECK(scene.events().empty());
}

TEST_CASE("A file renamed away for a while is not gone while its writer is at work") {
  Scene scene;
  std::rename(scene.path.c_str(), (scene.path + ".orig").c_str());
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::rename((scene.path + ".orig").c_str(), scene.path.c_str());
  });
  const Json read = scene.client.call("settings.get", {{"scope", "user"}, {"path", "theme"}});
  writer.join();
  CHECK(read["value"] == "dark");
  CHECK(scene.events().empty());
}

TEST_CASE("What changes no content is no event") {
  Scene scene;
  write_as_qwen_code(scene.path, settings);
  check_event(scene.event(), scene.path, Json::array(), {"F804"});  // its mode did change
  CHECK(mode_of(scene.path) == 0600);
  utimensat(AT_FDCWD, scene.path.c_str(), nullptr, 0);
  CHECK(scene.events().empty());
  write_in_place(scene.path, settings);
  CHECK(scene.events().empty());
  write_file(scene.daemon.home() + "/.qwen/other.json", "{}");
  write_file(scene.path + ".tmp", "{}");
  CHECK(scene.events().empty());
  // Nor is anything of it in the history.
  for (const Json& snapshot : scene.client.call("settings.history")["snapshots"]) CHECK(snapshot["after"] == newest(scene.client)["after"]);
}

TEST_CASE("A write of the daemon's own is told once, as its own") {
  Scene scene;
  set_up(scene.client);
  CHECK(scene.event()["by"] == "self");
  CHECK(scene.events().empty());
}

TEST_CASE("A torn write is read again before it is believed") {
  Scene scene;
  const std::string text = with_member(settings, "fresh", "1");
  std::thread writer([&] { write_in_place(scene.path, text, std::chrono::milliseconds(30)); });
  while (scene.text() == settings) std::this_thread::yield();
  CHECK(scene.client.call("settings.get", {{"scope", "user"}, {"path", "fresh"}})["value"] == 1);
  writer.join();
  check_event(scene.event(), scene.path, {"fresh"}, {});
  CHECK(scene.events().empty());
}

TEST_CASE("A commit meets a torn write, and keeps what it says in the end") {
  Scene scene;
  const std::string session = walk_to_review(scene.client);
  const std::string text = with_member(settings, "fresh", "1");
  std::thread writer([&] { write_in_place(scene.path, text, std::chrono::milliseconds(30)); });
  while (scene.text() == settings) std::this_thread::yield();
  const int id = scene.client.request("wizard.commit", {{"sessionId", session}, {"check", "none"}});
  const Json answer = scene.client.answer_to(id);
  writer.join();
  REQUIRE(answer.contains("result"));
  const Json now = parse_json(scene.text(), {.comments = true}).value();
  CHECK(now["fresh"] == 1);
  CHECK(now["model"]["name"] == "m1");
}

TEST_CASE("A file that somebody mends after it was broken is told, too") {
  Scene scene;
  write_in_place(scene.path, "{\"theme\": ");
  CHECK(codes_of(scene.event()["notices"]) == std::vector<std::string>{"F801"});
  CHECK(newest(scene.client)["trouble"].is_string());
  CHECK(scene.client.refusal("settings.set", {{"scope", "user"}, {"path", "theme"}, {"value", "x"}})["data"]["kind"] == "settings_unreadable");
  write_in_place(scene.path, settings);
  CHECK(codes_of(scene.event()["notices"]).empty());
  CHECK(scene.events().empty());
}

TEST_CASE("A deleted file is told, and comes back") {
  Scene scene;
  std::remove(scene.path.c_str());
  const Json event = scene.event();
  check_event(event, scene.path, {"theme", "env.A_KEY", "env.B_KEY", "mcpServers"}, {"F802"});
  CHECK(event["etag"] == "absent");
  scene.restore(event);
  CHECK(scene.text() == settings);
  CHECK(mode_of(scene.path) == 0600);
}

TEST_CASE("A directory that is deleted and made again is still watched") {
  Scene scene;
  const std::string directory = scene.daemon.home() + "/.qwen";
  for (int round = 0; round < 3; ++round) {
    fs::remove_all(directory);
    CHECK(scene.event()["etag"] == "absent");
    write_file(scene.path, settings, 0644);
    check_event(scene.event(), scene.path, {"theme", "env.A_KEY", "env.B_KEY", "mcpServers"}, {"F804"});
    CHECK(mode_of(scene.path) == 0600);
    write_as_qwen_code(scene.path, with_member(settings, "fresh", "1"));
    check_event(scene.event(), scene.path, {"fresh"}, {"F804"});
    // Renamed away, and another one in its place.
    fs::rename(directory, directory + std::to_string(round));
    CHECK(scene.event()["etag"] == "absent");
    write_file(scene.path, settings);
    CHECK(scene.event()["etag"] != "absent");
    scene.daemon.may_hold_key(directory + std::to_string(round) + "/settings.json");
  }
  CHECK(scene.events().empty());
}

TEST_CASE("A directory that is not there yet is waited for") {
  const Daemon daemon;
  Client client = daemon.connect(), listener = daemon.connect();
  client.call("settings.get", {{"scope", "user"}});
  listener.call("events.subscribe", {{"topics", {"settings"}}});
  fs::create_directory(daemon.home() + "/.qwen");
  write_as_qwen_code(daemon.settings_path(), settings);
  const Json event = listener.next_notification("settings.changed")["params"];
  check_event(event, daemon.settings_path(), {"theme", "env.A_KEY", "env.B_KEY", "mcpServers"}, {"F804"});
  CHECK(mode_of(daemon.settings_path()) == 0600);
  client.call("settings.restore", {{"snapshot", event["snapshot"]}});
  CHECK_FALSE(exists(daemon.settings_path()));
}

TEST_CASE("A file that is written right after it was first looked at is not missed") {
  for (int round = 0; round < 10; ++round) {
    const Daemon daemon;
    Client client = daemon.connect(), listener = daemon.connect();
    listener.call("events.subscribe", {{"topics", {"settings"}}});
    const std::string project = daemon.home() + "/project", path = project + "/.qwen/settings.json";
    write_file(path, "{\"n\": 0}\n");
    const int looked = client.request("settings.get", {{"scope", "workspace"}, {"context", with(daemon.context(), {{"cwd", project}})}});
    std::this_thread::sleep_for(std::chrono::microseconds(200 * round));
    write_file(path, "{\"n\": 1}\n");
    const Json seen = client.result_of(looked)["value"];
    if (seen.value("n", 1) == 0) CHECK(listener.next_notification("settings.changed")["params"]["keys"] == Json{"n"});
  }
}

TEST_CASE("A workspace that a request came from is watched, too") {
  Daemon daemon;
  const std::string project = daemon.home() + "/project", path = project + "/.qwen/settings.json";
  write_file(path, settings);
  daemon.may_hold_key(path);
  Client client = daemon.connect(), listener = daemon.connect();
  client.call("settings.get", {{"scope", "workspace"}, {"context", with(daemon.context(), {{"cwd", project}})}});
  listener.call("events.subscribe", {{"topics", {"settings"}}});
  write_as_qwen_code(path, with_member(settings, "fresh", "1"));
  const Json event = listener.next_notification("settings.changed")["params"];
  CHECK(event["path"] == path);
  CHECK(event["scope"] == "workspace");
  CHECK(event["keys"] == Json{"fresh"});
  CHECK(codes_of(event["notices"]) == std::vector<std::string>{"F804"});
  CHECK(mode_of(path) == 0600);
  client.call("settings.restore", {{"snapshot", event["snapshot"]}});
  CHECK(read_file(path) == settings);
}

namespace {

// The settings behind a link, in a directory of their own.
struct LinkedScene : Scene {
  LinkedScene() {
    fs::remove(path);
    write_file(target, settings);
    fs::create_symlink("../dotfiles/qwen.json", path);
    daemon.may_hold_key(target);
    listener.call("events.subscribe", {{"topics", Json::array()}});
    begin();
    listener.notifications();
  }
  std::string link() const { return fs::is_symlink(path) ? fs::read_symlink(path).string() : ""; }
  const std::string target = daemon.home() + "/dotfiles/qwen.json";
};

}  // namespace

TEST_CASE("A file behind a link is watched where it is") {
  LinkedScene scene;
  write_as_qwen_code(scene.target, with_member(settings, "fresh", "1"));
  const Json event = scene.event();
  check_event(event, scene.path, {"fresh"}, {"F804"});
  CHECK(mode_of(scene.target) == 0600);
  scene.restore(event);
  CHECK(read_file(scene.target) == settings);
  CHECK(scene.link() == "../dotfiles/qwen.json");
}

TEST_CASE("A link that was replaced by a file comes back, and what was behind it") {
  for (const bool changed : {true, false}) {
    LinkedScene scene;
    write_as_qwen_code(scene.path, changed ? with_member(settings, "fresh", "1") : settings);
    const Json event = scene.event();
    check_event(event, scene.path, changed ? Json{"fresh"} : Json::array(), {"F804", "F803"});
    CHECK(scene.link() == "");
    CHECK(scene.restore(event)["changed"] == true);
    CHECK(scene.link() == "../dotfiles/qwen.json");
    CHECK(read_file(scene.target) == settings);
    CHECK(mode_of(scene.target) == 0600);
    // And is watched behind the link again.
    CHECK(scene.event()["by"] == "self");
    CHECK(scene.events().empty());
    write_in_place(scene.target, with_member(settings, "later", "1"));
    check_event(scene.event(), scene.path, {"later"}, {});
  }
}

TEST_CASE("A link whose file is deleted was not replaced") {
  LinkedScene scene;
  fs::remove(scene.target);
  const Json event = scene.event();
  CHECK(event["etag"] == "absent");
  CHECK(codes_of(event["notices"]) == std::vector<std::string>{"F802"});
  scene.restore(event);
  CHECK(scene.link() == "../dotfiles/qwen.json");
  CHECK(read_file(scene.target) == settings);
}

TEST_CASE("What was written while no daemon ran is in the history, and can be taken back") {
  struct Row {
    const char* what;
    std::function<void(const std::string& path)> write;
    Json keys;
    bool exists_after;
  };
  const std::vector<Row> rows = {
      {"changed", [](const std::string& path) { write_as_qwen_code(path, with_member(read_file(path), "fresh", "1")); }, {"fresh"}, true},
      {"broken", [](const std::string& path) { write_as_qwen_code(path, "{\"theme\""); }, Json::array(), true},
      {"deleted", [](const std::string& path) { std::remove(path.c_str()); }, nullptr, false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Daemon daemon;
    write_file(daemon.settings_path(), settings);
    {
      Client client = daemon.connect();
      set_up(client);
    }
    const std::string before = daemon.settings_text();
    daemon.signal(SIGTERM);
    REQUIRE(daemon.wait_for_exit() == 0);
    row.write(daemon.settings_path());
    daemon.start();
    Client client = daemon.connect();
    const Json snapshot = newest(client);
    INFO(snapshot.dump(2));
    CHECK(snapshot["by"] == "foreign");
    CHECK(snapshot["restorable"] == true);
    CHECK(snapshot["after"].is_null() != row.exists_after);
    if (!row.keys.is_null()) CHECK(snapshot["keys"] == row.keys);
    if (row.exists_after) CHECK(mode_of(daemon.settings_path()) == 0600);
    client.call("settings.restore", {{"snapshot", snapshot["id"]}});
    CHECK(daemon.settings_text() == before);
    daemon.signal(SIGTERM);
    CHECK(daemon.wait_for_exit() == 0);
  }
}

TEST_CASE("What was not written while no daemon ran is not told") {
  Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  const Json before = client.call("settings.history");
  daemon.signal(SIGTERM);
  REQUIRE(daemon.wait_for_exit() == 0);
  daemon.start();
  Client again = daemon.connect();
  CHECK(again.call("settings.history") == before);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait_for_exit() == 0);
}

TEST_CASE("A file that is opened to others is closed again where it holds a secret, and is left where not") {
  Scene with_secret, without(R"({"env": {"A_KEY": "$FROM_THE_SHELL"}})");
  for (int round = 0; round < 3; ++round) {
    chmod(with_secret.path.c_str(), 0644);
    const Json event = with_secret.event();
    check_event(event, with_secret.path, Json::array(), {"F804"});
    CHECK(event["snapshot"].is_null());
    CHECK(mode_of(with_secret.path) == 0600);
  }
  CHECK(with_secret.events().empty());
  chmod(without.path.c_str(), 0644);
  CHECK(without.events().empty());
  CHECK(mode_of(without.path) == 0644);
}

TEST_CASE("A file that is written and opened to others again and again ends closed") {
  Scene scene;
  for (int n = 1; n <= 40; ++n) {
    write_as_qwen_code(scene.path, with_member(settings, "n", std::to_string(n)));
    scene.client.call("settings.get", {{"scope", "user"}});
    chmod(scene.path.c_str(), 0644);
  }
  CHECK(eventually([&] { return mode_of(scene.path) == 0600; }));
  let_the_dust_settle();
  CHECK(mode_of(scene.path) == 0600);
}

TEST_CASE("What another daemon is about to rename stays, and what a dead one left is swept") {
  Daemon daemon;
  const std::string held = daemon.home() + "/.qwen/.qwen-authd-0123456789abc.new", left = daemon.home() + "/.qwen/.qwen-authd-cba9876543210.new";
  daemon.signal(SIGTERM);
  REQUIRE(daemon.wait_for_exit() == 0);
  write_file(daemon.settings_path(), settings);
  write_file(held, "{\"theirs\": 1}");
  write_file(left, "{\"dead\": 1}");
  const int lock = open(held.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(flock(lock, LOCK_EX | LOCK_NB) == 0);
  daemon.start();
  Client client = daemon.connect();
  // It may have been somebody's write in the daemon's hands: the history has it.
  CHECK(newest(client)["by"] == "foreign");
  CHECK(newest(client)["restorable"] == true);
  CHECK(read_file(held) == "{\"theirs\": 1}");
  CHECK_FALSE(exists(left));
  close(lock);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait_for_exit() == 0);
}

TEST_CASE("A daemon without a free descriptor goes on, and tells what was written as soon as it can") {
  Scene scene;
  rlimit before{};
  REQUIRE(prlimit(scene.daemon.pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
  const rlimit none{3, before.rlim_max};
  REQUIRE(prlimit(scene.daemon.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
  write_as_qwen_code(scene.path, with_member(settings, "fresh", "1"));
  CHECK(scene.events().empty());
  REQUIRE(prlimit(scene.daemon.pid(), RLIMIT_NOFILE, &before, nullptr) == 0);
  check_event(scene.event(), scene.path, {"fresh"}, {"F804"});
  write_as_qwen_code(scene.path, settings);
  check_event(scene.event(), scene.path, {"fresh"}, {"F802", "F804"});
}

TEST_CASE("A link that is pointed elsewhere is told, and put back without a write behind it") {
  LinkedScene scene;
  const std::string other = scene.daemon.home() + "/dotfiles/other.json";
  write_file(other, "{\"other\": 1}");
  fs::create_symlink("../dotfiles/other.json", scene.path + ".link");
  fs::rename(scene.path + ".link", scene.path);
  const Json event = scene.event();
  INFO(event.dump(2));
  CHECK(codes_of(event["notices"]).back() == "F803");
  CHECK(newest(scene.client)["linkBefore"] == "../dotfiles/qwen.json");
  scene.restore(event);
  CHECK(scene.link() == "../dotfiles/qwen.json");
  CHECK(read_file(scene.target) == settings);
  CHECK(read_file(other) == "{\"other\": 1}");
}
