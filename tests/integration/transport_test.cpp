// Framing and JSON-RPC on the socket (rpc-contract, Transport).
#include <catch2/catch.hpp>
#include <thread>

#include "daemon.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const Json ping_answer = {{"jsonrpc", "2.0"}, {"id", 1}, {"result", Json::object()}};
const std::string ping_text = R"({"jsonrpc":"2.0","id":1,"method":"daemon.ping"})";

Json error_answer(int code, const std::string& kind, const std::string& message) {
  return {{"code", code}, {"message", message}, {"data", {{"kind", kind}}}};
}

// An error may say more in its data than these members.
void check_error(const Json& answer, const Json& id, int code, const std::string& kind, const std::string& message) {
  INFO(answer.dump());
  REQUIRE(answer.contains("error"));
  CHECK(answer["id"] == id);
  Json error = answer["error"];
  CHECK(error["data"].value("kind", "") == kind);
  error["data"] = {{"kind", kind}};
  CHECK(error == error_answer(code, kind, message));
}

}  // namespace

TEST_CASE("A line is answered with a line") {
  const Daemon daemon;
  Client client = daemon.connect(Framing::lines);
  client.send_bytes(ping_text + "\n");
  CHECK(client.next_text() == R"({"jsonrpc":"2.0","id":1,"result":{}})");
}

TEST_CASE("Headers are answered with exactly Content-Length and nothing more") {
  const Daemon daemon;
  Client client = daemon.connect(Framing::headers);
  client.send_text(ping_text);
  CHECK(client.next_text() == R"({"jsonrpc":"2.0","id":1,"result":{}})");
  CHECK(client.last_header() == "Content-Length: 36\r\n\r\n");
}

TEST_CASE("Headers are read leniently") {
  const Daemon daemon;
  const std::string length = std::to_string(ping_text.size());
  for (const std::string& header : std::vector<std::string>{
           "Content-Length: " + length + "\r\n\r\n",
           "content-length:" + length + "\r\n\r\n",
           "CONTENT-LENGTH: " + length + "  \r\n\r\n",
           "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: " + length + "\r\n\r\n",
           "Content-Length: " + length + "\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n",
           "Content-Length: " + length + "\r\nX-Unknown: whatever\r\n\r\n",
       }) {
    INFO(header);
    Client client = daemon.connect(Framing::headers);
    client.send_bytes(header + ping_text);
    CHECK(client.next() == ping_answer);
  }
}

TEST_CASE("A message may come in pieces of any size") {
  const Daemon daemon;
  const std::string with_header = "Content-Length: " + std::to_string(ping_text.size()) + "\r\n\r\n" + ping_text;
  for (const auto& [framing, text] : {std::pair{Framing::headers, with_header}, {Framing::lines, ping_text + "\n"}})
    for (const std::size_t size : {1U, 3U, 17U, 22U}) {
      Client client = daemon.connect(framing);
      for (std::size_t at = 0; at < text.size(); at += size) {
        client.send_bytes(std::string_view(text).substr(at, size));
        // So that the daemon sees the pieces one by one.
        if (at < 64) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      CHECK(client.next() == ping_answer);
    }
}

TEST_CASE("Many messages may come in one piece, and are answered in order") {
  const Daemon daemon;
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    Client client = daemon.connect(framing);
    std::string text;
    for (int id = 0; id < 100; ++id) {
      const std::string message = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"daemon.ping"})";
      text += framing == Framing::lines ? message + "\n"
                                        : "Content-Length: " + std::to_string(message.size()) + "\r\n\r\n" + message;
    }
    client.send_bytes(text);
    for (int id = 0; id < 100; ++id) CHECK(client.next()["id"] == id);
  }
}

TEST_CASE("Blank lines and blanks before the first message are skipped") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_bytes("\r\n \t\n" + ping_text + "\r\n\n\n  " + ping_text + "\n");
  CHECK(client.next() == ping_answer);
  CHECK(client.next() == ping_answer);
}

