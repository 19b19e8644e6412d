// Findings and fixes in the words of the contract.
#pragma once

#include "daemon/core/finding.hpp"
#include "daemon/wire.hpp"

namespace authd::wire {

// `id` is that of the fix book.
Json fix(const core::Fix& fix, const std::string& id);

// `ids` are those of the finding's fixes, in their order.
Json finding(const core::Finding& finding, const std::vector<std::string>& ids);

}  // namespace authd::wire
