// Where a variable comes from: cases of the facts file, 8, each for the versions that differ.
#include <catch2/catch.hpp>

#include "tests/unit/place.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::place;
using test::PlaceTexts;
using test::reason_of;
using test::v0_15_6;
using test::v0_24_4;
using test::winner_of;

const std::string user_settings = "/home/u/.qwen/settings.json";
const char* const env_K = R"({"$version": 4,
  "env": {"K": "sk-user"}})";

}  // namespace

TEST_CASE("the first place in Qwen Code's order that has a variable gives it (facts, 8)") {
  struct Row {
    const char* name;
    PlaceTexts texts;
    const char *value_old, *from_old, *value_new, *from_new;  // K; "-" = not set, "" = nobody wins
  };
  const auto row = GENERATE(values<Row>({
      {"8: settings.env alone", {.user = env_K}, "sk-user", "/home/u/.qwen/settings.json:2", "sk-user", "/home/u/.qwen/settings.json:2"},
      {"8: the shell outranks every file",
       {.user = env_K, .dotenvs = {{"/home/u/p/.env", "K=sk-project"}}, .env = {{"K", "sk-shell"}}},
       "sk-shell", "export", "sk-shell", "export"},
      {"8: an empty exported variable blocks 0.15.6 and not 0.24.4", {.user = env_K, .env = {{"K", ""}}}, "", "export", "sk-user",
       "/home/u/.qwen/settings.json:2"},
      {"8: a blank is not empty", {.user = env_K, .env = {{"K", " "}}}, " ", "export", " ", "export"},
      {"8: project .env outranks settings.env",
       {.user = env_K, .dotenvs = {{"/home/u/p/.env", "\nK=sk-project"}}}, "sk-project", "/home/u/p/.env:2", "sk-project", "/home/u/p/.env:2"},
      {"8: .qwen/.env before .env",
       {.dotenvs = {{"/home/u/p/.env", "K=a"}, {"/home/u/p/.qwen/.env", "K=b"}}}, "b", "/home/u/p/.qwen/.env:1", "b", "/home/u/p/.qwen/.env:1"},
      {"8: the nearest project file hides the others, also without the key",
       {.user = env_K, .dotenvs = {{"/home/u/p/.env", "X=1"}, {"/home/u/.env", ""}}, .cwd = "/home/u/p"},
       "sk-user", "/home/u/.qwen/settings.json:2", "sk-user", "/home/u/.qwen/settings.json:2"},
      {"8: 0.15.6 reads one file, 0.24.4 the project's and the home's",
       {.user = env_K, .dotenvs = {{"/home/u/p/.env", "X=1"}, {"/home/u/.qwen/.env", "K=sk-home"}}},
       "sk-user", "/home/u/.qwen/settings.json:2", "sk-home", "/home/u/.qwen/.env:1"},
      {"8: both home files, for 0.24.4", {.user = env_K, .dotenvs = {{"/home/u/.qwen/.env", "X=1"}, {"/home/u/.env", "K=sk-home"}}},
       "sk-user", "/home/u/.qwen/settings.json:2", "sk-home", "/home/u/.env:1"},
      {"8: ~/.qwen/.env before ~/.env", {.dotenvs = {{"/home/u/.qwen/.env", "K=a"}, {"/home/u/.env", "K=b"}}},
       "a", "/home/u/.qwen/.env:1", "a", "/home/u/.qwen/.env:1"},
      {"8: an ancestor's file counts", {.dotenvs = {{"/home/u/p/.env", "K=up"}}, .cwd = "/home/u/p/a/b"},
       "up", "/home/u/p/.env:1", "up", "/home/u/p/.env:1"},
      {"8: above the home only 0.15.6 looks", {.dotenvs = {{"/home/.env", "K=above"}}}, "above", "/home/.env:1", "-", ""},
      {"8: outside the home", {.dotenvs = {{"/srv/.env", "K=srv"}, {"/home/u/.env", "K=home"}}, .cwd = "/srv/x"},
       "srv", "/srv/.env:1", "srv", "/srv/.env:1"},
      {"8: in the home itself", {.dotenvs = {{"/home/u/.env", "K=home"}}, .cwd = "/home/u"}, "home", "/home/u/.env:1", "home", "/home/u/.env:1"},
      {"8: an empty value in a file blocks 0.15.6", {.user = env_K, .dotenvs = {{"/home/u/p/.env", "K="}}},
       "", "/home/u/p/.env:1", "sk-user", "/home/u/.qwen/settings.json:2"},
      {"8: of two lines the last", {.dotenvs = {{"/home/u/p/.env", "K=a\nK=b"}}}, "b", "/home/u/p/.env:2", "b", "/home/u/p/.env:2"},
      {"8: a number in settings.env is ignored", {.user = R"({"$version": 4, "env": {"K": 12345}})"}, "-", "", "-", ""},
      {"8: an empty string in settings.env is no value", {.user = R"({"$version": 4, "env": {"K": ""}})"},
       "", "/home/u/.qwen/settings.json:1", "", ""},
      {"1.2: workspace env over the user's", {.user = env_K, .workspace = R"({"env": {"K": "sk-ws"}})"},
       "sk-ws", "/home/u/p/.qwen/settings.json:1", "sk-ws", "/home/u/p/.qwen/settings.json:1"},
      {"1.2: system env over all", {.user = env_K, .workspace = R"({"env": {"K": "sk-ws"}})", .system = R"({"env": {"K": "sk-sys"}})"},
       "sk-sys", "/etc/qwen-code/settings.json:1", "sk-sys", "/etc/qwen-code/settings.json:1"},
      {"1.2: a number of a higher scope hides the string below", {.user = env_K, .workspace = R"({"env": {"K": 5}})"}, "-", "", "-", ""},
      {"1.2: an env that is no object hides all below", {.user = env_K, .workspace = R"({"env": null})"}, "-", "", "-", ""},
      {"1.2: system defaults are last", {.system_defaults = R"({"env": {"K": "sk-default"}})"},
       "sk-default", "/etc/qwen-code/system-defaults.json:1", "sk-default", "/etc/qwen-code/system-defaults.json:1"},
      {"1.3: the value is expanded", {.user = R"({"env": {"K": "sk-$HOME-end"}})", .env = {{"HOME", "/home/u"}}},
       "sk-/home/u-end", "/home/u/.qwen/settings.json:1", "sk-/home/u-end", "/home/u/.qwen/settings.json:1"},
      {"1.3: an unknown name stays", {.user = R"({"env": {"K": "sk-${NOPE}"}})"},
       "sk-${NOPE}", "/home/u/.qwen/settings.json:1", "sk-${NOPE}", "/home/u/.qwen/settings.json:1"},
      {"1.3: home files are read for it by 0.24.4", {.user = R"({"env": {"K": "$REAL"}})", .dotenvs = {{"/home/u/.env", "REAL=sk-real"}}},
       "$REAL", "/home/u/.qwen/settings.json:1", "sk-real", "/home/u/.qwen/settings.json:1"},
  }));
  CAPTURE(row.name);
  for (const CliVersion& version : {v0_15_6, v0_24_4}) {
    CAPTURE(version.text());
    PlaceTexts texts = row.texts;
    texts.version = version;
    const auto at = place(texts);
    CHECK(at.value("K").value_or("-") == (version == v0_15_6 ? row.value_old : row.value_new));
    CHECK(winner_of(at.explained("K")) == (version == v0_15_6 ? row.from_old : row.from_new));
  }
}

