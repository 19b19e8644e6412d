#include "daemon.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <sstream>

#include "../integration/scratch.hpp"

namespace authd::crash {
namespace {

// All calls on paths and descriptors, but for those that have nothing to do with the file system.
constexpr const char* traced_calls = "trace=%file,%desc";
constexpr const char* other_calls[] = {"mmap", "munmap", "mprotect", "fcntl", "ioctl", "dup", "dup2", "dup3", "poll",
                                       "ppoll", "pipe2", "eventfd2", "execve", "signalfd4"};

bool is_about_files(const std::string& name) {
  for (const char* prefix : {"epoll_", "inotify_", "timerfd_"})
    if (name.starts_with(prefix)) return false;
  return std::find(std::begin(other_calls), std::end(other_calls), name) == std::end(other_calls);
}

std::string log_path(const std::string& root) { return root + "/trace"; }

std::vector<std::string> arguments_of(const std::string& bin_dir, const std::string& root, Daemon::Tracing tracing,
                                      const std::optional<Fault>& fault) {
  std::vector<std::string> arguments;
  // -D: the daemon stays the test's own child, and strace becomes a process aside.
  if (tracing == Daemon::Tracing::on) {
    arguments = {"strace", "-D", "-f", "-s", "0", "-o", log_path(root), "-e", traced_calls};
    // Without its watcher: when that looks at a file differs from run to run, and a fault is meant
    // for the call of a number.
    arguments.insert(arguments.end(), {"-e", "inject=inotify_init1:error=EMFILE"});
    // Faster, but a signal that is injected then is not delivered.
    if (!fault || !fault->what.starts_with("signal=")) arguments.push_back("--seccomp-bpf");
  }
  if (fault) {
    arguments.push_back("-e");
    arguments.push_back("inject=" + fault->call + ":" + fault->what + ":when=" + std::to_string(fault->number));
  }
  arguments.insert(arguments.end(), {bin_dir + "/qwen-authd", "--log-level", "off", "--socket", root + "/rpc.sock"});
  return arguments;
}

tests::Environment environment_of(const std::string& root) {
  tests::Environment environment = tests::bare_environment();
  environment["HOME"] = root + "/home";
  environment["XDG_STATE_HOME"] = root + "/state";
  environment["TMPDIR"] = root + "/home";
  environment["QWEN_CODE_SYSTEM_SETTINGS_PATH"] = root + "/system/settings.json";
  return environment;
}

int connected(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{tests::patience.count() / 1000, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

Daemon::Daemon(const std::string& bin_dir, const std::string& root, Tracing tracing, const std::optional<Fault>& fault,
               const tests::Environment& more)
    : process_([&] {
        const auto arguments = arguments_of(bin_dir, root, tracing, fault);
        tests::Environment environment = environment_of(root);
        for (const auto& [name, value] : more) environment[name] = value;
        return tests::Process(arguments[0], {arguments.begin() + 1, arguments.end()}, environment, root + "/output");
      }()) {
  tests::eventually([&] { return (socket_ = connected(root + "/rpc.sock")) >= 0 || !process_.is_running(); });
  require(socket_ >= 0, "the daemon did not start: " + tests::read_file(root + "/output"));
}

Daemon::~Daemon() { close(socket_); }

std::optional<Json> Daemon::ask(const std::string& method, const Json& params) {
  const Json request = {{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", params}};
  const std::string line = request.dump() + "\n";
  if (send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) return std::nullopt;
  std::size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    char bytes[65536];
    const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return std::nullopt;
    received_.append(bytes, static_cast<std::size_t>(count));
  }
  const Json answer = Json::parse(received_.substr(0, end));
  received_.erase(0, end + 1);
  return answer;
}

Json Daemon::call(const std::string& method, const Json& params) {
  const auto answer = ask(method, params);
  require(answer.has_value(), method + ": the daemon has gone");
  require(answer->contains("result"), method + " is refused: " + answer->dump());
  return (*answer)["result"];
}

int Daemon::wait_for_exit() { return process_.wait(tests::patience).value_or(-1); }

Trace read_trace(const std::string& root) {
  Trace trace;
  std::istringstream lines(tests::read_file(log_path(root)));
  std::string thread, main_thread, text;
  std::map<std::string, Call*> unfinished;
  // The settings thread is the only other one: there are no checks.
  while (lines >> thread && std::getline(lines >> std::ws, text)) {
    if (main_thread.empty()) main_thread = thread;
    if (text.starts_with("<... ")) {
      if (Call* call = std::exchange(unfinished[thread], nullptr)) call->text += " " + text;
      continue;
    }
    unfinished[thread] = nullptr;
    if (text.starts_with("+++")) trace.is_whole |= thread == main_thread;
    const std::string name = text.substr(0, text.find('('));
    if (name == text || text.starts_with("---") || !is_about_files(name)) continue;
    std::vector<Call>& calls = thread == main_thread ? trace.main : trace.settings;
    calls.push_back({name, text});
    unfinished[thread] = &calls.back();
  }
  return trace;
}

Trace whole_trace(const std::string& root) {
  Trace trace;
  require(tests::eventually([&] { return (trace = read_trace(root)).is_whole; }), "strace does not end");
  return trace;
}

}  // namespace authd::crash
