// env.names, env.explain, auth.status and models.list: what Qwen Code makes of a place. Io thread
// only; files are read on the settings thread.
#pragma once

#include "daemon/settings_jobs.hpp"
#include "protocol/environment_messages.hpp"

namespace authd {

class EnvironmentService {
 public:
  explicit EnvironmentService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  void names(EnvNames params, rpc::Request request);
  void explain(EnvExplain params, rpc::Request request);
  void status(AuthStatusOf params, rpc::Request request);
  void models(ModelsList params, rpc::Request request);

  Services& services_;
};

}  // namespace authd
