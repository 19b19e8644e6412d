// Variables as the languages of shells set them.
#pragma once

#include <string>
#include <string_view>

#include "protocol/json.hpp"

namespace authd::client {

// The name of the shell that $SHELL says, as far as it has a language of its own here: "bash",
// "zsh" or "fish"; else "sh".
std::string own_shell();

// {NAME: value} as commands that export them, one on a line; read by `shell` they give the very
// bytes. For "json" the object itself. Empty where there are none. What is no variable's name is
// left out: it would be read as something else.
std::string exports(const Json& variables, std::string_view shell);

}  // namespace authd::client
