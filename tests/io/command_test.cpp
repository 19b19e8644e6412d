// Running a program: what it gets, what is taken from it, how it ends.
#include "daemon/io/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "protocol/limits.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

using namespace std::chrono_literals;
using End = CommandResult::End;
using test::ScratchDirectory;

CommandOrder order_of(std::vector<std::string> arguments) {
  CommandOrder order;
  order.arguments = std::move(arguments);
  order.candidates = {order.arguments.front()};
  order.environment = {{"PATH", "/usr/bin:/bin"}};
  order.directory = "/";
  order.timeout = 20s;
  return order;
}

CommandOrder script(const std::string& text) { return order_of({"/bin/sh", "-c", text}); }

CommandResult run(const CommandOrder& order) { return run_command(order, StopSignal()); }

std::string output_of(const CommandOrder& order) {
  const CommandResult result = run(order);
  CHECK(result.end == End::exited);
  CHECK(result.code == 0);
  return std::string(result.output.reveal());
}

bool is_alive(pid_t pid) {
  // A zombie has ended.
  const std::string stat = test::read_text("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_ends = stat.rfind(')');
  return name_ends != std::string::npos && !stat.substr(name_ends).starts_with(") Z");
}

bool eventually(const std::function<bool()>& condition) {
  for (int tries = 0; tries < 2000; ++tries) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

std::vector<pid_t> pids_in(const std::string& path) {
  std::ifstream file(path);
  std::vector<pid_t> pids;
  for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
  return pids;
}

}  // namespace

TEST_CASE("a program is run as it is named, and no shell reads its arguments") {
  CHECK(output_of(order_of({"/usr/bin/printf", "%s|", "$HOME", "`id`", "a;b", "*", "", "a b"})) ==
        "$HOME|`id`|a;b|*||a b|");
}

TEST_CASE("a program gets the environment that was given, the whole and nothing else") {
  CommandOrder order = order_of({"/usr/bin/env"});
  order.environment = {{"A", "1"}, {"LONG", std::string(1000, 'x')}, {"NL", "a\nb"}};
  CHECK(output_of(order) == "A=1\nLONG=" + std::string(1000, 'x') + "\nNL=a\nb\n");
  order.environment = {};
  CHECK(output_of(order).empty());
}

TEST_CASE("a program starts in its directory, or in / where there is none") {
  const ScratchDirectory scratch;
  CommandOrder order = order_of({"/bin/pwd"});
  order.directory = scratch.path();
  CHECK(output_of(order) == scratch.path() + "\n");
  order.directory = scratch / "missing";
  CHECK(output_of(order) == "/\n");
}

TEST_CASE("a program inherits no descriptor, no ignored signal and no blocked one") {
  const int kept = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  REQUIRE(kept > 2);
  const auto former = signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const std::string descriptors = output_of(order_of({"/bin/ls", "/proc/self/fd"}));
  const std::string status = output_of(order_of({"/bin/grep", "^Sig[BI]", "/proc/self/status"}));
  const std::string input = output_of(order_of({"/usr/bin/readlink", "/proc/self/fd/0"}));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  signal(SIGPIPE, former);
  close(kept);
  CHECK(descriptors == "0\n1\n2\n3\n");  // the last one is ls's own
  // The C library ignores two signals of its own (32, 33) until the program's has started.
  CHECK((status == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n" ||
         status == "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n"));
  CHECK(input == "/dev/null\n");
}

TEST_CASE("a program has a session of its own, without a terminal") {
  const std::string text = output_of(script("cut -d' ' -f1,5,6,7 /proc/$$/stat"));
  std::istringstream numbers(text);
  long pid = 0, group = 0, session = 0, terminal = 0;
  numbers >> pid >> group >> session >> terminal;
  CHECK(group == pid);
  CHECK(session == pid);
  CHECK(terminal == 0);
  CHECK(session != getsid(0));
}

TEST_CASE("how a program ended is told") {
  CHECK(run(script("exit 3")).code == 3);
  CHECK(run(script("exit 3")).end == End::exited);
  const CommandResult killed = run(script("kill -INT $$; sleep 9"));
  CHECK(killed.end == End::signalled);
  CHECK(killed.code == SIGINT);
  const CommandResult failed = run(script("echo out; echo 'not signed in' >&2; exit 1"));
  CHECK(failed.complaint == "not signed in\n");
  CHECK(failed.output.reveal() == "out\n");
}

TEST_CASE("a program that is not there, or is none, is not started") {
  const ScratchDirectory scratch;
  test::write_text(scratch / "text", "echo x\n");
  const auto code_of = [&](std::vector<std::string> candidates) {
    CommandOrder order = order_of({"x"});
    order.candidates = std::move(candidates);
    const CommandResult result = run(order);
    CHECK(result.end == End::not_started);
    return result.code;
  };
  CHECK(code_of({}) == ENOENT);
  CHECK(code_of({scratch / "missing", scratch / "also"}) == ENOENT);
  CHECK(code_of({scratch / "missing", scratch / "text"}) == EACCES);
  CHECK(code_of({scratch.path()}) == EACCES);
  chmod((scratch / "text").c_str(), 0700);
  CHECK(code_of({scratch / "text"}) == ENOEXEC);  // there is no shell to fall back to
  CommandOrder order = script("exit 0");
  order.environment["HUGE"] = std::string(8 * 1024 * 1024, 'x');
  CHECK(run(order).code == E2BIG);
}

TEST_CASE("the first candidate that can be run is") {
  const ScratchDirectory scratch;
  test::write_text(scratch / "a/get", "#!/bin/sh\necho a\n");
  test::write_text(scratch / "b/get", "#!/bin/sh\necho b\n");
  chmod((scratch / "b/get").c_str(), 0700);
  CommandOrder order = order_of({"get"});
  order.candidates = {scratch / "missing/get", scratch / "a/get", scratch / "b/get"};
  CHECK(output_of(order) == "b\n");
}

TEST_CASE("output up to the bound is taken whole, and a byte more ends the program") {
  const std::string bound = std::to_string(limits::key_output_bytes_max);
  CHECK(output_of(script("head -c " + bound + " /dev/zero")).size() == limits::key_output_bytes_max);
  const CommandResult result = run(script("head -c " + bound + " /dev/zero; echo; sleep 60"));
  CHECK(result.end == End::too_much_output);
  CHECK(result.took < 15s);
  CHECK(run(order_of({"/usr/bin/yes"})).end == End::too_much_output);
}

TEST_CASE("complaints past the bound are dropped, and keep nobody waiting") {
  const CommandResult result = run(script("head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; echo done"));
  CHECK(result.end == End::exited);
  CHECK(result.output.reveal() == "done\n");
  CHECK(result.complaint == std::string(limits::key_complaint_bytes_max, 'x'));
}

TEST_CASE("output is taken although somebody else keeps the pipe open") {
  const auto begun = std::chrono::steady_clock::now();
  CHECK(output_of(script("sleep 30 & echo key")) == "key\n");
  CHECK(std::chrono::steady_clock::now() - begun < 15s);
}

TEST_CASE("the time-out kills a program with all that it started, also what ignores SIGTERM") {
  const ScratchDirectory scratch;
  const std::string file = scratch / "pids";
  CommandOrder order = script(
      "trap '' TERM; echo $$ > '" + file + "'; "
      "(trap '' TERM; sh -c 'echo $$ >> \"" + file + "\"; exec sleep 60' & wait) & "
      "sleep 60 & echo $! >> '" + file + "'; wait; sleep 60");
  order.timeout = 700ms;
  const CommandResult result = run(order);
  CHECK(result.end == End::timed_out);
  CHECK(result.took >= 700ms);
  CHECK(result.took < 15s);
  const auto pids = pids_in(file);
  REQUIRE(pids.size() == 3);
  for (const pid_t pid : pids) CHECK(eventually([pid] { return !is_alive(pid); }));
}

TEST_CASE("a program that minds SIGTERM may end in its own way") {
  const ScratchDirectory scratch;
  const std::string file = scratch / "said";
  CommandOrder order = script("trap 'echo bye > \"" + file + "\"; exit 0' TERM; sleep 60 & wait");
  order.timeout = 300ms;
  CHECK(run(order).end == End::timed_out);
  CHECK(test::read_text(file) == "bye\n");
}

TEST_CASE("a program is stopped from another thread") {
  const ScratchDirectory scratch;
  const std::string file = scratch / "pid";
  StopSignal stop;
  std::thread asker([&] {
    eventually([&] { return !pids_in(file).empty(); });
    stop.request();
  });
  const CommandResult result = run_command(script("echo $$ > '" + file + "'; sleep 60"), stop);
  asker.join();
  CHECK(result.end == End::stopped);
  CHECK(result.took < 15s);
  CHECK_FALSE(is_alive(pids_in(file).at(0)));
}

TEST_CASE("no program is left behind unreaped, and no descriptor") {
  const auto open_now = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  run(script("true"));
  const auto before = open_now();
  for (int i = 0; i < 20; ++i) {
    run(script("echo x; exit 1"));
    CommandOrder order = script("sleep 60");
    order.timeout = 1ms;
    run(order);
    run(order_of({"/nonexistent"}));
  }
  CHECK(open_now() == before);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

}  // namespace authd::io
