// The history on a real disk: what is recorded, what is kept, and what is refused.
#include "daemon/io/history.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "protocol/limits.hpp"
#include "tests/io/history_support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::mode_of;
using test::Past;
using test::read_text;
using test::write_text;
using Names = std::vector<std::string>;

const std::string id_of_empty_object = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

}  // namespace

TEST_CASE("a history that nobody has written to makes and finds nothing") {
  Past past;
  CHECK(past.history.snapshots().value().empty());
  CHECK_FALSE(past.history.find("20261121T104200.000000001Z-1a2b3c4d"));
  CHECK_FALSE(past.history.last("/home/u/.qwen/settings.json"));
  CHECK_FALSE(past.history.holds(id_of_empty_object));
  CHECK(past.history.content(id_of_empty_object).error().message == "The copy that belongs to this snapshot is gone.");
  CHECK(past.history.holding_key("OPENAI_API_KEY") == 0);
  CHECK(past.history.purge("OPENAI_API_KEY") == 0U);
  past.history.settle();
  past.history.sweep();
  CHECK_FALSE(fs::exists(past.scratch / "state"));
}

TEST_CASE("a content is a private file that is named by its SHA-256") {
  Past past;
  const mode_t before = umask(0);
  past.write(std::nullopt, "{}");
  umask(before);
  CHECK(Past::id("{}") == id_of_empty_object);
  CHECK(past.history.path_of(id_of_empty_object) == past.directory + "/" + id_of_empty_object + ".json");
  CHECK(read_text(past.history.path_of(id_of_empty_object)) == "{}");
  CHECK(past.history.content(id_of_empty_object) == std::string("{}"));
  CHECK(past.history.holds(id_of_empty_object));
  CHECK(past.names() == Names{id_of_empty_object + ".json", "index.jsonl"});
  CHECK(mode_of(past.directory) == 0700);
  for (const std::string& name : past.names()) CHECK(mode_of(past.directory + "/" + name) == 0600);
}

TEST_CASE("the same content is kept once, whoever wrote it") {
  Past past;
  past.write("{}", "{\"a\": 1}");
  past.write("{\"a\": 1}", "{}");
  past.write("{}", "{\"a\": 1}", "/repo/.qwen/settings.json");
  CHECK(past.names(".json").size() == 2);
  CHECK(past.history.snapshots().value().size() == 3);
}

TEST_CASE("a copy that is there already is not written again") {
  Past past;
  past.write(std::nullopt, "{}");
  struct stat first {}, second {};
  stat(past.history.path_of(id_of_empty_object).c_str(), &first);
  REQUIRE(past.history.keep(id_of_empty_object, "{}"));
  stat(past.history.path_of(id_of_empty_object).c_str(), &second);
  CHECK(first.st_ino == second.st_ino);
}

TEST_CASE("a copy that a power cut left empty is gone, and is written again when it is kept again") {
  Past past;
  past.write(std::nullopt, "{}");
  write_text(past.history.path_of(id_of_empty_object), "");
  CHECK(past.history.content(id_of_empty_object).error().kind == ErrorKind::unknown_snapshot);
  REQUIRE(past.history.keep(id_of_empty_object, "{}"));
  CHECK(past.history.content(id_of_empty_object) == std::string("{}"));
}

TEST_CASE("a record is a line of the index and comes back as it was") {
  Past past;
  Snapshot full = past.snapshot("{}", "{");
  full.link = "../dotfiles/two.json";
  full.link_before = "../dotfiles/settings.json";
  full.more_keys = 7;
  full.undoes = "20261121T104100.000000001Z-1a2b3c4d";
  full.trouble = "Line 1, column 2: the text ends too early.";
  full.keys = {{"env", "A.B"}, {"model", "näme"}};
  REQUIRE(past.history.record(full));
  const Snapshot made = past.snapshot(std::nullopt, "{}");
  REQUIRE(past.history.record(made));
  CHECK(past.history.snapshots() == std::vector<Snapshot>{full, made});
  CHECK(past.history.find(full.id) == full);
  const std::string lines = read_text(past.index);
  CHECK(lines.substr(lines.find('\n') + 1) ==
        R"({"after":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",)"
        R"("at":"2026-11-21T10:42:00.123Z","before":null,"by":"self",)"
        R"("id":"20261121T104200.000000002Z-1a2b3c4d","keys":[["env","OPENAI_API_KEY"]],)"
        R"("method":"settings.set","path":"/home/u/.qwen/settings.json","scope":"user"})"
        "\n");
}

