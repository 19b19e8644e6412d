#include "client/shell_quoting.hpp"

#include <algorithm>
#include <cstdlib>

namespace authd::client {
namespace {

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// Between single quotes nothing has a meaning, in any shell of this family; also when
// `eval "$(…)"` reads it, which keeps line breaks.
std::string quoted_for_sh(std::string_view value) {
  std::string text = "'";
  for (const char c : value) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// In fish a backslash means itself between single quotes, but before a quote or a backslash. Line
// breaks stand outside: `eval (…)` would make blanks of them.
std::string quoted_for_fish(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\n')
      text += "'\\n'";
    else if (c == '\'' || c == '\\')
      text += std::string("\\") + c;
    else
      text += c;
  }
  return text + "'";
}

}  // namespace

std::string own_shell() {
  const char* variable = std::getenv("SHELL");
  const std::string_view path = variable ? variable : "";
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "bash" || name == "zsh" || name == "fish" ? std::string(name) : "sh";
}

std::string exports(const Json& variables, std::string_view shell) {
  if (!variables.is_object()) return {};
  if (shell == "json") return variables.empty() ? "" : variables.dump() + "\n";
  std::string text;
  for (const auto& [name, value] : variables.items()) {
    if (!is_variable_name(name) || !value.is_string()) continue;
    const std::string bytes = value.get<std::string>();
    text += shell == "fish" ? "set -gx " + name + " " + quoted_for_fish(bytes) + ";\n"
                            : "export " + name + "=" + quoted_for_sh(bytes) + "\n";
  }
  return text;
}

}  // namespace authd::client
