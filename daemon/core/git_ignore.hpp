// The rules of .gitignore files: whether git would leave a file alone that it does not know yet.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

struct GitIgnoreFile {
  std::string directory;  // where it stands in the work tree, empty for the top of it
  std::string text;
};

// Whether a file of this path in the work tree is ignored, by itself or with a directory above it.
// Of the files the later ones outrank the earlier: the user's own, .git/info/exclude, then those
// of the directories from the top down. False, too, where one of them has more than 10000 rules.
bool git_ignores(const std::vector<GitIgnoreFile>& files, std::string_view path);

}  // namespace authd::core
