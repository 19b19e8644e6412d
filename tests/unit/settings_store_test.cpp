// Settings files on a real disk: what a write leaves behind, and what it refuses.
#include "daemon/io/settings_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::mode_of;
using test::read_text;
using test::ScratchDirectory;
using test::write_text;

const std::string body = "{\n  // mine\n  \"ui\": 1\n}\n";

// A home of its own, and nothing of this machine's.
struct House {
  ScratchDirectory scratch;
  std::string home = scratch / "home", qwen = home + "/.qwen", file = qwen + "/settings.json", state = scratch / "state";
  core::Environment environment;
  SettingsStore store{state};

  House() {
    fs::create_directories(home);
    environment.home = home;
    environment.variables = {{"QWEN_CODE_SYSTEM_SETTINGS_PATH", scratch / "etc/settings.json"}};
  }
  core::Plan plan(const std::string& key = "sk-0123456789abc", const std::string& scope = "auto") {
    auto made = core::plan_installation(store.load(environment, SettingsStore::Freshness::by_content), environment,
                                        {scope, test::openrouter(), key, false});
    if (!made) throw std::runtime_error(made.error().message);
    return *std::move(made);
  }
  std::vector<std::string> names(const std::string& directory) const {
    std::vector<std::string> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  // The copies in the history.
  std::vector<std::string> copies() const {
    std::vector<std::string> found = names(state + "/history");
    std::erase_if(found, [](const std::string& name) { return !name.ends_with(".before"); });
    return found;
  }
};

using Names = std::vector<std::string>;

Error refusal(const Result<Saved>& saved) {
  REQUIRE_FALSE(saved);
  return saved.error();
}

}  // namespace

TEST_CASE("a new file is private, in a private directory, and nothing is beside it") {
  House house;
  const core::Plan plan = house.plan();
  const mode_t before = umask(0);
  const auto saved = house.store.write(plan);
  umask(before);
  REQUIRE(saved);
  CHECK(read_text(house.file) == plan.new_text);
  CHECK(mode_of(house.file) == 0600);
  CHECK(mode_of(house.qwen) == 0700);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  CHECK(saved->changed);
  CHECK(saved->path == house.file);
  CHECK(saved->etag != "absent");
  CHECK_FALSE(saved->snapshot.empty());
  CHECK_FALSE(saved->backup);
  CHECK(house.copies().empty());
  CHECK(house.store.load(house.environment, SettingsStore::Freshness::by_content).user.etag == saved->etag);
}

TEST_CASE("before a file is replaced its bytes are kept, private and out of its directory") {
  House house;
  write_text(house.file, body);
  chmod(house.file.c_str(), 0644);
  const core::Plan plan = house.plan();
  const mode_t before = umask(0);
  const auto saved = house.store.write(plan);
  umask(before);
  REQUIRE(saved);
  REQUIRE(saved->backup);
  CHECK(saved->backup->starts_with(house.state + "/history/"));
  CHECK(read_text(*saved->backup) == body);
  CHECK(mode_of(*saved->backup) == 0600);
  CHECK(mode_of(house.state + "/history") == 0700);
  for (const std::string& name : house.names(house.state + "/history")) CHECK(mode_of(house.state + "/history/" + name) == 0600);
  CHECK(mode_of(house.file) == 0600);
  CHECK(read_text(house.file) == plan.new_text);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
}

TEST_CASE("the names that Qwen Code destroys are not used, and files of these names not touched") {
  House house;
  write_text(house.file, body);
  for (const char* name : {"settings.json.tmp", "settings.json.orig", "settings.json.corrupted"}) write_text(house.qwen + "/" + name, name);
  REQUIRE(house.store.write(house.plan()));
  for (const std::string name : {"settings.json.tmp", "settings.json.orig", "settings.json.corrupted"}) CHECK(read_text(house.qwen + "/" + name) == name);
  CHECK(house.names(house.qwen).size() == 4);
}

TEST_CASE("a change of nothing writes nothing") {
  House house;
  REQUIRE(house.store.write(house.plan()));
  chmod(house.file.c_str(), 0644);
  struct stat before {}, after {};
  stat(house.file.c_str(), &before);
  const Names history = house.names(house.state + "/history");
  const core::Plan plan = house.plan();
  const auto saved = house.store.write(plan);
  REQUIRE(saved);
  CHECK_FALSE(saved->changed);
  CHECK(saved->etag == plan.etag);
  CHECK(saved->snapshot.empty());
  CHECK_FALSE(saved->backup);
  stat(house.file.c_str(), &after);
  CHECK(after.st_ino == before.st_ino);
  CHECK(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
  CHECK(after.st_mode == before.st_mode);
  CHECK(house.names(house.state + "/history") == history);
}

TEST_CASE("a file that somebody changed since the plan is not overwritten") {
  House house;
  const bool was_there = GENERATE(true, false);
  if (was_there) write_text(house.file, body);
  const core::Plan plan = house.plan();
  const std::string foreign = "{\"foreign\": true}";
  write_text(house.file, foreign);
  const Error error = refusal(house.store.write(plan));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.data.at("path") == house.file);
  CHECK(read_text(house.file) == foreign);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  CHECK(house.copies().empty());
  CHECK(error.data.at("etag") == house.store.load(house.environment, SettingsStore::Freshness::by_content).user.etag);
  CHECK(house.store.write(house.plan()));
}

TEST_CASE("a file that somebody removed since the plan is not brought back") {
  House house;
  write_text(house.file, body);
  const core::Plan plan = house.plan();
  fs::remove(house.file);
  const Error error = refusal(house.store.write(plan));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.data.at("etag") == "absent");
  CHECK(house.names(house.qwen).empty());
}

