// env, exec and keys: what they ask for, what they print, and what a program gets.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "client/arguments.hpp"
#include "client/caller_context.hpp"
#include "client/shell_quoting.hpp"
#include "tests/client/finished_run.hpp"
#include "tests/client/pty.hpp"
#include "tests/support/bin_dir.hpp"

using namespace authd::client;
using namespace authd::client::tests;
using authd::Json;

namespace {

using Words = std::vector<std::string>;

// What may stand in a value, and what a shell could make of it.
const std::vector<std::string> tricky{
    "",
    "sk-plain",
    "it's",
    "'",
    "''",
    "'\\''",
    "\\",
    "\\\\'",
    "a\\nb",
    "two\nlines",
    "\nat both ends\n",
    "trailing\n\n",
    "a  b\tc",
    "\"double\"",
    "$HOME ${HOME} $(id) `id` !! #x",
    "*?[a]{b,c}~",
    "a;b&c|d<e>f(g)",
    "-n",
    "ü ñ 語 🙂",
    "\x01\x7f",
    "a\r\nb",
    "%s %%",
};

std::string output_of(const std::string& program, const Words& words) {
  std::string command = program;
  for (const std::string& word : words) command += " '" + word + "'";
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> bytes;
  while (const std::size_t count = fread(bytes.data(), 1, bytes.size(), pipe)) text.append(bytes.data(), count);
  pclose(pipe);
  return text;
}

bool is_installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

struct Folder {
  std::string path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "authd-env-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name) << text;
    return path + "/" + name;
  }
};

// An env.export of the daemon that adds these.
Json export_of(const Json& variables) {
  return {{"variables", variables}, {"judgedBy", "caller"}};
}

}  // namespace

TEST_CASE("what env prints gives a shell the very bytes, also when it is evaluated") {
  struct Shell {
    std::string program, language, evaluated;
  };
  const auto shell = GENERATE(values<Shell>({
      {"sh", "sh", "eval \"$(cat \"$1\")\""},
      {"dash", "sh", "eval \"$(cat \"$1\")\""},
      {"bash", "bash", "eval \"$(cat \"$1\")\""},
      {"bash --posix", "bash", ". \"$1\""},
      {"zsh -f", "zsh", "eval \"$(cat \"$1\")\""},
      {"zsh -f -o RC_QUOTES", "zsh", "eval \"$(cat \"$1\")\""},
      {"fish --no-config", "fish", "source $argv[1]"},
      {"fish --no-config", "fish", "eval (cat $argv[1])"},
  }));
  if (!is_installed(shell.program.substr(0, shell.program.find(' ')))) return;
  CAPTURE(shell.program, shell.evaluated);
  const Folder folder;
  Json variables = Json::object();
  for (std::size_t i = 0; i < tricky.size(); ++i) variables["V" + std::to_string(i)] = tricky[i];
  const std::string printed = folder.put("printed", exports(variables, shell.language));
  const std::string seen = folder.path + "/seen";
  const std::string script =
      folder.put("script", shell.evaluated + "\n/usr/bin/env -0 > " + seen + "\n");
  CHECK(output_of(shell.program + " " + script, {printed}) == "");
  std::ifstream file(seen, std::ios::binary);
  const std::string environment((std::istreambuf_iterator<char>(file)), {});
  for (std::size_t i = 0; i < tricky.size(); ++i) {
    CAPTURE(tricky[i]);
    const std::string wanted = "V" + std::to_string(i) + "=" + tricky[i];
    CHECK((std::string(1, '\0') + environment).find(std::string(1, '\0') + wanted + std::string(1, '\0')) != std::string::npos);
  }
}

TEST_CASE("what is no variable's name is not printed for a shell") {
  CHECK(exports(Json{{"A B", "x"}, {"a;id", "x"}, {"1A", "x"}, {"", "x"}, {"OK", "x"}, {"N", 1}}, "sh") ==
        "export OK='x'\n");
  CHECK(exports(Json::object(), "sh").empty());
  CHECK(exports(Json::object(), "json").empty());
  CHECK(exports(Json{{"A", "x"}}, "json") == "{\"A\":\"x\"}\n");
}

