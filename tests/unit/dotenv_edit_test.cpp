// One variable of a .env file, with every other byte kept.
#include "daemon/core/dotenv_edit.hpp"

#include <catch2/catch.hpp>

#include "daemon/core/dotenv.hpp"

using namespace authd;
using namespace authd::core;

namespace {

std::string set(const std::string& text, const std::string& value = "new") {
  const auto edited = set_in_dotenv(text, "A_KEY", value);
  REQUIRE(edited);
  return *edited;
}

std::string removed(const std::string& text) {
  const auto edited = remove_from_dotenv(text, "A_KEY");
  REQUIRE(edited);
  return *edited;
}

}  // namespace

TEST_CASE("a variable is set in its place, or at the end, and nothing else of a .env file changes") {
  struct Row {
    std::string before, after;
  };
  const auto row = GENERATE(values<Row>({
      {"", "A_KEY=new\n"},
      {"B=1\n", "B=1\nA_KEY=new\n"},
      {"B=1", "B=1\nA_KEY=new\n"},
      {"B=1\r\n# c\r\n", "B=1\r\n# c\r\nA_KEY=new\r\n"},
      {"# a comment\n\nB=1\n", "# a comment\n\nB=1\nA_KEY=new\n"},
      {"A_KEY=old\n", "A_KEY=new\n"},
      {"A_KEY=\n", "A_KEY=new\n"},
      {"A_KEY=old", "A_KEY=new"},
      {"A_KEY=old # mine\nB=1\n", "A_KEY=new # mine\nB=1\n"},
      {"A_KEY= # mine\n", "A_KEY=new # mine\n"},
      {"A_KEY='old' # mine\r\n", "A_KEY=new # mine\r\n"},
      {"  export A_KEY = \"old\" \nB=1\n", "  export A_KEY = new \nB=1\n"},
      {"A_KEY: old\n", "A_KEY: new\n"},
      {"A_KEY='o\nl\nd'\nB=1\n", "A_KEY=new\nB=1\n"},
      {"A_KEY=one\nB=1\nA_KEY=two\n", "A_KEY=one\nB=1\nA_KEY=new\n"},
      {"#A_KEY=old\n", "#A_KEY=old\nA_KEY=new\n"},
      {"MY_A_KEY=1\nA_KEY2=2\n", "MY_A_KEY=1\nA_KEY2=2\nA_KEY=new\n"},
      {"\xEF\xBB\xBF" "A_KEY=old\n", "\xEF\xBB\xBF" "A_KEY=new\n"},
      {"A_KEY=new\n", "A_KEY=new\n"},
      {"A_KEY='new'\n", "A_KEY='new'\n"},
  }));
  CAPTURE(row.before);
  CHECK(set(row.before) == row.after);
}

TEST_CASE("a value is quoted so that it is read back as it is, and simply where it can be") {
  struct Row {
    std::string value, line;
  };
  const auto row = GENERATE(values<Row>({
      {"sk-or-v1/a+b=c", "A_KEY=sk-or-v1/a+b=c\n"},
      {"a#b", "A_KEY='a#b'\n"},
      {"$HOME", "A_KEY='$HOME'\n"},
      {"a b", "A_KEY='a b'\n"},
      {"a\\nb", "A_KEY='a\\nb'\n"},
      {"it's", "A_KEY=\"it's\"\n"},
      {"it's \"x\"", "A_KEY=`it's \"x\"`\n"},
      {"a\nb", "A_KEY='a\nb'\n"},
      {"a\r\nb", "A_KEY=\"a\\r\\nb\"\n"},
      {"", "A_KEY=''\n"},
      {"üñí", "A_KEY='üñí'\n"},
  }));
  CAPTURE(row.value);
  const std::string text = set("", row.value);
  CHECK(text == row.line);
  const auto entries = parse_dotenv(text);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].value == row.value);
}

TEST_CASE("a value that no quoting brings back is refused") {
  for (const char* value : {"'\"`", "it's \\n `x`", "it's \"x\" `y`"}) {
    CAPTURE(value);
    const auto edited = set_in_dotenv("B=1\n", "A_KEY", value);
    REQUIRE_FALSE(edited);
    CHECK(edited.error().kind == ErrorKind::invalid_input);
    CHECK(edited.error().field == "value");
    CHECK(edited.error().message == "The value cannot be written into a .env file so that it is read back.");
  }
  CHECK_FALSE(set_in_dotenv("", "A KEY", "x"));
}

TEST_CASE("a file in which a further line would be read as part of another value is left alone") {
  const auto edited = set_in_dotenv("B='open\n", "A_KEY", "\nb");
  REQUIRE_FALSE(edited);
  CHECK(edited.error().message.find("left open") != std::string::npos);
  CHECK(set("B='open\n") == "B='open\nA_KEY=new\n");
}

TEST_CASE("a variable is removed with its lines, all of them") {
  struct Row {
    std::string before, after;
  };
  const auto row = GENERATE(values<Row>({
      {"", ""},
      {"A_KEY=old\n", ""},
      {"A_KEY=old", ""},
      {"B=1\nexport A_KEY='o\nld' # mine\nC=2\n", "B=1\nC=2\n"},
      {"B=1\r\nA_KEY=old\r\nC=2\r\n", "B=1\r\nC=2\r\n"},
      {"A_KEY=1\nB=1\nA_KEY=2\n# c\n", "B=1\n# c\n"},
      {"# A_KEY=1\nMY_A_KEY=1\n", "# A_KEY=1\nMY_A_KEY=1\n"},
      {"A_KEY=\nB=1\n", "B=1\n"},
  }));
  CAPTURE(row.before);
  CHECK(removed(row.before) == row.after);
}