TEST_CASE("the last snapshot of a file is the one that was recorded last, by anybody") {
  Past past;
  const Snapshot user = past.write(std::nullopt, "{}");
  const Snapshot workspace = past.write(std::nullopt, "{\"w\": 1}", "/repo/.qwen/settings.json");
  CHECK(past.history.last("/home/u/.qwen/settings.json") == user);
  CHECK(past.history.last("/repo/.qwen/settings.json") == workspace);
  CHECK_FALSE(past.history.last("/other/.qwen/settings.json"));
  const Snapshot newer = past.write("{}", "{\"a\": 1}");
  CHECK(past.history.last("/home/u/.qwen/settings.json") == newer);
  History other(past.directory);
  CHECK(other.last("/home/u/.qwen/settings.json") == newer);
  const Snapshot foreign = past.snapshot("{\"a\": 1}", "{}");
  REQUIRE(other.record(foreign));
  CHECK(other.last("/home/u/.qwen/settings.json") == foreign);
  CHECK(past.history.last("/home/u/.qwen/settings.json") == foreign);
}

TEST_CASE("a withdrawn snapshot did not take place") {
  Past past;
  const Snapshot first = past.write(std::nullopt, "{}");
  const Snapshot second = past.write("{}", "{\"a\": 1}");
  past.history.withdraw(second.id);
  CHECK(past.ids() == Names{first.id});
  CHECK_FALSE(past.history.find(second.id));
  CHECK(past.history.last(first.path) == first);
  past.tidy();
  CHECK_FALSE(contains(read_text(past.index), "void"));
  CHECK_FALSE(past.history.holds(Past::id("{\"a\": 1}")));
  CHECK(past.history.holds(id_of_empty_object));
}

TEST_CASE("a torn line is passed over, and the next record starts on a line of its own") {
  Past past;
  const Snapshot first = past.write(std::nullopt, "{}");
  const std::string whole = read_text(past.index);
  write_text(past.index, whole + whole.substr(0, 40));
  CHECK(past.ids() == Names{first.id});
  const Snapshot second = past.write("{}", "{\"a\": 1}");
  CHECK(past.ids() == Names{first.id, second.id});
  CHECK(past.history.last(first.path) == second);
}

TEST_CASE("lines that are not ours are passed over, and no name in them becomes a path") {
  Past past;
  const Snapshot good = past.write(std::nullopt, "{}");
  write_text(past.scratch / "state/secret.json", "secret");
  const std::string lines = read_text(past.index);
  const Json record = to_json(good);
  std::string hostile = "null\n[]\n7\n\"id\"\n{\"id\": 7, \"path\": []}\n{\"void\": {}}\n" + std::string(300, '[') + "\n";
  for (const std::string id : {"../secret", "/etc/passwd", "", ".", "44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A"}) {
    Json line = record;
    line["before"] = id;
    hostile += dump(line) + "\n";
    CHECK_FALSE(past.history.holds(id));
    CHECK(past.history.content(id).error().kind == ErrorKind::unknown_snapshot);
    CHECK(past.history.keep(id, "x").error().kind == ErrorKind::settings_not_writable);
  }
  Json line = record;
  line["after"] = 7;
  line["id"] = "x";
  hostile += dump(line) + "\n";
  line = record;
  line["keys"] = {1, {"a", 2}, Json::object()};
  line["id"] = "../id";
  write_text(past.index, hostile + lines + dump(line) + "\n");
  CHECK(past.ids() == Names{good.id, "../id"});
  CHECK(past.history.snapshots().value()[1].keys == std::vector<std::vector<std::string>>{{"a"}});
  past.history.withdraw("../id");
  past.tidy();
  CHECK(read_text(past.scratch / "state/secret.json") == "secret");
}

TEST_CASE("an index that is a link is not followed by a record") {
  Past past;
  past.write(std::nullopt, "{}");
  fs::rename(past.index, past.scratch / "elsewhere");
  fs::create_symlink(past.scratch / "elsewhere", past.index);
  CHECK(past.history.record(past.snapshot("{}", "{}")).error().data.at("errno") == "ELOOP");
}

TEST_CASE("where no copy can be kept that is said with the path and the errno") {
  Past past;
  write_text(past.scratch / "state", "a file in the way");
  const Error error = past.history.keep(id_of_empty_object, "{}").error();
  CHECK(error.kind == ErrorKind::settings_not_writable);
  CHECK(error.message == "Cannot keep a copy in " + past.directory + ": Not a directory. Without it nothing is written.");
  CHECK(error.data.at("path") == past.directory);
  CHECK(error.data.at("errno") == "ENOTDIR");
  CHECK(past.history.record(past.snapshot("{}", "{}")).error().kind == ErrorKind::settings_not_writable);
  past.history.withdraw("x");
  past.history.settle();
  CHECK(past.history.snapshots().error().kind == ErrorKind::settings_unreadable);
}

