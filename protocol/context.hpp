// Where a caller stands: the parameter that many methods share (rpc-contract, Context).
#pragma once

#include "protocol/fields.hpp"

namespace authd {

struct NoParams {
  static auto fields() { return std::tuple{}; }
};

// Where the caller stands: a service does not see the user's shell. `env` absent means that the
// daemon's own environment judges; `cwd` absent means that there is no workspace.
struct Context {
  std::optional<std::string> cwd;
  std::optional<std::map<std::string, std::string>> env;
  std::vector<std::string> args;
  std::optional<std::string> home;
  std::optional<std::string> cli_version;
  static auto fields() {
    return std::tuple{
        optional("cwd", &Context::cwd,
                 "the caller's directory, absolute; without it there is no workspace"),
        optional("env", &Context::env,
                 "the caller's environment: the variables that env.names lists"),
        optional("args", &Context::args, "the arguments that qwen was or will be started with"),
        optional("home", &Context::home, "the caller's home directory, absolute"),
        optional("cliVersion", &Context::cli_version, "the version of Qwen Code to imitate")};
  }
};

}  // namespace authd
