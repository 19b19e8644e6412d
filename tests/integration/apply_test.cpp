// settings.apply: settings as a document that is kept somewhere and applied again and again.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

Json provider(const std::string& api_key, const Json& more = Json::object()) {
  Json made = {{"protocol", "openai"}, {"baseUrl", "https://h.example/v1"}, {"models", {"m"}}};
  if (!api_key.empty()) made["apiKey"] = api_key;
  return {{"providers", {with(made, more)}}};
}

const std::string name = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_EXAMPLE_V1";

}  // namespace

TEST_CASE("A key comes from the environment, a file or the request, and is in no answer") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string work = daemon.path("home");
  write_file(work + "/keys/k", std::string(canary) + "\n");
  const_cast<Daemon&>(daemon).may_hold_key(work + "/keys/k");
  struct Row {
    std::string reference;
    Json more;
  };
  const Json context = with(daemon.context({{"MY_KEY", std::string(canary)}}), {{"cwd", work}});
  for (const Row& row : std::vector<Row>{{"env:MY_KEY", Json::object()},
                                         {"file:keys/k", Json::object()},
                                         {"file:" + work + "/keys/k", Json::object()},
                                         {"stdin", {{"stdin", canary}}}}) {
    INFO(row.reference);
    const Json params = with({{"document", provider(row.reference)}, {"context", context}}, row.more);
    const Json result = client.call("settings.apply", params);
    CHECK(result["result"] == "changed");
    CHECK(result["judgedBy"] == "caller");
    CHECK(daemon.settings()["env"] == Json{{name, canary}});
    const std::string text = daemon.settings_text(), identity = identity_of(daemon.settings_path());
    const Json again = client.call("settings.apply", params);
    CHECK(again["result"] == "unchanged");
    CHECK(again["diff"] == "");
    CHECK(again["keys"] == Json::array());
    CHECK_FALSE(again.contains("saved"));
    CHECK(identity_of(daemon.settings_path()) == identity);
    client.call("settings.undo");
    CHECK_FALSE(exists(daemon.settings_path()));
  }
}

TEST_CASE("The answer says what changed and where, the secret masked") {
  const Daemon daemon({.settings = "{}"});
  Client client = daemon.connect(), listener = daemon.connect();
  listener.call("events.subscribe", {{"topics", {"settings"}}});
  const Json params = {{"document", provider("stdin")}, {"stdin", canary}};
  const Json dry = client.call("settings.apply", with(params, {{"dryRun", true}}));
  CHECK(daemon.settings_text() == "{}");
  CHECK(client.call("settings.history")["snapshots"] == Json::array());
  CHECK(listener.notifications("settings.changed").empty());
  const Json result = client.call("settings.apply", params);
  for (const char* member : {"result", "diff", "scope", "path", "keys", "warnings", "etag"}) {
    INFO(member);
    CHECK(dry[member] == result[member]);
  }
  CHECK_FALSE(dry.contains("saved"));
  CHECK(result["result"] == "changed");
  CHECK(result["scope"] == "user");
  CHECK(result["path"] == daemon.settings_path());
  CHECK(result["keys"] == Json{"env." + name, "modelProviders.openai", "security.auth.selectedType", "model.name"});
  CHECK(result["diff"].get<std::string>().find("\"" + name + "\": \"sk-••••••••••••••••\"") != std::string::npos);
  CHECK(result["saved"]["changed"] == true);
  CHECK(read_file(result["saved"]["backup"]) == "{}");
  CHECK(listener.next_notification("settings.changed")["params"]["etag"] == result["saved"]["etag"]);
}

TEST_CASE("A declaration that says nothing makes no file") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json result = client.call("settings.apply", {{"document", Json::object()}});
  CHECK(result["result"] == "unchanged");
  CHECK(result["keys"] == Json::array());
  CHECK_FALSE(exists(daemon.settings_path()));
}

