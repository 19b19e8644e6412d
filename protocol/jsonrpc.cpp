#include "protocol/jsonrpc.hpp"

#include "protocol/limits.hpp"

namespace authd::jsonrpc {
namespace {

// The id's own text, or nothing where its type is not one that JSON-RPC allows.
std::optional<std::string> id_text(const Json& id) {
  if (id.is_binary()) return std::string(id.get_binary().begin(), id.get_binary().end());
  if (id.is_number() || id.is_string() || id.is_null()) return dump(id);
  return std::nullopt;
}

Json normalized(Json params) {
  const bool none = params.is_null() || (params.is_structured() && params.empty()) ||
                    (params.is_array() && params.size() == 1 && params[0].is_null());
  return none ? Json() : std::move(params);
}

Item invalid(ErrorKind kind, std::string detail, std::string id = "null") {
  return {{}, Invalid{Error{kind, std::move(detail)}, std::move(id)}, {}};
}

Item read_item(Json& json) {
  if (!json.is_object()) return invalid(ErrorKind::invalid_request, "a request is an object");
  std::optional<std::string> id;
  const auto id_member = json.find("id");
  if (id_member != json.end()) {
    id = id_text(*id_member);
    if (!id)
      return invalid(ErrorKind::invalid_request, "the id must be a string, a number or null");
  }
  const auto method = json.find("method");
  if (method == json.end() && (json.contains("result") || json.contains("error"))) {
    Response response{
        id_member == json.end() ? Json() : *id_member, json.value("result", Json()), {}};
    if (json.contains("error")) response.error = json["error"];
    return {{}, {}, std::move(response)};
  }
  const std::string known_id = id.value_or("null");
  const auto version = json.find("jsonrpc");
  if (version == json.end() || !version->is_string() || *version != "2.0")
    return invalid(ErrorKind::invalid_request, "member jsonrpc must be \"2.0\"", known_id);
  if (method == json.end() || !method->is_string())
    return invalid(ErrorKind::invalid_request, "member method must be a string", known_id);
  Json params;
  if (const auto member = json.find("params"); member != json.end()) {
    if (!member->is_structured() && !member->is_null())
      return invalid(ErrorKind::invalid_request, "params must be an object or an array", known_id);
    params = normalized(std::move(*member));
  }
  return {
      Call{std::move(method->get_ref<std::string&>()), std::move(params), std::move(id)}, {}, {}};
}

Message only(Item item) {
  Message message;
  message.items.push_back(std::move(item));
  return message;
}

// Which depth the envelope's "id" is at: 1, or 2 inside a batch.
std::size_t envelope_depth(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[' ? 2 : 1;
}

}  // namespace

Message parse(std::string_view text) {
  auto json = parse_json(text, {limits::depth_max, envelope_depth(text)});
  if (!json)
    return only(json.error() == JsonFault::too_deep
                    ? invalid(ErrorKind::invalid_request, "the message is deeper than 64 levels")
                    : invalid(ErrorKind::parse_error, ""));
  if (!json->is_array()) return only(read_item(*json));
  if (json->empty()) return only(invalid(ErrorKind::invalid_request, "the batch is empty"));
  if (json->size() > limits::batch_max)
    return only(invalid(ErrorKind::invalid_request, "the batch has more than 10000 requests"));
  Message message{true, {}};
  message.items.reserve(json->size());
  for (Json& item : *json) message.items.push_back(read_item(item));
  return message;
}

std::string answer(std::string_view id, std::string_view result_text) {
  std::string text;
  text.reserve(id.size() + result_text.size() + 40);
  text.append(R"({"jsonrpc":"2.0","id":)").append(id);
  text.append(R"(,"result":)").append(result_text).append("}");
  return text;
}

std::string answer(std::string_view id, const Error& error) {
  std::string text(R"({"jsonrpc":"2.0","id":)");
  text.append(id).append(R"(,"error":)").append(dump(to_json(error))).append("}");
  return text;
}

namespace {
void append_params(std::string& text, const Json& params) {
  if (!params.is_null()) text.append(R"(,"params":)").append(dump(params));
  text.append("}");
}
}  // namespace

std::string request(std::string_view id, std::string_view method, const Json& params) {
  std::string text(R"({"jsonrpc":"2.0","id":)");
  text.append(id).append(R"(,"method":)").append(quote(method));
  append_params(text, params);
  return text;
}

std::string notification(std::string_view method, const Json& params) {
  std::string text(R"({"jsonrpc":"2.0","method":)");
  text.append(quote(method));
  append_params(text, params);
  return text;
}

}  // namespace authd::jsonrpc
