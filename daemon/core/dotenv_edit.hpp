// One variable of a .env file set or removed, with every other byte kept: comments, order, line
// breaks, `export`. Pure; io/dotenv_file writes it.
#pragma once

#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace authd::core {

// The last assignment gets the value, because it is the one that counts; without any there is a new
// line at the end. The value is quoted so that Node's dotenv reads back just these bytes, which is
// looked at before the text is handed out. invalid_input, field "value", where no quoting does that
// (all three quotes in it), or where the file is such that a line more would change what it says.
Result<std::string> set_in_dotenv(std::string_view text, const std::string& name,
                                  std::string_view value);

// All assignments of the name, each with its line. Errors as above.
Result<std::string> remove_from_dotenv(std::string_view text, const std::string& name);

}  // namespace authd::core
