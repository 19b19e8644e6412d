#include "tests/bench/checks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "protocol/json.hpp"
#include "tests/bench/process.hpp"

namespace authd::bench {
namespace {

constexpr int many = 256, hanging = 64;

class ScratchProvider {
 public:
  ScratchProvider() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], 1);
      execl(AUTHD_BIN_DIR "/loopback-provider", "loopback-provider", "--lifetime", "300", nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::string output;
    for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) output += c;
    close(ends[0]);
    port_ = output.substr(output.rfind(':') + 1);
  }
  ScratchProvider(const ScratchProvider&) = delete;
  ScratchProvider& operator=(const ScratchProvider&) = delete;
  ~ScratchProvider() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  std::string base_url(const std::string& host, const std::string& mode) const {
    return "http://" + host + ":" + port_ + "/mode-" + mode + "/v1";
  }
  // How many are connected to it.
  int connections() const {
    std::ifstream table("/proc/net/tcp");
    int count = 0;
    for (std::string line; std::getline(table, line);) {
      unsigned remote_port = 0, state = 0;
      if (std::sscanf(line.c_str(), " %*u: %*x:%*x %*x:%x %x", &remote_port, &state) == 2)
        count += std::to_string(remote_port) == port_ && state == 1;
    }
    return count;
  }

 private:
  pid_t pid_ = -1;
  std::string port_;
};

// Requests of which many are open at once.
class Caller {
 public:
  explicit Caller(const ScratchDaemon& daemon) : fd_(connect_to(daemon.socket())) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() { close(fd_); }

  int request(const char* method, const Json& params) {
    send({{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", params}});
    return last_id_;
  }
  void cancel(int id) { send({{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}}); }
  Json call(const char* method, const Json& params) {
    const int id = request(method, params);
    for (Json answer = next();; answer = next())
      if (answer["id"] == id) return answer;
  }
  Json next() {
    std::size_t end = 0;
    while ((end = buffer_.find('\n')) == std::string::npos) {
      char bytes[65536];
      const ssize_t count = read(fd_, bytes, sizeof bytes);
      if (count <= 0) throw std::runtime_error("the daemon closed");
      buffer_.append(bytes, static_cast<std::size_t>(count));
    }
    const Json answer = Json::parse(buffer_.substr(0, end));
    buffer_.erase(0, end + 1);
    return answer;
  }
  bool has_answer(int wait_ms) const {
    pollfd readable{fd_, POLLIN, 0};
    return !buffer_.empty() || poll(&readable, 1, wait_ms) > 0;
  }

 private:
  void send(const Json& message) {
    const std::string line = dump(message) + "\n";
    if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      throw std::runtime_error("write failed");
  }
  int fd_, last_id_ = 0;
  std::string buffer_;
};

// A session whose commit is a check of this URL, before anything is written.
std::string session_for(Caller& caller, const std::string& base_url) {
  const std::string id = caller.call("wizard.start", {{"flow", "custom-api-key"}})["result"]["sessionId"];
  const std::pair<const char*, std::string> answers[] = {{"custom-protocol-select", "openai"},
                                                         {"custom-base-url-input", base_url},
                                                         {"custom-api-key-input", "sk-bench-0123456789"},
                                                         {"custom-model-id-input", "m"}};
  for (const auto& [step, value] : answers)
    caller.call("wizard.submitStep", {{"sessionId", id}, {"step", step}, {"value", value}});
  return id;
}
std::vector<std::string> sessions_for(Caller& caller, const std::string& base_url, int count) {
  std::vector<std::string> sessions;
  for (int i = 0; i < count; ++i) sessions.push_back(session_for(caller, base_url));
  return sessions;
}
std::vector<int> check_all(Caller& caller, const std::vector<std::string>& sessions) {
  std::vector<int> requests;
  for (const std::string& session : sessions)
    requests.push_back(caller.request("wizard.commit", {{"sessionId", session}, {"check", "before"}}));
  return requests;
}
void close_all(Caller& caller, const std::vector<std::string>& sessions) {
  for (const std::string& session : sessions) caller.call("wizard.cancel", {{"sessionId", session}});
}

std::size_t threads_of(pid_t pid) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) ++count;
  return count;
}

double milliseconds(Clock::time_point since) { return microseconds(Clock::now() - since) / 1000; }

std::vector<double> commits(Caller& caller, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto begun = Clock::now();
    const Json answer = caller.call("settings.set", {{"scope", "user"}, {"path", "bench"}, {"value", i}});
    times.push_back(microseconds(Clock::now() - begun));
    if (!answer.contains("result")) throw std::runtime_error(dump(answer));
  }
  return times;
}

