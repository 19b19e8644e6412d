// Every bound is an answer, never a hang (rpc-contract, Transport: limits).
#include "protocol/limits.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

constexpr std::size_t promised_requests = 256, promised_sessions = 64, promised_probes = 256;

constexpr std::size_t promised_threads = 8;

// How many connections there are to a port of loopback.
std::size_t connections_to(const std::string& port) {
  constexpr std::size_t established = 1;
  std::istringstream table(read_file("/proc/net/tcp"));
  std::size_t count = 0;
  for (std::string line; std::getline(table, line);) {
    unsigned remote_port = 0, state = 0;
    if (std::sscanf(line.c_str(), " %*u: %*x:%*x %*x:%x %x", &remote_port, &state) == 2)
      count += remote_port == std::stoul(port) && state == established;
  }
  return count;
}

long peak_memory_mib(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status"), name = "VmHWM:";
  const std::size_t at = status.find(name);
  REQUIRE(at != std::string::npos);
  return std::stol(status.substr(at + name.size())) / 1024;
}

void check_busy(const Json& error) {
  INFO(error.dump());
  CHECK(error["code"] == -32001);
  CHECK(error["data"]["kind"] == "busy");
  CHECK(error["data"]["retryable"] == true);
  CHECK_FALSE(error["data"]["hint"].get<std::string>().empty());
}

void check_invalid(const Json& answer) {
  INFO(answer.dump());
  CHECK(answer["id"] == nullptr);
  CHECK(answer["error"]["code"] == -32600);
  CHECK(answer["error"]["message"] == "Invalid Request");
  CHECK(answer["error"]["data"]["kind"] == "invalid_request");
}

// A ping of exactly so many bytes.
std::string ping_of(std::size_t bytes) {
  const std::string head = R"({"jsonrpc":"2.0","id":1,"method":"daemon.ping","params":{"x":")", tail = R"("}})";
  return head + std::string(bytes - head.size() - tail.size(), 'x') + tail;
}

std::string nested(std::size_t depth) {
  // The message itself is the first level.
  return R"({"jsonrpc":"2.0","id":1,"method":"daemon.ping","params":)" + std::string(depth - 1, '[') +
         std::string(depth - 1, ']') + "}";
}

// A batch: all of it is received before any of it is answered.
std::string batch_of_states(const std::string& session, std::size_t count) {
  Json batch = Json::array();
  for (std::size_t id = 0; id < count; ++id)
    batch.push_back({{"jsonrpc", "2.0"}, {"id", id}, {"method", "wizard.state"}, {"params", {{"sessionId", session}}}});
  return batch.dump();
}

std::size_t busy_in(const Json& answers) {
  std::size_t count = 0;
  for (const Json& answer : answers)
    if (answer.contains("error")) {
      check_busy(answer["error"]);
      ++count;
    }
  return count;
}

}  // namespace

TEST_CASE("The bounds are not below what the contract promises") {
  CHECK(limits::message_bytes_max == 4 * 1024 * 1024);
  CHECK(limits::depth_max == 64);
  CHECK(limits::header_bytes_max == 8 * 1024);
  CHECK(limits::batch_max == 10'000);
  CHECK(limits::requests_in_flight_max >= promised_requests);
  CHECK(limits::sessions_max >= promised_sessions);
  CHECK(limits::probes_max >= promised_probes);
  CHECK(limits::socket_path_bytes_max == 107);
}

TEST_CASE("A message of 4 MiB is read, a larger one is refused and the connection closed") {
  const Daemon daemon;
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    Client client = daemon.connect(framing);
    client.send_text(ping_of(limits::message_bytes_max));
    CHECK(client.next()["result"] == Json::object());
    client.send_text(ping_of(limits::message_bytes_max + 1));
    check_invalid(client.next());
    CHECK(client.is_closed());
  }
}

TEST_CASE("A line that never ends is refused when it passes the bound") {
  const Daemon daemon;
  Client client = daemon.connect();
  client.send_bytes("{" + std::string(limits::message_bytes_max, ' '));
  check_invalid(client.next());
  CHECK(client.is_closed());
}

