#include "daemon/io/file.hpp"

#include <fcntl.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace authd::io {
namespace {

std::string hint_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT: return "Free some space, then try again. Nothing was changed.";
    case EROFS:
      return "The file system is read-only. If Nix or home-manager manages the file, add the shown members there.";
    case EACCES:
    case EPERM: return "Check owner and mode of the file and of its directory. Nothing was changed.";
    case EISDIR:
    case EINVAL: return "Move away what stands at this path, then try again.";
    default: return "Nothing was changed.";
  }
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(fd, text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return 0;
}

std::string random_suffix() {
  unsigned char bytes[8] = {};
  if (getrandom(bytes, sizeof bytes, 0) < 0) return std::to_string(getpid());
  std::string text;
  for (const unsigned char byte : bytes) text += "0123456789abcdefghijklmnopqrstuv"[byte & 31U];
  return text;
}

}  // namespace

std::string errno_name(int error) {
  const char* name = strerrorname_np(error);
  return name ? name : "E" + std::to_string(error);
}

Error not_writable(const std::string& path, int error, std::string what) {
  return Error{ErrorKind::settings_not_writable, std::move(what), {}, hint_for(error),
               {{"path", path}, {"errno", errno_name(error)}}};
}

std::expected<FileContent, int> read_file(const std::string& path, std::size_t bytes_max) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return std::unexpected(errno);
  FileContent content;
  if (fstat(file.get(), &content.st) != 0) return std::unexpected(errno);
  if (S_ISDIR(content.st.st_mode)) return std::unexpected(EISDIR);
  if (!S_ISREG(content.st.st_mode)) return std::unexpected(EINVAL);
  if (content.st.st_size > static_cast<off_t>(bytes_max)) return std::unexpected(EFBIG);
  // The size is only a first guess: somebody may write the file while it is read.
  content.text.resize(static_cast<std::size_t>(content.st.st_size) + 1);
  std::size_t filled = 0;
  while (true) {
    if (filled == content.text.size()) content.text.resize(content.text.size() * 2);
    const ssize_t bytes = ::read(file.get(), content.text.data() + filled, content.text.size() - filled);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return std::unexpected(errno);
    if (bytes == 0) break;
    filled += static_cast<std::size_t>(bytes);
    if (filled > bytes_max) return std::unexpected(EFBIG);
  }
  content.text.resize(filled);
  return content;
}

std::string followed(const std::string& path) {
  std::error_code error;
  std::filesystem::path at = path;
  for (int links = 0; links < 40 && std::filesystem::is_symlink(at, error); ++links) {
    const std::filesystem::path target = std::filesystem::read_symlink(at, error);
    if (error) break;
    at = target.is_absolute() ? target : at.parent_path() / target;
  }
  // Not normalised: behind a directory that is a link, ".." is not what it looks like.
  return at.string();
}

std::string parent_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Result<Replacement> Replacement::open(const std::string& path, const std::optional<struct stat>& old) {
  Replacement replacement;
  replacement.path_ = path;
  const std::string directory = parent_directory(path);
  replacement.directory_ = FileDescriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!replacement.directory_)
    return std::unexpected(not_writable(path, errno, "Cannot open " + directory + ": " + std::strerror(errno) + "."));
  // Never settings.json.tmp, .orig or .corrupted: Qwen Code destroys files of these names.
  const std::string temporary = directory + "/.qwen-authd-" + random_suffix() + ".new";
  replacement.file_ = FileDescriptor(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!replacement.file_)
    return std::unexpected(not_writable(path, errno, "Cannot write to " + directory + ": " + std::strerror(errno) + "."));
  replacement.temporary_ = temporary;
  const bool other_owner = old && (old->st_uid != geteuid() || old->st_gid != getegid());
  if (other_owner && fchown(replacement.file_.get(), old->st_uid, old->st_gid) != 0 && old->st_uid != geteuid())
    return std::unexpected(not_writable(path, EPERM, path + " belongs to another user (" +
                                                         std::to_string(old->st_uid) + ")."));
  return replacement;
}

Replacement::Replacement(Replacement&& other) noexcept
    : file_(std::move(other.file_)), directory_(std::move(other.directory_)), path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})) {}

Replacement::~Replacement() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> Replacement::write(std::string_view text) {
  int error = write_all(file_.get(), text);
  if (error == 0 && fsync(file_.get()) != 0) error = errno;
  if (error != 0)
    return std::unexpected(not_writable(path_, error, "Cannot write " + path_ + ": " + std::strerror(error) + "."));
  return {};
}

Result<void> Replacement::commit() {
  if (rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(not_writable(path_, errno, "Cannot replace " + path_ + ": " + std::strerror(errno) + "."));
  temporary_.clear();
  // The file is the new one whether or not this succeeds; a disk that fails here fails the next
  // write, too.
  fsync(directory_.get());
  return {};
}

int write_new_file(const std::string& path, std::string_view text) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return errno;
  int error = write_all(file.get(), text);
  if (error != 0) unlink(path.c_str());
  return error;
}

}  // namespace authd::io
