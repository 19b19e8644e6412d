// What is said about another program's write.
#include <catch2/catch.hpp>

#include "daemon/core/foreign_write.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::parsed;

const std::string settings_path = "/home/u/.qwen/settings.json";
const std::string rewrote = "Another program rewrote /home/u/.qwen/settings.json and ";

std::vector<Notice> notices(const std::string& before, const std::string& after, const FileFacts& before_facts = {},
                            const FileFacts& after_facts = {}, bool is_tightened = false) {
  return foreign_notices(parsed(before), before_facts, parsed(after), after_facts, settings_path, is_tightened);
}

std::vector<std::string> messages(const std::string& before, const std::string& after) {
  std::vector<std::string> list;
  for (const Notice& notice : notices(before, after)) list.push_back(notice.code + ": " + notice.message);
  return list;
}

using Lines = std::vector<std::string>;

FileFacts with_mode(unsigned mode) {
  FileFacts facts;
  facts.mode = mode;
  return facts;
}
FileFacts linked(const std::string& link) {
  FileFacts facts;
  facts.link = link;
  return facts;
}

}  // namespace

TEST_CASE("members that another program dropped are named and counted") {
  const auto made = notices(R"({"env": {"A": "secret-value-1", "B": "2"}, "hooks": {"x": [1]},
                                "modelProviders": {"openai": [{"id": "a"}, {"id": "b"}, {"name": "c"}]}})",
                            R"({"env": {"B": "3"}, "modelProviders": {"openai": [{"id": "b"}]}, "new": 1})");
  REQUIRE(made.size() == 1);
  CHECK(made[0].code == "F802");
  CHECK(made[0].name == "file.lossy-writer");
  CHECK(made[0].message == rewrote + "dropped 4 members: env.A, modelProviders.openai (a), an entry of "
                                     "modelProviders.openai, hooks.");
  CHECK(made[0].keys == std::vector<Path>{{"env", "A"}, {"modelProviders", "openai"}, {"hooks"}});
}

TEST_CASE("a long list of dropped members is cut, its keys are not") {
  const auto made = notices(R"({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1})", "{}");
  REQUIRE(made.size() == 1);
  CHECK(made[0].message == rewrote + "dropped 7 members: a, b, c, d, e, ….");
  CHECK(made[0].keys.size() == 7);
}

TEST_CASE("a write that only adds, edits and reorders is not worth a word") {
  CHECK(messages("{\n  // one\n  \"a\": 1, // two\n  \"b\": {\"c\": 2}\n}", "{\"b\": {\"c\": 3}, /* one */ \"a\": 1, \"n\": 1 /* two, reworded */}")
            .empty());
  CHECK(messages("{}", "{}").empty());
  CHECK(messages(R"({"a": "x", "a": "y"})", R"({"a": "y"})").empty());
}

TEST_CASE("what a migration of Qwen Code moves is not dropped") {
  CHECK(messages(R"({"selectedAuthType": "openai", "model": "m", "theme": "dark"})",
                 R"({"$version": 4, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m"}, "ui": {"theme": "dark"}})")
            .empty());
  CHECK(messages(R"({"$version": 5, "modelProviders": {"openai": {"protocol": "openai", "models": [{"id": "a"}]}}})",
                 R"({"$version": 4, "modelProviders": {"openai": [{"id": "a"}]}})")
            .empty());
  CHECK(messages(R"({"model": "m", "env": {"A": "1", "B": "2"}})", R"({"$version": 4, "model": {"name": "m"}, "env": {"B": "2"}})") ==
        Lines{"F802: " + rewrote + "dropped 1 member: env.A."});
}

