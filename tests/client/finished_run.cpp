#include "tests/client/finished_run.hpp"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "tests/support/bin_dir.hpp"

namespace authd::client::tests {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

std::string everything_in(int file) {
  std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
  if (pread(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("pread");
  return text;
}

FinishedRun run(const FakeDaemon& daemon, const std::vector<std::string>& words,
                const std::string& input, const std::vector<std::string>& environment) {
  std::vector<std::string> arguments{authd::tests::bin_dir() + "/qwen-authctl"};
  std::vector<std::string> variables = environment;
  arguments.insert(arguments.end(), words.begin(), words.end());
  variables.insert(variables.end(),
                   {"TERM=xterm-256color", "PATH=/usr/bin:/bin", "TZ=UTC",
                    "HOME=" + daemon.directory(), "QWEN_AUTHD_SOCKET=" + daemon.socket_path()});
  const std::array<int, 3> files{memfd_create("in", MFD_CLOEXEC), memfd_create("out", MFD_CLOEXEC),
                                 memfd_create("err", MFD_CLOEXEC)};
  if (pwrite(files[0], input.data(), input.size(), 0) != static_cast<ssize_t>(input.size()))
    throw std::runtime_error("pwrite");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int standard = STDIN_FILENO;
  for (const int file : files) posix_spawn_file_actions_adddup2(&actions, file, standard++);
  pid_t child = -1;
  const int failed = posix_spawn(&child, arguments[0].c_str(), &actions, nullptr,
                                 pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("posix_spawn");
  int status = 0;
  waitpid(child, &status, 0);
  FinishedRun finished{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                       everything_in(files[1]), everything_in(files[2])};
  for (const int file : files) close(file);
  return finished;
}

}  // namespace authd::client::tests
