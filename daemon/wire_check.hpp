// The result of auth.check in the words of the contract.
#pragma once

#include "daemon/check_run.hpp"

namespace authd::wire {

struct CheckedBy {
  std::string cli_version, cli_version_from, judged_by;
};
Json siblings(const std::vector<core::VendorEndpoint>& endpoints);
// The fix has no id yet: see give_fix_id.
Json check(const CheckReport& report, const CheckedBy& by);
void give_fix_id(Json& check, const std::string& id);

}  // namespace authd::wire
