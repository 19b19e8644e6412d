#include "daemon/core/environment.hpp"

#include <catch2/catch.hpp>

namespace authd::core {
namespace {

Environment environment(Variables variables, std::string home = "/home/u", std::optional<std::string> cwd = {}) {
  Environment made;
  made.variables = std::move(variables);
  made.home = std::move(home);
  made.cwd = std::move(cwd);
  return made;
}

}  // namespace

TEST_CASE("the caller's environment judges where it is given, else the daemon's") {
  const Environment daemon = environment({{"A", "daemon"}}, "/home/daemon", "/daemon/dir");
  Context context;
  auto judging = judging_environment(context, daemon);
  REQUIRE(judging);
  CHECK(judging->judged_by() == "daemon");
  CHECK(judging->get("A") == "daemon");
  CHECK(judging->home == "/home/daemon");
  CHECK_FALSE(judging->cwd);  // never the daemon's own directory
  context.env = std::map<std::string, std::string>{{"B", "caller"}};
  context.cwd = "/repo/";
  judging = judging_environment(context, daemon);
  REQUIRE(judging);
  CHECK(judging->judged_by() == "caller");
  CHECK(judging->get("A").empty());
  CHECK(judging->get("B") == "caller");
  CHECK(judging->home == "/home/daemon");
  CHECK(judging->cwd == "/repo");
}

TEST_CASE("the caller's home is the one that it says, then its HOME, then the daemon's") {
  const Environment daemon = environment({}, "/home/daemon");
  Context context;
  context.env = std::map<std::string, std::string>{{"HOME", "/home/env/"}};
  CHECK(judging_environment(context, daemon)->home == "/home/env");
  context.home = "/home/said";
  CHECK(judging_environment(context, daemon)->home == "/home/said");
  context.env.reset();
  CHECK(judging_environment(context, daemon)->home == "/home/said");
}

TEST_CASE("relative paths of a context are refused and named") {
  for (const bool home : {false, true})
    for (const char* path : {"repo", "./repo", "", "~/x"}) {
      Context context;
      (home ? context.home : context.cwd) = path;
      CAPTURE(home, path);
      const auto judging = judging_environment(context, {});
      REQUIRE_FALSE(judging);
      CHECK(judging.error().kind == ErrorKind::invalid_input);
      CHECK(judging.error().field == (home ? "context.home" : "context.cwd"));
    }
}

TEST_CASE("the files are where Qwen Code has them") {
  struct Row {
    std::string what;
    Environment environment;
    std::string user, system, system_defaults, trusted;
    std::optional<std::string> workspace;
  };
  const std::string etc = "/etc/qwen-code/settings.json", defaults = "/etc/qwen-code/system-defaults.json";
  const auto row = GENERATE_COPY(values<Row>({
      {"nothing set", environment({}), "/home/u/.qwen/settings.json", etc, defaults, "/home/u/.qwen/trustedFolders.json", {}},
      {"a workspace", environment({}, "/home/u", "/repo"), "/home/u/.qwen/settings.json", etc, defaults,
       "/home/u/.qwen/trustedFolders.json", "/repo/.qwen/settings.json"},
      {"QWEN_HOME replaces ~/.qwen itself", environment({{"QWEN_HOME", "/alt/"}}), "/alt/settings.json", etc, defaults, "/alt/trustedFolders.json", {}},
      {"QWEN_HOME with ~", environment({{"QWEN_HOME", "~/alt"}}), "/home/u/alt/settings.json", etc, defaults, "/home/u/alt/trustedFolders.json", {}},
      {"QWEN_HOME is ~", environment({{"QWEN_HOME", "~"}}), "/home/u/settings.json", etc, defaults, "/home/u/trustedFolders.json", {}},
      {"QWEN_HOME relative", environment({{"QWEN_HOME", "alt"}}, "/home/u", "/repo"), "/repo/alt/settings.json", etc, defaults,
       "/repo/alt/trustedFolders.json", "/repo/.qwen/settings.json"},
      {"QWEN_HOME empty", environment({{"QWEN_HOME", ""}}), "/home/u/.qwen/settings.json", etc, defaults, "/home/u/.qwen/trustedFolders.json", {}},
      {"the system's file elsewhere", environment({{"QWEN_CODE_SYSTEM_SETTINGS_PATH", "/s/x.json"}}), "/home/u/.qwen/settings.json",
       "/s/x.json", "/s/system-defaults.json", "/home/u/.qwen/trustedFolders.json", {}},
      {"both elsewhere", environment({{"QWEN_CODE_SYSTEM_SETTINGS_PATH", "/s/x.json"}, {"QWEN_CODE_SYSTEM_DEFAULTS_PATH", "/d/y.json"}}),
       "/home/u/.qwen/settings.json", "/s/x.json", "/d/y.json", "/home/u/.qwen/trustedFolders.json", {}},
      {"trust elsewhere", environment({{"QWEN_CODE_TRUSTED_FOLDERS_PATH", "/t.json"}}), "/home/u/.qwen/settings.json", etc, defaults, "/t.json", {}},
      {"no home", environment({}, ""), "/tmp/.qwen/settings.json", etc, defaults, "/tmp/.qwen/trustedFolders.json", {}},
  }));
  CAPTURE(row.what);
  const SettingsPaths paths = settings_paths(row.environment, {});
  CHECK(paths.user == row.user);
  CHECK(paths.system == row.system);
  CHECK(paths.system_defaults == row.system_defaults);
  CHECK(paths.trusted_folders == row.trusted);
  CHECK(paths.workspace == row.workspace);
}

TEST_CASE("QWEN_HOME may come from ~/.qwen/.env or ~/.env, in this order, where the environment lacks it") {
  const std::vector<std::vector<DotenvEntry>> both{{{"X", "1"}, {"QWEN_HOME", "/first"}}, {{"QWEN_HOME", "/second"}}};
  CHECK(home_dotenv_paths(environment({})) == std::vector<std::string>{"/home/u/.qwen/.env", "/home/u/.env"});
  CHECK(settings_paths(environment({}), both).qwen_dir == "/first");
  CHECK(settings_paths(environment({}), {{}, both[1]}).qwen_dir == "/second");
  CHECK(settings_paths(environment({{"QWEN_HOME", "/own"}}), both).qwen_dir == "/own");
  // One that is exported empty is there: no file is looked at (measured with 0.24.4).
  CHECK(settings_paths(environment({{"QWEN_HOME", ""}}), both).qwen_dir == "/home/u/.qwen");
  CHECK(settings_paths(environment({}), {{{"QWEN_HOME", "~/z"}}}).qwen_dir == "/home/u/z");
  CHECK(settings_paths(environment({}), {{{"QWEN_CODE_TRUSTED_FOLDERS_PATH", "/t.json"}}}).trusted_folders == "/t.json");
  // These two are never taken from a file.
  CHECK(settings_paths(environment({}), {{{"QWEN_CODE_SYSTEM_SETTINGS_PATH", "/evil"}}}).system == "/etc/qwen-code/settings.json");
}

TEST_CASE("the daemon's own state is where XDG says") {
  CHECK(state_directory(environment({})) == "/home/u/.local/state/qwen-authd");
  CHECK(state_directory(environment({{"XDG_STATE_HOME", "/state"}})) == "/state/qwen-authd");
  CHECK(state_directory(environment({{"XDG_STATE_HOME", ""}})) == "/home/u/.local/state/qwen-authd");
  CHECK(state_directory(environment({{"XDG_STATE_HOME", "relative"}})) == "/home/u/.local/state/qwen-authd");
}

TEST_CASE("a folder is trusted by the nearest rule, and without one nothing is known of it") {
  Json rules = Json::parse(R"({"/work/a": "TRUST_FOLDER", "/work/b/x/": "TRUST_PARENT", "/work/c": "DO_NOT_TRUST",
                               "/work/a/no": "DO_NOT_TRUST", "/work/a/no/yes": "TRUST_FOLDER", "/odd": 7, "/": "nonsense"})");
  for (const char* folder : {"/work/a", "/work/a/deep/er", "/work/b", "/work/b/x", "/work/b/y", "/work/a/no/yes", "/work/a/no/yes/z"}) {
    CAPTURE(folder);
    CHECK(folder_trust(rules, folder) == FolderTrust::trusted);
  }
  for (const char* folder : {"/work/c", "/work/c/d", "/work/a/no", "/work/a/no/way"}) {
    CAPTURE(folder);
    CHECK(folder_trust(rules, folder) == FolderTrust::untrusted);
  }
  for (const char* folder : {"/work", "/work/ab", "/odd", "/", "/elsewhere"}) {
    CAPTURE(folder);
    CHECK(folder_trust(rules, folder) == FolderTrust::unknown);
  }
  for (const char* other : {"null", "[]", "7", "{}"}) CHECK(folder_trust(Json::parse(other), "/work/a") == FolderTrust::unknown);
  CHECK(folder_trust(Json::parse(R"({"/": "TRUST_FOLDER"})"), "/anything") == FolderTrust::trusted);
}

TEST_CASE("two trust rules for one folder: the one that does not trust counts") {
  Json rules = Json::parse(R"({"/work/a/x": "TRUST_PARENT", "/work/a": "DO_NOT_TRUST"})");
  CHECK(folder_trust(rules, "/work/a") == FolderTrust::untrusted);
}

TEST_CASE("before 0.23.0 any rule that trusts wins, and DO_NOT_TRUST is for one folder alone") {
  const CliRules old = rules_of({0, 15, 6});
  Json rules = Json::parse(R"({"/work/a": "TRUST_FOLDER", "/work/a/no": "DO_NOT_TRUST", "/work/c": "DO_NOT_TRUST"})");
  CHECK(folder_trust(rules, "/work/a/no", old) == FolderTrust::trusted);
  CHECK(folder_trust(rules, "/work/c", old) == FolderTrust::untrusted);
  CHECK(folder_trust(rules, "/work/c/d", old) == FolderTrust::unknown);
}

}  // namespace authd::core
