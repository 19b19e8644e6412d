// Batches (rpc-contract, Transport; JSON-RPC 2.0, 6).
#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

Json sorted_by_id(Json answers) {
  std::sort(answers.begin(), answers.end(), [](const Json& a, const Json& b) { return a["id"].dump() < b["id"].dump(); });
  return answers;
}

Json ping(const Json& id) { return {{"jsonrpc", "2.0"}, {"id", id}, {"method", "daemon.ping"}}; }

}  // namespace

TEST_CASE("A batch is answered with one array that holds an answer per request") {
  const Daemon daemon;
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    Client client = daemon.connect(framing);
    client.send_text(R"([{"jsonrpc":"2.0","id":1,"method":"daemon.ping"},)"
                     R"({"jsonrpc":"2.0","method":"daemon.ping"},)"
                     R"({"jsonrpc":"2.0","id":"2","method":"daemon.fly"},)"
                     R"({"jsonrpc":"2.0","id":3,"method":"wizard.start","params":{"flow":"custom-api-key"}},)"
                     R"({"jsonrpc":"2.0","id":4,"result":{}},)"
                     R"({"foo":"boo"},7])");
    const Json answers = sorted_by_id(client.next());
    REQUIRE(answers.size() == 5);
    CHECK(answers[0]["id"] == "2");
    CHECK(answers[0]["error"]["code"] == -32601);
    CHECK(answers[1] == Json{{"jsonrpc", "2.0"}, {"id", 1}, {"result", Json::object()}});
    CHECK(answers[2]["result"]["step"]["id"] == "custom-protocol-select");
    CHECK(answers[3]["id"] == nullptr);
    CHECK(answers[3]["error"]["code"] == -32600);
    CHECK(answers[4]["id"] == nullptr);
    CHECK(answers[4]["error"]["code"] == -32600);
  }
}

TEST_CASE("A batch of one is answered with an array of one") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(Json::array({ping(1)}).dump());
  CHECK(client.next_text() == R"([{"jsonrpc":"2.0","id":1,"result":{}}])");
}

TEST_CASE("A request on its own is never answered with an array") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (int i = 0; i < 20; ++i) client.request("daemon.ping");
  for (int i = 0; i < 20; ++i) CHECK(client.next().is_object());
}

TEST_CASE("A batch of notifications is not answered at all") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(R"([{"jsonrpc":"2.0","method":"daemon.ping"},{"jsonrpc":"2.0","method":"daemon.fly"}])");
  client.send_text(R"([{"jsonrpc":"2.0","id":1,"result":{}}])");
  client.send_text(ping(5).dump());
  CHECK(client.next()["id"] == 5);
}

TEST_CASE("An empty batch is one invalid request") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text("[]");
  const Json answer = client.next();
  REQUIRE(answer.is_object());
  CHECK(answer["id"] == nullptr);
  CHECK(answer["error"]["code"] == -32600);
  CHECK(answer["error"]["message"] == "Invalid Request");
}

TEST_CASE("Numbers and strings keep their digits inside a batch") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(R"([{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"daemon.ping"},)"
                   R"({"jsonrpc":"2.0","id":"1","method":"daemon.ping"}])");
  CHECK(client.next_text() ==
        R"([{"jsonrpc":"2.0","id":123456789012345678901234567890,"result":{}},{"jsonrpc":"2.0","id":"1","result":{}}])");
}

TEST_CASE("A batch of ten thousand is answered whole, one more is refused as one") {
  const Daemon daemon;
  Client client = daemon.connect();
  Json batch = Json::array();
  for (int id = 0; id < 10'000; ++id) batch.push_back(ping(id));
  client.send_text(batch.dump());
  CHECK(client.next().size() == 10'000);
  batch.push_back(ping(10'000));
  client.send_text(batch.dump());
  const Json answer = client.next();
  REQUIRE(answer.is_object());
  CHECK(answer["id"] == nullptr);
  CHECK(answer["error"]["code"] == -32600);
  CHECK(client.call("daemon.ping") == Json::object());
}
