// The configured models as lines.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// models.list: by protocol, then by endpoint and key; the selected one is marked, and what Qwen
// Code skips or fails on has its reason.
std::vector<Line> models_lines(const Json& result, std::size_t columns);

// "openai · https://x/v1": what tells models of one name apart.
std::string endpoint_of(const Json& model);

// "key sk-•••••••••••••••• (OPENAI_API_KEY, from …)"
std::string key_of(const Json& model);

}  // namespace authd::client
