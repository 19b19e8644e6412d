// What the three protocols say, in the shapes their vendors use: values in, values out.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http.hpp"

namespace loopback {

using Json = nlohmann::ordered_json;

enum class Protocol { openai, anthropic, gemini };
enum class Operation { generate, list_models, unknown };

// What a request asks for. `protocol` is a guess from the looks of the path where the path is
// wrong, because a vendor also answers a wrong path in its own shape.
struct Route {
  Protocol protocol = Protocol::openai;
  Operation operation = Operation::unknown;
  std::string mode;   // from the first segment, empty where there is none
  std::string path;   // without that segment
  std::string query;  // without the question mark
  std::string model;  // of a Gemini path
};

// A path must be exactly a vendor's; the first segment `mode-NAME` (also mode_NAME and mode.NAME,
// whose generated key names collide with it) is taken off first.
Route route_of(const Request& request);

// The key a request carries in a header that this protocol's vendor reads.
std::string key_of(const Request& request, Protocol protocol);

struct Generation {
  std::string model;
  bool stream = false;
  bool server_sent_events = true;  // Gemini without alt=sse streams a JSON array
  bool include_usage = false;
  std::string tool;  // the first one that is offered; empty where none is
};

// The request's body, or the protocol's own complaint about it.
struct Understood {
  std::optional<Generation> generation;
  Answer complaint;
};
Understood understand(const Request& request, const Route& route);

// One whole event each, with its line ends, as that vendor frames it.
std::vector<std::string> stream_events(Protocol protocol, const Generation& what,
                                       const std::string& text);
// A call of `what.tool` in place of a text.
std::vector<std::string> tool_call_events(Protocol protocol, const Generation& what);
// An answer that says nothing at all.
std::vector<std::string> silent_events(Protocol protocol, const Generation& what);
Json whole_answer(Protocol protocol, const Generation& what, const std::string& text);
Json model_list(Protocol protocol, const std::vector<std::string>& models);

enum class Fault {
  bad_key,          // 401
  forbidden_key,    // 403, about the key
  forbidden,        // 403, about a purchase
  unknown_model,    // 404
  bad_request,      // 400
  bad_key_400,      // 400, about the key
  no_tools,         // 400: tools are not supported
  unpaid,           // 402
  rate_limit,       // 429
  quota,            // 429
  plan,             // 429
  internal,         // 500
  unavailable,      // 503
  overloaded,       // 529
};

// `message` replaces the vendor's own text where it is given.
Answer fault_answer(Protocol protocol, Fault fault, const std::string& model,
                    const std::string& message = {});
// The same as the first event of a stream that began with 200.
std::string fault_event(Protocol protocol, Fault fault, const std::string& model);

Answer wrong_path(const Request& request, const Route& route);
Answer html(int status, const std::string& title);
Answer json_answer(int status, const Json& body);
Answer bad_request(Protocol protocol, const std::string& message);

}  // namespace loopback
