// Asking an endpoint which models it has. Pure: io/http_client sends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/probe.hpp"

namespace authd::core {

struct DiscoveredModel {
  std::string id;
  std::string name;        // empty where the endpoint says none
  int context_window = 0;  // tokens; 0 where the endpoint says none
};

enum class DiscoveryStatus {
  ok,
  no_auth_needed,  // and no key was sent
  rejected,
  not_offered,
  unreachable,
  not_a_list,
  failed,  // any other answer
};
std::string_view discovery_status_name(DiscoveryStatus status);

struct Discovery {
  DiscoveryStatus status = DiscoveryStatus::failed;
  std::vector<DiscoveredModel> models;  // newest first where the endpoint dates all of them
  std::string message;                  // safe to show; why there are none
  std::string url;
  int http_status = 0;  // 0 where no answer came
  NetworkFault fault = NetworkFault::none;
  std::chrono::milliseconds latency{0};
};

// GET <base>/models, /v1/models or /v1beta/models, authenticated as a check is; target.model is not
// looked at. An empty key sends none.
HttpRequest discovery_request(const ProbeTarget& target, const Environment& environment,
                              std::chrono::milliseconds timeout);
// Ollama's own list, /api/tags, for a server on this machine whose first answer was none.
std::optional<HttpRequest> second_discovery_request(const ProbeTarget& target,
                                                    const HttpRequest& first,
                                                    const Discovery& discovery);

// The lists of OpenAI, Anthropic, Gemini and Ollama. Ids as Qwen Code takes them (facts, 10): at
// most 256 characters, no comma, no control character.
Discovery read_discovery(const ProbeTarget& target, const HttpRequest& request,
                         const HttpResponse& response);

}  // namespace authd::core
