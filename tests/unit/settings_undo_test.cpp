// Taking a write back: byte for byte where nobody came after it, else member by member.
#include "daemon/core/settings_undo.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::key_texts;
using test::read_value;
using test::refusal;

using Text = std::optional<std::string>;
using Texts = std::vector<std::string>;

SettingsFile file_now(const Text& text) {
  SettingsFile file = test::settings_file(Scope::user, "/home/u/.qwen/settings.json", text);
  if (text) {
    file.content_id = content_id(*text);
    file.etag = etag_of(*text);
    if (!file.document) file.raw = std::make_shared<const std::string>(*text);
  } else {
    file.etag = "absent";
  }
  return file;
}

Result<Plan> try_undo(const Text& before, const Text& after, const Text& now, const std::vector<Path>& only = {}) {
  return plan_undo(file_now(now), {before, after, {}}, only);
}

Plan undo(const Text& before, const Text& after, const Text& now, const std::vector<Path>& only = {}) {
  auto plan = try_undo(before, after, now, only);
  if (!plan) throw std::runtime_error(plan.error().message);
  return *std::move(plan);
}

}  // namespace

TEST_CASE("a write that nobody touched is taken back byte for byte") {
  struct Row {
    Text before, after;
    Texts keys;
  };
  const auto row = GENERATE(values<Row>({
      {"{ // mine\r\n\t\"a\" : 1.50,\r\n}", "{\"a\": 2}", {"a"}},
      {"\xEF\xBB\xBF{}\n", "{\"env\": {\"K\": \"v\"}}", {"env.K"}},
      {"{\"a\": 1} // c", "{\"a\": 1}", {}},
      {"{ broken", "{\"a\": 1}", {"a"}},
      {"{\"a\": 1}", "{ broken", {"a"}},
      {"", "{\"a\": 1}", {"a"}},
      {"{\"a\": 1}", std::nullopt, {"a"}},
  }));
  CAPTURE(row.before, row.after);
  const Plan plan = undo(row.before, row.after, row.after);
  CHECK(plan.new_text == row.before);
  CHECK(key_texts(plan.keys) == row.keys);
  CHECK(plan.changed());
  CHECK_FALSE(plan.removes_file);
}

TEST_CASE("a file that the write made goes, and one that was removed comes back") {
  CHECK(undo(std::nullopt, "{\"a\": 1}", "{\"a\": 1}").removes_file);
  CHECK_FALSE(undo(std::nullopt, "{\"a\": 1}", std::nullopt).changed());
  const Plan back = undo("{\"a\": 1} // c", std::nullopt, std::nullopt);
  CHECK(back.new_text == "{\"a\": 1} // c");
  CHECK_FALSE(back.file.exists);
  CHECK(back.changed());
}

TEST_CASE("a symlink that the write replaced comes back with the bytes, and only with all of them") {
  const PastWrite write{"{\"a\": 1}", "{\"a\": 2}", "../dotfiles/settings.json"};
  CHECK(plan_undo(file_now("{\"a\": 2}"), write)->link == "../dotfiles/settings.json");
  CHECK(plan_undo(file_now("{\"a\": 2, \"b\": 1}"), write)->link.empty());
}

