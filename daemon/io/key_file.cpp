#include "daemon/io/key_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/io/file.hpp"
#include "daemon/io/private_file.hpp"
#include "daemon/io/replacement.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

std::unexpected<Error> unusable(const std::string& path, std::string message, std::string hint) {
  return std::unexpected(Error{
      ErrorKind::settings_unreadable, std::move(message), {}, std::move(hint), {{"path", path}}});
}

// Nobody else can change what stands there. Root can change everything anyway.
Result<void> is_private_to_us(const std::string& path, const struct stat& st) {
  if (st.st_uid != geteuid() && st.st_uid != 0)
    return unusable(path,
                    path + " belongs to another user (" + std::to_string(st.st_uid) +
                        "), who could have programs run as you.",
                    "Make a file of your own. Nothing was run.");
  const bool is_sticky = S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0;
  if ((st.st_mode & 0022U) != 0 && !is_sticky)
    return unusable(path, path + " can be changed by others, who could have programs run as you.",
                    "Look at what it says, then: chmod go-w " + path + ". Nothing was run.");
  return {};
}

Result<void> stands_safely(const std::string& path) {
  const auto target = followed(path);
  for (const std::string& directory :
       {parent_directory(path), parent_directory(target.value_or(path))}) {
    struct stat st {};
    if (stat(directory.c_str(), &st) != 0) continue;
    if (auto ok = is_private_to_us(directory, st); !ok) return ok;
  }
  return {};
}

// What a killed process left beside the file.
void sweep(const std::string& path) {
  const auto target = followed(path);
  if (!target) return;
  for (const std::string& abandoned : abandoned_files(parent_directory(*target)))
    unlink(abandoned.c_str());
}

Result<bool> edit(const std::string& path, const TextEdit& change) {
  if (auto usable = read_key_file(path); !usable) return std::unexpected(usable.error());
  sweep(path);
  return edit_private_file(path, limits::key_file_bytes_max, change);
}

}  // namespace

Result<core::NamedKeyCommands> read_key_file(const std::string& path) {
  const auto content = read_file(path, limits::key_file_bytes_max);
  if (!content && (content.error() == ENOENT || content.error() == ENOTDIR))
    return core::NamedKeyCommands();
  if (!content)
    return unusable(path,
                    content.error() == EFBIG
                        ? path + " is larger than 1 MiB."
                        : "Cannot read " + path + ": " + std::strerror(content.error()) + ".",
                    "Check what stands at this path. Nothing was run.");
  if (auto ok = is_private_to_us(path, content->st); !ok) return std::unexpected(ok.error());
  if (auto ok = stands_safely(path); !ok) return std::unexpected(ok.error());
  return core::parse_key_commands(content->text, path);
}

Result<bool> set_key_command(const std::string& path, const std::string& name,
                             const core::KeyCommand& command) {
  return edit(path, [&](const std::string& text) {
    return core::with_key_command(text, path, name, command);
  });
}

Result<bool> remove_key_command(const std::string& path, const std::string& name) {
  return edit(path, [&](const std::string& text) -> Result<std::string> {
    if (text.empty()) return text;
    return core::without_key_command(text, path, name);
  });
}

}  // namespace authd::io
