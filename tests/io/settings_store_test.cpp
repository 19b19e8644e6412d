// Settings files on a real disk: what a write leaves behind, what it refuses, and what is noticed
// of others' writes.
#include "daemon/io/settings_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "daemon/core/settings_undo.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::key_texts;
using test::mode_of;
using test::read_text;
using test::refusal;
using test::ScratchDirectory;
using test::write_text;

using Names = std::vector<std::string>;

const std::string body = "{\n  // mine\n  \"ui\": 1\n}\n";
const std::string body_with_a = "{\n  // mine\n  \"ui\": 1,\n  \"a\": 1\n}\n";
const std::string new_file_with_a = "{\n  \"$version\": 4,\n  \"a\": 1\n}\n";

// A home of its own, and nothing of this machine's.
struct WritingHouse {
  ScratchDirectory scratch;
  std::string home = scratch / "home", qwen = home + "/.qwen", file = qwen + "/settings.json", state = scratch / "state",
              history = state + "/history";
  core::Environment environment;
  SettingsStore store{state};

  WritingHouse() {
    fs::create_directories(home);
    environment.home = home;
    environment.variables = {{"QWEN_CODE_SYSTEM_SETTINGS_PATH", scratch / "etc/settings.json"}};
  }
  void restart() {
    std::destroy_at(&store);
    std::construct_at(&store, state);
  }
  core::SettingsFile now() { return store.load(environment, SettingsStore::Freshness::by_content).user; }
  // Sets "a", by content. `meanwhile` happens between the plan and the write, with the number of the plan.
  Result<Saved> set_a(const std::function<void(int)>& meanwhile = {}, const Json& value = 1) {
    plans = 0;
    return store.change({"settings.set"}, [&]() -> Result<core::Plan> {
      auto plan = core::plan_set(now(), {"a"}, value, false);
      if (meanwhile) meanwhile(++plans);
      return plan;
    });
  }
  Result<Saved> undo(const Saved& saved) {
    const Snapshot snapshot = store.history().find(saved.snapshot).value();
    store.settle();
    core::PastWrite write;
    if (snapshot.before) write.before = store.history().content(*snapshot.before).value();
    if (snapshot.after) write.after = store.history().content(*snapshot.after).value();
    write.link_before = snapshot.link_before;
    return store.change({"settings.undo", snapshot.id}, [&] { return core::plan_undo(now(), write); });
  }
  Names names(const std::string& directory) const {
    Names found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  // "self settings.set ui,a" for each record, oldest first.
  Names records() {
    Names found;
    const auto all = store.history().snapshots().value_or(std::vector<Snapshot>());
    for (const Snapshot& snapshot : all) {
      std::string keys;
      for (const std::string& key : key_texts(snapshot.keys)) keys += (keys.empty() ? " " : ",") + key;
      found.push_back(snapshot.by + (snapshot.method.empty() ? "" : " " + snapshot.method) + keys);
    }
    return found;
  }
  int plans = 0;
};

}  // namespace

TEST_CASE("a new file is private, in a private directory, and nothing is beside it") {
  WritingHouse house;
  const mode_t before = umask(0);
  const auto saved = house.set_a();
  umask(before);
  REQUIRE(saved);
  CHECK(read_text(house.file) == new_file_with_a);
  CHECK(mode_of(house.file) == 0600);
  CHECK(mode_of(house.qwen) == 0700);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  CHECK(saved->changed);
  CHECK(saved->path == house.file);
  CHECK(saved->etag == house.now().etag);
  CHECK_FALSE(saved->backup);
  CHECK(house.records() == Names{"self settings.set a"});
}

TEST_CASE("before a file is replaced its bytes are kept, private and out of its directory") {
  WritingHouse house;
  write_text(house.file, body);
  chmod(house.file.c_str(), 0644);
  const mode_t before = umask(0);
  const auto saved = house.set_a();
  umask(before);
  REQUIRE(saved);
  REQUIRE(saved->backup);
  CHECK(saved->backup->starts_with(house.history + "/"));
  CHECK(read_text(*saved->backup) == body);
  CHECK(mode_of(house.history) == 0700);
  for (const std::string& name : house.names(house.history)) CHECK(mode_of(house.history + "/" + name) == 0600);
  CHECK(mode_of(house.file) == 0600);
  CHECK(read_text(house.file) == body_with_a);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
}

