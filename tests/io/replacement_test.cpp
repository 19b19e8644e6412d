// Replacing files: nothing is lost, whoever writes at the same moment.
#include "daemon/io/replacement.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <functional>

#include "tests/unit/support.hpp"

namespace {
// Called before each renaming; an errno in place of it, or 0.
std::function<int()> before_renaming;
}  // namespace

extern "C" int renameat2(int from, const char* old_path, int to, const char* new_path, unsigned flags) noexcept {
  if (before_renaming)
    if (const int error = before_renaming()) {
      errno = error;
      return -1;
    }
  return static_cast<int>(syscall(SYS_renameat2, from, old_path, to, new_path, flags));
}

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::mode_of;
using test::read_text;
using test::ScratchDirectory;
using test::write_text;

using Names = std::vector<std::string>;

struct ReplacedFile {
  ScratchDirectory scratch;
  std::string directory = scratch / "d", file = directory + "/f";
  ReplacedFile() { fs::create_directories(directory); }
  Names names() const {
    Names found;
    for (const auto& entry : fs::directory_iterator(directory)) found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  Replacement open() const { return Replacement::open(file, std::nullopt).value(); }
};

}  // namespace

TEST_CASE("a file gets its new text at the commit, whole and private") {
  const ReplacedFile place;
  const bool was_there = GENERATE(true, false);
  if (was_there) write_text(place.file, "old");
  {
    auto replacement = place.open();
    REQUIRE(replacement.write("new"));
    CHECK(read_text(place.file) == (was_there ? "old" : ""));
    REQUIRE(replacement.commit_over(was_there ? std::optional<std::string>("old") : std::nullopt) == Replaced::done);
  }
  CHECK(read_text(place.file) == "new");
  CHECK(mode_of(place.file) == 0600);
  CHECK(place.names() == Names{"f"});
}

TEST_CASE("what is not committed leaves nothing") {
  const ReplacedFile place;
  write_text(place.file, "old");
  {
    auto replacement = place.open();
    REQUIRE(replacement.write("new"));
    const Replacement moved(std::move(replacement));
  }
  CHECK(place.names() == Names{"f"});
  CHECK(read_text(place.file) == "old");
}

TEST_CASE("what is not what was expected stands untouched") {
  struct Row {
    std::string what;
    std::optional<std::string> expected, there;
  };
  const auto row = GENERATE(values<Row>({
      {"another text", "old", "theirs"},
      {"another text of the same length", "old", "odd"},
      {"more", "old", "older"},
      {"nothing any more", "old", std::nullopt},
      {"a new file", std::nullopt, "theirs"},
      {"an empty new file", std::nullopt, ""},
  }));
  CAPTURE(row.what);
  const ReplacedFile place;
  if (row.there) write_text(place.file, *row.there);
  struct stat before {}, after {};
  stat(place.file.c_str(), &before);
  {
    auto replacement = place.open();
    REQUIRE(replacement.write("new"));
    CHECK(replacement.commit_over(row.expected) == Replaced::changed_underneath);
  }
  CHECK(place.names() == (row.there ? Names{"f"} : Names{}));
  CHECK(read_text(place.file) == row.there.value_or(""));
  stat(place.file.c_str(), &after);
  CHECK(before.st_ino == after.st_ino);  // theirs itself, not a copy
}

TEST_CASE("what became a directory is refused, and what is in it stays") {
  const ReplacedFile place;
  write_text(place.file + "/inside", "x");
  {
    auto replacement = place.open();
    REQUIRE(replacement.write("new"));
    const auto replaced = replacement.commit_over("old");
    REQUIRE_FALSE(replaced);
    CHECK(wire_code(replaced.error().kind) == -32022);
    CHECK(replaced.error().data.at("path") == place.file);
  }
  CHECK(read_text(place.file + "/inside") == "x");
  CHECK(place.names() == Names{"f"});
}

