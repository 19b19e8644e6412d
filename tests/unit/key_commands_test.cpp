// keys.json as a value, and what is made of what a command printed.
#include "daemon/core/key_commands.hpp"

#include <catch2/catch.hpp>

using namespace authd;
using namespace authd::core;
using std::chrono::milliseconds;

namespace {

const std::string keys_path = "/home/u/.config/qwen-authd/keys.json";
using Words = std::vector<std::string>;

KeyCommand command_of(Words words) { return {.command = std::move(words)}; }

Error refusal(const std::string& name, const KeyCommand& command) {
  const auto result = acceptable_key_command(name, command);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::invalid_input);
  return result.error();
}

std::string output_refused(const std::string& output) {
  const auto key = key_in_output(output);
  REQUIRE_FALSE(key);
  CHECK(key.error().kind == ErrorKind::key_unavailable);
  return key.error().message;
}

std::string set_in(const std::string& text, const std::string& name, const KeyCommand& command) {
  const auto edited = with_key_command(text, keys_path, name, command);
  REQUIRE(edited);
  return *edited;
}

}  // namespace

TEST_CASE("keys.json names a command for each variable, with times of its own") {
  const auto commands = parse_key_commands(R"({
    // comments are fine
    "keys": {
      "A_KEY": {"command": ["op", "read", "op://work/a/key"], "note": "unknown members stay"},
      "B_KEY": {"command": ["pass show b | head -1"], "shell": true, "timeoutMs": 5000, "lifetimeMs": 0},
    },
  })", keys_path);
  REQUIRE(commands);
  REQUIRE(commands->size() == 2);
  CHECK(commands->at("A_KEY") == KeyCommand{{"op", "read", "op://work/a/key"}, false, milliseconds(30'000), milliseconds(900'000)});
  CHECK(commands->at("B_KEY") == KeyCommand{{"pass show b | head -1"}, true, milliseconds(5000), milliseconds(0)});
  CHECK(parse_key_commands("{}", keys_path)->empty());
  CHECK(parse_key_commands(R"({"keys": {}})", keys_path)->empty());
}

TEST_CASE("of a name that stands there twice the last command counts") {
  CHECK(parse_key_commands(R"({"keys": {"A": {"command": ["x"]}, "A": {"command": ["y"]}}})", keys_path)->at("A").command == Words{"y"});
}

TEST_CASE("a keys.json that cannot be used is refused with line and column") {
  struct Row {
    std::string text;
    long line, column;
    std::string says;
  };
  const auto row = GENERATE(values<Row>({
      {"{\n  \"keys\": {\n    A: 1\n", 3, 5, "does not parse"},
      {"", 1, 1, "does not parse"},
      {"[]", 1, 1, "a wrong the top level: expected an object"},
      {"{\"keys\": 1}", 1, 10, "a wrong keys: expected an object"},
      {"{\"keys\": {\n \"A\": \"op read\"}}", 2, 7, "a wrong keys.A: expected an object"},
      {"{\"keys\": {\"A\": {}}}", 1, 16, "keys.A.command: expected a list of strings"},
      {"{\"keys\": {\"A\": {\"command\": []}}}", 1, 28, "keys.A.command: expected a list of strings"},
      {"{\"keys\": {\"A\": {\"command\": \"op read\"}}}", 1, 28, "keys.A.command: expected a list of strings"},
      {"{\"keys\": {\"A\": {\"command\": [\"x\", 1]}}}", 1, 28, "keys.A.command: expected a list of strings"},
      {"{\"keys\": {\"A\": {\"command\": [\"x\"], \"shell\": 1}}}", 1, 44, "keys.A.shell: expected true or false"},
      {"{\"keys\": {\"A\": {\"command\": [\"x\"], \"timeoutMs\": -1}}}", 1, 48, "keys.A.timeoutMs: expected milliseconds"},
      {"{\"keys\": {\"A\": {\"command\": [\"x\"], \"timeoutMs\": 120001}}}", 1, 16, "from 1 to 120000 ms"},
      {"{\"keys\": {\"PATH\": {\"command\": [\"x\"]}}}", 1, 19, "keys.PATH"},
      {"{\"keys\": {\"A\": {\"command\": [\"./x\"]}}}", 1, 16, "relative path"},
  }));
  CAPTURE(row.text);
  const auto commands = parse_key_commands(row.text, keys_path);
  REQUIRE_FALSE(commands);
  CHECK(commands.error().kind == ErrorKind::settings_unreadable);
  CHECK(commands.error().data["path"] == keys_path);
  CHECK(commands.error().data["line"] == row.line);
  CHECK(commands.error().data["column"] == row.column);
  INFO(commands.error().message);
  CHECK(commands.error().message.find(row.says) != std::string::npos);
}

