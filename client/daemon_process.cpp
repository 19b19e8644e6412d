#include "client/daemon_process.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "client/characters.hpp"
#include "client/home.hpp"
#include "protocol/socket_path.hpp"

namespace authd::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds start_timeout{5'000};
// A daemon that has left may have lost a race against one that is still starting.
constexpr milliseconds grace_after_exit{1'000};
constexpr milliseconds poll_first{2}, poll_last{50};
constexpr std::size_t log_lines_shown = 12;

std::unexpected<Fault> cannot_start(const std::string& why, std::string hint = {}) {
  return fault(ExitCode::unreachable, "cannot_start", "Cannot start qwen-authd: " + why,
               std::move(hint));
}

bool is_executable(const std::string& path) {
  std::error_code ignored;
  return access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, ignored);
}

// Opened 0600 by us, so that it is private before the daemon writes its first line.
Outcome<int> open_log(const std::string& path) {
  const std::string directory = path.substr(0, path.rfind('/'));
  const mode_t former = umask(077);
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  const int log = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  const int reason = errno;
  umask(former);
  if (log < 0)
    return cannot_start("its log " + path + " cannot be opened: " + strerror(reason) + ".");
  chmod(directory.c_str(), 0700);
  fchmod(log, 0600);
  return log;
}

// In the child. Only what is safe between fork and exec.
[[noreturn]] void become_daemon(char* const arguments[], int log, int pid_pipe) {
  setsid();
  const pid_t daemon = fork();
  if (daemon != 0) {
    [[maybe_unused]] const auto written = write(pid_pipe, &daemon, sizeof daemon);
    _exit(0);
  }
  for (const int signal : {SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGTSTP, SIGWINCH, SIGCONT})
    ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  umask(077);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  syscall(SYS_close_range, 3u, ~0u, 0u);
  if (chdir("/") == 0) execv(arguments[0], arguments);
  constexpr char sorry[] = "qwen-authctl: the daemon's executable cannot be run\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, sorry, sizeof sorry - 1);
  _exit(127);
}

// The daemon's pid. Forked twice, so that it has no terminal and is nobody's child.
Outcome<pid_t> spawn(const std::string& executable, const std::string& socket_path,
                     const std::string& log_path) {
  const auto log = open_log(log_path);
  if (!log) return std::unexpected(log.error());
  std::array<std::string, 5> words{executable, "--socket", socket_path, "--log-file", log_path};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::array<int, 2> pid_pipe{-1, -1};
  if (pipe2(pid_pipe.data(), O_CLOEXEC) != 0) return cannot_start(strerror(errno));
  const pid_t child = fork();
  if (child == 0) become_daemon(arguments.data(), *log, pid_pipe[1]);
  close(*log);
  close(pid_pipe[1]);
  pid_t daemon = -1;
  const bool told = child > 0 && read(pid_pipe[0], &daemon, sizeof daemon) == sizeof daemon;
  close(pid_pipe[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  if (!told || daemon < 0) return cannot_start("no process can be made.");
  return daemon;
}

// Tells when a process that is not our child has ended.
class ProcessWatch {
 public:
  explicit ProcessWatch(pid_t pid)
      : pid_(pid), descriptor_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  ~ProcessWatch() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  bool has_ended() const {
    if (descriptor_ < 0) return kill(pid_, 0) != 0;
    pollfd ended{descriptor_, POLLIN, 0};
    return poll(&ended, 1, 0) > 0;
  }

 private:
  const pid_t pid_;
  const int descriptor_;
};

std::string last_lines(const std::string& path, std::uintmax_t from) {
  std::ifstream file(path);
  file.seekg(static_cast<std::streamoff>(from));
  std::deque<std::string> lines;
  for (std::string text; std::getline(file, text);) {
    lines.push_back("  " + printable_line(text) + "\n");
    if (lines.size() > log_lines_shown) lines.pop_front();
  }
  std::string joined;
  for (const std::string& text : lines) joined += text;
  return joined;
}

std::unexpected<Fault> did_not_answer(bool ended, const std::string& log_path,
                                      std::uintmax_t log_before) {
  std::string why = ended ? "it ended at once." : "it does not answer.";
  if (const std::string lines = last_lines(log_path, log_before); !lines.empty())
    why += " Its log says:\n" + lines.substr(0, lines.size() - 1);
  return cannot_start(why, "The whole log: " + log_path);
}

Outcome<Connection> started(const std::string& socket_path) {
  const auto executable = daemon_executable();
  if (!executable) return std::unexpected(executable.error());
  const std::string log_path = daemon_log_path();
  std::error_code absent;
  const std::uintmax_t size = std::filesystem::file_size(log_path, absent);
  const std::uintmax_t log_before = absent ? 0 : size;
  const auto daemon = spawn(*executable, socket_path, log_path);
  if (!daemon) return std::unexpected(daemon.error());

  const ProcessWatch watch(*daemon);
  auto deadline = Clock::now() + start_timeout;
  bool ended = false;
  for (milliseconds pause = poll_first;;
       pause = std::min(pause * 3 / 2 + milliseconds(1), poll_last)) {
    auto connection = Connection::open(socket_path);
    if (connection || connection.error().kind() != "not_running") return connection;
    if (!ended && watch.has_ended()) {
      ended = true;
      deadline = std::min(deadline, Clock::now() + grace_after_exit);
    }
    if (Clock::now() >= deadline) return did_not_answer(ended, log_path, log_before);
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Outcome<std::string> chosen_socket_path(const std::string& option) {
  const auto path =
      option.empty() ? socket_path(this_process_socket_facts()) : checked_socket_path(option);
  if (!path) return std::unexpected(fault_from_error(path.error(), ExitCode::usage));
  return *path;
}

std::string daemon_log_path() { return state_directory() + "/daemon.log"; }

Outcome<std::string> daemon_executable() {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (const char* named = std::getenv("QWEN_AUTHD"); named != nullptr && named[0] != '\0') {
    const std::string path = fs::absolute(named, failed).string();
    if (is_executable(path)) return path;
    return cannot_start("$QWEN_AUTHD is " + path + ", which cannot be run.");
  }
  const fs::path own = fs::read_symlink("/proc/self/exe", failed);
  if (const std::string beside = (own.parent_path() / "qwen-authd").string(); is_executable(beside))
    return beside;
  const char* search = std::getenv("PATH");
  std::istringstream directories(search != nullptr ? search : "/usr/local/bin:/usr/bin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string path = directory + "/qwen-authd";
    if (directory.starts_with('/') && is_executable(path)) return path;
  }
  return cannot_start("there is no qwen-authd beside qwen-authctl or in PATH.",
                      "Set QWEN_AUTHD to its path.");
}

Outcome<Connection> connect_or_start(const std::string& socket_path, bool autostart) {
  auto connection = Connection::open(socket_path);
  if (connection || !autostart || connection.error().kind() != "not_running") return connection;
  return started(socket_path);
}

}  // namespace authd::client
