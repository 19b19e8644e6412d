// Who wins when two write: etags, foreign edits, two clients at once, one session twice.
#include <algorithm>
#include <catch2/catch.hpp>

#include "provider.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

void check_conflict(const Json& error, const std::string& etag_now) {
  INFO(error.dump(2));
  CHECK(error["code"] == -32021);
  CHECK(error["data"]["kind"] == "settings_conflict");
  CHECK(error["data"]["etag"] == etag_now);
  CHECK_FALSE(error["data"]["hint"].get<std::string>().empty());
}

Json commit_with_etag(const std::string& session, const Json& etag) {
  return {{"sessionId", session}, {"etag", etag}, {"check", "none"}};
}

}  // namespace

TEST_CASE("With an etag, any change of the file since is a conflict that writes nothing") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{\"theme\": \"dark\"}\n");
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  const Json etag = preview(client, session)["etag"];
  write_file(daemon.settings_path(), "{\"theme\": \"light\"}\n");
  const Json now = preview(client, session)["etag"];
  CHECK(now != etag);
  check_conflict(client.refusal("wizard.commit", commit_with_etag(session, etag)), now);
  CHECK(daemon.settings_text() == "{\"theme\": \"light\"}\n");
  CHECK(own_writes(client).empty());
  CHECK(client.reveal("env.export")["variables"] == Json::object());
  // The session stays, and the new etag leads on.
  const Json saved = client.call("wizard.commit", commit_with_etag(session, now))["saved"];
  CHECK(saved["changed"] == true);
  CHECK(saved["etag"] != now);
  CHECK(preview(client, walk_to_review(client))["etag"] == saved["etag"]);
}

TEST_CASE("A file that comes or goes after the preview is a conflict, too") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  const Json absent = preview(client, session)["etag"];
  write_file(daemon.settings_path(), "{}\n");
  const Json present = preview(client, session)["etag"];
  check_conflict(client.refusal("wizard.commit", commit_with_etag(session, absent)), present);
  std::remove(daemon.settings_path().c_str());
  check_conflict(client.refusal("wizard.commit", commit_with_etag(session, present)), absent);
  CHECK(client.call("wizard.commit", commit_with_etag(session, absent))["saved"]["changed"] == true);
}

TEST_CASE("Without an etag, foreign edits since the preview are kept") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{\"theme\": \"dark\"}\n");
  Client client = daemon.connect();
  const std::string session = walk_to_review(client);
  preview(client, session);
  write_file(daemon.settings_path(), "{\"theme\": \"light\", \"model\": {\"name\": \"theirs\", \"x\": 1}, \"new\": true}\n");
  commit(client, session);
  const Json settings = daemon.settings();
  CHECK(settings["theme"] == "light");
  CHECK(settings["new"] == true);
  CHECK(settings["model"] == Json{{"name", "m1"}, {"x", 1}});
}

TEST_CASE("Two clients that commit at once both land, fifty times") {
  const Daemon daemon;
  Client first = daemon.connect(Framing::lines), second = daemon.connect(Framing::headers);
  Json endpoints = Json::object();
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> base_urls, sessions;
    for (Client* client : {&first, &second}) {
      base_urls.push_back("https://host" + std::to_string(round) + (client == &first ? ".first/v1" : ".second/v1"));
      sessions.push_back(walk_to_review(*client, {.base_url = base_urls.back(), .model_ids = "m" + std::to_string(round)}));
    }
    // Both are under way before either is answered.
    const int one = first.request("wizard.commit", {{"sessionId", sessions[0]}, {"check", "none"}});
    const int two = second.request("wizard.commit", {{"sessionId", sessions[1]}, {"check", "none"}});
    CHECK(first.result_of(one)["saved"]["changed"] == true);
    CHECK(second.result_of(two)["saved"]["changed"] == true);
    for (const std::string& base_url : base_urls) endpoints[env_key_of("openai", base_url)] = base_url;
    const Json settings = daemon.settings();
    REQUIRE(settings["env"].size() == endpoints.size());
    REQUIRE(settings["modelProviders"]["openai"].size() == endpoints.size());
    for (const Json& entry : settings["modelProviders"]["openai"])
      CHECK(endpoints[entry["envKey"].get<std::string>()] == entry["baseUrl"]);
    CHECK(settings["model"]["name"] == "m" + std::to_string(round));
  }
  // Each write kept what was there before it; before the first there was nothing.
  const Json writes = own_writes(first);
  REQUIRE(writes.size() == 100);
  for (std::size_t i = 0; i + 1 < writes.size(); ++i) CHECK(writes[i]["before"] == writes[i + 1]["after"]);
  CHECK(writes.back()["before"] == nullptr);
}

TEST_CASE("An editor that rewrites the file all the time loses nothing and stops nothing") {
  const Daemon daemon;
  write_file(daemon.settings_path(), "{\"counter\": 0}\n");
  Client client = daemon.connect();
  for (int round = 1; round <= 30; ++round) {
    const std::string base_url = "https://host" + std::to_string(round) + ".example/v1";
    const std::string session = walk_to_review(client, {.base_url = base_url});
    const int commit = client.request("wizard.commit", {{"sessionId", session}, {"check", "none"}});
    const Json answer = client.answer_to(commit);
    REQUIRE(answer.contains("result"));
    Json settings = daemon.settings();
    CHECK(settings["env"].size() == static_cast<std::size_t>(round));
    CHECK(settings["counter"] == round - 1);
    settings["counter"] = round;
    write_file(daemon.settings_path(), settings.dump(2));
  }
}

TEST_CASE("A second commit of one session is told to come again") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect(), neighbour = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "hang")});
  const int first = client.request("wizard.commit", {{"sessionId", session}});
  REQUIRE(provider.was_asked());
  for (Client* other : {&client, &neighbour}) {
    const Json error = other->refusal("wizard.commit", {{"sessionId", session}});
    CHECK(error["code"] == -32001);
    CHECK(error["data"]["kind"] == "busy");
    CHECK(error["data"]["retryable"] == true);
  }
  client.notify("$/cancelRequest", {{"id", first}});
  CHECK(client.result_of(first)["auth"]["code"] == "cancelled");
  CHECK(provider.requests().size() == 1);
  CHECK(commit(neighbour, session)["closed"] == true);
}

TEST_CASE("An answer given while a commit runs does not reach that commit") {
  const Daemon daemon;
  const Provider provider;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = provider.base_url("openai", "slow")});
  const int first = client.request("wizard.commit", {{"sessionId", session}, {"check", "before"}});
  REQUIRE(provider.was_asked());
  client.answer_to(client.request("wizard.amend", {{"sessionId", session}, {"step", "custom-model-id-input"}, {"value", "changed"}}));
  CHECK(client.result_of(first)["auth"]["model"] == "m1");
  CHECK(daemon.settings()["model"]["name"] == "m1");
}