TEST_CASE("later edits stay, and only what the write changed goes back") {
  struct Row {
    std::string what, before, after, now, expected;
    Texts keys;
  };
  const auto row = GENERATE(values<Row>({
      {"another member", "{\"a\": 1}", "{\"a\": 2}", "{\"a\": 2, \"b\": 1.50} // later", "{\"a\": 1, \"b\": 1.50} // later", {"a"}},
      {"the former spelling", "{\"a\": 1.50}", "{\"a\": 2}", "{\"a\": 2, \"b\": 1}", "{\"a\": 1.50, \"b\": 1}", {"a"}},
      {"a comment inside the former value", "{\"a\": [1 /* one */]}", "{\"a\": 2}", "{\"a\": 2, \"b\": 1}",
       "{\"a\": [1 /* one */], \"b\": 1}", {"a"}},
      {"the change written another way", "{\"a\": 1}", "{\"a\": [1, 2]}", "{ \"a\" : [1.0,2], \"b\": 1}", "{ \"a\" : 1, \"b\": 1}", {"a"}},
      {"a member that the write made", "{}", "{\"a\": 1}", "{\"b\": 1, \"a\": 1}", "{\"b\": 1}", {"a"}},
      {"a member that the write removed", "{\"a\": {\"x\": 1}}", "{}", "{\"b\": 1}", "{\"b\": 1, \"a\": {\"x\": 1}}", {"a"}},
      {"a sibling below one object", "{\"env\": {\"A\": \"1\"}}", "{\"env\": {\"A\": \"2\"}}", "{\"env\": {\"L\": \"3\", \"A\": \"2\"}}",
       "{\"env\": {\"L\": \"3\", \"A\": \"1\"}}", {"env.A"}},
      {"an object whose parent is gone", "{\"env\": {\"A\": \"1\"}}", "{}", "{\"b\": 1}", "{\"b\": 1, \"env\": {\"A\": \"1\"}}", {"env.A"}},
      {"parents that the write made", "{\"x\": 1}", "{\"x\": 1, \"security\": {\"auth\": {\"selectedType\": \"openai\"}}}",
       "{\"x\": 2, \"security\": {\"auth\": {\"selectedType\": \"openai\"}}}", "{\"x\": 2}", {"security.auth.selectedType"}},
      {"parents that were there already", "{\"x\": 1, \"security\": {}}", "{\"x\": 1, \"security\": {\"auth\": {\"selectedType\": \"openai\"}}}",
       "{\"x\": 2, \"security\": {\"auth\": {\"selectedType\": \"openai\"}}}", "{\"x\": 2, \"security\": {}}",
       {"security.auth.selectedType"}},
      {"parents that hold something later", "{}", "{\"env\": {\"A\": \"1\"}}", "{\"env\": {\"A\": \"1\", \"L\": \"2\"}}",
       "{\"env\": {\"L\": \"2\"}}", {"env.A"}},
      {"a part that somebody took back already", "{\"a\": 1, \"b\": 1}", "{\"a\": 2, \"b\": 2}", "{\"a\": 1, \"b\": 2}",
       "{\"a\": 1, \"b\": 1}", {"b"}},
      {"a name that occurs twice: the last one", "{\"a\": 1}", "{\"a\": 2}", "{\"a\": 9, \"a\": 2}", "{\"a\": 9, \"a\": 1}", {"a"}},
      {"a trailing comma that was repaired", "{\"a\": [1,], \"b\": 1}", "{\"a\": 2, \"b\": 1}", "{\"a\": 2, \"b\": 2}",
       "{\"a\": [1], \"b\": 2}", {"a"}},
  }));
  CAPTURE(row.what);
  const Plan plan = undo(row.before, row.after, row.now);
  CHECK(plan.new_text == row.expected);
  CHECK(key_texts(plan.keys) == row.keys);
  CHECK(plan.changed());
}

TEST_CASE("a change that is taken back already is no change") {
  struct Row {
    Text before, after, now;
  };
  const auto row = GENERATE(values<Row>({
      {"{\"a\": 1}", "{\"a\": 2}", "{ \"a\": 1.0 } // by hand"},
      {"{}", "{\"env\": {\"A\": \"1\"}}", "{\"other\": 1}"},
      {std::nullopt, "{\"a\": 1}", std::nullopt},
      {std::nullopt, "{\"a\": 1}", "{\"b\": 1}"},
      {"{\"modelProviders\": {\"openai\": [{\"id\": \"m\"}]}}", "{\"modelProviders\": {\"openai\": []}}",
       "{\"modelProviders\": {\"openai\": [{\"id\": \"n\"}, {\"id\": \"m\"}]}}"},
  }));
  CAPTURE(row.now);
  const Plan plan = undo(row.before, row.after, row.now);
  CHECK_FALSE(plan.changed());
  CHECK(plan.keys.empty());
}

