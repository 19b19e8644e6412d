// What differs between two settings documents.
#include <catch2/catch.hpp>

#include "daemon/core/settings_changes.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::parsed;

std::string shown(const Jsonc& document, Jsonc::Node node) {
  return node == Jsonc::none ? "-" : std::string(document.source(node));
}

// `path <id url #ordinal>: before -> after`, one for each change.
std::vector<std::string> differences(const std::string& before_text, const std::string& after_text) {
  const Jsonc before = parsed(before_text), after = parsed(after_text);
  std::vector<std::string> lines;
  for (const Change& change : changes(before, after)) {
    std::string line = path_text(change.path);
    if (change.entry)
      line += " <" + change.entry->id + " " + change.entry->base_url + " #" +
              std::to_string(change.entry->ordinal) + ">";
    lines.push_back(line + ": " + shown(before, change.before) + " -> " + shown(after, change.after));
  }
  return lines;
}

using Lines = std::vector<std::string>;

std::string list(const std::string& elements) {
  return R"({"modelProviders": {"openai": [)" + elements + "]}}";
}

}  // namespace

TEST_CASE("members that are equal are no change, however they are written") {
  struct Row {
    std::string before, after;
  };
  const auto row = GENERATE(values<Row>({
      {"{}", "{}"},
      {R"({"a": {"x": 1, "y": [true, null]}, "b": "t"})", "{ // c\n\"b\":\"\\u0074\",\"a\":{\"y\":[true,null],\"x\":1}}"},
      {R"({"a": [1.0, 10, 0.5, -2, 0]})", R"({"a": [1, 1e1, 50e-2, -20.0E-1, -0.0]})"},
      {R"({"a": [{"x": 1, "y": 2}]})", R"({"a": [{"y": 2, "x": 1}]})"},
      {R"({"a": 1, "a": 2})", R"({"a": 2})"},
      {R"({"env": {"A": "1"}, "env": {"B": "2"}})", R"({"env": {"B": "2"}})"},
      {list(R"({"id": "a"}, {"id": "b"})"), list(R"({"id": "b"}, {"id": "a"})")},
      {list(R"({"id": "a", "n": 1}, {"id": "a", "n": 2})"), list(R"({"n": 2, "id": "a"}, {"id": "a", "n": 1})")},
      {list(R"("plain", {"name": "x"}, 5)"), list(R"(5, "plain", {"name": "x"})")},
  }));
  CAPTURE(row.before, row.after);
  CHECK(differences(row.before, row.after) == Lines{});
}

