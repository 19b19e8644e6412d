// A command that was given as one argument, as the words of its program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/fault.hpp"

namespace authd::client {

// Split as a shell does plain words, quotes and backslashes. No shell runs it: what would need one
// (variables, pipes, redirections) is refused, unless it is quoted. Usage; nothing of the text is
// repeated but the character at fault.
Outcome<std::vector<std::string>> command_words(std::string_view text);

}  // namespace authd::client
