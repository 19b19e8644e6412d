// Jsonc: the comments, which are no nodes. The text has been scanned: all that opens here closes.
#include <algorithm>

#include "daemon/core/jsonc.hpp"

namespace authd::core {

std::vector<std::string_view> Jsonc::comments() const {
  const std::string_view text = data_->text;
  std::vector<std::string_view> found;
  for (std::size_t at = 0; (at = text.find_first_of("\"/", at)) != std::string_view::npos;) {
    const std::size_t begin = at;
    if (text[begin] == '"') {
      for (++at; text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
      ++at;
    } else if (text[begin + 1] == '*') {
      at = text.find("*/", begin + 2) + 2;
      found.push_back(text.substr(begin, at - begin));
    } else {
      at = std::min(text.find('\n', begin), text.size());
      const std::size_t last = text.find_last_not_of('\r', at - 1);
      found.push_back(text.substr(begin, last + 1 - begin));
    }
  }
  return found;
}

}  // namespace authd::core
