#include "protocol/jsonrpc.hpp"

#include <catch2/catch.hpp>

namespace authd::jsonrpc {
namespace {

Call call_of(const std::string& text) {
  Message message = parse(text);
  REQUIRE(message.items.size() == 1);
  REQUIRE(message.items[0].call);
  return std::move(*message.items[0].call);
}

// The wire code of a message that cannot be called, and the id that its answer has.
std::pair<int, std::string> refused(const std::string& text) {
  const Message message = parse(text);
  REQUIRE(message.items.size() == 1);
  REQUIRE(message.items[0].invalid);
  return {wire_code(message.items[0].invalid->error.kind), message.items[0].invalid->id};
}

std::string nested(std::size_t depth) {
  // The request itself is one level.
  return R"({"jsonrpc":"2.0","id":1,"method":"m","params":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

std::string batch_of(std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) text += (i ? ",1" : "1");
  return text + "]";
}

using Refusal = std::pair<int, std::string>;

}  // namespace

TEST_CASE("an id is echoed exactly as it came") {
  const auto id = GENERATE(as<std::string>(), "0", "1", "-1", "\"\"", "\"1\"", "null", "9007199254740993", "9223372036854775807",
                           "-9223372036854775808", "18446744073709551615", "18446744073709551616",
                           "123456789012345678901234567890", "1.50", "1.0", "1e2", "-0.0", "0.1000000000000000055511151231257827",
                           "\"a\\\"b\\\\c\"", "\"é😀\"");
  CAPTURE(id);
  for (const std::string& text : {R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"m"})", R"({"method":"m","params":{"id":7.5},"jsonrpc":"2.0","id": )" + id + " }"}) {
    const Call call = call_of(text);
    REQUIRE(call.id);
    CHECK(*call.id == id);
    CHECK(answer(*call.id, "{}") == R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{}})");
  }
  const Message batch = parse(R"([{"jsonrpc":"2.0","id":)" + id + R"(,"method":"a"},{"jsonrpc":"2.0","id":)" + id + R"(,"method":"b"}])");
  CHECK(batch.batch);
  REQUIRE(batch.items.size() == 2);
  for (const Item& item : batch.items) CHECK(item.call.value().id == id);
}

TEST_CASE("a number in params that is called id stays a number") {
  CHECK(call_of(R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"id":1.50}})").params == Json{{"id", 1.5}});
  CHECK(call_of(R"({"jsonrpc":"2.0","id":1,"method":"m","params":[{"id":1.50}]})").params == Json::parse(R"([{"id":1.5}])"));
}

TEST_CASE("an id of a type that JSON-RPC does not know is refused with id null") {
  const auto id = GENERATE(as<std::string>(), "true", "false", "{}", "[]", "[1]", "{\"a\":1}");
  CAPTURE(id);
  CHECK(refused(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"m"})") == Refusal{-32600, "null"});
}

TEST_CASE("a message without an id is a notification, one with id null is not") {
  CHECK_FALSE(call_of(R"({"jsonrpc":"2.0","method":"m"})").id);
  CHECK(call_of(R"({"jsonrpc":"2.0","method":"m","id":null})").id == "null");
}

TEST_CASE("absent, null, [], {} and [null] params all mean none") {
  const auto params = GENERATE(as<std::string>(), "", R"(,"params":null)", R"(,"params":[])", R"(,"params":{})", R"(,"params":[null])");
  CAPTURE(params);
  CHECK(call_of(R"({"jsonrpc":"2.0","id":1,"method":"m")" + params + "}").params.is_null());
}

TEST_CASE("other params are passed as they are") {
  const auto params = GENERATE(as<std::string>(), R"({"a":null})", "[0]", "[null,null]", "[[]]", "[{}]", R"({"":{}})", "[false]");
  CAPTURE(params);
  CHECK(call_of(R"({"jsonrpc":"2.0","id":1,"method":"m","params":)" + params + "}").params == Json::parse(params));
}

TEST_CASE("params that are neither object nor array are refused under the id") {
  const auto params = GENERATE(as<std::string>(), "1", "\"x\"", "true", "1.5");
  CAPTURE(params);
  CHECK(refused(R"({"jsonrpc":"2.0","id":"q","method":"m","params":)" + params + "}") == Refusal{-32600, "\"q\""});
}