TEST_CASE("model entries go back one by one, and foreign ones keep their bytes") {
  // Elements of modelProviders.openai.
  struct Row {
    std::string what, before, after, now, expected;
  };
  const auto row = GENERATE(values<Row>({
      {"an added one", R"([{"id": "a"}])", R"([{"id": "n"}, {"id": "a"}])",
       R"([{"id": "n"}, {"id": "a", "top": 0.10 /* mine */}, {"id": "l"}])", R"([{"id": "a", "top": 0.10 /* mine */}, {"id": "l"}])"},
      {"an edited one", R"([{"id": "a", "n": 1.0}])", R"([{"id": "a", "n": 2}])", R"([{"id":  "l"}, {"id": "a", "n": 2}])",
       R"([{"id":  "l"}, {"id": "a", "n": 1.0}])"},
      {"a removed one, behind its former neighbour", R"([{"id": "a"}, {"id": "b"}, {"id": "c"}])", R"([{"id": "a"}, {"id": "c"}])",
       R"([{"id": "a"}, {"id": "l"}, {"id": "c"}])", R"([{"id": "a"}, {"id": "b"}, {"id": "l"}, {"id": "c"}])"},
      {"the first one", R"([{"id": "a"}, {"id": "b"}])", R"([{"id": "b"}])", R"([{"id": "b"}, {"id": "l"}])",
       R"([{"id": "a"}, {"id": "b"}, {"id": "l"}])"},
      {"two that stood together", R"([{"id": "a"}, {"id": "b"}, {"id": "c"}])", R"([{"id": "a"}])", R"([{"id": "a"}, {"id": "l"}])",
       R"([{"id": "a"}, {"id": "b"}, {"id": "c"}, {"id": "l"}])"},
      {"one whose neighbour is gone, too", R"([{"id": "a"}, {"id": "b"}, {"id": "c"}])", R"([{"id": "a"}, {"id": "b"}])",
       R"([{"id": "l"}, {"id": "a"}])", R"([{"id": "l"}, {"id": "a"}, {"id": "c"}])"},
      {"the same id at two endpoints", R"([{"id": "a", "baseUrl": "x"}])", R"([{"id": "a", "baseUrl": "y"}, {"id": "a", "baseUrl": "x"}])",
       R"([{"id": "l"}, {"id": "a", "baseUrl": "y"}, {"id": "a", "baseUrl": "x"}])", R"([{"id": "l"}, {"id": "a", "baseUrl": "x"}])"},
      {"the first of two with one identity", R"([{"id": "a", "n": 1}, {"id": "a", "n": 2}])", R"([{"id": "a", "n": 2}])",
       R"([{"id": "a", "n": 2}, {"id": "l"}])", R"([{"id": "a", "n": 1}, {"id": "a", "n": 2}, {"id": "l"}])"},
      {"one without an id that was added", R"([{"id": "a"}])", R"([{"id": "a"}, {"name": "x"}])", R"([{"name": "x"}, {"id": "a"}, 5])",
       R"([{"id": "a"}, 5])"},
      {"one without an id that was removed", R"([{"id": "a"}, {"name": "x"}])", R"([{"id": "a"}])", R"([{"id": "a"}, {"id": "l"}])",
       R"([{"id": "a"}, {"name": "x"}, {"id": "l"}])"},
      {"one with a trailing comma that was repaired", R"([{"id": "a", "n": [1,],}])", R"([])", R"([{"id": "l"}])",
       R"([{"id": "a", "n": [1]}, {"id": "l"}])"},
  }));
  CAPTURE(row.what);
  for (const bool v5 : {false, true}) {
    CAPTURE(v5);
    const auto file = [&](const std::string& list) {
      const std::string models = v5 ? "{\"protocol\": \"openai\", \"models\": " + list + "}" : list;
      return "{\"modelProviders\": {\"openai\": " + models + "}}";
    };
    const Plan plan = undo(file(row.before), file(row.after), file(row.now));
    CHECK(plan.new_text == file(row.expected));
    CHECK(key_texts(plan.keys) == Texts{v5 ? "modelProviders.openai.models" : "modelProviders.openai"});
  }
}

TEST_CASE("entries of a list that is gone come back together, in their order") {
  const std::string before = R"({"modelProviders": {"openai": [{"id": "a"}, {"id": "b", "n": 1.0}]}, "x": 1})";
  CHECK(undo(before, R"({"x": 1})", R"({"x": 2})").new_text ==
        R"({"x": 2, "modelProviders": {"openai": [{"id": "a"}, {"id": "b", "n": 1.0}]}})");
  CHECK(undo(before, R"({"modelProviders": {}, "x": 1})", R"({"modelProviders": {"gemini": []}, "x": 1})").new_text ==
        R"({"modelProviders": {"gemini": [], "openai": [{"id": "a"}, {"id": "b", "n": 1.0}]}, "x": 1})");
}

