// What went wrong, in the shape of a JSON-RPC error object whether the daemon or the client noticed
// it, so that one place prints both and `--json` looks the same for both.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "client/exit_code.hpp"
#include "protocol/json.hpp"
#include "protocol/result.hpp"

namespace authd::client {

struct Fault {
  ExitCode exit_code = ExitCode::error;
  Json error;  // {code?, message, data: {kind, hint?, path?, …}}

  std::string message() const;
  std::string kind() const;
  const Json& data() const;
};

template <class T>
using Outcome = std::expected<T, Fault>;

// Something the client itself noticed. `kind` is the client's own word for it.
std::unexpected<Fault> fault(ExitCode exit_code, std::string_view kind, std::string message,
                             std::string hint = {});

std::unexpected<Fault> usage(std::string message, std::string hint = {});

Fault fault_from_daemon(Json error);
Fault fault_from_error(const Error& error, ExitCode exit_code);

}  // namespace authd::client
