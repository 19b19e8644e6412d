// The daemon: owns the threads and joins the layers. The method table is on one screen, in app.cpp.
#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "daemon/check_service.hpp"
#include "daemon/decode_service.hpp"
#include "daemon/doctor_service.hpp"
#include "daemon/environment_service.hpp"
#include "daemon/export_service.hpp"
#include "daemon/io/listen_socket.hpp"
#include "daemon/key_service.hpp"
#include "daemon/models_service.hpp"
#include "daemon/rpc/dispatcher.hpp"
#include "daemon/rpc/server.hpp"
#include "daemon/services.hpp"
#include "daemon/settings_service.hpp"
#include "daemon/settings_watch.hpp"
#include "daemon/wizard_service.hpp"

namespace authd {

struct AppOptions {
  std::chrono::seconds idle_timeout{0};  // 0 = never
  core::Environment environment;         // the daemon's own, without a workspace
};

class App {
 public:
  App(AppOptions options, io::ListenSocket socket, const Log& log);
  // Keeps the signals that run() handles waiting until it does. Before any thread is started.
  static void hold_signals();
  // Serves until SIGTERM, SIGINT, daemon.shutdown or the idle time-out. The exit code.
  int run();

 private:
  void bind_methods();
  Result<Json> info();
  Result<Json> subscribe(EventsSubscribe params, rpc::Peer& peer);
  void reload();
  void wait_for_signals();
  void watch_idleness();
  void feed_watchdog();
  // Finishes the write in flight, answers what is pending, then ends run().
  void shut_down(const char* why);
  void end_when_drained();

  AppOptions options_;
  io::ListenSocket socket_;
  const Log& log_;
  asio::io_context io_{1};
  Overlay overlay_;
  Checker checker_;
  SettingsThread settings_;
  Background background_;
  KeyCommands keys_;
  FixBook fixes_;
  Services services_;
  SettingsWatch watch_;
  SettingsService settings_service_;
  WizardService wizards_;
  EnvironmentService environment_;
  ModelsService models_;
  KeyService key_service_;
  DoctorService doctor_;
  DecodeService decode_;
  ExportService export_service_;
  CheckService check_service_;
  rpc::Dispatcher dispatcher_;
  rpc::Server server_;
  asio::signal_set signals_;
  asio::steady_timer idle_timer_, watchdog_timer_, drain_timer_;
  std::chrono::system_clock::time_point started_at_ = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point drain_deadline_;
  bool shutting_down_ = false;
};

}  // namespace authd
