// Everybody writes at once: sixteen clients, and a program that takes no lock and asks nobody.
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "foreign_writer.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

constexpr int clients = 16;

struct Load {
  int commits;  // of each client
  int foreign;  // changes of the foreign writer
};

// The full load takes more than a minute; AUTHD_FULL=1 asks for it. Sanitized programs, which
// AUTHD_TEST_BIN names, need some 20 times as long for a commit.
Load load() {
  if (std::getenv("AUTHD_FULL")) return {200, 200};
  return std::getenv("AUTHD_TEST_BIN") ? Load{4, 12} : Load{15, 30};
}

std::string number(int client, int round) { return std::to_string(client) + "-" + std::to_string(round); }

// Every commit is to an endpoint of its own.
Answers answers(int client, int round) {
  const std::string name = number(client, round);
  return {.base_url = "https://host-" + name + ".example/v1", .model_ids = "m-" + name, .key = "sk-contention-" + name};
}

Json entry(const Answers& commit) {
  return {{"id", commit.model_ids},
          {"name", commit.model_ids},
          {"baseUrl", commit.base_url},
          {"envKey", env_key_of("openai", commit.base_url)}};
}

// Changes one member and adds one. Keeps pace with the commits: first in bursts of ten, then one by
// one, at any moment of a commit.
struct ForeignWriter {
  const std::string path;
  const int changes;
  const int commits;
  const std::atomic<int>& answered;

  void run(const std::stop_token& stop) const {
    for (int n = 1; n <= changes && !stop.stop_requested(); ++n) {
      const bool in_bursts = n <= changes / 2;
      const int before = in_bursts ? (n - 1) / 10 * 10 : n - 1;
      while (answered < before * commits / changes && !stop.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!in_bursts && commits > 0) std::this_thread::sleep_for(std::chrono::milliseconds(7 * n % 20));
      std::string text = with_member(read_file(path), "foreign" + std::to_string(n), std::to_string(n));
      const std::string_view last = "\"last\": ";
      const std::size_t at = text.find(last) + last.size();
      text.replace(at, text.find('}', at) - at, std::to_string(n));
      write_as_qwen_code(path, text);
    }
  }
};

// Parses every version of the file that it gets hold of.
struct Reader {
  const std::string path;
  int parsed = 0, unparseable = 0, absent = 0;

  void run(const std::stop_token& stop) {
    for (std::string seen; !stop.stop_requested();) {
      std::ifstream file(path, std::ios::binary);
      if (!file) {
        ++absent;
        continue;
      }
      const std::string identity = identity_of(path);
      if (identity == seen) continue;
      seen = identity;
      std::ostringstream text;
      text << file.rdbuf();
      ++(parse_json(text.str(), {.comments = true}) ? parsed : unparseable);
    }
  }
};

// What was answered as saved, and how many of these were written by the daemon itself: the writer may
// have read the file with a commit in it that did not stand, and have written it before it was
// planned again.
struct Outcome {
  std::set<std::string> saved;
  int changed = 0;
};

// One commit of every client.
void commit_once(std::vector<Client>& connections, int round, Outcome& outcome, std::atomic<int>& answered) {
  std::vector<int> ids;
  for (Client& client : connections) ids.push_back(client.request("wizard.start", {{"flow", "custom-api-key"}}));
  for (int i = 0; i < clients; ++i) {
    Client& client = connections[i];
    const std::string session = client.result_of(ids[i])["sessionId"];
    const Answers mine = answers(i, round);
    const auto step = [&](const char* name, const std::string& value) {
      client.request("wizard.submitStep", {{"sessionId", session}, {"step", name}, {"value", value}});
    };
    step("custom-protocol-select", mine.protocol);
    step("custom-base-url-input", mine.base_url);
    step("custom-api-key-input", mine.key);
    step("custom-model-id-input", mine.model_ids);
    ids[i] = client.request("wizard.commit", {{"sessionId", session}, {"check", "none"}});
  }
  for (int i = 0; i < clients; ++i) {
    const Json answer = connections[i].answer_to(ids[i]);
    INFO(answer.dump());
    CHECK(answer.contains("result"));
    if (answer.contains("result")) {
      outcome.saved.insert(number(i, round));
      outcome.changed += answer["result"]["saved"]["changed"] == true;
    }
    ++answered;
  }
}

// The restorable ones by the members that they changed.
std::map<std::string, std::vector<std::string>> by_key(const Json& snapshots) {
  std::map<std::string, std::vector<std::string>> by_key;
  for (const Json& snapshot : snapshots)
    if (snapshot["restorable"] == true)
      for (const Json& key : snapshot["keys"]) by_key[key].push_back(snapshot["id"]);
  return by_key;
}

