// Which files others touch.
#include "daemon/io/watcher.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::ScratchDirectory;
using test::write_text;

using Files = std::set<std::string>;

struct Watched {
  ScratchDirectory scratch;
  std::string home = scratch / "home", file = home + "/.qwen/settings.json";
  Watcher watcher;
  Watched() { fs::create_directories(home); }

  // inotify has an event ready before the call that caused it returns.
  bool is_ready() const {
    pollfd ready{watcher.fd(), POLLIN, 0};
    return poll(&ready, 1, 0) == 1;
  }
};

}  // namespace

TEST_CASE("every way to change a file is seen, and nothing is where nothing happens") {
  struct Row {
    std::string what;
    void (*change)(const Watched&);
  };
  for (const Row& row : std::vector<Row>{
           {"written", [](const Watched& w) { write_text(w.file, "{ }"); }},
           {"replaced", [](const Watched& w) { write_text(w.home + "/new", "{ }"), fs::rename(w.home + "/new", w.file); }},
           {"removed", [](const Watched& w) { fs::remove(w.file); }},
           {"moved away", [](const Watched& w) { fs::rename(w.file, w.file + ".orig"); }},
           {"opened to others", [](const Watched& w) { chmod(w.file.c_str(), 0644); }},
           {"made a link", [](const Watched& w) { fs::remove(w.file), fs::create_symlink("elsewhere", w.file); }},
           {"its directory moved", [](const Watched& w) { fs::rename(w.home + "/.qwen", w.home + "/old"); }},
           {"its directory removed", [](const Watched& w) { fs::remove_all(w.home + "/.qwen"); }},
       }) {
    CAPTURE(row.what);
    Watched watched;
    write_text(watched.file, "{}");
    watched.watcher.watch(watched.file);
    CHECK_FALSE(watched.is_ready());
    CHECK(watched.watcher.touched().empty());
    row.change(watched);
    CHECK(watched.is_ready());
    CHECK(watched.watcher.touched() == Files{watched.file});
    CHECK(watched.watcher.touched().empty());
  }
}

TEST_CASE("other names in the directory do not matter") {
  Watched watched;
  write_text(watched.file, "{}");
  watched.watcher.watch(watched.file);
  write_text(watched.home + "/.qwen/settings.json.tmp", "x");
  write_text(watched.home + "/.qwen/other", "x");
  CHECK(watched.watcher.touched().empty());
}

TEST_CASE("a file whose directory is missing is waited for, step by step") {
  Watched watched;
  const std::string deep = watched.home + "/a/b/settings.json";
  watched.watcher.watch(deep);
  fs::create_directory(watched.home + "/a");
  CHECK(watched.watcher.touched() == Files{deep});
  fs::create_directory(watched.home + "/a/b");
  CHECK(watched.watcher.touched() == Files{deep});
  write_text(deep, "{}");
  CHECK(watched.watcher.touched() == Files{deep});
}

TEST_CASE("a directory that comes back is watched again") {
  Watched watched;
  write_text(watched.file, "{}");
  watched.watcher.watch(watched.file);
  fs::remove_all(watched.home + "/.qwen");
  CHECK(watched.watcher.touched() == Files{watched.file});
  write_text(watched.file, "{}");
  CHECK(watched.watcher.touched() == Files{watched.file});
  write_text(watched.file, "{ }");
  CHECK(watched.watcher.touched() == Files{watched.file});
}

TEST_CASE("what a link leads to is watched, also when it leads elsewhere later") {
  Watched watched;
  fs::create_directories(watched.home + "/.qwen");
  write_text(watched.scratch / "one/settings.json", "{}");
  write_text(watched.scratch / "two/settings.json", "{}");
  fs::create_symlink(watched.scratch / "one/settings.json", watched.file);
  watched.watcher.watch(watched.file);
  write_text(watched.scratch / "one/settings.json", "{ }");
  CHECK(watched.watcher.touched() == Files{watched.file});
  fs::remove(watched.file);
  fs::create_symlink(watched.scratch / "two/settings.json", watched.file);
  CHECK(watched.watcher.touched() == Files{watched.file});
  write_text(watched.scratch / "two/settings.json", "{ }");
  CHECK(watched.watcher.touched() == Files{watched.file});
}

TEST_CASE("two files of one directory are told apart, and one name can be both") {
  Watched watched;
  const std::string other = watched.home + "/.qwen/other.json", link = watched.home + "/link.json";
  write_text(watched.file, "{}");
  fs::create_symlink(watched.file, link);
  for (const std::string& path : {watched.file, other, link, watched.file}) watched.watcher.watch(path);
  write_text(other, "{}");
  CHECK(watched.watcher.touched() == Files{other});
  write_text(watched.file, "{ }");
  CHECK(watched.watcher.touched() == Files{watched.file, link});
}

TEST_CASE("past 256 files no more are watched") {
  Watched watched;
  fs::create_directories(watched.home + "/many");
  const auto name = [&](int number) { return watched.home + "/many/" + std::to_string(number); };
  for (int number = 0; number < 300; ++number) watched.watcher.watch(name(number));
  write_text(name(0), "");
  write_text(name(255), "");
  write_text(name(256), "");
  CHECK(watched.watcher.touched() == Files{name(0), name(255)});
}

}  // namespace authd::io
