#include "tests/client/fake_daemon.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "protocol/framing.hpp"

namespace authd::client::tests {
namespace {

constexpr std::array<const char*, 5> steps{"custom-protocol-select", "custom-base-url-input",
                                           "custom-api-key-input", "custom-model-id-input",
                                           "custom-review-json"};

// What a handler throws to answer an error object.
struct Refusal {
  Json error;
};

[[noreturn]] void refuse(int code, const char* kind, const char* message,
                         Json data = Json::object()) {
  data["kind"] = kind;
  throw Refusal{{{"code", code}, {"message", message}, {"data", std::move(data)}}};
}

std::string protocol_label(const std::string& protocol) {
  if (protocol == "anthropic") return "Anthropic-compatible";
  return protocol == "gemini" ? "Gemini-compatible" : "OpenAI-compatible";
}

}  // namespace

FakeDaemon::FakeDaemon() {
  std::string name = "/tmp/authd-client-test-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = name;
  path_ = directory_ + "/rpc.sock";
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 8) != 0)
    throw std::runtime_error("bind");
  server_ = std::thread([this] { serve(); });
}

FakeDaemon::~FakeDaemon() {
  stopping_ = true;
  server_.join();
  for (std::thread& conversation : conversations_) conversation.join();
  close(listener_);
  std::filesystem::remove_all(directory_);
}

std::vector<std::string> FakeDaemon::methods() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [method, params] : calls_) names.push_back(method);
  return names;
}

bool FakeDaemon::was_called(const std::string& method) const {
  const auto names = methods();
  return std::find(names.begin(), names.end(), method) != names.end();
}

Json FakeDaemon::params_of(const std::string& method) const {
  const std::lock_guard lock(mutex_);
  for (auto call = calls_.rbegin(); call != calls_.rend(); ++call)
    if (call->first == method) return call->second;
  return {};
}

void FakeDaemon::set_verdicts(std::vector<std::string> states) {
  const std::lock_guard lock(mutex_);
  verdicts_ = std::move(states);
}

void FakeDaemon::set_steps(Json steps) {
  const std::lock_guard lock(mutex_);
  steps_ = std::move(steps);
}

std::map<std::string, std::string> FakeDaemon::answers() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

void FakeDaemon::set_result(const std::string& method, Json result) {
  const std::lock_guard lock(mutex_);
  results_[method] = std::move(result);
}

void FakeDaemon::set_silent(const std::string& method) {
  const std::lock_guard lock(mutex_);
  silent_ = method;
}

void FakeDaemon::set_error(const std::string& method, Json error) {
  const std::lock_guard lock(mutex_);
  errors_[method] = std::move(error);
}

void FakeDaemon::serve() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, 20) <= 0) continue;
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor >= 0) conversations_.emplace_back([this, descriptor] { converse(descriptor); });
  }
}

void FakeDaemon::converse(int descriptor) {
  FrameReader reader;
  while (!stopping_) {
    pollfd ready{descriptor, POLLIN, 0};
    if (poll(&ready, 1, 20) <= 0) continue;
    const auto room = reader.room();
    const ssize_t count = recv(descriptor, room.data(), room.size(), 0);
    if (count <= 0) break;
    reader.filled(static_cast<std::size_t>(count));
    for (auto next = reader.next(); next.status == FrameReader::Status::message;
         next = reader.next()) {
      const Json request = Json::parse(next.body);
      for (const std::string& reply : replies_to(request)) {
        const std::string text = framed(reader.framing(), reply);
        send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
      }
    }
  }
  close(descriptor);
}

std::vector<std::string> FakeDaemon::replies_to(const Json& request) {
  const std::lock_guard lock(mutex_);
  const std::string method = request.at("method");
  const Json params = request.value("params", Json());
  calls_.emplace_back(method, params);
  if (method == silent_) return {};
  const auto answer = [](const Json& id, const char* member, Json value) {
    return Json{{"jsonrpc", "2.0"}, {"id", id}, {member, std::move(value)}}.dump();
  };
  if (method == "$/cancelRequest") {
    if (waiting_commit_.empty()) return {};
    const Json id = Json::parse(std::exchange(waiting_commit_, {}));
    verdicts_ = {"not_tested"};
    Json result = commit();
    result["auth"]["code"] = "cancelled";
    result["closed"] = false;
    return {answer(id, "result", std::move(result))};
  }
  try {
    std::vector<std::string> texts;
    if (method == "wizard.commit") {
      const Json progress = {{"kind", "report"}, {"message", "Waiting for the provider…"}};
      texts.push_back(Json{{"jsonrpc", "2.0"},
                           {"method", "$/progress"},
                           {"params", {{"token", params.at("workDoneToken")}, {"value", progress}}}}
                          .dump());
      if (!verdicts_.empty() && verdicts_.front() == "slow") {
        waiting_commit_ = request.at("id").dump();
        return texts;
      }
    }
    texts.push_back(answer(request.at("id"), "result", result_of(method, params)));
    return texts;
  } catch (const Refusal& refusal) {
    return {answer(request.at("id"), "error", refusal.error)};
  }
}

