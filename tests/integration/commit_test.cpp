// What a commit writes, keeps and reports (PRD, Settings Write Design; rpc-contract, wizard.commit).
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const std::string openrouter = "https://openrouter.ai/api/v1";
const std::string openrouter_key = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1";

Json entry(const std::string& id, const std::string& base_url, const std::string& env_key) {
  return {{"id", id}, {"name", id}, {"baseUrl", base_url}, {"envKey", env_key}};
}

}  // namespace

TEST_CASE("The PRD's example is written as the PRD says, into a new and private file") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = openrouter, .model_ids = "qwen/qwen3-coder,openai/gpt-4.1"});
  const Json plan = preview(client, session);
  CHECK(plan["scope"] == "user");
  CHECK(plan["path"] == daemon.settings_path());
  CHECK(plan["exists"] == false);
  CHECK(plan["envKey"] == openrouter_key);
  CHECK(plan["request"] == Json{{"method", "POST"}, {"url", openrouter + "/chat/completions"}});
  CHECK(plan["warnings"] == Json::array());
  const Json models = {entry("qwen/qwen3-coder", openrouter, openrouter_key), entry("openai/gpt-4.1", openrouter, openrouter_key)};
  Json expected = {{"env", {{openrouter_key, "sk-••••••••••••••••"}}},
                   {"modelProviders", {{"openai", models}}},
                   {"security", {{"auth", {{"selectedType", "openai"}}}}},
                   {"model", {{"name", "qwen/qwen3-coder"}}}};
  CHECK(plan["patch"] == expected);
  CHECK(Json::parse(plan["text"].get<std::string>()) == expected);
  CHECK(plan["text"].get<std::string>().starts_with("{\n  \"env\": {\n    \"" + openrouter_key + "\": \"sk-•"));
  CHECK(plan["diff"].get<std::string>().find("+      \"selectedType\": \"openai\"") != std::string::npos);
  CHECK_FALSE(exists(daemon.home() + "/.qwen"));

  const Json result = commit(client, session);
  INFO(result.dump(2));
  expected["env"][openrouter_key] = canary;
  expected["$version"] = 4;
  CHECK(daemon.settings() == expected);
  CHECK(daemon.settings_text().starts_with("{\n  \"$version\": 4,\n  \"env\": {"));
  CHECK(daemon.settings_text().ends_with("}\n"));
  CHECK(mode_of(daemon.settings_path()) == 0600);
  CHECK(mode_of(daemon.home() + "/.qwen") == 0700);
  CHECK(names_in(daemon.home() + "/.qwen") == std::vector<std::string>{"settings.json"});

  CHECK(result["saved"]["scope"] == "user");
  CHECK(result["saved"]["path"] == daemon.settings_path());
  CHECK(result["saved"]["changed"] == true);
  CHECK(result["saved"]["backup"] == nullptr);
  CHECK(result["saved"]["snapshot"].is_string());
  CHECK(result["synced"] == Json::array({openrouter_key}));
  CHECK(result["notes"] == Json::array({"Qwen Code sessions already open do not see the new key: restart them."}));
}

TEST_CASE("A commit without a check says so and closes") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  const Json result = commit(client, session);
  CHECK(result["auth"]["state"] == "not_tested");
  CHECK_FALSE(result["auth"].contains("code"));
  CHECK(result["auth"]["hints"] == Json::array());
  CHECK(result["message"] == "Settings saved. The key was not checked.");
  CHECK(result["tip"] == "Tip: Use /model to switch between configured models.");
  CHECK(result["closed"] == true);
  CHECK(client.refusal("wizard.state", {{"sessionId", session}})["code"] == -32010);
}

TEST_CASE("A check before the write saves nothing when the key is refused") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "401")});
  const Json result = commit(client, session, {{"check", "before"}});
  CHECK(result["saved"] == nullptr);
  CHECK(result["synced"] == Json::array());
  CHECK(result["auth"]["state"] == "rejected");
  CHECK(result["auth"]["hints"].size() == 3);
  CHECK(result["closed"] == false);
  CHECK(result["message"].get<std::string>().starts_with("Failed to authenticate. Message: "));
  CHECK_FALSE(exists(daemon.home() + "/.qwen"));
  CHECK(client.reveal("env.export")["variables"] == Json::object());
  CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == "custom-review-json");
  CHECK(provider.requests().size() == 1);
}

TEST_CASE("A check before the write saves when it is accepted, accepted in part or inconclusive") {
  for (const auto& [mode, state] : {std::pair{"ok", "accepted"}, {"402", "accepted_but"}, {"500", "inconclusive"}}) {
    const Daemon daemon;
    const Provider provider;
    Client client = daemon.connect();
    const Json result =
        commit(client, walk_to_review(client, {.base_url = provider.base_url("openai", mode)}), {{"check", "before"}});
    CHECK(result["saved"]["changed"] == true);
    CHECK(result["auth"]["state"] == state);
    CHECK(daemon.settings()["model"]["name"] == "m1");
    // Asked once, not again after the write.
    CHECK(provider.requests().size() == 1);
  }
}

