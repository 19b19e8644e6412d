#include "daemon/io/http_client.hpp"

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "daemon/io/http_transfer.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

constexpr std::size_t workers = 2;
constexpr auto stop_patience = std::chrono::milliseconds(200);
// How long a worker sleeps where nothing wakes it: usually, and while names are looked up.
constexpr int rest_ms = 1000, look_up_rest_ms = 50;

// A thread with a mailbox, the one place in the daemon where two threads share anything.
class Worker {
 public:
  explicit Worker(std::shared_ptr<Resolver> resolver)
      : resolver_(std::move(resolver)), thread_([this] { run(); }) {}

  void post(HttpClient::Ticket ticket, HttpTransfer::Job job) {
    const std::lock_guard lock(mutex_);
    arrived_.emplace_back(ticket, std::move(job));
    wake();
  }
  void cancel(HttpClient::Ticket ticket) {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(ticket);
    wake();
  }
  // Whether the thread has ended. Where it hangs it is left alone: the process is about to end.
  bool stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    wake();
    const bool ended = ended_changed_.wait_for(lock, stop_patience, [this] { return ended_; });
    lock.unlock();
    if (ended)
      thread_.join();
    else
      thread_.detach();
    return ended;
  }

 private:
  struct Mail {
    std::vector<std::pair<HttpClient::Ticket, HttpTransfer::Job>> arrived;
    std::vector<HttpClient::Ticket> cancelled;
    std::vector<std::pair<HttpClient::Ticket, Resolved>> resolved;
  };

  void wake() {
    if (multi_)
      curl_->multi_wakeup(multi_);
    else
      mail_.notify_all();
  }

  void run() {
    curl_ = curl_library();
    if (!curl_) return run_without_library();
    CURLM* const multi = curl_->multi_init();
    {
      const std::lock_guard lock(mutex_);
      multi_ = multi;
    }
    int ready = 1;
    while (auto mail = take_mail()) {
      // To drive all costs time for each: not after every cancel of many.
      const bool is_mere_cancel =
          ready == 0 && !mail->cancelled.empty() && mail->arrived.empty() && mail->resolved.empty();
      read(multi, *std::move(mail));
      if (!is_mere_cancel) drive(multi);
      look_after_look_ups(multi);
      curl_->multi_poll(multi, nullptr, 0, looked_up_.empty() ? rest_ms : look_up_rest_ms, &ready);
    }
    for (auto& [ticket, transfer] : running_)
      if (transfer->easy()) curl_->multi_remove_handle(multi, transfer->easy());
    running_.clear();
    const std::lock_guard lock(mutex_);
    multi_ = nullptr;
    curl_->multi_cleanup(multi);
    ended_ = true;
    ended_changed_.notify_all();
  }

  void run_without_library() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      std::vector<std::pair<HttpClient::Ticket, HttpTransfer::Job>> arrived;
      arrived.swap(arrived_);
      lock.unlock();
      for (auto& [ticket, job] : arrived)
        HttpTransfer::refuse(std::move(job), core::NetworkFault::broken,
                             "libcurl.so.4 cannot be loaded: install libcurl");
      lock.lock();
      mail_.wait(lock, [this] { return stopping_ || !arrived_.empty(); });
    }
    ended_ = true;
    ended_changed_.notify_all();
  }

  // Nothing once the worker is to stop.
  std::optional<Mail> take_mail() {
    const std::lock_guard lock(mutex_);
    if (stopping_) return std::nullopt;
    Mail mail;
    mail.arrived.swap(arrived_);
    mail.cancelled.swap(cancelled_);
    mail.resolved.swap(resolved_);
    return mail;
  }

  void read(CURLM* multi, Mail mail) {
    for (auto& [ticket, job] : mail.arrived) admit(multi, ticket, std::move(job));
    for (const auto& [ticket, resolved] : mail.resolved)
      if (looked_up_.erase(ticket) > 0) begin(multi, ticket, resolved);
    for (const HttpClient::Ticket ticket : mail.cancelled) {
      const auto transfer = taken_out(multi, ticket);
      if (transfer) transfer->finish_cancelled();
    }
  }

  void admit(CURLM* multi, HttpClient::Ticket ticket, HttpTransfer::Job job) {
    const auto [added, is_new] = running_.emplace(
        ticket, std::make_unique<HttpTransfer>(*curl_, budget_, ticket, std::move(job)));
    const std::string& host = added->second->host_to_look_up();
    if (host.empty()) return begin(multi, ticket, {});
    looked_up_.insert(ticket);
    resolver_->ask(host, ticket, [this, ticket](const Resolved& resolved) {
      const std::lock_guard lock(mutex_);
      resolved_.emplace_back(ticket, resolved);
      wake();
    });
  }

  void begin(CURLM* multi, HttpClient::Ticket ticket, const Resolved& resolved) {
    const auto found = running_.find(ticket);
    if (CURL* const easy = found->second->begin(resolved))
      curl_->multi_add_handle(multi, easy);
    else
      running_.erase(found);
  }

  // Its connection is closed, its name waited for no more; nullptr where it is gone already.
  std::unique_ptr<HttpTransfer> taken_out(CURLM* multi, HttpClient::Ticket ticket) {
    const auto found = running_.find(ticket);
    if (found == running_.end()) return nullptr;
    auto transfer = std::move(found->second);
    running_.erase(found);
    if (looked_up_.erase(ticket) > 0) resolver_->withdraw(transfer->host_to_look_up(), ticket);
    if (transfer->easy()) curl_->multi_remove_handle(multi, transfer->easy());
    return transfer;
  }

  void drive(CURLM* multi) {
    int left = 0;
    curl_->multi_perform(multi, &left);
    while (const CURLMsg* message = curl_->multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      const HttpClient::Ticket ticket = HttpTransfer::of(*curl_, message->easy_handle).ticket();
      taken_out(multi, ticket)->finish(code);
    }
  }

  void look_after_look_ups(CURLM* multi) {
    if (looked_up_.empty()) return;
    resolver_->relieve();
    const std::vector<HttpClient::Ticket> waiting(looked_up_.begin(), looked_up_.end());
    for (const HttpClient::Ticket ticket : waiting) {
      if (running_.at(ticket)->is_late()) taken_out(multi, ticket)->finish_late();
    }
  }

  std::mutex mutex_;
  std::condition_variable ended_changed_, mail_;
  std::vector<std::pair<HttpClient::Ticket, HttpTransfer::Job>> arrived_;  // guarded by mutex_
  std::vector<HttpClient::Ticket> cancelled_;                              // guarded by mutex_
  std::vector<std::pair<HttpClient::Ticket, Resolved>> resolved_;          // guarded by mutex_
  CURLM* multi_ = nullptr;                                                 // guarded by mutex_
  const CurlLibrary* curl_ = nullptr;                                      // set before multi_
  bool stopping_ = false, ended_ = false;                                  // guarded by mutex_
  const std::shared_ptr<Resolver> resolver_;
  AnswerBudget budget_{limits::responses_bytes_max / workers};
  std::map<HttpClient::Ticket, std::unique_ptr<HttpTransfer>> running_;
  std::set<HttpClient::Ticket> looked_up_;  // those of running_ whose name is looked up
  std::thread thread_;                      // last, so that it starts when the rest is there
};

class CurlClient final : public HttpClient {
 public:
  ~CurlClient() override {
    resolver_->stop();  // it posts to the workers
    for (auto& worker : workers_)
      if (worker && !worker->stop()) worker.release();  // its thread still uses it
  }
  Ticket start(Transfer transfer) override { return post(std::move(transfer)); }
  Ticket look(Look look, std::move_only_function<void(Looked)> done) override {
    return post(HttpTransfer::Looking{std::move(look), std::move(done)});
  }
  void cancel(Ticket ticket) override { worker_of(ticket).cancel(ticket); }

 private:
  Ticket post(HttpTransfer::Job job) {
    const Ticket ticket = next_++;
    worker_of(ticket).post(ticket, std::move(job));
    return ticket;
  }
  Worker& worker_of(Ticket ticket) {
    auto& worker = workers_[ticket % workers];
    if (!worker) worker = std::make_unique<Worker>(resolver_);
    return *worker;
  }
  Ticket next_ = 0;
  const std::shared_ptr<Resolver> resolver_ = std::make_shared<Resolver>();
  std::array<std::unique_ptr<Worker>, workers> workers_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client() { return std::make_unique<CurlClient>(); }

}  // namespace authd::io
