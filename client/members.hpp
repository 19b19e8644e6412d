// Reading JSON that another program wrote: a member that is absent or of another type reads as
// nothing, so that an older client survives a newer daemon.
#pragma once

#include <string>
#include <vector>

#include "client/characters.hpp"
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

// For the screen: on one line and without what could play tricks on a terminal.
inline std::string shown(const Json& object, const char* name) {
  return printable_line(text_member(object, name));
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

// The number of a member that counts; 0 where it is none.
inline std::size_t count_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number_unsigned() ? value.get<std::size_t>() : 0;
}

// The strings of a list; what is no string is left out.
inline std::vector<std::string> texts_member(const Json& object, const char* name) {
  std::vector<std::string> texts;
  for (const Json& item : list_member(object, name))
    if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

}  // namespace authd::client