TEST_CASE("A commit that changes nothing writes nothing") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client);
  const std::string identity = identity_of(daemon.settings_path()), directory = identity_of(daemon.home() + "/.qwen");
  own_writes(client);
  const auto history = names_in(daemon.history());
  const std::string session = walk_to_review(client);
  const Json plan = preview(client, session);
  CHECK(plan["exists"] == true);
  CHECK(plan["diff"] == "");
  const Json result = commit(client, session);
  CHECK(result["saved"]["changed"] == false);
  CHECK(result["saved"]["etag"] == plan["etag"]);
  CHECK(result["saved"]["path"] == daemon.settings_path());
  CHECK(result["synced"] == Json::array());
  CHECK(result["notes"] == Json::array());
  CHECK(result["closed"] == true);
  CHECK(identity_of(daemon.settings_path()) == identity);
  CHECK(identity_of(daemon.home() + "/.qwen") == directory);
  CHECK(names_in(daemon.history()) == history);
}

TEST_CASE("The same endpoint again replaces its models, other endpoints and protocols stay") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json plan_entry = {{"id", "qwen3.5-plus"}, {"name", "[ModelStudio Coding Plan] qwen3.5-plus"},
                           {"baseUrl", "https://coding.dashscope.aliyuncs.com/v1"}, {"envKey", "BAILIAN_CODING_PLAN_API_KEY"},
                           {"generationConfig", {{"contextWindowSize", 1000000}}}};
  const Json standard_entry = {{"id", "qwen-max"}, {"name", "qwen-max"},
                               {"baseUrl", "https://dashscope.aliyuncs.com/compatible-mode/v1"}, {"envKey", "DASHSCOPE_API_KEY"}};
  const Json claude = {{"id", "claude"}, {"name", "claude"}, {"envKey", "ANTHROPIC_API_KEY"}};
  write_file(daemon.settings_path(), Json{{"env", {{"BAILIAN_CODING_PLAN_API_KEY", "sk-sp-1234567890"}, {"OTHER", "x"}}},
                                          {"modelProviders", {{"openai", {plan_entry, standard_entry}}, {"anthropic", {claude}}}},
                                          {"model", {{"name", "qwen3.5-plus"}, {"temperature", 0.5}}},
                                          {"security", {{"auth", {{"selectedType", "anthropic"}, {"useExternal", true}}}}}}
                                         .dump());
  set_up(client, {.base_url = openrouter, .model_ids = "old1, old2"});
  set_up(client, {.base_url = openrouter, .model_ids = "new1, old2"});
  const Json settings = daemon.settings();
  CHECK(settings["modelProviders"]["openai"] ==
        Json{entry("new1", openrouter, openrouter_key), entry("old2", openrouter, openrouter_key), plan_entry, standard_entry});
  CHECK(settings["modelProviders"]["anthropic"] == Json::array({claude}));
  CHECK(settings["env"]["OTHER"] == "x");
  CHECK(settings["env"]["BAILIAN_CODING_PLAN_API_KEY"] == "sk-sp-1234567890");
  CHECK(settings["env"][openrouter_key] == std::string(canary));
  CHECK(settings["model"] == Json{{"name", "new1"}, {"temperature", 0.5}});
  CHECK(settings["security"]["auth"] == Json{{"selectedType", "openai"}, {"useExternal", true}});
  CHECK_FALSE(settings.contains("$version"));
}

TEST_CASE("Two endpoints whose plain names collide never share a key") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client, {.base_url = "https://a.b/v1"});
  const Json result = set_up(client, {.base_url = "https://a-b/v1", .key = "sk-the-other-key-0000"});
  const Json settings = daemon.settings();
  const std::string second = result["synced"][0];
  CHECK(second.starts_with("QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1_"));
  CHECK(second.size() == std::string("QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1_").size() + 12);
  CHECK(settings["env"]["QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1"] == std::string(canary));
  CHECK(settings["env"][second] == "sk-the-other-key-0000");
  // Both know their names again.
  CHECK(preview(client, walk_to_review(client, {.base_url = "https://a-b/v1"}))["envKey"] == second);
  CHECK(preview(client, walk_to_review(client, {.base_url = "https://a.b/v1/"}))["envKey"] == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1");
}

