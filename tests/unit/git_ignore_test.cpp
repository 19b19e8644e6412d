// The rules of .gitignore files. tests/io/work_tree_test.cpp asks git itself the same questions.
#include "daemon/core/git_ignore.hpp"

#include <catch2/catch.hpp>

using namespace authd::core;

TEST_CASE("git leaves alone what a rule names, by itself or with a directory above it") {
  struct Row {
    std::string rules;
    bool ignores;
  };
  const auto row = GENERATE(values<Row>({
      {"", false},
      {".env", true},
      {".env\r\n", true},
      {".env  ", true},
      {"*.env", true},
      {".e?v", true},
      {".[de]nv", true},
      {"#.env", false},
      {"env", false},
      {".qwen", true},
      {".qwen/", true},
      {".env/", false},
      {"/.qwen", true},
      {"/.env", false},
      {".qwen/.env", true},
      {"/.qwen/.env", true},
      {".qwen/*", true},
      {"sub/.qwen/.env", false},
      {"**/.env", true},
      {".qwen/**", true},
      {"**/.qwen/**/.env", true},
      {"a/**/.env", false},
      {".env\n!.env", false},
      {"!.env\n.env", true},
      {".qwen/\n!.qwen/.env", true},
      {".qwen/*\n!.qwen/.env", false},
      {"*", true},
      {"\\.env", true},
      {"\\!.env", false},
  }));
  CAPTURE(row.rules);
  CHECK(git_ignores({{"", row.rules}}, ".qwen/.env") == row.ignores);
}

TEST_CASE("a .gitignore file speaks of what is below it, and outranks those above") {
  CHECK(git_ignores({{".qwen", ".env"}}, ".qwen/.env"));
  CHECK(git_ignores({{".qwen", "/.env"}}, ".qwen/.env"));
  CHECK_FALSE(git_ignores({{".qwen", "/.qwen/.env"}}, ".qwen/.env"));
  CHECK_FALSE(git_ignores({{"other", ".env"}}, ".qwen/.env"));
  CHECK_FALSE(git_ignores({{"", ".env"}, {".qwen", "!.env"}}, ".qwen/.env"));
  CHECK_FALSE(git_ignores({{".qwe", ".env"}}, ".qwen/.env"));
}

TEST_CASE("a .gitignore file that is made to be slow is not") {
  constexpr std::size_t bytes = 1024 * 1024;
  const auto repeated = [](const std::string& text, std::size_t at_least) {
    std::string all;
    while (all.size() < at_least) all += text;
    return all;
  };
  const std::string path = "a/a/a/a/a/a/a/a/a/a/a/a/.qwen/.env";
  CHECK(git_ignores({{"", repeated("**/", bytes) + ".env"}}, path));
  CHECK_FALSE(git_ignores({{"", repeated("**/a/", bytes) + "b"}}, path));
  CHECK_FALSE(git_ignores({{"", repeated(repeated("**/a/", 600) + "b\n", bytes)}}, path));
  CHECK_FALSE(git_ignores({{"", repeated("**/a/**/a/**/a/**/a/**/a/**/b\n", 200'000)}}, path));
  // More rules than are looked at: nothing is said of any.
  CHECK(git_ignores({{"", repeated("a\n", 20'000)}}, path));
  CHECK_FALSE(git_ignores({{"", repeated("a\n", 20'002)}}, path));
}
