// Look-ups of host names on few threads. libcurl would start a thread for each request; here all
// who ask for one name at a time share one look-up, and a look-up that hangs holds up nobody else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace authd::io {

struct Resolved {
  std::vector<std::string> addresses;  // in the order in which to try them
  std::string fault;                   // the system's words where there are none
};

class Resolver {
 public:
  // Called once, on a thread of the resolver; not at all after `stop`. Must not block.
  using Done = std::move_only_function<void(const Resolved&)>;

  using LookUp = std::function<Resolved(const std::string& host)>;

  // With the system's own look-up, or another one.
  Resolver();
  explicit Resolver(LookUp look_up);
  ~Resolver() { stop(); }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Any thread, as all of them. `asker` is the caller's name for who waits, unlike all others.
  using Asker = std::uint64_t;
  void ask(const std::string& host, Asker asker, Done done);
  // Nobody is told any more; a name that nobody waits for and no thread has taken is forgotten.
  void withdraw(const std::string& host, Asker asker);
  // Called now and then while somebody waits: one more thread where all seem to hang. (Three are
  // enough for look-ups that end; there are never more than sixteen.)
  void relieve();
  // Does not wait for look-ups under way: their threads end by themselves, and tell nobody.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the threads
};

}  // namespace authd::io
