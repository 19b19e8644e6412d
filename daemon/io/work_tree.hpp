// How a file stands to git, found out without running git: a repository's configuration can name
// programs.
#pragma once

#include <string>

namespace authd::io {

// Whether the index of the work tree that the file really stands in, behind all links, lists it;
// the file itself need not be there. False where there is no work tree, and where its index cannot
// be read or is larger than 64 MiB. A repository that is kept elsewhere (git --git-dir) is not
// found.
bool tracked_by_git(const std::string& absolute_path);

enum class GitStanding {
  outside,  // of any work tree
  tracked,
  unknown,  // whether it is tracked: the index cannot be read, or does not say all itself
  ignored,
  untracked,  // `git add .` would take it
};
// The same with the rules of .gitignore files, .git/info/exclude and the user's own file of them
// (`user_rules`, which need not be there). A core.excludesFile elsewhere is not known.
struct GitPlace {
  GitStanding standing = GitStanding::outside;
  std::string exclude_file;  // where a rule for this file alone belongs: …/.git/info/exclude
  std::string rule;          // that rule: "/.qwen/.env"
};
GitPlace git_place(const std::string& absolute_path, const std::string& user_rules);

}  // namespace authd::io