TEST_CASE("what a file may not say is not taken from it (facts, 8)") {
  struct Row {
    const char *why, *name, *file;  // "settings" = settings.env
    bool is_taken_old, is_taken_new;
  };
  const auto row = GENERATE(values<Row>({
      {"8: DEBUG of a project file", "DEBUG", "/home/u/p/.env", false, false},
      {"8: DEBUG_MODE of a project file", "DEBUG_MODE", "/home/u/p/.env", false, false},
      {"8: DEBUG of a .qwen directory", "DEBUG", "/home/u/p/.qwen/.env", true, true},
      {"8: DEBUG of ~/.env, which 0.15.6 takes for a project's", "DEBUG", "/home/u/.env", false, true},
      {"8: DEBUG of settings.env", "DEBUG", "settings", true, true},
      {"8: a loader variable of a project", "NODE_OPTIONS", "/home/u/p/.env", true, false},
      {"8: a loader variable of the home", "LD_PRELOAD", "/home/u/.qwen/.env", true, false},
      {"8: a loader variable of settings", "BASH_ENV", "settings", true, false},
      {"8: npm's - is its _", "npm_config_node-options", "/home/u/.qwen/.env", true, false},
      {"8: exported functions", "BASH_FUNC_x", "/home/u/.env", true, false},
      {"8: a hard exclusion of a project", "WGETRC", "/home/u/p/.env", true, false},
      {"8: in any case", "wgetrc", "/home/u/p/.env", true, false},
      {"8: in a .qwen directory of the project", "WGETRC", "/home/u/p/.qwen/.env", true, false},
      {"8: of settings, too", "WGETRC", "settings", true, false},
      {"8: and not of the home", "WGETRC", "/home/u/.env", true, true},
      {"8: numbered pairs of git", "GIT_CONFIG_KEY_12", "/home/u/p/.env", true, false},
      {"8: but only with a number", "GIT_CONFIG_KEY_x", "/home/u/p/.env", true, true},
      {"8: where the settings are", "QWEN_CODE_SYSTEM_SETTINGS_PATH", "/home/u/p/.env", true, false},
      {"8: PATH of settings", "PATH", "settings", true, false},
      {"8: PATH of a project", "PATH", "/home/u/p/.env", true, true},
      {"8: ENV of settings", "ENV", "settings", true, false},
      {"8: QWEN_SERVER_TOKEN of settings", "QWEN_SERVER_TOKEN", "settings", true, false},
      {"8: QWEN_SERVER_TOKEN of a project", "QWEN_SERVER_TOKEN", "/home/u/p/.env", true, true},
      {"8: LD_LIBRARY_PATH of settings", "LD_LIBRARY_PATH", "settings", true, false},
      {"8: LD_LIBRARY_PATH of a project", "LD_LIBRARY_PATH", "/home/u/p/.env", true, true},
      {"8: marks of its own processes", "SANDBOX", "/home/u/.env", true, false},
      {"an ordinary key", "K", "/home/u/p/.env", true, true},
  }));
  CAPTURE(row.why);
  for (const CliVersion& version : {v0_15_6, v0_24_4}) {
    CAPTURE(version.text());
    PlaceTexts texts{.version = version};
    const std::string file = row.file;
    if (file == "settings")
      texts.user = Json{{"$version", 4}, {"env", {{row.name, "x"}}}}.dump();
    else
      texts.dotenvs[file] = std::string(row.name) + "=x";
    const auto at = place(texts);
    const bool is_taken = version == v0_15_6 ? row.is_taken_old : row.is_taken_new;
    CHECK(at.value(row.name).has_value() == is_taken);
    CHECK(at.explained(row.name).winner.has_value() == is_taken);
  }
}