TEST_CASE("an undo can itself be taken back") {
  const std::string before = "{\"a\": 1}", after = "{\"a\": 2, \"env\": {\"K\": \"v\"}}", now = "{\"a\": 2, \"env\": {\"K\": \"v\"}, \"l\": 1}";
  const std::string undone = undo(before, after, now).new_text;
  CHECK(undone == "{\"a\": 1, \"l\": 1}");
  CHECK(undo(now, undone, undone).new_text == now);
  const Plan redone = undo(now, undone, "{\"a\": 1, \"l\": 2}");
  CHECK(read_value(redone.new_text) == Json::parse(R"({"a": 2, "env": {"K": "v"}, "l": 2})"));
}

TEST_CASE("with chosen members nothing else is put back") {
  struct Row {
    std::vector<Path> only;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {{{"a"}}, R"({"a": 1, "env": {"A": "2", "B": "2"}})"},
      {{{"env"}}, R"({"a": 2, "env": {"A": "1", "B": "1"}})"},
      {{{"env", "B"}}, R"({"a": 2, "env": {"A": "2", "B": "1"}})"},
      {{{"env", "B"}, {"a"}}, R"({"a": 1, "env": {"A": "2", "B": "1"}})"},
  }));
  const std::string after = R"({"a": 2, "env": {"A": "2", "B": "2"}})";
  CHECK(undo(R"({"a": 1, "env": {"A": "1", "B": "1"}})", after, after, row.only).new_text == row.expected);
  // A conflict elsewhere is then none.
  CHECK(undo(R"({"a": 1, "b": 1})", R"({"a": 2, "b": 2})", R"({"a": 2, "b": 3})", {{"a"}}).new_text == R"({"a": 1, "b": 3})");
}

TEST_CASE("of a change above a chosen member that part is put back") {
  struct Row {
    std::string what, before, after, now;
    std::vector<Path> only;
    std::string expected;
    Texts keys;
  };
  const std::string servers = R"("m": {"x": {"a": 1.0}, "y": 2})";
  const auto row = GENERATE_COPY(values<Row>({
      {"dropped as a whole", "{" + servers + ", \"b\": 1}", R"({"b": 1})", R"({"b": 1})", {{"m", "x"}}, R"({"b": 1, "m": {"x": {"a": 1.0}}})", {"m.x"}},
      {"two parts", "{" + servers + "}", "{}", R"({"b": 1})", {{"m", "y"}, {"m", "x", "a"}}, R"({"b": 1, "m": {"y": 2, "x": {"a": 1.0}}})", {"m.y", "m.x.a"}},
      {"beside what came later", "{" + servers + "}", "{}", R"({"m": {"z": 3}})", {{"m", "x"}}, R"({"m": {"z": 3, "x": {"a": 1.0}}})", {"m.x"}},
      {"added as a whole", "{}", "{" + servers + "}", "{" + servers + "}", {{"m", "x"}}, R"({"m": {"y": 2}})", {"m.x"}},
  }));
  CAPTURE(row.what);
  const Plan plan = undo(row.before, row.after, row.now, row.only);
  CHECK(plan.new_text == row.expected);
  CHECK(key_texts(plan.keys) == row.keys);
}

TEST_CASE("a chosen member that the write did not change is refused by its name") {
  const std::string before = R"({"a": 1, "env": {"A": "1"}, "m": {"x": 1, "y": 2}})", after = R"({"a": 2, "env": {"A": "2"}})";
  for (const auto& [only, name] : std::vector<std::pair<std::vector<Path>, std::string>>{
           {{{"nonsense"}}, "nonsense"}, {{{"a"}, {"en"}}, "en"}, {{{"env", "A", "c"}}, "env.A.c"}, {{{"m", "z"}}, "m.z"}}) {
    for (const std::string& now : {after, before, std::string(R"({"l": 1})")}) {
      const Error error = refusal(try_undo(before, after, now, only));
      CHECK(wire_code(error.kind) == -32012);
      CHECK(error.field == "keys");
      CHECK(error.message == "That write did not change " + name + ".");
    }
  }
}

