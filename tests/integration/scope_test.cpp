// Where a commit saves, and whose environment judges it (PRD, Persist scope; rpc-contract, Context).
#include <catch2/catch.hpp>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

struct Workspace {
  explicit Workspace(const Daemon& daemon, const std::string& text = "")
      : directory(daemon.path("work")), settings_path(directory + "/.qwen/settings.json") {
    write_file(directory + "/placeholder", "");
    if (!text.empty()) write_file(settings_path, text);
  }
  Json context() const { return {{"cwd", directory}}; }
  std::string directory, settings_path;
};

std::string scope_of(Client& client, const Json& context, const std::string& scope = "auto") {
  return preview(client, walk_to_review(client, {.scope = scope, .context = context}))["scope"];
}

}  // namespace

TEST_CASE("A workspace that owns modelProviders is where it is saved, any other is not") {
  struct Row {
    std::string text, scope;
  };
  for (const Row& row : std::vector<Row>{
           {"", "user"},
           {"{}", "user"},
           {R"({"model": {"name": "x"}})", "user"},
           {R"({"modelProviders": {}})", "workspace"},
           {R"({"modelProviders": {"anthropic": []}})", "workspace"},
       }) {
    INFO(row.text);
    const Daemon daemon;
    const Workspace workspace(daemon, row.text);
    Client client = daemon.connect();
    CHECK(scope_of(client, workspace.context()) == row.scope);
    CHECK(scope_of(client, workspace.context(), "user") == "user");
    CHECK(scope_of(client, workspace.context(), "workspace") == "workspace");
    CHECK(scope_of(client, nullptr) == "user");
  }
}

TEST_CASE("A commit in a workspace writes its file and leaves the user's alone") {
  const Daemon daemon;
  const Workspace workspace(daemon, R"({"modelProviders": {}})");
  Client client = daemon.connect();
  const Json saved = set_up(client, {.context = workspace.context()})["saved"];
  CHECK(saved["scope"] == "workspace");
  CHECK(saved["path"] == workspace.settings_path);
  CHECK(Json::parse(read_file(workspace.settings_path))["model"]["name"] == "m1");
  CHECK_FALSE(exists(daemon.settings_path()));
  client.call("settings.restore", {{"snapshot", saved["snapshot"]}});
  CHECK(read_file(workspace.settings_path) == R"({"modelProviders": {}})");
}

TEST_CASE("A list that the workspace's own would hide is copied along, and that is said") {
  const Daemon daemon;
  const Workspace workspace(daemon, R"({"modelProviders": {"anthropic": []}})");
  const Json mine = {{"id", "mine"}, {"baseUrl", "http://localhost:1/v1"}, {"envKey", "MINE"}};
  write_file(daemon.settings_path(), Json{{"modelProviders", {{"openai", {mine}}}}}.dump());
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.context = workspace.context()});
  CHECK(codes_of(preview(client, session)["warnings"]) == std::vector<std::string>{"P407"});
  commit(client, session);
  const Json list = Json::parse(read_file(workspace.settings_path))["modelProviders"]["openai"];
  REQUIRE(list.size() == 2);
  CHECK(list[0]["id"] == "m1");
  CHECK(list[1] == mine);
}

TEST_CASE("A higher scope that decides otherwise is warned of") {
  const Daemon daemon;
  const Workspace workspace(daemon, R"({"security": {"auth": {"selectedType": "gemini"}}})");
  Client client = daemon.connect();
  CHECK(codes_of(preview(client, walk_to_review(client, {.scope = "user", .context = workspace.context()}))["warnings"]) ==
        std::vector<std::string>{"P406"});
  write_file(daemon.path("system/settings.json"), R"({"security": {"auth": {"enforcedType": "anthropic"}}, "model": {"name": "x"}})");
  const Json warnings = preview(client, walk_to_review(client))["warnings"];
  REQUIRE(codes_of(warnings) == std::vector<std::string>{"P406", "P406"});
  CHECK(warnings[0]["message"].get<std::string>().find("enforcedType") != std::string::npos);
  CHECK(warnings[1]["message"].get<std::string>().find("model.name") != std::string::npos);
}

TEST_CASE("A folder that is not trusted is not written to by itself") {
  const Daemon daemon;
  const Workspace workspace(daemon, R"({"modelProviders": {}})");
  write_file(daemon.settings_path(), R"({"security": {"folderTrust": {"enabled": true}}})");
  Client client = daemon.connect();
  CHECK(scope_of(client, workspace.context()) == "user");
  write_file(daemon.home() + "/.qwen/trustedFolders.json", Json{{workspace.directory, "TRUST_FOLDER"}}.dump());
  client.call("daemon.reload");
  CHECK(scope_of(client, workspace.context()) == "workspace");
}