TEST_CASE("between the versions the lists grow (facts, 8; from the packages)") {
  const auto is_taken = [](const char* version, const std::string& name, const std::string& file) {
    PlaceTexts texts{.version = *parse_cli_version(version)};
    texts.dotenvs[file] = name + "=x";
    return place(texts).value(name).has_value();
  };
  CHECK(is_taken("0.15.6", "QWEN_HOME", "/home/u/p/.env"));
  CHECK_FALSE(is_taken("0.15.10", "QWEN_HOME", "/home/u/p/.env"));
  CHECK(is_taken("0.15.10", "QWEN_HOME", "/home/u/.env"));
  CHECK(is_taken("0.15.10", "QWEN_TLS_INSECURE", "/home/u/p/.env"));
  CHECK_FALSE(is_taken("0.21.2", "QWEN_TLS_INSECURE", "/home/u/p/.env"));
  CHECK(is_taken("0.21.2", "qwen_tls_insecure", "/home/u/p/.env"));
  CHECK_FALSE(is_taken("0.23.0", "qwen_tls_insecure", "/home/u/p/.env"));
  CHECK(is_taken("0.21.2", "NODE_OPTIONS", "/home/u/.env"));
  CHECK_FALSE(is_taken("0.23.0", "NODE_OPTIONS", "/home/u/.env"));
  CHECK(is_taken("0.23.0", "TMPDIR", "/home/u/p/.env"));
  CHECK_FALSE(is_taken("0.24.4", "TMPDIR", "/home/u/p/.env"));
  PlaceTexts texts{.user = R"({"env": {"NODE_OPTIONS": "x", "LD_PRELOAD": "x"}})", .version = {0, 21, 2}};
  CHECK_FALSE(place(texts).value("NODE_OPTIONS"));
}