TEST_CASE("what is no request is refused, under its id where that can be told") {
  struct Row {
    std::string text;
    Refusal refusal;
  };
  const auto row = GENERATE(values<Row>({
      {"{", {-32700, "null"}},
      {"", {-32700, "null"}},
      {"{\"a\":}", {-32700, "null"}},
      {"{} {}", {-32700, "null"}},
      {"{'a':1}", {-32700, "null"}},
      {R"({"jsonrpc":"2.0","id":1,"method":"m",})", {-32700, "null"}},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"} // x", {-32700, "null"}},
      {"\xEF\xBB\xBF{", {-32700, "null"}},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xFF\"}", {-32700, "null"}},
      {"[", {-32700, "null"}},
      {"[]", {-32600, "null"}},
      {"{}", {-32600, "null"}},
      {"1", {-32600, "null"}},
      {"\"x\"", {-32600, "null"}},
      {"null", {-32600, "null"}},
      {R"({"id":1,"method":"m"})", {-32600, "1"}},
      {R"({"jsonrpc":"1.0","id":2,"method":"m"})", {-32600, "2"}},
      {R"({"jsonrpc":2.0,"id":2,"method":"m"})", {-32600, "2"}},
      {R"({"jsonrpc":null,"id":2,"method":"m"})", {-32600, "2"}},
      {R"({"jsonrpc":"2.0","id":1.50})", {-32600, "1.50"}},
      {R"({"jsonrpc":"2.0","id":3,"method":7})", {-32600, "3"}},
      {R"({"jsonrpc":"2.0","id":3,"method":null})", {-32600, "3"}},
      {R"({"jsonrpc":"2.0","method":["m"]})", {-32600, "null"}},
  }));
  CAPTURE(row.text);
  CHECK(refused(row.text) == row.refusal);
}

TEST_CASE("64 levels are read and 65 are an invalid request") {
  CHECK(parse(nested(64)).items.at(0).call);
  CHECK(refused(nested(65)) == Refusal{-32600, "null"});
  CHECK(refused(std::string(1'000'000, '[')) == Refusal{-32600, "null"});
  CHECK(refused(std::string(65, '[')) == Refusal{-32600, "null"});
  CHECK(refused(std::string(64, '[')) == Refusal{-32700, "null"});
}

TEST_CASE("a batch keeps every item in its order") {
  const Message message = parse(R"([{"jsonrpc":"2.0","id":1,"method":"a"}, 7, {"jsonrpc":"2.0","method":"b"}, [], {"jsonrpc":"2.0","id":2,"result":5}, {"x":1}])");
  CHECK(message.batch);
  REQUIRE(message.items.size() == 6);
  CHECK(message.items[0].call.value().method == "a");
  CHECK(wire_code(message.items[1].invalid.value().error.kind) == -32600);
  CHECK(message.items[2].call.value().method == "b");
  CHECK_FALSE(message.items[2].call.value().id);
  CHECK(message.items[3].invalid);
  CHECK(message.items[4].response.value().result == 5);
  CHECK(message.items[5].invalid.value().id == "null");
}

TEST_CASE("a batch of one is still a batch") { CHECK(parse(R"([{"jsonrpc":"2.0","id":1,"method":"a"}])").batch); }

TEST_CASE("10,000 requests are a batch and 10,001 are refused as a whole") {
  CHECK(parse(batch_of(10'000)).items.size() == 10'000);
  const Message too_many = parse(batch_of(10'001));
  CHECK_FALSE(too_many.batch);
  REQUIRE(too_many.items.size() == 1);
  CHECK(wire_code(too_many.items[0].invalid.value().error.kind) == -32600);
  CHECK(too_many.items[0].invalid.value().id == "null");
}

TEST_CASE("a response of the other side is told from a request") {
  const Message result = parse(R"({"jsonrpc":"2.0","id":"x","result":null})");
  REQUIRE(result.items.at(0).response);
  CHECK(result.items[0].response->id == "x");
  CHECK_FALSE(result.items[0].response->error);
  const Message error = parse(R"({"jsonrpc":"2.0","id":4,"error":{"code":-1,"message":"no"}})");
  REQUIRE(error.items.at(0).response);
  CHECK(error.items[0].response->error.value().at("code") == -1);
}

TEST_CASE("of a member that comes twice the last one counts") {
  const Call call = call_of(R"({"jsonrpc":"2.0","id":1,"id":2.50,"method":"a","method":"b"})");
  CHECK(call.id == "2.50");
  CHECK(call.method == "b");
}

TEST_CASE("answers, requests and notifications have exactly their members") {
  CHECK(answer("1.50", R"({"a":1})") == R"({"jsonrpc":"2.0","id":1.50,"result":{"a":1}})");
  CHECK(request("7", "me\"thod", Json{{"a", 1}}) == R"({"jsonrpc":"2.0","id":7,"method":"me\"thod","params":{"a":1}})");
  CHECK(request("7", "m", Json()) == R"({"jsonrpc":"2.0","id":7,"method":"m"})");
  CHECK(notification("n", Json::array({1})) == R"({"jsonrpc":"2.0","method":"n","params":[1]})");
  Json error = Json::parse(answer("\"q\"", Error{ErrorKind::wrong_step, "No.", "step", "Do.", {{"current", "x"}}}));
  CHECK(error == Json::parse(R"({"jsonrpc":"2.0","id":"q","error":{"code":-32011,"message":"No.",
      "data":{"kind":"wrong_step","field":"step","hint":"Do.","current":"x"}}})"));
}

}  // namespace authd::jsonrpc
