// Reading JSON that another program wrote: a member that is absent or of another type reads as
// nothing, so that an older client survives a newer daemon.
#pragma once

#include <string>

#include "protocol/json.hpp"

namespace authd::client {

inline const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

inline std::string text_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

inline bool flag_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

// An array to walk; empty where the member is no array.
inline const Json& list_member(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const Json& value = member(object, name);
  return value.is_array() ? value : empty;
}

}  // namespace authd::client
