// One request, or one look, of the HTTP client on its way. Lives on its worker's thread.
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "daemon/io/curl_library.hpp"
#include "daemon/io/http_client.hpp"
#include "daemon/io/resolver.hpp"

namespace authd::io {

// What all answers of a worker together may take of the memory.
struct AnswerBudget {
  std::size_t bytes_left;
};

class HttpTransfer {
 public:
  struct Looking {
    Look look;
    std::move_only_function<void(Looked)> done;
  };
  using Job = std::variant<Transfer, Looking>;

  HttpTransfer(const CurlLibrary& curl, AnswerBudget& budget, HttpClient::Ticket ticket, Job job);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  HttpClient::Ticket ticket() const { return ticket_; }
  // The name that has to be looked up before it can begin; empty where there is none.
  const std::string& host_to_look_up() const { return host_to_look_up_; }
  // Whether the look-up has taken too long.
  bool is_late() const;

  // The handle to drive; nullptr where there is nothing to drive: `done` was called then.
  CURL* begin(const Resolved& resolved);
  CURL* easy() const { return easy_; }
  // Each calls `done`, and is the last call.
  void finish(CURLcode code);
  void finish_late();
  void finish_cancelled();

  // Whose handle it is.
  static HttpTransfer& of(const CurlLibrary& curl, CURL* easy);
  // For a job that nobody can begin.
  static void refuse(Job job, core::NetworkFault fault, std::string text);

 private:
  struct Place {
    std::string scheme, host, port;  // lower case; brackets around an IPv6 address
  };
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_.easy_setopt(easy_, option, value);
  }
  std::optional<Place> take_apart(const std::string& url, unsigned flags) const;
  void find_way(const std::string& url, const std::string& proxy, std::string_view no_proxy);
  void pin(const std::vector<std::string>& addresses);
  void set_up_connection();
  void set_up_request(const core::HttpRequest& request);
  void set_up_look(const Look& look);
  void add_header(const std::string& name, const std::string& value);
  void add_extra_authorities(const std::string& path);
  CURL* end(core::NetworkFault fault, std::string text);
  void answer(core::NetworkFault fault, std::string text);
  core::NetworkFault fault_of(CURLcode code, long connect_status) const;
  std::vector<std::string> presented_chain() const;
  std::chrono::milliseconds elapsed() const;

  static std::size_t on_header(char* data, std::size_t, std::size_t bytes, void* self);
  bool header(std::string_view line);
  static std::size_t on_body(char* data, std::size_t, std::size_t bytes, void* self);
  bool body(std::string_view bytes);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  bool may_connect_to(const sockaddr& address);

  const CurlLibrary& curl_;
  AnswerBudget& budget_;
  HttpClient::Ticket ticket_;
  Job job_;
  CURL* easy_ = nullptr;
  curl_slist *headers_ = nullptr, *pinned_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::chrono::steady_clock::time_point begun_;
  std::chrono::milliseconds timeout_{0};
  bool allows_guarded_address_ = false;

  Place place_, peer_;  // of the URL; of what is connected to: the same, or the proxy's
  std::string proxy_;   // empty = direct
  std::string host_to_look_up_;
  std::string impossible_;  // why it cannot begin; empty where it can
  core::NetworkFault impossible_fault_ = core::NetworkFault::none;

  core::HttpResponse response_;
  Looked looked_;
  std::size_t header_bytes_ = 0, header_lines_ = 0, budgeted_ = 0;
  bool too_large_ = false, enough_ = false, refused_address_ = false;
};

}  // namespace authd::io
