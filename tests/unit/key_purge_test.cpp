// A key is taken out of texts of the past, wherever and however it stands there.
#include "daemon/core/key_purge.hpp"

#include <catch2/catch.hpp>

namespace authd::core {
namespace {

// The text as it is once `learned` and it were shown to a purge of KEY; "dropped" where it has to go.
std::string purged(const std::string& text, const std::string& learned = "{}") {
  KeyPurge purge("KEY");
  purge.learn(learned);
  purge.learn(text);
  return purge.purged(text).value_or("dropped");
}

const std::string other = R"({"env": {"KEY": "sk-0123456789"}})";

}  // namespace

TEST_CASE("the member goes from env with its comma, and nothing else changes") {
  CHECK(purged("{\n  // mine\n  \"env\": {\n    \"A\": \"1\",\n    \"KEY\": \"sk-0123456789\",\n    \"B\": \"2\"\n  }\n}\n") ==
        "{\n  // mine\n  \"env\": {\n    \"A\": \"1\",\n    \"B\": \"2\"\n  }\n}\n");
  CHECK(purged("{\"env\": {\"KEY\": 7}, \"KEY\": 8}") == "{\"env\": {}, \"KEY\": 8}");
  CHECK(purged("{\"KEY\": {\"env\": 1}, \"env\": {\"KEYS\": \"KEY\"}}") == "{\"KEY\": {\"env\": 1}, \"env\": {\"KEYS\": \"KEY\"}}");
}

TEST_CASE("duplicates and other spellings of the name go, too") {
  CHECK(purged(R"({"env": {"KEY": "first-value", "KEY": "second-value"}, "a": "first-value second-value"})") ==
        R"({"env": {}, "a": "purged purged"})");
  CHECK(purged(R"({"env": {"KEY": "first-value"}, "env": {"KEY": "second-value"}, "a": "first-value"})") ==
        R"({"env": {}, "env": {}, "a": "purged"})");
  CHECK(purged(R"({"\u0065nv": {"K\u0045Y": "first-value"}, "a": "first-value"})") == R"({"\u0065nv": {}, "a": "purged"})");
}

TEST_CASE("the value goes wherever else it stands, however it is spelled") {
  CHECK(purged(R"({"h": {"Authorization": "Bearer sk-0123456789"}})", other) == R"({"h": {"Authorization": "Bearer purged"}})");
  CHECK(purged(R"(["sk-0123456789", {"sk-0123456789": 1}] // sk-0123456789)", other) == R"(["purged", {"purged": 1}] // purged)");
  CHECK(purged(R"({"a": "\u0073k-\u0030123456789", "b": 1})", other) == R"({"a": "purged", "b": 1})");
  CHECK(purged(R"({"a": "ab\/cd\/efgh"})", R"({"env": {"KEY": "ab/cd/efgh"}})") == R"({"a": "purged"})");
  CHECK(purged(R"({"a": "qu\"o\\te-me"} // qu\"o\\te-me)", R"({"env": {"KEY": "qu\"o\\te-me"}})") ==
        R"({"a": "purged"} // purged)");
}

TEST_CASE("of two values the longer one is looked for first") {
  CHECK(purged(R"({"env": {"KEY": "12345678", "KEY": "12345678-long"}, "a": ["12345678-long", "12345678"]})") ==
        R"({"env": {}, "a": ["purged", "purged"]})");
}

TEST_CASE("a short value and a reference to another variable stay where else they stand") {
  CHECK(purged(R"({"env": {"KEY": "1234567"}, "a": "1234567"})") == R"({"env": {}, "a": "1234567"})");
  CHECK(purged(R"({"env": {"KEY": "${OTHER_KEY}"}, "a": "${OTHER_KEY}"})") == R"({"env": {}, "a": "${OTHER_KEY}"})");
}

TEST_CASE("a text with trailing commas is repaired where the key was in it") {
  CHECK(purged("{\"env\": {\"KEY\": \"sk-0123456789\",},}") == "{\"env\": {}}");
  CHECK(purged("{\"env\": {\"A\": 1,},}", other) == "{\"env\": {\"A\": 1,},}");
}

TEST_CASE("a text that does not parse goes where it has the name, and loses the value where not") {
  CHECK(purged(R"({"env": {"KEY": "sk-01)", other) == "dropped");
  CHECK(purged(R"({"x": "sk-0123456789")", other) == R"({"x": "purged")");
  CHECK(purged("{ torn", other) == "{ torn");
}

TEST_CASE("a value that is made of JSON does not break what it stands in") {
  const std::string hostile = R"({"env": {"KEY": "\": {\"b\": \"x"}})";
  CHECK(purged(R"({"a": {"b": "x"}, "c": 1})", hostile) == "dropped");
  CHECK(purged(R"({"z": 1})", hostile) == R"({"z": 1})");
}

TEST_CASE("a value stands elsewhere where it is outside of env") {
  KeyPurge purge("KEY");
  purge.learn(R"({"env": {"KEY": "sk-0123456789"}})");
  for (const char* text : {R"({"note": "use sk-0123456789"})", R"({"env": {}, "sk-0123456789": 1})", "{} // sk-0123456789",
                           R"({"env": {"KEY": "x"}, "a": ["sk-01\u0032\u0033456789"],})", "{ torn sk-0123456789"})
    CHECK(purge.stands_elsewhere(text));
  for (const char* text : {R"({"env": {"KEY": "sk-0123456789"}})", R"({"env": {"OTHER": "sk-0123456789"}})", R"({"env": {"KEY": "sk-0123456789",},})", "{}", "", "{ torn"})
    CHECK_FALSE(purge.stands_elsewhere(text));
}

TEST_CASE("what concerns a key is its member in env, or its name where the text does not parse") {
  const KeyPurge purge("KEY");
  CHECK(purge.concerns(other));
  CHECK(purge.concerns("{\"env\": {\"KEY\": null}}"));
  CHECK(purge.concerns("{ \"KEY"));
  for (const char* text : {"{}", "[]", "7", "", "{\"env\": []}", "{\"env\": {\"KEYS\": 1}}", "{\"KEY\": 1} // KEY", "{ torn"})
    CHECK_FALSE(purge.concerns(text));
}

// A cost that is quadratic in so long a text would outlast the time that a test is given.
TEST_CASE("a purge costs a time that is linear in the text, whatever repeats") {
  std::string values, members, shown;
  for (int i = 0; i < 200'000; ++i) {
    values += "aaaaaaaa ";
    shown += "purged ";
    members += R"("KEY": "aaaaaaaa", )";
  }
  CHECK(purged(R"({"env": {)" + members + R"("A": 1}, "x": ")" + values + R"("} // )" + values) ==
        R"({"env": {"A": 1}, "x": ")" + shown + R"("} // )" + shown);
}

}  // namespace authd::core
