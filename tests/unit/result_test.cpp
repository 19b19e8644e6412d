#include "protocol/result.hpp"

#include <catch2/catch.hpp>

namespace authd {

TEST_CASE("every kind of error has the code and the name of the contract") {
  struct Row {
    ErrorKind kind;
    int code;
    std::string name;
  };
  const auto row = GENERATE(values<Row>({
      {ErrorKind::parse_error, -32700, "parse_error"},
      {ErrorKind::invalid_request, -32600, "invalid_request"},
      {ErrorKind::method_not_found, -32601, "method_not_found"},
      {ErrorKind::invalid_params, -32602, "invalid_params"},
      {ErrorKind::internal_error, -32603, "internal_error"},
      {ErrorKind::busy, -32001, "busy"},
      {ErrorKind::unknown_session, -32010, "unknown_session"},
      {ErrorKind::wrong_step, -32011, "wrong_step"},
      {ErrorKind::invalid_input, -32012, "invalid_input"},
      {ErrorKind::settings_unreadable, -32020, "settings_unreadable"},
      {ErrorKind::settings_conflict, -32021, "settings_conflict"},
      {ErrorKind::settings_not_writable, -32022, "settings_not_writable"},
      {ErrorKind::consent_required, -32030, "consent_required"},
      {ErrorKind::unknown_snapshot, -32032, "unknown_snapshot"},
      {ErrorKind::cancelled, -32800, "cancelled"},
  }));
  CAPTURE(row.name);
  CHECK(wire_code(row.kind) == row.code);
  CHECK(kind_name(row.kind) == row.name);
  Json json = to_json(Error{row.kind, "m", {}, {}, Json::object()});
  CHECK(json.at("code") == row.code);
  CHECK(json.at("data").at("kind") == row.name);
}

TEST_CASE("three errors carry JSON-RPC's own words, and what was wrong besides") {
  struct Row {
    ErrorKind kind;
    std::string message;
  };
  const auto row = GENERATE(values<Row>({{ErrorKind::parse_error, "Parse error"},
                                         {ErrorKind::invalid_request, "Invalid Request"},
                                         {ErrorKind::method_not_found, "Method not found"}}));
  CHECK(to_json(Error{row.kind, "details", {}, {}, Json::object()}) ==
        Json{{"code", wire_code(row.kind)}, {"message", row.message}, {"data", {{"kind", kind_name(row.kind)}, {"detail", "details"}}}});
  CHECK_FALSE(to_json(Error{row.kind, "", {}, {}, Json::object()}).at("data").contains("detail"));
}

TEST_CASE("field, hint and further members are in the data, and only where there are any") {
  CHECK(to_json(Error{ErrorKind::busy, "Too many.", {}, {}, {{"retryable", true}}}) ==
        Json::parse(R"({"code":-32001,"message":"Too many.","data":{"kind":"busy","retryable":true}})"));
  CHECK(to_json(fail(ErrorKind::invalid_input, "No.", "value", "Do.").error()) ==
        Json::parse(R"({"code":-32012,"message":"No.","data":{"kind":"invalid_input","field":"value","hint":"Do."}})"));
}

}  // namespace authd
