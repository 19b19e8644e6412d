// How much the history takes on the disk: old versions are packed, and the bound in bytes holds.
#include "daemon/io/history_pack.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "protocol/limits.hpp"
#include "tests/io/history_support.hpp"

namespace authd::io {
namespace {

using test::contains;
using test::Past;
using test::read_text;
using test::write_text;

// Text that does not compress.
std::string noise(std::size_t bytes, unsigned seed) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) text += letters[random() & 63U];
  return text;
}

// Version `number` of a file to which each write adds a key; `padding` in all of them.
struct Growing {
  std::string members;
  unsigned number = 0;
  std::string next(std::size_t key_bytes) {
    const std::string n = std::to_string(++number);
    members += (members.empty() ? "" : ",\n") + ("    \"KEY_" + n + "\": \"sk-" + noise(key_bytes, number) + "\"");
    return "{\n  \"env\": {\n" + members + "\n  }\n}\n";
  }
};

}  // namespace

TEST_CASE("a text that is packed against another one comes back, and costs what it differs by") {
  const std::string base = "{\"key\": \"" + noise(100'000, 1) + "\"}";
  std::string text = base;
  text.insert(50'000, "something else");
  const std::string packed = pack(text, base);
  CHECK(packed.size() < 200);
  CHECK(unpack(packed, base) == text);
  CHECK(unpack(pack("", base), base) == std::string());
  CHECK(unpack(pack(text, ""), "") == text);
}

TEST_CASE("versions of many megabytes are found in one another") {
  const std::string base = noise(6'000'000, 2);
  const std::string text = base.substr(3'000'000) + base.substr(0, 3'000'000);
  const std::string packed = pack(text, base);
  CHECK(packed.size() < 10'000);
  CHECK(unpack(packed, base) == text);
}

TEST_CASE("what is not whole, no frame, or too large does not unpack") {
  const std::string base = noise(1000, 3), packed = pack(noise(2000, 4), base);
  for (std::size_t length = 0; length < packed.size(); length += 7) CHECK_FALSE(unpack(packed.substr(0, length), base));
  CHECK_FALSE(unpack("no frame at all", base));
  CHECK_FALSE(unpack(packed + packed, base));
  CHECK_FALSE(unpack(pack(std::string(limits::settings_bytes_max + 1, ' '), ""), ""));
}

TEST_CASE("old versions of a file are packed, private, and all of them come back") {
  Past past;
  Growing file;
  std::vector<std::string> versions{file.next(40)};
  for (int i = 0; i < 400; ++i) {
    versions.push_back(file.next(40));
    past.write(versions[versions.size() - 2], versions.back());
    if (i % 100 == 0) past.history.settle();
  }
  past.tidy();
  CHECK(past.names(".zst").size() > 200);
  CHECK(past.names(".json").size() < 200);
  for (const std::string& name : past.names()) CHECK(test::mode_of(past.directory + "/" + name) == 0600);
  for (const std::string& version : versions) {
    CHECK(past.history.holds(Past::id(version)));
    CHECK(past.history.content(Past::id(version)) == version);
  }
  // The newest ones are where a backup is looked for.
  CHECK(read_text(past.history.path_of(Past::id(versions.back()))) == versions.back());
  CHECK(read_text(past.history.path_of(Past::id(versions[versions.size() - 100]))) == versions[versions.size() - 100]);
}

TEST_CASE("a packed content that is kept again is plain again, and is not there twice") {
  Past past;
  Growing file;
  const std::string oldest = file.next(40);
  past.write(std::nullopt, oldest);
  for (int i = 0; i < 200; ++i) past.write(std::nullopt, file.next(40));
  past.tidy();
  REQUIRE(past.names(".zst").front().size() == 64 + 1 + 64 + 4);
  CHECK_FALSE(std::filesystem::exists(past.history.path_of(Past::id(oldest))));
  past.write(std::nullopt, oldest);
  CHECK(read_text(past.history.path_of(Past::id(oldest))) == oldest);
  past.tidy();
  for (const std::string& name : past.names(".zst")) CHECK_FALSE(name.starts_with(Past::id(oldest)));
  CHECK(past.history.content(Past::id(oldest)) == oldest);
}

TEST_CASE("a packed content that was damaged is gone, and so is nothing else") {
  Past past;
  Growing file;
  std::vector<std::string> versions;
  for (int i = 0; i < 140; ++i) past.write(std::nullopt, versions.emplace_back(file.next(40)));
  past.tidy();
  const std::string name = past.names(".zst").front(), whole = read_text(past.directory + "/" + name);
  const std::string damage = GENERATE(as<std::string>(), "cut", "flipped", "empty", "other base");
  CAPTURE(damage);
  std::string bytes = whole;
  if (damage == "cut") bytes.pop_back();
  if (damage == "flipped") bytes[bytes.size() / 2] ^= 1;
  if (damage == "empty") bytes.clear();
  if (damage == "other base") {
    std::filesystem::remove(past.directory + "/" + name);
    write_text(past.directory + "/" + name.substr(0, 65) + Past::id(versions.back()) + ".zst", whole);
  } else {
    write_text(past.directory + "/" + name, bytes);
  }
  CHECK(past.history.content(name.substr(0, 64)).error().kind == ErrorKind::unknown_snapshot);
  std::size_t found = 0;
  for (const std::string& version : versions) found += past.history.content(Past::id(version)).has_value();
  CHECK(found == 139);
  past.tidy();
}

TEST_CASE("names that lead in a circle are gone, and end") {
  Past past;
  past.write(std::nullopt, "{}");
  const std::string a = Past::id("a"), b = Past::id("b");
  write_text(past.directory + "/" + a + "." + b + ".zst", "x");
  write_text(past.directory + "/" + b + "." + a + ".zst", "x");
  CHECK_FALSE(past.history.content(a));
  CHECK(past.history.holding_key("KEY") == 0);
  past.tidy();
  CHECK(past.names(".zst").empty());
}

TEST_CASE("what others are packed against stays while they are needed, whoever drops it") {
  Past past;
  Growing file;
  std::vector<Snapshot> written;
  std::vector<std::string> versions;
  for (int i = 0; i < 140; ++i) written.push_back(past.write(std::nullopt, versions.emplace_back(file.next(40))));
  past.tidy();
  past.history.withdraw(written[7].id);
  past.tidy();
  CHECK(past.history.content(Past::id(versions[0])) == versions[0]);
  CHECK(past.history.content(Past::id(versions[6])) == versions[6]);
  for (std::size_t i = 0; i < 7; ++i) past.history.withdraw(written[i].id);
  past.tidy();
  for (std::size_t i = 0; i < 8; ++i) CHECK_FALSE(past.history.holds(Past::id(versions[i])));
  CHECK(past.history.content(Past::id(versions[8])) == versions[8]);
}

TEST_CASE("contents of more than 64 MiB lose the oldest, but not the last good state of a file") {
  Past past;
  const std::string quiet = "{\"quiet\": \"" + noise(3'000'000, 1) + "\"}";
  past.write(std::nullopt, quiet, "/quiet/settings.json");
  std::vector<Snapshot> written;
  for (unsigned i = 2; i < 32; ++i) {
    written.push_back(past.write(std::nullopt, "{\"a\": \"" + noise(3'000'000, i) + "\"}"));
    past.history.settle();
    REQUIRE(past.bytes() <= limits::history_bytes_max);
  }
  CHECK(past.bytes() > limits::history_bytes_max / 2);
  CHECK(past.history.content(Past::id(quiet)) == quiet);
  CHECK(past.history.last("/quiet/settings.json"));
  const std::vector<std::string> ids = past.ids();
  CHECK(ids.size() < 28);
  CHECK(ids.back() == written.back().id);
  CHECK(past.history.content(*written.back().after));
  CHECK_FALSE(past.history.holds(*written.front().after));
}

// By hand in full size, with the figures: AUTHD_VERSIONS=3400 authd-io-tests -s "every version of a file*"
TEST_CASE("every version of a file that grows fits, though all of them together would not") {
  const char* versions = std::getenv("AUTHD_VERSIONS");
  const int count = versions ? std::atoi(versions) : 550;
  const std::size_t key_bytes = versions ? 270 : 500;
  Past past;
  Growing file;
  std::vector<std::string> ids;
  std::optional<std::string> former;
  std::size_t sum = 0, most = 0;
  using clock = std::chrono::steady_clock;
  clock::duration writing{}, settling{}, longest{};
  for (int i = 0; i < count; ++i) {
    const std::string now = file.next(key_bytes);
    const auto start = clock::now();
    past.write(former, now);
    const auto written = clock::now();
    if (versions || i % 8 == 0) past.history.settle();
    const auto settled = clock::now();
    writing += written - start;
    settling += settled - written;
    longest = std::max(longest, settled - written);
    if (i % 20 == 0) most = std::max(most, past.bytes());
    sum += now.size();
    ids.push_back(Past::id(now));
    former = now;
  }
  CHECK(sum > limits::history_bytes_max);
  CHECK(most < limits::history_bytes_max);
  CHECK(past.history.snapshots().value().size() == static_cast<std::size_t>(count));
  std::size_t found = 0;
  for (const std::string& id : ids) found += past.history.content(id).has_value();
  CHECK(found == static_cast<std::size_t>(count));
  const auto start = clock::now();
  CHECK(past.history.holding_key("KEY_1") == static_cast<std::size_t>(count));
  const auto looked = clock::now();
  CHECK(past.history.purge("KEY_1") == static_cast<std::size_t>(count));
  const auto purged = clock::now();
  CHECK(past.bytes() < limits::history_bytes_max);
  const auto ms = [](clock::duration time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time).count(); };
  INFO("last version " << former->size() << " bytes, most on disk " << most << ", now " << past.bytes());
  INFO("writing " << ms(writing) << " ms, settling " << ms(settling) << " ms, the longest " << ms(longest) << " ms");
  INFO("holding_key " << ms(looked - start) << " ms, purge " << ms(purged - looked) << " ms");
  SUCCEED();
}

}  // namespace authd::io
