// Where a write really goes, and whether it may: the same for every file that the daemon writes for
// its user.
#pragma once

#include <sys/stat.h>

#include <string>

#include "protocol/result.hpp"

namespace authd::io {

// The file behind all links. settings_not_writable where that cannot be told.
Result<std::string> target_of(const std::string& path);

// What can be known before anything is tried; `st` nullptr = no file. settings_not_writable for
// what Nix manages, is no regular file, is read-only, or is another user's.
Result<void> writable(const std::string& path, const std::string& target, const struct stat* st);

// The same, and the directory is there then (0700 where it was not).
Result<void> prepared(const std::string& path, const std::string& target, const struct stat* st);

}  // namespace authd::io
