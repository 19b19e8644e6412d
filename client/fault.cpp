#include "client/fault.hpp"

#include "client/members.hpp"

namespace authd::client {

std::string Fault::message() const { return text_member(error, "message"); }
std::string Fault::kind() const { return text_member(data(), "kind"); }
const Json& Fault::data() const { return member(error, "data"); }

std::unexpected<Fault> fault(ExitCode exit_code, std::string_view kind, std::string message,
                             std::string hint) {
  Json data = {{"kind", kind}};
  if (!hint.empty()) data["hint"] = std::move(hint);
  return std::unexpected(
      Fault{exit_code, {{"message", std::move(message)}, {"data", std::move(data)}}});
}

std::unexpected<Fault> usage(std::string message, std::string hint) {
  return fault(ExitCode::usage, "usage", std::move(message), std::move(hint));
}

Fault fault_from_daemon(Json error) {
  const ExitCode exit_code = exit_code_of_error(error);
  return Fault{exit_code, std::move(error)};
}

Fault fault_from_error(const Error& error, ExitCode exit_code) {
  return Fault{exit_code, to_json(error)};
}

}  // namespace authd::client
