// JSON values and their text, bounded: a hostile text is refused before it can cost anything.
#pragma once

#include <cstddef>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace authd {

using Json = nlohmann::json;
// Keeps the order of members, for text that a person reads. Lookup is linear, so it is used for
// small objects that we build ourselves and never for input.
using OrderedJson = nlohmann::ordered_json;

enum class JsonFault { syntax, too_deep };

// How many levels of [ and { a text from outside may have (rpc-contract, Transport).
inline constexpr std::size_t json_depth_max = 64;

// Where a number too large or too precise for a C++ number must survive exactly (a JSON-RPC id),
// the parser keeps its text as a binary value; `number_text` reads it back.
struct ParseJson {
  std::size_t depth_max = json_depth_max;
  // Keep the text of a fractional or oversized number in member "id" of the objects at these
  // depths (1 = the root object, 2 = objects in a root array); 0 = nowhere.
  std::size_t exact_id_depth = 0;
  // Pass over // and /* */ comments, for files that people write.
  bool comments = false;
  // Where to leave the byte at which a text with JsonFault::syntax stops making sense.
  std::size_t* fault_at = nullptr;
};

// The parser never quotes its input in a message: the input may be a key.
std::expected<Json, JsonFault> parse_json(std::string_view text, const ParseJson& options = {});

// Text without line breaks. Bytes that are not UTF-8 become U+FFFD instead of throwing.
std::string dump(const Json& value);
std::string dump(const OrderedJson& value);

// `text` as a JSON string literal, quotes included.
std::string quote(std::string_view text);

}  // namespace authd
