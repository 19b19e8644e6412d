#include "daemon/io/http_client.hpp"

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/core/text.hpp"
#include "daemon/io/curl_library.hpp"
#include "daemon/io/file.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

constexpr std::size_t workers = 2;
constexpr auto stop_patience = std::chrono::milliseconds(200);
constexpr std::size_t header_value_bytes_max = 1024;

// One request on its way. Lives on its worker's thread.
class Running {
 public:
  Running(const CurlLibrary& curl, HttpClient::Ticket ticket, Transfer transfer)
      : curl_(curl),
        ticket_(ticket),
        transfer_(std::move(transfer)),
        easy_(curl.easy_init()),
        begun_(std::chrono::steady_clock::now()) {
    set_up();
  }
  ~Running() {
    curl_.slist_free_all(headers_);
    curl_.easy_cleanup(easy_);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  CURL* easy() const { return easy_; }
  HttpClient::Ticket ticket() const { return ticket_; }

  void finish(CURLcode code) {
    response_.latency = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun_);
    long status = 0, connect_status = 0;
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    curl_.easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &connect_status);
    response_.status = static_cast<int>(status);
    response_.fault = fault_of(code, connect_status);
    if (response_.fault != core::NetworkFault::none)
      response_.fault_text = error_[0] ? error_.data() : curl_.easy_strerror(code);
    transfer_.done(std::move(response_));
  }
  void finish_cancelled() {
    response_.fault = core::NetworkFault::cancelled;
    transfer_.done(std::move(response_));
  }

 private:
  void set_up() {
    const core::HttpRequest& request = transfer_.request;
    const auto set = [this](CURLoption option, auto value) {
      curl_.easy_setopt(easy_, option, value);
    };
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_URL, request.url.c_str());
    if (request.method == "POST") {
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
      set(CURLOPT_POSTFIELDS, request.body.c_str());
    }
    // A key goes to the configured origin and nowhere else, and leaves no trace.
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTP09_ALLOWED, 0L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a name look-up that hangs holds up nothing else
    const long timeout_ms = static_cast<long>(request.timeout.count());
    set(CURLOPT_TIMEOUT_MS, timeout_ms);
    set(CURLOPT_CONNECTTIMEOUT_MS,
        std::min(timeout_ms, static_cast<long>(limits::connect_timeout_ms)));
    // Set even when empty, because otherwise the library would read the daemon's environment.
    set(CURLOPT_PROXY, request.proxy.c_str());
    set(CURLOPT_NOPROXY, request.no_proxy.c_str());
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    add_extra_authorities(request.extra_ca_file);
    for (const auto& [name, value] : request.headers) add_header(name, value);
    add_header("Expect", "");
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_HEADERFUNCTION, &Running::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Running::on_body);
    set(CURLOPT_WRITEDATA, this);
  }

  // A line break in a value would be a header of its own; such a header is not sent at all.
  void add_header(const std::string& name, const std::string& value) {
    if (core::control_character(name) || core::control_character(value)) return;
    // "Name:" without a value means "do not send it", "Name;" sends it empty.
    const bool empty = value.empty() && name != "Expect";
    headers_ = curl_.slist_append(headers_, (empty ? name + ";" : name + ": " + value).c_str());
  }

  // The system's store is a directory of its own here, so that the bundle can be the extra one.
  void add_extra_authorities(const std::string& path) {
    if (path.empty()) return;
    const auto file = read_file(path, limits::message_bytes_max);
    if (!file || file->text.find("-----BEGIN CERTIFICATE-----") == std::string::npos) return;
    curl_blob blob{const_cast<char*>(file->text.data()), file->text.size(), CURL_BLOB_COPY};
    curl_.easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &blob);
    curl_.easy_setopt(easy_, CURLOPT_CAPATH, "/etc/ssl/certs");
  }

  core::NetworkFault fault_of(CURLcode code, long connect_status) const {
    if (too_large_) return core::NetworkFault::too_large;
    if (enough_ || code == CURLE_OK) return core::NetworkFault::none;
    if (connect_status >= 400) return core::NetworkFault::proxy;
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST: return core::NetworkFault::dns;
      case CURLE_COULDNT_RESOLVE_PROXY: return core::NetworkFault::proxy;
      case CURLE_COULDNT_CONNECT:
        return transfer_.request.proxy.empty() ? core::NetworkFault::connect
                                               : core::NetworkFault::proxy;
      case CURLE_PROXY: return core::NetworkFault::proxy;
      case CURLE_OPERATION_TIMEDOUT: return core::NetworkFault::timeout;
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CERTPROBLEM:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR: return core::NetworkFault::tls;
      default: return core::NetworkFault::broken;
    }
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t bytes, void* self) {
    static_cast<Running*>(self)->header({data, bytes});
    return bytes;
  }
  void header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string name = core::lower_ascii(line.substr(0, colon));
    const std::string value(
        core::js_trim(line.substr(colon + 1)).substr(0, header_value_bytes_max));
    if (name == "content-type") response_.content_type = value;
    if (name == "retry-after") response_.retry_after = value;
    if (name == "location") response_.location = value;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t bytes, void* self) {
    return static_cast<Running*>(self)->body({data, bytes}) ? bytes : 0;
  }
  // False ends the transfer.
  bool body(std::string_view bytes) {
    if (response_.body.size() + bytes.size() > limits::response_bytes_max) {
      too_large_ = true;
      return false;
    }
    response_.body.append(bytes);
    long status = 0;
    curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) enough_ = transfer_.feed(bytes);
    return !enough_;
  }

  const CurlLibrary& curl_;
  HttpClient::Ticket ticket_;
  Transfer transfer_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  core::HttpResponse response_;
  std::chrono::steady_clock::time_point begun_;
  bool too_large_ = false, enough_ = false;
};

