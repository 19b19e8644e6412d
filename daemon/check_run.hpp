// One check from end to end: the key, the request, once more where that is worth it, the control
// probe, the vendor's other endpoints.
#pragma once

#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "daemon/core/check_subject.hpp"
#include "daemon/core/sweep.hpp"
#include "daemon/progress.hpp"
#include "daemon/services.hpp"

namespace authd {

struct CheckOrder {
  core::CheckSubject subject;
  core::Environment environment;
  std::vector<std::string> consented_hosts;
  bool key_has_command = false;  // keys.json has one for subject.key_name
  Progress progress;             // nobody's: the shorter deadline
};

// What a check came to. The key in it is for its masked form and fingerprint.
struct CheckReport {
  core::Verdict verdict;
  Secret key;
  std::string key_name, key_source;
  std::vector<core::VendorEndpoint> siblings;     // where a sweep could go
  std::vector<core::SweepAnswer> sweep;           // what those with consent said
  std::optional<core::VendorEndpoint> switch_to;  // the one of them that takes the key
  // What mends it, such as the switch, with its preview; nothing where nothing is configured.
  std::optional<core::Fix> fix;
};

// Lives until it has answered. Io thread only.
class CheckRun : public std::enable_shared_from_this<CheckRun> {
 public:
  using Done = std::move_only_function<void(Result<CheckReport>)>;
  // Errors: consent_required, key_unavailable, busy, cancelled. What is returned cancels the check
  // at once: its connections are freed, and `done` gets `cancelled`.
  static std::function<void()> run(Services& services, CheckOrder order, Done done);

  CheckRun(Services& services, CheckOrder order, Done done);

 private:
  using Verdict = core::Verdict;
  using Then = std::move_only_function<void(Verdict)>;
  using Listed = std::move_only_function<void(core::Discovery)>;

  void begin();
  void run_key_command(KeyCommands::Use use, std::function<void()> then);
  void ask();
  void first_request();
  void probe();
  void answered(Verdict verdict);
  void refused(Verdict verdict);
  void renew_key(Verdict verdict);
  void try_other_header(Verdict verdict);
  void control(Verdict verdict);
  void list_models();
  void listed(core::Discovery found, std::optional<core::Discovery> control);
  void sweep(Verdict verdict);
  void prove_one_of(std::vector<std::size_t> accepting);
  void report_sweep(const std::optional<core::VendorEndpoint>& accepted);
  core::EntryFacts entry_facts() const;
  void preview_fix();
  void finish(Verdict verdict);
  void stop(const char* code, std::string message);
  void answer(Result<CheckReport> result);
  void cancel();

  void start(core::ProbeTarget target, Then then);
  void start_list(core::ProbeTarget target, Listed then);
  std::chrono::milliseconds left() const;
  void log(const Verdict& verdict) const;
  std::string host() const;
  void tick();

  core::ProbeTarget& target() { return order_.subject.target; }

  Services& services_;
  CheckOrder order_;
  Done done_;
  asio::steady_timer tick_timer_, pause_timer_;
  std::chrono::steady_clock::time_point begun_, deadline_;
  std::set<Checker::Ticket> tickets_;
  std::function<void()> cancel_command_;
  CheckReport report_;
  int attempts_ = 0;
  bool key_is_from_command_ = false, key_was_renewed_ = false;
  std::size_t awaited_ = 0;  // answers of siblings
};

}  // namespace authd