TEST_CASE("a directory that others can read is made private, also behind a link") {
  Past past;
  const bool link = GENERATE(false, true);
  const std::string real = link ? past.scratch / "real" : past.directory;
  fs::create_directories(real);
  fs::create_directories(past.scratch / "state");
  if (link) fs::create_directory_symlink(real, past.directory);
  chmod(real.c_str(), 0755);
  past.write(std::nullopt, "{}");
  CHECK(mode_of(real) == 0700);
  CHECK(read_text(real + "/" + id_of_empty_object + ".json") == "{}");
}

TEST_CASE("a directory of somebody else is refused") {
  Past past;
  fs::create_directories(past.scratch / "state");
  const std::string theirs = geteuid() == 0 ? past.scratch / "theirs" : "/";
  if (geteuid() == 0) {
    fs::create_directories(theirs);
    REQUIRE(chown(theirs.c_str(), 65534, 65534) == 0);
    chmod(theirs.c_str(), 0777);
  }
  fs::create_directory_symlink(theirs, past.directory);
  const Error error = past.history.keep(id_of_empty_object, "{}").error();
  CHECK(error.message ==
        "Cannot keep a copy in " + past.directory + ": it belongs to another user. Without it nothing is written.");
  CHECK(error.data.at("errno") == "EPERM");
  CHECK(past.history.record(past.snapshot("{}", "{}")).error().data.at("errno") == "EPERM");
  CHECK(past.names("json").empty());
}

TEST_CASE("what a crash left half written is swept away, and nothing else") {
  Past past;
  past.write(std::nullopt, "{}");
  write_text(past.directory + "/.qwen-authd-0123456789abcdef.new", "half");
  write_text(past.directory + "/notes.txt", "mine");
  past.history.sweep();
  CHECK(past.names() == Names{id_of_empty_object + ".json", "index.jsonl", "notes.txt"});
}

TEST_CASE("contents that no record names are deleted, and files of other names are not") {
  Past past;
  REQUIRE(past.history.keep(Past::id("[]"), "[]"));
  write_text(past.directory + "/notes.json", "mine");
  past.tidy();
  CHECK(past.names() == Names{id_of_empty_object + ".json", "index.jsonl", "notes.json"});
}

TEST_CASE("settling does its real work at first, and then every 64 records") {
  Past past;
  past.write(std::nullopt, "{}");
  past.history.settle();
  REQUIRE(past.history.keep(Past::id("[]"), "[]"));
  for (int i = 0; i < 63; ++i) past.write("{}", "{}");
  past.history.settle();
  CHECK(past.history.holds(Past::id("[]")));
  past.write("{}", "{}");
  past.history.settle();
  CHECK_FALSE(past.history.holds(Past::id("[]")));
}

