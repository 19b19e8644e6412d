#include "daemon/core/endpoint.hpp"

#include <algorithm>

#include "daemon/core/refusal.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "protocol/limits.hpp"

namespace authd::core {
namespace {

std::string at_position(const ForeignCharacter& character) {
  return character.name + " at position " + std::to_string(character.position);
}

}  // namespace

Result<std::string> accept_base_url(std::string_view input) {
  std::string url = clean_input(input);
  if (url.empty()) return value_refused("Base URL cannot be empty.");
  if (!has_http_scheme(url)) return value_refused("Base URL must start with http:// or https://.");
  if (const auto found = control_character(url))
    return value_refused("Base URL must not contain control characters: " + at_position(*found) +
                         ".");
  if (url.size() > limits::base_url_bytes_max)
    return value_refused("Base URL is longer than 2048 bytes.");
  return url;
}

Result<std::string> accept_api_key(std::string_view input) {
  std::string key = clean_input(input);
  if (key.empty()) return value_refused("API key cannot be empty.");
  if (const auto found = foreign_character(key))
    return value_refused("API key contains " + at_position(*found) +
                             ", which no key has and no HTTP header can carry.",
                         "Copy the key again, without quotes, line breaks or blanks.");
  return key;
}

Result<std::string> accept_model_ids(std::string_view input) {
  const std::vector<std::string> ids = normalized_model_ids(clean_input(input));
  if (ids.empty()) return value_refused("Model IDs cannot be empty.");
  if (ids.size() > limits::model_ids_max) return value_refused("More than 256 model IDs at once.");
  std::string text = join(ids, ", ");
  if (const auto found = control_character(text))
    return value_refused("Model IDs must not contain control characters: " + at_position(*found) +
                         ".");
  return text;
}

std::vector<std::string> normalized_model_ids(std::string_view input) {
  std::vector<std::string> ids;
  for (const std::string_view part : split(input, ',')) {
    std::string id(js_trim(part));
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end())
      ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace authd::core