TEST_CASE("advanced.excludedEnvVars takes the place of the default, and scopes add to it (facts, 8)") {
  PlaceTexts texts{.user = R"({"advanced": {"excludedEnvVars": ["K"]}})", .dotenvs = {{"/home/u/p/.env", "K=a\nDEBUG=1\nL=b"}}};
  CHECK_FALSE(place(texts).value("K"));
  CHECK(place(texts).value("DEBUG") == "1");
  texts.workspace = R"({"advanced": {"excludedEnvVars": ["L"]}})";
  CHECK_FALSE(place(texts).value("K"));
  CHECK_FALSE(place(texts).value("L"));
  CHECK(contains(reason_of(place(texts).explained("K"), "/home/u/p/.env:1"), "advanced.excludedEnvVars"));
  texts.user = R"({"advanced": {"excludedEnvVars": []}})";
  texts.workspace.reset();
  CHECK(place(texts).value("DEBUG") == "1");
}

TEST_CASE("a folder without a trust rule is trusted by 0.15.6 and not by 0.24.4 (facts, 1.2 and 8)") {
  struct Row {
    const char* name;
    const char* rules;
    const char *old_K, *new_K;
  };
  const auto row = GENERATE(values<Row>({
      {"no rule", "{}", "sk-project", "sk-user"},
      {"trusted", R"({"/home/u/p": "TRUST_FOLDER"})", "sk-project", "sk-project"},
      {"by the parent", R"({"/home/u/p/x": "TRUST_PARENT"})", "sk-project", "sk-project"},
      {"not trusted", R"({"/home/u/p": "DO_NOT_TRUST"})", "sk-user", "sk-user"},
      {"not trusted within a trusted one", R"({"/home/u": "TRUST_FOLDER", "/home/u/p": "DO_NOT_TRUST"})", "sk-project", "sk-user"},
  }));
  CAPTURE(row.name);
  for (const CliVersion& version : {v0_15_6, v0_24_4}) {
    CAPTURE(version.text());
    PlaceTexts texts{.user = R"({"env": {"K": "sk-user"}, "security": {"folderTrust": {"enabled": true}}})",
                     .workspace = R"({"env": {"W": "ws"}})",
                     .dotenvs = {{"/home/u/p/.env", "K=sk-project"}},
                     .trusted_folders = row.rules,
                     .version = version};
    const auto at = place(texts);
    const std::string expected = version == v0_15_6 ? row.old_K : row.new_K;
    CHECK(at.value("K") == expected);
    CHECK(at.value("W").has_value() == (expected == "sk-project"));
    if (expected == "sk-user")
      CHECK(contains(reason_of(at.explained("K"), "/home/u/p/.env:1"), "the folder is not trusted"));
  }
}

TEST_CASE("before 0.24.4 the user's settings outrank the system's about trust (measured)") {
  const char* const on = R"({"security": {"folderTrust": {"enabled": true}}})";
  const char* const off = R"({"security": {"folderTrust": {"enabled": false}}})";
  struct Row {
    PlaceTexts texts;
    bool is_trusted_old, is_trusted_new;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {{.system_defaults = on}, true, false},
      {{.system = on}, false, false},
      {{.user = off, .system = on}, true, false},
      {{.user = on, .system = off}, false, true},
  }));
  PlaceTexts texts = row.texts;
  texts.workspace = R"({"env": {"W": "ws"}})";
  texts.trusted_folders = R"({"/home/u/p": "DO_NOT_TRUST"})";
  CHECK(place(texts).value("W").has_value() == row.is_trusted_new);
  texts.version = {0, 23, 0};
  CHECK(place(texts).value("W").has_value() == row.is_trusted_old);
}