TEST_CASE("a symlink is followed and stays a symlink") {
  House house;
  const std::string target = house.scratch / "dotfiles/qwen/settings.json";
  fs::create_directories(house.qwen);
  const std::string kind = GENERATE(as<std::string>(), "absolute", "relative", "chain", "dangling");
  CAPTURE(kind);
  fs::create_directories(house.scratch / "dotfiles/qwen");
  if (kind != "dangling") write_text(target, body);
  if (kind == "chain") {
    fs::create_symlink(target, house.qwen + "/middle");
    fs::create_symlink("middle", house.file);
  } else {
    fs::create_symlink(kind == "relative" ? "../../dotfiles/qwen/settings.json" : target, house.file);
  }
  const core::Plan plan = house.plan();
  CHECK(plan.exists == (kind != "dangling"));
  REQUIRE(house.store.write(plan));
  CHECK(fs::is_symlink(house.file));
  CHECK(read_text(target) == plan.new_text);
  CHECK_FALSE(fs::is_symlink(target));
  CHECK(mode_of(target) == 0600);
  CHECK(house.names(house.scratch / "dotfiles/qwen") == Names{"settings.json"});
}

TEST_CASE("a directory that is a symlink is followed, too") {
  House house;
  fs::create_directories(house.scratch / "real");
  fs::create_directory_symlink(house.scratch / "real", house.qwen);
  REQUIRE(house.store.write(house.plan()));
  CHECK(fs::is_symlink(house.qwen));
  CHECK(house.names(house.scratch / "real") == Names{"settings.json"});
}

TEST_CASE("a relative symlink inside a directory that is a symlink leads where the system says") {
  House house;
  fs::create_directories(house.scratch / "real/deep");
  fs::create_directory_symlink(house.scratch / "real/deep", house.qwen);
  write_text(house.scratch / "real/target.json", body);
  fs::create_symlink("../target.json", house.file);
  const core::Plan plan = house.plan();
  CHECK(plan.old_text == body);
  REQUIRE(house.store.write(plan));
  CHECK(read_text(house.scratch / "real/target.json") == plan.new_text);
  CHECK(house.names(house.home) == Names{".qwen"});
}

TEST_CASE("a symlink whose target's directory is missing gets that directory") {
  House house;
  fs::create_directories(house.qwen);
  fs::create_symlink(house.scratch / "new/place/settings.json", house.file);
  REQUIRE(house.store.write(house.plan()));
  CHECK(fs::is_symlink(house.file));
  CHECK(contains(read_text(house.scratch / "new/place/settings.json"), "openrouter"));
}

TEST_CASE("a read-only file is refused with its path and errno, and stays") {
  House house;
  write_text(house.file, body);
  chmod(house.file.c_str(), 0444);
  const Error error = refusal(house.store.write(house.plan()));
  CHECK(wire_code(error.kind) == -32022);
  CHECK(error.data.at("path") == house.file);
  CHECK(error.data.at("errno") == "EACCES");
  CHECK_FALSE(error.hint.empty());
  CHECK(read_text(house.file) == body);
  CHECK(mode_of(house.file) == 0444);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  CHECK(house.copies().empty());
}

TEST_CASE("what is no regular file is refused and named, without waiting for it") {
  House house;
  fs::create_directories(house.qwen);
  const std::string kind = GENERATE(as<std::string>(), "directory", "fifo", "link to itself");
  CAPTURE(kind);
  if (kind == "directory") fs::create_directory(house.file);
  if (kind == "fifo") REQUIRE(mkfifo(house.file.c_str(), 0600) == 0);
  if (kind == "link to itself") fs::create_symlink("settings.json", house.file);
  const auto files = house.store.load(house.environment, SettingsStore::Freshness::by_content);
  CHECK(files.user.exists);
  REQUIRE(files.user.trouble);
  const auto plan = core::plan_installation(files, house.environment, {"auto", test::openrouter(), "k", false});
  REQUIRE_FALSE(plan);
  CHECK(plan.error().data.at("path") == house.file);
  CHECK(plan.error().data.at("errno") == (kind == "directory" ? "EISDIR" : kind == "fifo" ? "EINVAL" : "ELOOP"));
  if (kind != "link to itself") CHECK(wire_code(plan.error().kind) == -32022);
}

TEST_CASE("a file that became something else since the plan is refused") {
  House house;
  write_text(house.file, body);
  const core::Plan plan = house.plan();
  fs::remove(house.file);
  const bool directory = GENERATE(true, false);
  if (directory)
    fs::create_directory(house.file);
  else
    REQUIRE(mkfifo(house.file.c_str(), 0600) == 0);
  CHECK(wire_code(refusal(house.store.write(plan)).kind) == -32022);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
}

TEST_CASE("where the history cannot be kept nothing is written") {
  House house;
  write_text(house.file, body);
  write_text(house.state, "a file in the way");
  const Error error = refusal(house.store.write(house.plan()));
  CHECK(wire_code(error.kind) == -32022);
  CHECK(read_text(house.file) == body);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
}

TEST_CASE("a directory that is a file is refused") {
  House house;
  write_text(house.qwen, "in the way");
  const Error error = refusal(house.store.write(house.plan()));
  CHECK(wire_code(error.kind) == -32022);
  CHECK(read_text(house.qwen) == "in the way");
}

TEST_CASE("the key is in no name and no record of the history but the copy") {
  House house;
  REQUIRE(house.store.write(house.plan("sk-canary-0123456789")));
  REQUIRE(house.store.write(house.plan("sk-second-0123456789")));
  for (const auto& entry : fs::directory_iterator(house.state + "/history")) {
    CHECK_FALSE(contains(entry.path().filename().string(), "canary"));
    if (entry.path().extension() != ".before") CHECK_FALSE(contains(read_text(entry.path().string()), "0123456789"));
  }
}

}  // namespace authd::io
