// Which files are read, and as what.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "daemon/io/settings_store.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using Freshness = SettingsStore::Freshness;
using test::ScratchDirectory;
using test::write_text;

struct LoadingHouse {
  ScratchDirectory scratch;
  std::string home = scratch / "home", repo = scratch / "repo", etc = scratch / "etc";
  core::Environment environment;
  SettingsStore store{scratch / "state"};

  LoadingHouse() {
    fs::create_directories(home);
    fs::create_directories(repo);
    environment.home = home;
    environment.cwd = repo;
    environment.variables = {{"QWEN_CODE_SYSTEM_SETTINGS_PATH", etc + "/settings.json"}};
  }
  core::SettingsFiles load(Freshness freshness = Freshness::by_content) { return store.load(environment, freshness); }
};

std::string text_of(const core::SettingsFile& file) { return file.document ? file.document->text() : "no document"; }

}  // namespace

TEST_CASE("every file that takes part is read, missing ones are absent") {
  LoadingHouse house;
  write_text(house.home + "/.qwen/settings.json", "{\"u\": 1}");
  write_text(house.repo + "/.qwen/settings.json", "\xEF\xBB\xBF{\"w\": 1} // c");
  const auto files = house.load();
  CHECK(text_of(files.user) == "{\"u\": 1}");
  CHECK(files.user.exists);
  REQUIRE(files.workspace);
  CHECK(text_of(*files.workspace) == "\xEF\xBB\xBF{\"w\": 1} // c");
  CHECK(files.workspace_trusted);
  CHECK_FALSE(files.system.exists);
  CHECK(files.system.etag == "absent");
  CHECK(files.system.path == house.etc + "/settings.json");
  CHECK(files.system_defaults.path == house.etc + "/system-defaults.json");
  CHECK(files.user.etag != files.workspace->etag);
}

TEST_CASE("a file that does not parse is there, with what is wrong") {
  LoadingHouse house;
  write_text(house.home + "/.qwen/settings.json", "{\n  \"a\": 1\n  \"b\": 2\n}");
  const auto files = house.load();
  CHECK(files.user.exists);
  CHECK_FALSE(files.user.document);
  REQUIRE(files.user.fault);
  CHECK(files.user.fault->at.line == 3);
  CHECK(files.user.etag != "absent");
}

TEST_CASE("in the home directory there is no workspace, however it is reached") {
  LoadingHouse house;
  write_text(house.home + "/.qwen/settings.json", "{}");
  const std::string way = GENERATE(as<std::string>(), "itself", "a symlink", "no directory given", "the same settings directory");
  CAPTURE(way);
  if (way == "itself") house.environment.cwd = house.home;
  if (way == "a symlink") {
    fs::create_directory_symlink(house.home, house.scratch / "link");
    house.environment.cwd = house.scratch / "link";
  }
  if (way == "no directory given") house.environment.cwd.reset();
  if (way == "the same settings directory") house.environment.variables["QWEN_HOME"] = house.repo + "/.qwen";
  CHECK_FALSE(house.load().workspace);
}

TEST_CASE("QWEN_HOME in ~/.qwen/.env or ~/.env moves the user's file") {
  LoadingHouse house;
  write_text(house.home + "/.env", "QWEN_HOME=~/alt # moved\n");
  write_text(house.home + "/alt/settings.json", "{\"alt\": 1}");
  CHECK(text_of(house.load().user) == "{\"alt\": 1}");
  write_text(house.home + "/.qwen/.env", "QWEN_HOME=" + house.home + "/first\n");
  CHECK(house.load().user.path == house.home + "/first/settings.json");
}

TEST_CASE("with folder trust on, a workspace counts only where a rule trusts it") {
  struct Row {
    std::string user, system, rules;
    bool trusted;
  };
  const std::string on = R"({"security": {"folderTrust": {"enabled": true}}})", off = R"({"security": {"folderTrust": {"enabled": false}}})";
  const auto row = GENERATE_COPY(values<Row>({
      {"{}", "{}", "", true},
      {off, "{}", "", true},
      {on, "{}", "", false},
      {on, "{}", "{}", false},
      {on, "{}", "{ not json", false},
      {on, "{}", R"({"REPO": "TRUST_FOLDER"})", true},
      {on, "{}", R"({/* c */ "REPO": "DO_NOT_TRUST"})", false},
      {on, "{}", R"({"REPO/sub": "TRUST_PARENT"})", true},
      {on, off, "{}", true},
      {off, on, "{}", false},
  }));
  CAPTURE(row.user, row.system, row.rules);
  LoadingHouse house;
  write_text(house.home + "/.qwen/settings.json", row.user);
  write_text(house.etc + "/settings.json", row.system);
  write_text(house.repo + "/.qwen/settings.json", R"({"security": {"folderTrust": {"enabled": false}}})");
  std::string rules = row.rules;
  if (const auto at = rules.find("REPO"); at != std::string::npos) rules.replace(at, 4, house.repo);
  if (!rules.empty()) write_text(house.home + "/.qwen/trustedFolders.json", rules);
  CHECK(house.load().workspace_trusted == row.trusted);
}

TEST_CASE("a change is seen, whatever the cache holds") {
  LoadingHouse house;
  const std::string file = house.home + "/.qwen/settings.json";
  write_text(file, "{\"a\": 1}");
  const Freshness freshness = GENERATE(Freshness::by_times, Freshness::by_content);
  const std::string first = house.load(freshness).user.etag;
  CHECK(house.load(freshness).user.etag == first);
  write_text(file, "{\"a\": 2}");  // as long as before
  CHECK(text_of(house.load(freshness).user) == "{\"a\": 2}");
  CHECK(house.load(freshness).user.etag != first);
  write_text(file, "{");
  CHECK(house.load(freshness).user.fault);
  write_text(file, "{\"a\": 1}");
  CHECK(house.load(freshness).user.etag == first);
  CHECK_FALSE(house.load(freshness).user.fault);
  fs::remove(file);
  CHECK_FALSE(house.load(freshness).user.exists);
}

TEST_CASE("a change that hides behind its times is seen where contents are asked for") {
  LoadingHouse house;
  const std::string file = house.home + "/.qwen/settings.json";
  write_text(file, "{\"a\": 1}");
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(100);
  fs::last_write_time(file, long_ago);
  house.load();
  write_text(file, "{\"a\": 2}");
  fs::last_write_time(file, long_ago);
  CHECK(text_of(house.load(Freshness::by_content).user) == "{\"a\": 2}");
}

TEST_CASE("one file in two scopes is each scope's") {
  LoadingHouse house;
  house.environment.variables["QWEN_CODE_SYSTEM_DEFAULTS_PATH"] = house.etc + "/settings.json";
  write_text(house.etc + "/settings.json", "{}");
  for (const Freshness freshness : {Freshness::by_content, Freshness::by_times}) {
    const auto files = house.load(freshness);
    CHECK(files.system.scope == core::Scope::system);
    CHECK(files.system_defaults.scope == core::Scope::system_defaults);
  }
}

}  // namespace authd::io