TEST_CASE("a change is found at the finest grain at which it can be taken back") {
  struct Row {
    std::string before, after;
    Lines lines;
  };
  const auto row = GENERATE(values<Row>({
      // Scalars and objects that both sides have.
      {R"({"a": 1})", R"({"a": 2})", {"a: 1 -> 2"}},
      {R"({"a": {"b": {"c": 1, "d": 2}}})", R"({"a": {"b": {"c": 1, "d": 3}}})", {"a.b.d: 2 -> 3"}},
      {R"({"a": {}})", R"({"a": {"b": 1}})", {"a.b: - -> 1"}},
      {R"({"a": {"b": 1}})", R"({"a": {}})", {"a.b: 1 -> -"}},
      {R"({"a": {"b": 1}})", R"({"a": [1]})", {R"(a: {"b": 1} -> [1])"}},
      {R"({"a": null})", "{}", {"a: null -> -"}},
      {R"({"a": "1"})", R"({"a": 1})", {R"(a: "1" -> 1)"}},
      {"[1]", "[2]", {": [1] -> [2]"}},
      {"{}", "[]", {": {} -> []"}},
      // Arrays elsewhere are one value.
      {R"({"a": [1, 2]})", R"({"a": [2, 1]})", {"a: [1, 2] -> [2, 1]"}},
      {R"({"hooks": [{"x": 1}]})", R"({"hooks": [{"x": 2}]})", {R"(hooks: [{"x": 1}] -> [{"x": 2}])"}},
      // Numbers that a double cannot tell apart.
      {R"({"a": 12345678901234567890})", R"({"a": 12345678901234567891})", {"a: 12345678901234567890 -> 12345678901234567891"}},
      {R"({"a": 0.1})", R"({"a": 0.10000000000000001})", {"a: 0.1 -> 0.10000000000000001"}},
      {R"({"a": 1e999})", R"({"a": 1e998})", {"a: 1e999 -> 1e998"}},
      {R"({"a": -1})", R"({"a": 1})", {"a: -1 -> 1"}},
      // Adjacent parts of values are not confused.
      {R"({"a": [{"x": 1e1, "y": 2}]})", R"({"a": [{"x": 1e11, "y": 2}]})", {R"(a: [{"x": 1e1, "y": 2}] -> [{"x": 1e11, "y": 2}])"}},
      {R"({"a": ["b", "c"]})", R"({"a": ["bc"]})", {R"(a: ["b", "c"] -> ["bc"])"}},
      // An object that comes or goes whole.
      {"{}", R"({"mcpServers": {"x": {"command": "y"}}})", {R"(mcpServers: - -> {"x": {"command": "y"}})"}},
      {R"({"ui": {"theme": "x"}})", "{}", {R"(ui: {"theme": "x"} -> -)"}},
      // The sections of a setup are gone into.
      {"{}", R"({"env": {"A": "1", "B": "2"}})", {R"(env.A: - -> "1")", R"(env.B: - -> "2")"}},
      {R"({"env": {"A": "1"}})", "{}", {R"(env.A: "1" -> -)"}},
      {"{}", R"({"security": {"auth": {"selectedType": "openai"}, "folderTrust": {"enabled": true}}})",
       {R"(security.auth.selectedType: - -> "openai")", R"(security.folderTrust: - -> {"enabled": true})"}},
      {"{}", R"({"model": {"name": "m", "generationConfig": {"a": 1}}})",
       {R"(model.name: - -> "m")", R"(model.generationConfig: - -> {"a": 1})"}},
      {R"({"model": "m"})", R"({"model": {"name": "m"}})", {R"(model: "m" -> {"name": "m"})"}},
      {"{}", R"({"env": {}, "security": {"auth": {}}})", {"env: - -> {}", "security.auth: - -> {}"}},
      {R"({"modelProviders": {}})", "{}", {"modelProviders: {} -> -"}},
      // What is new stands where it stands; what is gone comes last in its object.
      {R"({"x": 1, "a": {"p": 1, "q": 2}, "b": 1})", R"({"b": 2, "n": 0, "a": {"r": 1, "q": 3}})",
       {"b: 1 -> 2", "n: - -> 0", "a.r: - -> 1", "a.q: 2 -> 3", "a.p: 1 -> -", "x: 1 -> -"}},
      {R"({"a": 1})", R"({"a": 1, "a": 2})", {"a: 1 -> 2"}},
  }));
  CAPTURE(row.before, row.after);
  CHECK(differences(row.before, row.after) == row.lines);
}