TEST_CASE("the shell is the one that $SHELL names") {
  const auto shell_for = [](const char* path) {
    setenv("SHELL", path, 1);
    return own_shell();
  };
  CHECK(shell_for("/usr/bin/zsh") == "zsh");
  CHECK(shell_for("/bin/bash") == "bash");
  CHECK(shell_for("fish") == "fish");
  CHECK(shell_for("/bin/dash") == "sh");
  CHECK(shell_for("") == "sh");
}

TEST_CASE("the words of a program are nobody's but its own") {
  const auto split = [](const Words& words) {
    const auto [own, program] = split_program(words);
    return std::pair(own, program);
  };
  using Both = std::pair<Words, Words>;
  CHECK(split({"exec", "qwen", "--json", "-p", "x"}) == Both{{"exec"}, {"qwen", "--json", "-p", "x"}});
  CHECK(split({"--json", "exec", "--", "qwen", "--", "x"}) == Both{{"--json", "exec"}, {"qwen", "--", "x"}});
  CHECK(split({"--socket", "exec", "exec", "--no-autostart", "exec"}) ==
        Both{{"--socket", "exec", "exec", "--no-autostart"}, {"exec"}});
  CHECK(split({"exec", "--socket", "/s", "a", "b"}) == Both{{"exec", "--socket", "/s"}, {"a", "b"}});
  CHECK(split({"exec"}) == Both{{"exec"}, {}});
  CHECK(split({"exec", "--help"}) == Both{{"exec", "--help"}, {}});
  CHECK(split({"keys", "set", "A_KEY", "--", "op", "read", ""}) == Both{{"keys", "set", "A_KEY"}, {"op", "read", ""}});
  CHECK(split({"keys", "set", "--timeout", "5", "A_KEY", "--shell", "x | y"}) ==
        Both{{"keys", "set", "--timeout", "5", "A_KEY", "--shell"}, {"x | y"}});
  CHECK(split({"keys", "run", "A_KEY"}) == Both{{"keys", "run", "A_KEY"}, {}});
  CHECK(split({"keys", "set", "A_KEY"}) == Both{{"keys", "set", "A_KEY"}, {}});
  CHECK(split({"settings", "set", "exec", "--", "x"}) == Both{{"settings", "set", "exec", "--", "x"}, {}});
  CHECK(split({}) == Both{{}, {}});
  // A key among them is theirs.
  CHECK(parse_arguments({"exec", "curl", "--key", canary})->program == Words{"curl", "--key", canary});
  CHECK_FALSE(parse_arguments({"--socket", canary, "exec", "curl"}));
}

TEST_CASE("the options of env, exec and keys") {
  using Command = Arguments::Command;
  CHECK(parse_arguments({"env"})->command == Command::env_print);
  CHECK(parse_arguments({"env", "--all", "--shell", "fish"})->environment.shell == "fish");
  const auto sync = parse_arguments({"env", "sync", "systemd", "A_KEY", "B_KEY", "--remove"});
  REQUIRE(sync);
  CHECK(sync->command == Command::env_sync);
  CHECK(sync->environment.target == "systemd");
  CHECK(sync->environment.names == Words{"A_KEY", "B_KEY"});
  CHECK(sync->environment.remove);
  CHECK(parse_arguments({"keys"})->command == Command::keys_list);
  CHECK(parse_arguments({"keys", "list"})->command == Command::keys_list);
  const auto set = parse_arguments({"keys", "set", "A_KEY", "--lifetime", "0", "--", "op", "read", "x"});
  REQUIRE(set);
  CHECK(set->keys.name == "A_KEY");
  CHECK(set->keys.lifetime_s == 0u);
  CHECK_FALSE(set->keys.timeout_s);
  CHECK(set->program == Words{"op", "read", "x"});
  for (const Words& words : std::vector<Words>{{"env", "--shell", "csh"}, {"env", "sync"}, {"env", "sync", "cron"}, {"exec"}, {"keys", "set", "A_KEY"},
                                               {"keys", "set"}, {"keys", "run"}, {"keys", "set", "A", "--shell", "--", "x", "y"},
                                               {"keys", "set", "A", "--timeout", "1.5", "--", "x"}, {"keys", "set", "A", "--timeout", "-1", "--", "x"}}) {
    const auto refused = parse_arguments(words);
    REQUIRE_FALSE(refused);
    CHECK(static_cast<int>(refused.error().exit_code) == 2);
  }
}

