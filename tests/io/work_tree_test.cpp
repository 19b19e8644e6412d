// Whether a file is tracked, in repositories that git itself made.
#include <catch2/catch.hpp>

#include "daemon/io/work_tree.hpp"
#include "tests/io/git.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

using test::git_succeeds;
using test::ScratchDirectory;
using test::write_text;

// Without git only the bytes of git_index_test.cpp are tested.
bool has_git() { return git_succeeds(".", "--version"); }

void git(const std::string& directory, const std::string& arguments) {
  CAPTURE(arguments);
  REQUIRE(git_succeeds(directory, arguments));
}

// A work tree with a tracked and an untracked file.
void make_repository(const std::string& directory, const std::string& index_version) {
  write_text(directory + "/.qwen/settings.json", "{}");
  write_text(directory + "/.qwen/other.json", "{}");
  write_text(directory + "/a", "");
  git(directory, "init -q .");
  git(directory, "config index.version " + index_version);
  git(directory, "add a .qwen/settings.json");
  git(directory, "commit -q -m c");
}

}  // namespace

TEST_CASE("a file is tracked where the index of its work tree lists it") {
  if (!has_git()) return;
  const auto version = GENERATE(as<std::string>(), "2", "3", "4");
  CAPTURE(version);
  const ScratchDirectory scratch;
  make_repository(scratch.path(), version);
  CHECK(tracked_by_git(scratch / ".qwen/settings.json"));
  CHECK(tracked_by_git(scratch / "a"));
  CHECK_FALSE(tracked_by_git(scratch / ".qwen/other.json"));
  CHECK_FALSE(tracked_by_git(scratch / ".qwen/missing.json"));
  git(scratch.path(), "rm -q --cached .qwen/settings.json");
  CHECK_FALSE(tracked_by_git(scratch / ".qwen/settings.json"));
  git(scratch.path(), "add -N .qwen/settings.json");  // needs an entry with more flags
  CHECK(tracked_by_git(scratch / ".qwen/settings.json"));
}

TEST_CASE("it is the file behind a link that is tracked or not") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch / "dotfiles", "2");
  std::filesystem::create_symlink("dotfiles/.qwen/settings.json", scratch / "link.json");
  std::filesystem::create_directory_symlink("dotfiles/.qwen", scratch / ".qwen");
  CHECK(tracked_by_git(scratch / "link.json"));
  CHECK(tracked_by_git(scratch / ".qwen/settings.json"));
  write_text(scratch / "outside.json", "{}");
  std::filesystem::create_symlink("../outside.json", scratch / "dotfiles/in.json");
  git(scratch / "dotfiles", "add in.json");
  CHECK_FALSE(tracked_by_git(scratch / "dotfiles/in.json"));
}

TEST_CASE("a further work tree and a submodule have a .git that is a file") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch / "main", "4");
  git(scratch / "main", "worktree add -q ../further");
  CHECK(tracked_by_git(scratch / "further/.qwen/settings.json"));
  write_text(scratch / "further/new.json", "{}");
  CHECK_FALSE(tracked_by_git(scratch / "further/new.json"));

  make_repository(scratch / "outer", "2");
  git(scratch / "outer", "submodule add -q ../main sub");
  CHECK(std::filesystem::is_regular_file(scratch / "outer/sub/.git"));
  CHECK(tracked_by_git(scratch / "outer/sub/.qwen/settings.json"));
}

TEST_CASE("the nearest work tree decides") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch.path(), "2");
  std::filesystem::create_directory(scratch / ".qwen/.git");
  CHECK_FALSE(tracked_by_git(scratch / ".qwen/settings.json"));
}

TEST_CASE("without a work tree, or with one that makes no sense, nothing is tracked") {
  const ScratchDirectory scratch;
  write_text(scratch / "sub/settings.json", "{}");
  CHECK_FALSE(tracked_by_git(scratch / "sub/settings.json"));
  const auto link = GENERATE(as<std::string>(), "", "gitdir", "gitdir: ", "gitdir: /nonexistent\n", "gitdir: .git\n", "\xFF\xFE");
  CAPTURE(link);
  write_text(scratch / "sub/.git", link);
  CHECK_FALSE(tracked_by_git(scratch / "sub/settings.json"));
}