void slow_ones(const ScratchDaemon& daemon, const ScratchProvider& provider, const std::string& host) {
  Caller caller(daemon);
  const auto sessions = sessions_for(caller, provider.base_url(host, "slow-401"), many);
  const auto begun = Clock::now();
  check_all(caller, sessions);
  std::size_t threads = 0;
  for (int answered = 0; answered < many;) {
    if (caller.has_answer(20)) {
      const Json answer = caller.next();
      if (answer["result"]["auth"]["state"] != "rejected") throw std::runtime_error(dump(answer));
      ++answered;
    }
    threads = std::max(threads, threads_of(daemon.pid()));
  }
  std::printf("checks      %d at once of %s, which takes 1 s: %.0f ms (at most 1500) | threads %zu (at most 8)\n", many, host.c_str(),
              milliseconds(begun), threads);
  close_all(caller, sessions);
}

void commits_meanwhile(const ScratchDaemon& daemon, const ScratchProvider& provider) {
  Caller caller(daemon), other(daemon);
  commits(other, 20);
  std::vector<double> alone, beside;
  for (int round = 0; round < 4; ++round) {
    for (const double time : commits(other, 50)) alone.push_back(time);
    const auto sessions = sessions_for(caller, provider.base_url("127.0.0.1", "slow-401"), many);
    check_all(caller, sessions);
    for (const double time : commits(other, 50)) beside.push_back(time);
    for (int answered = 0; answered < many; ++answered) caller.next();
    close_all(caller, sessions);
  }
  std::printf("checks      settings.set p50 alone %.0f us, p90 %.0f us | amid %d checks p50 %.0f us, p90 %.0f us | ratio of p50 %.2f\n",
              quantile(alone, 0.5), quantile(alone, 0.9), many, quantile(beside, 0.5), quantile(beside, 0.9),
              quantile(beside, 0.5) / quantile(alone, 0.5));
}

double one_check(Caller& caller, const ScratchProvider& provider) {
  const std::string session = session_for(caller, provider.base_url("127.0.0.1", "401"));
  const auto begun = Clock::now();
  caller.call("wizard.commit", {{"sessionId", session}, {"check", "before"}});
  const double time = microseconds(Clock::now() - begun);
  close_all(caller, {session});
  return time;
}

void hanging_ones(const ScratchDaemon& daemon, const ScratchProvider& provider) {
  Caller caller(daemon), other(daemon);
  std::vector<double> alone, beside;
  for (int i = 0; i < 50; ++i) alone.push_back(one_check(other, provider));
  const auto sessions = sessions_for(caller, provider.base_url("127.0.0.1", "hang"), hanging);
  const auto requests = check_all(caller, sessions);
  while (provider.connections() < hanging) usleep(1000);
  for (int i = 0; i < 50; ++i) beside.push_back(one_check(other, provider));
  for (const int request : requests) caller.cancel(request);
  for (int answered = 0; answered < hanging; ++answered) caller.next();
  close_all(caller, sessions);
  std::printf("checks      one check p50 alone %.0f us | beside %d that hang %.0f us\n", quantile(alone, 0.5), hanging,
              quantile(beside, 0.5));
}

void cancelled_ones(const ScratchDaemon& daemon, const ScratchProvider& provider) {
  std::vector<double> times;
  for (int round = 0; round < 5; ++round) {
    Caller caller(daemon);
    const auto sessions = sessions_for(caller, provider.base_url("127.0.0.1", "hang"), many);
    const auto requests = check_all(caller, sessions);
    while (provider.connections() < many) usleep(1000);
    const auto begun = Clock::now();
    for (const int request : requests) caller.cancel(request);
    while (provider.connections() > 0) usleep(500);
    times.push_back(milliseconds(begun));
    for (int answered = 0; answered < many; ++answered) caller.next();
    close_all(caller, sessions);
  }
  std::printf("checks      %d cancelled: every socket free after %.0f ms, worst of 5 %.0f ms (at most 100)\n", many,
              quantile(times, 0.5), quantile(times, 1));
}

void endless_ones(const ScratchProvider& provider) {
  const ScratchDaemon daemon;
  Caller caller(daemon);
  const auto sessions = sessions_for(caller, provider.base_url("127.0.0.1", "huge-stream"), many);
  const auto begun = Clock::now();
  check_all(caller, sessions);
  long peak = 0;
  for (int answered = 0; answered < many;) {
    if (caller.has_answer(5)) ++answered, caller.next();
    peak = std::max(peak, resident_kib(daemon.pid()));
  }
  std::printf("checks      %d answers without end: over after %.0f ms, resident at most %.0f MiB\n", many, milliseconds(begun),
              static_cast<double>(peak) / 1024);
}

}  // namespace

void checks() {
  const ScratchProvider provider;
  const ScratchDaemon daemon;
  for (const char* host : {"127.0.0.1", "localhost"}) slow_ones(daemon, provider, host);
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) == 0) {
    try {
      slow_ones(daemon, provider, name);  // a name that has to be looked up
    } catch (const std::exception&) {
      std::printf("checks      %s does not lead to loopback here: left out\n", name);
    }
  }
  commits_meanwhile(daemon, provider);
  hanging_ones(daemon, provider);
  cancelled_ones(daemon, provider);
  endless_ones(provider);
}

}  // namespace authd::bench