TEST_CASE("What is neither JSON nor a header is refused and closed") {
  const Daemon daemon;
  for (const std::string& bytes : std::vector<std::string>{
           "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
           "POST /rpc HTTP/1.1\r\nContent-Length: 48\r\n\r\n" + ping_text,
           std::string("\x16\x03\x01\x02\x00\x01\x00", 7),
           "\xEF\xBB\xBF" + ping_text + "\n",
           "ping\n",
       }) {
    INFO(bytes);
    Client client = daemon.connect();
    client.send_bytes(bytes);
    while (const auto text = client.next_text())
      check_error(Json::parse(*text), nullptr, -32600, "invalid_request", "Invalid Request");
    CHECK(client.is_closed());
  }
  CHECK(daemon.connect().call("daemon.ping") == Json::object());
}

TEST_CASE("Requests that are still open at the client's end of input are answered, then it closes") {
  const Daemon daemon;
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    Client client = daemon.connect(framing);
    // Answered later, on another thread.
    const int first = client.request("wizard.start", {{"flow", "custom-api-key"}});
    const int second = client.request("wizard.start", {{"flow", "custom-api-key"}});
    client.half_close();
    CHECK(client.result_of(first)["step"]["id"] == "custom-protocol-select");
    CHECK(client.result_of(second)["step"]["id"] == "custom-protocol-select");
    CHECK(client.is_closed());
  }
}

TEST_CASE("A last line without its line break counts at the end of input") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_bytes(ping_text);
  client.half_close();
  CHECK(client.next() == ping_answer);
  CHECK(client.is_closed());
}

TEST_CASE("The socket is private and its directory too") {
  const Daemon daemon;
  CHECK(mode_of(daemon.socket()) == 0600);
  CHECK(mode_of(daemon.path("run/qwen-authd")) == 0700);
}

TEST_CASE("An id comes back exactly as it was sent") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const std::string& id : std::vector<std::string>{
           "0", "1", "-1", "\"\"", "\"1\"", "\"a-b\"", "null", "2147483648", "9007199254740993",
           "18446744073709551615", "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890",
           "1.5", "1.0", "\"0e3b7b0e-6f0c-4b0e-9f2d-3f5c0e8f7a11\"", "\"é\""}) {
    INFO(id);
    client.send_bytes(R"({"id":)" + id + R"(,"method":"daemon.ping","jsonrpc":"2.0"})" + "\n");
    CHECK(client.next_text() == R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{}})");
  }
}

TEST_CASE("An id of another type is an invalid request") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const char* id : {"true", "[]", "{}", "[1]"}) {
    client.send_text(std::string(R"({"jsonrpc":"2.0","method":"daemon.ping","id":)") + id + "}");
    check_error(client.next(), nullptr, -32600, "invalid_request", "Invalid Request");
  }
}

TEST_CASE("Absent, null, [], {} and [null] params all mean none") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(ping_text);
  CHECK(client.next() == ping_answer);
  for (const char* params : {"null", "[]", "{}", "[null]"}) {
    client.send_text(std::string(R"({"jsonrpc":"2.0","id":1,"method":"daemon.ping","params":)") + params + "}");
    CHECK(client.next() == ping_answer);
  }
}

TEST_CASE("Params may be given by position, in declared order") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json state = client.call("wizard.start", Json::array({"custom-api-key", "user"}));
  const Json next = client.call("wizard.submitStep", Json::array({state["sessionId"], "custom-protocol-select", "gemini"}));
  CHECK(next["step"]["id"] == "custom-base-url-input");
}

TEST_CASE("Params of a wrong shape are invalid_params and name the path") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    std::string method;
    Json params;
    std::string message, field;
  };
  for (const Row& row : std::vector<Row>{
           {"wizard.start", {{"flow", 7}}, "params.flow: expected a string", "params.flow"},
           {"wizard.start", {{"context", {{"cwd", 7}}}}, "params.context.cwd: expected a string", "params.context.cwd"},
           {"wizard.start", {{"context", {{"env", {{"A", 1}}}}}}, "params.context.env.A: expected a string", "params.context.env.A"},
           {"wizard.start", {{"context", {{"args", {"a", 1}}}}}, "params.context.args[1]: expected a string", "params.context.args[1]"},
           {"wizard.start", {{"scope", "everywhere"}}, "params.scope: expected one of auto, user, workspace", "params.scope"},
           {"wizard.state", nullptr, "params.sessionId: expected a value, it is required", "params.sessionId"},
           {"wizard.commit", {{"sessionId", "x"}, {"repair", "yes"}}, "params.repair: expected true or false", "params.repair"},
           {"wizard.back", {"a", "b"}, "params: expected at most 1 values", "params"},
       }) {
    INFO(row.message);
    const Json error = client.refusal(row.method, row.params);
    CHECK(error["code"] == -32602);
    CHECK(error["message"] == row.message);
    CHECK(error["data"]["kind"] == "invalid_params");
    CHECK(error["data"]["field"] == row.field);
  }
}

