#include "client/daemon_command.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "client/characters.hpp"
#include "client/daemon_process.hpp"
#include "client/members.hpp"
#include "client/output.hpp"

namespace authd::client {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds stop_timeout{5'000};

void say(const std::string& text) { print_lines(STDOUT_FILENO, {line(text)}); }

std::string pid_of(const Json& info) {
  const Json& pid = member(info, "pid");
  return pid.is_number_integer() ? "pid " + std::to_string(pid.get<long>()) : "pid unknown";
}

Outcome<Json> info_of_running(const std::string& path) {
  auto connection = Connection::open(path);
  if (!connection) return std::unexpected(connection.error());
  return connection->call("daemon.info", Json());
}

std::vector<Line> info_lines(const Json& info) {
  const auto text = [&](const char* name) { return printable_line(text_member(info, name)); };
  std::vector<Line> lines;
  lines.push_back({Span{"✓ ", Tone::good},
                   Span{text("name") + " " + text("version") + " runs, " + pid_of(info)}});
  const std::pair<const char*, const char*> rows[] = {
      {"Socket:     ", "socket"}, {"Activation: ", "activation"}, {"Started at: ", "startedAt"}};
  for (const auto& [label, name] : rows)
    if (!text(name).empty())
      lines.push_back({Span{std::string("  ") + label, Tone::faint}, Span{text(name)}});
  lines.push_back({Span{"  Log:        ", Tone::faint}, Span{daemon_log_path()}});
  return lines;
}

// A process that has ended stays as a zombie until its parent looks, which may take long.
bool process_has_ended(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  if (!std::getline(file, stat)) return true;
  const std::size_t name_ends = stat.rfind(')');
  return name_ends == std::string::npos || stat.substr(name_ends + 1).starts_with(" Z");
}

bool has_ended(const std::string& path, const Json& info) {
  struct stat ignored {};
  if (stat(path.c_str(), &ignored) != 0) return true;
  const Json& pid = member(info, "pid");
  // A socket that systemd listens on stays, so the process decides.
  return pid.is_number_integer() && process_has_ended(pid.get<pid_t>());
}

Outcome<Json> stopped(const std::string& path) {
  auto connection = Connection::open(path);
  if (!connection) return std::unexpected(connection.error());
  const auto deadline = Clock::now() + stop_timeout;
  const auto info = connection->call("daemon.info", Json());
  const auto answer = connection->call("daemon.shutdown", Json());
  if (!answer && answer.error().kind() != "connection_lost") return answer;
  const bool closed = connection->closed_within(stop_timeout);
  while (closed && Clock::now() < deadline) {
    if (has_ended(path, info ? *info : Json())) return info ? *info : Json::object();
    std::this_thread::sleep_for(milliseconds(10));
  }
  return fault(ExitCode::error, "timed_out",
               "qwen-authd was asked to stop and still runs after 5 s.",
               "It may be finishing a write; its log says more: " + daemon_log_path());
}

}  // namespace

ExitCode run_daemon_start(const Arguments& arguments) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), arguments.json);
  const bool ran_before = Connection::open(*path).has_value();
  auto connection = connect_or_start(*path, true);
  if (!connection) return report(connection.error(), arguments.json);
  auto info = connection->call("daemon.info", Json());
  if (!info) return report(info.error(), arguments.json);
  if (arguments.json) {
    (*info)["started"] = !ran_before;
    print_json(*info);
  } else {
    say(std::string("qwen-authd ") + (ran_before ? "runs already, " : "is started, ") +
        pid_of(*info) + ", socket " + *path);
  }
  return ExitCode::done;
}

ExitCode run_daemon_stop(const Arguments& arguments) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), arguments.json);
  const auto info = stopped(*path);
  const bool was_running = info || info.error().kind() != "not_running";
  if (!info && was_running) return report(info.error(), arguments.json);
  if (arguments.json)
    print_json({{"stopped", was_running}});
  else
    say(was_running ? "qwen-authd has stopped." : "qwen-authd is not running.");
  return ExitCode::done;
}

ExitCode run_daemon_status(const Arguments& arguments) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), arguments.json);
  const auto info = info_of_running(*path);
  if (!info) return report(info.error(), arguments.json);
  if (arguments.json)
    print_json(*info);
  else
    print_lines(STDOUT_FILENO, info_lines(*info));
  return ExitCode::done;
}

ExitCode run_socket_path(const Arguments& arguments) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), arguments.json);
  if (arguments.json)
    print_json({{"path", *path}});
  else
    say(*path);
  return ExitCode::done;
}

}  // namespace authd::client
