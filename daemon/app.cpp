#include "daemon/app.hpp"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "daemon/wire.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

constexpr int protocol_version = 1;
constexpr auto drain_interval = std::chrono::milliseconds(5);

std::string iso_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

App::App(AppOptions options, io::ListenSocket socket, const Log& log)
    : options_(std::move(options)),
      socket_(std::move(socket)),
      log_(log),
      checker_(io_),
      settings_(io_, core::state_directory(options_.environment)),
      background_(io_),
      keys_(io_, settings_, background_, options_.environment),
      fixes_(io_),
      services_{io_,
                settings_,
                checker_,
                overlay_,
                background_,
                keys_,
                fixes_,
                log_,
                options_.environment,
                [this](std::string_view topic, std::string_view method, const Json& params) {
                  server_.publish(topic, method, params);
                }},
      watch_(services_),
      settings_service_(services_),
      wizards_(services_),
      environment_(services_),
      models_(services_,
              [this](const std::string& session, WizardService::Endpoint then) {
                return wizards_.endpoint_of(session, std::move(then));
              }),
      key_service_(services_),
      doctor_(services_),
      decode_(services_),
      export_service_(services_),
      check_service_(services_),
      server_(io_, dispatcher_, socket_.release(),
              [this](const std::string& text) { log_.warn(text); }),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      idle_timer_(io_),
      watchdog_timer_(io_),
      drain_timer_(io_) {
  bind_methods();
}

void App::bind_methods() {
  using rpc::Peer;
  const auto nothing = [](NoParams, Peer&) -> Result<Json> { return Json(); };

  dispatcher_.bind<NoParams>({"daemon.ping", "Answers", "{}"},
                             [](NoParams, Peer&) -> Result<Json> { return Json::object(); });
  dispatcher_.bind<NoParams>(
      {"daemon.info", "What is running here",
       "{name, version, protocolVersion, pid, startedAt, socket, activation, counters}"},
      [this](NoParams, Peer&) { return info(); });
  dispatcher_.bind<NoParams>(
      {"daemon.reload", "Forgets what was read from files, as SIGHUP does", "{}"},
      [this](NoParams, Peer&) -> Result<Json> {
        reload();
        return Json::object();
      });
  dispatcher_.bind<NoParams>({"daemon.shutdown", "Ends the daemon after it has answered", "{}"},
                             [this](NoParams, Peer&) -> Result<Json> {
                               asio::post(io_, [this] { shut_down("daemon.shutdown"); });
                               return Json::object();
                             });
  dispatcher_.bind<NoParams>(
      {"rpc.discover", "This document", "The OpenRPC document"},
      [this](NoParams, Peer&) -> Result<Json> { return dispatcher_.openrpc(); });
  wizards_.bind(dispatcher_);
  models_.bind(dispatcher_);
  environment_.bind(dispatcher_);
  settings_service_.bind(dispatcher_);
  export_service_.bind(dispatcher_);
  key_service_.bind(dispatcher_);
  decode_.bind(dispatcher_);
  doctor_.bind(dispatcher_);
  check_service_.bind(dispatcher_);
  dispatcher_.bind<EventsSubscribe>(
      {"events.subscribe", "Asks for notifications", "{topics}"},
      [this](EventsSubscribe p, Peer& peer) { return subscribe(std::move(p), peer); });

  // Clients that were made for language servers say these.
  dispatcher_.bind<NoParams>(
      {"initialize", "Answered for LSP-shaped clients", "{capabilities, serverInfo}"},
      [](NoParams, Peer&) -> Result<Json> {
        return Json{{"capabilities", Json::object()},
                    {"serverInfo", {{"name", "qwen-authd"}, {"version", AUTHD_VERSION}}}};
      });
  for (const char* name : {"initialized", "shutdown", "exit"})
    dispatcher_.bind<NoParams>({name, "Answered for LSP-shaped clients", "null"}, nothing);
}