TEST_CASE("a command for the caller gets the whole environment, but for what cannot be sent") {
  setenv("AUTHD_TEST_PLAIN", "x", 1);
  setenv("AUTHD_TEST_BYTES", "\xFF", 1);
  const Json context = whole_caller_context({"-p", "\xFF"});
  CHECK(context["env"]["AUTHD_TEST_PLAIN"] == "x");
  CHECK(context["env"].contains("PATH"));
  CHECK_FALSE(context["env"].contains("AUTHD_TEST_BYTES"));
  CHECK(context["args"] == Json{"-p", ""});
  CHECK_FALSE(caller_context()["env"].contains("AUTHD_TEST_PLAIN"));
  unsetenv("AUTHD_TEST_BYTES");
  unsetenv("AUTHD_TEST_PLAIN");
}

TEST_CASE("env prints what the daemon adds, and nothing where that is nothing") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of(Json::object()));
  CHECK(run(daemon, {"env"}).out.empty());
  CHECK(run(daemon, {"env"}).err.empty());
  daemon.set_result("env.export", export_of({{"A_KEY", canary}}));
  CHECK(run(daemon, {"env"}, {}, {"SHELL=/bin/bash"}).out == "export A_KEY='" + canary + "'\n");
  CHECK(run(daemon, {"env"}, {}, {"SHELL=/usr/bin/fish"}).out == "set -gx A_KEY '" + canary + "';\n");
  CHECK(run(daemon, {"env", "--shell", "json"}).out == "{\"A_KEY\":\"" + canary + "\"}\n");
  CHECK(Json::parse(run(daemon, {"env", "--json"}).out) == export_of({{"A_KEY", canary}}));
  CHECK(daemon.params_of("env.export")["all"] == false);
  CHECK(daemon.params_of("env.export")["context"]["env"].contains("PATH"));
  CHECK(run(daemon, {"env", "--all"}).exit_code == 0);
  CHECK(daemon.params_of("env.export")["all"] == true);
}

TEST_CASE("env says which commands failed, beside what it prints") {
  FakeDaemon daemon;
  Json result = export_of({{"A_KEY", "x"}});
  result["unavailable"] = {{{"name", "B_KEY"}, {"message", "The command for B_KEY gives no key: it printed nothing."}}};
  daemon.set_result("env.export", result);
  const FinishedRun finished = run(daemon, {"env", "--all"});
  CHECK(finished.exit_code == 1);
  CHECK(finished.out == "export A_KEY='x'\n");
  CHECK(finished.err == "⚠ The command for B_KEY gives no key: it printed nothing.\n");
  daemon.set_error("env.export", {{"code", -32034}, {"message", "The command for A_KEY gives no key: it printed nothing."}, {"data", {{"kind", "key_unavailable"}}}});
  const FinishedRun failed = run(daemon, {"env"});
  CHECK(failed.exit_code == 1);
  CHECK(failed.out.empty());
  CHECK(failed.err == "✗ The command for A_KEY gives no key: it printed nothing.\n");
}

TEST_CASE("exec gives a program its arguments and the keys, and its exit code is the program's") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of({{"A_KEY", canary}}));
  const FinishedRun finished =
      run(daemon, {"exec", "--", "sh", "-c", "printf '%s|' \"$A_KEY\" \"$B\" \"$@\"; exit 7", "sh", "--json", "", "a b", "$HOME"}, {}, {"A_KEY=", "B=kept"});
  CHECK(finished.exit_code == 7);
  CHECK(finished.out == canary + "|kept|--json||a b|$HOME|");
  CHECK(finished.err.empty());
  CHECK(daemon.params_of("env.export")["context"]["args"][0] == "-c");
  // A variable that was there empty is there once.
  CHECK(run(daemon, {"exec", "sh", "-c", "env | grep -c ^A_KEY="}, {}, {"A_KEY="}).out == "1\n");
}

TEST_CASE("exec passes standard input and a death by signal on") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of(Json::object()));
  CHECK(run(daemon, {"exec", "cat"}, "some input").out == "some input");
  CHECK(run(daemon, {"exec", "sh", "-c", "kill -TERM $$"}).exit_code == 128 + SIGTERM);
  CHECK(run(daemon, {"exec", "sh", "-c", "kill -KILL $$"}).exit_code == 128 + SIGKILL);
}

