#include "daemon/io/command.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/limits.hpp"

namespace authd::io {
namespace {

using Clock = std::chrono::steady_clock;
using End = CommandResult::End;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The first candidate that can be run; an errno where there is none.
std::expected<std::string, int> program_among(const std::vector<std::string>& candidates) {
  int error = ENOENT;
  for (const std::string& path : candidates) {
    struct stat st {};
    if (stat(path.c_str(), &st) != 0) continue;
    if (S_ISREG(st.st_mode) && access(path.c_str(), X_OK) == 0) return path;
    error = EACCES;
  }
  return std::unexpected(error);
}

// Only what fits is kept; nothing is moved about in memory, so that no copy is left behind.
class Intake {
 public:
  Intake(FileDescriptor from, std::size_t bytes_max) : from_(std::move(from)), max_(bytes_max) {
    text_.reserve(bytes_max + 1);
  }
  ~Intake() { wipe(text_); }
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  int fd() const { return is_open_ ? from_.get() : -1; }
  bool is_too_much() const { return is_too_much_; }
  const std::string& text() const { return text_; }

  // What is there now: a whole pipe of it, and not for ever where somebody writes without end.
  void read_on() {
    constexpr int parts_max = 32;
    std::array<char, 4096> part;
    for (int parts = 0; is_open_ && parts < parts_max; ++parts) {
      const ssize_t bytes =
          uninterrupted([&] { return ::read(from_.get(), part.data(), part.size()); });
      if (bytes < 0 && errno == EAGAIN) break;
      is_open_ = bytes > 0;
      if (bytes <= 0) break;
      const auto count = static_cast<std::size_t>(bytes);
      const std::size_t room = max_ - text_.size();
      text_.append(part.data(), std::min(count, room));
      is_too_much_ = is_too_much_ || count > room;
    }
    explicit_bzero(part.data(), part.size());
  }

 private:
  FileDescriptor from_;
  std::size_t max_;
  std::string text_;
  bool is_open_ = true, is_too_much_ = false;
};

struct Pipe {
  FileDescriptor read_end, write_end;
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
    read_end = FileDescriptor(ends[0]);
    write_end = FileDescriptor(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);  // ours alone
  }
};

// posix_spawn with its two objects, which have to be given back.
class Spawning {
 public:
  Spawning() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~Spawning() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;

  // The errno, or 0.
  int run(const std::string& program, const CommandOrder& order, int output, int complaint,
          pid_t& pid) {
    std::vector<std::string> words = order.arguments, variables;
    for (const auto& [name, value] : order.environment) variables.push_back(name + "=" + value);
    const std::string directory =
        access(order.directory.c_str(), X_OK) == 0 ? order.directory : "/";
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, complaint, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers_to(words).data(),
                       pointers_to(variables).data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

int milliseconds_until(Clock::time_point when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

// A child, which nobody else waits for: until it is reaped here its id is nobody else's.
class Child {
 public:
  Child(pid_t pid, FileDescriptor handle) : pid_(pid), handle_(std::move(handle)) {}
  int fd() const { return handle_.get(); }

  bool has_ended_by(Clock::time_point when) const {
    pollfd ended{handle_.get(), POLLIN, 0};
    return uninterrupted([&] { return poll(&ended, 1, milliseconds_until(when)); }) > 0;
  }

  // All of its session's first process group; a command that made itself another one got away.
  void kill_all() const {
    ::kill(-pid_, SIGTERM);
    has_ended_by(Clock::now() + std::chrono::milliseconds(limits::key_kill_grace_ms));
    ::kill(-pid_, SIGKILL);
  }

  // Fills in how it ended, where that is not known already. One that cannot even be killed, as it
  // waits for a disk that is gone, is not waited for.
  void reap(CommandResult& result, bool was_killed) const {
    constexpr auto patience = std::chrono::seconds(1);
    siginfo_t info{};
    if (!has_ended_by(Clock::now() + patience) ||
        uninterrupted([&] { return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED); }) < 0 ||
        was_killed)
      return;
    result.end = info.si_code == CLD_EXITED ? End::exited : End::signalled;
    result.code = info.si_status;
  }

 private:
  pid_t pid_;
  FileDescriptor handle_;
};

// Reads until the program has ended; why it is to be killed, else `exited`.
End follow(const Child& child, Intake& output, Intake& complaint, const StopSignal& stop,
           Clock::time_point deadline) {
  while (true) {
    std::array<pollfd, 4> ready{pollfd{child.fd(), POLLIN, 0}, pollfd{stop.fd(), POLLIN, 0},
                                pollfd{output.fd(), POLLIN, 0}, pollfd{complaint.fd(), POLLIN, 0}};
    uninterrupted([&] { return poll(ready.data(), ready.size(), milliseconds_until(deadline)); });
    // What it left in the pipe is there; what others still hold it open for is not waited for.
    output.read_on();
    complaint.read_on();
    if (output.is_too_much()) return End::too_much_output;
    if (ready[0].revents != 0) return End::exited;
    if (stop.is_requested()) return End::stopped;
    if (Clock::now() >= deadline) return End::timed_out;
  }
}

}  // namespace

CommandResult run_command(const CommandOrder& order, const StopSignal& stop) {
  CommandResult result;
  const auto not_started = [&](int error) {
    result.code = error;
    return std::move(result);
  };
  const auto begun = Clock::now();
  const auto program = program_among(order.candidates);
  if (!program) return not_started(program.error());
  Pipe output, complaint;
  if (!output.write_end || !complaint.write_end) return not_started(errno);
  pid_t pid = -1;
  if (const int error =
          Spawning().run(*program, order, output.write_end.get(), complaint.write_end.get(), pid))
    return not_started(error);
  // The header of pidfd_open cannot be used from C++ in glibc 2.36.
  FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  output.write_end = FileDescriptor();
  complaint.write_end = FileDescriptor();
  if (!handle) {
    const int error = errno;
    ::kill(-pid, SIGKILL);
    uninterrupted([&] { return waitpid(pid, nullptr, 0); });
    return not_started(error);
  }
  const Child child(pid, std::move(handle));
  Intake printed(std::move(output.read_end), limits::key_output_bytes_max);
  Intake complained(std::move(complaint.read_end), limits::key_complaint_bytes_max);
  result.end = follow(child, printed, complained, stop, begun + order.timeout);
  const bool is_killed = result.end != End::exited;
  if (is_killed) child.kill_all();
  child.reap(result, is_killed);
  result.output = Secret(std::string_view(printed.text()));
  result.complaint = complained.text();
  result.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  return result;
}

}  // namespace authd::io
