// The protocols that Qwen Code speaks and the custom wizard offers (PRD, Supported Protocols).
#pragma once

#include <span>
#include <string_view>

namespace authd::core {

struct Example {
  std::string_view label;
  std::string_view value;
};

struct Protocol {
  std::string_view id;  // the modelProviders key and the value of security.auth.selectedType
  std::string_view label;
  std::string_view description;
  std::span<const Example> base_url_examples;
};

std::span<const Protocol> protocols();

// nullptr where there is no such protocol.
const Protocol* find_protocol(std::string_view id);

}  // namespace authd::core
