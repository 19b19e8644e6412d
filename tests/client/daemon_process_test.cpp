#include "client/daemon_process.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/client/fake_daemon.hpp"

using namespace authd::client;
using tests::FakeDaemon;

namespace {

// A scratch directory that stands for the user's state, with a script as the daemon.
class Scratch {
 public:
  explicit Scratch(const std::string& script) {
    std::string name = "/tmp/authd-client-test-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    std::ofstream(path_ + "/authd") << "#!/bin/sh\n" << script;
    chmod((path_ + "/authd").c_str(), 0700);
    setenv("XDG_STATE_HOME", (path_ + "/state").c_str(), 1);
    setenv("QWEN_AUTHD", (path_ + "/authd").c_str(), 1);
    setenv("SCRATCH", path_.c_str(), 1);
  }
  ~Scratch() {
    for (const char* name : {"XDG_STATE_HOME", "QWEN_AUTHD", "SCRATCH"}) unsetenv(name);
    std::filesystem::remove_all(path_);
  }
  std::string file(const std::string& name) const {
    std::ifstream stream(path_ + "/" + name);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  mode_t mode(const std::string& name) const {
    struct stat st {};
    REQUIRE(stat((path_ + "/" + name).c_str(), &st) == 0);
    return st.st_mode & 0777;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("a daemon that ends at once is reported with the last lines of its log") {
  Scratch scratch("echo 'cannot bind: no such \033[31mdirectory' >&2\nexit 1\n");
  const auto connection = connect_or_start(scratch.path() + "/rpc.sock", true);
  REQUIRE_FALSE(connection);
  CHECK(static_cast<int>(connection.error().exit_code) == 3);
  CHECK(connection.error().message().find("cannot bind: no such [31mdirectory") !=
        std::string::npos);
  CHECK(scratch.mode("state/qwen-authd") == 0700);
  CHECK(scratch.mode("state/qwen-authd/daemon.log") == 0600);
}

TEST_CASE("the daemon is started apart from the shell") {
  Scratch scratch(
      "{ echo \"$@\"; pwd; umask; readlink /proc/self/fd/0; ls /proc/$$/fd | grep -c '^50$'\n"
      "  cut -d' ' -f6 /proc/$$/stat; } > $SCRATCH/seen\nexit 1\n");
  const int stray = dup2(STDERR_FILENO, 50);  // not close-on-exec, and not to be inherited
  REQUIRE_FALSE(connect_or_start(scratch.path() + "/rpc.sock", true));
  close(stray);
  std::istringstream seen(scratch.file("seen"));
  std::string arguments, cwd, mask, input, strays, session;
  std::getline(seen, arguments);
  seen >> cwd >> mask >> input >> strays >> session;
  CHECK(arguments == "--socket " + scratch.path() + "/rpc.sock --log-file " + scratch.path() +
                         "/state/qwen-authd/daemon.log");
  CHECK(cwd == "/");
  CHECK(mask == "0077");
  CHECK(input == "/dev/null");
  CHECK(strays == "0");
  CHECK(std::stoi(session) != getsid(0));
}

TEST_CASE("no daemon is started where one answers, or where none is wanted") {
  Scratch scratch("touch $SCRATCH/started\n");
  FakeDaemon daemon;
  CHECK(connect_or_start(daemon.socket_path(), true));
  const auto absent = connect_or_start(scratch.path() + "/rpc.sock", false);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().kind() == "not_running");
  CHECK_FALSE(std::filesystem::exists(scratch.path() + "/started"));
}

TEST_CASE("an executable that cannot be run is named") {
  Scratch scratch("");
  setenv("QWEN_AUTHD", "/nonexistent/qwen-authd", 1);
  const auto connection = connect_or_start(scratch.path() + "/rpc.sock", true);
  REQUIRE_FALSE(connection);
  CHECK(static_cast<int>(connection.error().exit_code) == 3);
  CHECK(connection.error().message().find("/nonexistent/qwen-authd") != std::string::npos);
}
