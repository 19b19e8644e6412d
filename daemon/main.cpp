// qwen-authd: arguments, hardening, then the app.
#include <fcntl.h>
#include <malloc.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "daemon/app.hpp"
#include "daemon/log.hpp"
#include "protocol/socket_path.hpp"

namespace {

using namespace authd;

// Keys are in this process: no core dump, no other process of the user looking into it, and no
// variable that makes a library write secrets down.
void harden() {
  umask(0077);
  std::signal(SIGPIPE, SIG_IGN);
  unsetenv("SSLKEYLOGFILE");
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

// The bounds of the contract (connections, checks) are answers, which takes more descriptors than
// the usual soft limit of 1024.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
}

// Documents come and go at the size of the settings file: what was freed is kept for the next one
// instead of being given back to the system and faulted in again.
void tune_allocator() {
  mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
  mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
}

core::Environment own_environment() {
  core::Environment environment;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  environment.home = environment.get("HOME");
  if (environment.home.empty())
    if (const passwd* user = getpwuid(geteuid())) environment.home = user->pw_dir;
  return environment;
}

int serve(const std::string& socket_option, const Log& log, int idle_seconds) {
  const auto path = socket_option.empty() ? socket_path(this_process_socket_facts())
                                          : checked_socket_path(socket_option);
  const auto explain = [](const Error& error) {
    std::fprintf(stderr, "qwen-authd: %s\n", error.message.c_str());
    if (!error.hint.empty()) std::fprintf(stderr, "            %s\n", error.hint.c_str());
    return 1;
  };
  if (!path) return explain(path.error());
  // Until the app handles them, so that a signal at the wrong moment leaves no socket behind.
  App::hold_signals();
  auto socket = io::ListenSocket::open(*path);
  if (!socket) return explain(socket.error());
  App app({std::chrono::seconds(idle_seconds), own_environment()}, *std::move(socket), log);
  return app.run();
}

}  // namespace

int main(int argc, char** argv) {
  harden();
  allow_many_files();
  tune_allocator();
  CLI::App arguments{
      "qwen-authd: owns Qwen Code's settings.json and the keys that go with it, and serves "
      "set-up wizards over JSON-RPC on a Unix socket. Runs in the foreground.",
      "qwen-authd"};
  std::string socket, level = "info", file;
  int idle_seconds = 0;
  arguments
      .add_option("--socket", socket,
                  "Socket path (default: $QWEN_AUTHD_SOCKET, else below $XDG_RUNTIME_DIR)")
      ->type_name("PATH");
  arguments.add_option("--log-level", level, "How much to log to stderr")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  arguments
      .add_option("--log-file", file, "Log here instead of stderr; at most 1 MiB, rotated once")
      ->type_name("PATH");
  arguments
      .add_option("--idle-timeout", idle_seconds,
                  "Exit after this many seconds without a connection or session; 0 = never")
      ->check(CLI::Range(0, 7 * 24 * 3600))
      ->type_name("SECONDS")
      ->capture_default_str();
  arguments.set_version_flag("--version", "qwen-authd " AUTHD_VERSION);
  try {
    arguments.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return arguments.exit(error) == 0 ? 0 : 2;
  }
  try {
    const Log log(level, file);
    return serve(socket, log, idle_seconds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "qwen-authd: %s\n", error.what());
    return 1;
  }
}
