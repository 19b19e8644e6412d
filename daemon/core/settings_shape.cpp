#include "daemon/core/settings_shape.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace authd::core {
namespace {

using Kind = Jsonc::Kind;

// The flat members of V1 that a setup has to do with. Some of these names are sections in later
// shapes, so only what is not an object tells of V1.
constexpr std::array<std::string_view, 7> flat_members{
    "selectedAuthType", "enforcedAuthType",       "useExternalAuth", "model",
    "contentGenerator", "excludedProjectEnvVars", "folderTrust"};

bool is_object(const Jsonc& document, Jsonc::Node node) {
  return node != Jsonc::none && document.kind(node) == Kind::object;
}

bool is_absent(const Jsonc& document, Jsonc::Node node) {
  return node == Jsonc::none || document.kind(node) == Kind::null;
}

// Of a numeric $version; nothing where it is missing or something else.
std::optional<double> version_of(const Jsonc& document) {
  const Jsonc::Node node = document.member(document.root(), "$version");
  if (node == Jsonc::none) return std::nullopt;
  const Json value = document.value(node);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

bool is_v1(const Jsonc& document) {
  if (version_of(document).value_or(0) >= 2) return false;
  return std::ranges::any_of(flat_members, [&](std::string_view name) {
    const Jsonc::Node node = document.member(document.root(), name);
    return node != Jsonc::none && !is_object(document, node);
  });
}

// Whether Qwen Code takes {protocol, models} apart when it starts: in a file of version 5, and in
// one without a version, unless the migration from V1 gives it one first.
bool unwraps(const Jsonc& document) {
  if (document.member(document.root(), "$version") == Jsonc::none) return !is_v1(document);
  return version_of(document) == 5;
}

}  // namespace

SettingsShape shape_of(const Jsonc& document) {
  SettingsShape shape{{"security", "auth", "selectedType"},
                      {"model", "name"},
                      Path{"model", "baseUrl"},
                      is_v1(document)};
  if (!shape.is_v1) return shape;
  if (document.find(Path{"security", "auth"}) == Jsonc::none)
    shape.selected_type = {"selectedAuthType"};
  if (is_object(document, document.member(document.root(), "model"))) return shape;
  shape.model_name = {"model"};
  shape.model_base_url.reset();
  return shape;
}

ModelList model_list(const Jsonc& document, const std::string& protocol) {
  ModelList list{{"modelProviders", protocol}, Jsonc::none, ""};
  const Jsonc::Node providers = document.member(document.root(), "modelProviders");
  if (!is_object(document, providers) && !is_absent(document, providers)) {
    list.unusable = "an object";
    return list;
  }
  Jsonc::Node models = document.member(providers, protocol);
  if (is_object(document, models)) {
    if (!unwraps(document)) {
      list.unusable = "an array, because {protocol, models} is read from a file of $version 5 only";
      return list;
    }
    list.path.push_back("models");
    models = document.member(models, "models");
  }
  if (is_absent(document, models)) return list;
  if (document.kind(models) == Kind::array)
    list.array = models;
  else
    list.unusable = "an array";
  return list;
}

}  // namespace authd::core
