// What may be written: nothing with which Qwen Code does not start, or that it ignores.
#include "daemon/core/settings_rules.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/support.hpp"

namespace authd::core {
TEST_CASE("values that Qwen Code reads are accepted at any depth") {
  struct Row {
    Path path;
    std::string value;
  };
  const auto row = GENERATE(values<Row>({
      {{"ui", "theme"}, "\"dark\""},
      {{"env", "A"}, R"("a b \u00e4")"},
      {{"env"}, "{}"},
      {{"env"}, R"({"A": "x"})"},
      {{"modelProviders"}, R"({"openai": [], "mine": [{"id": "m"}]})"},
      {{"modelProviders", "openai"}, R"([{"id": "m", "wireApi": "responses"}, {"id": "n", "wireApi": "chat-completions"}])"},
      {{"modelProviders", "openai"}, R"({"protocol": "openai", "models": [{"id": "m"}]})"},
      {{"modelProviders", "openai", "models"}, R"([{"id": "m"}])"},
      {{"modelProviders", "openai", "protocol"}, "\"openai\""},
      {{"security", "auth", "selectedType"}, "\"openai-responses\""},
      {{"security", "auth", "enforcedType"}, "\"vertex-ai\""},
      {{"security"}, R"({"auth": {"selectedType": "qwen-oauth"}, "other": 1})"},
      {{"mcpServers"}, R"({"a": {"headers": {}, "args": ["x", null]}})"},
      {{"modelProviders", "openai"}, R"([{"id": "m", "generationConfig": {"extra_body": {"stop": null}}}])"},
      {{"selectedAuthType"}, "\"gemini\""},
      {{"model", "name"}, "\"m\""},
      {{"model"}, R"({"name": "m"})"},
      {{"a", "$version"}, "1"},
      {{"ui", "model"}, "\"m\""},
      {{"ui", "env"}, "5"},
      {{"ui"}, R"({"security": {"auth": {"selectedType": 5}}})"},
  }));
  CAPTURE(path_text(row.path), row.value);
  CHECK(acceptable(row.path, Json::parse(row.value)));
}

TEST_CASE("values with which Qwen Code does not start are refused, and which rule says so") {
  struct Row {
    Path path;
    std::string value, field, words;
  };
  const auto row = GENERATE(values<Row>({
      {{"ui", "theme"}, "null", "value", "null says nothing"},
      {{"env", "A"}, "5", "value", "env.A must be a string"},
      {{"env", "A"}, "true", "value", "env.A must be a string"},
      {{"ui"}, R"({"a": {"theme": null}})", "value", "ui.a.theme: null says nothing"},
      {{"env", "A"}, "\"a\\u0000b\"", "value", "env.A must not hold control characters: U+0000 at position 2"},
      {{"env", "A"}, "\"a\\nb\"", "value", "U+000A"},
      {{"env", "A"}, "\" a\"", "value", "env.A must not begin or end with white space"},
      {{"env", "A"}, "\"a\\n\"", "value", "env.A must not begin or end with white space"},
      {{"env", "A"}, "\"\"", "value", "env.A is empty"},
      {{"env"}, R"({"A": ""})", "value", "env.A is empty"},
      {{"env", "NODE_OPTIONS"}, "\"x\"", "path", "env.NODE_OPTIONS is no variable that Qwen Code takes"},
      {{"env", "A-B"}, "\"x\"", "path", "env.A-B is no variable"},
      {{"env"}, R"({"PATH": "x"})", "value", "env.PATH is no variable"},
      {{"env"}, R"({"A": "x", "B": 1})", "value", "env.B must be a string"},
      {{"env"}, "[]", "value", "env must be an object"},
      {{"env", "A", "b"}, "\"x\"", "value", "env.A must be a string"},
      {{"modelProviders"}, "[]", "value", "modelProviders must be an object"},
      {{"modelProviders"}, R"({"openai": [{"id": "m"}, {"name": "x"}]})", "value", "modelProviders.openai needs an id"},
      {{"modelProviders", "openai"}, "5", "value", "must be an array"},
      {{"modelProviders", "openai"}, R"([{"id": ""}])", "value", "needs an id"},
      {{"modelProviders", "openai"}, R"([{"id": 5}])", "value", "needs an id"},
      {{"modelProviders", "openai"}, R"(["m"])", "value", "needs an id"},
      {{"modelProviders", "openai"}, R"([{"id": "m", "wireApi": "grpc"}])", "value", "wireApi"},
      {{"modelProviders", "openai"}, R"({"models": [{}]})", "value", "needs an id"},
      {{"modelProviders", "openai", "models"}, "[{}]", "value", "needs an id"},
      {{"modelProviders", "openai", "models"}, "{}", "value", "must be an array"},
      {{"security", "auth", "selectedType"}, "\"openapi\"", "value", "An authentication type is one of"},
      {{"security", "auth"}, R"({"selectedType": "openapi"})", "value", "An authentication type is one of"},
      {{"security", "auth", "selectedType"}, "\"\"", "value", "An authentication type is one of"},
      {{"security"}, R"({"auth": {"enforcedType": 1}})", "value", "An authentication type is one of"},
      {{"selectedAuthType"}, "\"x\"", "value", "An authentication type is one of"},
      {{"model", "name"}, "5", "value", "model.name must be a string"},
      {{"model"}, "\"m\"", "value", "model must be an object"},
      {{"security"}, "[1]", "value", "security must be an object"},
      {{"security"}, "\"x\"", "value", "security must be an object"},
      {{"security", "auth"}, "5", "value", "security.auth must be an object"},
      {{"security"}, R"({"auth": []})", "value", "security.auth must be an object"},
      {{"mcpServers"}, "5", "value", "mcpServers must be an object"},
      {{"providerProtocol"}, "\"openai\"", "value", "providerProtocol must be an object"},
      {{"ui"}, "true", "value", "ui must be an object"},
      {{"$version"}, "1", "path", "Qwen Code writes it itself"},
      {{"$version", "a"}, "1", "path", "Qwen Code writes it itself"},
      {{"ui"}, R"({"__proto__": {}})", "value", "__proto__"},
      {{"a"}, R"([{"b": [{"constructor": 1}]}])", "value", "constructor"},
      {{"model"}, R"({"name": []})", "value", "model.name must be a string"},
      {{"__proto__"}, "1", "path", "__proto__"},
      {{"env", "constructor"}, "\"x\"", "path", "constructor"},
      {{"a", "prototype", "b"}, "1", "path", "prototype"},
      {{}, "{}", "path", "at least one member"},
  }));
  CAPTURE(path_text(row.path), row.value);
  const auto verdict = acceptable(row.path, Json::parse(row.value));
  REQUIRE_FALSE(verdict);
  CHECK(wire_code(verdict.error().kind) == -32012);
  CHECK(verdict.error().field == row.field);
  CHECK(test::contains(verdict.error().message, row.words));
}

TEST_CASE("in a file of the first shape the model is a string, or what later files have") {
  CHECK(acceptable({"model"}, "m", true));
  CHECK(acceptable({"model"}, {{"name", "m"}}, true));
  CHECK_FALSE(acceptable({"model"}, 5, true));
}

TEST_CASE("a key's variable has a name of its own") {
  for (const char* name : {"A", "_x", "OPENAI_API_KEY", "a1"}) CHECK(usable_variable_name(name));
  for (const char* name : {"", "1A", "A-B", "A B", "Ä", "A=B", "PATH", "HOME", "NODE_OPTIONS", "LD_PRELOAD", "QWEN_HOME"}) {
    CAPTURE(name);
    CHECK_FALSE(usable_variable_name(name));
  }
  CHECK(usable_variable_name(std::string(256, 'A')));
  CHECK_FALSE(usable_variable_name(std::string(257, 'A')));
}

}  // namespace authd::core
