// System calls as the files of io/ make them: again after a signal, never leaked to a child.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "daemon/io/file_descriptor.hpp"

namespace authd::io {

// A call that a signal interrupted is made again. Below 0 with an errno, as the call itself.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

inline FileDescriptor open_file(const std::string& path, int flags) {
  return FileDescriptor(
      uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); }));
}

inline int flush(const FileDescriptor& file) {
  return uninterrupted([&] { return ::fsync(file.get()); });
}

}  // namespace authd::io
