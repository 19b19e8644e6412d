// Whether a refused key may be tried at the vendor's other endpoints: the hosts are listed first.
#pragma once

#include <string>
#include <vector>

#include "client/arguments.hpp"
#include "client/daemon_call.hpp"
#include "client/line.hpp"

namespace authd::client {

// Of the hosts of `siblings` in an answer of auth.check or doctor.run, those that the key may be
// sent to: all with `yes`; on a terminal after what is known so far was shown and the user was
// asked; else none.
Outcome<std::vector<std::string>> consented_siblings(const Arguments& arguments, const Json& answer,
                                                     bool yes, const std::vector<Line>& so_far,
                                                     SignalInbox& signals);

}  // namespace authd::client
