#include "daemon/io/write_target.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/io/file.hpp"
#include "daemon/io/listen_socket.hpp"

namespace authd::io {
namespace {

Error managed_by_nix(const std::string& path, const std::string& target) {
  return Error{ErrorKind::settings_not_writable,
               path + " is managed by Nix: it leads to " + target + ".",
               {},
               "Add the members of the preview to your Nix or home-manager configuration, or save "
               "in another scope. "
               "Nothing was changed.",
               {{"path", target}, {"errno", "EROFS"}}};
}

}  // namespace

Result<std::string> target_of(const std::string& path) {
  auto target = followed(path);
  if (target) return *std::move(target);
  return std::unexpected(
      not_writable(path, target.error(),
                   "Cannot see where " + path + " leads: " + std::strerror(target.error()) + "."));
}

Result<void> writable(const std::string& path, const std::string& target, const struct stat* st) {
  if (target.starts_with("/nix/store/")) return std::unexpected(managed_by_nix(path, target));
  if (st && !S_ISREG(st->st_mode))
    return std::unexpected(not_writable(target, EINVAL, target + " is not a regular file."));
  if (st && (st->st_mode & S_IWUSR) == 0)
    return std::unexpected(not_writable(target, EACCES, target + " is read-only."));
  if (st && st->st_uid != geteuid() && geteuid() != 0)
    return std::unexpected(not_writable(
        target, EPERM, target + " belongs to another user (" + std::to_string(st->st_uid) + ")."));
  return {};
}

Result<void> prepared(const std::string& path, const std::string& target, const struct stat* st) {
  if (auto ok = writable(path, target, st); !ok) return ok;
  const std::string directory = parent_directory(target);
  struct stat there {};
  if (stat(directory.c_str(), &there) == 0) return {};
  if (const int error = make_directories(directory))
    return std::unexpected(not_writable(
        target, error, "Cannot make " + directory + ": " + std::strerror(error) + "."));
  return {};
}

}  // namespace authd::io
