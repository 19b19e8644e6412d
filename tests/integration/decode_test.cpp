// doctor.decode and `qwen-authctl decode` through the daemon.
#include <catch2/catch.hpp>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

std::string one_model_at(const std::string& base_url) {
  return R"({"$version": 4, "env": {"K": ")" + std::string(canary) + R"("},
  "modelProviders": {"openai": [{"id": "m1", "baseUrl": ")" + base_url + R"(", "envKey": "K"}]},
  "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})";
}

const std::string openai_refusal =
    "401 Incorrect API key provided: x. You can find your API key at https://platform.openai.com/account/api-keys.";

}  // namespace

TEST_CASE("A pasted text is judged by the set-up where it is from") {
  const Daemon elsewhere({.settings = one_model_at("https://api.z.ai/api/paas/v4")});
  Client client = elsewhere.connect();
  const Json decoded = client.call("doctor.decode", {{"text", openai_refusal}, {"context", elsewhere.context()}});
  CHECK(decoded["code"] == "K208");
  CHECK(decoded["confidence"] == "likely");
  CHECK(decoded["confirm"] == "qwen-authctl check");
  CHECK(decoded["judgedBy"] == "caller");
  CHECK(decoded["findings"][0]["title"] == decoded["title"]);
  CHECK_THAT(decoded["message"].get<std::string>(), Catch::Contains("api.z.ai"));
  const Daemon at_openai({.settings = one_model_at("https://api.openai.com/v1")});
  Client other = at_openai.connect();
  CHECK(other.call("doctor.decode", {{"text", openai_refusal}, {"context", at_openai.context()}})["code"] == "K203");
}

TEST_CASE("Without a context only the text judges, also where a set-up is broken") {
  const Daemon daemon({.settings = "{broken"});
  Client client = daemon.connect();
  const Json decoded = client.call("doctor.decode", {{"text", "getaddrinfo ENOTFOUND api.exmaple.com"}});
  CHECK(decoded["code"] == "N704");
  CHECK_FALSE(decoded.contains("judgedBy"));
  CHECK(client.call("doctor.decode", {{"text", "getaddrinfo ENOTFOUND h"}, {"context", daemon.context()}})["code"] == "N704");
  const Json nothing = client.call("doctor.decode", {{"text", "hello"}});
  CHECK(nothing["findings"] == Json::array());
  CHECK_FALSE(nothing.contains("code"));
  CHECK_FALSE(nothing["hint"].get<std::string>().empty());
}

TEST_CASE("A text of nearly the largest message is decoded, and no key of it comes back") {
  const Daemon daemon;
  Client client = daemon.connect();
  std::string text(4'000'000, 'x');
  text += "\nAuthorization: Bearer " + std::string(canary) + "\n[API Error: 402 Insufficient credits]\n";
  const Json decoded = client.call("doctor.decode", {{"text", text}});
  CHECK(decoded["code"] == "Q603");
  CHECK(dump(decoded).find(canary) == std::string::npos);
}