TEST_CASE("a file that is tracked and gone is tracked all the same") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch.path(), "2");
  std::filesystem::remove_all(scratch / ".qwen");
  CHECK(tracked_by_git(scratch / ".qwen/settings.json"));
  CHECK(git_place(scratch / ".qwen/settings.json", "").standing == GitStanding::tracked);
}

TEST_CASE("an index that does not say all itself, or cannot be read, leaves open what is tracked") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch.path(), "2");
  const auto standing = [&] { return git_place(scratch / ".qwen/other.json", "").standing; };
  CHECK(standing() == GitStanding::untracked);
  git(scratch.path(), "update-index --split-index");
  CHECK(standing() == GitStanding::unknown);
  git(scratch.path(), "update-index --no-split-index");
  CHECK(standing() == GitStanding::untracked);
  const std::string index = scratch / ".git/index";
  write_text(index, "DIRC");
  CHECK(standing() == GitStanding::unknown);
  std::filesystem::remove(index);
  CHECK(standing() == GitStanding::untracked);
  std::filesystem::create_directory(index);
  CHECK(standing() == GitStanding::unknown);
}

TEST_CASE("what is below a sparse directory is left open") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch.path(), "2");
  write_text(scratch / "kept/b", "");
  git(scratch.path(), "add kept");
  git(scratch.path(), "commit -q -m d");
  git(scratch.path(), "sparse-checkout set --cone --sparse-index kept");
  CHECK(git_place(scratch / ".qwen/settings.json", "").standing == GitStanding::unknown);
  CHECK(git_place(scratch / "kept/.qwen/.env", "").standing == GitStanding::untracked);
}

TEST_CASE("what git would ignore is what git itself says it would") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  make_repository(scratch / "w", "2");
  const std::string file = scratch / "w/.qwen/.env";
  for (const char* rules : {"", ".env", "*.env", ".qwen/", ".qwen/*\n!.qwen/.env", ".qwen/\n!.qwen/.env", "/.env", "/.qwen/.env", "**/.env", ".qwen/**",
                            "a/**/.env", "#.env", "\\.env", ".e?v", ".[a-e]nv", ".[!e]nv", ".env/", ".env  ", "!.env\n.env", ".ENV", "**", ".qwen/**/.env"}) {
    CAPTURE(rules);
    for (const std::string place : {"w/.gitignore", "w/.git/info/exclude", "w/.qwen/.gitignore", "home/.config/git/ignore"}) {
      CAPTURE(place);
      write_text(scratch / place, std::string(rules) + "\n");
      const bool by_git = git_succeeds(scratch / "w", "check-ignore -q .qwen/.env", scratch / "home");
      CHECK((git_place(file, scratch / "home/.config/git/ignore").standing == GitStanding::ignored) == by_git);
      std::filesystem::remove(scratch / place);
    }
  }
}

TEST_CASE("a file outside of any work tree is nobody's, and a further work tree has the rules of the first") {
  if (!has_git()) return;
  const ScratchDirectory scratch;
  CHECK(git_place(scratch / "x/.env", "").standing == GitStanding::outside);
  make_repository(scratch / "main", "2");
  git(scratch / "main", "worktree add -q ../further");
  const GitPlace place = git_place(scratch / "further/.qwen/.env", "");
  CHECK(place.standing == GitStanding::untracked);
  CHECK(place.exclude_file == scratch / "main/.git/info/exclude");
  CHECK(place.rule == "/.qwen/.env");
  write_text(place.exclude_file, place.rule + "\n");
  CHECK(git_place(scratch / "further/.qwen/.env", "").standing == GitStanding::ignored);
}

}  // namespace authd::io
