#include "mode.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace loopback {
namespace {

constexpr int silence_seconds_max = 300;
constexpr std::size_t huge_bytes = 50 * 1024 * 1024;
constexpr std::size_t endless_bytes_max = std::size_t{4} * 1024 * 1024 * 1024;

struct Exchange {
  Stream& stream;
  HttpConnection& http;
  const Request& request;
  const Route& route;
  const Options& options;
  Generation generation;

  bool send(const Answer& what) const { return http.send(what, request) && request.keep_alive; }
  bool fault(Fault what, const std::string& message = {}) const {
    return send(fault_answer(route.protocol, what, generation.model, message));
  }
};

const Answer stream_head{200, "text/event-stream; charset=utf-8", {}, {}};

bool succeed(const Exchange& x) {
  if (x.route.operation == Operation::list_models) {
    return x.send(json_answer(200, model_list(x.route.protocol, x.options.models)));
  }
  if (!x.generation.stream) {
    return x.send(json_answer(200, whole_answer(x.route.protocol, x.generation, x.options.answer)));
  }
  Answer head = stream_head;
  if (!x.generation.server_sent_events) head.content_type = "application/json; charset=UTF-8";
  if (!x.http.begin_stream(head)) return false;
  const bool calls = !x.generation.tool.empty();
  for (const auto& event :
       calls ? tool_call_events(x.route.protocol, x.generation)
             : stream_events(x.route.protocol, x.generation, x.options.answer)) {
    if (!x.http.chunk(event)) return false;
  }
  return x.http.end_stream() && x.request.keep_alive;
}

// A model that does not know what a tool is.
bool talk_instead(const Exchange& x) {
  Exchange without = x;
  without.generation.tool.clear();
  return succeed(without);
}

bool refuse_tools(const Exchange& x) {
  return x.generation.tool.empty() ? succeed(x) : x.fault(Fault::no_tools);
}

bool say_nothing(const Exchange& x) {
  if (!x.http.begin_stream(stream_head)) return false;
  for (const auto& event : silent_events(x.route.protocol, x.generation)) {
    if (!x.http.chunk(event)) return false;
  }
  return x.http.end_stream() && x.request.keep_alive;
}

// A gateway that looks for the key in one header alone.
bool want_header(const Exchange& x, const char* name) {
  return x.request.header(name).empty() ? x.fault(Fault::bad_key) : succeed(x);
}

// Down for the first of every two requests.
bool down_first(const Exchange& x) {
  static std::atomic<unsigned> count{0};
  return count++ % 2 == 0 ? x.fault(Fault::unavailable) : succeed(x);
}

bool succeed_slowly(const Exchange& x) {
  if (!x.http.begin_stream(stream_head)) return false;
  std::this_thread::sleep_for(std::chrono::seconds(1));
  for (const auto& event : stream_events(x.route.protocol, x.generation, x.options.answer)) {
    if (!x.http.chunk(event)) return false;
  }
  return x.http.end_stream() && x.request.keep_alive;
}

bool refuse_slowly(const Exchange& x) {
  std::this_thread::sleep_for(std::chrono::seconds(1));
  return x.fault(Fault::bad_key);
}

bool echo_key(const Exchange& x) {
  const std::string key = key_of(x.request, x.route.protocol);
  return x.fault(Fault::bad_key, "Incorrect API key provided: " + key + ". Try another.");
}

bool echo_part_of_key(const Exchange& x) {
  const std::string key = key_of(x.request, x.route.protocol);
  const std::string last = key.size() > 6 ? key.substr(key.size() - 6) : key;
  return x.fault(Fault::bad_key,
                 "Incorrect API key provided: " + key.substr(0, 8) + "****" + last + ".");
}

bool terminal_escapes(const Exchange& x) {
  return x.fault(Fault::bad_key,
                 "\x1b[2J\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://127.0.0.1/\x1b\\link "
                 "\xc2\x9b" "31m \xe2\x80\xae" "reversed\r\nsecond line\b\b");
}

bool hang(const Exchange& x) {
  x.stream.wait_for_close(silence_seconds_max);
  return false;
}

bool hang_in_body(const Exchange& x) {
  return x.http.begin_stream(stream_head) && hang(x);
}

bool redirect(const Exchange& x) {
  Answer moved = html(307, "Temporary Redirect");
  const std::string& to = x.options.redirect_to;
  const std::string query = x.route.query.empty() ? "" : "?" + x.route.query;
  moved.headers.emplace_back("Location", to.empty() ? "/elsewhere" + x.route.path + query : to);
  return x.send(moved);
}

bool huge(const Exchange& x) {
  if (!x.http.begin_stream(stream_head)) return false;
  const std::string junk(64 * 1024, 'j');
  for (std::size_t sent = 0; sent < huge_bytes; sent += junk.size()) {
    if (!x.http.chunk(junk)) return false;
  }
  return x.http.end_stream() && x.request.keep_alive;
}

bool endless_comments(const Exchange& x) {
  if (!x.http.begin_stream(stream_head)) return false;
  std::string comments;
  for (int i = 0; i < 1000; ++i) comments += ": x\n";
  for (std::size_t sent = 0; sent < endless_bytes_max; sent += comments.size()) {
    if (!x.http.chunk(comments)) return false;
  }
  return false;
}

bool close_before_event(const Exchange& x) {
  x.http.begin_stream(stream_head);
  return false;
}

bool tcp_reset(const Exchange& x) {
  x.stream.reset();
  return false;
}

bool stream_of(const Exchange& x, const std::string& text) {
  return x.http.begin_stream(stream_head) && x.http.chunk(text) && x.http.end_stream() &&
         x.request.keep_alive;
}

// `any_path` modes stand for a machine that never looks at the path; in all others a wrong path,
// a wrong key and a wrong body come first, as they do at the vendors.
struct Mode {
  const char* name;
  const char* what;
  bool any_path;
  std::function<bool(const Exchange&)> answer;
};

Mode refuse(const char* name, const char* what, Fault fault) {
  return {name, what, false, [fault](const Exchange& x) { return x.fault(fault); }};
}

const std::vector<Mode>& modes() {
  static const std::vector<Mode> all = {
      {"ok", "the model answers", false, succeed},
      refuse("401", "the key is wrong", Fault::bad_key),
      refuse("403-key", "403 that speaks of the key", Fault::forbidden_key),
      refuse("403", "403: the model was not purchased", Fault::forbidden),
      refuse("404-model", "404 that names the model", Fault::unknown_model),
      {"404-path", "404 as for a wrong path", true,
       [](const Exchange& x) { return x.send(wrong_path(x.request, x.route)); }},
      refuse("400", "bad request, not about the key", Fault::bad_request),
      refuse("400-key", "400 that speaks of the key (Gemini: API_KEY_INVALID)", Fault::bad_key_400),
      refuse("402", "the account is not paid", Fault::unpaid),
      refuse("429", "rate limit, Retry-After: 7", Fault::rate_limit),
      refuse("429-quota", "insufficient_quota", Fault::quota),
      refuse("429-plan", "code 1113, no resource package", Fault::plan),
      refuse("500", "internal error", Fault::internal),
      refuse("503", "unavailable", Fault::unavailable),
      refuse("529", "overloaded", Fault::overloaded),
      {"hang", "reads the request and never answers", true, hang},
      {"hang-body", "200 with headers, then nothing", true, hang_in_body},
      {"redirect", "307 to --redirect-to, else to /elsewhere here", true, redirect},
      {"huge", "200 with 50 MB of junk without a newline", true, huge},
      {"huge-stream", "200 with endless SSE comments", true, endless_comments},
      {"html", "200 with a web page", true,
       [](const Exchange& x) { return x.send(html(200, "Welcome")); }},
      {"html-502", "502 with a web page", true,
       [](const Exchange& x) { return x.send(html(502, "502 Bad Gateway")); }},
      {"close", "200 with headers, then the end of the connection", true, close_before_event},
      {"reset", "TCP RST instead of an answer", true, tcp_reset},
      {"empty", "200 with an empty body", true,
       [](const Exchange& x) { return x.send(stream_head); }},
      {"broken-json", "200 with an event that is cut short", false,
       [](const Exchange& x) { return stream_of(x, "data: {broken\n\n"); }},
      {"json", "200 without streaming, though asked to stream", false,
       [](const Exchange& x) {
         return x.send(
             json_answer(200, whole_answer(x.route.protocol, x.generation, x.options.answer)));
       }},
      {"error-event", "200 whose first event is a 401 error", false,
       [](const Exchange& x) {
         return stream_of(x, fault_event(x.route.protocol, Fault::bad_key, x.generation.model));
       }},
      {"echo-key", "401 that repeats the key", false, echo_key},
      {"echo-part", "401 that repeats the key's first 8 and last 6 characters", false,
       echo_part_of_key},
      {"talks", "answers with text, whatever tools there are", false, talk_instead},
      {"no-tools", "400 where tools are offered", false, refuse_tools},
      {"silent", "an answer without content", false, say_nothing},
      {"x-api-key", "401 without the header x-api-key", false,
       [](const Exchange& x) { return want_header(x, "x-api-key"); }},
      {"bearer", "401 without the header Authorization", false,
       [](const Exchange& x) { return want_header(x, "authorization"); }},
      {"down-first", "503 for the first of every two requests", false, down_first},
      {"slow", "the first event after a second", false, succeed_slowly},
      {"slow-401", "401 after a second", false, refuse_slowly},
      {"escapes", "401 with terminal escape sequences", false, terminal_escapes},
  };
  return all;
}

const Mode* find_mode(const std::string& name) {
  const auto found = std::ranges::find_if(modes(), [&](const Mode& m) { return m.name == name; });
  return found == modes().end() ? nullptr : &*found;
}

}  // namespace

