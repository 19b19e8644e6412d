// Where the members that a setup touches stand in a settings file, also in one of an older or a
// withdrawn shape (facts, 1.5).
#pragma once

#include <optional>
#include <string>

#include "daemon/core/jsonc.hpp"
#include "daemon/core/path.hpp"

namespace authd::core {

struct SettingsShape {
  Path selected_type;                  // security.auth.selectedType, or selectedAuthType in V1
  Path model_name;                     // model.name, or model in V1, where it is a string
  std::optional<Path> model_base_url;  // nothing where a string is the model's place
  bool is_v1 = false;                  // Qwen Code will move the flat members into sections
};

// V1 is a file without a $version of 2 or more that has one of the flat members of a setup. Where a
// V1 file has a security.auth, too, selected_type is nested: Qwen Code's migration puts that object
// over what it made of the flat member, even where it says no type (run against 0.24.4).
SettingsShape shape_of(const Jsonc& document);

// The models of one provider: the array at modelProviders.<protocol>, or the `models` of a V5
// object {protocol, models}. `array` is none where there are none yet; null counts as absent.
struct ModelList {
  Path path;
  Jsonc::Node array = Jsonc::none;
  std::string unusable;  // why Qwen Code does not use what stands there; empty where it does
};
ModelList model_list(const Jsonc& document, const std::string& protocol);

}  // namespace authd::core