TEST_CASE("a command is set in the style of the file, and nothing else of it changes") {
  CHECK(set_in("", "A_KEY", command_of({"op", "read", "x\"y"})) ==
        "{\n  \"keys\": {\n    \"A_KEY\": {\n      \"command\": [\"op\", \"read\", \"x\\\"y\"]\n    }\n  }\n}\n");
  const std::string text =
      "{\n    // mine\n    \"keys\": {\n        \"A_KEY\": {\"command\": [\"old\"], \"note\": 1, \"timeoutMs\": 5}\n    },\n    \"other\": 1\n}\n";
  CHECK(set_in(text, "A_KEY", command_of({"new"})) ==
        "{\n    // mine\n    \"keys\": {\n        \"A_KEY\": {\"command\": [\"new\"], \"note\": 1}\n    },\n    \"other\": 1\n}\n");
  CHECK(set_in(text, "A_KEY", {{"old"}, false, milliseconds(5)}) == text);
  const std::string both = set_in(text, "B_KEY", {{"x y"}, true, milliseconds(1000), milliseconds(0)});
  const auto commands = parse_key_commands(both, keys_path);
  CHECK(commands->at("A_KEY").command == Words{"old"});
  CHECK(commands->at("B_KEY") == KeyCommand{{"x y"}, true, milliseconds(1000), milliseconds(0)});
}

TEST_CASE("a command is removed wherever its name stands") {
  const std::string text = "{\"keys\": {\"A\": {\"command\": [\"x\"]}, \"B\": {\"command\": [\"y\"]}, \"A\": {\"command\": [\"z\"]}}}";
  CHECK(*without_key_command(text, keys_path, "A") == "{\"keys\": {\"B\": {\"command\": [\"y\"]}}}");
  CHECK(*without_key_command(text, keys_path, "C") == text);
  CHECK_FALSE(without_key_command("{", keys_path, "A"));
  CHECK_FALSE(with_key_command("{", keys_path, "A", command_of({"x"})));
}

TEST_CASE("there is a bound for the number of commands") {
  std::string text;
  for (std::size_t i = 0; i < limits::key_commands_max; ++i) text = set_in(text, "K" + std::to_string(i), command_of({"x"}));
  CHECK_FALSE(with_key_command(text, keys_path, "ONE_MORE", command_of({"x"})));
  CHECK(with_key_command(text, keys_path, "K7", command_of({"y"})));
}

