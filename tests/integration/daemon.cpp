#include "daemon.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>

#include "tests/support/bin_dir.hpp"

namespace authd::tests {
namespace {

constexpr std::size_t canary_piece_bytes = 8;

bool is_listening(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

// What stands around the first piece of the canary, with the piece itself; empty where there is none.
std::string canary_in(std::string_view text) {
  for (std::size_t at = 0; at + canary_piece_bytes <= canary.size(); ++at) {
    const std::size_t found = text.find(canary.substr(at, canary_piece_bytes));
    if (found != std::string_view::npos) return std::string(text.substr(found < 80 ? 0 : found - 80, 160));
  }
  return {};
}

}  // namespace

std::string daemon_program() { return bin_dir() + "/qwen-authd"; }

bool serves(Process& process, const std::string& socket_path) {
  const bool is_up = eventually([&] { return is_listening(socket_path) || !process.is_running(); });
  if (!is_up || !process.is_running()) return false;
  Client client(socket_path, Framing::lines, std::make_shared<Overheard>());
  return client.call("daemon.ping") == Json::object();
}

Daemon::Daemon(DaemonOptions options) : options_(std::move(options)) {
  for (const char* directory : {"home", "state", "run"}) mkdir(path(directory).c_str(), 0700);
  environment_ = bare_environment();
  environment_["HOME"] = home();
  environment_["XDG_STATE_HOME"] = path("state");
  environment_["XDG_RUNTIME_DIR"] = path("run");
  environment_["TMPDIR"] = path("home");
  environment_["QWEN_AUTHD_SOCKET"] = socket();
  // The machine's own settings must not take part.
  environment_["QWEN_CODE_SYSTEM_SETTINGS_PATH"] = path("system/settings.json");
  for (const auto& [name, value] : options_.environment) environment_[name] = value;
  if (!options_.settings.empty()) write_file(settings_path(), options_.settings);
  start();
}

void Daemon::start() {
  process_.emplace(daemon_program(), options_.arguments, environment_, log_path());
  if (!serves(*process_, socket())) FAIL("the daemon did not start: " << log());
}

Daemon::~Daemon() {
  if (!ended_by_test_) {
    process_->signal(SIGTERM);
    const auto code = process_->wait(patience);
    INFO("the log of the daemon:\n" << log());
    CHECK(code == 0);
  }
  process_.reset();
  look_for_the_canary();
}

Client Daemon::connect(Framing framing) const { return Client(socket(), framing, overheard_); }

Json Daemon::settings() const {
  INFO(settings_path() << ":\n" << settings_text());
  return Json::parse(settings_text());
}

Json Daemon::context(const Environment& more) const {
  Json variables = environment_;
  for (const auto& [name, value] : more) variables[name] = value;
  return {{"env", variables}};
}

std::optional<int> Daemon::wait_for_exit(std::chrono::milliseconds bound) {
  ended_by_test_ = true;
  return process_->wait(bound);
}

bool Daemon::may_hold_the_key(const std::string& path) const {
  const bool is_snapshot = path.starts_with(history()) && !path.ends_with("/index.jsonl");
  return is_snapshot || path.ends_with("/.qwen/settings.json") || key_files_.contains(path);
}

void Daemon::look_for_the_canary() const {
  for (const std::string& path : files_below(scratch_.path())) {
    if (may_hold_the_key(path)) continue;
    INFO("the key is in " << path);
    CHECK(canary_in(read_file(path)).empty());
  }
  INFO("the key is in what the daemon said");
  CHECK(canary_in(overheard_->text) == "");
}

}  // namespace authd::tests
