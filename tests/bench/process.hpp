// A daemon to measure, in a scratch home of its own, and blocking sockets to talk to it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace authd::bench {

using Clock = std::chrono::steady_clock;

inline double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

// The value below which `part` (0..1) of the values lie.
double quantile(std::vector<double> values, double part);

// Connects to a Unix socket; tries for up to five seconds.
int connect_to(const std::string& path);

// Sends a line and reads until a line has come back.
void exchange(int fd, std::string_view line, std::string& answer);

// Resident memory of a process, in KiB.
long resident_kib(pid_t pid);

class ScratchDaemon {
 public:
  ScratchDaemon();
  ~ScratchDaemon();
  const std::string& directory() const { return directory_; }
  std::string socket() const { return directory_ + "/run/rpc.sock"; }
  pid_t pid() const { return pid_; }

 private:
  std::string directory_;
  pid_t pid_ = -1;
};

}  // namespace authd::bench