TEST_CASE("a write, its undo and the undo of that are one record each, and give every byte back") {
  WritingHouse house;
  const auto text = GENERATE(as<std::optional<std::string>>(), body, "\xEF\xBB\xBF{\r\n}\r\n", "{}", std::nullopt);
  CAPTURE(text);
  if (text) write_text(house.file, *text);
  const auto saved = house.set_a();
  REQUIRE(saved);
  const std::string written = read_text(house.file);
  const auto undone = house.undo(*saved);
  REQUIRE(undone);
  CHECK(undone->changed);
  CHECK(fs::exists(house.file) == text.has_value());
  CHECK(read_text(house.file) == text.value_or(""));
  if (!text) CHECK(undone->etag == "absent");
  REQUIRE(house.undo(*undone));
  CHECK(read_text(house.file) == written);
  CHECK(house.records().size() == 3);
  CHECK(house.store.history().find(undone->snapshot)->undoes == saved->snapshot);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
}

TEST_CASE("the names that Qwen Code destroys are not used, and files of these names not touched") {
  WritingHouse house;
  write_text(house.file, body);
  const Names theirs{"settings.json.corrupted", "settings.json.orig", "settings.json.tmp"};
  for (const std::string& name : theirs) write_text(house.qwen + "/" + name, name);
  REQUIRE(house.set_a());
  for (const std::string& name : theirs) CHECK(read_text(house.qwen + "/" + name) == name);
  CHECK(house.names(house.qwen).size() == 4);
}

TEST_CASE("a change of nothing writes nothing") {
  WritingHouse house;
  REQUIRE(house.set_a());
  chmod(house.file.c_str(), 0644);
  struct stat before {}, after {};
  stat(house.file.c_str(), &before);
  const auto saved = house.set_a();
  REQUIRE(saved);
  CHECK_FALSE(saved->changed);
  CHECK(saved->etag == house.now().etag);
  CHECK(saved->snapshot.empty());
  CHECK_FALSE(saved->backup);
  stat(house.file.c_str(), &after);
  CHECK(after.st_ino == before.st_ino);
  CHECK(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
  CHECK(house.records() == Names{"self settings.set a"});
}

TEST_CASE("what somebody writes between plan and write is kept: it is planned again on that") {
  struct Row {
    std::string what;
    std::optional<std::string> before, meanwhile;  // nothing = no file
    std::string after;
  };
  const auto row = GENERATE(values<Row>({
      {"an edit", body, "{\"theirs\": 1}", "{\"theirs\": 1, \"a\": 1}"},
      {"an edit of the same length", body, "{\n  // mine\n  \"ui\": 2\n}\n", "{\n  // mine\n  \"ui\": 2,\n  \"a\": 1\n}\n"},
      {"a new file", std::nullopt, "{\"theirs\": 1}", "{\"theirs\": 1, \"a\": 1}"},
      {"the file removed", body, std::nullopt, new_file_with_a},
  }));
  CAPTURE(row.what);
  WritingHouse house;
  if (row.before) write_text(house.file, *row.before);
  const auto saved = house.set_a([&](int plans) {
    if (plans > 1) return;
    if (row.meanwhile)
      write_text(house.file, *row.meanwhile);
    else
      fs::remove_all(house.qwen);
  });
  REQUIRE(saved);
  CHECK(house.plans == 2);
  CHECK(read_text(house.file) == row.after);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  // Both writes are in the history, ours on top of theirs.
  const auto snapshots = house.store.history().snapshots().value();
  REQUIRE(snapshots.size() == 2);
  CHECK(snapshots[0].by == "foreign");
  CHECK(snapshots[0].after == snapshots[1].before);
}

TEST_CASE("a file that never stands still is a conflict, and the last of theirs stands") {
  WritingHouse house;
  write_text(house.file, body);
  const Error error = refusal(house.set_a([&](int plans) { write_text(house.file, "{\"theirs\": " + std::to_string(plans) + "}"); }));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.data.at("path") == house.file);
  CHECK(house.plans == 11);
  CHECK(read_text(house.file) == "{\"theirs\": 11}");
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  for (const std::string& record : house.records()) CHECK(record.starts_with("foreign"));
}

