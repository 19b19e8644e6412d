// The directories of the user.
#pragma once

#include <string>

namespace authd::client {

// $HOME where it is absolute, else what the user database says; empty where neither does.
std::string home_directory();

// ${XDG_STATE_HOME:-~/.local/state}/qwen-authd. A relative $XDG_STATE_HOME counts as unset, as
// the XDG specification says.
std::string state_directory();

}  // namespace authd::client
