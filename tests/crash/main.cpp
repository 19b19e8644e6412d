// crash-walk BIN_DIR: stops the daemon with SIGKILL before and after every system call about files
// that a commit makes on the settings thread, and then lets each of these calls fail with each of
// five errors, one at a time. Both are done by strace, which also writes down what the calls are.
//
// strace delivers the signal on the entry of a call, and the kernel then skips the call: the walk
// proves it, because the file is exactly the old one up to the call that swaps it in, and exactly
// the new one from the next call on. So "before a call" is the kill on its entry, and "after" it is
// the kill on the entry of the next one; the last "next one" belongs to the request after the commit.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "home.hpp"

namespace authd::crash {
namespace {

using namespace std::chrono_literals;

constexpr int exit_skipped = 77;
constexpr const char* errors[] = {"ENOSPC", "EIO", "EACCES", "EROFS", "EINTR"};
constexpr const char* key = "sk-7Qw9Zx3Vb5Nm1Lk8Jh6Gf4Ds2Aq0Xr";

// The calls of the settings thread from its first one to the commit's last one.
struct Recording {
  std::vector<Call> calls;
  std::map<std::string, std::size_t> calls_of_main_thread;
  std::size_t begin = 0, end = 0;  // of the commit
  std::size_t swap = 0;            // the call that puts the new file in its place
  std::string new_text;

