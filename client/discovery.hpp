// The models that an endpoint offers (models.discover), as something to read or to take from.
#pragma once

#include <string>
#include <vector>

#include "client/line.hpp"
#include "protocol/json.hpp"

namespace authd::client {

// Whether the answer of a step is a list of model IDs.
bool asks_for_models(const Json& step);

// The IDs of a text with commas between them.
std::vector<std::string> model_ids(const std::string& text);

// A list to take models from (Frontend::pick). What was typed so far is marked; an ID that the
// endpoint does not list is offered, too, since it may know it all the same.
Json discovered_step(const Json& found, const std::string& typed);

// Why there is no list, in the daemon's words.
std::string discovery_failure(const Json& found);

// A line a model: ID, name, size of its context.
std::vector<Line> discovered_lines(const Json& found, std::size_t columns);

}  // namespace authd::client
