// doctor.decode: what a pasted error text means, offline. Io thread only; a long text is read on
// the settings thread, as the set-up is.
#pragma once

#include "daemon/settings_jobs.hpp"
#include "protocol/decode_messages.hpp"

namespace authd {

class DecodeService {
 public:
  explicit DecodeService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  void decode(DoctorDecode params, rpc::Request request);

  Services& services_;
};

}  // namespace authd