TEST_CASE("a record lists the first 256 keys that changed, and counts the others") {
  Past past;
  Snapshot many = past.snapshot(std::nullopt, "{}");
  many.keys.clear();
  for (int i = 0; i < 80'000; ++i) many.keys.push_back({"env", "KEY_" + std::to_string(i)});
  REQUIRE(past.history.record(many));
  const Snapshot found = past.history.find(many.id).value();
  CHECK(found.keys.size() == 256);
  CHECK(found.keys.back() == Names{"env", "KEY_255"});
  CHECK(found.more_keys == 79'744);
  CHECK(fs::file_size(past.index) < 8192);
  REQUIRE(past.history.record(found));
  CHECK(past.history.find(found.id)->more_keys == 79'744);
  // Names may be as long as the file.
  many.id = "long";
  many.keys = {{"env", "A"}, {std::string(1'000'000, 'x')}};
  REQUIRE(past.history.record(many));
  CHECK(past.history.find("long")->keys == std::vector<Names>{{"env", "A"}});
  CHECK(past.history.find("long")->more_keys == 1);
}

TEST_CASE("long records are tidied up before they are 64, though they keep no new text") {
  Past past;
  past.write(std::nullopt, "{}");
  past.history.settle();
  REQUIRE(past.history.keep(Past::id("[]"), "[]"));
  Snapshot large = past.snapshot("{}", "{}");
  large.trouble = std::string(5'000'000, 'x');
  REQUIRE(past.history.record(large));
  past.history.settle();
  CHECK(past.history.holds(Past::id("[]")));
  REQUIRE(past.history.record(large));
  past.history.settle();
  CHECK_FALSE(past.history.holds(Past::id("[]")));
}

TEST_CASE("of an index past 64 MB the newest part is read, and the next settling makes it small again") {
  Past past;
  const Snapshot old = past.write(std::nullopt, "{\"old\": 1}");
  const std::string first = read_text(past.index);
  const Snapshot newest = past.write("{\"old\": 1}", "{}");
  const std::string lines = read_text(past.index);
  write_text(past.index, first + std::string(65'000'000, ' ') + std::string(3'000'000, 'x') + "\n" + lines.substr(first.size()));
  CHECK(past.ids() == Names{newest.id});
  CHECK(past.history.last(newest.path) == newest);
  past.tidy();
  CHECK(past.ids().size() == 2);
  CHECK(past.ids()[0] == newest.id);
  CHECK(fs::file_size(past.index) < 4096);
  CHECK(past.history.content(Past::id("{\"old\": 1}")) == std::string("{\"old\": 1}"));
  CHECK(past.history.purge("KEY") == 0U);
  CHECK(past.ids()[0] == newest.id);
}

TEST_CASE("an index that cannot be read is an error and not an empty history, until it can be read again") {
  Past past;
  const Snapshot made = past.write(std::nullopt, "{}");
  fs::rename(past.index, past.scratch / "aside");
  fs::create_directory(past.index);
  const Error error = past.history.snapshots().error();
  CHECK(error.kind == ErrorKind::settings_unreadable);
  CHECK(error.message == "Cannot read the history, " + past.index + ": Is a directory.");
  CHECK(error.data == Json{{"path", past.index}, {"errno", "EISDIR"}});
  CHECK(past.history.find(made.id).error().kind == ErrorKind::settings_unreadable);
  History other(past.directory);
  CHECK_FALSE(other.last(made.path));
  fs::remove(past.index);
  fs::rename(past.scratch / "aside", past.index);
  CHECK(other.last(made.path) == made);
}

TEST_CASE("an index that cannot be read costs no copies") {
  Past past;
  past.write(std::nullopt, "{}");
  fs::remove(past.index);
  fs::create_directory(past.index);
  REQUIRE(past.history.keep(Past::id("[]"), "[]"));
  past.history.settle();
  CHECK(past.history.holds(id_of_empty_object));
  CHECK(past.history.holds(Past::id("[]")));
  CHECK(past.history.purge("KEY").error().kind == ErrorKind::settings_not_writable);
  CHECK(past.history.holds(id_of_empty_object));
}

TEST_CASE("of more than 4096 snapshots the oldest go, but for the last good state of each file") {
  Past past;
  const Snapshot quiet = past.write("{\"old\": 1}", "{\"old\": 2}", "/quiet/settings.json");
  const Snapshot broken = past.write("{\"fine\": 1}", "{", "/broken/settings.json", "Line 1, column 2: the text ends.");
  past.write("{\"old\": 3}", "{\"old\": 4}");
  std::string lines = read_text(past.index);
  for (std::size_t i = 0; i < 4096; ++i) lines += dump(to_json(past.snapshot("{\"n\": 1}", "{\"n\": 2}"))) + "\n";
  write_text(past.index, lines);
  const Snapshot newest = past.write("{\"n\": 1}", "{\"n\": 2}");
  past.tidy();
  const Names ids = past.ids();
  CHECK(ids.size() <= limits::snapshots_max);
  CHECK(ids.size() == 4096 - 64);
  CHECK(ids[0] == quiet.id);
  CHECK(ids[1] == broken.id);
  CHECK(ids[ids.size() - 2] == newest.id);
  CHECK(past.history.content(Past::id("{\"old\": 2}")) == std::string("{\"old\": 2}"));
  CHECK(past.history.content(Past::id("{\"fine\": 1}")) == std::string("{\"fine\": 1}"));
  CHECK(past.history.holds(Past::id("{\"n\": 2}")));
  CHECK_FALSE(past.history.holds(Past::id("{\"old\": 4}")));
  CHECK(past.names("index.jsonl").size() == 1);
  CHECK(mode_of(past.index) == 0600);
}

TEST_CASE("where the newest contents of a file do not parse, the last one that does is kept") {
  Past past;
  past.write("{\"good\": 1}", "{\"good\": 2}", "/broken/settings.json");
  past.write("{\"good\": 2}", "{ torn 1", "/broken/settings.json", "Line 1, column 3.");
  past.write("{ torn 1", "{ torn 2", "/broken/settings.json", "Line 1, column 3.");
  past.write("{ torn 2", std::nullopt, "/broken/settings.json");
  std::string lines = read_text(past.index);
  for (std::size_t i = 0; i < 4096; ++i) lines += dump(to_json(past.snapshot("{}", "{}"))) + "\n";
  write_text(past.index, lines);
  past.tidy();
  CHECK(past.history.content(Past::id("{\"good\": 2}")) == std::string("{\"good\": 2}"));
  CHECK_FALSE(past.history.holds(Past::id("{ torn 2")));
}

}  // namespace authd::io
