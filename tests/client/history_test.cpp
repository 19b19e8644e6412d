// history, diff, undo and restore, from the words of a shell to what is on the screen.
#include <catch2/catch.hpp>

#include "client/history_view.hpp"
#include "client/local_time.hpp"
#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"

using namespace authd::client;
using namespace authd::client::tests;
using authd::Json;

namespace {

const Json two_snapshots = Json::parse(R"({"snapshots": [
  {"id": "20261121T104200.000000001Z-aaaaaaaa", "at": "2026-11-21T10:42:00.123Z", "by": "self",
   "method": "settings.undo", "path": "/s", "scope": "user", "keys": ["model.name"],
   "before": "b", "after": "c", "undoes": "20261121T101500.000000001Z-bbbbbbbb",
   "restorable": true},
  {"id": "20261121T101500.000000001Z-bbbbbbbb", "at": "2026-11-21T10:15:00.123Z",
   "by": "foreign", "method": "", "path": "/s", "scope": "user",
   "keys": ["env.OPENAI_API_KEY", "model.name", "ui.theme"], "before": "a", "after": "b",
   "trouble": "The copy\u001b[2J cannot be read.", "restorable": false}]})");

const Json undone = Json::parse(R"({"scope": "user", "path": "/home/u/.qwen/settings.json",
  "etag": "e", "changed": true, "snapshot": "id-3", "backup": "/b",
  "keys": ["env.OPENAI_API_KEY", "model.name"],
  "undone": {"snapshot": "id-2", "at": "2026-11-21T10:42:00.123Z", "by": "self",
             "method": "wizard.commit"}})");

Json conflict() {
  return Json::parse(R"({"code": -32021,
    "message": "Later edits touched the same members; nothing was changed.",
    "data": {"kind": "settings_conflict", "etag": "n", "hint": "Name the members to put back.",
             "conflicts": [{"path": "model.name", "before": "qwen-plus", "after": "qwen-max",
                            "now": "glm-5"},
                           {"path": "env.X", "after": "sk-••••••••••••••••"}]}})");
}

}  // namespace

TEST_CASE("the history is a line for each snapshot, with what it undoes and its trouble") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", two_snapshots);
  const FinishedRun listed = run(daemon, {"history"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.err.empty());
  CHECK(listed.out ==
        "2026-11-21 10:42  qwen-authd settings.undo  model.name           "
        "20261121T104200.000000001Z-aaaaaaaa\n"
        "    takes back 20261121T101500.000000001Z-bbbbbbbb\n"
        "2026-11-21 10:15  another program           env.OPENAI_API_KEY…  "
        "20261121T101500.000000001Z-bbbbbbbb\n"
        "    ⚠ The copy[2J cannot be read.\n");
  CHECK_FALSE(daemon.params_of("settings.history").contains("purge"));
}

TEST_CASE("the history of a narrow terminal keeps its ids whole") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", two_snapshots);
  const std::vector<std::string> environment{
      "HOME=" + daemon.directory(), "QWEN_AUTHD_SOCKET=" + daemon.socket_path(), "TZ=UTC"};
  Pty pty({"history", "--limit", "1"}, environment, 64);
  CHECK(pty.exit_code() == 0);
  CHECK(pty.screen().text().starts_with("2026-11-21 10:42  qwen-authd settings.undo  model.name\n"
                                        "    20261121T104200.000000001Z-aaaaaaaa\n"
                                        "    takes back 20261121T101500.000000001Z-bbbbbbbb\n"
                                        "… and 1 older snapshot; --limit shows more.\n"));
  CHECK(pty.raw().find("\x1b[36mqwen-authd settings.undo") != std::string::npos);
}

TEST_CASE("an empty history says so") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", {{"snapshots", Json::array()}});
  CHECK(run(daemon, {"history"}).out == "No changes were recorded yet.\n");
}

TEST_CASE("a file without a history is named, by its one path") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", {{"snapshots", Json::array()}});
  CHECK(run(daemon, {"history", "--path", "/a/./b/../s.json"}).out ==
        "No changes of /a/s.json were recorded yet.\n");
  CHECK(daemon.params_of("settings.history").at("path") == "/a/s.json");
}

TEST_CASE("a limit that is no count is said in a few words") {
  FakeDaemon daemon;
  for (const std::string limit : {"0", "x", "-1", "1.5", "99999999999999999999"})
    CHECK(run(daemon, {"history", "--limit=" + limit}).err ==
          "✗ --limit: expected a whole number from 1\n"
          "  `qwen-authctl --help` lists what there is.\n");
}

TEST_CASE("with --json the history is what the daemon answered, whatever the limit") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", two_snapshots);
  const FinishedRun listed = run(daemon, {"history", "--json", "--limit", "1"});
  CHECK(listed.exit_code == 0);
  CHECK(Json::parse(listed.out) == two_snapshots);
}

TEST_CASE("a purge names the variable as env does, and counts") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", {{"snapshots", Json::array()}, {"purged", 3}});
  for (const std::string name : {"OPENAI_API_KEY", "env.OPENAI_API_KEY"}) {
    const FinishedRun purged = run(daemon, {"history", "--purge", name, "--path", "settings.json"});
    CHECK(purged.out == "Removed OPENAI_API_KEY from 3 snapshots.\n");
    CHECK(daemon.params_of("settings.history").at("purge") == "OPENAI_API_KEY");
    CHECK(daemon.params_of("settings.history").at("path").get<std::string>().starts_with("/"));
  }
}

