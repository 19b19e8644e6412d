// A key in a .env file: private, whole, and never where git would take it.
#include "daemon/io/dotenv_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/io/git.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::git_succeeds;
using test::mode_of;
using test::read_text;
using test::ScratchDirectory;
using test::write_text;

const std::string canary = "sk-7Qw9Zx3Vb5Nm1Lk8Jh6Gf4Ds2Aq0Xr";

Secret key() { return Secret(std::string_view(canary)); }

struct DotenvPlace {
  ScratchDirectory scratch;
  std::string work = scratch / "work", file = work + "/.qwen/.env";
  core::Environment environment;
  DotenvPlace() {
    fs::create_directories(work);
    environment.home = scratch / "home";
    environment.cwd = work;
  }
  DotenvTarget project() const { return project_dotenv(environment).value(); }
  DotenvTarget user() const { return user_dotenv(environment, scratch / "home/.qwen"); }
  std::vector<std::string> names(const std::string& directory) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(directory)) found.push_back(entry.path().filename().string());
    return found;
  }
};

}  // namespace

TEST_CASE("a key goes into a new .env file, in a new directory, both private") {
  const DotenvPlace place;
  const DotenvTarget target = place.user();
  CHECK(target.path == place.scratch / "home/.qwen/.env");
  const auto saved = set_dotenv(target, "A_KEY", key());
  REQUIRE(saved);
  CHECK(saved->path == target.path);
  CHECK(saved->changed);
  CHECK(saved->warnings.empty());
  CHECK(read_text(target.path) == "A_KEY=" + canary + "\n");
  CHECK(mode_of(target.path) == 0600);
  CHECK(mode_of(place.scratch / "home/.qwen") == 0700);
  CHECK(place.names(place.scratch / "home/.qwen") == std::vector<std::string>{".env"});
  CHECK_FALSE(set_dotenv(target, "A_KEY", key())->changed);
}

TEST_CASE("a .env file keeps what else it says, and becomes private") {
  const DotenvPlace place;
  write_text(place.file, "# mine\r\nB=1\r\nexport A_KEY='old' # here\r\n");
  chmod(place.file.c_str(), 0644);
  CHECK(set_dotenv(place.project(), "A_KEY", key())->changed);
  CHECK(read_text(place.file) == "# mine\r\nB=1\r\nexport A_KEY=" + canary + " # here\r\n");
  CHECK(mode_of(place.file) == 0600);
  CHECK(remove_dotenv(place.project(), "A_KEY")->changed);
  CHECK(read_text(place.file) == "# mine\r\nB=1\r\n");
  CHECK_FALSE(remove_dotenv(place.project(), "A_KEY")->changed);
  CHECK_FALSE(remove_dotenv(place.user(), "A_KEY")->changed);
  CHECK_FALSE(fs::exists(place.scratch / "home"));
}

TEST_CASE("the same key once more only closes a file that was open to others") {
  const DotenvPlace place;
  write_text(place.file, "A_KEY=" + canary + "\n");
  chmod(place.file.c_str(), 0640);
  CHECK(set_dotenv(place.project(), "A_KEY", key())->changed);
  CHECK(mode_of(place.file) == 0600);
}

TEST_CASE("a link is followed and stays one, also where its target is missing") {
  const DotenvPlace place;
  const std::string target = place.scratch / "vault/env";
  fs::create_directories(place.work + "/.qwen");
  fs::create_symlink(target, place.file);
  CHECK(set_dotenv(place.project(), "A_KEY", key())->changed);
  CHECK(fs::is_symlink(place.file));
  CHECK(read_text(target) == "A_KEY=" + canary + "\n");
  CHECK(mode_of(target) == 0600);
}

