#include "daemon/key_commands.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "daemon/core/sha256.hpp"
#include "daemon/io/key_file.hpp"

namespace authd {
namespace {

using End = io::CommandResult::End;

KeyCommands::Answer copy_of(const KeyCommands::Answer& answer) {
  return {answer.key.clone(), answer.took};
}

std::string seconds(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

// How it ended, for a person; and in one word, for a program.
struct Ending {
  std::string what, reason;
};
Ending ending_of(const io::CommandResult& result, const core::KeyCommand& command) {
  const std::string complaint = core::shown_complaint(result.complaint, result.output.reveal());
  const std::string said = complaint.empty() ? "." : ". It says: " + complaint;
  const char* const signal = sigabbrev_np(result.code);
  switch (result.end) {
    case End::exited:
      return {"it ended with exit code " + std::to_string(result.code) + said, "exit"};
    case End::signalled:
      return {"signal " + (signal ? std::string(signal) : std::to_string(result.code)) +
                  " ended it" + said,
              "signal"};
    case End::timed_out:
      return {"it took longer than " + seconds(command.timeout) + " and was stopped" + said,
              "timeout"};
    case End::stopped: return {"it was stopped.", "stopped"};
    case End::too_much_output: return {"it printed more than 64 KiB, which is no key.", "output"};
    case End::not_started:
      return {"it cannot be run: " + std::generic_category().message(result.code) + ".", "start"};
  }
  return {};
}

Error unavailable(const std::string& name, const Ending& ending) {
  return {ErrorKind::key_unavailable,
          "The command for " + name + " gives no key: " + ending.what,
          {},
          "`qwen-authctl keys run " + name + "` runs it alone.",
          {{"name", name}, {"reason", ending.reason}}};
}

// On the thread of the run, so that what was printed never leaves it but as a key.
Result<KeyCommands::Answer> key_from(io::CommandResult result, const std::string& name,
                                     const core::KeyCommand& command) {
  if (result.end != End::exited || result.code != 0)
    return std::unexpected(unavailable(name, ending_of(result, command)));
  auto key = core::key_in_output(result.output.reveal());
  if (!key) return std::unexpected(unavailable(name, {key.error().message + ".", "output"}));
  return KeyCommands::Answer{*std::move(key), result.took};
}

}  // namespace

KeyCommands::Ticket KeyCommands::ask(Order order, Use use, Done done) {
  const Ticket ticket = next_++;
  const Identity identity = identity_of(order);
  const auto kept = kept_.find(identity);
  if (use == Use::kept && kept != kept_.end()) {
    give(std::move(done), copy_of(kept->second.answer));
    return ticket;
  }
  // Where keys.json was edited by hand.
  std::erase_if(kept_, [&](const auto& one) {
    return one.first.first == order.name && one.second.command != order.command;
  });
  const auto [at, is_first] = flights_.try_emplace(identity);
  Flight& flight = at->second;
  if (is_first || flight.spent || !flight.run) flight.order = std::move(order);
  flight.waiters.push_back({ticket, std::move(done)});
  if (is_first) {
    turn_.push_back(identity);
    start_waiting();
  }
  return ticket;
}

KeyCommands::Identity KeyCommands::identity_of(const Order& order) const {
  return {order.name, core::answer_digest(order.command, order.environment.home,
                                          core::command_environment(order.environment, daemon_))};
}

std::function<void()> KeyCommands::find(std::string name, core::Environment environment, Use use,
                                        Found found) {
  struct Search {
    bool is_cancelled = false;
    std::optional<Ticket> ticket;
  };
  const auto search = std::make_shared<Search>();
  settings_.run([path = path()](io::SettingsStore&) { return io::read_key_file(path); },
                [this, search, use, name = std::move(name), environment = std::move(environment),
                 found = std::move(found)](Result<core::NamedKeyCommands> commands) mutable {
                  if (!commands) return found(std::unexpected(commands.error()));
                  if (search->is_cancelled) return found(fail(ErrorKind::cancelled, "Cancelled."));
                  const auto command = commands->find(name);
                  if (command == commands->end()) return found(std::nullopt);
                  search->ticket =
                      ask({name, std::move(command->second), std::move(environment)}, use,
                          [found = std::move(found)](Result<Answer> answer) mutable {
                            if (!answer) return found(std::unexpected(answer.error()));
                            found(*std::move(answer));
                          });
                });
  return [this, search] {
    search->is_cancelled = true;
    if (search->ticket) cancel(*search->ticket);
  };
}

// Never before `ask` has returned.
void KeyCommands::give(Done done, Result<Answer> answer) {
  asio::post(io_, [done = std::move(done), answer = std::move(answer)]() mutable {
    done(std::move(answer));
  });
}

void KeyCommands::answer_all(std::vector<Waiter> waiters, const Result<Answer>& answer) {
  for (Waiter& waiter : waiters)
    give(std::move(waiter.done),
         answer ? Result<Answer>(copy_of(*answer)) : std::unexpected(answer.error()));
}

void KeyCommands::cancel(Ticket ticket) {
  for (auto& [identity, flight] : flights_) {
    const auto waiter = std::ranges::find(flight.waiters, ticket, &Waiter::ticket);
    if (waiter == flight.waiters.end()) continue;
    Done done = std::move(waiter->done);
    flight.waiters.erase(waiter);
    give(std::move(done), fail(ErrorKind::cancelled, "Cancelled."));
    if (!flight.waiters.empty()) return;
    if (flight.run) {
      flight.spent = true;
      background_.stop(*flight.run);
    } else {
      std::erase(turn_, identity);
      flights_.erase(flights_.find(identity));
    }
    return;
  }
}

void KeyCommands::start_waiting() {
  while (running_ < limits::key_runs_max && !turn_.empty()) {
    const auto next = flights_.find(turn_.front());
    turn_.pop_front();
    start(next->first, next->second);
  }
}

void KeyCommands::start(const Identity& identity, Flight& flight) {
  const Order& order = flight.order;
  const std::string name = order.name;
  flight.spent = false;
  ++running_;
  core::Variables variables = core::command_environment(order.environment, daemon_);
  io::CommandOrder run{
      core::arguments_of(order.command), {}, {}, order.environment.home, order.command.timeout};
  run.candidates = core::program_candidates(run.arguments.front(), variables);
  run.environment = std::move(variables);
  const auto then = [this, identity](Outcome outcome) { ended(identity, std::move(outcome)); };
  try {
    flight.run = background_.start(
        [run = std::move(run), name, command = order.command](const io::StopSignal& stop) {
          return Outcome{key_from(io::run_command(run, stop), name, command)};
        },
        then);
  } catch (const std::system_error&) {
    flight.run = Background::none;
    Outcome outcome{std::unexpected(unavailable(name, {"there is no room for it now.", "start"}))};
    asio::post(io_, [then, outcome = std::move(outcome)]() mutable { then(std::move(outcome)); });
  }
}

void KeyCommands::ended(const Identity& identity, Outcome outcome) {
  --running_;
  const auto found = flights_.find(identity);
  if (found == flights_.end()) return start_waiting();
  Flight flight = std::move(found->second);
  if (flight.spent && !flight.waiters.empty()) {
    flight.run.reset();
    found->second = std::move(flight);
    turn_.push_front(identity);
    return start_waiting();
  }
  flights_.erase(found);
  if (!flight.spent) {
    const std::string& name = identity.first;
    failures_.erase(name);
    if (outcome.answer)
      keep(identity, flight.order, *outcome.answer);
    else
      failures_.emplace(name, std::pair{flight.order.command, outcome.answer.error().message});
    answer_all(std::move(flight.waiters), outcome.answer);
  }
  start_waiting();
}

void KeyCommands::keep(const Identity& identity, const Order& order, const Answer& answer) {
  kept_.erase(identity);
  if (order.command.lifetime.count() == 0) return;
  const Ticket number = next_++;
  Kept kept{order.command, copy_of(answer), std::make_unique<asio::steady_timer>(io_), number};
  kept.end->expires_after(order.command.lifetime);
  kept.end->async_wait([this, identity, number](const asio::error_code&) {
    const auto found = kept_.find(identity);
    if (found != kept_.end() && found->second.number == number) kept_.erase(found);
  });
  kept_.insert_or_assign(identity, std::move(kept));
}

bool KeyCommands::refused(const std::string& name, const std::string& fingerprint) {
  return std::erase_if(kept_, [&](const auto& one) {
           return one.first.first == name &&
                  core::fingerprint(one.second.answer.key.reveal()) == fingerprint;
         }) > 0;
}

std::size_t KeyCommands::forget(const std::string& name) {
  return std::erase_if(kept_, [&](const auto& one) { return one.first.first == name; });
}

std::size_t KeyCommands::forget_all() {
  const std::size_t count = kept_.size();
  kept_.clear();
  return count;
}

// A run that goes on is worth nothing to those who wait now.
void KeyCommands::changed(const std::string& name) {
  forget(name);
  failures_.erase(name);
  const Error why = unavailable(name, {"it was changed meanwhile.", "changed"});
  for (auto& [identity, flight] : flights_) {
    if (identity.first != name) continue;
    answer_all(std::exchange(flight.waiters, {}), std::unexpected(why));
    flight.spent = true;
    if (flight.run) background_.stop(*flight.run);
  }
  std::erase_if(turn_, [&](const Identity& one) { return one.first == name; });
  std::erase_if(flights_,
                [&](const auto& one) { return one.first.first == name && !one.second.run; });
}

KeyCommands::State KeyCommands::state_of(const std::string& name,
                                         const core::KeyCommand& command) const {
  for (const auto& [identity, flight] : flights_)
    if (identity.first == name && !flight.spent) return {"running", {}};
  for (const auto& [identity, kept] : kept_)
    if (identity.first == name && kept.command == command) return {"fresh", {}};
  const auto failure = failures_.find(name);
  if (failure != failures_.end() && failure->second.first == command)
    return {"failed", failure->second.second};
  return {};
}

}  // namespace authd
