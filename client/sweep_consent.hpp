// Whether a key may be sent to hosts that it was not set up for: they are listed first.
#pragma once

#include <string>
#include <string_view>
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

// Of the hosts that a check lacks the user's consent for ({hosts}: the data of consent_required, or
// `consent` of doctor.run), those that the key may be sent to: all once the user said so on a
// terminal, else none.
Outcome<std::vector<std::string>> consented_hosts(const Arguments& arguments,
                                                  std::string_view message, const Json& lacking,
                                                  SignalInbox& signals);

}  // namespace authd::client
