// The authentication types of Qwen Code, which are its protocols, and the variables that each one
// reads where no model entry names others (facts, 9).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace authd::core {

struct AuthType {
  std::string_view id;
  std::string_view api_key, base_url;  // variables; empty where there is none
  std::array<std::string_view, 2>
      models;  // the first that is set counts; empty where there is none
};

std::span<const AuthType> auth_types();

// nullptr where Qwen Code knows no such type.
const AuthType* find_auth_type(std::string_view id);

inline bool is_auth_type(const std::string& name) { return find_auth_type(name) != nullptr; }

}  // namespace authd::core