TEST_CASE("comments that are gone are counted, without those of members that are gone") {
  struct Row {
    std::string before, after;
    Lines lines;
  };
  const std::string one = "F802: " + rewrote + "dropped 1 comment.", two = "F802: " + rewrote + "dropped 2 comments.";
  const std::string b = "F802: " + rewrote + "dropped 1 member: b.";
  const auto row = GENERATE_COPY(values<Row>({
      {"// top\n{\"a\": 1}\n/* end */", "{\"a\": 1}", {two}},
      {"{\"a\": [1, /* x */ 2]}", "{\"a\": [1, 2]}", {one}},
      {"{\r\n  // x\r\n  \"a\": 1\r\n}", "{\r\n  \"a\": 1\r\n}", {one}},
      {"{\"a\": \"// no /* comment */\", \"b\": \"\\\"//\"}", "{\"a\": 1, \"b\": 1}", {}},
      {"{\n  // of a\n  \"a\": 1, // a, too\n  // of b\n  \"b\": {/* in b */}, // b, too\n  \"c\": 3\n}",
       "{\n  // of a\n  \"a\": 1, // a, too\n  \"c\": 3\n}", {b}},
      {"{\n  // of a\n  \"a\": 1, // a, too\n  // of b\n  \"b\": 2 // b, too\n  // last\n}", "{\"a\": 1}",
       {b, "F802: " + rewrote + "dropped 3 comments."}},
      {"{\"a\": 1, /* b */ \"b\": 2, /* c */ \"c\": 3}", "{\"a\": 1, \"c\": 3}", {b}},
      {"{\"b\": 2 /* b */, \"a\": 1 /* a */}", "{\"a\": 1 /* a */}", {b}},
      // A section that is gone with all its members takes its comments along.
      {"{\n  // keys\n  \"env\": {\n    // one\n    \"A\": \"1\"\n    // end\n  }\n}", "{}",
       {"F802: " + rewrote + "dropped 1 member: env.A."}},
      {"{\n  // keys\n  \"env\": {\n    // one\n    \"A\": \"1\"\n  }\n}", "{\"env\": {}}",
       {"F802: " + rewrote + "dropped 1 member: env.A.", one}},
      {"{\"modelProviders\": {\"openai\": [\n    // a\n    {\"id\": \"a\"},\n    // b\n    {\"id\": \"b\"}\n  ]}}",
       "{\"modelProviders\": {\"openai\": [\n    // b\n    {\"id\": \"b\"}\n  ]}}",
       {"F802: " + rewrote + "dropped 1 member: modelProviders.openai (a)."}},
  }));
  CAPTURE(row.before, row.after);
  CHECK(messages(row.before, row.after) == row.lines);
}

TEST_CASE("a placeholder that became a literal is told, and its value is not") {
  struct Row {
    std::string before, after, member;
    Path key;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"env": {"A": "${KEY}"}})", R"({"env": {"A": "canary"}})", "env.A", {"env", "A"}},
      {R"({"env": {"A": "$KEY"}})", R"({"env": {"A": "canary"}})", "env.A", {"env", "A"}},
      {R"({"a": {"b": "x-$HOME-y"}})", R"({"a": {"b": "x-canary-y"}})", "a.b", {"a", "b"}},
      {R"({"a": ["b", {"c.d": "$X"}]})", R"({"a": ["b", {"c.d": "canary"}]})", R"(a (1["c.d"]))", {"a"}},
      {R"({"modelProviders": {"openai": [{"id": "m", "generationConfig": {"customHeaders": {"H": "$X"}}}]}})",
       R"({"modelProviders": {"openai": [{"id": "m", "generationConfig": {"customHeaders": {"H": "canary"}}}]}})",
       "modelProviders.openai (generationConfig.customHeaders.H)", {"modelProviders", "openai"}},
  }));
  CAPTURE(row.before, row.after);
  const auto made = notices(row.before, row.after);
  REQUIRE(made.size() == 1);
  CHECK(made[0].code == "F802");
  CHECK(made[0].message == rewrote + "put literal values in place of the placeholders in 1 member: " + row.member + ".");
  CHECK(made[0].keys == std::vector<Path>{row.key});
  CHECK_FALSE(contains(made[0].message, "canary"));
}

