// One commit from end to end: (check,) back up and write, sync the environment, (check,) report.
#pragma once

#include <asio/steady_timer.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "daemon/progress.hpp"
#include "daemon/services.hpp"
#include "daemon/setup_order.hpp"
#include "protocol/messages.hpp"

namespace authd {

struct CommitOrder {
  SetupOrder setup;
  core::Environment environment;
  WizardCommit params;
};

// Lives until it has answered. Io thread, but for the write itself. A cancel before the write is
// `cancelled` and nothing was written; after it, the check ends at once and the result is answered.
class Commit : public std::enable_shared_from_this<Commit> {
 public:
  using Done = std::move_only_function<void(Result<Json>)>;
  // Takes the cancellation and the peer of `request`; `done` answers it. What is returned cancels
  // the commit, if it still runs.
  static std::function<void()> run(Services& services, CommitOrder order,
                                   const rpc::Request& request, Done done);

  Commit(Services& services, CommitOrder order, std::shared_ptr<rpc::Peer> peer, Done done);

 private:
  struct Written {
    io::Saved saved;
    std::string env_key;
    core::ProbeTarget target;
    std::vector<core::Warning> warnings;
    bool removed_tokens = false;
    std::string key_path;  // where the key, or its command, went instead of the settings
  };

  void begin();
  // Plans on the files as they are now and hands the plan on, unless that fails or the commit was
  // cancelled meanwhile.
  void plan_then(std::function<void(SetupPlan)> then);
  void run_key_command();
  void save();
  void check_before();
  Result<SetupPlan> plan_on_settings_thread(io::SettingsStore& store) const;
  void cancel();
  void write();
  Result<Written> write_on_settings_thread(io::SettingsStore& store) const;
  void written(Result<Written> result);
  void sync();
  void check(std::function<void(core::Verdict)> then);
  void checked_before(const core::Verdict& verdict);
  void report(core::Verdict verdict);
  core::Verdict unchecked(const char* code, const char* message) const;
  void answer(Result<Json> result);
  void log_later(std::string line);  // once what is being handled is answered
  void tick();

  Services& services_;
  CommitOrder order_;
  Progress progress_;
  Done done_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point check_begun_;
  std::optional<Written> written_;
  core::ProbeTarget target_;  // what the check asks
  std::vector<std::string> synced_;
  std::optional<core::Verdict> verdict_before_;
  std::optional<Checker::Ticket> running_check_;
  std::optional<KeyCommands::Ticket> running_command_;
  std::optional<std::string> running_key_name_;  // the variable whose command was run
  std::atomic<bool> cancelled_ = false;          // read by the settings thread before it writes
};

}  // namespace authd