Result<Json> App::info() {
  const rpc::Counters& counters = server_.counters();
  return Json{{"name", "qwen-authd"},
              {"version", AUTHD_VERSION},
              {"protocolVersion", protocol_version},
              {"pid", getpid()},
              {"startedAt", iso_time(started_at_)},
              {"socket", socket_.path()},
              {"activation", socket_.inherited() ? "systemd" : "none"},
              {"counters",
               {{"connections", counters.connections},
                {"requests", counters.requests},
                {"errors", counters.errors},
                {"refused", counters.refused},
                {"sessions", wizards_.live_sessions()},
                {"checks", checker_.running()}}}};
}

Result<Json> App::subscribe(EventsSubscribe params, rpc::Peer& peer) {
  constexpr std::array<std::string_view, 5> known{"settings", "env", "wizard", "auth", "models"};
  for (const std::string& topic : params.topics)
    if (std::find(known.begin(), known.end(), topic) == known.end())
      return fail(ErrorKind::invalid_params,
                  "params.topics: expected settings, env, wizard, auth or models", "params.topics");
  peer.subscribe(params.topics);
  return Json{{"topics", params.topics}};
}

void App::reload() {
  keys_.forget_all();
  settings_.run(
      [](io::SettingsStore& store) -> Result<bool> {
        store.forget();
        return true;
      },
      [this](Result<bool>) { log_.info("forgot what was cached"); });
}

namespace {
sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}
}  // namespace

void App::hold_signals() {
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int App::run() {
  server_.on_connections_changed = [this] { watch_idleness(); };
  server_.start();
  wait_for_signals();
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  feed_watchdog();
  watch_idleness();
  sd_notify(0, "READY=1");
  watch_.begin();
  log_.info("listening on " + socket_.path());
  io_.run();
  background_.finish();
  // A write in flight is finished. What only reads or plans for longer than that is given up: a
  // process that ends between two system calls leaves a whole file, old or new.
  const bool finished =
      settings_.finish_within(std::chrono::milliseconds(limits::settings_grace_ms));
  log_.info(finished ? "stopped" : "stopped without waiting for the settings thread");
  if (finished) return 0;
  socket_.remove();
  std::_Exit(0);
}

void App::wait_for_signals() {
  signals_.async_wait([this](const asio::error_code& error, int signal) {
    if (error) return;
    if (signal != SIGHUP) return shut_down(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    reload();
    wait_for_signals();
  });
}

void App::watch_idleness() {
  idle_timer_.cancel();
  if (options_.idle_timeout.count() == 0 || server_.connections() > 0 || shutting_down_) return;
  idle_timer_.expires_after(options_.idle_timeout);
  idle_timer_.async_wait([this](const asio::error_code& error) {
    if (error || server_.connections() > 0) return;
    if (wizards_.live_sessions() > 0 || checker_.running() > 0) return watch_idleness();
    shut_down("nobody has asked for anything");
  });
}

void App::feed_watchdog() {
  std::uint64_t period_us = 0;
  if (sd_watchdog_enabled(0, &period_us) <= 0) return;
  sd_notify(0, "WATCHDOG=1");
  watchdog_timer_.expires_after(std::chrono::microseconds(period_us / 3));
  watchdog_timer_.async_wait([this](const asio::error_code& error) {
    if (!error) feed_watchdog();
  });
}

void App::shut_down(const char* why) {
  if (std::exchange(shutting_down_, true)) return;
  log_.info(std::string("stopping: ") + why);
  sd_notify(0, "STOPPING=1");
  drain_deadline_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::shutdown_grace_ms);
  watch_.stop();
  background_.stop_all();
  server_.cancel_all();
  server_.stop();
  end_when_drained();
}

void App::end_when_drained() {
  const bool late = std::chrono::steady_clock::now() > drain_deadline_;
  if (server_.drained() || late) {
    if (late) log_.warn("gave up on requests that could not be answered in time");
    return io_.stop();
  }
  drain_timer_.expires_after(drain_interval);
  drain_timer_.async_wait([this](const asio::error_code&) { end_when_drained(); });
}

}  // namespace authd
