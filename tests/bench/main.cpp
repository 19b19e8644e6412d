// Benchmarks, run by hand: build/bench/bin/authd-bench [latency|throughput|start|memory|commit|document|doctor|checks]…
// Everything is measured side by side with its yardstick in the same run (docs/PERFORMANCE.md).
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <thread>

#include "daemon/core/settings.hpp"
#include "tests/bench/checks.hpp"
#include "tests/bench/document.hpp"
#include "tests/bench/process.hpp"

namespace authd::bench {
namespace {

constexpr std::string_view ping = R"({"jsonrpc":"2.0","id":1,"method":"daemon.ping"})" "\n";

// The floor: a process that waits for a request, does some work and writes the request back,
// blocking.
class BareServer {
 public:
  explicit BareServer(const std::function<void()>& work = [] {}) {
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends_);
    pid_ = fork();
    if (pid_ != 0) return;
    close(ends_[0]);
    char buffer[4096];
    for (ssize_t bytes = 0; (bytes = read(ends_[1], buffer, sizeof buffer)) > 0;) {
      work();
      if (write(ends_[1], buffer, static_cast<std::size_t>(bytes)) < 0) break;
    }
    _exit(0);
  }
  ~BareServer() {
    close(ends_[0]);
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  int fd() const { return ends_[0]; }

 private:
  int ends_[2]{};
  pid_t pid_;
};

std::vector<double> round_trips(int fd, int count) {
  std::string answer;
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto begun = Clock::now();
    exchange(fd, ping, answer);
    times.push_back(microseconds(Clock::now() - begun));
  }
  return times;
}

void latency() {
  const ScratchDaemon daemon;
  const BareServer echo;
  const int fd = connect_to(daemon.socket());
  std::vector<double> ours, floor;
  round_trips(fd, 20'000);
  round_trips(echo.fd(), 20'000);
  for (int round = 0; round < 10; ++round) {  // interleaved, so that both meet the same weather
    for (const double time : round_trips(echo.fd(), 10'000)) floor.push_back(time);
    for (const double time : round_trips(fd, 10'000)) ours.push_back(time);
  }
  const double echo_p50 = quantile(floor, 0.5), ping_p50 = quantile(ours, 0.5);
  std::printf("latency     echo p50 %.2f us  p99 %.2f us | daemon.ping p50 %.2f us  p99 %.2f us | ratio of p50 %.2f (at most 1.8)\n",
              echo_p50, quantile(floor, 0.99), ping_p50, quantile(ours, 0.99), ping_p50 / echo_p50);
  close(fd);
}

void throughput() {
  const ScratchDaemon daemon;
  constexpr int connections = 16;
  std::vector<int> fds;
  for (int i = 0; i < connections; ++i) fds.push_back(connect_to(daemon.socket()));
  // One load thread, one request in flight on each connection, as ssh-agent was measured.
  const auto begun = Clock::now();
  const auto end = begun + std::chrono::seconds(5);
  std::uint64_t answered = 0;
  char buffer[4096];
  while (Clock::now() < end)
    for (int batch = 0; batch < 64; ++batch) {
      for (const int fd : fds)
        if (write(fd, ping.data(), ping.size()) < 0) return;
      for (const int fd : fds) answered += read(fd, buffer, sizeof buffer) > 0;
    }
  const double seconds = microseconds(Clock::now() - begun) / 1e6;
  std::printf("throughput  16 connections: %.0f requests a second (at least 100000)\n", static_cast<double>(answered) / seconds);
  for (const int fd : fds) close(fd);
}

void start() {
  std::vector<double> times, memory;
  std::string answer;
  for (int i = 0; i < 21; ++i) {
    const auto begun = Clock::now();
    const ScratchDaemon daemon;
    const int fd = connect_to(daemon.socket());
    exchange(fd, ping, answer);
    times.push_back(microseconds(Clock::now() - begun) / 1000);
    memory.push_back(static_cast<double>(resident_kib(daemon.pid())) / 1024);
    close(fd);
  }
  std::printf("start       to first answer: median %.1f ms, p90 %.1f ms (at most 20) | resident %.1f MiB (at most 14)\n",
              quantile(times, 0.5), quantile(times, 0.9), quantile(memory, 0.5));
}

void memory() {
  const ScratchDaemon daemon;
  const int fd = connect_to(daemon.socket());
  std::string answer;
  exchange(fd, ping, answer);
  const long before = resident_kib(daemon.pid());
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += ping;
  for (int i = 0; i < 10'000; ++i) {
    if (write(fd, hundred.data(), hundred.size()) < 0) return;
    std::size_t lines = 0;
    char buffer[65536];
    while (lines < 100) {
      const ssize_t bytes = read(fd, buffer, sizeof buffer);
      if (bytes <= 0) return;
      for (ssize_t j = 0; j < bytes; ++j) lines += buffer[j] == '\n';
    }
  }
  std::printf("memory      resident %.1f MiB, after a million pings %.1f MiB (at most 14)\n",
              static_cast<double>(before) / 1024, static_cast<double>(resident_kib(daemon.pid())) / 1024);
  close(fd);
}

std::string sample_settings(std::size_t bytes) {
  std::string text = "{\n  \"$version\": 4,\n  \"mcpServers\": {\n";
  for (int i = 0; text.size() < bytes; ++i)
    text += "    // server " + std::to_string(i) + "\n    \"server" + std::to_string(i) +
            "\": {\"command\": \"npx\", \"args\": [\"-y\", \"tool\"]},\n";
  return text + "    \"last\": {}\n  }\n}\n";
}

void write_file(const std::string& path, std::string_view text, bool flush) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (write(fd, text.data(), text.size()) < 0) std::perror("write");
  if (flush) fsync(fd);
  close(fd);
}

std::string read_whole(const std::string& path, std::size_t bytes) {
  std::string text(bytes + 1, '\0');
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t got = read(fd, text.data(), text.size());
  close(fd);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

// The system calls that a commit must make beside those for its request: read the file, record the
// write, write and flush the new one, swap the names, look at what came out, remove it, flush the
// directory.
void bare_sequence(const std::string& directory, const std::string& text) {
  const std::string path = directory + "/settings.json", temporary = directory + "/new";
  read_whole(path, text.size());
  const int index = open((directory + "/index").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (write(index, text.data(), 400) < 0) std::perror("write");
  close(index);
  write_file(temporary, text, true);
  renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE);
  read_whole(temporary, text.size());
  unlink(temporary.c_str());
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  fsync(fd);
  close(fd);
}

Json call(int fd, const char* method, const Json& params) {
  std::string answer;
  exchange(fd, dump(Json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}}) + "\n", answer);
  return Json::parse(answer)["result"];
}

// A session that only waits for its commit.
std::string session_at_review(int fd, int i) {
  const std::string id = call(fd, "wizard.start", {{"flow", "custom-api-key"}})["sessionId"];
  const std::pair<const char*, std::string> answers[] = {
      {"custom-protocol-select", "openai"},
      {"custom-base-url-input", "http://127.0.0.1:9/v1"},
      {"custom-api-key-input", "sk-bench-" + std::to_string(1'000'000 + i)},
      {"custom-model-id-input", "m"}};
  for (const auto& [step, value] : answers)
    call(fd, "wizard.submitStep", {{"sessionId", id}, {"step", step}, {"value", value}});
  return id;
}

void commit_of(std::size_t bytes) {
  const ScratchDaemon daemon;
  const int fd = connect_to(daemon.socket());
  const std::string text = sample_settings(bytes);
  mkdir((daemon.directory() + "/home/.qwen").c_str(), 0700);
  mkdir((daemon.directory() + "/bare").c_str(), 0700);
  write_file(daemon.directory() + "/home/.qwen/settings.json", text, true);
  write_file(daemon.directory() + "/bare/settings.json", text, true);
  std::vector<double> ours, bare;
  const BareServer server([&] { bare_sequence(daemon.directory() + "/bare", text); });
  for (int i = 0; i < 200; ++i) {
    const std::string session = session_at_review(fd, i);
    bare.push_back(round_trips(server.fd(), 1).front());
    const auto begun = Clock::now();
    call(fd, "wizard.commit", {{"sessionId", session}, {"check", "none"}});
    ours.push_back(microseconds(Clock::now() - begun));
  }
  const double bare_p50 = quantile(bare, 0.5), ours_p50 = quantile(ours, 0.5);
  std::printf("commit      %4zu KiB file: bare receive-read-record-write-fsync-swap-read-unlink-fsync-answer p50 %.0f us | wizard.commit p50 %.0f us | ratio %.2f (at most 1.3)\n",
              bytes / 1024, bare_p50, ours_p50, ours_p50 / bare_p50);
  close(fd);
}

void commit() {
  for (const std::size_t bytes : {std::size_t{1024}, std::size_t{10 * 1024}, std::size_t{100 * 1024}}) commit_of(bytes);
}

// The static doctor on a set-up of 100 models.
void doctor() {
  const ScratchDaemon daemon;
  const int fd = connect_to(daemon.socket());
  mkdir((daemon.directory() + "/home/.qwen").c_str(), 0700);
  Json models = Json::array();
  for (int i = 0; i < 100; ++i)
    models.push_back({{"id", "m" + std::to_string(i)},
                      {"baseUrl", "https://api" + std::to_string(i) + ".example.com/v1"},
                      {"envKey", "BENCH_" + std::to_string(i) + "_API_KEY"}});
  Json env = Json::object();
  for (int i = 0; i < 100; ++i) env["BENCH_" + std::to_string(i) + "_API_KEY"] = "sk-bench-1234567890-" + std::to_string(i);
  const Json settings = {{"$version", 4},
                         {"env", env},
                         {"modelProviders", {{"openai", models}}},
                         {"security", {{"auth", {{"selectedType", "openai"}}}}},
                         {"model", {{"name", "m42"}}}};
  write_file(daemon.directory() + "/home/.qwen/settings.json", settings.dump(2), true);
  const Json context = {{"home", daemon.directory() + "/home"}, {"cwd", daemon.directory()}, {"env", Json::object()}};
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    const auto begun = Clock::now();
    call(fd, "doctor.run", {{"context", context}});
    times.push_back(microseconds(Clock::now() - begun));
  }
  std::printf("doctor      100 models, static: p50 %.1f ms, p99 %.1f ms (at most 20)\n", quantile(times, 0.5) / 1000,
              quantile(times, 0.99) / 1000);
  close(fd);
}

}  // namespace
}  // namespace authd::bench

int main(int argc, char** argv) {
  using namespace authd::bench;
  const std::map<std::string, std::function<void()>> all{
      {"latency", latency}, {"throughput", throughput}, {"start", start}, {"memory", memory}, {"commit", commit},
      {"document", document}, {"doctor", doctor}, {"checks", checks}};
  std::vector<std::string> wanted(argv + 1, argv + argc);
  if (wanted.empty()) wanted = {"latency", "throughput", "start", "memory", "commit", "document", "doctor", "checks"};
  for (const std::string& name : wanted) {
    const auto found = all.find(name);
    if (found == all.end()) {
      std::fprintf(stderr, "authd-bench: no benchmark \"%s\"; there are latency, throughput, start, memory, commit, document, doctor, checks\n", name.c_str());
      return 2;
    }
    found->second();
  }
}