TEST_CASE("a program finds nothing of the client's: no descriptor, no ignored signal, no limit") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of(Json::object()));
  std::set<int> inherited{0, 1, 2};  // what this test's own process leaves open for its children
  for (int descriptor = 3; descriptor < 1024; ++descriptor)
    if (const int flags = fcntl(descriptor, F_GETFD); flags >= 0 && (flags & FD_CLOEXEC) == 0) inherited.insert(descriptor);
  std::istringstream listed(run(daemon, {"exec", "ls", "/proc/self/fd"}).out);
  std::set<int> seen;
  for (int descriptor = 0; listed >> descriptor;) seen.insert(descriptor);
  CHECK(seen.size() == inherited.size() + 1);  // and the directory that ls reads
  CHECK(std::includes(seen.begin(), seen.end(), inherited.begin(), inherited.end()));
  // The C library's own two (32, 33) are the test's doing.
  const std::string ignored = run(daemon, {"exec", "grep", "^SigIgn", "/proc/self/status"}).out;
  CHECK((ignored == "SigIgn:\t0000000000000000\n" || ignored == "SigIgn:\t0000000180000000\n"));
  CHECK(run(daemon, {"exec", "grep", "^SigBlk", "/proc/self/status"}).out == "SigBlk:\t0000000000000000\n");
  rlimit cores{};
  getrlimit(RLIMIT_CORE, &cores);
  const auto shown = [](rlim_t limit) { return limit == RLIM_INFINITY ? "unlimited" : std::to_string(limit / 512); };
  CHECK(run(daemon, {"exec", "sh", "-c", "ulimit -Sc; ulimit -Hc"}).out == shown(cores.rlim_cur) + "\n" + shown(cores.rlim_max) + "\n");
}

TEST_CASE("a program that is not there is 127, and one that cannot be run 126") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of({{"A_KEY", canary}}));
  const FinishedRun missing = run(daemon, {"exec", "no-such-program"});
  CHECK(missing.exit_code == 127);
  CHECK(missing.err == "✗ Cannot run no-such-program: No such file or directory.\n");
  CHECK(run(daemon, {"exec", "/etc/passwd"}).exit_code == 126);
  CHECK(Json::parse(run(daemon, {"--json", "exec", "no-such-program"}).out)["error"]["data"]["kind"] == "program_failed");
}

TEST_CASE("without the key of the selected model the program is not run") {
  FakeDaemon daemon;
  daemon.set_error("env.export", {{"code", -32034}, {"message", "The command for A_KEY gives no key."}, {"data", {{"kind", "key_unavailable"}}}});
  const Folder folder;
  const FinishedRun finished = run(daemon, {"exec", "touch", folder.path + "/ran"});
  CHECK(finished.exit_code == 1);
  CHECK_FALSE(std::filesystem::exists(folder.path + "/ran"));
  const FinishedRun unreachable = run(daemon, {"--socket", folder.path + "/none", "--no-autostart", "exec", "touch", folder.path + "/ran"});
  CHECK(unreachable.exit_code == 3);
  CHECK_FALSE(std::filesystem::exists(folder.path + "/ran"));
}

TEST_CASE("a key among the arguments of a program is only warned of, and not repeated") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of(Json::object()));
  const FinishedRun finished = run(daemon, {"exec", "true", canary});
  CHECK(finished.exit_code == 0);
  CHECK(finished.err.find("There is a key among the arguments") != std::string::npos);
  CHECK(finished.err.find("canary") == std::string::npos);
}

TEST_CASE("exec leaves the terminal to the program") {
  FakeDaemon daemon;
  daemon.set_result("env.export", export_of({{"A_KEY", "x"}}));
  Pty pty({"exec", "--", "sh", "-c", "test -t 0 && test -t 1 && read line && echo \"got $line $A_KEY\"; trap 'echo interrupted; exit 5' INT; echo ready; sleep 20 & wait"},
          {"HOME=" + daemon.directory(), "QWEN_AUTHD_SOCKET=" + daemon.socket_path()});
  pty.type("hello\n");
  REQUIRE(pty.shows("got hello x"));
  REQUIRE(pty.shows("ready"));
  pty.type("\x03");
  CHECK(pty.shows("interrupted"));
  CHECK(pty.exit_code() == 5);
}

