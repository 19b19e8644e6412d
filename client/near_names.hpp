// Names that may have been meant by one that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace authd::client {

// At most five of `names`, each once: those that begin with `name`, that hold it, then those that
// a few typing errors would make of it. Case does not count.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& names);

}  // namespace authd::client
