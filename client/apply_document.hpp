// The file of `qwen-authctl apply`: what the settings are to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/fault.hpp"

namespace authd::client {

// JSON with comments; a byte order mark is passed over. A fault names `name`, line and column and
// quotes nothing, since the text may hold a key.
Outcome<Json> parse_document(std::string_view text, const std::string& name);

// The variables that its providers take their keys from ("env:NAME").
std::vector<std::string> variables_of(const Json& document);

// Whether a provider takes its key from standard input.
bool wants_stdin(const Json& document);

}  // namespace authd::client
