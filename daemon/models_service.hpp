// models.select, models.remove, models.discover, providers.list and auth.logout. Io thread only;
// files are read and written on the settings thread, endpoints asked by the HTTP workers.
#pragma once

#include "daemon/core/discovery.hpp"
#include "daemon/settings_jobs.hpp"
#include "protocol/model_messages.hpp"

namespace authd {

class ModelsService {
 public:
  // Tells the endpoint that a wizard session asks for: unknown_session, wrong_step where base URL
  // and key have not been answered yet, key_unavailable. What is returned cancels it.
  using SessionEndpoint = std::function<std::function<void()>(
      const std::string& session_id, std::move_only_function<void(Result<core::ProbeTarget>)>)>;

  ModelsService(Services& services, SessionEndpoint session_endpoint)
      : services_(services), session_endpoint_(std::move(session_endpoint)) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  void select(ModelsSelect params, rpc::Request request);
  void remove(ModelsRemove params, rpc::Request request);
  void discover(ModelsDiscover params, rpc::Request request);
  void logout(AuthLogout params, rpc::Request request);
  void ask(core::ProbeTarget target, const core::Environment& environment,
           const std::shared_ptr<rpc::Request>& request);

  Services& services_;
  SessionEndpoint session_endpoint_;
};

}  // namespace authd