TEST_CASE("Text that is not JSON is a parse error, and the connection stays") {
  const Daemon daemon;
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    Client client = daemon.connect(framing);
    for (const char* text : {"{", "{]}", R"({"jsonrpc": "2.0", "id": 1,})", "[1,", "{\"a\": \"\xFF\"}", "{} {}"}) {
      INFO(text);
      client.send_text(text);
      check_error(client.next(), nullptr, -32700, "parse_error", "Parse error");
    }
    CHECK(client.call("daemon.ping") == Json::object());
  }
}

TEST_CASE("What is not a request is refused with its id where it has one") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    const char* text;
    Json id;
  };
  for (const Row& row : std::vector<Row>{
           {R"({"id":1,"method":"daemon.ping"})", 1},
           {R"({"jsonrpc":"1.0","id":2,"method":"daemon.ping"})", 2},
           {R"({"jsonrpc":"2.0","id":"x"})", "x"},
           {R"({"jsonrpc":"2.0","id":3,"method":7})", 3},
           {R"({"jsonrpc":"2.0","id":4,"method":"daemon.ping","params":"x"})", 4},
           {R"({"jsonrpc":"2.0","id":5,"method":"daemon.ping","params":0})", 5},
           {R"({})", nullptr},
       }) {
    INFO(row.text);
    client.send_text(row.text);
    check_error(client.next(), row.id, -32600, "invalid_request", "Invalid Request");
  }
}

TEST_CASE("An unknown method is told, an unknown notification is dropped silently") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(R"({"jsonrpc":"2.0","id":1,"method":"daemon.fly"})");
  check_error(client.next(), 1, -32601, "method_not_found", "Method not found");
  client.send_text(R"({"jsonrpc":"2.0","id":2,"method":"$/unknown"})");
  check_error(client.next(), 2, -32601, "method_not_found", "Method not found");
  client.notify("daemon.fly");
  client.notify("$/setTrace", {{"value", "off"}});
  client.notify("daemon.ping");
  client.send_text(ping_text);
  CHECK(client.next() == ping_answer);
}

TEST_CASE("A response that nobody asked for is ignored") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(R"({"jsonrpc":"2.0","id":9,"result":{}})");
  client.send_text(R"({"jsonrpc":"2.0","id":9,"error":{"code":1,"message":"x"}})");
  client.send_text(R"({"jsonrpc":"2.0","id":null,"result":null})");
  client.send_text(ping_text);
  CHECK(client.next() == ping_answer);
}

TEST_CASE("LSP-shaped clients are answered harmlessly") {
  const Daemon daemon;
  Client client = daemon.connect(Framing::headers);
  const Json result = client.call("initialize", {{"processId", nullptr}, {"rootUri", nullptr}, {"capabilities", Json::object()}});
  CHECK(result["capabilities"] == Json::object());
  CHECK(result["serverInfo"] == Json{{"name", "qwen-authd"}, {"version", "0.1.0"}});
  client.notify("initialized", Json::object());
  CHECK(client.call("shutdown") == nullptr);
  client.notify("exit");
  CHECK(client.call("exit") == nullptr);
  CHECK(client.call("daemon.ping") == Json::object());
}

TEST_CASE("No answer echoes a method or a value of the client") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_text(R"({"jsonrpc":"2.0","id":1,"method":"marker\u0000\u001b[31m"})");
  const std::string text = client.next_text().value_or("");
  CHECK(text.find("marker") == std::string::npos);
  CHECK(text.find("\\u0000") == std::string::npos);
}