TEST_CASE("A model.baseUrl follows where it would pick another endpoint, and is not added where it would not") {
  const Daemon daemon;
  Client client = daemon.connect();
  set_up(client, {.base_url = "https://one.example/v1"});
  CHECK(daemon.settings()["model"] == Json{{"name", "m1"}});
  set_up(client, {.base_url = "https://two.example/v1"});
  CHECK(daemon.settings()["model"] == Json{{"name", "m1"}, {"baseUrl", "https://two.example/v1"}});
  set_up(client, {.base_url = "https://three.example/v1", .model_ids = "m3"});
  CHECK(daemon.settings()["model"] == Json{{"name", "m3"}, {"baseUrl", "https://three.example/v1"}});
}

TEST_CASE("The former file is kept as a private copy in the history, and nowhere else") {
  const Daemon daemon;
  const std::string before = "{\r\n\t// mine\r\n\t\"theme\": \"dark\"\r\n}";
  write_file(daemon.settings_path(), before, 0644);
  Client client = daemon.connect();
  const Json saved = set_up(client)["saved"];
  const std::string backup = saved["backup"];
  CHECK(backup.starts_with(daemon.history() + "/"));
  CHECK(read_file(backup) == before);
  CHECK(own_writes(client)[0]["id"] == saved["snapshot"]);
  CHECK(mode_of(daemon.history()) == 0700);
  for (const std::string& name : names_in(daemon.history())) CHECK(mode_of(daemon.history() + "/" + name) == 0600);
  CHECK(mode_of(daemon.settings_path()) == 0600);
  CHECK(names_in(daemon.home() + "/.qwen") == std::vector<std::string>{"settings.json"});
}

TEST_CASE("Files of Qwen Code's own names beside the settings are not touched") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{}");
  for (const char* suffix : {".orig", ".tmp", ".corrupted"}) write_file(daemon.settings_path() + suffix, "theirs");
  Client client = daemon.connect();
  set_up(client);
  for (const char* suffix : {".orig", ".tmp", ".corrupted"}) CHECK(read_file(daemon.settings_path() + suffix) == "theirs");
  CHECK(names_in(daemon.home() + "/.qwen").size() == 4);
}

TEST_CASE("A symlink is followed and stays a symlink") {
  for (const bool target_exists : {true, false}) {
    Daemon daemon;
    const std::string target = daemon.home() + "/dotfiles/qwen.json";
    daemon.may_hold_key(target);
    write_file(daemon.home() + "/dotfiles/other", "");
    write_file(daemon.home() + "/.qwen/other", "");
    if (target_exists) write_file(target, "{\"theme\": \"dark\"}\n");
    std::filesystem::create_symlink("../dotfiles/qwen.json", daemon.settings_path());
    Client client = daemon.connect();
    const Json saved = set_up(client)["saved"];
    CHECK(saved["changed"] == true);
    CHECK(saved["path"] == daemon.settings_path());
    CHECK(std::filesystem::is_symlink(daemon.settings_path()));
    CHECK(std::filesystem::read_symlink(daemon.settings_path()) == "../dotfiles/qwen.json");
    CHECK_FALSE(std::filesystem::is_symlink(target));
    CHECK(daemon.settings()["model"]["name"] == "m1");
    CHECK(mode_of(target) == 0600);
    CHECK(names_in(daemon.home() + "/dotfiles") == std::vector<std::string>{"other", "qwen.json"});
    CHECK(names_in(daemon.home() + "/.qwen") == std::vector<std::string>{"other", "settings.json"});
  }
}

TEST_CASE("What cannot be written is refused with path and errno, and nothing is left behind") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  const auto check_refused = [&](const char* errno_name) {
    const Json error = client.refusal("wizard.commit", {{"sessionId", session}, {"check", "none"}});
    INFO(error.dump(2));
    CHECK(error["code"] == -32022);
    CHECK(error["data"]["kind"] == "settings_not_writable");
    CHECK(error["data"]["path"] == daemon.settings_path());
    CHECK(error["data"]["errno"] == errno_name);
    CHECK(own_writes(client).empty());
    CHECK(client.call("wizard.state", {{"sessionId", session}})["step"]["id"] == "custom-review-json");
    CHECK(client.reveal("env.export")["variables"] == Json::object());
  };
  write_file(daemon.settings_path(), "{}", 0400);
  check_refused("EACCES");
  CHECK(daemon.settings_text() == "{}");
  std::filesystem::remove(daemon.settings_path());
  std::filesystem::create_directory(daemon.settings_path());
  check_refused("EISDIR");
  std::filesystem::remove(daemon.settings_path());
  REQUIRE(mkfifo(daemon.settings_path().c_str(), 0600) == 0);
  check_refused("EINVAL");
  std::filesystem::remove(daemon.settings_path());
  CHECK(commit(client, session)["saved"]["changed"] == true);
}
