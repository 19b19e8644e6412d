// auth.check. Io thread only; files are read on the settings thread.
#pragma once

#include "daemon/check_run.hpp"
#include "protocol/check_messages.hpp"

namespace authd {

class CheckService {
 public:
  explicit CheckService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  void check(AuthCheck params, rpc::Request request);

  Services& services_;
};

}  // namespace authd