// A thread with a mailbox, the one place in the daemon where two threads share anything.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}

  void post(HttpClient::Ticket ticket, Transfer transfer) {
    const std::lock_guard lock(mutex_);
    arrived_.emplace_back(ticket, std::move(transfer));
    wake();
  }
  void cancel(HttpClient::Ticket ticket) {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(ticket);
    wake();
  }
  // Whether the thread has ended. Where it hangs in a name look-up it is left alone: the process
  // is about to end.
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
    while (take_mail(multi)) {
      int running = 0;
      curl_->multi_perform(multi, &running);
      collect(multi);
      curl_->multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
    for (auto& [ticket, transfer] : running_) curl_->multi_remove_handle(multi, transfer->easy());
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
      std::vector<std::pair<HttpClient::Ticket, Transfer>> arrived;
      arrived.swap(arrived_);
      lock.unlock();
      for (auto& [ticket, transfer] : arrived) {
        core::HttpResponse response;
        response.fault = core::NetworkFault::broken;
        response.fault_text = "libcurl.so.4 cannot be loaded: install libcurl";
        transfer.done(std::move(response));
      }
      lock.lock();
      mail_.wait(lock, [this] { return stopping_ || !arrived_.empty(); });
    }
    ended_ = true;
    ended_changed_.notify_all();
  }

  // False once the worker is to stop.
  bool take_mail(CURLM* multi) {
    std::vector<std::pair<HttpClient::Ticket, Transfer>> arrived;
    std::vector<HttpClient::Ticket> cancelled;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
      arrived.swap(arrived_);
      cancelled.swap(cancelled_);
    }
    for (auto& [ticket, transfer] : arrived) {
      auto running = std::make_unique<Running>(*curl_, ticket, std::move(transfer));
      curl_->multi_add_handle(multi, running->easy());
      running_.emplace(ticket, std::move(running));
    }
    for (const HttpClient::Ticket ticket : cancelled) {
      const auto found = running_.find(ticket);
      if (found == running_.end()) continue;
      curl_->multi_remove_handle(multi, found->second->easy());
      const auto running = std::move(found->second);
      running_.erase(found);
      running->finish_cancelled();
    }
    return true;
  }

  void collect(CURLM* multi) {
    int left = 0;
    while (const CURLMsg* message = curl_->multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      Running* done = nullptr;
      curl_->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
      curl_->multi_remove_handle(multi, message->easy_handle);
      const auto found = running_.find(done->ticket());
      const auto running = std::move(found->second);
      running_.erase(found);
      running->finish(code);
    }
  }

  std::mutex mutex_;
  std::condition_variable ended_changed_, mail_;
  std::vector<std::pair<HttpClient::Ticket, Transfer>> arrived_;  // guarded by mutex_
  std::vector<HttpClient::Ticket> cancelled_;                     // guarded by mutex_
  CURLM* multi_ = nullptr;                                        // guarded by mutex_
  const CurlLibrary* curl_ = nullptr;                             // set before multi_
  bool stopping_ = false, ended_ = false;                         // guarded by mutex_
  std::map<HttpClient::Ticket, std::unique_ptr<Running>> running_;
  std::thread thread_;  // last, so that it starts when the rest is there
};

class CurlClient final : public HttpClient {
 public:
  ~CurlClient() override {
    for (auto& worker : workers_)
      if (worker && !worker->stop()) worker.release();  // its thread still uses it
  }
  Ticket start(Transfer transfer) override {
    const Ticket ticket = next_++;
    worker_of(ticket).post(ticket, std::move(transfer));
    return ticket;
  }
  void cancel(Ticket ticket) override { worker_of(ticket).cancel(ticket); }

 private:
  Worker& worker_of(Ticket ticket) {
    auto& worker = workers_[ticket % workers];
    if (!worker) worker = std::make_unique<Worker>();
    return *worker;
  }
  Ticket next_ = 0;
  std::array<std::unique_ptr<Worker>, workers> workers_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client() { return std::make_unique<CurlClient>(); }

}  // namespace authd::io
