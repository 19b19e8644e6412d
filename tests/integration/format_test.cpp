// The lossless edit end to end: every byte outside of it stays. And files that cannot be read.
#include <catch2/catch.hpp>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string env_key = "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_127_0_0_1_9_V1";

// `with` is `without` plus lines that were put in.
bool only_adds_lines(const std::string& without, const std::string& with) {
  std::size_t at = 0;
  for (std::size_t begin = 0; begin < without.size();) {
    const std::size_t end = std::min(without.find('\n', begin), without.size() - 1) + 1;
    const std::string line = without.substr(begin, end - begin);
    const std::size_t found = with.find(line, at);
    if (found == std::string::npos) return false;
    at = found + line.size();
    begin = end;
  }
  return true;
}

Json refusal_of_commit(Client& client, const std::string& session, const Json& more = {}) {
  return client.refusal("wizard.commit", with({{"sessionId", session}, {"check", "none"}}, more));
}

}  // namespace

TEST_CASE("Comments, order, indentation, unknown members and odd numbers stay as they were") {
  const Daemon daemon;
  const std::string before = R"({
    // who wrote this?
    "zeta": 12345678901234567890, /* big */ "alpha": 1.0e+2,
    "$version": 4,
    "modelProviders": {
        /* hand-made */
        "openai": [
            // the fast one
            { "id": "local",   "baseUrl": "http://localhost:1/v1", "envKey": "LOCAL", "x": [ 1,2,  3 ] } // stays
        ]
    },
    "ünïcode": "\u00e9é",
    "model": { "name": "local" }, // chosen
    "env": { "LOCAL": "k" }
}
// the end
)";
  write_file(daemon.settings_path(), before);
  Client client = daemon.connect();
  set_up(client);
  CHECK(daemon.settings_text() == R"({
    // who wrote this?
    "zeta": 12345678901234567890, /* big */ "alpha": 1.0e+2,
    "$version": 4,
    "modelProviders": {
        /* hand-made */
        "openai": [
            {
                "id": "m1",
                "name": "m1",
                "baseUrl": "http://127.0.0.1:9/v1",
                "envKey": ")" + env_key + R"("
            },
            // the fast one
            { "id": "local",   "baseUrl": "http://localhost:1/v1", "envKey": "LOCAL", "x": [ 1,2,  3 ] } // stays
        ]
    },
    "ünïcode": "\u00e9é",
    "model": { "name": "m1" }, // chosen
    "env": { "LOCAL": "k", ")" + env_key + R"(": ")" + std::string(canary) + R"(" },
    "security": {
        "auth": {
            "selectedType": "openai"
        }
    }
}
// the end
)");
}

TEST_CASE("A BOM, CRLF, tabs and a missing last line break stay") {
  const Daemon daemon;
  const std::string before = "\xEF\xBB\xBF{\r\n\t\"theme\": \"dark\",\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}\r\n}";
  write_file(daemon.settings_path(), before);
  Client client = daemon.connect();
  set_up(client);
  const std::string after = daemon.settings_text();
  CHECK(after.starts_with("\xEF\xBB\xBF{\r\n\t\"theme\": \"dark\",\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}"));
  CHECK(after.ends_with("\r\n}"));
  for (std::size_t at = after.find('\n'); at != std::string::npos; at = after.find('\n', at + 1)) CHECK(after[at - 1] == '\r');
  CHECK(after.find("\r\n  ") == std::string::npos);
  CHECK(Json::parse(after.substr(3))["a"]["b"] == 1);
}

TEST_CASE("Every line of a file that held nothing of ours is there afterwards") {
  for (const std::string& before : std::vector<std::string>{
           "{\n  \"theme\": \"dark\"\n}\n",
           "// first\n{\n// only a comment\n}\n",
           "{\n \"mcpServers\": {\n  \"x\": {\n   \"command\": \"y\"\n  }\n }\n}\n",
       }) {
    INFO(before);
    const Daemon daemon;
    write_file(daemon.settings_path(), before);
    Client client = daemon.connect();
    const std::string diff = preview(client, walk_to_review(client))["diff"];
    set_up(client);
    // A comma may have been added to the line before ours.
    std::string expected = before;
    for (const std::string end : {"\"dark\"\n", " }\n}\n"})
      if (const std::size_t at = expected.find(end); at != std::string::npos)
        expected.insert(at + end.find('\n'), ",");
    CHECK(only_adds_lines(expected, daemon.settings_text()));
    CHECK(diff.starts_with("--- "));
  }
}

TEST_CASE("What was a duplicate member is warned of, and the last one is edited") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{\"model\": {\"name\": \"a\"}, \"model\": {\"name\": \"b\"}}\n");
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  CHECK(codes_of(preview(client, session)["warnings"]) == std::vector<std::string>{"F806"});
  commit(client, session);
  CHECK(daemon.settings_text().find("\"model\": {\"name\": \"a\"}, \"model\": {\"name\": \"m1\"}") != std::string::npos);
}

