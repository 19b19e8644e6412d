// Reading the index of a git work tree from bytes, well-formed and hostile.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "daemon/core/git_index.hpp"

namespace authd::core {
namespace {

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string index_header(std::uint32_t version, std::uint32_t entries) {
  return "DIRC" + big_endian(version, 4) + big_endian(entries, 4);
}

// Up to its path; 0x4000 says that two more bytes of flags follow.
std::string index_entry(std::size_t object_id_bytes = 20, bool extended = false) {
  return std::string(40, '\x01') + std::string(object_id_bytes, '\xAB') + big_endian(extended ? 0x4000 : 0, 2) +
         (extended ? std::string(2, '\x20') : "");
}

std::string padded(const std::string& entry_and_path) {
  return entry_and_path + std::string(8 - entry_and_path.size() % 8, '\0');
}

std::string nul_ended(const std::string& text) { return text + std::string(1, '\0'); }

const std::string version_2 = index_header(2, 2) + padded(index_entry() + ".qwen/a") + padded(index_entry() + ".qwen/settings.json") +
                              "TREE" + big_endian(0, 4) + std::string(20, '\xCD');
const std::string version_4 = index_header(4, 3) + index_entry() + '\x00' + nul_ended(".qwen/a") + index_entry() + '\x01' +
                              nul_ended("settings.json") + index_entry() + '\x13' + nul_ended("z") + std::string(20, '\xCD');

}  // namespace

TEST_CASE("an index of version 2 holds the paths of its entries") {
  CHECK(git_index_holds(version_2, ".qwen/a"));
  CHECK(git_index_holds(version_2, ".qwen/settings.json"));
  CHECK_FALSE(git_index_holds(version_2, "settings.json"));
  CHECK_FALSE(git_index_holds(version_2, ".qwen"));
  CHECK_FALSE(git_index_holds(version_2, ""));
}

TEST_CASE("every length of a path is padded to a multiple of eight") {
  for (std::size_t length = 1; length <= 9; ++length) {
    const std::string index = index_header(2, 2) + padded(index_entry() + std::string(length, 'p')) + padded(index_entry() + "last");
    CHECK(git_index_holds(index, "last"));
  }
}

TEST_CASE("an index of version 3 may have more flags") {
  const std::string index = index_header(3, 3) + padded(index_entry(20, true) + "a") + padded(index_entry() + "bc") + padded(index_entry(20, true) + "d");
  CHECK(git_index_holds(index, "a"));
  CHECK(git_index_holds(index, "bc"));
  CHECK(git_index_holds(index, "d"));
}

TEST_CASE("an index of version 4 shortens each path by what it has in common with the former") {
  CHECK(git_index_holds(version_4, ".qwen/a"));
  CHECK(git_index_holds(version_4, ".qwen/settings.json"));
  CHECK(git_index_holds(version_4, "z"));
  CHECK_FALSE(git_index_holds(version_4, "settings.json"));
  // 300 dropped bytes are two bytes: (0x81 & 0x7F) + 1 = 2, 2 * 128 + 44.
  const std::string long_path(300, 'p');
  const std::string index = index_header(4, 2) + index_entry() + '\x00' + nul_ended(long_path) + index_entry() + "\x81\x2C" + nul_ended("next");
  CHECK(git_index_holds(index, long_path));
  CHECK(git_index_holds(index, "next"));
}

TEST_CASE("object ids may be SHA-256") {
  CHECK(git_index_holds(index_header(2, 2) + padded(index_entry(32) + "a") + padded(index_entry(32) + "settings.json"), "settings.json"));
}

TEST_CASE("what an index does not say itself is not held") {
  CHECK_FALSE(git_index_holds(index_header(2, 0) + "link" + big_endian(20, 4) + std::string(20, '\xEF'), "settings.json"));
  CHECK_FALSE(git_index_holds(index_header(3, 1) + padded(index_entry(20, true) + ".qwen/"), ".qwen/settings.json"));
}

TEST_CASE("what is no index of a known version holds nothing") {
  CHECK_FALSE(git_index_holds("", "a"));
  CHECK_FALSE(git_index_holds("DIRC", "a"));
  CHECK_FALSE(git_index_holds(index_header(1, 1) + padded(index_entry() + "a"), "a"));
  CHECK_FALSE(git_index_holds(index_header(5, 1) + padded(index_entry() + "a"), "a"));
  CHECK_FALSE(git_index_holds("dirc" + index_header(2, 1).substr(4) + padded(index_entry() + "a"), "a"));
}

TEST_CASE("an index that ends early holds what it has up to there") {
  const std::size_t second_entry_ends_2 = 12 + 72 + 88;  // with their NULs
  const std::size_t second_entry_ends_4 = 12 + 71 + 77;
  for (std::size_t length = 0; length <= version_2.size(); ++length)
    CHECK(git_index_holds(version_2.substr(0, length), ".qwen/settings.json") == (length >= second_entry_ends_2));
  for (std::size_t length = 0; length <= version_4.size(); ++length)
    CHECK(git_index_holds(version_4.substr(0, length), ".qwen/settings.json") == (length >= second_entry_ends_4));
}

TEST_CASE("a count of entries that lies ends with the bytes") {
  CHECK_FALSE(git_index_holds(index_header(2, 0xFFFFFFFF) + padded(index_entry() + "a"), "b"));
  CHECK_FALSE(git_index_holds(index_header(4, 0xFFFFFFFF) + index_entry() + '\x00' + nul_ended("a"), "b"));
}

TEST_CASE("a path of version 4 cannot drop more than the former has, and no number is endless") {
  CHECK_FALSE(git_index_holds(index_header(4, 2) + index_entry() + '\x00' + nul_ended("a") + index_entry() + '\x02' + nul_ended("b"), "b"));
  CHECK_FALSE(git_index_holds(index_header(4, 1) + index_entry() + std::string(9, '\xFF') + '\x00' + nul_ended("b"), "b"));
}

TEST_CASE("random bytes behind a header do no harm") {
  REQUIRE(rc::check("hostile", [](std::uint8_t version, std::vector<std::uint8_t> bytes, std::uint32_t entries) {
    const std::string index = index_header(2U + version % 3U, entries) + std::string(bytes.begin(), bytes.end());
    RC_ASSERT_FALSE(git_index_holds(index, "a path that no chance makes"));
  }));
  REQUIRE(rc::check("damaged", [](std::uint16_t at, std::uint8_t byte) {
    for (std::string index : {version_2, version_4}) {
      index[at % index.size()] = static_cast<char>(byte);
      RC_ASSERT_FALSE(git_index_holds(index, "a path that no chance makes"));
    }
  }));
}

}  // namespace authd::core
