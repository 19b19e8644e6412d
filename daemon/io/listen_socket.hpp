// The listening socket: inherited from systemd, or bound under a lock.
#pragma once

#include <string>

#include "daemon/io/file_descriptor.hpp"
#include "protocol/result.hpp"

namespace authd::io {

// Owns the socket's file and the lock while it lives. An inherited socket's file is never removed.
class ListenSocket {
 public:
  // Where systemd passed a socket, that one. Else: makes the directory (0700, ours, or refuses),
  // takes the lock file beside the path, removes a socket that nobody listens on, binds with mode
  // 0600. An error names the process that has the socket.
  static Result<ListenSocket> open(const std::string& path);

  ListenSocket(ListenSocket&&) noexcept = default;
  ListenSocket& operator=(ListenSocket&&) noexcept = default;
  ~ListenSocket();

  // For the server, which owns it from then on.
  int release() { return socket_.release(); }
  const std::string& path() const { return path_; }
  // Removes the socket's file, if it is ours; the destructor does this, too.
  void remove();
  bool inherited() const { return inherited_; }

 private:
  ListenSocket() = default;
  static Result<ListenSocket> inherit();

  FileDescriptor socket_;
  FileDescriptor lock_;
  std::string path_;
  bool inherited_ = false;
  ino_t inode_ = 0;
};

// Makes a directory and its parents with mode 0700; an existing one is left as it is. An errno.
int make_directories(const std::string& path);

}  // namespace authd::io
