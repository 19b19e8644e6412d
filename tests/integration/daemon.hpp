// The daemon as a process in a home of its own. Its end is part of every test: SIGTERM must lead to
// exit code 0 in time, and the canary key must be nowhere but where a key belongs.
#pragma once

#include <optional>
#include <set>

#include "client.hpp"
#include "scratch.hpp"

namespace authd::tests {

// The key of every journey. No piece of eight characters of it may turn up anywhere else.
inline constexpr std::string_view canary = "sk-7Qw9Zx3Vb5Nm1Lk8Jh6Gf4Ds2Aq0Xr";

struct DaemonOptions {
  Environment environment = {};  // added to the scratch home's own
  std::vector<std::string> arguments = {"--log-level", "trace"};
  std::string settings = {};  // what the settings file holds before; no file where empty
};

class Daemon {
 public:
  explicit Daemon(DaemonOptions options = {});
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  Client connect(Framing framing = Framing::lines) const;

  std::string path(const std::string& below) const { return scratch_.path(below); }
  std::string home() const { return path("home"); }
  std::string socket() const { return path("run/qwen-authd/rpc.sock"); }
  std::string settings_path() const { return home() + "/.qwen/settings.json"; }
  std::string history() const { return path("state/qwen-authd/history"); }
  // What the daemon itself was started with.
  const Environment& environment() const { return environment_; }
  std::string log() const { return read_file(log_path()); }
  pid_t pid() const { return process_->pid(); }

  // The settings file's text, and its content (strict JSON, or the test fails).
  std::string settings_text() const { return read_file(settings_path()); }
  Json settings() const;

  // A context whose variables are the daemon's own and these.
  Json context(const Environment& more = {}) const;

  void signal(int number) const { process_->signal(number); }
  // The exit code; nothing where it has not ended in time.
  std::optional<int> wait_for_exit(std::chrono::milliseconds bound = patience);
  void start();
  // For tests that end the daemon in their own way: no SIGTERM at the end.
  void is_expected_to_end() { ended_by_test_ = true; }
  // A further file that may hold the key.
  void may_hold_key(const std::string& path) { key_files_.insert(path); }

 private:
  std::string log_path() const { return path("daemon.log"); }
  void look_for_the_canary() const;
  bool may_hold_the_key(const std::string& path) const;

  Scratch scratch_;
  DaemonOptions options_;
  Environment environment_;
  std::shared_ptr<Overheard> overheard_ = std::make_shared<Overheard>();
  std::optional<Process> process_;
  std::set<std::string> key_files_;
  bool ended_by_test_ = false;
};

std::string daemon_program();
// Waits until a daemon answers there; false where its process ends before.
bool serves(Process& process, const std::string& socket_path);

}  // namespace authd::tests