TEST_CASE("A file that does not parse is never written, and the place of the fault is named") {
  const Daemon daemon;
  struct Row {
    std::string text;
    int line, column;
  };
  for (const Row& row : std::vector<Row>{
           {"{ broken", 1, 3},
           {"{\n  \"a\": 1\n  \"b\": 2\n}\n", 3, 3},
           {"{\"a\": [1, 2}\n", 1, 12},
           {"<<<<<<< HEAD\n{}\n", 1, 1},
       }) {
    INFO(row.text);
    write_file(daemon.settings_path(), row.text);
    Client client = daemon.connect();
    // The walk itself warns and does not fail.
    const Json state = start(client);
    CHECK(codes_of(state["step"]["warnings"]) == std::vector<std::string>{"F801"});
    const std::string session = walk_to_review(client);
    for (const Json& error : {client.refusal("wizard.preview", {{"sessionId", session}}), refusal_of_commit(client, session),
                              refusal_of_commit(client, session, {{"repair", true}})}) {
      INFO(error.dump(2));
      CHECK(error["code"] == -32020);
      CHECK(error["data"]["kind"] == "settings_unreadable");
      CHECK(error["data"]["path"] == daemon.settings_path());
      CHECK(error["data"]["line"] == row.line);
      CHECK(error["data"]["column"] == row.column);
      CHECK_FALSE(error["data"].contains("repair"));
    }
    CHECK(daemon.settings_text() == row.text);
    CHECK(own_writes(client).empty());
    write_file(daemon.settings_path(), "{}");
    CHECK(preview(client, session)["exists"] == true);
  }
}

TEST_CASE("An empty file does not parse") {
  const Daemon daemon;
  for (const char* text : {"", "\n", "// only a comment\n", "[]", "null", "\"x\""}) {
    INFO(text);
    write_file(daemon.settings_path(), text);
    Client client = daemon.connect();
    CHECK(refusal_of_commit(client, walk_to_review(client))["code"] == -32020);
    CHECK(daemon.settings_text() == text);
  }
}

TEST_CASE("A trailing comma is removed on request, in the same write") {
  const Daemon daemon;
  const std::string before = "{\n  // kept\n  \"theme\": \"dark\",\n  \"list\": [1, 2,],\n}\n";
  write_file(daemon.settings_path(), before);
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  const Json error = refusal_of_commit(client, session);
  CHECK(error["code"] == -32020);
  CHECK(error["data"]["line"] == 4);
  CHECK(error["data"]["column"] == 16);
  const std::string repair = error["data"]["repair"];
  CHECK(repair.find("-  \"list\": [1, 2,],\n+  \"list\": [1, 2]\n") != std::string::npos);
  CHECK(daemon.settings_text() == before);

  const Json plan = client.call("wizard.preview", {{"sessionId", session}, {"repair", true}});
  CHECK(plan["diff"].get<std::string>().find("selectedType") != std::string::npos);
  const Json saved = commit(client, session, {{"repair", true}, {"check", "none"}})["saved"];
  CHECK(saved["changed"] == true);
  CHECK(daemon.settings_text().starts_with("{\n  // kept\n  \"theme\": \"dark\",\n  \"list\": [1, 2],\n  \"env\": {"));
  CHECK(read_file(saved["backup"]) == before);
}

TEST_CASE("A member of the wrong shape on our path is named and not overwritten") {
  const Daemon daemon;
  struct Row {
    std::string text, member;
  };
  for (const Row& row : std::vector<Row>{
           {R"({"env": "x"})", "env"},
           {R"({"modelProviders": []})", "modelProviders"},
           {R"({"$version": 4, "modelProviders": {"openai": {"models": []}}})", "modelProviders.openai"},
           {R"({"security": true})", "security"},
           {R"({"security": {"auth": 1}})", "security.auth"},
           {R"({"$version": 4, "model": "qwen3-coder"})", "model"},
       }) {
    INFO(row.text);
    write_file(daemon.settings_path(), row.text);
    Client client = daemon.connect();
    const std::string session = walk_to_review(client);
    const Json error = refusal_of_commit(client, session);
    CHECK(error["code"] == -32020);
    CHECK(error["message"].get<std::string>().starts_with(row.member + " "));
    CHECK(error["data"]["path"] == daemon.settings_path());
    CHECK(error["data"]["line"] == 1);
    CHECK(error["data"]["column"].get<int>() > 1);
    CHECK(daemon.settings_text() == row.text);
  }
}

TEST_CASE("A masked key that somebody pasted into the file masks no endless text") {
  const Daemon daemon;
  const std::string masked = "sk-••••••••••••••••", bullets = "••••••••";
  write_file(daemon.settings_path(), "{\n  \"env\": {\"A\": \"" + masked + "\", \"B\": \"" + bullets + "\"}\n}\n");
  Client client = daemon.connect();
  CHECK(preview(client, walk_to_review(client))["changed"] == true);
  CHECK(set_up(client)["saved"]["changed"] == true);
  CHECK(daemon.settings()["env"]["A"] == masked);
}

TEST_CASE("A secret of somebody else's is masked in preview, diff and repair") {
  const Daemon daemon;
  const std::string key(canary);
  write_file(daemon.settings_path(), "{\n  \"env\": {\n    \"OTHER\": \"" + key + "\",\n  },\n" +
                                         "  \"mcpServers\": {\"x\": {\"headers\": {\"Authorization\": \"" + key + "\"}}},\n}\n");
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.key = "sk-another-key-000000"});
  const Json error = client.refusal("wizard.preview", {{"sessionId", session}});
  CHECK(error["data"]["repair"].get<std::string>().find("sk-••••••••••••••••") != std::string::npos);
  const std::string diff = client.call("wizard.preview", {{"sessionId", session}, {"repair", true}})["diff"];
  CHECK(diff.find("sk-••••••••••••••••") != std::string::npos);
  CHECK(diff.find("another-key") == std::string::npos);
}
