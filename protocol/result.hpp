// The one error type and the one result type. No exceptions cross a function that returns Result.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "protocol/json.hpp"

namespace authd {

// Every way in which a request can fail. protocol/result.cpp knows the name and the wire code of
// each; docs/PROTOCOL.md is checked against it.
enum class ErrorKind {
  parse_error,
  invalid_request,
  method_not_found,
  invalid_params,
  internal_error,
  busy,
  unknown_session,
  wrong_step,
  invalid_input,
  settings_unreadable,
  settings_conflict,
  settings_not_writable,
  consent_required,
  unknown_model,
  unknown_snapshot,
  unknown_provider,
  key_unavailable,
  sync_failed,
  unknown_fix,
  cancelled,
};

// An error means that nothing changed. `message` is one sentence for a person and never holds a
// secret; `field` names the input at fault, `hint` says in one sentence what to do next, `data`
// holds further members for the wire (path, line, etag, …).
struct Error {
  ErrorKind kind = ErrorKind::internal_error;
  std::string message;
  std::string field = {};
  std::string hint = {};
  Json data = Json::object();
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string field = {},
                                   std::string hint = {}) {
  return std::unexpected(
      Error{kind, std::move(message), std::move(field), std::move(hint), Json::object()});
}

int wire_code(ErrorKind kind);
std::string_view kind_name(ErrorKind kind);

// The `error` object of a JSON-RPC answer.
Json to_json(const Error& error);

}  // namespace authd