TEST_CASE("without its directory a replacement is refused at once") {
  const ReplacedFile place;
  const auto replacement = Replacement::open(place.scratch / "gone/f", std::nullopt);
  REQUIRE_FALSE(replacement);
  CHECK(wire_code(replacement.error().kind) == -32022);
  CHECK(replacement.error().data.at("errno") == "ENOENT");
}

TEST_CASE("a file is removed only while it says what it is expected to") {
  const ReplacedFile place;
  CHECK(remove_if_unchanged(place.file, "old") == Replaced::changed_underneath);
  write_text(place.file, "theirs");
  CHECK(remove_if_unchanged(place.file, "old") == Replaced::changed_underneath);
  CHECK(read_text(place.file) == "theirs");
  CHECK(place.names() == Names{"f"});
  CHECK(remove_if_unchanged(place.file, "theirs") == Replaced::done);
  CHECK(place.names().empty());
}

TEST_CASE("a link takes a file's place in one step, or another link's") {
  const ReplacedFile place;
  const bool is_link = GENERATE(false, true);
  write_text(is_link ? place.scratch / "one" : place.file, "old");
  if (is_link) fs::create_symlink("../one", place.file);
  CHECK(replace_by_link(place.file, "../elsewhere", "theirs") == Replaced::changed_underneath);
  CHECK(read_text(place.file) == "old");
  REQUIRE(replace_by_link(place.file, "../elsewhere", "old") == Replaced::done);
  CHECK(fs::read_symlink(place.file) == "../elsewhere");
  CHECK(place.names() == Names{"f"});
  if (is_link) CHECK(read_text(place.scratch / "one") == "old");
  CHECK(replace_by_link(place.directory + "/gone", "../elsewhere", "") == Replaced::changed_underneath);
  CHECK(place.names() == Names{"f"});
}

TEST_CASE("what somebody else wrote is not lost where it cannot go back to its place, and is found") {
  const ReplacedFile place;
  write_text(place.file, "theirs");
  int renamings = 0;
  before_renaming = [&] { return ++renamings == 2 ? EIO : 0; };
  Result<Replaced> replaced = Replaced::done;
  std::vector<FileContent> found;
  {
    auto replacement = place.open();
    REQUIRE(replacement.write("new"));
    replaced = replacement.commit_over("old");
    found = replacement.take_found();
  }
  before_renaming = {};
  const Names left = abandoned_files(place.directory);
  REQUIRE(left.size() == 1);
  CHECK(read_text(left[0]) == "theirs");
  CHECK(read_text(place.file) == "new");
  REQUIRE_FALSE(replaced);
  CHECK(replaced.error().message == "Another program wrote " + place.file + " at the same moment, and what it wrote " +
                                        "cannot be put back: Input/output error. It is in " + left[0] + ".");
  CHECK(replaced.error().data.at("errno") == "EIO");
  REQUIRE(found.size() == 1);
  CHECK(found[0].text == "theirs");
}

TEST_CASE("a temporary file is swept when its process is gone, and not before") {
  const ReplacedFile place;
  write_text(place.file, "old");
  write_text(place.directory + "/.qwen-authd-abc.new", "left behind");
  write_text(place.directory + "/.qwen-authd-abc.txt", "somebody's");
  write_text(place.directory + "/settings.json.tmp", "Qwen Code's");
  auto replacement = place.open();
  REQUIRE(replacement.write("new"));
  CHECK(abandoned_files(place.directory) == Names{place.directory + "/.qwen-authd-abc.new"});
  CHECK(abandoned_files(place.scratch / "gone").empty());
  REQUIRE(replacement.commit());
  CHECK(read_text(place.file) == "new");
}

TEST_CASE("a temporary name is never one that Qwen Code destroys, and never the same twice") {
  const std::string first = temporary_beside("/a/b/settings.json"), second = temporary_beside("/a/b/settings.json");
  CHECK(first.starts_with("/a/b/.qwen-authd-"));
  CHECK(first.ends_with(".new"));
  CHECK(first != second);
}

}  // namespace authd::io
