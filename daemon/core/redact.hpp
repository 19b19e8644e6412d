// Text from outside made fit to be shown: no secret, no terminal escapes, not endless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

// A provider's words: control characters (C1 and bidirectional ones too) become blanks, runs of
// blanks become one, and the text is cut at `bytes_max` on a character.
std::string printable(std::string_view text, std::size_t bytes_max = 500);

// `text` without `secret`: not the whole of it, not a part of six characters or more, and not a
// masked form that a provider made of it ("sk-ab***wxyz").
std::string without_secret(std::string_view text, std::string_view secret);

// A part of a text that looks like a credential of anybody. From `begin` to `body` it says whose it
// is ("sk-"), and tells nothing.
struct Credential {
  std::size_t begin, body, end;
};
// In the order of the text: "sk-…" and its like, what is behind "Bearer", the password in a URL,
// and what an assignment, a query, a header or an option names as one ("API_KEY=…", "?token=…",
// "--api-key …"). Not what only refers to one: a $NAME, a path, a URL. Linear in the text.
std::vector<Credential> credentials_in(std::string_view text);

// `text` without them: the second net of the log.
std::string without_credentials(std::string_view text);

// `text` without the words that are named as a key or token in prose, whatever their shape: what is
// behind "key provided:", "api key" or "token" and is no ordinary word. For error texts only.
std::string without_named_keys(std::string_view text);
// The words themselves, as views into the text.
std::vector<std::string_view> named_keys(std::string_view text);

// Whether a member, header or variable of this name holds a credential.
bool names_a_secret(std::string_view name);
// Whether the argument behind this one is a credential: "--api-key".
bool announces_a_secret(std::string_view argument);

// Whether a value, wherever it stands, only says where something is: a $NAME, a path, a URL, the
// name of a variable; or is a switch or a small number.
bool is_reference(std::string_view value);
// Whether a value is in lower case and short, without a digit, as names and words are.
bool is_word(std::string_view value);

}  // namespace authd::core