TEST_CASE("a symlink is followed and stays a symlink, also through an undo") {
  WritingHouse house;
  const std::string target = house.scratch / "dotfiles/qwen/settings.json";
  const std::string kind = GENERATE(as<std::string>(), "absolute", "relative", "chain", "dangling", "into a directory that is missing");
  CAPTURE(kind);
  fs::create_directories(house.qwen);
  const bool is_there = kind != "dangling" && kind != "into a directory that is missing";
  if (kind != "into a directory that is missing") fs::create_directories(house.scratch / "dotfiles/qwen");
  if (is_there) write_text(target, body);
  if (kind == "chain") {
    fs::create_symlink(target, house.qwen + "/middle");
    fs::create_symlink("middle", house.file);
  } else {
    fs::create_symlink(kind == "relative" ? "../../dotfiles/qwen/settings.json" : target, house.file);
  }
  const auto saved = house.set_a();
  REQUIRE(saved);
  CHECK(saved->backup.has_value() == is_there);
  CHECK(fs::is_symlink(house.file));
  CHECK(read_text(target) == (is_there ? body_with_a : new_file_with_a));
  CHECK_FALSE(fs::is_symlink(target));
  CHECK(mode_of(target) == 0600);
  CHECK(house.names(house.scratch / "dotfiles/qwen") == Names{"settings.json"});
  REQUIRE(house.undo(*saved));
  CHECK(fs::is_symlink(house.file));
  CHECK(read_text(target) == (is_there ? body : ""));
}

TEST_CASE("a directory that is a symlink is followed, and a relative link inside it leads where the system says") {
  WritingHouse house;
  fs::create_directories(house.scratch / "real/deep");
  fs::create_directory_symlink(house.scratch / "real/deep", house.qwen);
  write_text(house.scratch / "real/target.json", body);
  fs::create_symlink("../target.json", house.file);
  REQUIRE(house.set_a());
  CHECK(read_text(house.scratch / "real/target.json") == body_with_a);
  CHECK(house.names(house.home) == Names{".qwen"});
  CHECK(house.names(house.scratch / "real/deep") == Names{"settings.json"});
}

TEST_CASE("what cannot be written is refused with path and errno, and stays as it is") {
  struct Row {
    std::string what, error;
    int code;
  };
  const auto row = GENERATE(values<Row>({
      {"read-only", "EACCES", -32022},
      {"managed by Nix", "EROFS", -32022},
      {"a directory", "EISDIR", -32022},
      {"a FIFO", "EINVAL", -32022},
      {"a link to itself", "ELOOP", -32020},
      {"larger than 32 MiB", "EFBIG", -32020},
      {"below a file", "ENOTDIR", -32022},
      {"no place for the history", "", -32022},
  }));
  CAPTURE(row.what);
  WritingHouse house;
  if (row.what != "below a file") write_text(house.file, body);
  if (row.what == "read-only") chmod(house.file.c_str(), 0444);
  if (row.what == "below a file") write_text(house.qwen, "in the way");
  if (row.what == "no place for the history") write_text(house.state, "in the way");
  if (row.what == "larger than 32 MiB") fs::resize_file(house.file, 33u << 20u);
  if (row.what == "managed by Nix" || row.what == "a directory" || row.what == "a FIFO" || row.what == "a link to itself") fs::remove(house.file);
  if (row.what == "managed by Nix") fs::create_symlink("/nix/store/abc/settings.json", house.file);
  if (row.what == "a directory") fs::create_directory(house.file);
  if (row.what == "a FIFO") REQUIRE(mkfifo(house.file.c_str(), 0600) == 0);
  if (row.what == "a link to itself") fs::create_symlink("settings.json", house.file);
  const auto status = fs::symlink_status(house.file);
  const Error error = refusal(house.set_a());
  CHECK(wire_code(error.kind) == row.code);
  if (!row.error.empty()) CHECK(error.data.at("errno") == row.error);
  CHECK(contains(error.data.at("path").get<std::string>(), row.what == "managed by Nix" ? "/nix/store/" : house.scratch.path()));
  CHECK_FALSE(error.message.empty());
  CHECK(fs::symlink_status(house.file) == status);
  if (row.what != "below a file") CHECK(house.names(house.qwen) == Names{"settings.json"});
  if (row.what == "read-only" || row.what == "no place for the history") CHECK(read_text(house.file) == body);
  CHECK(house.records().empty());
}

TEST_CASE("a file that becomes something else between plan and write is refused") {
  WritingHouse house;
  write_text(house.file, body);
  const bool directory = GENERATE(true, false);
  const Error error = refusal(house.set_a([&](int) {
    fs::remove(house.file);
    if (directory)
      fs::create_directory(house.file);
    else
      mkfifo(house.file.c_str(), 0600);
  }));
  CHECK(wire_code(error.kind) == -32022);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
}