TEST_CASE("A length past the bound is refused before a byte of the message has come") {
  const Daemon daemon;
  for (const char* length : {"4194305", "99999999999999999", "18446744073709551617", "-1", "ten", ""}) {
    INFO(length);
    Client client = daemon.connect(Framing::headers);
    client.send_bytes(std::string("Content-Length: ") + length + "\r\n\r\n");
    check_invalid(client.next());
    CHECK(client.is_closed());
  }
}

TEST_CASE("A header section past 8 KiB is refused and the connection closed") {
  const Daemon daemon;
  Client client = daemon.connect(Framing::headers);
  client.send_bytes("Content-Type: " + std::string(limits::header_bytes_max, 'x'));
  check_invalid(client.next());
  CHECK(client.is_closed());
}

TEST_CASE("A message 64 levels deep is read, a deeper one is refused and the connection stays") {
  const Daemon daemon;
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    Client client = daemon.connect(framing);
    client.send_text(nested(limits::depth_max));
    CHECK(client.next()["id"] == 1);
    for (const std::size_t depth : {limits::depth_max + 1, std::size_t{100'000}}) {
      client.send_text(nested(depth));
      check_invalid(client.next());
    }
    client.send_text(std::string(1'000'000, '['));
    check_invalid(client.next());
    CHECK(client.call("daemon.ping") == Json::object());
  }
}

TEST_CASE("256 requests in flight on one connection are all answered") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = start(client)["sessionId"];
  client.send_text(batch_of_states(session, promised_requests));
  const Json answers = client.next();
  CHECK(answers.size() == promised_requests);
  CHECK(busy_in(answers) == 0);
}

TEST_CASE("Requests past the bound of one connection are told to come again, all others are answered") {
  const Daemon daemon;
  Client client = daemon.connect(), neighbour = daemon.connect();
  const std::string session = start(client)["sessionId"];
  client.send_text(batch_of_states(session, limits::requests_in_flight_max + 5));
  const Json answers = client.next();
  CHECK(answers.size() == limits::requests_in_flight_max + 5);
  CHECK(busy_in(answers) == 5);
  CHECK(client.call("wizard.state", {{"sessionId", session}})["sessionId"] == session);
  CHECK(neighbour.call("wizard.state", {{"sessionId", session}})["sessionId"] == session);
}

TEST_CASE("What is answered at once does not count as in flight") {
  const Daemon daemon;
  Client client = daemon.connect();
  Json batch = Json::array();
  for (std::size_t id = 0; id < 4 * limits::requests_in_flight_max; ++id)
    batch.push_back({{"jsonrpc", "2.0"}, {"id", id}, {"method", "daemon.ping"}});
  client.send_text(batch.dump());
  CHECK(busy_in(client.next()) == 0);
}

TEST_CASE("Connections past the bound are told to come again and closed") {
  const Daemon daemon;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < limits::connections_max; ++i) {
    clients.push_back(daemon.connect());
    CHECK(clients.back().call("daemon.ping") == Json::object());
  }
  {
    Client refused = daemon.connect();
    check_busy(refused.next()["error"]);
    CHECK(refused.is_closed());
  }
  clients.pop_back();
  // The daemon sees the end of a connection a moment later.
  CHECK(eventually([&] {
    Client again = daemon.connect();
    const int id = again.request("daemon.ping");
    const auto answer = again.next_text();
    return answer && Json::parse(*answer)["id"] == id;
  }));
}

TEST_CASE("Sessions past the bound are told to come again, and one that ends makes room") {
  const Daemon daemon;
  Client client = daemon.connect();
  std::string last;
  for (std::size_t i = 0; i < limits::sessions_max; ++i) last = client.call("wizard.start")["sessionId"];
  CHECK(client.call("wizard.list")["sessions"].size() == limits::sessions_max);
  check_busy(client.refusal("wizard.start"));
  client.call("wizard.cancel", {{"sessionId", last}});
  CHECK(client.call("wizard.start")["step"]["id"] == "main");
}

