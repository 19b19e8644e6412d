// Which version of Qwen Code is installed for a caller, told by the files of the package: no
// program is run. Settings thread only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/cli_version.hpp"

namespace authd::io {

class CliFinder {
 public:
  // `search_path` is the caller's PATH; relative parts of it are passed over. Nothing where no
  // `qwen` is on it, or it is not Qwen Code's npm package.
  std::optional<core::CliVersion> find(std::string_view search_path);
  void forget() { known_.clear(); }

 private:
  struct Known {
    std::string identity;  // of the package.json
    std::optional<core::CliVersion> version;
  };
  std::optional<core::CliVersion> version_in(const std::string& package_json, bool& is_package);

  std::map<std::string, Known> known_;  // by the path of a package.json
};

}  // namespace authd::io
