#include "tests/bench/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace authd::bench {

double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (Clock::now() < deadline) {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    usleep(50);
  }
  throw std::runtime_error("cannot connect to " + path);
}

void exchange(int fd, std::string_view line, std::string& answer) {
  if (write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("write failed");
  answer.clear();
  char buffer[65536];
  while (answer.empty() || answer.back() != '\n') {
    const ssize_t bytes = read(fd, buffer, sizeof buffer);
    if (bytes <= 0) throw std::runtime_error("the other side closed");
    answer.append(buffer, static_cast<std::size_t>(bytes));
  }
}

long resident_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;)
    if (word == "VmRSS:") {
      long kib = 0;
      status >> kib;
      return kib;
    }
  return 0;
}

ScratchDaemon::ScratchDaemon() {
  char name[] = "/tmp/authd-bench-XXXXXX";
  if (!mkdtemp(name)) throw std::runtime_error("no scratch directory");
  directory_ = name;
  for (const char* part : {"/run", "/home", "/state"}) mkdir((directory_ + part).c_str(), 0700);
  pid_ = fork();
  if (pid_ != 0) return;
  setenv("HOME", (directory_ + "/home").c_str(), 1);
  setenv("XDG_STATE_HOME", (directory_ + "/state").c_str(), 1);
  const std::string path = socket();
  execl(AUTHD_BIN_DIR "/qwen-authd", "qwen-authd", "--socket", path.c_str(), "--log-level", "off", nullptr);
  _exit(127);
}

ScratchDaemon::~ScratchDaemon() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace authd::bench
