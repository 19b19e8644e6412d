#include "protocol/socket_path.hpp"

#include <catch2/catch.hpp>
#include <map>

namespace authd {
namespace {

Result<std::string> path_with(const std::map<std::string, std::string>& variables, const std::string& private_directory = "") {
  return socket_path({[&](const std::string& name) -> std::optional<std::string> {
                        const auto found = variables.find(name);
                        return found == variables.end() ? std::nullopt : std::optional(found->second);
                      },
                      1234, [&](const std::string& path) { return path == private_directory; }});
}

}  // namespace

TEST_CASE("the socket is where the first of the four rules says") {
  struct Row {
    std::map<std::string, std::string> variables;
    std::string private_directory, path;
  };
  const std::map<std::string, std::string> all{{"QWEN_AUTHD_SOCKET", "/own/s"}, {"XDG_RUNTIME_DIR", "/run/me"}, {"TMPDIR", "/scratch"}};
  const auto row = GENERATE_COPY(values<Row>({
      {all, "/run/user/1234", "/own/s"},
      {{{"QWEN_AUTHD_SOCKET", ""}, {"XDG_RUNTIME_DIR", "/run/me"}, {"TMPDIR", "/scratch"}}, "/run/user/1234", "/run/me/qwen-authd/rpc.sock"},
      {{{"XDG_RUNTIME_DIR", ""}, {"TMPDIR", "/scratch"}}, "/run/user/1234", "/run/user/1234/qwen-authd/rpc.sock"},
      {{{"TMPDIR", "/scratch"}}, "/run/user/99", "/scratch/qwen-authd-1234/rpc.sock"},
      {{{"TMPDIR", ""}}, "", "/tmp/qwen-authd-1234/rpc.sock"},
      {{}, "", "/tmp/qwen-authd-1234/rpc.sock"},
  }));
  CAPTURE(row.path);
  const auto path = path_with(row.variables, row.private_directory);
  REQUIRE(path);
  CHECK(*path == row.path);
}

TEST_CASE("a path of 107 bytes is taken and one of 108 is refused with its length, never cut") {
  const std::string longest = "/" + std::string(106, 'x');
  REQUIRE(path_with({{"QWEN_AUTHD_SOCKET", longest}}));
  CHECK(*path_with({{"QWEN_AUTHD_SOCKET", longest}}) == longest);
  const auto refused = path_with({{"QWEN_AUTHD_SOCKET", longest + "x"}});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::Contains("108") && Catch::Contains("107"));
  CHECK_FALSE(refused.error().hint.empty());
  // The rule that counts is refused; a later one is not tried in its place.
  CHECK_FALSE(path_with({{"XDG_RUNTIME_DIR", "/" + std::string(100, 'x')}, {"TMPDIR", "/t"}}, "/run/user/1234"));
  CHECK(checked_socket_path("/" + std::string(53, 'x') + "/" + "é" + std::string(50, 'x')).has_value());
}

TEST_CASE("a relative path is refused") {
  for (const char* path : {"rpc.sock", "./rpc.sock", "~/rpc.sock", ""}) CHECK_FALSE(checked_socket_path(path));
  CHECK_FALSE(path_with({{"XDG_RUNTIME_DIR", "run"}}));
}

}  // namespace authd