// Whether the snapshot's contents are there and show that this entry came with it.
bool adds(Client& client, const std::string& snapshot, const std::string& model) {
  std::istringstream diff(client.call("settings.diff", {{"snapshot", snapshot}})["diff"].get<std::string>());
  for (std::string line; std::getline(diff, line);)
    if (line.starts_with("+") && line.find('"' + model + '"') != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("What sixteen clients and a foreign writer save at once is in the file or in the history") {
  const auto begun = std::chrono::steady_clock::now();
  const Load load = ::load();
  const Daemon daemon({.arguments = {"--log-level", "info"}});
  write_file(daemon.settings_path(), "{\n  \"ui\": {\"last\": 0}  // theirs\n}\n");
  Client listener = daemon.connect();
  listener.call("events.subscribe", {{"topics", {"settings"}}});
  std::vector<Client> connections;
  for (int i = 0; i < clients; ++i) connections.push_back(daemon.connect());

  std::atomic<int> answered = 0;
  Outcome outcome;
  Reader reader{daemon.settings_path()};
  const ForeignWriter writer{daemon.settings_path(), load.foreign, clients * load.commits, answered};
  {
    std::jthread reading([&](const std::stop_token& stop) { reader.run(stop); });
    std::jthread writing([&](const std::stop_token& stop) { writer.run(stop); });
    for (int round = 0; round < load.commits; ++round) commit_once(connections, round, outcome, answered);
    writing.join();
  }
  const auto written = std::chrono::steady_clock::now();

  CHECK(outcome.saved.size() == static_cast<std::size_t>(clients * load.commits));
  CHECK(reader.unparseable == 0);
  CHECK(reader.parsed > load.commits);
  CHECK(eventually([&] { return mode_of(daemon.settings_path()) == 0600; }));
  const std::string text = daemon.settings_text();
  CHECK(text.find("// theirs") != std::string::npos);
  const Json settings = parse_json(text, {.comments = true}).value();
  Client& client = connections.front();
  const Json history = client.call("settings.history")["snapshots"];
  const auto snapshots = by_key(history);

  int lost_commits = 0, lost_changes = 0;
  std::map<std::string, Json> entries;
  for (const Json& model : settings["modelProviders"]["openai"]) entries[model["id"]] = model;
  for (int i = 0; i < clients; ++i)
    for (int round = 0; round < load.commits; ++round) {
      const Answers mine = answers(i, round);
      if (!outcome.saved.contains(number(i, round))) continue;
      INFO(mine.base_url);
      const std::string env_key = env_key_of("openai", mine.base_url), member = "env." + env_key;
      if (entries.contains(mine.model_ids) && settings["env"].value(env_key, "") == mine.key) {
        CHECK(entries[mine.model_ids] == entry(mine));
        continue;
      }
      ++lost_commits;
      REQUIRE(snapshots.contains(member));
      CHECK(adds(client, snapshots.at(member).back(), mine.model_ids));
    }
  for (int n = 1; n <= load.foreign; ++n) {
    const std::string name = "foreign" + std::to_string(n);
    INFO(name);
    if (settings.value(name, 0) == n) continue;
    ++lost_changes;
    CHECK(snapshots.contains(name));
  }
  CHECK(settings["ui"]["last"] == load.foreign);

  int own_events = 0, foreign_events = 0;
  for (const Json& event : listener.notifications("settings.changed"))
    ++(event["params"]["by"] == "self" ? own_events : foreign_events);
  CHECK(own_events == outcome.changed);
  CHECK(outcome.changed > clients * load.commits * 9 / 10);
  CHECK(foreign_events > 0);
  CHECK(names_in(daemon.home() + "/.qwen") == std::vector<std::string>{"settings.json"});
  const auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
  if (std::getenv("AUTHD_FULL") || std::getenv("AUTHD_FIGURES"))
    WARN(clients * load.commits << " commits and " << load.foreign << " foreign changes in " << seconds(begun, written)
                                << " s, checked in " << seconds(written, std::chrono::steady_clock::now()) << " s; "
                                << lost_commits << " commits and " << lost_changes << " foreign changes only in the history, "
                                << foreign_events << " foreign events, " << history.size() << " snapshots, " << reader.parsed << " versions parsed, "
                                << reader.absent << " looks without a file, " << text.size() << " bytes");
}

TEST_CASE("A program that writes without a pause loses nothing, and what is refused is not saved") {
  const Daemon daemon({.arguments = {"--log-level", "info"}});
  write_file(daemon.settings_path(), "{\n  \"ui\": {\"last\": 0}\n}\n");
  Client client = daemon.connect();
  constexpr int changes = 400;
  const std::atomic<int> no_pace = changes;
  const ForeignWriter writer{daemon.settings_path(), changes, 0, no_pace};
  std::atomic<bool> is_over = false;
  int saved = 0, refused = 0;
  {
    std::jthread writing([&](const std::stop_token& stop) {
      writer.run(stop);
      is_over = true;
    });
    while (!is_over) {
      const Json params = {{"scope", "user"}, {"path", "own" + std::to_string(saved)}, {"value", saved}};
      const Json answer = client.answer_to(client.request("settings.set", params));
      if (answer.contains("result")) {
        ++saved;
        continue;
      }
      ++refused;
      CHECK(answer["error"]["data"]["kind"] == "settings_conflict");
    }
  }
  const auto snapshots = by_key(client.call("settings.history")["snapshots"]);
  const Json settings = daemon.settings();
  const auto is_kept = [&](const std::string& name) { return settings.contains(name) || snapshots.contains(name); };
  for (int n = 1; n <= changes; ++n) {
    INFO("foreign" << n << ", " << saved << " saved, " << refused << " refused");
    CHECK(is_kept("foreign" + std::to_string(n)));
  }
  for (int n = 0; n < saved; ++n) CHECK(is_kept("own" + std::to_string(n)));
  if (std::getenv("AUTHD_FIGURES")) WARN(saved << " saved, " << refused << " refused");
}
