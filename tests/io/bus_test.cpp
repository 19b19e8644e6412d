// env.sync over a bus of the test's own, with a double of systemd on it. Passes where there is no
// dbus-daemon.
#include "daemon/io/bus.hpp"

#include <systemd/sd-bus.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

using namespace std::chrono_literals;
using test::ScratchDirectory;

const std::string synced_key = "sk-7Qw9Zx3Vb5Nm1Lk8Jh6Gf4Ds2Aq0Xr";

// dbus-daemon in the foreground, with no services to start.
class PrivateBus {
 public:
  PrivateBus() {
    test::write_text(scratch_ / "bus.conf",
                     "<busconfig><type>session</type><listen>" + address() +
                         "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                         "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>");
    pid_ = fork();
    if (pid_ == 0) {
      execlp("dbus-daemon", "dbus-daemon", ("--config-file=" + (scratch_ / "bus.conf")).c_str(), "--nofork", nullptr);
      _exit(127);
    }
    for (int tries = 0; tries < 1000 && !is_up(); ++tries) std::this_thread::sleep_for(5ms);
  }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;
  ~PrivateBus() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::string address() const { return "unix:path=" + (scratch_ / "bus"); }
  bool is_up() const { return std::filesystem::is_socket(scratch_ / "bus"); }

 private:
  ScratchDirectory scratch_;
  pid_t pid_ = -1;
};

// org.freedesktop.systemd1, as far as env.sync speaks with it.
class FakeSystemd {
 public:
  explicit FakeSystemd(const std::string& address, std::string refusal = {}) : refusal_(std::move(refusal)) {
    REQUIRE(sd_bus_new(&bus_) >= 0);
    REQUIRE(sd_bus_set_address(bus_, address.c_str()) >= 0);
    REQUIRE(sd_bus_set_bus_client(bus_, 1) >= 0);
    REQUIRE(sd_bus_start(bus_) >= 0);
    REQUIRE(sd_bus_add_object(bus_, nullptr, "/org/freedesktop/systemd1", take, this) >= 0);
    REQUIRE(sd_bus_request_name(bus_, "org.freedesktop.systemd1", 0) >= 0);
    thread_ = std::thread([this] {
      while (!stopping_) {
        while (sd_bus_process(bus_, nullptr) > 0) {
        }
        sd_bus_wait(bus_, 20'000);
      }
    });
  }
  FakeSystemd(const FakeSystemd&) = delete;
  FakeSystemd& operator=(const FakeSystemd&) = delete;
  ~FakeSystemd() {
    stop();
    sd_bus_close_unref(bus_);
  }
  // What it was told, once it has ended.
  std::vector<std::string> calls() {
    stop();
    return calls_;
  }

 private:
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  static int take(sd_bus_message* message, void* data, sd_bus_error*) {
    auto& self = *static_cast<FakeSystemd*>(data);
    std::string call = std::string(sd_bus_message_get_interface(message)) + "." + sd_bus_message_get_member(message);
    if (sd_bus_message_enter_container(message, 'a', "s") < 0) return 0;
    for (const char* text = nullptr; sd_bus_message_read(message, "s", &text) > 0;) call += std::string(" ") + text;
    self.calls_.push_back(call);
    if (!self.refusal_.empty()) return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_INVALID_ARGS, "%s", self.refusal_.c_str());
    return sd_bus_reply_method_return(message, "");
  }

  sd_bus* bus_ = nullptr;
  std::string refusal_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::string> calls_;
  std::thread thread_;
};

BusOrder order_of(BusOrder::Target target, const std::string& address, bool removes = false) {
  BusOrder order{target, address, {}, {}};
  if (removes)
    order.unset = {"A_KEY", "B_KEY"};
  else {
    order.set.emplace("A_KEY", Secret(std::string_view(synced_key)));
    order.set.emplace("B_KEY", Secret(std::string_view("two\nlines")));
  }
  return order;
}

Result<void> update(const BusOrder& order, std::chrono::milliseconds timeout = 20s) {
  return update_activation(order, timeout, StopSignal());
}

std::string reason_of(const Result<void>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::sync_failed);
  return result.error().message;
}

}  // namespace

TEST_CASE("systemd is given variables, and gives them up again") {
  const PrivateBus bus;
  if (!bus.is_up()) return;
  FakeSystemd systemd(bus.address());
  CHECK(update(order_of(BusOrder::Target::systemd, bus.address())));
  CHECK(update(order_of(BusOrder::Target::systemd, bus.address(), true)));
  CHECK(systemd.calls() == std::vector<std::string>{"org.freedesktop.systemd1.Manager.SetEnvironment A_KEY=" + synced_key + " B_KEY=two\nlines",
                                                    "org.freedesktop.systemd1.Manager.UnsetEnvironment A_KEY B_KEY"});
}

TEST_CASE("the message bus is given variables, for the services that it starts") {
  const PrivateBus bus;
  if (!bus.is_up()) return;
  CHECK(update(order_of(BusOrder::Target::dbus, bus.address())));
  CHECK(update(order_of(BusOrder::Target::dbus, bus.address(), true)));
}

TEST_CASE("what systemd says against it is told, without the key") {
  const PrivateBus bus;
  if (!bus.is_up()) return;
  const FakeSystemd systemd(bus.address(), "Invalid assignment A_KEY=" + synced_key);
  CHECK(reason_of(update(order_of(BusOrder::Target::systemd, bus.address()))) ==
        "The systemd of the user did not take the variables: Invalid assignment A_KEY=••••");
}

TEST_CASE("a bus without systemd, and no bus at all, are told apart") {
  const PrivateBus bus;
  if (bus.is_up())
    CHECK(reason_of(update(order_of(BusOrder::Target::systemd, bus.address())))
              .starts_with("The systemd of the user did not take the variables: The name org.freedesktop.systemd1 was not provided"));
  for (const std::string address : {"unix:path=/nonexistent/bus", "nonsense", ""}) {
    CAPTURE(address);
    CHECK(reason_of(update(order_of(BusOrder::Target::dbus, address))).starts_with("The user's message bus cannot be reached: "));
  }
}

TEST_CASE("a bus that never answers is waited for as long as was said, or until the stop") {
  const ScratchDirectory scratch;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = scratch / "bus";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(listen(listener.get(), 8) == 0);
  const BusOrder order = order_of(BusOrder::Target::dbus, "unix:path=" + path);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(reason_of(update(order, 300ms)) == "The message bus did not answer in time.");
  StopSignal stop;
  stop.request();
  CHECK(reason_of(update_activation(order, 60s, stop)) == "The message bus did not answer in time.");
  CHECK(std::chrono::steady_clock::now() - begun < 20s);
}

TEST_CASE("the bus is the one that the caller's environment names, else the socket of the user") {
  core::Environment environment;
  CHECK(user_bus_address(environment) == "unix:path=/run/user/" + std::to_string(geteuid()) + "/bus");
  environment.variables["XDG_RUNTIME_DIR"] = "/run/mine";
  CHECK(user_bus_address(environment) == "unix:path=/run/mine/bus");
  environment.variables["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/x";
  CHECK(user_bus_address(environment) == "unix:path=/x");
}

}  // namespace authd::io
