#include "client/connection.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "client/stdio_command.hpp"
#include "tests/client/fake_daemon.hpp"

using namespace authd::client;
using authd::Json;
using tests::FakeDaemon;

namespace {

std::string read_to_end(int descriptor) {
  std::string all;
  char bytes[8192];
  for (ssize_t count; (count = read(descriptor, bytes, sizeof bytes)) > 0;)
    all.append(bytes, static_cast<std::size_t>(count));
  return all;
}

void write_whole(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

struct Pipe {
  int ends[2];
  Pipe() { REQUIRE(pipe(ends) == 0); }
};

}  // namespace

TEST_CASE("a call answers the result or the daemon's error") {
  FakeDaemon daemon;
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  CHECK(connection->call("daemon.ping", Json()) == Json::object());
  const auto unknown = connection->call("no.such", Json());
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().error["code"] == -32601);
  CHECK(static_cast<int>(unknown.error().exit_code) == 1);
  CHECK(connection->call("daemon.ping", Json()));
}

TEST_CASE("an answer may be larger and deeper than a request") {
  FakeDaemon daemon;
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  const Json large = {{"value", std::string(10'000'000, 'x')}};
  daemon.set_result("settings.get", large);
  CHECK(connection->call("settings.get", Json()) == large);
  const Json deep = Json::parse(R"({"value":)" + std::string(64, '[') + std::string(64, ']') + "}");
  daemon.set_result("settings.get", deep);
  CHECK(connection->call("settings.get", Json()) == deep);
  daemon.set_error("settings.undo", {{"code", -32021}, {"message", "Edited since."},
                                     {"data", {{"conflicts", {{{"before", deep["value"]}}}}}}});
  CHECK(connection->call("settings.undo", Json()).error().message() == "Edited since.");
}

TEST_CASE("an answer of more than 16 MiB says so, and how to ask for less") {
  FakeDaemon daemon;
  daemon.set_result("settings.get", {{"value", std::string(16 * 1024 * 1024, 'x')}});
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  const auto refused = connection->call("settings.get", Json());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "The daemon's answer is larger than 16 MiB.");
  CHECK(refused.error().data()["hint"] ==
        "Ask for less: `qwen-authctl settings get model` shows one member.");
}

TEST_CASE("a request that the daemon would not read is not sent") {
  FakeDaemon daemon;
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  const auto refused =
      connection->call("settings.set", {{"value", std::string(4 * 1024 * 1024, 'x')}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() ==
        "What is to be sent is larger than 4 MiB, the most that qwen-authd takes.");
  CHECK(connection->call("daemon.ping", Json()));
  CHECK(daemon.methods() == std::vector<std::string>{"daemon.ping"});
}

TEST_CASE("nobody listening is not_running, with exit 3") {
  const auto absent = Connection::open("/tmp/authd-client-test-absent.sock");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().kind() == "not_running");
  CHECK(static_cast<int>(absent.error().exit_code) == 3);
  const auto relative = Connection::open("rpc.sock");
  REQUIRE_FALSE(relative);
  CHECK(static_cast<int>(relative.error().exit_code) == 2);
  const auto no_socket = Connection::open("/dev/null");
  REQUIRE_FALSE(no_socket);
  CHECK(static_cast<int>(no_socket.error().exit_code) == 3);
}

TEST_CASE("a call that is never answered times out, and can be abandoned") {
  FakeDaemon daemon;
  daemon.set_verdicts({"slow"});
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  for (const auto& [step, value] : std::vector<std::pair<std::string, std::string>>{
           {"custom-protocol-select", "openai"}, {"custom-base-url-input", "https://x"},
           {"custom-api-key-input", "k"}, {"custom-model-id-input", "m"}})
    REQUIRE(connection->call("wizard.submitStep", {{"step", step}, {"value", value}}));
  const auto late = connection->call("wizard.commit", {{"workDoneToken", "t"}}, {},
                                     std::chrono::milliseconds(50));
  REQUIRE_FALSE(late);
  CHECK(late.error().kind() == "timed_out");

  Pipe keys;
  write_whole(keys.ends[1], "x");
  Attention attention{.descriptors = {keys.ends[0]}};
  attention.on_ready = [] { return Attention::Wish::abandon; };
  const auto abandoned = connection->call("wizard.commit", {{"workDoneToken", "t"}}, attention);
  REQUIRE_FALSE(abandoned);
  CHECK(static_cast<int>(abandoned.error().exit_code) == 130);
}

TEST_CASE("a commit can be cancelled while its progress is told") {
  FakeDaemon daemon;
  daemon.set_verdicts({"slow"});
  auto connection = Connection::open(daemon.socket_path());
  REQUIRE(connection);
  Pipe keys;
  std::string progress;
  Attention attention{.descriptors = {keys.ends[0]}};
  attention.on_progress = [&](const Json& value) {
    progress = value["message"];
    write_whole(keys.ends[1], "x");
  };
  attention.on_ready = [&] {
    char byte;
    return read(keys.ends[0], &byte, 1) == 1 ? Attention::Wish::cancel : Attention::Wish::wait;
  };
  const auto result = connection->call("wizard.commit", {{"workDoneToken", "t"}}, attention);
  REQUIRE(result);
  CHECK((*result)["auth"]["code"] == "cancelled");
  CHECK(progress == "Waiting for the provider…");
}

TEST_CASE("the pump carries large data both ways and passes the end of either side on") {
  Pipe input, output;
  int sockets[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets) == 0);
  const std::string question(5'000'000, 'q'), answer(7'000'000, 'a');
  std::thread pumping([&] {
    pump(input.ends[0], output.ends[1], sockets[0]);
    close(output.ends[1]);
  });
  std::thread asking([&] {
    write_whole(input.ends[1], question);
    close(input.ends[1]);
  });
  std::string received;
  std::thread answering([&] {
    fcntl(sockets[1], F_SETFL, 0);
    received = read_to_end(sockets[1]);  // ends with the half-close
    write_whole(sockets[1], answer);     // and the answer still comes
    close(sockets[1]);
  });
  CHECK(read_to_end(output.ends[0]) == answer);
  pumping.join();
  asking.join();
  answering.join();
  CHECK(received == question);
}

TEST_CASE("the pump ends when the daemon does, even while stdin stays open") {
  Pipe input, output;
  int sockets[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
  write_whole(sockets[1], "bye");
  close(sockets[1]);
  pump(input.ends[0], output.ends[1], sockets[0]);
  close(output.ends[1]);
  CHECK(read_to_end(output.ends[0]) == "bye");
}
