// Parsing beside another thread's work.
#include "daemon/io/parser.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

std::string text_with(int number, std::size_t padding) {
  return "{\"a\": " + std::to_string(number) + std::string(padding, ' ') + "}";
}

}  // namespace

TEST_CASE("a text is parsed once, by whoever comes to it first, be it short or long") {
  Parser parser;
  const std::size_t padding = GENERATE(0, 100'000);
  const bool waits = GENERATE(false, true);
  for (int i = 0; i < 20; ++i) {
    const std::string text = text_with(i, padding);
    const Parsing parsing = parser.parse(text);
    if (waits) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(parsing.result());
    CHECK(parsing.result()->value(parsing.result()->root()) == Json{{"a", i}});
    CHECK(&parsing.result() == &parsing.result());
  }
}

TEST_CASE("what does not parse is told with its place") {
  Parser parser;
  const std::string text = text_with(1, GENERATE(0, 100'000)) + ",";
  const Parsing parsing = parser.parse(text);
  REQUIRE_FALSE(parsing.result());
  CHECK(parsing.result().error().offset == text.size() - 1);
}

TEST_CASE("a text that nobody asks for any more is left alone before it goes") {
  Parser parser;
  for (int i = 0; i < 200; ++i) {
    const std::string text = text_with(i, 100'000);
    parser.parse(text);
  }
  const std::string last = text_with(7, 100'000);
  CHECK(parser.parse(last).result());
}

}  // namespace authd::io
