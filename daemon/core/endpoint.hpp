// What the parts of an endpoint may be, whether a person types them or a document declares them.
// invalid_input, field "value", with the PRD's text where it has one (PRD, Error Handling).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace authd::core {

// Each answers with the value as it is kept.
Result<std::string> accept_base_url(std::string_view input);
Result<std::string> accept_api_key(std::string_view input);
// "a, b" as "a, b": split by comma, trimmed, without empty ones and repetitions.
Result<std::string> accept_model_ids(std::string_view input);
// The same, as the ids themselves.
std::vector<std::string> normalized_model_ids(std::string_view input);

}  // namespace authd::core
