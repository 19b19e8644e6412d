#include "daemon/core/interpolation.hpp"

#include "daemon/core/text.hpp"

namespace authd::core {

std::string interpolated(std::string_view text, const Expand& expand) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const Expandable next = next_expandable(text, at);
    result.append(text.substr(at, next.begin - at));
    if (!next.name.empty())
      result.append(expand(std::string(next.name))
                        .value_or(std::string(text.substr(next.begin, next.end - next.begin))));
    at = next.end;
  }
  return result;
}

void interpolate(Json& value, const Expand& expand) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.find('$') != std::string::npos) value = interpolated(text, expand);
  } else if (value.is_structured()) {
    for (Json& member : value) interpolate(member, expand);
  }
}

void collect_references(const Json& value, std::set<std::string>& names) {
  if (value.is_string()) {
    const std::string_view text = value.get_ref<const std::string&>();
    for (Expandable at = next_expandable(text); !at.name.empty();
         at = next_expandable(text, at.end))
      names.emplace(at.name);
  } else if (value.is_structured()) {
    for (const Json& member : value) collect_references(member, names);
  }
}

}  // namespace authd::core
