// JSON-RPC 2.0 messages as values: what came in, and the text of what goes out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace authd::jsonrpc {

// One call. `id` is the text of the id exactly as it came (0, "", "1", 2^64), nothing for a
// notification. `params` is an object, an array, or null where there are none: absent, null, [],
// {} and [null] all mean none.
struct Call {
  std::string method;
  Json params;
  std::optional<std::string> id;
};

// A message that cannot be called. `id` is "null" where it could not be told.
struct Invalid {
  Error error;
  std::string id = "null";
};

// A response that the other side sent: `result` or `error` and no method.
struct Response {
  Json id;
  Json result;
  std::optional<Json> error;
};

struct Item {
  std::optional<Call> call;
  std::optional<Invalid> invalid;
  std::optional<Response> response;
};

// A batch keeps its items in order; anything else has exactly one item.
struct Message {
  bool batch = false;
  std::vector<Item> items;
};

// Never fails: what is wrong with the text becomes an Invalid item.
Message parse(std::string_view text);

std::string answer(std::string_view id, std::string_view result_text);
std::string answer(std::string_view id, const Error& error);
std::string request(std::string_view id, std::string_view method, const Json& params);
std::string notification(std::string_view method, const Json& params);

}  // namespace authd::jsonrpc