TEST_CASE("times are shown in the user's zone") {
  FakeDaemon daemon;
  daemon.set_result("settings.history", two_snapshots);
  CHECK(run(daemon, {"history"}, "", {"TZ=UTC-2"}).out.starts_with("2026-11-21 12:42  "));
  CHECK(local_time("yesterday") == "yesterday");
}

TEST_CASE("the diff of a snapshot says which it is and is not broken into lines") {
  FakeDaemon daemon;
  const std::string diff =
      "--- /s\n+++ /s\n@@ -1 +1 @@\n-{}\n+{\"" + std::string(120, 'x') + "\"}\n";
  daemon.set_result("settings.diff", {{"snapshot", "id-1"}, {"at", "2026-11-21T10:42:00.123Z"},
                                      {"by", "foreign"}, {"path", "/s"}, {"diff", diff}});
  const FinishedRun shown = run(daemon, {"diff"});
  CHECK(shown.exit_code == 0);
  CHECK(shown.out == "2026-11-21 10:42, another program, id-1\n" + diff);
  CHECK(daemon.params_of("settings.diff") == Json::object());
  run(daemon, {"diff", "id-1"});
  CHECK(daemon.params_of("settings.diff") == Json{{"snapshot", "id-1"}});
}

TEST_CASE("undo says what was taken back and how to think again") {
  FakeDaemon daemon;
  daemon.set_result("settings.undo", undone);
  const FinishedRun taken_back = run(daemon, {"undo"});
  CHECK(taken_back.exit_code == 0);
  CHECK(taken_back.out ==
        "✓ Took back the write of 2026-11-21 10:42 by qwen-authd wizard.commit: env.OPENAI_API_KEY,\n  model.name.\n"
        "  Saved to: /home/u/.qwen/settings.json\n"
        "  Not what you meant? qwen-authctl undo id-3\n");
  Json unchanged = undone;
  unchanged["changed"] = false;
  daemon.set_result("settings.undo", unchanged);
  CHECK(run(daemon, {"undo", "id-2"}).out ==
        "Those members already stand as before: nothing to do.\n");
  CHECK(daemon.params_of("settings.undo") == Json{{"snapshot", "id-2"}});
}

TEST_CASE("an undo that a later edit forbids shows both sides and exits with 5") {
  FakeDaemon daemon;
  daemon.set_error("settings.undo", conflict());
  const FinishedRun refused = run(daemon, {"undo"});
  CHECK(refused.exit_code == 5);
  CHECK(refused.out.empty());
  CHECK(refused.err ==
        "✗ Later edits touched the same members; nothing was changed.\n"
        "  model.name\n"
        "    to put back: \"qwen-plus\"\n"
        "    was written: \"qwen-max\"\n"
        "    stands now:  \"glm-5\"\n"
        "  env.X\n"
        "    to put back: no such member\n"
        "    was written: \"sk-••••••••••••••••\"\n"
        "    stands now:  no such member\n"
        "  Name the members to put back.\n");
  const FinishedRun json = run(daemon, {"undo", "--json"});
  CHECK(json.exit_code == 5);
  CHECK(json.err.empty());
  CHECK(Json::parse(json.out) == Json{{"error", conflict()}});
}

TEST_CASE("restore puts back the members that are named") {
  FakeDaemon daemon;
  Json restored = undone;
  restored["keys"] = {"model.name"};
  daemon.set_result("settings.restore", restored);
  const FinishedRun done = run(daemon, {"restore", "id-2", "--key", "model.name"});
  CHECK(done.exit_code == 0);
  CHECK(done.out ==
        "✓ Put back model.name as before the write of 2026-11-21 10:42 by qwen-authd wizard.commit.\n"
        "  Saved to: /home/u/.qwen/settings.json\n"
        "  Not what you meant? qwen-authctl undo id-3\n");
  CHECK(daemon.params_of("settings.restore") ==
        Json{{"snapshot", "id-2"}, {"keys", {"model.name"}}});
}

TEST_CASE("where no member changed it is the text around them that was put back") {
  FakeDaemon daemon;
  Json restored = undone;
  restored["keys"] = Json::array();
  restored["warnings"] = {{{"code", "F806"}, {"message", "A member occurs twice."}}};
  daemon.set_result("settings.restore", restored);
  daemon.set_result("settings.undo", restored);
  const FinishedRun done = run(daemon, {"restore", "id-2"});
  CHECK(done.out.starts_with("✓ Put back the comments and the layout as before the write of "));
  CHECK(done.err == "⚠ A member occurs twice.\n");
  CHECK(run(daemon, {"undo"}).out.find("wizard.commit: the comments and the layout.\n") !=
        std::string::npos);
}

TEST_CASE("without a daemon the commands exit with 3") {
  FakeDaemon daemon;
  for (const char* command : {"history", "diff", "undo"}) {
    const FinishedRun failed =
        run(daemon, {command, "--no-autostart", "--socket", daemon.directory() + "/none.sock"});
    CHECK(failed.exit_code == 3);
    CHECK(failed.err.find("Start it with `qwen-authctl daemon start`.") != std::string::npos);
  }
}
