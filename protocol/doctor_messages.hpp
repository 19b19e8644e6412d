// The parameters of doctor.run and doctor.fix (rpc-contract, Doctor).
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct DoctorConsent {
  std::vector<std::string> hosts;
  static auto fields() {
    return std::tuple{
        optional("hosts", &DoctorConsent::hosts, "the hosts that a key may be sent to")};
  }
};

struct DoctorRun {
  Context context;
  bool probe = false;
  DoctorConsent consent;
  std::vector<std::string> only;
  Json work_done_token;
  static auto fields() {
    return std::tuple{
        optional("context", &DoctorRun::context, "where the caller stands"),
        optional("probe", &DoctorRun::probe, "ask the selected model's provider, too"),
        optional("consent", &DoctorRun::consent, "where a key may go besides its own endpoint"),
        optional("only", &DoctorRun::only, "the codes to look for; S902 named: in processes, too"),
        optional("workDoneToken", &DoctorRun::work_done_token, "asks for $/progress")};
  }
};

struct DoctorFix {
  std::string fix;
  std::optional<std::string> etag;
  static auto fields() {
    return std::tuple{required("fix", &DoctorFix::fix, "the id of a fix that doctor.run offered"),
                      optional("etag", &DoctorFix::etag, "of the file that it was looked at in")};
  }
};

}  // namespace authd
