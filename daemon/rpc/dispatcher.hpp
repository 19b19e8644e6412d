// The method table: names, typed parameters, handlers, and the OpenRPC document made from them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/fields.hpp"
#include "protocol/result.hpp"

namespace authd::rpc {

// The connection that a request came on. A value that may outlive it: then it does nothing.
// Io thread only.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void notify(std::string_view method, const Json& params) = 0;
  virtual void subscribe(std::vector<std::string> topics) = 0;
};

// What is to be done when a request is cancelled. Io thread only.
class Cancellation {
 public:
  bool has_action() const { return static_cast<bool>(action_); }
  void on_request(std::function<void()> action) { action_ = std::move(action); }
  void request();

 private:
  std::function<void()> action_;
};

// Answers one request, once. Dropped unanswered, it answers internal_error, so that no client can
// wait for ever. Io thread only.
class Reply {
 public:
  using Send = std::move_only_function<void(Result<Json>)>;
  Reply() = default;
  explicit Reply(Send send) : send_(std::move(send)) {}
  Reply(Reply&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();
  void operator()(Result<Json> result);

 private:
  Send send_;
};

// What a handler that answers later is given.
struct Request {
  Reply reply;
  std::shared_ptr<Peer> peer;
  std::shared_ptr<Cancellation> cancellation;
};

struct MethodSummary {
  std::string_view name;
  std::string_view summary;
  std::string_view result;  // what the result holds, for the OpenRPC document
  bool reveals = false;     // the result holds secrets
};

class Dispatcher {
 public:
  // Answers at once: the handler runs to its end on the io thread.
  template <class Params>
  void bind(MethodSummary summary, std::function<Result<Json>(Params, Peer&)> handler) {
    Method& method = add(summary, [] { return openrpc_params<Params>(); });
    method.at_once = [handler = std::move(handler)](const Json& params,
                                                    Peer& peer) -> Result<Json> {
      auto decoded = decode<Params>(params);
      if (!decoded) return std::unexpected(std::move(decoded).error());
      return handler(*std::move(decoded), peer);
    };
  }

  // Answers later, through the request's reply.
  template <class Params>
  void bind_later(MethodSummary summary, std::function<void(Params, Request)> handler) {
    Method& method = add(summary, [] { return openrpc_params<Params>(); });
    method.later = [handler = std::move(handler)](const Json& params, Request request) {
      auto decoded = decode<Params>(params);
      if (!decoded) return request.reply(std::unexpected(std::move(decoded).error()));
      handler(*std::move(decoded), std::move(request));
    };
  }

  struct Method {
    MethodSummary summary;
    std::function<Json()> params;
    std::function<Result<Json>(const Json&, Peer&)> at_once;
    std::function<void(const Json&, Request)> later;
  };

  // nullptr where there is no such method.
  const Method* find(const std::string& name) const;

  // OpenRPC 1.3.2: what rpc.discover returns.
  Json openrpc() const;

 private:
  Method& add(MethodSummary summary, std::function<Json()> params);

  std::vector<std::unique_ptr<Method>> methods_;  // in the order of binding
  std::unordered_map<std::string, Method*> by_name_;
};

}  // namespace authd::rpc