TEST_CASE("what cannot be written says why, and nothing is left behind") {
  const DotenvPlace place;
  fs::create_directories(place.file);
  const auto refused = set_dotenv(place.project(), "A_KEY", key());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::settings_unreadable);
  CHECK(refused.error().data["errno"] == "EISDIR");
  CHECK(place.names(place.work + "/.qwen") == std::vector<std::string>{".env"});
  fs::remove(place.file);
  write_text(place.file, "A=1\n");
  chmod(place.file.c_str(), 0400);
  const auto read_only = set_dotenv(place.project(), "A_KEY", key());
  REQUIRE_FALSE(read_only);
  CHECK(read_only.error().kind == ErrorKind::settings_not_writable);
  CHECK(read_text(place.file) == "A=1\n");
  chmod(place.file.c_str(), 0600);
  const auto unquotable = set_dotenv(place.project(), "A_KEY", Secret(std::string_view("'\"`")));
  REQUIRE_FALSE(unquotable);
  CHECK(unquotable.error().kind == ErrorKind::invalid_input);
  core::Environment nowhere = place.environment;
  nowhere.cwd.reset();
  CHECK(project_dotenv(nowhere).error().field == "keyStore");
}

TEST_CASE("a project's .env file that git tracks is not written") {
  const DotenvPlace place;
  if (!git_succeeds(place.work, "init -q .")) return;
  write_text(place.file, "A=1\n");
  REQUIRE(git_succeeds(place.work, "add -f .qwen/.env"));
  const auto refused = set_dotenv(place.project(), "A_KEY", key());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid_input);
  CHECK(refused.error().field == "keyStore");
  CHECK(refused.error().message == "git tracks " + place.file + ", so a key in it would go into the next commit.");
  CHECK(read_text(place.file) == "A=1\n");
  // Gone from the work tree it is tracked all the same.
  fs::remove(place.file);
  CHECK_FALSE(set_dotenv(place.project(), "A_KEY", key()));
  CHECK_FALSE(fs::exists(place.file));
}

TEST_CASE("where it cannot be told whether git tracks it, a project's .env file is not written") {
  const DotenvPlace place;
  if (!git_succeeds(place.work, "init -q .")) return;
  write_text(place.file, "A=1\n");
  REQUIRE(git_succeeds(place.work, "add -f .qwen/.env"));
  REQUIRE(git_succeeds(place.work, "update-index --split-index"));
  const auto refused = set_dotenv(place.project(), "A_KEY", key());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().field == "keyStore");
  CHECK(refused.error().message.find("It cannot be told whether git tracks " + place.file) == 0);
  CHECK(read_text(place.file) == "A=1\n");
}

TEST_CASE("a .env file that git would take with the next add is warned of, with the rule that prevents it") {
  const DotenvPlace place;
  if (!git_succeeds(place.work, "init -q .")) return;
  const auto saved = set_dotenv(place.project(), "A_KEY", key());
  REQUIRE(saved);
  REQUIRE(saved->warnings.size() == 1);
  CHECK(saved->warnings[0].code == "F805");
  CHECK(saved->warnings[0].message == "git does not ignore " + place.file + ", so `git add .` would take the key along. This line in " +
                                          place.work + "/.git/info/exclude prevents it: /.qwen/.env");
  // The advice is good: git itself and this agree.
  CHECK_FALSE(git_succeeds(place.work, "check-ignore -q .qwen/.env"));
  write_text(place.work + "/.git/info/exclude", "/.qwen/.env\n");
  CHECK(git_succeeds(place.work, "check-ignore -q .qwen/.env"));
  CHECK(set_dotenv(place.project(), "A_KEY", key())->warnings.empty());
}

TEST_CASE("the user's own .env file is written also where the home directory is in git, with a warning") {
  const DotenvPlace place;
  const std::string home = place.scratch / "home";
  fs::create_directories(home);
  if (!git_succeeds(home, "init -q .")) return;
  CHECK(set_dotenv(place.user(), "A_KEY", key())->warnings.at(0).code == "F805");
  REQUIRE(git_succeeds(home, "add -f .qwen/.env"));
  const auto saved = set_dotenv(place.user(), "B_KEY", key());
  CHECK(saved->changed);
  CHECK(saved->warnings.at(0).message == "git tracks " + home + "/.qwen/.env, so the key in it goes into the next commit.");
}

}  // namespace authd::io
