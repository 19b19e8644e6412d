// Keys that commands print: one run at a time for a variable and what decides about its command's
// answer, however many ask, kept in memory for a while, run again after a refusal. Io thread only;
// the runs have threads of their own.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/background.hpp"
#include "daemon/core/key_commands.hpp"
#include "daemon/io/command.hpp"
#include "daemon/settings_thread.hpp"

namespace authd {

class KeyCommands {
 public:
  struct Answer {
    Secret key;
    std::chrono::milliseconds took{};  // of the run that printed it
  };
  using Done = std::move_only_function<void(Result<Answer>)>;
  // Nothing where the variable has no command.
  using Found = std::move_only_function<void(Result<std::optional<Answer>>)>;
  using Ticket = std::uint64_t;

  // The commands are those of the user whose environment the daemon has.
  KeyCommands(asio::io_context& io, SettingsThread& settings, Background& background,
              const core::Environment& daemon)
      : io_(io), settings_(settings), background_(background), daemon_(daemon) {}

  std::string path() const { return core::key_commands_path(daemon_); }

  struct Order {
    std::string name;
    core::KeyCommand command;
    core::Environment environment;  // whose variables the command gets
  };
  enum class Use {
    kept,  // the key in memory, where there is one of this very command and of such an environment
    run,   // a run in any case, or the one that is under way
  };
  // `done` is called once, later: the key, or key_unavailable with data.name and data.reason.
  Ticket ask(Order order, Use use, Done done);
  // The same for a variable that may have a command in keys.json, whose errors come, too. What is
  // returned cancels it.
  std::function<void()> find(std::string name, core::Environment environment, Use use, Found found);
  // Who asked is answered `cancelled`. A run that nobody waits for any more is killed.
  void cancel(Ticket ticket);

  // A provider has refused this key (its fingerprint): it is not used again. Whether it was kept.
  bool refused(const std::string& name, const std::string& fingerprint);
  // Wipes what is kept of one variable, or all; how many there were.
  std::size_t forget(const std::string& name);
  std::size_t forget_all();
  // The command is another one now, or none: its key is wiped, and a run of it is worth nothing.
  void changed(const std::string& name);

  struct State {
    std::string name = "unused";  // "running", "fresh", "failed"
    std::string reason;           // of the failure
  };
  State state_of(const std::string& name, const core::KeyCommand& command) const;

 private:
  struct Waiter {
    Ticket ticket;
    Done done;
  };
  // The variable, and what its command's answer depends on (core::answer_digest).
  using Identity = std::pair<std::string, std::string>;
  // At most one for an identity. One that is `spent` has nobody to answer from the run that still
  // goes on; whoever asks meanwhile waits for the next.
  struct Flight {
    Order order;
    std::vector<Waiter> waiters;
    std::optional<Background::Ticket> run;  // none while it waits its turn
    bool spent = false;
  };
  struct Kept {
    core::KeyCommand command;
    Answer answer;
    std::unique_ptr<asio::steady_timer> end;
    Ticket number;  // tells it from the one that it replaced, whose timer may still be heard
  };
  struct Outcome {
    Result<Answer> answer =
        fail(ErrorKind::internal_error, "Something went wrong while a command ran.");
  };

  void give(Done done, Result<Answer> answer);
  void start_waiting();
  void start(const Identity& identity, Flight& flight);
  void ended(const Identity& identity, Outcome outcome);
  Identity identity_of(const Order& order) const;
  void keep(const Identity& identity, const Order& order, const Answer& answer);
  void answer_all(std::vector<Waiter> waiters, const Result<Answer>& answer);

  asio::io_context& io_;
  SettingsThread& settings_;
  Background& background_;
  const core::Environment& daemon_;
  std::map<Identity, Flight> flights_;
  std::deque<Identity> turn_;  // flights without a run, first in first out
  std::size_t running_ = 0;
  std::map<Identity, Kept> kept_;
  std::map<std::string, std::pair<core::KeyCommand, std::string>> failures_;  // the last run's
  Ticket next_ = 0;
};

}  // namespace authd
