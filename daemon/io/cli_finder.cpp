#include "daemon/io/cli_finder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/text.hpp"
#include "daemon/io/file.hpp"
#include "protocol/json.hpp"

namespace authd::io {
namespace {

constexpr std::string_view package_name = "@qwen-code/qwen-code";
constexpr std::size_t package_bytes_max = 1024 * 1024, script_bytes_max = 16 * 1024;
constexpr int folders_up_max = 8;
constexpr std::size_t known_max = 64;

bool is_program(const std::string& path) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && access(path.c_str(), X_OK) == 0;
}

// pnpm and npm's cmd-shim put a script there that starts the program from a path beside its own:
// "$basedir/../@qwen-code/qwen-code/cli.js".
std::string program_of_script(const std::string& path) {
  constexpr std::string_view base = "\"$basedir/";
  const auto script = read_file(path, script_bytes_max);
  if (!script || !script->text.starts_with("#!")) return "";
  for (std::size_t at = script->text.find(base); at != std::string::npos;
       at = script->text.find(base, at + 1)) {
    const std::size_t begin = at + base.size(), end = script->text.find('"', begin);
    if (end == std::string::npos) break;
    const std::string relative = script->text.substr(begin, end - begin);
    if (relative.find(package_name) != std::string::npos)
      return real_path(parent_directory(path) + "/" + relative).value_or("");
  }
  return "";
}

}  // namespace

std::optional<core::CliVersion> CliFinder::find(std::string_view search_path) {
  for (const std::string_view folder : core::split(search_path, ':')) {
    if (!folder.starts_with('/')) continue;
    const std::string program = std::string(folder) + "/qwen";
    if (!is_program(program)) continue;
    std::string real = real_path(program).value_or("");
    if (std::string behind = program_of_script(real); !behind.empty()) real = std::move(behind);
    for (int up = 0; up < folders_up_max && real.size() > 1; ++up) {
      real = parent_directory(real);
      bool is_package = false;
      const auto version = version_in(real + "/package.json", is_package);
      if (is_package) return version;
    }
    return std::nullopt;  // this one is what a shell would run
  }
  return std::nullopt;
}

std::optional<core::CliVersion> CliFinder::version_in(const std::string& package_json,
                                                      bool& is_package) {
  struct stat st {};
  if (stat(package_json.c_str(), &st) != 0) return std::nullopt;
  std::string identity;
  for (const auto part :
       {static_cast<long long>(st.st_dev), static_cast<long long>(st.st_ino),
        static_cast<long long>(st.st_size), static_cast<long long>(st.st_mtim.tv_sec),
        static_cast<long long>(st.st_mtim.tv_nsec)})
    identity += std::to_string(part) + " ";
  const auto known = known_.find(package_json);
  if (known != known_.end() && known->second.identity == identity) {
    is_package = true;
    return known->second.version;
  }
  const auto content = read_file(package_json, package_bytes_max);
  if (!content) return std::nullopt;
  const auto package = parse_json(content->text);
  if (!package || !package->is_object() || package->value("name", Json()) != package_name)
    return std::nullopt;
  is_package = true;
  const Json version = package->value("version", Json());
  if (known_.size() >= known_max) known_.clear();
  Known& found = known_[package_json];
  found.identity = identity;
  found.version = version.is_string()
                      ? core::parse_cli_version(version.get_ref<const std::string&>())
                      : std::nullopt;
  return found.version;
}

}  // namespace authd::io
