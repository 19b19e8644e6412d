#include "client/home.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace authd::client {
namespace {

std::string absolute_variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

std::string home_directory() {
  if (std::string home = absolute_variable("HOME"); !home.empty()) return home;
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr && entry->pw_dir != nullptr ? entry->pw_dir : "";
}

std::string state_directory() {
  std::string state = absolute_variable("XDG_STATE_HOME");
  if (state.empty()) state = home_directory() + "/.local/state";
  return state + "/qwen-authd";
}

}  // namespace authd::client
