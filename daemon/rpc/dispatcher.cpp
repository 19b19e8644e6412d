#include "daemon/rpc/dispatcher.hpp"

#include <utility>

namespace authd::rpc {

void Cancellation::request() {
  if (action_) action_();
}

Reply& Reply::operator=(Reply&& other) noexcept {
  std::swap(send_, other.send_);
  return *this;
}

Reply::~Reply() {
  if (send_) (*this)(fail(ErrorKind::internal_error, "The request was dropped without an answer."));
}

void Reply::operator()(Result<Json> result) {
  if (Send send = std::exchange(send_, nullptr)) send(std::move(result));
}

const Dispatcher::Method* Dispatcher::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Dispatcher::Method& Dispatcher::add(MethodSummary summary, std::function<Json()> params) {
  Method& method = *methods_.emplace_back(std::make_unique<Method>());
  method.summary = summary;
  method.params = std::move(params);
  by_name_.emplace(summary.name, &method);
  return method;
}

Json Dispatcher::openrpc() const {
  Json methods = Json::array();
  for (const auto& method : methods_) {
    Json entry = {{"name", method->summary.name},
                  {"summary", method->summary.summary},
                  {"params", method->params()},
                  {"paramStructure", "either"},
                  {"result",
                   {{"name", "result"},
                    {"description", method->summary.result},
                    {"schema", Json::object()}}}};
    if (method->summary.reveals) entry["x-reveals"] = true;
    methods.push_back(std::move(entry));
  }
  return {{"openrpc", "1.3.2"},
          {"info", {{"title", "qwen-authd"}, {"version", AUTHD_VERSION}}},
          {"methods", std::move(methods)}};
}

}  // namespace authd::rpc
