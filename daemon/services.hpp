// What the handlers of the method table share: the parts that the app owns.
#pragma once

#include <functional>

#include "daemon/background.hpp"
#include "daemon/checker.hpp"
#include "daemon/core/environment.hpp"
#include "daemon/fix_book.hpp"
#include "daemon/key_commands.hpp"
#include "daemon/log.hpp"
#include "daemon/overlay.hpp"
#include "daemon/settings_thread.hpp"

namespace authd {

struct Services {
  asio::io_context& io;
  SettingsThread& settings;
  Checker& checker;
  Overlay& overlay;
  Background& background;
  KeyCommands& key_commands;
  FixBook& fixes;
  const Log& log;
  const core::Environment& environment;  // the daemon's own
  // To the connections that subscribed to a topic.
  std::function<void(std::string_view topic, std::string_view method, const Json& params)> publish;

  // The file is the source of these members now: an older value of a key is forgotten.
  void drop_from_overlay(const std::vector<core::Path>& keys) const;
  // What a write of ours changed.
  void publish_saved(const io::Saved& saved) const;
  // Where one of these members decides about models.
  void publish_models(const std::string& path, const std::vector<core::Path>& keys) const;
};

}  // namespace authd