TEST_CASE("another program's write is news once, with what it changed") {
  WritingHouse house;
  write_text(house.file, body);
  house.now();
  REQUIRE(house.set_a());
  house.store.observe();
  CHECK(house.store.take_foreign_writes().empty());  // our own is none
  write_text(house.file, "{\"ui\": 2, \"a\": 1}");
  write_text(house.home + "/unknown.json", "{}");
  house.store.observe();
  const auto writes = house.store.take_foreign_writes();
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].path == house.file);
  CHECK(key_texts(writes[0].keys) == Names{"ui"});
  CHECK(writes[0].etag == house.now().etag);
  CHECK(house.store.history().find(writes[0].snapshot)->by == "foreign");
  house.store.observe();
  CHECK(house.store.take_foreign_writes().empty());
  CHECK(house.records() == Names{"self settings.set a", "foreign ui"});
}

TEST_CASE("a daemon that starts anew sees what was written meanwhile, and forgets what was cut short") {
  WritingHouse house;
  write_text(house.file, body);
  REQUIRE(house.set_a());
  house.store.settle();
  const bool cut_short = GENERATE(true, false);
  write_text(house.file, cut_short ? body : "{\"ui\": 3, \"a\": 1}");  // our write never came to the disk
  SettingsStore later{house.state};
  later.begin(house.environment);
  const auto snapshots = later.history().snapshots().value();
  if (cut_short) {
    CHECK(snapshots.empty());
    CHECK(later.take_foreign_writes().empty());
  } else {
    REQUIRE(snapshots.size() == 2);
    CHECK(snapshots[1].by == "foreign");
    CHECK(snapshots[1].before == snapshots[0].after);
    CHECK(key_texts(later.take_foreign_writes().at(0).keys) == Names{"ui"});
  }
}

TEST_CASE("what stood behind a link that is put back is in the history, under its own path") {
  WritingHouse house;
  const std::string target = house.scratch / "dotfiles.json";
  write_text(target, body);
  fs::create_directories(house.qwen);
  fs::create_symlink(target, house.file);
  house.now();
  fs::remove(house.file);
  write_text(house.file, "{\"theirs\": 1}");
  house.now();
  const auto writes = house.store.take_foreign_writes();
  REQUIRE(writes.size() == 1);
  write_text(target, "{\"only\": \"here\"}");
  Saved foreign;
  foreign.snapshot = writes[0].snapshot;
  const auto restored = house.undo(foreign);
  REQUIRE(restored);
  CHECK(fs::read_symlink(house.file) == target);
  CHECK(read_text(target) == body);
  const Snapshot covered = house.store.history().snapshots().value().back();
  CHECK(covered.path == target);
  CHECK(covered.by == "self");
  CHECK(covered.undoes == foreign.snapshot);
  CHECK(key_texts(covered.keys) == Names{"ui", "only"});
  // Also once contents that no record names are gone.
  house.store.settle();
  CHECK(SettingsStore(house.state).history().content(covered.before.value()) == std::string("{\"only\": \"here\"}"));
  CHECK(house.store.history().content(covered.after.value()) == body);
  house.now();
  CHECK(house.store.take_foreign_writes().empty());
}

TEST_CASE("where a link cannot go back, nothing behind it has changed and nothing is recorded") {
  WritingHouse house;
  const std::string target = house.scratch / "dotfiles.json";
  const bool was_there = GENERATE(true, false);
  fs::create_directories(house.qwen);
  write_text(house.file, "{\"theirs\": 1}");
  if (was_there) write_text(target, "{\"only\": \"here\"}");
  int plans = 0;
  const Error error = refusal(house.store.change({"settings.restore"}, [&]() -> Result<core::Plan> {
    core::Plan plan = core::plan_on(house.now());
    plan.new_text = body;
    plan.link = target;
    write_text(house.file, "{\"theirs\": " + std::to_string(++plans + 1) + "}");
    return plan;
  }));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(read_text(house.file) == "{\"theirs\": 12}");
  CHECK(read_text(target) == (was_there ? "{\"only\": \"here\"}" : ""));
  CHECK(fs::exists(target) == was_there);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  for (const std::string& record : house.records()) CHECK(record.starts_with("foreign"));
}

