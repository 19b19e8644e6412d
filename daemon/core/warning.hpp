// What is worth saying about an answer or a file without refusing it. The codes are those of the
// diagnosis catalogue (user-pain-and-diagnoses, 5); E110, P406 and P407 extend it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

struct Warning {
  std::string code;  // "U301"
  std::string name;  // "url.protocol-suffix"
  std::string step;  // the step whose answer it is about
  std::string message;
  std::optional<std::string> suggestion = {};  // an answer that would not be warned of
};

// About a base URL under a protocol (facts 9 and qwen-code-runs 1: what Qwen Code appends).
std::vector<Warning> base_url_warnings(std::string_view protocol, std::string_view base_url,
                                       std::string_view step);

// A key without what was pasted in front of it or around it: NAME=, "Bearer ", quotes.
std::string_view key_without_prefix(std::string_view key);

// What documentation has in the place of a key: "your-api-key-here", "<key>", "sk-xxxxxxxx".
bool is_sample_key(std::string_view key);
// What is given to a server that needs no key, because something has to be given: short words, and
// those of wizards such as ours ("ollama-needs-no-key").
bool is_placeholder_key(std::string_view key);

// About a key for an endpoint. The messages never hold the key.
std::vector<Warning> api_key_warnings(std::string_view key, std::string_view base_url,
                                      std::string_view step);

}  // namespace authd::core
