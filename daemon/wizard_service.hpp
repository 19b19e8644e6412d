// wizard.*: the sessions and what they do. Io thread only.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "daemon/core/wizard.hpp"
#include "daemon/rpc/dispatcher.hpp"
#include "daemon/services.hpp"
#include "daemon/setup_order.hpp"
#include "protocol/messages.hpp"

namespace authd {

// One walk of one client. Shared with a commit that is under way, so that cancelling the session
// meanwhile is harmless.
struct Session {
  std::string id;
  core::Wizard wizard;
  std::string scope;
  KeyStore key_store;
  Context context;
  std::chrono::steady_clock::time_point used;
  bool committing = false;
  std::function<void()> cancel_commit = {};
};

class WizardService {
 public:
  explicit WizardService(Services& services) : services_(services) {}

  void bind(rpc::Dispatcher& dispatcher);
  // The endpoint and the key that a session has been told, or that its command prints; later, on
  // the io thread. What is returned cancels it.
  using Endpoint = std::move_only_function<void(Result<core::ProbeTarget>)>;
  std::function<void()> endpoint_of(const std::string& session_id, Endpoint then);
  // Drops sessions that nobody has used for an hour.
  std::size_t live_sessions();

 private:
  using SessionPtr = std::shared_ptr<Session>;
  Result<SessionPtr> find(const std::string& id);

  void start(WizardStart params, rpc::Request request);
  void submit(WizardSubmitStep params, rpc::Request request);
  void amend(WizardAmend params, rpc::Request request);
  void back(WizardSession params, rpc::Request request);
  void state(WizardSession params, rpc::Request request);
  Result<Json> cancel(const WizardSession& params);
  Result<Json> list();
  void preview(WizardPreview params, rpc::Request request);
  void commit(WizardCommit params, rpc::Request request);

  // Answers with the session's state, and with what its settings files make worth saying.
  void answer_state(const SessionPtr& session, rpc::Request request);
  void answer_view(const Session& session, core::Environment environment, rpc::Request request);
  void publish_step(const Session& session);

  Services& services_;
  std::map<std::string, SessionPtr> sessions_;
};

}  // namespace authd
