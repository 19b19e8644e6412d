#include "daemon/io/resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace authd::io {
namespace {

constexpr std::size_t usual_threads = 3, resolver_threads_max = 16, addresses_max = 16;
// Look-ups that take longer count as hanging.
constexpr auto usual_time = std::chrono::milliseconds(500);
constexpr auto idle_time = std::chrono::seconds(5);

Resolved system_look_up(const std::string& host) {
  Resolved resolved;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) {
    resolved.fault = gai_strerror(error);
    return resolved;
  }
  for (const addrinfo* one = list; one && resolved.addresses.size() < addresses_max;
       one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
            0 &&
        std::ranges::find(resolved.addresses, text) == resolved.addresses.end())
      resolved.addresses.emplace_back(text);
  }
  freeaddrinfo(list);
  if (resolved.addresses.empty()) resolved.fault = "The name has no address";
  return resolved;
}

}  // namespace

struct Resolver::State {
  const LookUp look_up;
  std::mutex mutex;
  std::condition_variable arrived;
  using Askers = std::map<Asker, Done>;
  std::deque<std::string> queue;         // names that no thread has taken yet
  std::map<std::string, Askers> asking;  // all names that are waited for
  std::size_t threads = 0, idle = 0;
  std::chrono::steady_clock::time_point last_taken;  // or when the queue began
  bool stopping = false;

  // With the mutex held, as all below but `run`.
  static void start_thread(const std::shared_ptr<State>& state) {
    try {
      std::thread([state] { run(*state); }).detach();
      ++state->threads;
    } catch (const std::system_error&) {
      // Those that run will have to do; where there is none, the next `relieve` tries again.
    }
  }
  static void run(State& state) {
    std::unique_lock lock(state.mutex);
    while (state.wait_for_name(lock)) {
      const std::string host = std::move(state.queue.front());
      state.queue.pop_front();
      state.last_taken = std::chrono::steady_clock::now();
      lock.unlock();
      const Resolved resolved = state.look_up(host);
      lock.lock();
      // Told with the mutex held, so that nobody is told once it is stopped.
      const auto found = state.asking.find(host);
      if (found == state.asking.end()) continue;
      Askers told = std::move(found->second);
      state.asking.erase(found);
      for (auto& [asker, done] : told) done(resolved);
    }
    --state.threads;
  }
  // False where the thread is to end.
  bool wait_for_name(std::unique_lock<std::mutex>& lock) {
    ++idle;
    arrived.wait_for(lock, idle_time, [this] { return stopping || !queue.empty(); });
    --idle;
    return !stopping && !queue.empty();
  }
};

Resolver::Resolver() : Resolver(system_look_up) {}
Resolver::Resolver(LookUp look_up) : state_(std::make_shared<State>(std::move(look_up))) {}

void Resolver::stop() {
  const std::lock_guard lock(state_->mutex);
  state_->stopping = true;
  state_->asking.clear();
  state_->queue.clear();
  state_->arrived.notify_all();
}

void Resolver::ask(const std::string& host, Asker asker, Done done) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return;
  State::Askers& asking = state_->asking[host];
  asking.emplace(asker, std::move(done));
  if (asking.size() > 1) return;
  if (state_->queue.empty()) state_->last_taken = std::chrono::steady_clock::now();
  state_->queue.push_back(host);
  if (state_->idle < state_->queue.size() && state_->threads < usual_threads)
    State::start_thread(state_);
  state_->arrived.notify_one();
}

void Resolver::withdraw(const std::string& host, Asker asker) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->asking.find(host);
  if (found == state_->asking.end() || found->second.erase(asker) == 0 || !found->second.empty())
    return;
  state_->asking.erase(found);
  std::erase(state_->queue, host);
}

void Resolver::relieve() {
  const std::lock_guard lock(state_->mutex);
  const bool seem_to_hang = std::chrono::steady_clock::now() - state_->last_taken > usual_time;
  if (!state_->queue.empty() && state_->idle == 0 &&
      (state_->threads == 0 || (seem_to_hang && state_->threads < resolver_threads_max)))
    State::start_thread(state_);
}

}  // namespace authd::io