TEST_CASE("comments that are not put back are told") {
  const std::string later = R"({"a": 1, "later": true})";
  const std::string one = "1 comment that the write dropped from /home/u/.qwen/settings.json is not put back, because the file was edited since. "
                          "settings.diff shows what they said.";
  struct Row {
    std::string what, before, after, now, warning;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"above a member", "{\n// mine\n\"x\": 1, \"a\": 1}", R"({"a": 1})", later, one},
      {"two", "{ // b\n// mine\n\"x\": 1, \"a\": 1}", R"({"a": 1})", later,
       "2 comments that the write dropped from /home/u/.qwen/settings.json are not put back, because the file was edited since. "
       "settings.diff shows what they said."},
      {"where the member is back already", "{\n// mine\n\"x\": 1, \"a\": 1}", R"({"a": 1})", R"({"a": 1, "x": 1})", one},
      {"inside a value", "{\"x\": [1 /* mine */], \"a\": 1}", R"({"a": 1})", later, ""},
      {"one that is back", "{ // mine\n\"x\": 1, \"a\": 1}", R"({"a": 1})", "{\"a\": 1 // mine\n}", ""},
      {"one that a later writer dropped", "{ // mine\n\"x\": 1, \"a\": 1}", "{ // mine\n\"a\": 1}", later, ""},
  }));
  CAPTURE(row.what);
  const Plan plan = undo(row.before, row.after, row.now);
  REQUIRE(plan.warnings.size() == (row.warning.empty() ? 0 : 1));
  if (row.warning.empty()) return;
  CHECK(plan.warnings[0].code == "F807");
  CHECK(plan.warnings[0].message == row.warning);
}

TEST_CASE("comments alone come back with the whole file or not at all") {
  const std::string before = "{ // mine\n\"a\": 1}", after = R"({"a": 1})";
  CHECK(undo(before, after, after).new_text == before);
  const Error error = refusal(try_undo(before, after, R"({"a": 1, "later": true})"));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.message == "Only comments differ, and /home/u/.qwen/settings.json was edited since: they can be put back as a whole only.");
  CHECK(error.hint == "settings.diff shows them.");
  CHECK(error.data.at("conflicts") == Json::array());
  // Not where they are there again, and not for white space.
  CHECK_FALSE(undo(before, after, "{ \"a\": 1 /* x */ // mine\n}").changed());
  CHECK_FALSE(undo("{ \"a\" : 1 }", after, R"({"a": 1, "later": true})").changed());
}

TEST_CASE("a list that somebody made another thing is no place for a removed entry") {
  const std::string before = R"({"modelProviders": {"openai": [{"id": "a"}, {"id": "b"}]}})";
  const Error error = refusal(try_undo(before, R"({"modelProviders": {"openai": []}})", R"({"modelProviders": {"openai": {"mine": 1}}})"));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.message == "modelProviders.openai was edited since in /home/u/.qwen/settings.json.");
  CHECK(error.data.at("conflicts").size() == 2);
}

// Each entry was looked for among all of them, and each search counted all of them again: that
// would outlast the time that a test is given.
TEST_CASE("a list of thousands of entries is taken back at a cost that is linear in it") {
  const auto list = [](const std::string& prefix, bool with_id) {
    std::string text;
    for (int i = 0; i < 16000; ++i)
      text += std::string(text.empty() ? "" : ",") + "{\"" + (with_id ? "id" : "n") + "\": \"" + prefix + std::to_string(i) + "\"}";
    return "{\"modelProviders\": {\"openai\": [" + text + "]}}";
  };
  const bool with_id = GENERATE(true, false);
  const std::string before = list("a", with_id), after = list("b", with_id);
  const Plan plan = undo(before, after, after.substr(0, after.size() - 1) + ", \"later\": 1}");
  CHECK(read_value(plan.new_text)["modelProviders"]["openai"] == read_value(before)["modelProviders"]["openai"]);
}

