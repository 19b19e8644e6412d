#include "daemon/core/dotenv.hpp"

#include <catch2/catch.hpp>
#include <map>

namespace authd::core {

// The values are those that the npm package dotenv 16 gives.
TEST_CASE("a .env file is read as Node's dotenv reads it") {
  struct Row {
    std::string text;
    std::map<std::string, std::string> variables;
  };
  const auto row = GENERATE(values<Row>({
      {"A=b", {{"A", "b"}}},
      {"A=b\nC=d", {{"A", "b"}, {"C", "d"}}},
      {"  A  =  b  ", {{"A", "b"}}},
      {"export A=b", {{"A", "b"}}},
      {"export  A = b", {{"A", "b"}}},
      {"exportA=b", {{"exportA", "b"}}},
      {"export=b", {{"export", "b"}}},
      {"A: b", {{"A", "b"}}},
      {"A:b", {}},
      {"A : b", {}},
      {"A=", {{"A", ""}}},
      {"A=\nB=c", {{"A", ""}, {"B", "c"}}},
      {"A=\"\"", {{"A", ""}}},
      {"A='x y'", {{"A", "x y"}}},
      {"A=\"x\\ny\"", {{"A", "x\ny"}}},
      {"A='x\\ny'", {{"A", "x\\ny"}}},
      {"A=`x\\ny`", {{"A", "x\\ny"}}},
      {"A=\"x\ny\"\nB=c", {{"A", "x\ny"}, {"B", "c"}}},
      {"A='x\ny'", {{"A", "x\ny"}}},
      {"A=b # c", {{"A", "b"}}},
      {"A=b#c", {{"A", "b"}}},
      {"A=\"b#c\" # d", {{"A", "b#c"}}},
      {"A='b' 'c'", {{"A", "b' 'c"}}},
      {"A=\"b\"c", {{"A", "\"b\"c"}}},
      {"A=b=c", {{"A", "b=c"}}},
      {"A.B-C_1=x", {{"A.B-C_1", "x"}}},
      {"1A=x", {{"1A", "x"}}},
      {"A B=c", {}},
      {"# A=b", {}},
      {"#A=b\nC=d", {{"C", "d"}}},
      {"A=b\r\nC=d\r\n", {{"A", "b"}, {"C", "d"}}},
      {"A=b\rC=d", {{"A", "b"}, {"C", "d"}}},
      {"A='it''s'", {{"A", "it''s"}}},
      {"A=\"he said \\\"x\\\"\"", {{"A", "he said \\\"x\\\""}}},
      {"A=\"unclosed", {{"A", "\"unclosed"}}},
      {"A='unclosed\nB=c", {{"A", "'unclosed"}, {"B", "c"}}},
      {"A=b\nA=c", {{"A", "c"}}},
      {"=b", {}},
      {"A", {}},
      {"A=\u00A0b\u00A0", {{"A", "b"}}},
      {"A=\"a\\rb\"", {{"A", "a\rb"}}},
      {"A=$HOME", {{"A", "$HOME"}}},
      {"A=\"$HOME\"", {{"A", "$HOME"}}},
      {"\uFEFFA=b", {{"A", "b"}}},
      {"A=\n\"x\"", {{"A", "x"}}},
      {"A =\tb", {{"A", "b"}}},
      {"A=a\\nb", {{"A", "a\\nb"}}},
      {"é=x", {}},
      {"A='a\"b'", {{"A", "a\"b"}}},
      {"A=`a'b\"c`", {{"A", "a'b\"c"}}},
      {"A=\"a\"b\"", {{"A", "a\"b"}}},
      {"  #x\n\n  A=b", {{"A", "b"}}},
      {"A=b  \t", {{"A", "b"}}},
      {"A=\\\"b\\\"", {{"A", "\\\"b\\\""}}},
      {"A=''", {{"A", ""}}},
      {"A=\"\\\\n\"", {{"A", "\\\n"}}},
      {"A=b ; C=d", {{"A", "b ; C=d"}}},
      {"A=x\nexport B=y\nC: z", {{"A", "x"}, {"B", "y"}, {"C", "z"}}},
      {"A='x'#y", {{"A", "x"}}},
      {"A= 'x' ", {{"A", "x"}}},
      {"A=\"x", {{"A", "\"x"}}},
      {"A='a\\'b'", {{"A", "a\\'b"}}},
      {"A:\nB=c", {{"A", "B=c"}}},
      {"A:\tb", {{"A", "b"}}},
      {"A=`x\r\ny`", {{"A", "x\ny"}}},
      {"A=\"x\ry\"", {{"A", "x\ny"}}},
      {"A=\"a\\nb\"c", {{"A", "\"a\nb\"c"}}},
      {"A=\" \\\"b\\\" \" x", {{"A", "\" \\\"b\\\" \" x"}}},
      {"A=x\u2028B=y", {{"A", "x\u2028B=y"}}},
      {"A=b\u2028", {{"A", "b"}}},
      {"A:\u00A0b", {{"A", "b"}}},
      {"A :b", {}},
      {"export\nA=b", {{"A", "b"}}},
      {"export=1\nexport export=2", {{"export", "2"}}},
      {"A\n\n=\n\"b\"", {{"A", "b"}}},
      {"A=\"x\\\"\nB=y", {{"A", "x\\"}, {"B", "y"}}},
      {"A='x\\' # c", {{"A", "x\\"}}},
      {"A=\"\n\n\"", {{"A", "\n\n"}}},
      {"A=# b", {{"A", ""}}},
      {"A= # b", {{"A", ""}}},
      {"A=\"#b\"#c", {{"A", "#b"}}},
      {"A='x'\u2028'y'", {{"A", "x"}}},
      {"\u00A0A=b", {{"A", "b"}}},
      {"A=b\\", {{"A", "b\\"}}},
      {"K: \"x: y\"", {{"K", "x: y"}}},
      {"A==b", {{"A", "=b"}}},
      {"A==\"b\"", {{"A", "=\"b\""}}},
      {"A=\\n", {{"A", "\\n"}}},
      {"A=\"\\\\r\"", {{"A", "\\\r"}}},
      {"-=x", {{"-", "x"}}},
      {".=y", {{".", "y"}}},
      {"A=\"b\" \"c\"", {{"A", "b\" \"c"}}},
      {"A='b'\"c\"", {{"A", "'b'\"c\""}}},
      {"x y=1 z=2", {}},
      {"A=1 B=2", {{"A", "1 B=2"}}},
      {"A=\"a\n#b\nc\"", {{"A", "a\n#b\nc"}}},
      {"a:b:c", {}},
      {"A: \n\n  b", {{"A", ""}}},
  }));
  CAPTURE(row.text);
  std::map<std::string, std::string> variables;
  for (const DotenvEntry& entry : parse_dotenv(row.text)) variables[entry.name] = entry.value;
  CHECK(variables == row.variables);
}

TEST_CASE("every entry knows its line") {
  const auto entries = parse_dotenv("# c\n\nA=1\nB=\"x\ny\"\r\n\nexport C=3\nnonsense\nA=4");
  std::vector<std::pair<std::string, std::size_t>> lines;
  for (const DotenvEntry& entry : entries) lines.emplace_back(entry.name, entry.line);
  CHECK(lines == std::vector<std::pair<std::string, std::size_t>>{{"A", 3}, {"B", 4}, {"C", 7}, {"A", 9}});
}

TEST_CASE("a large or senseless file is read in reasonable time") {
  CHECK(parse_dotenv(std::string(1'000'000, '"')).empty());
  CHECK(parse_dotenv(std::string(1'000'000, '\n') + "A=b").at(0).line == 1'000'001);
  // Lines in one value, each with a quote that no line closes.
  std::string lines = "A=";
  for (int i = 0; i < 200'000; ++i) lines += "\u2028'x";
  CHECK(parse_dotenv(lines).size() == 1);
  CHECK(parse_dotenv("A=x" + std::string(1'000'000, '\'')).size() == 1);
  std::string quotes;
  for (int i = 0; i < 2'000; ++i) quotes += "A='b\n";
  CHECK(parse_dotenv(quotes).size() == 2'000);
}

}  // namespace authd::core
