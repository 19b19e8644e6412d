// What is said on stderr beside a result.
#pragma once

#include "client/fault.hpp"

namespace authd::client {

void print_warnings(const Json& warnings);

// What --repair would do, where a trailing comma is all that is wrong.
void offer_repair(const Fault& fault);

// Of a command that writes: the warnings of its result, or the repair that would let it succeed.
// With --json a fault has the repair in its data.
void print_notices(const Outcome<Json>& result, bool json);

}  // namespace authd::client
