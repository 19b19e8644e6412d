#include "daemon/core/text.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("trimming takes JavaScript's white space and nothing else") {
  const auto space = GENERATE(as<std::string>(), "\t", "\n", "\v", "\f", "\r", " ", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
                              "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029",
                              "\u202F", "\u205F", "\u3000", "\uFEFF");
  CAPTURE(space);
  CHECK(js_trim(space + "a" + space + "b" + space + space) == "a" + space + "b");
  CHECK(js_trim(space).empty());
}

TEST_CASE("what JavaScript does not take for white space is not trimmed") {
  const auto other = GENERATE(as<std::string>(), "\u0085", "\u180E", "\u200B", "\u200D", "\u2060", "\x1F", "\x08", "\u00AD", "\xFF", "\xE2\x80", "\xA0");
  CAPTURE(other);
  CHECK(js_trim(other + "a" + other) == other + "a" + other);
}

TEST_CASE("upper case is JavaScript's, as far as its result can be ASCII") {
  struct Row {
    std::string text, upper;
  };
  const auto row = GENERATE(values<Row>({
      {"abcxyz09-_", "ABCXYZ09-_"},
      {"ß", "SS"},
      {"ı", "I"},
      {"\u0149", "\u02BCN"},
      {"ſ", "S"},
      {"\u01F0", "J\u030C"},
      {"\u1E96", "H\u0331"},
      {"\u1E97", "T\u0308"},
      {"\u1E98", "W\u030A"},
      {"\u1E99", "Y\u030A"},
      {"\u1E9A", "A\u02BE"},
      {"\uFB00", "FF"},
      {"\uFB01", "FI"},
      {"\uFB02", "FL"},
      {"\uFB03", "FFI"},
      {"\uFB04", "FFL"},
      {"\uFB05", "ST"},
      {"\uFB06", "ST"},
      {"\xC3", "\xC3"},
  }));
  CAPTURE(row.text);
  CHECK(js_upper(row.text) == row.upper);
}

TEST_CASE("what a person cannot see at the ends of an input goes") {
  struct Row {
    std::string input, cleaned;
  };
  const auto row = GENERATE(values<Row>({
      {"x", "x"},
      {" \t x \r\n", "x"},
      {"\uFEFFx\u200B", "x"},
      {"\u200B\u200C\u200D\u200E\u200F\u2060\u180Ex\u200B", "x"},
      {"\x1b[200~x\x1b[201~", "x"},
      {" \x1b[200~ x \x1b[201~\n", "x"},
      {"\x1b[200~\x1b[200~x\x1b[201~", "x"},
      {"\x1b[201~", ""},
      {"a b", "a b"},
      {"a\x1b[200~b", "a\x1b[200~b"},
      {"x\u200By", "x\u200By"},
      {"", ""},
      {" \uFEFF\u200B ", ""},
  }));
  CAPTURE(row.input);
  CHECK(clean_input(row.input) == row.cleaned);
}

TEST_CASE("the first foreign character is named with its position, counted in characters") {
  struct Row {
    std::string text, name;
    std::size_t position;
  };
  const auto row = GENERATE(values<Row>({
      {"a b", "U+0020", 2},
      {"“x”", "U+201C", 1},
      {"éé", "U+00E9", 1},
      {"x😀", "U+1F600", 2},
      {"abc\x7f", "U+007F", 4},
      {"a\xFF", "U+FFFD", 2},
      {std::string("\0", 1), "U+0000", 1},
      {"-\u2500-", "U+2500", 2},
  }));
  CAPTURE(row.text);
  const auto found = foreign_character(row.text);
  REQUIRE(found);
  CHECK(found->name == row.name);
  CHECK(found->position == row.position);
}

TEST_CASE("every printable character of ASCII but the blank belongs to a key") {
  std::string all;
  for (char c = 0x21; c < 0x7F; ++c) all += c;
  CHECK_FALSE(foreign_character(all));
  CHECK_FALSE(foreign_character(""));
}

TEST_CASE("control characters are those below the blank, and DEL") {
  CHECK_FALSE(control_character("a b é 😀"));
  CHECK(control_character("é\n")->position == 2);
  CHECK(control_character("\x1f")->name == "U+001F");
  CHECK(control_character("a\x7f")->name == "U+007F");
}

TEST_CASE("a name that Qwen Code would expand is found") {
  struct Row {
    std::string text;
    std::optional<std::string> name;
  };
  const auto row = GENERATE(values<Row>({
      {"sk-$HOME-end", "HOME"},
      {"$A", "A"},
      {"$1x", "1x"},
      {"$_", "_"},
      {"a${B C}d", "B C"},
      {"$$A", "A"},
      {"$-$B", "B"},
      {"$", {}},
      {"$-", {}},
      {"${}", {}},
      {"${open", {}},
      {"plain", {}},
      {"", {}},
      {"$é", {}},
  }));
  CAPTURE(row.text);
  CHECK(expandable_name(row.text) == row.name);
}

TEST_CASE("bytes that are no UTF-8 are one replacement character each") {
  for (const std::string bad : {"\x80", "\xC0\x80", "\xC3", "\xE2\x82", "\xF5\x80\x80\x80", "\xFF"}) {
    CAPTURE(bad);
    CHECK(code_point_at(bad, 0).value == 0xFFFD);
    CHECK(code_point_at(bad, 0).bytes == 1);
  }
  CHECK(code_point_at("€", 0).value == 0x20AC);
  CHECK(code_point_at("€", 0).bytes == 3);
  CHECK(code_point_at("😀", 0).value == 0x1F600);
}

TEST_CASE("splitting keeps empty parts, joining puts the separator only between") {
  CHECK(split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(join({"a", "b"}, ", ") == "a, b");
  CHECK(join({}, ", ").empty());
  CHECK(join({"", "b"}, ".") == ".b");
}

}  // namespace authd::core
