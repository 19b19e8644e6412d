#include "daemon/io/listen_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <cstring>

namespace authd::io {
namespace {

std::unexpected<Error> refuse(std::string message, std::string hint = {}) {
  return fail(ErrorKind::internal_error, std::move(message), "socket", std::move(hint));
}

std::string system_error(int error) { return std::strerror(error); }

Result<void> check_directory(const std::string& directory) {
  if (const int error = make_directories(directory))
    return refuse("Cannot make " + directory + ": " + system_error(error) + ".");
  struct stat st {};
  if (lstat(directory.c_str(), &st) != 0)
    return refuse("Cannot look at " + directory + ": " + system_error(errno) + ".");
  if (!S_ISDIR(st.st_mode)) return refuse(directory + " is not a directory.");
  if (st.st_uid != geteuid())
    return refuse(directory + " belongs to user " + std::to_string(st.st_uid) + ", not to you.",
                  "Set QWEN_AUTHD_SOCKET to a path in a directory of yours.");
  if ((st.st_mode & 0777) != 0700)
    return refuse(
        directory + " is open to other users, so the socket cannot be in it.",
        "chmod 700 " + directory + ", or set QWEN_AUTHD_SOCKET to a path in a private directory.");
  return {};
}

// The lock file is never removed: a process that waits for it would lock another file.
Result<FileDescriptor> take_lock(const std::string& path, const std::string& socket_path) {
  FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return refuse("Cannot open " + path + ": " + system_error(errno) + ".");
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    char owner[32] = {};
    const ssize_t bytes = pread(lock.get(), owner, sizeof owner - 1, 0);
    std::string pid(owner, bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
    return refuse("qwen-authd is already running" + (pid.empty() ? "" : " as process " + pid) +
                      " on " + socket_path + ".",
                  "Use it, or stop it with: qwen-authctl daemon stop");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock.get(), 0) != 0 || pwrite(lock.get(), pid.data(), pid.size(), 0) < 0)
    return refuse("Cannot write " + path + ": " + system_error(errno) + ".");
  return lock;
}

// Only ever under the lock. A socket that answers belongs to somebody without the lock, such as
// a socket unit of systemd.
Result<void> remove_stale(const sockaddr_un& address) {
  struct stat st {};
  if (lstat(address.sun_path, &st) != 0) return {};
  if (!S_ISSOCK(st.st_mode))
    return refuse(std::string(address.sun_path) + " exists and is not a socket.");
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN)
    return refuse(std::string("Another process listens on ") + address.sun_path + ".",
                  "If it is systemd's socket unit: systemctl --user start qwen-authd");
  unlink(address.sun_path);
  return {};
}

}  // namespace

int make_directories(const std::string& path) {
  for (std::size_t at = 1; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string prefix = path.substr(0, at);
    if (mkdir(prefix.c_str(), 0700) != 0 && errno != EEXIST) {
      // A parent that exists may well forbid mkdir; what counts is whether it is there.
      struct stat st {};
      const int error = errno;
      if (stat(prefix.c_str(), &st) != 0) return error;
    }
  }
  return 0;
}

Result<ListenSocket> ListenSocket::inherit() {
  const int first = SD_LISTEN_FDS_START;
  if (sd_is_socket_unix(first, SOCK_STREAM, 1, nullptr, 0) <= 0)
    return refuse("The socket that was passed is not a listening Unix stream socket.",
                  "Set ListenStream= in the socket unit.");
  ListenSocket inherited;
  inherited.socket_ = FileDescriptor(first);
  fcntl(first, F_SETFD, FD_CLOEXEC);
  sockaddr_un address{};
  socklen_t length = sizeof address;
  if (getsockname(first, reinterpret_cast<sockaddr*>(&address), &length) == 0)
    inherited.path_ = address.sun_path;
  inherited.inherited_ = true;
  return inherited;
}

Result<ListenSocket> ListenSocket::open(const std::string& path) {
  if (sd_listen_fds(1) > 0) return inherit();
  if (auto ok = check_directory(path.substr(0, path.rfind('/'))); !ok)
    return std::unexpected(ok.error());
  auto lock = take_lock(path + ".lock", path);
  if (!lock) return std::unexpected(lock.error());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto ok = remove_stale(address); !ok) return std::unexpected(ok.error());
  ListenSocket opened;
  opened.path_ = path;
  opened.lock_ = *std::move(lock);
  opened.socket_ = FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened.socket_) return refuse("Cannot make a socket: " + system_error(errno) + ".");
  const mode_t before = umask(0177);
  const int bound =
      bind(opened.socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  umask(before);
  if (bound != 0) return refuse("Cannot bind " + path + ": " + system_error(error) + ".");
  struct stat st {};
  if (lstat(path.c_str(), &st) == 0) opened.inode_ = st.st_ino;
  if (listen(opened.socket_.get(), SOMAXCONN) != 0)
    return refuse("Cannot listen on " + path + ": " + system_error(errno) + ".");
  return opened;
}

ListenSocket::~ListenSocket() { remove(); }

void ListenSocket::remove() {
  struct stat st {};
  const bool ours = inode_ != 0 && lock_ && lstat(path_.c_str(), &st) == 0 && st.st_ino == inode_;
  if (ours) unlink(path_.c_str());
}

}  // namespace authd::io