bool is_mode(const std::string& name) { return find_mode(name) != nullptr; }

std::string mode_list() {
  std::string text;
  for (const auto& mode : modes()) {
    text += "  " + std::string(mode.name);
    text.append(13 - std::min<std::size_t>(12, std::string_view(mode.name).size()), ' ');
    text += std::string(mode.what) + '\n';
  }
  return text;
}

bool answer(Stream& stream, HttpConnection& http, const Request& request, const Route& route,
            const Options& options) {
  Exchange x{stream, http, request, route, options, {}};
  const Mode* mode = find_mode(route.mode.empty() ? options.mode : route.mode);
  if (mode == nullptr) return x.send(html(404, "No such mode: " + route.mode));
  if (mode->any_path) return mode->answer(x);

  if (route.operation == Operation::unknown) return x.send(wrong_path(request, route));
  if (!options.host_keys.empty()) {
    const auto wanted = options.host_keys.find(std::string(request.header("host")));
    if (wanted == options.host_keys.end() ||
        (wanted->second != "*" && wanted->second != key_of(request, route.protocol))) {
      return x.fault(Fault::bad_key,
                     "Incorrect API key provided. For details, see: "
                     "https://help.aliyun.com/zh/model-studio/error-code#apikey-error");
    }
  }
  if (!options.key.empty() && key_of(request, route.protocol) != options.key) {
    // Google alone answers a wrong key with 400.
    return x.fault(route.protocol == Protocol::gemini ? Fault::bad_key_400 : Fault::bad_key);
  }
  if (route.operation == Operation::generate) {
    auto understood = understand(request, route);
    if (!understood.generation) return x.send(understood.complaint);
    x.generation = *understood.generation;
    if (options.only_listed_models &&
        std::ranges::find(options.models, x.generation.model) == options.models.end()) {
      return x.fault(Fault::unknown_model);
    }
  }
  return mode->answer(x);
}

}  // namespace loopback