TEST_CASE("env sync says what was done, what that means and how it is undone") {
  FakeDaemon daemon;
  daemon.set_result("env.sync", {{"target", "systemd"}, {"names", {"A_KEY"}}, {"warning", "It wins over later edits."}, {"undo", "qwen-authctl env sync systemd A_KEY --remove"}});
  const FinishedRun finished = run(daemon, {"env", "sync", "systemd", "A_KEY"});
  CHECK(finished.exit_code == 0);
  CHECK(finished.out ==
        "✓ Given to systemd: A_KEY\n"
        "  It wins over later edits.\n"
        "  Not what you meant? qwen-authctl env sync systemd A_KEY --remove\n");
  CHECK(daemon.params_of("env.sync")["names"] == Json{"A_KEY"});
  CHECK(daemon.params_of("env.sync")["remove"] == false);
  CHECK(run(daemon, {"env", "sync", "systemd", "A_KEY", "--remove"}).out.starts_with("✓ Taken away from systemd: A_KEY\n"));
}

TEST_CASE("the commands that print keys are listed as they were typed, with their state") {
  FakeDaemon daemon;
  daemon.set_result("keys.list", {{"path", "/k"}, {"keys", Json::array()}});
  CHECK(run(daemon, {"keys"}).out ==
        "No command prints a key yet.\n"
        "  qwen-authctl keys set NAME -- COMMAND ARGUMENTS…\n");
  daemon.set_result("keys.list", Json::parse(R"({"path": "/k", "keys": [
    {"name": "A_KEY", "command": ["op", "read", "op://a b/c"], "shell": false, "state": "fresh"},
    {"name": "B_KEY", "command": ["pass show b | head -1"], "shell": true, "state": "failed", "reason": "It printed nothing."},
    {"name": "C_KEY", "command": ["x\u001b[31m"], "shell": false, "state": "unused"}]})"));
  CHECK(run(daemon, {"keys"}).out ==
        "A_KEY\n"
        "  op read 'op://a b/c'\n"
        "  its key is in memory\n"
        "B_KEY\n"
        "  pass show b | head -1  (by /bin/sh)\n"
        "  ⚠ It printed nothing.\n"
        "C_KEY\n"
        "  'x[31m'\n"
        "  has not run yet\n");
}

TEST_CASE("a command is set, tried, wiped and removed") {
  FakeDaemon daemon;
  daemon.set_result("keys.set", {{"name", "A_KEY"}, {"path", "/home/u/keys.json"}, {"changed", true}});
  daemon.set_result("keys.run", {{"name", "A_KEY"}, {"masked", "sk-••••••••••••••••"}, {"fingerprint", "01234567"}, {"length", 51}, {"tookMs", 412}});
  daemon.set_result("keys.forget", {{"forgotten", 2}});
  daemon.set_result("keys.remove", {{"name", "A_KEY"}, {"path", "/k"}, {"changed", false}});
  CHECK(run(daemon, {"keys", "set", "A_KEY", "--timeout", "5", "--lifetime", "60", "--", "op", "read", "--json"}).out ==
        "✓ The command for A_KEY is in /home/u/keys.json\n"
        "  Try it: qwen-authctl keys run A_KEY\n");
  CHECK(daemon.params_of("keys.set") == Json{{"name", "A_KEY"}, {"command", {"op", "read", "--json"}}, {"shell", false}, {"timeoutMs", 5000}, {"lifetimeMs", 60000}});
  CHECK(run(daemon, {"keys", "run", "A_KEY"}).out == "✓ A_KEY: sk-••••••••••••••••, 51 characters, fingerprint 01234567, after 412 ms\n");
  CHECK(daemon.params_of("keys.run")["context"]["env"].contains("PATH"));
  CHECK(run(daemon, {"keys", "forget"}).out == "✓ 2 keys wiped from memory.\n");
  CHECK(run(daemon, {"keys", "remove", "A_KEY"}).out == "There is no command for it: nothing to do.\n");
}
