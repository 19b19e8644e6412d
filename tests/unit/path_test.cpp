// Paths of members as text.
#include <catch2/catch.hpp>

#include "daemon/core/path.hpp"

namespace authd::core {

TEST_CASE("a path is its names with dots, and odd names stand in brackets") {
  struct Row {
    Path path;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {{"env", "OPENAI_API_KEY"}, "env.OPENAI_API_KEY"},
      {{"$version"}, "$version"},
      {{"mcpServers", "@scope-1"}, "mcpServers.@scope-1"},
      {{"modelProviders", "my.gw"}, R"(modelProviders["my.gw"])"},
      {{"modelProviders", "my.gw", "models"}, R"(modelProviders["my.gw"].models)"},
      {{"a.b", "c"}, R"(["a.b"].c)"},
      {{"a", ""}, R"(a[""])"},
      {{"a", "say \"no\"]\\"}, R"(a["say \"no\"]\\"])"},
      {{"a", "two words", "é"}, R"(a["two words"]["é"])"},
  }));
  CAPTURE(row.text);
  CHECK(path_text(row.path) == row.text);
  CHECK(parse_path(row.text) == row.path);
}

TEST_CASE("a person may leave the brackets out where a name has no dot") {
  CHECK(parse_path("a.two words.é") == Path{"a", "two words", "é"});
  CHECK(parse_path(R"(["env"]["X"])") == Path{"env", "X"});
  CHECK(parse_path(R"(env["\u0058"])") == Path{"env", "X"});
}

TEST_CASE("what is no path is refused") {
  const auto text = GENERATE(as<std::string>(), "", ".", "env.", ".env", "a..b", "a[", "a]", "a[0]", "a[b]", "a[\"b\"",
                             "a[\"b", "a[\"b\\\"]", "a[\"b\"]c", "a.[\"b\"]", "a\"b", "a[\"\\x\"]", "a[\"\n\"]");
  CAPTURE(text);
  CHECK_FALSE(parse_path(text));
}

TEST_CASE("the root has no text") { CHECK(path_text({}).empty()); }

}  // namespace authd::core
