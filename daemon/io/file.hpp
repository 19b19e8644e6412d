// Reading and replacing files, with the errors that a person needs.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "daemon/io/file_descriptor.hpp"
#include "protocol/result.hpp"

namespace authd::io {

// "EACCES" and its like; "E42" for a number without a name.
std::string errno_name(int error);

// settings_not_writable with data.path and data.errno, and a hint that fits the errno.
Error not_writable(const std::string& path, int error, std::string what);

struct FileContent {
  std::string text;
  struct stat st {};
};
// An errno; ENOENT where there is no file, EISDIR or EINVAL where it is not a regular one, EFBIG
// past `bytes_max`. Never blocks on a FIFO.
std::expected<FileContent, int> read_file(const std::string& path, std::size_t bytes_max);

// Where a write to `path` really goes: symlinks followed, also one whose target is missing.
std::string followed(const std::string& path);

std::string parent_directory(const std::string& path);

// A file that replaces another at `commit`, or leaves nothing behind. Mode 0600; where root
// writes somebody's file, that owner.
class Replacement {
 public:
  static Result<Replacement> open(const std::string& path, const std::optional<struct stat>& old);
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  // Writes and flushes to the disk.
  Result<void> write(std::string_view text);
  // Renames over the target and flushes the directory.
  Result<void> commit();

 private:
  Replacement() = default;
  FileDescriptor file_, directory_;
  std::string path_, temporary_;
};

// Creates a private file that must not exist yet. An errno, or 0. Not flushed: for copies, whose
// loss in a power cut costs the way back and no setting.
int write_new_file(const std::string& path, std::string_view text);

}  // namespace authd::io