TEST_CASE("files of the home count in a folder that is not trusted, and an ancestor's is judged by itself (facts, 8)") {
  PlaceTexts texts{.user = R"({"security": {"folderTrust": {"enabled": true}}})",
                   .dotenvs = {{"/home/u/.env", "K=home"}},
                   .trusted_folders = R"({"/home/u/p": "DO_NOT_TRUST"})"};
  CHECK(place(texts).value("K") == "home");
  texts.dotenvs = {{"/home/u/p/.env", "K=up"}};
  texts.cwd = "/home/u/p/a";
  texts.trusted_folders = R"({"/home/u/p": "DO_NOT_TRUST", "/home/u/p/a": "TRUST_FOLDER"})";
  CHECK_FALSE(place(texts).value("K"));
  texts.version = {0, 21, 2};  // judges by the working directory alone
  CHECK(place(texts).value("K") == "up");
}

TEST_CASE("a trusted workspace may itself ask for rules, which then hold for .env files (facts, 8)") {
  PlaceTexts texts{.workspace = R"({"security": {"folderTrust": {"enabled": true}}, "env": {"W": "ws"}})",
                   .dotenvs = {{"/home/u/p/.env", "K=project"}}};
  CHECK(place(texts).value("W") == "ws");
  CHECK_FALSE(place(texts).value("K"));
}

TEST_CASE("an explanation lists every place from the highest priority down, with where and why") {
  const auto at = place({.user = "{\n\"env\": {\n\"K\": \"sk-user\"}}",
                         .workspace = "{}",
                         .dotenvs = {{"/home/u/p/.env", "# c\nK=sk-project"}, {"/home/u/.env", "K=sk-home"}}});
  const Explanation explanation = at.explained("K", {{"K", "sk-overlay"}});
  std::vector<std::string> seen;
  for (const VariableSource& source : explanation.sources)
    seen.push_back(std::string(source_kind_name(source.kind)) + " " + source.where + " " +
                   (source.value ? std::string(source.value->reveal()) : "-") + (source.applied ? " applied" : "") +
                   (source.exists ? "" : " missing"));
  CHECK(seen == std::vector<std::string>{
                    "shell export -",
                    "dotenv /home/u/p/.qwen/.env - missing",
                    "dotenv /home/u/p/.env:2 sk-project applied",
                    "dotenv /home/u/.qwen/.env - missing",
                    "dotenv /home/u/.env:1 sk-home",
                    "settings /etc/qwen-code/settings.json - missing",
                    "settings /home/u/p/.qwen/settings.json -",
                    "settings /home/u/.qwen/settings.json:3 sk-user",
                    "settings /etc/qwen-code/system-defaults.json - missing",
                    "overlay qwen-authd sk-overlay",
                });
  CHECK(explanation.winner == 2U);
  CHECK(reason_of(explanation, "export") == "It is not exported.");
  CHECK(reason_of(explanation, "/home/u/.env:1") == "/home/u/p/.env:2 comes first.");
  CHECK(reason_of(explanation, "/home/u/p/.qwen/settings.json") == "Its env does not have this variable.");
  CHECK(contains(reason_of(explanation, "qwen-authd"), "qwen-authctl exec"));
}

TEST_CASE("what the daemon would add never wins a plain start") {
  const auto at = place({});
  CHECK_FALSE(at.explained("K", {{"K", "sk"}}).winner);
  CHECK_FALSE(at.value("K"));
}

TEST_CASE("each rule that skips a file says so, with the file that ended the search (facts, 8)") {
  PlaceTexts texts{.dotenvs = {{"/home/u/p/.env", ""}, {"/home/u/p/a/.env", "X=1"}, {"/home/u/.qwen/.env", "K=b"}}, .cwd = "/home/u/p/a"};
  const auto newest = place(texts).explained("K");
  CHECK(reason_of(newest, "/home/u/p/.env") ==
        "Qwen Code reads only the nearest .env file of a project, which is /home/u/p/a/.env.");
  CHECK(winner_of(newest) == "/home/u/.qwen/.env:1");
  texts.version = v0_15_6;
  const auto old = place(texts).explained("K");
  CHECK(reason_of(old, "/home/u/.qwen/.env:1") ==
        "Qwen Code 0.15.6 reads only the first .env file that it finds, which is /home/u/p/a/.env.");
  auto at = place({.dotenvs = {{"/home/u/p/.env", ""}}});
  at.surroundings.dotenvs[1].trouble = "it is a directory";
  CHECK(reason_of(at.explained("K"), "/home/u/p/.env") == "It cannot be read: it is a directory.");
}