TEST_CASE("a placeholder that stays one, was emptied or is no string any more is no literal") {
  const auto after = GENERATE(as<std::string>(), R"("${OTHER}")", R"("")", "5", "null", R"("$K")");
  CAPTURE(after);
  CHECK(messages(R"({"env": {"A": "$K"}})", R"({"env": {"A": )" + after + "}}").empty());
  CHECK(messages(R"({"env": {"A": "costs 5$"}})", R"({"env": {"A": "free"}})").empty());
}

TEST_CASE("a file with a secret that others may read is told of") {
  const std::string secret = R"({"env": {"A": "sk-0123456789"}})";
  struct Row {
    unsigned before, after;
    bool is_tightened;
    std::string message;
  };
  const auto row = GENERATE(values<Row>({
      {0600, 0644, true, "was made readable by others (0644); it is 0600 again."},
      {0640, 0640, true, "was readable by others (0640); it is 0600 again."},
      {0600, 0644, false, "is readable by others (0644), and holds keys."},
      {0644, 0644, false, "is readable by others (0644), and holds keys."},
  }));
  const auto made = notices(secret, secret, with_mode(row.before), with_mode(row.after), row.is_tightened);
  REQUIRE(made.size() == 1);
  CHECK(made[0].code == "F804");
  CHECK(made[0].name == "file.owner-mode");
  CHECK(made[0].message == "/home/u/.qwen/settings.json " + row.message);
  CHECK(notices(secret, secret, with_mode(0644), with_mode(0600)).empty());
  CHECK(notices("{}", R"({"env": {"A": "$KEY"}})", with_mode(0600), with_mode(0644)).empty());
}

TEST_CASE("a symlink that became a file is told of, with where it pointed") {
  const FileFacts link = linked("../dotfiles/qwen.json");
  const auto made = notices("{}", "{}", link, {});
  REQUIRE(made.size() == 1);
  CHECK(made[0].code == "F803");
  CHECK(made[0].name == "file.symlink-readonly");
  CHECK(made[0].message == "Another program replaced the symlink /home/u/.qwen/settings.json, which pointed to "
                           "../dotfiles/qwen.json, by a file. Restoring the file puts the symlink back.");
  CHECK(notices("{}", "{}", link, link).empty());
  CHECK(notices("{}", "{}", {}, link).empty());
}

TEST_CASE("a key that stands where a name should is not told, nor are terminal escapes") {
  const auto made = notices(R"({"sk-canary0123456789abcdef": 1})", "{}");
  REQUIRE(made.size() == 1);
  CHECK_FALSE(contains(made[0].message, "canary0123456789abcdef"));
  CHECK(notices(R"({"modelProviders": {"x": [{"id": "a\u001b[2J"}]}})", "{}")[0].message ==
        rewrote + "dropped 1 member: modelProviders.x (a).");
}

TEST_CASE("a document holds a secret where masking would hide a literal") {
  struct Row {
    std::string text;
    bool holds;
  };
  const auto row = GENERATE(values<Row>({
      {"{}", false},
      {R"({"env": {"A": "x"}})", true},
      {R"({"env": {"A": ""}})", false},
      {R"({"env": {"A": 5}})", false},
      {R"({"env": {"A": "$KEY", "B": "${KEY}"}})", false},
      {R"({"env": {"A": "${KEY}x"}})", true},
      {R"({"env": {"A": "x$KEY"}})", true},
      {R"({"env": {"A": "$KEY$KEY"}})", true},
      {R"({"env": {"A": "$"}})", true},
      {R"({"env": {"A": "${}"}})", true},
      {R"({"security": {"auth": {"apiKey": "x", "baseUrl": "u"}}})", true},
      {R"({"security": {"auth": {"selectedType": "openai", "baseUrl": "u"}}})", false},
      {R"({"mcpServers": {"x": {"headers": {"X": ["v"]}}}})", true},
      {R"({"modelProviders": {"openai": [{"id": "m", "envKey": "NAME"}]}})", false},
  }));
  CAPTURE(row.text);
  CHECK(holds_secret(parsed(row.text)) == row.holds);
}

}  // namespace authd::core
