#include "protocol/secret.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "daemon/core/sha256.hpp"

namespace authd {

TEST_CASE("a secret is shown as its first three characters and sixteen bullets, a short one as bullets") {
  struct Row {
    std::string value, masked;
  };
  const auto row = GENERATE(values<Row>({
      {"", "••••••••••••••••"},
      {"a", "••••••••••••••••"},
      {"sk-45678901", "••••••••••••••••"},
      {"sk-456789012", "sk-••••••••••••••••"},
      {"sk-or-v1-1234567890", "sk-••••••••••••••••"},
      {"ééééééééééé", "••••••••••••••••"},
      {"éééééééééééé", "ééé••••••••••••••••"},
      {std::string(100'000, 'x'), "xxx••••••••••••••••"},
  }));
  CAPTURE(row.value.size());
  CHECK(mask(row.value) == row.masked);
  CHECK(Secret(std::string_view(row.value)).masked() == row.masked);
}

TEST_CASE("a secret prints itself masked") {
  std::ostringstream out;
  out << Secret(std::string_view("sk-or-v1-1234567890"));
  CHECK(out.str() == "sk-••••••••••••••••");
}

TEST_CASE("a secret that was moved from is empty, and a clone is a value of its own") {
  for (const std::string value : {"short", "a value that is too long for the small string buffer"}) {
    Secret first{std::string_view(value)};
    const Secret copy = first.clone();
    Secret second = std::move(first);
    CHECK(first.empty());
    CHECK(second.reveal() == value);
    CHECK(copy == second);
    Secret third;
    third = std::move(second);
    CHECK(second.empty());
    CHECK(third.reveal() == value);
  }
}

TEST_CASE("wiping leaves nothing in the memory of a text") {
  std::string text = "a value that is too long for the small string buffer";
  const char* memory = text.data();
  const std::size_t size = text.size();
  wipe(text);
  CHECK(text.empty());
  CHECK(std::string_view(memory, size) == std::string(size, '\0'));
}

TEST_CASE("a fingerprint is the first eight hex digits of the SHA-256") {
  CHECK(core::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(core::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(core::fingerprint("abc") == "ba7816bf");
}

}  // namespace authd