TEST_CASE("entries of a model list are told apart by id and base URL") {
  struct Row {
    std::string before, after;
    Lines lines;
  };
  const std::string at = "modelProviders.openai";
  const auto row = GENERATE_COPY(values<Row>({
      {list(R"({"id": "a", "baseUrl": "u"}, {"id": "b"})"), list(R"({"id": "b"}, {"id": "a", "baseUrl": "v"})"),
       {at + R"( <a v #0>: - -> {"id": "a", "baseUrl": "v"})", at + R"( <a u #0>: {"id": "a", "baseUrl": "u"} -> -)"}},
      {list(R"({"id": "a", "envKey": "K"})"), list(R"({"id": "n"}, {"id": "a", "envKey": "L"})"),
       {at + R"( <n  #0>: - -> {"id": "n"})", at + R"( <a  #0>: {"id": "a", "envKey": "K"} -> {"id": "a", "envKey": "L"})"}},
      // Of the same identity: equal ones first, then first with first.
      {list(R"({"id": "a", "n": 1}, {"id": "a", "n": 2})"), list(R"({"id": "a", "n": 2}, {"id": "a", "n": 3})"),
       {at + R"( <a  #1>: {"id": "a", "n": 1} -> {"id": "a", "n": 3})"}},
      {list(R"({"id": "a", "n": 1}, {"id": "a", "n": 2})"), list(R"({"id": "a", "n": 3}, {"id": "a", "n": 4})"),
       {at + R"( <a  #0>: {"id": "a", "n": 1} -> {"id": "a", "n": 3})", at + R"( <a  #1>: {"id": "a", "n": 2} -> {"id": "a", "n": 4})"}},
      {list(R"({"id": "a"}, {"id": "a"})"), list(R"({"id": "a"})"), {at + R"( <a  #1>: {"id": "a"} -> -)"}},
      {list(R"({"id": "a"})"), list(R"({"id": "a"}, {"id": "a"})"), {at + R"( <a  #1>: - -> {"id": "a"})"}},
      // Without an id the value is the identity.
      {list(R"("x", {"name": "n"})"), list(R"({"name": "m"}, "x")"),
       {at + R"( <  #0>: - -> {"name": "m"})", at + R"( <  #1>: {"name": "n"} -> -)"}},
      // Lists that come, go, or become something else.
      {"{}", list(R"({"id": "a"})"), {at + R"( <a  #0>: - -> {"id": "a"})"}},
      {list(R"({"id": "a"})"), R"({"modelProviders": {}})", {at + R"( <a  #0>: {"id": "a"} -> -)"}},
      {list(R"({"id": "a"})"), list(""), {at + R"( <a  #0>: {"id": "a"} -> -)"}},
      {"{}", list(""), {at + ": - -> []"}},
      {list(""), R"({"modelProviders": {"openai": null}})", {at + ": [] -> null"}},
      // The wrapped shape of version 5.
      {R"({"modelProviders": {"my.gw": {"protocol": "openai", "models": [{"id": "a"}]}}})",
       R"({"modelProviders": {"my.gw": {"protocol": "gemini", "models": [{"id": "b"}]}}})",
       {R"(modelProviders["my.gw"].protocol: "openai" -> "gemini")", R"(modelProviders["my.gw"].models <b  #0>: - -> {"id": "b"})",
        R"(modelProviders["my.gw"].models <a  #0>: {"id": "a"} -> -)"}},
      {"{}", R"({"modelProviders": {"openai": {"protocol": "openai", "models": [{"id": "a"}]}}})",
       {at + R"(.protocol: - -> "openai")", at + R"(.models <a  #0>: - -> {"id": "a"})"}},
      {list(R"({"id": "a"})"), R"({"modelProviders": {"openai": {"models": [{"id": "a"}]}}})",
       {at + R"(: [{"id": "a"}] -> {"models": [{"id": "a"}]})"}},
  }));
  CAPTURE(row.before, row.after);
  CHECK(differences(row.before, row.after) == row.lines);
}

TEST_CASE("changed keys name a list once, whatever became of its entries") {
  const Jsonc before = parsed(R"({"env": {"A": "1"}, "modelProviders": {"openai": [{"id": "a"}, {"id": "b"}]}})");
  const Jsonc after = parsed(R"({"modelProviders": {"openai": [{"id": "c"}], "gemini": [{"id": "d"}]}, "model": {"name": "c"}})");
  CHECK(changed_keys(changes(before, after)) ==
        std::vector<Path>{{"modelProviders", "openai"}, {"modelProviders", "gemini"}, {"model", "name"}, {"env", "A"}});
}

TEST_CASE("an identity is an id that is a string, with its base URL") {
  const Jsonc document = parsed(R"([{"id": "a", "baseUrl": "u"}, {"id": "a", "baseUrl": 5}, {"id": 5, "baseUrl": "u"}, {"id": ""}, "a", null])");
  std::vector<EntryIdentity> identities;
  for (const Jsonc::Node entry : document.children(document.root())) identities.push_back(identity_of(document, entry));
  CHECK(identities == std::vector<EntryIdentity>{{"a", "u"}, {"a", ""}, {}, {}, {}, {}});
}

// A cost that is quadratic in so many members would outlast the time that a test is given.
TEST_CASE("the cost of a comparison is not quadratic in the members of an object or the entries of a list") {
  constexpr int count = 200'000;
  std::string members, entries, reversed;
  for (int i = 0; i < count; ++i) {
    members += (i ? ",\"K" : "\"K") + std::to_string(i) + "\": \"v\"";
    entries += (i ? ",{\"id\": \"m" : "{\"id\": \"m") + std::to_string(i) + "\"}";
  }
  for (int i = count; i-- > 0;) reversed += (i ? "{\"id\": \"m" : "{\"n\": 1, \"id\": \"m") + std::to_string(i) + (i ? "\"}," : "\"}");
  const Jsonc before = parsed("{\"env\": {" + members + "}, \"modelProviders\": {\"openai\": [" + entries + "]}}");
  const Jsonc after = parsed("{\"env\": {\"N\": 1," + members + "}, \"modelProviders\": {\"openai\": [" + reversed + "]}}");
  CHECK(changes(before, after).size() == 2);
}

}  // namespace authd::core
