// What is told of the tokens that Qwen OAuth left (facts, 6).
#include "daemon/core/oauth.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"

namespace authd::core {
namespace {

constexpr std::int64_t now = 1776240000000;  // 2026-04-15 08:00 UTC

OauthFindings found(const std::optional<std::string>& credentials, const std::string& settings = "{}") {
  const auto files = test::settings_files({.user = settings});
  return oauth_findings(credentials, now, files, configured_models(files, {}, {}, {}));
}

}  // namespace

TEST_CASE("tokens are told by their expiry, and never shown") {
  CHECK(found(std::nullopt).tokens == "none");
  CHECK_FALSE(found(std::nullopt).has_tokens);
  CHECK(found(R"({"access_token": "secret", "expiry_date": 1776239999000})").tokens == "expired on 2026-04-15 07:59 UTC");
  CHECK(found(R"({"access_token": "secret", "expiry_date": 1776243600000})").tokens ==
        "valid until 2026-04-15 09:00 UTC, though the service is gone");
  for (const char* odd : {"{}", R"({"expiry_date": "soon"})", R"({"expiry_date": -1})", R"({"expiry_date": 1e300})"})
    CHECK(found(odd).tokens == "there, without an expiry date");
  for (const char* broken : {"", "[]", "{", "secret"}) CHECK(found(broken).tokens == "unreadable");
}

TEST_CASE("the alternatives are the configured models that can be used, each endpoint's once") {
  const OauthFindings here = found(std::nullopt, R"({"security": {"auth": {"selectedType": "qwen-oauth"}}, "modelProviders": {
    "openai": [{"id": "a", "name": "[X] a", "baseUrl": "https://a.example/v1"}, {"id": "a", "baseUrl": "https://a.example/v1"},
               {"id": "a", "baseUrl": "https://b.example/v1"}],
    "mygw": [{"id": "skipped"}], "qwen-oauth": [{"id": "coder-model"}]}})");
  CHECK(here.is_selected);
  REQUIRE(here.alternatives.size() == 2);
  CHECK(here.alternatives[0].value == "openai/a@https://a.example/v1");
  CHECK(here.alternatives[0].label == "[X] a");
  CHECK(here.alternatives[0].description == "openai · a.example");
  CHECK(here.models[1].base_url == "https://b.example/v1");
}

}  // namespace authd::core