  bool operator==(const Recording& other) const {
    return std::equal(calls.begin(), calls.end(), other.calls.begin(), other.calls.end(),
                      [](const Call& a, const Call& b) { return a.name == b.name; });
  }
};

struct Point {
  Kind kind;
  std::size_t call;   // in the recording
  Fault fault;
  std::string error;  // empty: the daemon is killed
};

// The daemon did not come along the recorded way, because its watcher looked at a file meanwhile.
struct OffTheWay {};

// What goes wrong before the point is reached: then the fault met another call.
template <class Steps>
void on_the_way(Steps steps) {
  try {
    steps();
  } catch (const Failed&) {
    throw OffTheWay();
  }
}

std::string walk_to_review(Daemon& daemon, const char* model) {
  const std::string session = daemon.call("wizard.start", {{"flow", "custom-api-key"}, {"scope", "user"}})["sessionId"];
  const std::pair<const char*, const char*> answers[] = {{"custom-protocol-select", "openai"},
                                                         {"custom-base-url-input", "http://127.0.0.1:9/v1"},
                                                         {"custom-api-key-input", key},
                                                         {"custom-model-id-input", model}};
  for (const auto& [step, value] : answers)
    daemon.call("wizard.submitStep", {{"sessionId", session}, {"step", step}, {"value", value}});
  return session;
}

std::optional<Json> commit(Daemon& daemon, const std::string& session) {
  return daemon.ask("wizard.commit", {{"sessionId", session}, {"check", "none"}});
}

void require_saved(const std::optional<Json>& answer) {
  require(answer && answer->contains("result"), "the commit is refused: " + (answer ? answer->dump() : "gone"));
  require((*answer)["result"]["saved"]["changed"] == true, "the commit changes nothing");
}

Recording record(Home& home, const std::string& bin_dir) {
  home.reset();
  Recording recording;
  Daemon daemon(bin_dir, home.root(), Daemon::Tracing::on);
  home.get_ahead(daemon);
  const std::string session = walk_to_review(daemon, "new-model");
  recording.begin = read_trace(home.root()).settings.size();
  require_saved(commit(daemon, session));
  recording.new_text = tests::read_file(home.settings());
  daemon.call("settings.history");
  daemon.signal(SIGTERM);
  require(daemon.wait_for_exit() == 0, "the daemon does not end");
  const Trace trace = whole_trace(home.root());
  for (const Call& call : trace.main) ++recording.calls_of_main_thread[call.name];
  for (std::size_t at = recording.begin; at < trace.settings.size(); ++at) {
    const Call& call = trace.settings[at];
    if (call.name == "renameat2") recording.swap = at;
    // settings.history reads the index once, before anything else.
    if (call.name == "openat" && call.text.find("/index.jsonl\", O_RDONLY|O_NOCTTY") != std::string::npos) recording.end = at;
  }
  recording.calls.assign(trace.settings.begin(), trace.settings.begin() + static_cast<std::ptrdiff_t>(recording.end) + 1);
  require(recording.begin < recording.swap && recording.swap < recording.end, "strace shows no commit");
  return recording;
}

Recording stable_recording(Kind kind, const std::string& bin_dir) {
  Home home(kind, bin_dir);
  Recording last = record(home, bin_dir);
  for (int tries = 0; tries < 5; ++tries) {
    Recording again = record(home, bin_dir);
    if (again == last) return again;
    last = std::move(again);
  }
  throw Failed("a commit never makes the same calls twice");
}

// The call that the signal or the error was meant for got it.
void require_hit(const Trace& trace, const Point& point) {
  const bool there = trace.settings.size() > point.call && trace.settings[point.call].name == point.fault.call;
  if (!there) throw OffTheWay();
  const bool hit = point.error.empty() ? trace.settings.size() == point.call + 1
                                       : trace.settings[point.call].text.find("(INJECTED)") != std::string::npos;
  if (!hit) throw OffTheWay();
}

// The history tells of the commit if and only if it took place.
void require_history(Daemon& daemon, const Home& home, bool has_new_file) {
  const Json snapshots = daemon.call("settings.history", {{"path", home.settings()}})["snapshots"];
  std::size_t commits = 0;
  for (const Json& snapshot : snapshots) {
    require(snapshot["by"] == "self", "a write of the daemon is taken for another program's: " + snapshot.dump());
    require(snapshot["restorable"] == true, "a copy of a snapshot is missing: " + snapshot.dump());
    commits += snapshot["method"] == "wizard.commit";
  }
  require(commits == (has_new_file ? 1U : 0U), "the history lists " + std::to_string(commits) + " commits");
}

void try_kill(const Point& point, const Recording& recording, Home& home, const std::string& bin_dir) {
  home.reset();
  bool was_answered = false;
  on_the_way([&] {
    Daemon daemon(bin_dir, home.root(), Daemon::Tracing::on, point.fault);
    home.get_ahead(daemon);
    was_answered = commit(daemon, walk_to_review(daemon, "new-model")).has_value();
    daemon.ask("settings.history");
    require(daemon.wait_for_exit() == 128 + SIGKILL, "the daemon was not killed");
  });
  require_hit(whole_trace(home.root()), point);
  const bool is_new = point.call > recording.swap;
  const auto require_file = [&] { is_new ? home.require_text(recording.new_text) : home.require_old_file(); };
  require_file();
  require(is_new || !was_answered, "saved, says the answer, but it is not");
  if (is_new && home.had_file()) require(home.history_holds(home.old_text()), "there is no copy of the old file");

  Daemon daemon(bin_dir, home.root(), Daemon::Tracing::off);
  home.require_no_debris(2s);
  require_history(daemon, home, is_new);
  require_file();
  if (is_new) require(home.history_holds(recording.new_text), "there is no copy of the new file");
  require_saved(commit(daemon, walk_to_review(daemon, "another-model")));
  daemon.signal(SIGTERM);
  require(daemon.wait_for_exit() == 0, "the daemon does not end");
}

// What changes something on the way to the new file cannot be done without.
bool must_fail(const Call& call) {
  if (call.name == "openat") return call.text.find("O_CREAT") != std::string::npos;
  if (call.name == "mkdir") return call.text.ends_with("= 0");
  return call.name == "write" || call.name == "fsync" || call.name.starts_with("rename");
}

void require_clear_error(const Json& answer, const Point& point) {
  const Json& error = answer["error"];
  const std::string text = answer.dump();
  const auto is = [&](const char* kind) { return error["data"]["kind"] == kind; };
  require(is("settings_not_writable") || is("settings_unreadable"), "an error of the wrong kind: " + text);
  require(error["data"]["errno"] == point.error, "an error that does not name the errno: " + text);
  require(!error["message"].get<std::string>().empty() && error["data"].contains("hint"), "an error without words: " + text);
}

void try_error(const Point& point, const Recording& recording, Home& home, const std::string& bin_dir) {
  home.reset();
  Daemon daemon(bin_dir, home.root(), Daemon::Tracing::on, point.fault);
  std::string session;
  on_the_way([&] {
    home.get_ahead(daemon);
    session = walk_to_review(daemon, "new-model");
  });
  const auto answer = commit(daemon, session);
  require(answer.has_value(), "the daemon has gone");
  require(answer->dump().find("7Qw9Zx3V") == std::string::npos, "the answer has the key in it");
  daemon.ask("settings.history");
  require_hit(read_trace(home.root()), point);
  const bool is_saved = answer->contains("result");
  if (is_saved) {
    const bool was_needed = point.call <= recording.swap && point.error != "EINTR" && must_fail(recording.calls[point.call]);
    require(!was_needed, "saved although a call failed that it needs");
    require_saved(answer);
    home.require_text(recording.new_text);
    if (home.had_file()) require(home.history_holds(home.old_text()), "there is no copy of the old file");
  } else {
    require_clear_error(*answer, point);
    home.require_old_file();
  }
  home.require_no_debris(0s);
  require_history(daemon, home, is_saved);
  require_saved(commit(daemon, is_saved ? walk_to_review(daemon, "another-model") : session));
  daemon.signal(SIGTERM);
  require(daemon.wait_for_exit() == 0, "the daemon does not end");
}

std::vector<Point> points_of(Kind kind, const Recording& recording) {
  std::map<std::string, std::size_t> numbers;
  std::vector<Point> points;
  for (std::size_t at = 0; at < recording.calls.size(); ++at) {
    const std::string& name = recording.calls[at].name;
    const std::size_t number = ++numbers[name];
    if (at < recording.begin) continue;
    const auto of_main = recording.calls_of_main_thread.find(name);
    require(of_main == recording.calls_of_main_thread.end() || of_main->second < number,
            "the main thread makes a call too many for this: " + recording.calls[at].text);
    points.push_back({kind, at, {name, number, "signal=SIGKILL"}, ""});
    if (at == recording.end) continue;
    for (const char* error : errors) points.push_back({kind, at, {name, number, std::string("error=") + error}, error});
  }
  return points;
}

// What went wrong, or nothing.
std::string tried(const Point& point, const Recording& recording, Home& home, const std::string& bin_dir) {
  try {
    for (int tries = 0; tries < 10; ++tries) {
      try {
        (point.error.empty() ? try_kill : try_error)(point, recording, home, bin_dir);
        return "";
      } catch (const OffTheWay&) {
      }
    }
    return "the daemon never came there";
  } catch (const std::exception& error) {
    return error.what();
  }
}

bool can_trace() {
  tests::Scratch scratch;
  std::string output;
  return tests::run("strace", {"-D", "-o", scratch.path("trace"), "true"}, tests::bare_environment(), output) == 0;
}

int walk(const std::string& bin_dir) {
  std::map<Kind, Recording> recordings;
  std::vector<Point> points;
  for (const Kind kind : kinds) {
    recordings[kind] = stable_recording(kind, bin_dir);
    const auto more = points_of(kind, recordings[kind]);
    points.insert(points.end(), more.begin(), more.end());
    const auto kills = std::count_if(more.begin(), more.end(), [](const Point& p) { return p.error.empty(); });
    std::printf("%s: %zu calls, %td kills, %zu errors\n", name_of(kind), recordings[kind].end - recordings[kind].begin,
                kills, more.size() - static_cast<std::size_t>(kills));
  }
  std::fflush(stdout);
  std::atomic<std::size_t> next = 0, failures = 0;
  std::mutex output;
  const auto work = [&] {
    std::map<Kind, std::unique_ptr<Home>> homes;
    for (std::size_t at = next++; at < points.size(); at = next++) {
      const Point& point = points[at];
      auto& home = homes[point.kind];
      if (!home) home = std::make_unique<Home>(point.kind, bin_dir);
      const Recording& recording = recordings[point.kind];
      const std::string failure = tried(point, recording, *home, bin_dir);
      if (failure.empty()) continue;
      ++failures;
      const std::lock_guard lock(output);
      std::printf("%s, %s at call %zu, %s\n    %s\n", name_of(point.kind),
                  point.error.empty() ? "killed" : point.error.c_str(), point.call - recording.begin,
                  recording.calls[point.call].text.c_str(), failure.c_str());
      std::fflush(stdout);
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned job = 0; job < std::max(2U, std::thread::hardware_concurrency()); ++job) workers.emplace_back(work);
  workers.clear();
  std::printf("crash-walk: %zu points tried, %zu failed\n", points.size(), failures.load());
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace authd::crash

int main(int argc, char** argv) {
  using namespace authd;
  if (argc != 2) {
    std::fprintf(stderr, "usage: crash-walk BIN_DIR\n");
    return 2;
  }
  if (tests::is_sanitized || !crash::can_trace()) {
    std::printf("crash-walk: skipped, because there is no strace here, or it may not trace, or the sanitizers do\n");
    return crash::exit_skipped;
  }
  try {
    return crash::walk(argv[1]);
  } catch (const std::exception& error) {
    std::printf("crash-walk: %s\n", error.what());
    return 1;
  }
}
