// A daemon that may be run under strace, and what strace says that its settings thread did.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../integration/process.hpp"
#include "protocol/json.hpp"

namespace authd::crash {

// What a test found out of order, or could not do.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
inline void require(bool condition, const std::string& what) {
  if (!condition) throw Failed(what);
}

// A system call, and what happens to it.
struct Fault {
  std::string call;    // "renameat2"
  std::size_t number;  // the how manieth of its name in its thread
  std::string what;    // "error=EIO"
};

// Serves below `root`: home/, state/, and the socket in `root` itself. `more` is added to its environment.
class Daemon {
 public:
  enum class Tracing { off, on };
  Daemon(const std::string& bin_dir, const std::string& root, Tracing tracing, const std::optional<Fault>& fault = {},
         const tests::Environment& more = {});
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  // The whole answer; nothing where the daemon has gone.
  std::optional<Json> ask(const std::string& method, const Json& params = Json::object());
  // The result; anything else is a failure.
  Json call(const std::string& method, const Json& params = Json::object());

  void signal(int number) const { process_.signal(number); }
  // 128 + signal where one ended it.
  int wait_for_exit();

 private:
  tests::Process process_;
  int socket_ = -1, last_id_ = 0;
  std::string received_;
};

// A line of strace's log: a call with its result.
struct Call {
  std::string name, text;
};
// The calls about files, by thread.
struct Trace {
  std::vector<Call> main, settings;
  bool is_whole = false;  // strace has written down how the daemon ended
};
Trace read_trace(const std::string& root);  // so far
Trace whole_trace(const std::string& root);  // of a daemon that has ended

}  // namespace authd::crash
