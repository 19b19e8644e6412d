// Reading and replacing files, with the errors that a person needs.
#pragma once

#include <sys/stat.h>

#include <expected>
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

// settings_unreadable with data.path and data.errno, of a file that may have `bytes_max`.
Error not_readable(const std::string& path, int error, std::size_t bytes_max);

struct FileContent {
  std::string text;
  struct stat st {};
};
// An errno; ENOENT where there is no file, EISDIR or EINVAL where it is not a regular one, EFBIG
// past `bytes_max`. Never blocks on a FIFO.
std::expected<FileContent, int> read_file(const std::string& path, std::size_t bytes_max);

struct OpenFile {
  FileDescriptor file;
  struct stat st = {};  // as it was before the file was read
};

// A regular file that says just `text`; nothing where it does not, or cannot be read. Costs no
// copy.
std::optional<OpenFile> open_if_says(const std::string& path, std::string_view text);

// What a symlink says; empty where there is none, an errno where that cannot be told.
std::expected<std::string, int> link_at(const std::string& path);
// Where a write to `path` really goes: symlinks followed, also one whose target is missing. An
// errno where that cannot be told: a link that was taken for a file would be replaced by one.
std::expected<std::string, int> followed(const std::string& path);

// All links followed; nothing where that cannot be told, such as for a file that is missing.
std::optional<std::string> real_path(const std::string& path);

std::string parent_directory(const std::string& path);

// An errno, or 0.
int write_all(int fd, std::string_view text);

// Makes a private file, whole or not at all: it gets its name when it is complete. An errno, or 0.
// Not flushed: for copies, whose loss in a power cut costs the way back and no setting.
int write_new_file(const std::string& path, std::string_view text);

// Appends to a private file, on a line of its own also where the last one is torn. An errno, or 0.
// Not flushed.
int append_line(const std::string& path, std::string line);

// Flushes a file or a directory to the disk. An errno, or 0.
int flush_file(const std::string& path);
// The same for all files of its file system at once, where they are many.
int flush_file_system(const std::string& path);

// Makes a directory of mode 0700 with its parents, or makes one of ours private; a link to one is
// followed. An errno, or 0; EPERM where it belongs to somebody else.
int make_private_directory(const std::string& path);

}  // namespace authd::io