TEST_CASE("a link that was pointed elsewhere is put back, and what it leads to now is left alone") {
  WritingHouse house;
  const bool same_text = GENERATE(false, true), while_down = GENERATE(false, true);
  CAPTURE(same_text, while_down);
  const std::string one = house.scratch / "one.json", two = house.scratch / "two.json", other = same_text ? body_with_a : "{\"two\": 2}";
  write_text(one, body);
  write_text(two, other);
  fs::create_directories(house.qwen);
  fs::create_symlink(one, house.file);
  REQUIRE(house.set_a());
  house.store.settle();
  fs::remove(house.file);
  fs::create_symlink(two, house.file);
  if (while_down) house.restart();
  house.now();
  const auto writes = house.store.take_foreign_writes();
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].notices.back().code == "F803");
  CHECK(writes[0].notices.back().message == "Another program replaced the symlink " + house.file + ", which pointed to " + one +
                                                ", by one to " + two + ". Restoring the file puts the symlink back.");
  CHECK(house.store.history().find(writes[0].snapshot)->link_before == one);
  Saved foreign;
  foreign.snapshot = writes[0].snapshot;
  const auto restored = house.undo(foreign);
  REQUIRE(restored);
  CHECK(fs::read_symlink(house.file) == one);
  CHECK(read_text(one) == body_with_a);
  CHECK(read_text(two) == other);
  REQUIRE(house.undo(*restored));
  CHECK(fs::read_symlink(house.file) == two);
  CHECK(read_text(one) == body_with_a);
  CHECK(read_text(two) == other);
  house.now();
  CHECK(house.store.take_foreign_writes().empty());
}

TEST_CASE("what was done to a file's link and mode while no daemon ran is seen at the next start") {
  WritingHouse house;
  const bool replaced = GENERATE(true, false);
  const std::string target = house.scratch / "dotfiles.json";
  write_text(target, "{\"env\": {\"A_KEY\": \"sk-canary-0123456789\"}}");
  fs::create_directories(house.qwen);
  fs::create_symlink(target, house.file);
  REQUIRE(house.set_a());
  house.store.settle();
  const std::string text = read_text(target);
  if (replaced) {
    fs::remove(house.file);
    write_text(house.file, text);
  }
  chmod(house.file.c_str(), 0644);
  SettingsStore later{house.state};
  later.begin(house.environment);
  const auto writes = later.take_foreign_writes();
  REQUIRE(writes.size() == 1);
  CHECK(mode_of(replaced ? house.file : target) == 0600);
  CHECK(writes[0].notices.front().code == "F804");
  CHECK(writes[0].notices.back().code == (replaced ? "F803" : "F804"));
  CHECK(writes[0].snapshot.empty() != replaced);
  if (replaced) CHECK(later.history().find(writes[0].snapshot)->link_before == target);
  SettingsStore last{house.state};
  last.begin(house.environment);
  CHECK(last.take_foreign_writes().empty());
}

TEST_CASE("a text that cannot be kept is named all the same, and kept as soon as it can be") {
  WritingHouse house;
  write_text(house.file, body);
  house.now();
  // In the place of its copy stands something else.
  const std::string copy = house.store.history().path_of(core::content_id(body));
  write_text(copy + "/in the way", "");
  write_text(house.file, "{\"ui\": 2}");
  house.now();
  const auto writes = house.store.take_foreign_writes();
  REQUIRE(writes.size() == 1);
  const Snapshot snapshot = house.store.history().find(writes[0].snapshot).value();
  CHECK(snapshot.before == core::content_id(body));
  CHECK(house.store.history().content(*snapshot.before).error().kind == ErrorKind::unknown_snapshot);
  fs::remove_all(copy);
  house.store.settle();
  CHECK(house.store.history().content(*snapshot.before) == body);
}