TEST_CASE("what can be no command is refused, with the field at fault") {
  CHECK(refusal("1A", command_of({"x"})).field == "name");
  CHECK(refusal("LD_PRELOAD", command_of({"x"})).field == "name");
  CHECK(refusal("A-B", command_of({"x"})).field == "name");
  CHECK(refusal("A", command_of({})).field == "command");
  CHECK(refusal("A", command_of({""})).field == "command");
  CHECK(refusal("A", command_of({"bin/x"})).field == "command");
  CHECK(refusal("A", command_of({std::string("x\0y", 3)})).field == "command");
  CHECK(refusal("A", command_of({"x", std::string(16 * 1024, 'a')})).field == "command");
  CHECK(refusal("A", {{"x", "y"}, true}).field == "command");
  CHECK(refusal("A", {{"x"}, false, milliseconds(0)}).field == "timeoutMs");
  CHECK(refusal("A", {{"x"}, false, milliseconds(120'001)}).field == "timeoutMs");
  CHECK(refusal("A", {{"x"}, false, milliseconds(1), milliseconds(86'400'001)}).field == "lifetimeMs");
  CHECK(acceptable_key_command("A", {{"/usr/bin/x", ""}, false, milliseconds(120'000), milliseconds(86'400'000)}));
  CHECK(acceptable_key_command("A", {{"./x | y"}, true}));
}

TEST_CASE("a key in the command itself is refused, and the name of one is not") {
  for (const char* word : {"sk-or-v1-0123456789abcdef", "KEY=sk-0123456789abcdefg", "echo sk-proj-a1b2c3d4e5f6g7h8", "Bearer sk-ant-0123456789abcdef"}) {
    CAPTURE(word);
    const Error error = refusal("A", command_of({"echo", word}));
    CHECK(error.field == "command");
    CHECK(error.message.find("0123") == std::string::npos);
  }
  for (const char* word : {"op://work/sk-openai-key-2024-11/credential", "sk-openai", "--secret-id=prod/openai", "-field=token", "api_key"}) {
    CAPTURE(word);
    CHECK(acceptable_key_command("A", command_of({"op", word})));
  }
}

TEST_CASE("a shell is used only where it is asked for") {
  CHECK(arguments_of(command_of({"echo", "$HOME; rm x"})) == Words{"echo", "$HOME; rm x"});
  CHECK(arguments_of({{"pass show a | head -1"}, true}) == Words{"/bin/sh", "-c", "pass show a | head -1"});
}

TEST_CASE("a command gets the caller's environment as a whole, or what the caller chose over the daemon's") {
  Environment daemon;
  daemon.variables = {{"PATH", "/bin"}, {"HOME", "/home/u"}, {"LANG", "C"}};
  Environment caller = daemon;
  caller.from_caller = true;
  caller.variables = {{"PATH", "/mine"}, {"OP_SESSION", "x"}};
  CHECK(command_environment(caller, daemon) == Variables{{"PATH", "/mine"}, {"OP_SESSION", "x"}});
  caller.variables = {{"HOME", "/other"}};
  CHECK(command_environment(caller, daemon) == Variables{{"PATH", "/bin"}, {"HOME", "/other"}, {"LANG", "C"}});
  CHECK(command_environment(daemon, daemon) == daemon.variables);
  caller.variables = {{"PATH", "/mine"}, {"", "x"}, {"A=B", "x"}, {"N", std::string("a\0b", 3)}};
  CHECK(command_environment(caller, daemon) == Variables{{"PATH", "/mine"}});
}

TEST_CASE("an answer's digest tells apart what a command's answer depends on, and nothing else") {
  const Variables here{{"HOME", "/home/u"}, {"VAULT_ADDR", "https://a"}, {"ITEM", "one"}, {"TERM", "xterm"}};
  const KeyCommand command = command_of({"vault", "read"});
  const std::string digest = answer_digest(command, "/home/u", here);
  CHECK(digest.size() == 64);
  const auto with = [&](const std::string& name, const std::string& value) {
    Variables changed = here;
    changed[name] = value;
    return answer_digest(command, "/home/u", changed);
  };
  for (const char* name : {"OP_SESSION", "VAULT_ADDR", "AWS_PROFILE", "AZURE_CONFIG_DIR", "GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CONFIG", "BW_SESSION",
                           "PASSWORD_STORE_DIR", "HOME", "GNUPGHOME", "KUBECONFIG"})
    CHECK(with(name, "other") != digest);
  for (const char* name : {"TERM", "ITEM", "PATH", "VAULT", "MY_VAULT_ADDR"}) CHECK(with(name, "other") == digest);
  CHECK(answer_digest(command, "/root", here) != digest);
  CHECK(answer_digest(command_of({"vault", "list"}), "/home/u", here) != digest);
  CHECK(answer_digest({.command = command.command, .lifetime = milliseconds(1)}, "/home/u", here) != digest);
  CHECK(answer_digest(command_of({"ab", "c"}), "/", {}) != answer_digest(command_of({"a", "bc"}), "/", {}));
  CHECK(answer_digest(command, "/", {{"OP_A", "x"}, {"OP_B", ""}}) != answer_digest(command, "/", {{"OP_A", ""}, {"OP_B", "x"}}));
  // What the command mentions.
  for (const char* text : {"pass show $ITEM", "pass show \"${ITEM}\""}) {
    const KeyCommand shell{.command = {text}, .shell = true};
    Variables changed = here;
    changed["ITEM"] = "two";
    CHECK(answer_digest(shell, "/home/u", here) != answer_digest(shell, "/home/u", changed));
  }
}

TEST_CASE("a program is looked for below the absolute directories of the caller's PATH") {
  const Variables variables{{"PATH", "/a:.:relative::/b"}};
  CHECK(program_candidates("op", variables) == Words{"/a/op", "/b/op"});
  CHECK(program_candidates("/opt/op", variables) == Words{"/opt/op"});
  CHECK(program_candidates("op", {}) == Words{"/usr/local/bin/op", "/usr/bin/op", "/bin/op"});
}

TEST_CASE("a key is the one line that was printed, without what is around it") {
  CHECK(key_in_output("sk-1\n")->reveal() == "sk-1");
  CHECK(key_in_output("sk-1")->reveal() == "sk-1");
  CHECK(key_in_output("\r\n  sk-1 \t\r\n\n")->reveal() == "sk-1");
  CHECK(output_refused("") == "it printed nothing");
  CHECK(output_refused(" \n\n") == "it printed nothing");
  CHECK(output_refused("sk-1\nsk-2\n") == "it printed 2 lines, and a key is one line");
  CHECK(output_refused("a key: sk-secret\n") == "it printed a line with characters that no key has");
  CHECK(output_refused("sk-\xE2\x80\x9C") == "it printed a line with characters that no key has");
  CHECK(output_refused(std::string("sk-\0x", 5)) == "it printed a line with characters that no key has");
}

TEST_CASE("a complaint is shown without what may be the key") {
  CHECK(shown_complaint("[ERROR] account is not signed in\n", "") == "[ERROR] account is not signed in");
  CHECK(shown_complaint("+ echo my-own-secret\n", "my-own-secret\n") == "+ echo ••••");
  CHECK(shown_complaint("got sk-0123456789abcdef", "") == "got sk-••••");
  CHECK(shown_complaint("value Zx81kQ0vP3mN7bT2 bad", "") == "value •••• bad");
  CHECK(shown_complaint("x abcdefghijklmnopqrstuvwxyzabcdefgh", "") == "x ••••");
  CHECK(shown_complaint("\x1b[31mred\x1b[0m\nand more", "") == "red and more");
  // What cannot be looked for is not risked.
  CHECK(shown_complaint("anything", std::string(17, '\n')) == "");
  CHECK(shown_complaint("anything", std::string(2000, 'x')) == "");
}

TEST_CASE("keys.json is in the user's configuration, and a relative XDG_CONFIG_HOME counts as none") {
  Environment environment;
  environment.home = "/home/u";
  CHECK(key_commands_path(environment) == "/home/u/.config/qwen-authd/keys.json");
  environment.variables["XDG_CONFIG_HOME"] = "/etc/mine";
  CHECK(key_commands_path(environment) == "/etc/mine/qwen-authd/keys.json");
  environment.variables["XDG_CONFIG_HOME"] = "mine";
  CHECK(key_commands_path(environment) == "/home/u/.config/qwen-authd/keys.json");
}
