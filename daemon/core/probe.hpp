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

// What is asked of a model, from the least to the most.
enum class ProbeDepth {
  key,    // the first valid event is proof
  model,  // until the first token of content, or of thought
  tools,  // until it calls a tool
};
std::string_view depth_name(ProbeDepth depth);
ProbeDepth depth_named(std::string_view name);  // key where it is none of them

struct ProbeTarget {
  std::string protocol;  // of auth_types(), but qwen-oauth
  std::string base_url;
  std::string model;
  Secret key;
  // An entry's generationConfig.customHeaders, sent as Qwen Code sends them.
  std::vector<std::pair<std::string, std::string>> custom_headers = {};
  Json extra_body = {};                       // an entry's generationConfig.extra_body, or null
  CliVersion version = newest_known_version;  // whose requests are imitated
  ProbeDepth depth = ProbeDepth::key;
  bool is_call_optional = false;   // at the depth tools, words are an answer as well
  bool is_base_url_typed = false;  // by the user and by no repository: any address is meant
  bool other_key_header = false;   // the key goes in the header that Qwen Code does not use here

  ProbeTarget clone() const;
  // What the answer has to have.
  ProbeDepth answer_depth() const {
    return depth == ProbeDepth::tools && is_call_optional ? ProbeDepth::model : depth;
  }
};

// An entry's custom headers.
std::vector<std::pair<std::string, std::string>> custom_headers(const Json& entry);
// The header that the key goes in: "Authorization" (behind "Bearer "), "x-api-key", …
std::string_view key_header(const ProbeTarget& target);
// Whether a gateway may want the key in another header than the one that Qwen Code uses.
bool has_other_key_header(const ProbeTarget& target);

// Header values may hold the key: never log a request.
struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string proxy;          // empty = direct
  std::string no_proxy;       // hosts that are reached directly, comma separated
  std::string extra_ca_file;  // NODE_EXTRA_CA_CERTS: trusted besides the system's store
  // The user named a link-local or a metadata address as the host (core/address); where not, no
  // connection is made to one, whatever the host's name resolves to.
  bool allows_guarded_address = false;
  std::chrono::milliseconds timeout{0};
};

// Where a request goes, without making it: for previews.
std::string probe_url(std::string_view protocol, std::string_view base_url, std::string_view model);

// The proxy that Qwen Code would use for a URL; empty where it goes there directly: without one in
// the environment, for loopback and for what NO_PROXY excepts.
std::string proxy_for(std::string_view url, const Environment& environment);

// Streaming, with the smallest generation that the depth takes. The environment gives proxy and CA,
// as Qwen Code reads them; loopback hosts are never proxied.
HttpRequest probe_request(const ProbeTarget& target, const Environment& environment,
                          std::chrono::milliseconds timeout);

enum class NetworkFault {
  none,
  dns,
  connect,
  timeout,
  tls,
  proxy,
  too_large,        // than limits::response_bytes_max, or a header section past its bounds
  refused_address,  // link-local or a metadata address that the user did not name: nothing was sent
  broken,
  cancelled,
};

struct HttpResponse {
  NetworkFault fault = NetworkFault::none;
  std::string fault_text;  // the library's words, without secrets
  int status = 0;          // 0 where no status line came
  std::string content_type;
  std::string retry_after;
  std::string location;
  std::string body;  // at most limits::response_bytes_max
  std::chrono::milliseconds latency{0};
  // Until the first content of a streamed answer came; nothing where none did.
  std::optional<std::chrono::milliseconds> first_token = {};
};

// What is in an answer of a protocol, streamed or whole, besides its frame.
struct AnswerParts {
  bool content = false;  // text, or thought
  bool tool_call = false;
};
AnswerParts answer_parts(std::string_view protocol, const Json& answer);

// Reads a streamed answer as it comes and tells when enough has come for the depth, so that nothing
// more is generated.
class StreamReader {
 public:
  explicit StreamReader(std::string protocol, ProbeDepth depth = ProbeDepth::key)
      : protocol_(std::move(protocol)), depth_(depth) {}
  // Whether the transfer can end now.
  bool feed(std::string_view bytes);
  // No more bytes will come: what is there counts without its last line break.
  void finish();

  enum class Seen { nothing, answer, error_event };
  Seen seen() const { return seen_; }
  const Json& error_event() const { return error_event_; }
  const AnswerParts& parts() const { return parts_; }

 private:
  bool has_enough() const;
  void line(std::string_view text);
  void event();
  void look_at_data();

  std::string protocol_;
  ProbeDepth depth_;
  AnswerParts parts_;
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
  // Of a refused request whose words name no model: the code is the nearest, and no diagnosis.
  bool is_code_vague = false;
  std::string message;
  std::vector<std::string> hints;
  std::string method, url;
  int http_status = 0;
  std::chrono::milliseconds latency{0};
  std::string model, protocol, base_url;
  Json observed = Json::object();
  NetworkFault fault = NetworkFault::none;

  // What auth.check knows besides (core/check).
  ProbeDepth depth = ProbeDepth::key;
  int attempts = 1;
  std::optional<bool> proven;  // nothing where no control probe could tell
  struct Control {
    VerdictState state;
    int http_status;
  };
  std::optional<Control> control;                        // the same request with a random key
  std::optional<std::chrono::milliseconds> first_token;  // streamed, and measured
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
