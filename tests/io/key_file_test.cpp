// keys.json on disk: whoever can change it runs programs as its user.
#include "daemon/io/key_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::mode_of;
using test::read_text;
using test::ScratchDirectory;
using test::write_text;

const std::string key_file_text = "{\"keys\": {\"A\": {\"command\": [\"x\"]}}}\n";

struct KeyFilePlace {
  ScratchDirectory scratch;
  std::string directory = scratch / "config/qwen-authd", file = directory + "/keys.json";
  void put(mode_t mode = 0600) const {
    write_text(file, key_file_text);
    chmod(directory.c_str(), 0700);
    chmod(file.c_str(), mode);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(directory)) found.push_back(entry.path().filename().string());
    return found;
  }
};

core::KeyCommand echo() { return {.command = {"echo"}}; }

std::string refused(const std::string& path) {
  const auto commands = read_key_file(path);
  REQUIRE_FALSE(commands);
  CHECK(commands.error().kind == ErrorKind::settings_unreadable);
  CHECK(commands.error().data["path"].is_string());
  // It is not written either: who edits it would make it look sound.
  CHECK_FALSE(set_key_command(path, "A", echo()));
  CHECK_FALSE(remove_key_command(path, "A"));
  return commands.error().message;
}

}  // namespace

TEST_CASE("without keys.json there are no commands, and the first one makes it, private") {
  const KeyFilePlace place;
  CHECK(read_key_file(place.file)->empty());
  CHECK(*remove_key_command(place.file, "A") == false);
  CHECK_FALSE(fs::exists(place.directory));
  CHECK(*set_key_command(place.file, "A", echo()));
  CHECK(mode_of(place.file) == 0600);
  CHECK(mode_of(place.directory) == 0700);
  CHECK(place.names() == std::vector<std::string>{"keys.json"});
  CHECK(read_key_file(place.file)->at("A").command == std::vector<std::string>{"echo"});
  CHECK(*set_key_command(place.file, "A", echo()) == false);
  CHECK(*remove_key_command(place.file, "A"));
  CHECK(read_key_file(place.file)->empty());
}

TEST_CASE("a file that others may read is used and made private by the next write") {
  const KeyFilePlace place;
  place.put(0644);
  CHECK(read_key_file(place.file)->size() == 1);
  CHECK(*set_key_command(place.file, "B", echo()));
  CHECK(mode_of(place.file) == 0600);
}

TEST_CASE("a file that others may change is not used") {
  const KeyFilePlace place;
  const auto mode = GENERATE(as<mode_t>(), 0620, 0602, 0666);
  place.put(mode);
  CHECK(refused(place.file) == place.file + " can be changed by others, who could have programs run as you.");
  CHECK(read_text(place.file) == key_file_text);
}

TEST_CASE("a file in a directory that others may change is not used") {
  const KeyFilePlace place;
  place.put();
  chmod(place.directory.c_str(), 0770);
  CHECK(refused(place.file) == place.directory + " can be changed by others, who could have programs run as you.");
  chmod(place.directory.c_str(), 0700);
  CHECK(read_key_file(place.file));
}

TEST_CASE("a file of another user is not used") {
  if (geteuid() != 0) return;  // only root can give a file away
  const KeyFilePlace place;
  place.put();
  REQUIRE(chown(place.file.c_str(), 12345, 12345) == 0);
  CHECK(refused(place.file) == place.file + " belongs to another user (12345), who could have programs run as you.");
  REQUIRE(chown(place.file.c_str(), 0, 0) == 0);
  REQUIRE(chown(place.directory.c_str(), 12345, 12345) == 0);
  CHECK(refused(place.file).find(place.directory + " belongs to another user") == 0);
}

TEST_CASE("a link to a file among dotfiles is followed, and stays one") {
  const KeyFilePlace place;
  const std::string target = place.scratch / "dotfiles/keys.json";
  write_text(target, key_file_text);
  chmod((place.scratch / "dotfiles").c_str(), 0755);
  fs::create_directories(place.directory);
  chmod(place.directory.c_str(), 0700);
  fs::create_symlink(target, place.file);
  CHECK(read_key_file(place.file)->size() == 1);
  CHECK(*set_key_command(place.file, "B", echo()));
  CHECK(fs::is_symlink(place.file));
  CHECK(mode_of(target) == 0600);
  CHECK(read_key_file(place.file)->size() == 2);
  chmod((place.scratch / "dotfiles").c_str(), 0777);
  CHECK(refused(place.file).find("dotfiles can be changed by others") != std::string::npos);
}

TEST_CASE("what is no file, or does not parse, is refused and left alone") {
  const KeyFilePlace place;
  fs::create_directories(place.file);
  chmod(place.directory.c_str(), 0700);
  CHECK(refused(place.file).find("Cannot read " + place.file) == 0);
  fs::remove(place.file);
  REQUIRE(mkfifo(place.file.c_str(), 0600) == 0);
  CHECK(refused(place.file).find("Cannot read " + place.file) == 0);
  fs::remove(place.file);
  place.put();
  write_text(place.file, "{\"keys\": {\n  oops\n}}");
  CHECK(refused(place.file) == place.file + " does not parse: expected a name in double quotes (line 2, column 3).");
  CHECK(read_text(place.file) == "{\"keys\": {\n  oops\n}}");
  write_text(place.file, std::string(1024 * 1024 + 1, ' '));
  CHECK(refused(place.file) == place.file + " is larger than 1 MiB.");
}

TEST_CASE("what a killed process left beside keys.json is removed by the next write") {
  const KeyFilePlace place;
  place.put();
  write_text(place.directory + "/.qwen-authd-0123456789.new", "{");
  CHECK(*set_key_command(place.file, "B", echo()));
  CHECK(place.names() == std::vector<std::string>{"keys.json"});
}

}  // namespace authd::io
