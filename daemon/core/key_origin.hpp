// Where a key may go without asking: the origins that it was set up for (user-pain-and-diagnoses,
// S901 and section 6, 5).
#pragma once

#include <set>
#include <string>

#include "daemon/core/settings.hpp"

namespace authd::core {

// The origins (Url::origin) that the key in a variable was set up for: where entries of user and
// system files name the variable, the endpoints of the providers whose variable it is, and the
// protocol's own address for the protocol's own variable. What a workspace says does not count, nor
// does a base URL with a $NAME, which a workspace may set.
std::set<std::string> origins_of_key(const std::string& env_key, const SettingsFiles& files);

// Where the requests of an entry without a base URL go; empty where Qwen Code knows no address.
std::string_view default_base_url(std::string_view protocol);

}  // namespace authd::core