TEST_CASE("in 0.15.6 a file that cannot be read still ends the search") {
  auto at = place({.dotenvs = {{"/home/u/p/.env", ""}, {"/home/u/.env", "K=b"}}, .version = v0_15_6});
  at.surroundings.dotenvs[1].trouble = "it is a directory";
  CHECK_FALSE(at.value("K"));
}

TEST_CASE("Qwen Code starts itself twice, so settings see what files set, unless it may not") {
  PlaceTexts texts{.user = R"({"env": {"BASE": "http://h/v1", "K": "$BASE"},
    "modelProviders": {"openai": [{"id": "m", "baseUrl": "$BASE", "envKey": "K"}]}})"};
  CHECK(place(texts).models().at(0).base_url == "http://h/v1");
  CHECK(place(texts).value("K") == "$BASE");  // env is set in the first start
  texts.env = {{"QWEN_CODE_NO_RELAUNCH", "1"}};
  CHECK(place(texts).models().at(0).base_url == "$BASE");
  texts.env = {{"SANDBOX", "podman"}};
  CHECK(place(texts).models().at(0).base_url == "$BASE");
}

TEST_CASE("a flag takes the place of its variable, but not of what the entry names (facts, 9)") {
  PlaceTexts texts{.env = {{"OPENAI_API_KEY", "sk-shell"}, {"OPENAI_BASE_URL", "http://shell"}},
                   .args = {"--openai-api-key", "sk-flag", "--auth-type", "openai"}};
  CHECK(winner_of(place(texts).explained("OPENAI_API_KEY")) == "--openai-api-key");
  CHECK(winner_of(place(texts).explained("OPENAI_BASE_URL")) == "export");
  CHECK(reason_of(place(texts).explained("OPENAI_BASE_URL"), "--openai-base-url") == "The flag is not given.");
  CHECK(reason_of(place(texts).explained("OPENAI_MODEL"), "--model") == "The flag is not given.");
  CHECK(place(texts).explained("OTHER").sources.front().kind == SourceKind::shell);
  texts.user = R"({"modelProviders": {"openai": [{"id": "m", "baseUrl": "http://h", "envKey": "OPENAI_API_KEY"}]}, "model": {"name": "m"}})";
  CHECK(winner_of(place(texts).explained("OPENAI_API_KEY")) == "export");
  CHECK(contains(reason_of(place(texts).explained("OPENAI_API_KEY"), "--openai-api-key"), "outranks the flag"));
}

TEST_CASE("the names that matter are those of the protocols, of the entries and those that settings refer to") {
  const auto files = test::settings_files({.user = R"({"modelProviders": {"openai": [{"id": "m", "envKey": "MY_KEY", "baseUrl": "${MY_URL}"}]},
                                                       "mcpServers": {"x": {"env": {"T": "$TOKEN"}}}})"});
  const auto names = names_that_matter(files);
  for (const char* name : {"MY_KEY", "MY_URL", "TOKEN", "OPENAI_API_KEY", "ANTHROPIC_BASE_URL", "GOOGLE_MODEL", "PATH", "HOME", "no_proxy"}) {
    CAPTURE(name);
    CHECK(names.contains(name));
  }
  CHECK_FALSE(names.contains(""));
  CHECK_FALSE(names.contains("T"));
}

TEST_CASE("a .env file with very many variables is explained and loaded in reasonable time") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "V" + std::to_string(i) + "=x\n";
  const auto at = place({.dotenvs = {{"/home/u/p/.env", text}, {"/home/u/.env", text}}});
  CHECK(at.value("V49999") == "x");
  CHECK(winner_of(at.explained("V0")) == "/home/u/p/.env:1");
}

}  // namespace authd::core
