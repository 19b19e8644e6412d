// A key that is purged is in no file of the history, and all else still leads back.
#include <catch2/catch.hpp>

#include "daemon/io/history_pack.hpp"
#include "tests/io/history_support.hpp"

namespace authd::io {
namespace {

using test::contains;
using test::Past;
using test::read_text;
using test::write_text;

const std::string secret = "sk-canary-0123456789";

std::string with_key(int number) {
  return "{\n  \"env\": {\n    \"KEY\": \"" + secret + "\",\n    \"N\": \"" + std::to_string(number) + "\"\n  }\n}\n";
}
std::string without_key(int number) {
  return "{\n  \"env\": {\n    \"N\": \"" + std::to_string(number) + "\"\n  }\n}\n";
}

// Whether any file has the words, packed or not.
bool anywhere(const Past& past, const std::string& words) {
  for (const std::string& name : past.names()) {
    const std::string bytes = read_text(past.directory + "/" + name);
    if (contains(bytes, words)) return true;
    if (!name.ends_with(".zst")) continue;
    const auto base = past.history.content(name.substr(65, 64));
    if (const auto text = unpack(bytes, base ? *base : std::string()); !text || contains(*text, words)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a purged key is in no file, and the records name what is there now") {
  Past past;
  const Snapshot first = past.write(std::nullopt, without_key(1));
  const Snapshot second = past.write(without_key(1), with_key(1));
  const Snapshot third = past.write(with_key(1), without_key(2));
  const Snapshot elsewhere = past.write(std::nullopt, "{\"token\": \"" + secret + "\"}", "/repo/.qwen/settings.json");
  CHECK(past.history.holding_key("KEY") == 2);
  CHECK(past.history.holding_key("KE") == 0);
  REQUIRE(anywhere(past, secret));
  CHECK(past.history.purge("KEY") == 3U);
  CHECK_FALSE(anywhere(past, secret));
  CHECK(past.history.holding_key("KEY") == 0);
  CHECK(past.history.find(first.id) == first);
  CHECK(past.history.find(second.id)->after == Past::id(without_key(1)));
  CHECK(past.history.find(third.id)->before == Past::id(without_key(1)));
  CHECK(past.history.find(third.id)->after == Past::id(without_key(2)));
  CHECK(past.history.last("/repo/.qwen/settings.json")->after == Past::id("{\"token\": \"purged\"}"));
  CHECK(past.history.content(Past::id("{\"token\": \"purged\"}")) == std::string("{\"token\": \"purged\"}"));
  CHECK_FALSE(past.history.holds(Past::id(with_key(1))));
  CHECK(past.history.purge("KEY") == 0U);
  for (const std::string& name : past.names()) CHECK(test::mode_of(past.directory + "/" + name) == 0600);
}

TEST_CASE("a key is purged from packed contents, too, and they stay packed") {
  Past past;
  for (int i = 0; i < 300; ++i) past.write(with_key(i), with_key(i + 1));
  past.tidy();
  const std::size_t packed = past.names(".zst").size();
  REQUIRE(packed > 100);
  CHECK(past.history.holding_key("KEY") == 300);
  CHECK(past.history.purge("KEY") == 300U);
  CHECK_FALSE(anywhere(past, secret));
  CHECK(past.names(".zst").size() == packed);
  for (int i = 0; i <= 300; ++i) {
    CHECK(past.history.content(Past::id(without_key(i))) == without_key(i));
    CHECK_FALSE(past.history.holds(Past::id(with_key(i))));
  }
  const auto all = past.history.snapshots().value();
  for (std::size_t i = 0; i < 300; ++i) CHECK(all[i].after == Past::id(without_key(static_cast<int>(i) + 1)));
  past.tidy();
  CHECK(past.history.content(Past::id(without_key(0))) == without_key(0));
}

TEST_CASE("versions that differ in the key only become one") {
  Past past;
  for (int i = 0; i < 300; ++i) past.write(std::nullopt, "{\"env\": {\"KEY\": \"" + secret + std::to_string(i) + "\"}}");
  past.tidy();
  REQUIRE(past.names(".zst").size() > 100);
  CHECK(past.history.purge("KEY") == 300U);
  CHECK(past.names() == std::vector<std::string>{Past::id("{}") + ".json", Past::id("{\"env\": {}}") + ".json", "index.jsonl"});
}

TEST_CASE("contents without the key that were packed against one with it are packed anew") {
  Past past;
  for (int i = 0; i < 300; ++i) past.write(std::nullopt, i % 8 == 7 ? with_key(i) : without_key(i));
  past.tidy();
  CHECK(past.history.purge("KEY") == 37U);
  CHECK_FALSE(anywhere(past, secret));
  for (int i = 0; i < 300; ++i) CHECK(past.history.content(Past::id(without_key(i))) == without_key(i));
}

TEST_CASE("a content that does not parse and has the name is dropped, and its snapshot says gone") {
  Past past;
  const std::string torn = with_key(8).substr(0, 30);
  for (int i = 0; i < 200; ++i) past.write(std::nullopt, i == 7 ? torn : without_key(i));
  past.tidy();
  REQUIRE(past.history.holds(Past::id(torn)));
  CHECK(past.history.holding_key("KEY") == 1);
  CHECK(past.history.purge("KEY") == 1U);
  CHECK_FALSE(anywhere(past, "KEY\": "));
  CHECK(past.history.snapshots().value()[7].after == Past::id(torn));
  CHECK(past.history.content(Past::id(torn)).error().kind == ErrorKind::unknown_snapshot);
  for (int i = 0; i < 200; ++i)
    if (i != 7) CHECK(past.history.content(Past::id(without_key(i))) == without_key(i));
}

TEST_CASE("what cannot be read and what no record names is not left behind by a purge") {
  Past past;
  past.write(std::nullopt, with_key(1));
  past.write(std::nullopt, with_key(2));
  REQUIRE(past.history.keep(Past::id(with_key(3)), with_key(3)));
  write_text(past.history.path_of(Past::id(with_key(2))), "damaged " + secret);
  CHECK(past.history.purge("KEY") == 1U);
  CHECK_FALSE(anywhere(past, secret));
}

TEST_CASE("a purge that a crash cut short is finished by the next settling") {
  Past past, copy;
  for (int i = 0; i < 300; ++i) past.write(std::nullopt, i % 2 == 0 ? with_key(i) : without_key(i));
  past.tidy();
  namespace fs = std::filesystem;
  fs::create_directories(copy.directory);
  const bool index_was_replaced = GENERATE(true, false);
  CAPTURE(index_was_replaced);
  for (const std::string& name : past.names()) fs::copy(past.directory + "/" + name, copy.directory);
  REQUIRE(past.history.purge("KEY"));
  // What is new comes beside what is there; the index is the old or the new one.
  for (const std::string& name : past.names())
    if (!fs::exists(copy.directory + "/" + name)) fs::copy(past.directory + "/" + name, copy.directory);
  if (index_was_replaced) fs::copy(past.index, copy.index, fs::copy_options::overwrite_existing);
  copy.number = 1000;
  copy.tidy();
  for (int i = 0; i < 300; ++i) {
    const std::string text = i % 2 == 0 && !index_was_replaced ? with_key(i) : without_key(i);
    CHECK(copy.history.content(Past::id(text)) == text);
  }
  CHECK(anywhere(copy, secret) == !index_was_replaced);
}

}  // namespace authd::io