TEST_CASE("what a killed process left behind is removed when it is of no more use, and not before") {
  struct Row {
    std::string what;
    bool stays;
    std::size_t records;
  };
  const auto row = GENERATE(values<Row>({
      {"half of our own write", false, 1},
      {"what is known", false, 1},
      {"half a link", false, 1},
      {"somebody's text", false, 2},
      {"somebody's text that cannot be kept", true, 1},
      {"what cannot be read", true, 1},
  }));
  CAPTURE(row.what);
  WritingHouse house;
  write_text(house.file, body);
  REQUIRE(house.set_a());
  house.store.settle();
  const std::string left = house.qwen + "/.qwen-authd-0123456789abc.new", theirs = "{\"theirs\": 1}";
  if (row.what == "half of our own write") write_text(left, body_with_a.substr(0, 12));
  if (row.what == "what is known") write_text(left, body);
  if (row.what == "half a link") fs::create_symlink("../theirs.json", left);
  if (row.what.starts_with("somebody's")) write_text(left, theirs);
  if (row.what == "what cannot be read") write_text(left, std::string(33u << 20u, ' '));
  const std::string copy = house.store.history().path_of(core::content_id(theirs));
  if (row.what.ends_with("cannot be kept")) write_text(copy + "/in the way", "");
  SettingsStore later{house.state};
  later.begin(house.environment);
  CHECK(fs::exists(fs::symlink_status(left)) == row.stays);
  CHECK(later.history().snapshots().value().size() == row.records);
  if (!row.what.ends_with("cannot be kept")) return;
  fs::remove_all(copy);
  SettingsStore last{house.state};
  last.begin(house.environment);
  CHECK_FALSE(fs::exists(left));
  CHECK(last.history().content(core::content_id(theirs)) == theirs);
}

TEST_CASE("a purge leaves files alone that only the records know of") {
  WritingHouse house;
  write_text(house.file, "{\"env\": {\"K\": \"sk-canary-0123456789\"}}");
  REQUIRE(house.set_a());
  house.store.settle();
  const std::string text = read_text(house.file);
  SettingsStore later{house.state};
  REQUIRE(later.purge("K") == 1U);
  CHECK(later.history().last(house.file)->after == core::content_id(text));
  later.begin(house.environment);
  CHECK(later.take_foreign_writes().empty());
  CHECK(read_text(house.file) == text);
}

TEST_CASE("what comes of edits and does not parse takes nothing's place, be it short or long") {
  WritingHouse house;
  write_text(house.file, body);
  const std::string padding(GENERATE(0, 200'000), ' ');
  const auto saved = house.store.change({"settings.set"}, [&]() -> Result<core::Plan> {
    core::Plan plan;
    plan.file = house.now();
    core::put_edited(plan, "{" + padding + "\"a\": }");
    return plan;
  });
  REQUIRE_FALSE(saved);
  CHECK(saved.error().kind == ErrorKind::internal_error);
  CHECK(saved.error().message.starts_with("What was to be saved in " + house.file + " would not parse: "));
  CHECK(read_text(house.file) == body);
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  CHECK(house.records().empty());
}

TEST_CASE("what a write used up is there until it is settled, and has no name") {
  WritingHouse house;
  write_text(house.file, body);
  REQUIRE(house.set_a());
  CHECK(house.names(house.qwen) == Names{"settings.json"});
  CHECK_FALSE(house.store.is_settled());
  house.store.settle();
  CHECK(house.store.is_settled());
}

TEST_CASE("a path is writable by the rule by which it is written") {
  WritingHouse house;
  CHECK(SettingsStore::is_writable(house.file));
  write_text(house.file, body);
  CHECK(SettingsStore::is_writable(house.file));
  CHECK_FALSE(SettingsStore::is_writable(house.file + "/below/a/file"));
  chmod(house.file.c_str(), 0444);
  CHECK_FALSE(SettingsStore::is_writable(house.file));
  fs::remove(house.file);
  fs::create_directory(house.file);
  CHECK_FALSE(SettingsStore::is_writable(house.file));
  if (geteuid() != 0) CHECK_FALSE(SettingsStore::is_writable("/etc/passwd"));
}

TEST_CASE("a key is in no name and no record of the history, and a purge leaves it in the file alone") {
  WritingHouse house;
  const auto set_key = [&](const std::string& key) {
    return house.store.change({"settings.set"}, [&] { return core::plan_set(house.now(), {"env", "K"}, key, false); });
  };
  REQUIRE(set_key("sk-first-0123456789"));
  REQUIRE(set_key("sk-canary-0123456789"));
  REQUIRE(house.set_a());
  house.store.settle();
  for (const std::string& name : house.names(house.history)) CHECK_FALSE(contains(name, "canary"));
  CHECK_FALSE(contains(read_text(house.history + "/index.jsonl"), "0123456789"));
  CHECK(house.store.history().holding_key("K") == 3);
  REQUIRE(house.store.purge("K"));
  for (const std::string& name : house.names(house.history)) CHECK_FALSE(contains(read_text(house.history + "/" + name), "sk-first"));
  CHECK(contains(read_text(house.file), "sk-canary-0123456789"));
  CHECK(house.store.history().holding_key("K") == 1);  // the file as it is now
}

}  // namespace authd::io
