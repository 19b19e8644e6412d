// Whether a file is tracked by git, found out without running git: a repository's configuration
// can name programs.
#pragma once

#include <string>

namespace authd::io {

// Whether the index of the work tree that the file really stands in, behind all links, lists it.
// False where there is no work tree, and where its index cannot be read or is larger than 64 MiB.
// A repository that is kept elsewhere (git --git-dir) is not found.
bool tracked_by_git(const std::string& absolute_path);

}  // namespace authd::io
