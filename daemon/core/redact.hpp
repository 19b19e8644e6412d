// Text from outside made fit to be shown: no secret, no terminal escapes, not endless.
#pragma once

#include <string>
#include <string_view>

namespace authd::core {

// A provider's words: control characters (C1 and bidirectional ones too) become blanks, runs of
// blanks become one, and the text is cut at `bytes_max` on a character.
std::string printable(std::string_view text, std::size_t bytes_max = 500);

// `text` without `secret`: not the whole of it, not a part of six characters or more, and not a
// masked form that a provider made of it ("sk-ab***wxyz").
std::string without_secret(std::string_view text, std::string_view secret);

// What looks like a credential of anybody ("sk-…", "Bearer …", "AIza…") is masked: the second net
// of the log.
std::string without_credentials(std::string_view text);

}  // namespace authd::core
