// Requests to the HTTP client, and waiting for what comes of them.
#pragma once

#include <atomic>
#include <future>
#include <stdexcept>

#include "daemon/io/http_client.hpp"
#include "tests/io/loopback_server.hpp"

namespace authd::test {

inline const std::string ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

inline core::HttpRequest post(const std::string& url, std::vector<std::pair<std::string, std::string>> headers = {}) {
  core::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = std::move(headers);
  request.body = "{\"hello\":1}";
  request.timeout = std::chrono::seconds(60);
  return request;
}

// Starts a request; the future gives its response.
struct Started {
  io::HttpClient::Ticket ticket;
  std::future<core::HttpResponse> response;
  std::shared_ptr<std::string> fed = std::make_shared<std::string>();
  std::shared_ptr<std::atomic<int>> done = std::make_shared<std::atomic<int>>(0);
};
inline Started start(io::HttpClient& client, core::HttpRequest request, std::string enough_after = "") {
  Started started{};
  auto promise = std::make_shared<std::promise<core::HttpResponse>>();
  started.response = promise->get_future();
  started.ticket = client.start({std::move(request),
                                 [fed = started.fed, enough_after](std::string_view bytes) {
                                   fed->append(bytes);
                                   return !enough_after.empty() && fed->find(enough_after) != std::string::npos;
                                 },
                                 [promise, done = started.done](core::HttpResponse response) {
                                   if ((*done)++ == 0) promise->set_value(std::move(response));
                                 }});
  return started;
}
inline core::HttpResponse wait(Started& started) {
  if (started.response.wait_for(std::chrono::seconds(60)) != std::future_status::ready) throw std::runtime_error("no response");
  return started.response.get();
}
inline core::HttpResponse fetch(core::HttpRequest request) {
  const auto client = io::make_curl_client();
  Started started = start(*client, std::move(request));
  return wait(started);
}

// A variable of this process while it lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace authd::test