TEST_CASE("The home directory is no workspace") {
  const Daemon daemon;
  write_file(daemon.settings_path(), R"({"modelProviders": {}})");
  Client client = daemon.connect();
  CHECK(scope_of(client, {{"cwd", daemon.home()}}) == "user");
}

TEST_CASE("Without a workspace the workspace scope cannot be saved to, and the session stays") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.scope = "workspace"});
  for (const char* method : {"wizard.preview", "wizard.commit"}) {
    const Json error = client.refusal(method, {{"sessionId", session}});
    CHECK(error["code"] == -32012);
    CHECK(error["data"]["field"] == "scope");
  }
  CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == "custom-review-json");
}

TEST_CASE("A directory of the context that is not absolute is refused") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const char* name : {"cwd", "home"}) {
    const Json error = client.refusal("wizard.start", {{"flow", "custom-api-key"}, {"context", {{name, "relative/path"}}}});
    CHECK(error["code"] == -32012);
    CHECK(error["data"]["field"] == std::string("context.") + name);
  }
}

TEST_CASE("The daemon's own directory is never a workspace") {
  const Daemon daemon;
  write_file(daemon.path(".qwen/settings.json"), R"({"modelProviders": {}})");
  Client client = daemon.connect();
  CHECK(scope_of(client, daemon.context()) == "user");
}

TEST_CASE("The caller's home and QWEN_HOME decide where the user's file is") {
  const Daemon daemon;
  Client client = daemon.connect();
  const auto path_of = [&](const Json& context) {
    return preview(client, walk_to_review(client, {.context = context}))["path"].get<std::string>();
  };
  CHECK(path_of(daemon.context({{"HOME", daemon.path("other")}})) == daemon.path("other/.qwen/settings.json"));
  CHECK(path_of({{"home", daemon.path("third")}}) == daemon.path("third/.qwen/settings.json"));
  CHECK(path_of(daemon.context({{"QWEN_HOME", daemon.path("moved")}})) == daemon.path("moved/settings.json"));
  CHECK(path_of(daemon.context({{"QWEN_HOME", "~/moved"}})) == daemon.home() + "/moved/settings.json");
  write_file(daemon.home() + "/.env", "QWEN_HOME=" + daemon.path("by-dotenv") + "\n");
  CHECK(path_of(daemon.context()) == daemon.path("by-dotenv/settings.json"));
}

TEST_CASE("A variable of the caller that shadows the generated name is warned of, masked") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string name = env_key_of("openai", "http://127.0.0.1:9/v1");
  const Json shadowed = daemon.context({{name, "sk-an-old-export-12345"}});
  const std::string session = walk_to_review(client, {.context = shadowed});
  const Json state = client.call("wizard.state", {{"sessionId", session}});
  CHECK(codes_of(state["step"]["warnings"]) == std::vector<std::string>{"E101"});
  const Json warnings = preview(client, session)["warnings"];
  REQUIRE(codes_of(warnings) == std::vector<std::string>{"E101"});
  CHECK(warnings[0]["step"] == "custom-api-key-input");
  const std::string message = warnings[0]["message"];
  CHECK(message.find(name) != std::string::npos);
  CHECK(message.find("sk-••••••••••••••••") != std::string::npos);
  CHECK(message.find("old-export") == std::string::npos);
  // It does not block.
  CHECK(commit(client, session)["saved"]["changed"] == true);
  // The same value shadows nothing.
  CHECK(preview(client, walk_to_review(client, {.context = daemon.context({{name, std::string(canary)}})}))["warnings"] == Json::array());
  CHECK(preview(client, walk_to_review(client))["warnings"] == Json::array());
}

TEST_CASE("Results say whose environment judged them") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    Json context;
    std::string judge;
  };
  for (const Row& row : std::vector<Row>{{nullptr, "daemon"},
                                         {{{"cwd", daemon.home()}}, "daemon"},
                                         {daemon.context(), "caller"},
                                         {{{"env", Json::object()}}, "caller"}}) {
    INFO(row.context.dump());
    const std::string session = walk_to_review(client, {.context = row.context});
    CHECK(preview(client, session)["judgedBy"] == row.judge);
    CHECK(commit(client, session)["judgedBy"] == row.judge);
    Json params = Json::object();
    if (!row.context.is_null()) params["context"] = row.context;
    CHECK(client.reveal("env.export", params)["judgedBy"] == row.judge);
  }
}

// rpc-contract, Context: "Every result that used an environment says judgedBy." A State of the
// custom flow did: its warnings are about the files that the environment names.
TEST_CASE("A state says whose environment judged its warnings") {
  const Daemon daemon;
  Client client = daemon.connect();
  CHECK(start(client).value("judgedBy", "") == "daemon");
  CHECK(start(client, {.context = daemon.context()}).value("judgedBy", "") == "caller");
}
