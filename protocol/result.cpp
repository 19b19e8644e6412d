#include "protocol/result.hpp"

namespace authd {

int wire_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::parse_error: return -32700;
    case ErrorKind::invalid_request: return -32600;
    case ErrorKind::method_not_found: return -32601;
    case ErrorKind::invalid_params: return -32602;
    case ErrorKind::internal_error: return -32603;
    case ErrorKind::busy: return -32001;
    case ErrorKind::unknown_session: return -32010;
    case ErrorKind::wrong_step: return -32011;
    case ErrorKind::invalid_input: return -32012;
    case ErrorKind::settings_unreadable: return -32020;
    case ErrorKind::settings_conflict: return -32021;
    case ErrorKind::settings_not_writable: return -32022;
    case ErrorKind::consent_required: return -32030;
    case ErrorKind::unknown_model: return -32031;
    case ErrorKind::unknown_snapshot: return -32032;
    case ErrorKind::unknown_provider: return -32033;
    case ErrorKind::key_unavailable: return -32034;
    case ErrorKind::sync_failed: return -32035;
    case ErrorKind::unknown_fix: return -32036;
    case ErrorKind::cancelled: return -32800;
  }
  return -32603;
}

std::string_view kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::parse_error: return "parse_error";
    case ErrorKind::invalid_request: return "invalid_request";
    case ErrorKind::method_not_found: return "method_not_found";
    case ErrorKind::invalid_params: return "invalid_params";
    case ErrorKind::internal_error: return "internal_error";
    case ErrorKind::busy: return "busy";
    case ErrorKind::unknown_session: return "unknown_session";
    case ErrorKind::wrong_step: return "wrong_step";
    case ErrorKind::invalid_input: return "invalid_input";
    case ErrorKind::settings_unreadable: return "settings_unreadable";
    case ErrorKind::settings_conflict: return "settings_conflict";
    case ErrorKind::settings_not_writable: return "settings_not_writable";
    case ErrorKind::consent_required: return "consent_required";
    case ErrorKind::unknown_model: return "unknown_model";
    case ErrorKind::unknown_snapshot: return "unknown_snapshot";
    case ErrorKind::unknown_provider: return "unknown_provider";
    case ErrorKind::key_unavailable: return "key_unavailable";
    case ErrorKind::sync_failed: return "sync_failed";
    case ErrorKind::unknown_fix: return "unknown_fix";
    case ErrorKind::cancelled: return "cancelled";
  }
  return "internal_error";
}

Json to_json(const Error& error) {
  Json data = error.data.is_object() ? error.data : Json::object();
  data["kind"] = kind_name(error.kind);
  if (!error.field.empty()) data["field"] = error.field;
  if (!error.hint.empty()) data["hint"] = error.hint;
  std::string message = error.message;
  // JSON-RPC fixes the words of these three; what was wrong in particular goes to the data.
  if (error.kind == ErrorKind::parse_error || error.kind == ErrorKind::invalid_request ||
      error.kind == ErrorKind::method_not_found) {
    message = error.kind == ErrorKind::parse_error       ? "Parse error"
              : error.kind == ErrorKind::invalid_request ? "Invalid Request"
                                                         : "Method not found";
    if (!error.message.empty()) data["detail"] = error.message;
  }
  return {{"code", wire_code(error.kind)}, {"message", message}, {"data", std::move(data)}};
}

}  // namespace authd
