// The daemon's times as the user's clock shows them.
#pragma once

#include <string>

namespace authd::client {

// "2026-11-21 11:42" for "2026-11-21T10:42:00.123Z" an hour east; a text of another form as it is.
std::string local_time(const std::string& utc);

}  // namespace authd::client
