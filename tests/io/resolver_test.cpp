// Look-ups of names: few threads, one look-up for all who ask for a name, and none that holds up others.
#include "daemon/io/resolver.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

namespace authd::io {
namespace {

std::future<Resolved> asked(Resolver& resolver, const std::string& host) {
  static Resolver::Asker next_asker = 0;
  auto promise = std::make_shared<std::promise<Resolved>>();
  auto future = promise->get_future();
  resolver.ask(host, next_asker++, [promise](const Resolved& resolved) { promise->set_value(resolved); });
  return future;
}

// Waits as a worker does: it looks after the resolver meanwhile.
Resolved patiently(Resolver& resolver, std::future<Resolved> answer) {
  for (int i = 0; i < 3000; ++i) {
    if (answer.wait_for(std::chrono::milliseconds(10)) == std::future_status::ready) return answer.get();
    resolver.relieve();
  }
  throw std::runtime_error("nobody was told");
}

}  // namespace

TEST_CASE("the system's look-up gives numeric addresses, and its words where there are none") {
  Resolver resolver;
  CHECK(patiently(resolver, asked(resolver, "127.0.0.1")).addresses == std::vector<std::string>{"127.0.0.1"});
  const Resolved nothing = patiently(resolver, asked(resolver, "no such name"));
  CHECK(nothing.addresses.empty());
  CHECK_FALSE(nothing.fault.empty());
}

TEST_CASE("all who ask for a name meanwhile share one look-up, and a later one looks again") {
  std::latch let_go(1);
  std::atomic<int> look_ups = 0;
  Resolver resolver([&](const std::string&) {
    ++look_ups;
    let_go.wait();
    return Resolved{{"192.0.2.1"}, ""};
  });
  std::vector<std::future<Resolved>> answers;
  for (int i = 0; i < 256; ++i) answers.push_back(asked(resolver, "provider.example"));
  let_go.count_down();
  for (auto& answer : answers) CHECK(answer.get().addresses == std::vector<std::string>{"192.0.2.1"});
  CHECK(look_ups == 1);
  asked(resolver, "provider.example").get();
  CHECK(look_ups == 2);
}

TEST_CASE("names that are looked up quickly take three threads at most") {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  Resolver resolver([&](const std::string& host) {
    {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Resolved{{host}, ""};
  });
  std::vector<std::future<Resolved>> answers;
  for (int i = 0; i < 200; ++i) answers.push_back(asked(resolver, std::to_string(i)));
  for (std::size_t i = 0; i < answers.size(); ++i) CHECK(answers[i].get().addresses.front() == std::to_string(i));
  CHECK(threads.size() <= 3);
}

TEST_CASE("look-ups that hang hold up no other name") {
  std::latch let_go(1);
  Resolver resolver([&](const std::string& host) {
    if (host.starts_with("hangs")) let_go.wait();
    return Resolved{{"192.0.2.1"}, ""};
  });
  std::vector<std::future<Resolved>> hanging;
  for (int i = 0; i < 6; ++i) hanging.push_back(asked(resolver, "hangs" + std::to_string(i)));
  CHECK(patiently(resolver, asked(resolver, "quick")).addresses.size() == 1);
  let_go.count_down();
  for (auto& answer : hanging) CHECK(patiently(resolver, std::move(answer)).addresses.size() == 1);
}

TEST_CASE("a name that nobody waits for any more is not looked up, and who goes on waiting is told") {
  std::latch let_go(1);
  std::mutex mutex;
  std::vector<std::string> names;
  Resolver resolver([&](const std::string& host) {
    if (host.starts_with("hangs")) let_go.wait();
    const std::lock_guard lock(mutex);
    names.push_back(host);
    return Resolved{{"192.0.2.1"}, ""};
  });
  std::vector<std::future<Resolved>> hanging;
  for (int i = 0; i < 3; ++i) hanging.push_back(asked(resolver, "hangs" + std::to_string(i)));
  std::atomic<int> told = 0;
  const auto count = [&](const Resolved&) { ++told; };
  resolver.ask("left", 1001, count);
  resolver.ask("shared", 1002, count);
  resolver.ask("shared", 1003, count);
  resolver.withdraw("left", 1001);
  resolver.withdraw("shared", 1002);
  resolver.withdraw("never asked", 1004);
  let_go.count_down();
  for (auto& answer : hanging) answer.get();
  patiently(resolver, asked(resolver, "last"));
  while (told == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(told == 1);
  const std::lock_guard lock(mutex);
  CHECK(std::ranges::find(names, "left") == names.end());
  CHECK(std::ranges::count(names, "shared") == 1);
}

TEST_CASE("nobody is told after the end, which does not wait for a look-up that hangs") {
  const auto let_go = std::make_shared<std::latch>(1), begun = std::make_shared<std::latch>(1);
  const auto told = std::make_shared<std::atomic<int>>(0), ended = std::make_shared<std::atomic<int>>(0);
  {
    Resolver resolver([let_go, begun, ended](const std::string&) {
      begun->count_down();
      let_go->wait();
      ++*ended;
      return Resolved{{"192.0.2.1"}, ""};
    });
    resolver.ask("provider.example", 1, [told](const Resolved&) { ++*told; });
    begun->wait();
    resolver.stop();
    resolver.ask("other.example", 2, [told](const Resolved&) { ++*told; });
  }
  let_go->count_down();
  while (*ended == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(*told == 0);
}

}  // namespace authd::io
