// The parameters of keys.*, env.export and env.sync.
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct KeysSet {
  std::string name;
  std::vector<std::string> command;
  bool shell = false;
  std::optional<std::size_t> timeout_ms;
  std::optional<std::size_t> lifetime_ms;
  static auto fields() {
    return std::tuple{
        required("name", &KeysSet::name, "the variable that the key is for"),
        required("command", &KeysSet::command, "the program and its arguments, one by one"),
        optional("shell", &KeysSet::shell, "`command` is one text for /bin/sh -c"),
        optional("timeoutMs", &KeysSet::timeout_ms, "how long it may take; at most 120000"),
        optional("lifetimeMs", &KeysSet::lifetime_ms,
                 "how long its key is kept in memory; 0 = it runs each time")};
  }
};

struct KeysRemove {
  std::string name;
  static auto fields() { return std::tuple{required("name", &KeysRemove::name, "the variable")}; }
};

struct KeysRun {
  std::string name;
  Context context;
  static auto fields() {
    return std::tuple{
        required("name", &KeysRun::name, "the variable whose command to run"),
        optional("context", &KeysRun::context, "its env is the environment of the command")};
  }
};

struct KeysForget {
  std::optional<std::string> name;
  static auto fields() {
    return std::tuple{optional("name", &KeysForget::name, "of this variable only; absent = all")};
  }
};

struct EnvExport {
  Context context;
  bool all = false;
  static auto fields() {
    return std::tuple{optional("context", &EnvExport::context, "where the caller stands"),
                      optional("all", &EnvExport::all,
                               "the keys of all commands, not only the selected model's")};
  }
};

struct EnvSync {
  std::string target;
  std::vector<std::string> names;
  bool remove = false;
  Context context;
  static auto fields() {
    return std::tuple{
        required("target", &EnvSync::target, "who starts programs with them", {"systemd", "dbus"}),
        optional("names", &EnvSync::names,
                 "the variables; absent = the one that the selected model's key is read from"),
        optional("remove", &EnvSync::remove, "take them away again"),
        optional("context", &EnvSync::context, "where the caller stands")};
  }
};

}  // namespace authd
