// The tokens that Qwen OAuth left in the user's directory of Qwen Code (facts, 6).
#pragma once

#include <optional>
#include <string>

namespace authd::io {

// The text of oauth_creds.json, which holds secrets; nothing where there is none to be read.
std::optional<std::string> read_oauth_tokens(const std::string& qwen_dir);

// Removes the file, never what a link points at. Whether there was one.
bool remove_oauth_tokens(const std::string& qwen_dir);

}  // namespace authd::io
