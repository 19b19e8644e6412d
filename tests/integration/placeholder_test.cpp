// The replayer itself: what its placeholders match, and what they do not.
#include <catch2/catch.hpp>

#include "transcript.hpp"

using namespace authd;
using namespace authd::tests;

TEST_CASE("A placeholder matches any value, then only that one") {
  Placeholders placeholders;
  CHECK(placeholders.difference({{"id", "<id>"}}, {{"id", 7}}) == "");
  CHECK(placeholders.difference({{"id", "<id>"}}, {{"id", 7}}) == "");
  CHECK(placeholders.difference({{"id", "<id>"}}, {{"id", 8}}) != "");
  CHECK(placeholders.filled("{\"id\":\"<id>\"}") == "{\"id\":\"7\"}");
}

TEST_CASE("A placeholder inside a text matches what stands there") {
  Placeholders placeholders;
  placeholders.bind("home", "/tmp/x");
  CHECK(placeholders.difference("<home>/.qwen/<file>.json", "/tmp/x/.qwen/settings.json") == "");
  CHECK(placeholders.filled("<file>") == "settings");
  CHECK(placeholders.difference("<home>/b", "/tmp/y/b") != "");
  CHECK(placeholders.difference("a<n>", 7) != "");
}

TEST_CASE("What is not said to be open must be equal") {
  Placeholders placeholders;
  CHECK(placeholders.difference({{"a", 1}}, {{"a", 1}, {"b", 2}}) != "");
  CHECK(placeholders.difference({{"a", 1}, {"…", "…"}}, {{"a", 1}, {"b", 2}}) == "");
  CHECK(placeholders.difference({{"a", 1}}, Json::object()) != "");
  CHECK(placeholders.difference({1, "…"}, {1, 2, 3}) == "");
  CHECK(placeholders.difference({1, 2}, {1, 2, 3}) != "");
  CHECK(placeholders.difference({1, 2, 3}, {1, 2}) != "");
  CHECK(placeholders.difference(nullptr, false) != "");
  CHECK(placeholders.difference("1", 1) != "");
}

TEST_CASE("Blocks of a document are read with their continued lines") {
  const auto transcripts = read_transcripts(
      "# A\n```jsonrpc\n--> {\"x\":\n      1}\n<-- {}\n```\n```json\n{}\n```\n## B\n```jsonrpc\n--> x\n$ true\n```\n");
  REQUIRE(transcripts.size() == 2);
  CHECK(transcripts[0].heading == "A");
  REQUIRE(transcripts[0].lines.size() == 2);
  CHECK(transcripts[0].lines[0].text == "{\"x\":1}");
  CHECK(transcripts[0].lines[0].is_sent);
  CHECK_FALSE(transcripts[0].lines[1].is_sent);
  CHECK(transcripts[1].heading == "B");
  REQUIRE(transcripts[1].lines.size() == 2);
  CHECK(transcripts[1].lines[1].text == "true");
  CHECK(transcripts[1].lines[1].is_command);
  CHECK_FALSE(transcripts[1].lines[0].is_command);
}
