// What the handlers of the method table share: the parts that the app owns.
#pragma once

#include <functional>

#include "daemon/checker.hpp"
#include "daemon/core/environment.hpp"
#include "daemon/log.hpp"
#include "daemon/overlay.hpp"
#include "daemon/settings_thread.hpp"

namespace authd {

struct Services {
  asio::io_context& io;
  SettingsThread& settings;
  Checker& checker;
  Overlay& overlay;
  const Log& log;
  const core::Environment& environment;  // the daemon's own
  // To the connections that subscribed to a topic.
  std::function<void(std::string_view topic, std::string_view method, const Json& params)> publish;
};

}  // namespace authd
