#include "daemon/core/redact.hpp"

#include <catch2/catch.hpp>

#include "protocol/secret.hpp"

namespace authd::core {
namespace {

const std::string known_secret = "sk-proj-0123456789wxyz";

}  // namespace

TEST_CASE("a secret is hidden whole, in part, and in the masked forms that providers make of it") {
  struct Row {
    std::string text, shown;
  };
  const auto row = GENERATE(values<Row>({
      {"wrong key sk-proj-0123456789wxyz.", "wrong key ••••."},
      {"sk-proj-0123456789wxyz", "••••"},
      {"sk-proj-0123456789wxyzsk-proj-0123456789wxyz", "••••••••"},
      {"(key=sk-proj-0123456789wxyz)", "(key=••••)"},
      {"begins sk-proj-01", "begins ••••"},
      {"ends 89wxyz", "ends ••••"},
      {"middle [345678]", "middle [••••]"},
      {"masked sk-pr***wxyz, sorry", "masked ••••, sorry"},
      {"masked sk-p...wxyz: sorry", "masked ••••: sorry"},
      {"masked ***wxyz!", "masked ••••!"},
      {"masked ****wxyz.", "masked ••••."},
      {"masked ••••wxyz.", "masked ••••."},
      {"masked sk-…", "masked ••••"},
      {"You find your key at https://platform.example/account", "You find your key at https://platform.example/account"},
      {"the key 12345 is wrong", "the key 12345 is wrong"},
      {"", ""},
  }));
  CAPTURE(row.text);
  CHECK(without_secret(row.text, known_secret) == row.shown);
}

TEST_CASE("a short secret is hidden whole, and no secret hides nothing") {
  CHECK(without_secret("the key abc is wrong", "abc") == "the key •••• is wrong");
  CHECK(without_secret("the key is wrong", "") == "the key is wrong");
}

TEST_CASE("control characters become blanks and escapes go as a whole") {
  struct Row {
    std::string text, shown;
  };
  const auto row = GENERATE(values<Row>({
      {"plain text, é 😀", "plain text, é 😀"},
      {"\x1b[31mred\x1b[0m", "red"},
      {"\x1b[2J\x1b[1;1Hx", "x"},
      {"a\x1b]0;title\x07 b", "a ]0;title b"},
      {"a\r\n\t b", "a b"},
      {std::string("a\0b", 3), "a b"},
      {"a\x7f"
       "b",
       "a b"},
      {"a\xC2\x9B"
       "b",
       "a b"},
      {"a\u202Eb\u2066c\u200Fd\uFEFFe\u2028f", "a b c d e f"},
      {"a\xFF\xFE"
       "b",
       "a b"},
      {"  a  ", "a"},
      {"", ""},
      {"\n", ""},
  }));
  CAPTURE(row.text);
  CHECK(printable(row.text) == row.shown);
}

TEST_CASE("a long text is cut on a character, and says so") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdefg", 6) == "abcdef…");
  CHECK(printable("ééé", 5) == "éé…");
  CHECK(printable(std::string(10'000, 'x')).size() == 503);
}

TEST_CASE("what looks like anybody's credential is masked") {
  struct Row {
    std::string text, shown;
  };
  const auto row = GENERATE(values<Row>({
      {"key sk-0123456789abc used", "key sk-•••• used"},
      {"Authorization: Bearer 0123456789abc", "Authorization: Bearer ••••"},
      {"x-goog-api-key: AIza0123456789", "x-goog-api-key: AIza••••"},
      {"sk-short", "sk-short"},
      {"task-0123456789abc", "task-0123456789abc"},
      {"nothing here", "nothing here"},
  }));
  CAPTURE(row.text);
  CHECK(without_credentials(row.text) == row.shown);
}

}  // namespace authd::core
