#include <catch2/catch.hpp>

#include "client/characters.hpp"
#include "client/line.hpp"

using namespace authd::client;

namespace {

std::vector<std::string> texts(const std::vector<Line>& lines) {
  std::vector<std::string> out;
  for (const Line& line : lines) out.push_back(plain_text(line));
  return out;
}

}  // namespace

TEST_CASE("columns of characters") {
  struct Row {
    std::string text;
    std::size_t columns;
  };
  const std::vector<Row> rows{{"", 0},        {"abc", 3},      {"ü", 1},   {"中文", 4},
                              {"Ａ", 2},      {"한", 2},       {"😀", 2},   {"e\u0301", 1},
                              {"•─│◉○✓⚠", 7}, {"a\u200bb", 2}, {"\xff", 1}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(columns_of(row.text) == row.columns);
  }
}

TEST_CASE("text is wrapped at blanks, else inside words, and never wider than asked") {
  using Texts = std::vector<std::string>;
  CHECK(texts(wrapped("one two three", 8)) == Texts{"one two", "three"});
  CHECK(texts(wrapped("one two", 7)) == Texts{"one two"});
  CHECK(texts(wrapped("abcdefghij", 4)) == Texts{"abcd", "efgh", "ij"});
  CHECK(texts(wrapped("a\n\nb", 8)) == Texts{"a", "", "b"});
  CHECK(texts(wrapped("中文中文", 5)) == Texts{"中文", "中文"});
  CHECK(texts(wrapped("  \"key\": \"value-value\"", 14, Tone::plain, 2)) ==
        Texts{"  \"key\":", "    \"value-val", "    ue\""});
  CHECK(texts(wrapped_after(line("URL: "), "https://example.test/a/b", 24)) ==
        Texts{"URL: https://example.tes", "     t/a/b"});
  for (const std::size_t columns : {2u, 3u, 7u, 20u, 40u})
    for (const Line& piece :
         wrapped("A long 中文 sentence with averyveryverylongword in it", columns))
      CHECK(columns_of_line(piece) <= columns);
}

TEST_CASE("what could steer a terminal is taken out of foreign text") {
  CHECK(printable("a\x1b[31mb") == "a[31mb");
  CHECK(printable("a\x07\x7f\rb") == "ab");
  CHECK(printable("a\u009b31mb\u0085") == "a31mb");
  CHECK(printable("abc\u202etxt\u2066\u200f.exe\ufeff") == "abctxt.exe");
  CHECK(printable("a\nb\tc") == "a\nb  c");
  CHECK(printable_line("a\nb") == "a b");
  CHECK(printable("a\xff\xc0\xaf" "b") == "a\ufffd\ufffd\ufffdb");
  CHECK(printable("中文 ✓") == "中文 ✓");
  CHECK(printable_json("{\"a\":\"\u202e•\u009b\"}") == "{\"a\":\"\\u202e•\\u009b\"}");
}

TEST_CASE("colours are SGR codes or nothing") {
  const Line sample{Span{"✓ ", Tone::good}, Span{"done"}};
  CHECK(encoded(sample, true) == "\x1b[32m✓ \x1b[0mdone");
  CHECK(encoded(sample, false) == "✓ done");
}