Json FakeDaemon::result_of(const std::string& method, const Json& params) {
  if (const auto error = errors_.find(method); error != errors_.end())
    throw Refusal{error->second};
  if (const auto result = results_.find(method); result != results_.end()) return result->second;
  if (method == "wizard.start") {
    at_ = 0;
    answers_.clear();
    return state();
  }
  if (method == "wizard.submitStep")
    return submit(params.at("step"), params.value("value", Json()));
  if (method == "wizard.amend") {
    answers_[params.at("step")] = params.at("value");
    return state();
  }
  if (method == "wizard.back") {
    if (at_ == 0) return {{"closed", true}};
    --at_;
    return state();
  }
  if (method == "wizard.state") return state();
  if (method == "wizard.cancel") return {{"closed", true}};
  if (method == "wizard.preview") return preview(params.value("repair", false));
  if (method == "wizard.commit") return commit();
  if (method == "settings.restore") return {{"changed", true}};
  if (method == "daemon.info") return {{"name", "qwen-authd"}, {"version", "0"}, {"pid", getpid()}};
  if (method == "daemon.ping") return Json::object();
  refuse(-32601, "method_not_found", "Method not found");
}

Json FakeDaemon::scripted_step() const {
  if (at_ == steps_.size())
    return {{"id", "review-json"}, {"kind", "review"}, {"title", "Review"},
            {"hint", "Enter to save"}};
  Json view = steps_[at_];
  const auto answer = answers_.find(view.at("id"));
  if (answer == answers_.end()) return view;
  view["hasValue"] = true;
  if (view.at("kind") != "secret") view["value"] = answer->second;
  return view;
}

Json FakeDaemon::submit_scripted(const std::string& step, const Json& value) {
  const Json current = scripted_step();
  if (step != current.at("id")) refuse(-32011, "wrong_step", "This is not the current step.");
  const bool is_kept = current.value("hasValue", false) || current.at("kind") == "notice";
  if (!value.is_string() && !is_kept) refuse(-32012, "invalid_input", "An answer is needed.");
  if (value.is_string()) {
    if (value == "" && !current.value("optional", false))
      refuse(-32012, "invalid_input", "An answer is needed.");
    const Json options = current.value("options", Json::array());
    const bool known = std::any_of(options.begin(), options.end(),
                                   [&](const Json& one) { return one.at("value") == value; });
    if (!options.empty() && !known) refuse(-32012, "invalid_input", "There is no such option.");
    answers_[step] = value;
  }
  ++at_;
  return state();
}

Json FakeDaemon::submit(const std::string& step, const Json& value) {
  if (!steps_.is_null()) return submit_scripted(step, value);
  if (step != steps[at_]) refuse(-32011, "wrong_step", "This is not the current step.");
  if (!value.is_string()) {
    if (!answers_.contains(step)) refuse(-32012, "invalid_input", "An answer is needed.");
  } else {
    const std::string text = value;
    if (at_ == 0 && text != "openai" && text != "anthropic" && text != "gemini")
      refuse(-32012, "invalid_input", "The protocol must be one of: openai, anthropic, gemini.");
    if (at_ == 1 && text.empty()) refuse(-32012, "invalid_input", "Base URL cannot be empty.");
    if (at_ == 1 && !text.starts_with("http"))
      refuse(-32012, "invalid_input", "Base URL must start with http:// or https://.");
    if (at_ == 2 && text.empty()) refuse(-32012, "invalid_input", "API key cannot be empty.");
    if (at_ == 3 && text.empty()) refuse(-32012, "invalid_input", "Model IDs cannot be empty.");
    answers_[step] = text;
  }
  ++at_;
  return state();
}

Json FakeDaemon::warnings() const {
  const auto url = answers_.find(steps[1]);
  if (url == answers_.end() || answers_.at(steps[0]) != "anthropic" ||
      !url->second.ends_with("/v1"))
    return Json::array();
  const std::string suggestion = url->second.substr(0, url->second.size() - 3);
  return {{{"code", "U301"}, {"step", steps[1]}, {"suggestion", suggestion},
           {"message", "Qwen Code appends /v1 itself."}}};
}