TEST_CASE("an edit of the same member is a conflict that shows all sides, masked") {
  const Error error = refusal(try_undo(R"({"env": {"K": "sk-before-0000000"}, "a": 1, "gone": true})",
                                       R"({"env": {"K": "sk-after-00000000"}, "a": 2})",
                                       R"({"env": {"K": "sk-later-00000000"}, "a": 2, "gone": 5})"));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.message == "env.K, gone were edited since in /home/u/.qwen/settings.json.");
  CHECK(error.field == "snapshot");
  CHECK(error.data.at("path") == "/home/u/.qwen/settings.json");
  CHECK(error.data.at("etag") == etag_of(R"({"env": {"K": "sk-later-00000000"}, "a": 2, "gone": 5})"));
  const std::string masked = "sk-••••••••••••••••";
  CHECK(error.data.at("conflicts") == Json{{{"path", "env.K"}, {"before", masked}, {"after", masked}, {"now", masked}},
                                           {{"path", "gone"}, {"before", true}, {"now", 5}}});
}

TEST_CASE("conflicts of model entries name their list") {
  struct Row {
    std::string what, before, after, now;
    Json conflict;
  };
  const auto row = GENERATE(values<Row>({
      {"an added entry that was edited", "[]", R"([{"id": "a"}])", R"([{"id": "a", "name": "x"}])",
       {{"path", "modelProviders.openai"}, {"after", {{"id", "a"}}}, {"now", {{"id", "a"}, {"name", "x"}}}}},
      {"an edited entry that was removed", R"([{"id": "a", "n": 1}])", R"([{"id": "a", "n": 2}])", "[]",
       {{"path", "modelProviders.openai"}, {"before", {{"id", "a"}, {"n", 1}}}, {"after", {{"id", "a"}, {"n", 2}}}}},
      {"a removed entry that came back otherwise", R"([{"id": "a"}])", "[]", R"([{"id": "a", "n": 1}])",
       {{"path", "modelProviders.openai"}, {"before", {{"id", "a"}}}, {"now", {{"id", "a"}, {"n", 1}}}}},
  }));
  CAPTURE(row.what);
  const auto file = [](const std::string& list) { return "{\"modelProviders\": {\"openai\": " + list + "}}"; };
  const Error error = refusal(try_undo(file(row.before), file(row.after), file(row.now)));
  CHECK(wire_code(error.kind) == -32021);
  CHECK(error.data.at("conflicts") == Json::array({row.conflict}));
}

TEST_CASE("a file that does not parse or has another shape is refused, and where") {
  struct Row {
    std::string now, words;
    int line;
  };
  const auto row = GENERATE(values<Row>({
      {"{\n broken", "does not parse", 2},
      {"[]", "expected an object", 1},
      {"{\"b\": 1,}", "trailing comma", 1},
      {"{\n\"env\": 5}", "env in /home/u/.qwen/settings.json is not what Qwen Code reads", 2},
  }));
  CAPTURE(row.now);
  const Error error = refusal(try_undo(R"({"env": {"A": "1"}})", "{}", row.now));
  CHECK(wire_code(error.kind) == -32020);
  CHECK(contains(error.message, row.words));
  CHECK(error.data.at("line") == row.line);
}

TEST_CASE("where the write left nothing that parses, members that are gone since come back") {
  const std::string before = R"({"a": 1, "b": 2})";
  CHECK(undo(before, "{ broken", R"({"a": 1})").new_text == before);
  CHECK(undo(before, "{ broken", R"({"a": 1})", {{"a"}}).changed() == false);
  CHECK(wire_code(refusal(try_undo(before, "{ broken", R"({"a": 3})")).kind) == -32021);
}

// Nothing says what of the later text was there before: it must not all be taken for the write's.
TEST_CASE("where what was before does not parse, it comes back whole or not at all") {
  const auto before = GENERATE(as<std::string>(), "{ broken", "", "[]");
  const std::string after = R"({"a": 1, "b": 2})";
  CHECK(undo(before, after, after).new_text == before);
  for (const auto& [now, only] : std::vector<std::pair<std::string, std::vector<Path>>>{{R"({"a": 1, "b": 3})", {}}, {after, {{"a"}}}}) {
    const Error error = refusal(try_undo(before, after, now, only));
    CHECK(wire_code(error.kind) == -32021);
    CHECK(error.data.at("etag") == etag_of(now));
    CHECK(error.data.at("conflicts") == Json::array());
  }
}

}  // namespace authd::core
