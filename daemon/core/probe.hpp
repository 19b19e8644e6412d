// The check of a key: the request that Qwen Code would send, and what the answer proves
// (facts 9, qwen-code-runs 1 and 5). Pure: io/http_client sends, this file only thinks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/environment.hpp"
#include "protocol/secret.hpp"

namespace authd::core {

// The version of Qwen Code whose requests are imitated.
inline constexpr std::string_view qwen_code_version = "0.24.4";

struct ProbeTarget {
  std::string protocol;
  std::string base_url;
  std::string model;
  Secret key;
  // An entry's generationConfig.customHeaders, sent as Qwen Code sends them.
  std::vector<std::pair<std::string, std::string>> custom_headers;
};

// Header values may hold the key: never log a request.
struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string proxy;          // empty = direct
  std::string no_proxy;       // hosts that are reached directly, comma separated
  std::string extra_ca_file;  // NODE_EXTRA_CA_CERTS: trusted besides the system's store
  std::chrono::milliseconds timeout{0};
};

// Where a request goes, without making it: for previews.
std::string probe_url(std::string_view protocol, std::string_view base_url, std::string_view model);

// Streaming, with the smallest possible generation. The environment gives proxy and CA, as Qwen
// Code reads them; loopback hosts are never proxied.
HttpRequest probe_request(const ProbeTarget& target, const Environment& environment,
                          std::chrono::milliseconds timeout);

enum class NetworkFault { none, dns, connect, timeout, tls, proxy, too_large, broken, cancelled };

struct HttpResponse {
  NetworkFault fault = NetworkFault::none;
  std::string fault_text;  // the library's words, without secrets
  int status = 0;          // 0 where no status line came
  std::string content_type;
  std::string retry_after;
  std::string location;
  std::string body;  // at most limits::response_bytes_max
  std::chrono::milliseconds latency{0};
};

// Reads a streamed answer as it comes and tells when enough has come: the first valid event is
// proof, so that nothing more is generated.
class StreamReader {
 public:
  explicit StreamReader(std::string protocol) : protocol_(std::move(protocol)) {}
  // Whether the transfer can end now.
  bool feed(std::string_view bytes);
  // No more bytes will come: what is there counts without its last line break.
  void finish();

  enum class Seen { nothing, answer, error_event };
  Seen seen() const { return seen_; }
  const Json& error_event() const { return error_event_; }

 private:
  void line(std::string_view text);
  void event();
  void look_at_data();

  std::string protocol_;
  std::string partial_line_;
  std::string data_;
  Json error_event_;
  Seen seen_ = Seen::nothing;
};

enum class VerdictState { accepted, rejected, accepted_but, inconclusive, not_tested };
std::string_view verdict_state_name(VerdictState state);

// What a check found (rpc-contract, Verdict). `message` is safe to show: the provider's words are
// in it, without control characters and without the key.
struct Verdict {
  VerdictState state = VerdictState::not_tested;
  std::string code;  // a diagnosis code, empty where none applies
  std::string message;
  std::vector<std::string> hints;
  std::string method, url;
  int http_status = 0;
  std::chrono::milliseconds latency{0};
  std::string model, protocol, base_url;
  Json observed = Json::object();
};

Verdict classify(const ProbeTarget& target, const HttpRequest& request,
                 const HttpResponse& response, const StreamReader& stream);

// What a provider says in the body of an error, safe to show; empty where it is in no known shape.
std::string provider_words(const ProbeTarget& target, std::string_view body);
// Why there was no answer at all, one sentence.
std::string_view fault_sentence(NetworkFault fault);

// A check that did not take place: "cancelled", or empty where none was asked for.
Verdict not_tested(const ProbeTarget& target, std::string code, std::string message);

}  // namespace authd::core