Json FakeDaemon::step() const {
  const std::string id = steps[at_];
  Json view = {{"id", id}, {"hasValue", answers_.contains(id)}, {"warnings", Json::array()},
               {"hint", "Enter to continue, Esc to go back"}};
  if (at_ == 0) {
    view.update(
        {{"kind", "select"}, {"title", "Custom API Key · Select Protocol"}, {"label", "Protocol"}});
    view["options"] = {
        {{"value", "openai"}, {"label", "OpenAI-compatible"}, {"description", "OpenAI, vLLM"}},
        {{"value", "vertex"}, {"label", "Vertex AI"}, {"unavailable", "Not available yet."}},
        {{"value", "anthropic"}, {"label", "Anthropic-compatible"}},
        {{"value", "gemini"}, {"label", "Gemini-compatible"}}};
  } else {
    view["context"] = {{{"label", "Protocol"}, {"value", protocol_label(answers_.at(steps[0]))}}};
  }
  if (at_ == 1) {
    view.update({{"kind", "text"}, {"title", "Custom API Key · Base URL"}, {"label", "Base URL"},
                 {"prompt", "Enter the API endpoint."}});
    view["examples"] = {{{"label", "OpenAI"}, {"value", "https://api.openai.com/v1"}},
                        {{"label", "LM Studio"}, {"value", "http://localhost:1234/v1"}}};
  }
  if (at_ == 2)
    view.update({{"kind", "secret"}, {"title", "Custom API Key · API Key"}, {"label", "API key"},
                 {"prompt", "Enter the API key for this endpoint."}, {"warnings", warnings()}});
  if (at_ == 3)
    view.update(
        {{"kind", "text"}, {"title", "Custom API Key · Model IDs"}, {"label", "Model IDs"}});
  if (at_ == 4) {
    view.update({{"kind", "review"}, {"title", "Custom API Key · Review"},
                 {"prompt", "The following JSON will be saved to settings.json:"},
                 {"hint", "Enter to save, Esc to go back"}, {"warnings", warnings()}});
    view["links"] = {{{"label", "Need more? See:"}, {"url", "https://example.test/docs"}}};
  }
  const bool is_secret = at_ == 2;
  if (answers_.contains(id) && !is_secret) view["value"] = answers_.at(id);
  return view;
}

Json FakeDaemon::state() const {
  return {{"sessionId", "session-1"},
          {"flow", "custom-api-key"},
          {"step", steps_.is_null() ? step() : scripted_step()},
          {"canGoBack", at_ > 0}};
}

Json FakeDaemon::preview(bool repair) const {
  if (needs_repair_ && !repair)
    refuse(-32020, "settings_unreadable", "The settings do not parse.",
           {{"path", "/home/u/.qwen/settings.json"},
            {"line", 3},
            {"column", 5},
            {"repair", "-  \"a\": 1,\n+  \"a\": 1\n"}});
  if (!steps_.is_null())
    return {{"scope", "user"}, {"path", "/home/u/.qwen/settings.json"}, {"text", "{}"},
            {"diff", "+{}\n"}, {"warnings", Json::array()}};
  return {{"scope", "user"}, {"path", "/home/u/.qwen/settings.json"}, {"exists", true},
          {"text", "{\n  \"model\": {\n    \"name\": \"" + answers_.at(steps[3]) + "\"\n  }\n}"},
          {"diff", "--- a\n+++ b\n@@ -1 +1 @@\n-{}\n+{\"model\": 1}\n"},
          {"request", {{"method", "POST"}, {"url", answers_.at(steps[1]) + "/chat/completions"}}},
          {"warnings", warnings()}};
}

Json FakeDaemon::commit() {
  std::string verdict = "accepted";
  if (!verdicts_.empty()) {
    verdict = verdicts_.front();
    verdicts_.erase(verdicts_.begin());
  }
  const bool good = verdict == "accepted" || verdict == "not_tested";
  const std::string commits =
      std::to_string(std::count_if(calls_.begin(), calls_.end(),
                                   [](const auto& call) { return call.first == "wizard.commit"; }));
  Json result = {{"saved", {{"path", "/home/u/.qwen/settings.json"}, {"changed", true},
                            {"snapshot", "snapshot-" + commits}, {"backup", "/state/history/1"}}},
                 {"auth", {{"state", verdict}}},
                 {"message", good ? "Custom API Key authenticated successfully."
                                  : "Failed to authenticate. Message: 401 Unauthorized"},
                 {"notes", Json::array()},
                 {"closed", good}};
  if (!good) result["auth"]["hints"] = {"API key is valid for this endpoint"};
  if (good) result["tip"] = "Tip: Use /model to switch between configured models.";
  return result;
}

}  // namespace authd::client::tests