TEST_CASE("256 checks run at once, and each can be cancelled") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  std::vector<int> commits;
  for (std::size_t i = 0; i < promised_probes; ++i) {
    const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
    // With a token they may hang for a minute, which is enough for a slow machine to start them all.
    commits.push_back(client.request("wizard.commit", {{"sessionId", session}, {"check", "before"}, {"workDoneToken", i}}));
  }
  CHECK(provider.was_asked(promised_probes));
  CHECK(client.call("daemon.info")["counters"]["checks"] == promised_probes);
  CHECK(names_in("/proc/" + std::to_string(daemon.pid()) + "/task").size() <= promised_threads);
  CHECK(connections_to(provider.port()) == promised_probes);
  for (const int commit : commits) client.notify("$/cancelRequest", {{"id", commit}});
  for (const int commit : commits) CHECK(client.error_of(commit)["code"] == -32800);
  CHECK(eventually([&] { return connections_to(provider.port()) == 0; }));
  CHECK_FALSE(exists(daemon.settings_path()));
}

TEST_CASE("Checks that hang for ever do not keep another one waiting") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  std::vector<int> hanging;
  for (int i = 0; i < 64; ++i) {
    const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
    hanging.push_back(client.request("wizard.commit", {{"sessionId", session}, {"check", "before"}, {"workDoneToken", i}}));
  }
  REQUIRE(provider.was_asked(64));
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai")});
  CHECK(commit(client, session, {{"check", "before"}})["auth"]["state"] == "accepted");
  CHECK(client.call("daemon.info")["counters"]["checks"] == 64);
  for (const int commit : hanging) client.notify("$/cancelRequest", {{"id", commit}});
  for (const int commit : hanging) CHECK(client.error_of(commit)["code"] == -32800);
}

TEST_CASE("Providers that stream without end take little memory") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  std::vector<int> commits;
  for (int i = 0; i < 32; ++i) {
    const std::string base_url = provider.base_url("openai", i % 2 == 0 ? "huge" : "huge-stream");
    const std::string session = walk_to_review(client, {.base_url = base_url});
    commits.push_back(client.request("wizard.commit", {{"sessionId", session}, {"check", "before"}}));
  }
  for (const int commit : commits) CHECK(client.result_of(commit)["auth"]["state"] == "inconclusive");
  // A sanitizer keeps freed memory for a while.
  if (!std::getenv("AUTHD_TEST_BIN")) CHECK(peak_memory_mib(daemon.pid()) < 160);
}

TEST_CASE("A client that does not read its answers does not stop another one") {
  const Daemon daemon;
  Client silent = daemon.connect(), neighbour = daemon.connect();
  Json batch = Json::array();
  for (int id = 0; id < 200; ++id) batch.push_back({{"jsonrpc", "2.0"}, {"id", id}, {"method", "rpc.discover"}});
  for (int i = 0; i < 4; ++i) silent.send_text(batch.dump());
  for (int i = 0; i < 20; ++i) CHECK(neighbour.call("daemon.ping") == Json::object());
  for (int i = 0; i < 4; ++i) CHECK(silent.next().size() == 200);
}

TEST_CASE("An answer to a step has a bound, and the session stays where it was") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = start(client)["sessionId"];
  const auto check_refused = [&](const char* step, const std::string& value) {
    const Json error = client.refusal("wizard.submitStep", {{"sessionId", session}, {"step", step}, {"value", value}});
    CHECK(error["code"] == -32012);
    CHECK(error["data"]["field"] == "value");
    CHECK(error["message"].get<std::string>().size() < 200);
    CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == step);
  };
  const std::string base = "https://example.com/v1";
  submit(client, session, "custom-protocol-select", "openai");
  check_refused("custom-base-url-input", "https://example.com/" + std::string(limits::text_input_bytes_max, 'x'));
  check_refused("custom-base-url-input", base + std::string(limits::base_url_bytes_max + 1 - base.size(), 'x'));
  submit(client, session, "custom-base-url-input", base + std::string(limits::base_url_bytes_max - base.size(), 'x'));
  check_refused("custom-api-key-input", std::string(limits::text_input_bytes_max + 1, 'k'));
  submit(client, session, "custom-api-key-input", canary);
  std::string ids;
  for (std::size_t i = 0; i < limits::model_ids_max; ++i) ids += "m" + std::to_string(i) + ",";
  check_refused("custom-model-id-input", ids + "one-more");
  CHECK(submit(client, session, "custom-model-id-input", ids)["step"]["id"] == "custom-review-json");
}
