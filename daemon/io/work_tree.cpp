#include "daemon/io/work_tree.hpp"

#include <cerrno>
#include <filesystem>

#include "daemon/core/git_ignore.hpp"
#include "daemon/core/git_index.hpp"
#include "daemon/io/file.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t link_bytes_max = 8 * 1024;
constexpr std::size_t index_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t rules_bytes_max = 1024 * 1024;

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

// What all further work trees of a repository share.
fs::path common_directory(const fs::path& git) {
  const auto link = read_file((git / "commondir").string(), link_bytes_max);
  if (!link) return git;
  std::string target = link->text;
  while (target.ends_with('\n') || target.ends_with('\r')) target.pop_back();
  return git / target;
}

// Where a file really stands in a work tree.
struct Place {
  fs::path top;      // empty where it is in none
  fs::path git;      // the directory with the index
  std::string path;  // below the top
};
Place place_of(const std::string& absolute_path) {
  std::error_code error;
  const fs::path file = fs::weakly_canonical(absolute_path, error);
  if (error) return {};
  for (fs::path directory = file.parent_path();; directory = directory.parent_path()) {
    const fs::path dot_git = directory / ".git";
    if (fs::exists(dot_git, error))
      return {directory, git_directory(dot_git), file.lexically_relative(directory).string()};
    if (directory == directory.root_path()) return {};
  }
}

enum class Tracked { no, yes, unknown };

Tracked tracking_of(const Place& place) {
  if (place.git.empty()) return Tracked::unknown;
  const auto index = read_file((place.git / "index").string(), index_bytes_max);
  if (!index) return index.error() == ENOENT ? Tracked::no : Tracked::unknown;
  if (core::git_index_holds(index->text, place.path)) return Tracked::yes;
  return core::git_index_is_complete(index->text, place.path) ? Tracked::no : Tracked::unknown;
}

bool is_ignored(const Place& place, const fs::path& exclude_file, const std::string& user_rules) {
  std::vector<core::GitIgnoreFile> files;
  const auto add = [&](const fs::path& path, const std::string& directory) {
    if (auto content = read_file(path.string(), rules_bytes_max))
      files.push_back({directory, std::move(content->text)});
  };
  add(user_rules, "");
  add(exclude_file, "");
  add(place.top / ".gitignore", "");
  fs::path directory;
  for (const fs::path& name : fs::path(place.path).parent_path()) {
    directory /= name;
    add(place.top / directory / ".gitignore", directory.string());
  }
  return core::git_ignores(files, place.path);
}

}  // namespace

bool tracked_by_git(const std::string& absolute_path) {
  return tracking_of(place_of(absolute_path)) == Tracked::yes;
}

GitPlace git_place(const std::string& absolute_path, const std::string& user_rules) {
  const Place place = place_of(absolute_path);
  if (place.top.empty()) return {};
  const fs::path exclude_file = common_directory(place.git) / "info" / "exclude";
  const Tracked tracked = tracking_of(place);
  const GitStanding standing = tracked == Tracked::yes       ? GitStanding::tracked
                               : tracked == Tracked::unknown ? GitStanding::unknown
                               : is_ignored(place, exclude_file, user_rules)
                                   ? GitStanding::ignored
                                   : GitStanding::untracked;
  return {standing, exclude_file.lexically_normal().string(), "/" + place.path};
}

}  // namespace authd::io
