#include "daemon/io/work_tree.hpp"

#include <filesystem>

#include "daemon/core/git_index.hpp"
#include "daemon/io/file.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t link_bytes_max = 8 * 1024;
constexpr std::size_t index_bytes_max = 64 * 1024 * 1024;

// What a `.git` stands for: itself, or the directory that it names ("gitdir: ../x\n"), as that of
// a submodule or of a further work tree does. Empty where it is neither.
fs::path git_directory(const fs::path& dot_git) {
  std::error_code ignored;
  if (fs::is_directory(dot_git, ignored)) return dot_git;
  const auto link = read_file(dot_git.string(), link_bytes_max);
  constexpr std::string_view prefix = "gitdir: ";
  if (!link || !link->text.starts_with(prefix)) return {};
  std::string target = link->text.substr(prefix.size());
  while (target.ends_with('\n') || target.ends_with('\r')) target.pop_back();
  return dot_git.parent_path() / target;  // an absolute target stands alone
}

}  // namespace

bool tracked_by_git(const std::string& absolute_path) {
  std::error_code error;
  const fs::path file = fs::canonical(absolute_path, error);
  if (error) return false;
  for (fs::path directory = file.parent_path();; directory = directory.parent_path()) {
    const fs::path dot_git = directory / ".git";
    if (fs::exists(dot_git, error)) {
      const auto index = read_file((git_directory(dot_git) / "index").string(), index_bytes_max);
      const std::string path = file.lexically_relative(directory).string();
      return index && core::git_index_holds(index->text, path);
    }
    if (directory == directory.root_path()) return false;
  }
}

}  // namespace authd::io
