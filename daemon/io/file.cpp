#include "daemon/io/file.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "daemon/io/listen_socket.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/system_call.hpp"

namespace authd::io {
namespace {

std::string hint_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "Free some space, then try again. Nothing was changed.";
    case EROFS:
      return "The file system is read-only. If Nix or home-manager manages the file, add the shown "
             "members there.";
    case EACCES:
    case EPERM:
      return "Check owner and mode of the file and of its directory. Nothing was changed.";
    case EISDIR:
    case EINVAL: return "Move away what stands at this path, then try again.";
    default: return "Nothing was changed.";
  }
}

}  // namespace

std::string errno_name(int error) {
  const char* name = strerrorname_np(error);
  return name ? name : "E" + std::to_string(error);
}

Error not_writable(const std::string& path, int error, std::string what) {
  return Error{ErrorKind::settings_not_writable,
               std::move(what),
               {},
               hint_for(error),
               {{"path", path}, {"errno", errno_name(error)}}};
}

Error not_readable(const std::string& path, int error, std::size_t bytes_max) {
  std::string what = "Cannot read " + path + ": " + std::strerror(error) + ".";
  if (error == EISDIR) what = path + " is a directory.";
  if (error == EINVAL) what = path + " is not a regular file.";
  if (error == EFBIG)
    what = "Cannot read " + path + ": it is larger than " +
           std::to_string(bytes_max / (1024 * 1024)) + " MiB.";
  Error result = not_writable(path, error, std::move(what));
  result.kind = ErrorKind::settings_unreadable;
  return result;
}

std::expected<FileContent, int> read_file(const std::string& path, std::size_t bytes_max) {
  const FileDescriptor file = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return std::unexpected(errno);
  FileContent content;
  if (fstat(file.get(), &content.st) != 0) return std::unexpected(errno);
  if (S_ISDIR(content.st.st_mode)) return std::unexpected(EISDIR);
  if (!S_ISREG(content.st.st_mode)) return std::unexpected(EINVAL);
  if (content.st.st_size > static_cast<off_t>(bytes_max)) return std::unexpected(EFBIG);
  // The size is only a first guess: somebody may write the file while it is read.
  std::size_t room = static_cast<std::size_t>(content.st.st_size) + 1;
  while (true) {
    const std::size_t filled = content.text.size();
    ssize_t bytes = 0;
    content.text.resize_and_overwrite(room, [&](char* text, std::size_t) {
      bytes = uninterrupted([&] { return ::read(file.get(), text + filled, room - filled); });
      return filled + (bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    });
    if (bytes < 0) return std::unexpected(errno);
    if (bytes == 0) return content;
    if (content.text.size() > bytes_max) return std::unexpected(EFBIG);
    if (content.text.size() == room) room *= 2;
  }
}

std::optional<OpenFile> open_if_says(const std::string& path, std::string_view text) {
  OpenFile open{open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)};
  const int fd = open.file.get();
  if (!open.file || fstat(fd, &open.st) != 0 || !S_ISREG(open.st.st_mode)) return std::nullopt;
  if (static_cast<std::size_t>(open.st.st_size) != text.size()) return std::nullopt;
  std::array<char, 64 * 1024> part;  // holds keys
  bool is_same = true;
  while (is_same) {
    const ssize_t bytes = uninterrupted([&] { return ::read(fd, part.data(), part.size()); });
    if (bytes == 0) break;
    is_same = bytes > 0 && text.starts_with({part.data(), static_cast<std::size_t>(bytes)});
    if (is_same) text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  explicit_bzero(part.data(), part.size());
  return is_same && text.empty() ? std::optional(std::move(open)) : std::nullopt;
}

std::expected<std::string, int> link_at(const std::string& path) {
  char link[4096];
  const ssize_t length = uninterrupted([&] { return readlink(path.c_str(), link, sizeof link); });
  if (length >= 0) return std::string(link, static_cast<std::size_t>(length));
  if (errno == EINVAL || errno == ENOENT || errno == ENOTDIR) return std::string();
  return std::unexpected(errno);
}

std::expected<std::string, int> followed(const std::string& path) {
  std::filesystem::path at = path;
  for (int links = 0; links < 40; ++links) {
    const auto link = link_at(at.string());
    if (!link) return std::unexpected(link.error());
    // Not normalised: behind a directory that is a link, ".." is not what it looks like.
    if (link->empty()) return at.string();
    at = at.parent_path() / *link;  // an absolute one takes the place of all of it
  }
  return std::unexpected(ELOOP);
}

std::optional<std::string> real_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? std::nullopt : std::optional(real.string());
}

std::string parent_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = uninterrupted([&] { return ::write(fd, text.data(), text.size()); });
    if (bytes < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return 0;
}

int write_new_file(const std::string& path, std::string_view text) {
  const std::string temporary = temporary_beside(path);
  const FileDescriptor file = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!file) return errno;
  int error = write_all(file.get(), text);
  if (error == 0 && uninterrupted([&] { return ::rename(temporary.c_str(), path.c_str()); }) != 0)
    error = errno;
  if (error != 0) unlink(temporary.c_str());
  return error;
}

int append_line(const std::string& path, std::string line) {
  const FileDescriptor file = open_file(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW);
  struct stat st {};
  if (!file || fstat(file.get(), &st) != 0) return errno;
  char last = '\n';
  if (st.st_size > 0 && pread(file.get(), &last, 1, st.st_size - 1) < 0) return errno;
  line += '\n';
  return write_all(file.get(), last == '\n' ? line : "\n" + line);
}

int flush_file(const std::string& path) {
  const FileDescriptor file = open_file(path, O_RDONLY);
  return file && flush(file) == 0 ? 0 : errno;
}

int flush_file_system(const std::string& path) {
  const FileDescriptor file = open_file(path, O_RDONLY);
  return file && uninterrupted([&] { return syncfs(file.get()); }) == 0 ? 0 : errno;
}

int make_private_directory(const std::string& path) {
  FileDescriptor directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory) {
    if (const int error = make_directories(path)) return error;
    directory = open_file(path, O_RDONLY | O_DIRECTORY);
  }
  struct stat st {};
  if (!directory || fstat(directory.get(), &st) != 0) return errno;
  if (st.st_uid != geteuid()) return EPERM;
  return (st.st_mode & 0777) == 0700 || fchmod(directory.get(), 0700) == 0 ? 0 : errno;
}

}  // namespace authd::io