TEST_CASE("A key that is not where it should be is an error that names the reference's member") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json context = daemon.context({{"EMPTY", ""}, {"BLANK", " "}});
  write_file(daemon.home() + "/empty", "\n");
  write_file(daemon.home() + "/large", std::string(20'000, 'k'));
  mkfifo((daemon.home() + "/fifo").c_str(), 0600);
  const std::string home = daemon.home();
  const std::string how = "document.providers[0].apiKey says where the key is: env:NAME, file:PATH or stdin.";
  struct Row {
    std::string reference, message;
  };
  for (const Row& row : std::vector<Row>{{"env:NOT_SET", "The variable NOT_SET is not set, or is empty."},
                                         {"env:EMPTY", "The variable EMPTY is not set, or is empty."},
                                         {"env:BLANK", "env:BLANK: API key cannot be empty."},
                                         {"file:relative", "A relative path needs context.cwd."},
                                         {"file:" + home + "/gone", "Cannot read the key from " + home + "/gone: No such file or directory."},
                                         {"file:" + home, home + " is not a regular file."},
                                         {"file:" + home + "/empty", "file:" + home + "/empty: API key cannot be empty."},
                                         {"file:" + home + "/large", home + "/large is larger than 16 KiB, too large for a key."},
                                         {"file:" + home + "/fifo", home + "/fifo is not a regular file."},
                                         {"stdin", "No key came with the request (`stdin`)."},
                                         {std::string(canary), how},
                                         {"env:" + std::string(canary), how}}) {
    INFO(row.reference);
    const Json error = client.refusal("settings.apply", {{"document", provider(row.reference)}, {"context", context}});
    CHECK(error["code"] == -32012);
    CHECK(error["message"] == row.message);
    CHECK(error["data"]["field"] == "document.providers[0].apiKey");
  }
  CHECK(client.refusal("settings.apply", {{"document", provider("")}})["data"]["field"] == "document.providers[0].apiKey");
  CHECK_FALSE(exists(daemon.settings_path()));
}

TEST_CASE("A misspelt member is an error with its path, and so is a wrong one") {
  const Daemon daemon;
  Client client = daemon.connect();
  struct Row {
    Json document;
    std::string field;
  };
  for (const Row& row : std::vector<Row>{
           {{{"provider", Json::array()}}, "params.document"},
           {provider("stdin", {{"apikey", "x"}}), "params.document.providers[0]"},
           {provider("stdin", {{"protocol", "x"}}), "params.document.providers[0].protocol"},
           {{{"selection", {{"model", "m"}}}}, "params.document.selection.protocol"},
           {5, "params.document"},
       }) {
    INFO(row.document.dump());
    const Json error = client.refusal("settings.apply", {{"document", row.document}, {"stdin", "sk-0123456789"}});
    CHECK(error["code"] == -32602);
    CHECK(error["data"]["field"] == row.field);
  }
}

TEST_CASE("Old files are edited in their shape, by a document and by the wizard alike") {
  struct Row {
    std::string what, before;
    Json type, model, list;  // where they are to be, as pointers
  };
  for (const Row& row : std::vector<Row>{
           {"V1", R"({"selectedAuthType": "gemini", "model": "g", "theme": "x"})", "/selectedAuthType", "/model", "/modelProviders/openai"},
           {"V5", R"({"$version": 5, "modelProviders": {"openai": {"protocol": "openai", "models": [{"id": "f"}]}}})", "/security/auth/selectedType",
            "/model/name", "/modelProviders/openai/models"},
       }) {
    for (const bool by_wizard : {false, true}) {
      INFO(row.what << (by_wizard ? " by the wizard" : " by a document"));
      const Daemon daemon;
      write_file(daemon.settings_path(), row.before);
      Client client = daemon.connect();
      Json document = provider("stdin");
      document["selection"] = {{"protocol", "openai"}, {"model", "m"}};
      if (by_wizard)
        set_up(client, {.base_url = "https://h.example/v1", .model_ids = "m"});
      else
        client.call("settings.apply", {{"document", document}, {"stdin", canary}});
      const Json settings = daemon.settings();
      const auto at = [&](const Json& pointer) { return settings.at(Json::json_pointer(pointer.get<std::string>())); };
      CHECK(at(row.type) == "openai");
      CHECK(at(row.model) == "m");
      CHECK(at(row.list)[0]["id"] == "m");
      CHECK(settings["env"] == Json{{name, canary}});
      CHECK(settings.contains("$version") == (row.what == "V5"));
      client.call("settings.undo");
      CHECK(daemon.settings_text() == row.before);
    }
  }
}

TEST_CASE("A workspace is applied to where it is asked for, and trailing commas go where that is") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string path = daemon.path("work/.qwen/settings.json");
  write_file(path, "{\"a\": 1,}");
  const Json params = {{"document", {{"settings", {{"b", 2}}}}}, {"scope", "workspace"}, {"context", {{"cwd", daemon.path("work")}}}};
  const Json error = client.refusal("settings.apply", params);
  CHECK(error["code"] == -32020);
  CHECK(error["data"]["repair"].get<std::string>().find("-{\"a\": 1,}") != std::string::npos);
  CHECK(client.call("settings.apply", with(params, {{"repair", true}}))["saved"]["scope"] == "workspace");
  CHECK(read_file(path) == "{\"a\": 1, \"b\": 2}");
  CHECK_FALSE(exists(daemon.settings_path()));
}
