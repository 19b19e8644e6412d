// The doctor's rules: for each a place that has it and one that nearly has it, and places where all
// is well.
#include <catch2/catch.hpp>

#include "tests/unit/doctor_case.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::DoctorTexts;
using test::finding_of;
using test::findings_at;
using test::mended;
using test::PlaceTexts;
using test::told_at;
using Told = std::vector<std::string>;

const std::string good_key = "sk-1234567890abcdef1234567890abcdef";

struct Set {
  std::string entries = R"({"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "K"})";
  std::string env = R"("K": "sk-1234567890abcdef1234567890abcdef")";
  std::string type = "openai";
  std::string model = R"({"name": "m1"})";
  std::string more = "";
};

std::string doctored(const Set& set) {
  return "{\n  \"$version\": 4,\n  \"env\": {" + set.env + "},\n  \"modelProviders\": {\"" + set.type + "\": [" +
         set.entries + "]},\n  \"security\": {\"auth\": {\"selectedType\": \"" + set.type + "\"}},\n  \"model\": " +
         set.model + set.more + "\n}\n";
}

DoctorTexts user(const Set& set) { return {.place = {.user = doctored(set)}}; }

Told with_key(const std::string& key, const std::string& url = "https://api.openai.com/v1") {
  return told_at(user({.entries = R"({"id": "m1", "envKey": "K", "baseUrl": ")" + url + "\"}", .env = "\"K\": " + Json(key).dump()}));
}

Told with_url(const std::string& url, const std::string& type = "openai") {
  return told_at(user({.entries = R"({"id": "m1", "envKey": "K", "baseUrl": ")" + url + "\"}", .type = type}));
}

const char* user_path = "/home/u/.qwen/settings.json";

}  // namespace

TEST_CASE("places where all is well have no findings") {
  CHECK(told_at(user({})) == Told{});
  // Two endpoints of one id, and model.baseUrl says which.
  CHECK(told_at(user({.entries = R"({"id": "m1", "baseUrl": "https://a.example/v1", "envKey": "K"},
                                    {"id": "m1", "baseUrl": "https://b.example/v1", "envKey": "K"})",
                      .model = R"({"name": "m1", "baseUrl": "https://b.example/v1"})"})) == Told{});
  // A short key for a server of one's own.
  CHECK(with_key("ollama", "http://127.0.0.1:11434/v1") == Told{});
  CHECK(with_key("x", "http://192.168.1.20:8000/v1") == Told{});
  CHECK(with_key("x", "http://gpu-box:8000/v1") == Told{});
  CHECK(with_key("lm-studio", "http://studio.local:1234/v1") == Told{});
  // A placeholder that resolves.
  DoctorTexts placeholder = user({.env = R"("K": "${REAL}")"});
  placeholder.place.env = {{"REAL", good_key}};
  CHECK(told_at(placeholder) == Told{});
  // Variables alone.
  CHECK(told_at({.place = {.env = {{"OPENAI_API_KEY", good_key}, {"OPENAI_BASE_URL", "https://api.openai.com/v1"}, {"OPENAI_MODEL", "m"}}},
                 .daemon = {{"OPENAI_API_KEY", good_key}}}) == Told{});
  // A project whose settings and .env are about other things.
  DoctorTexts project = user({});
  project.place.workspace = R"({"ui": {"theme": "x"}, "env": {"DEBUG_LEVEL": "3"}})";
  project.place.dotenvs = {{"/home/u/p/.env", "DATABASE_URL=postgres://u:p@h/db\nPORT=3000 # dev\n"}};
  CHECK(told_at(project) == Told{});
  // The same value in the shell and in the file.
  DoctorTexts same = user({});
  same.place.env = {{"K", good_key}};
  same.daemon = {{"K", good_key}};
  CHECK(told_at(same) == Told{});
  CHECK(with_url("https://api.deepseek.com") == Told{});
  CHECK(with_url("https://api.z.ai/api/paas/v4/") == Told{});
  CHECK(with_url("https://api.anthropic.com", "anthropic") == Told{});
  CHECK(with_url("https://generativelanguage.googleapis.com", "gemini") == Told{});
}

TEST_CASE("F801: a file that does not parse hides what it cannot say, and commas alone are repaired") {
  const DoctorTexts broken{.place = {.user = "{\n  \"a\": 1\n  \"b\": 2\n}"}};
  CHECK(told_at(broken) == Told{"F801 error"});
  CHECK(findings_at(broken)[0].evidence == Told{std::string(user_path) + ":3"});
  const std::string text = doctored({.more = ",\n  \"ui\": {\"theme\": \"x\",},"});
  CHECK(told_at({.place = {.user = text}}) == Told{"F801 error"});
  CHECK(mended({.user = text}, "F801") == doctored({.more = ",\n  \"ui\": {\"theme\": \"x\"}"}));
  CHECK(told_at({.place = {.user = "\xEF\xBB\xBF" + doctored({})}}) == Told{"F801 warning"});
  CHECK(mended({.user = "\xEF\xBB\xBF" + doctored({})}, "F801") == doctored({}));
  // Comments are no fault.
  CHECK(told_at({.place = {.user = "// mine\n" + doctored({})}}) == Told{});
}

TEST_CASE("F803: only a file that could not be written is told") {
  DoctorTexts texts = user({});
  texts.paths[user_path].is_writable = false;
  CHECK(told_at(texts) == Told{"F803 error"});
  texts.paths[user_path].is_writable = true;
  CHECK(told_at(texts) == Told{});
}

TEST_CASE("F804, F805: only files with a key have to be private, and out of git") {
  DoctorTexts texts = user({.env = ""});
  texts.place.env = {{"K", good_key}};
  texts.daemon = texts.place.env;
  texts.place.dotenvs = {{"/home/u/p/.env", "PORT=1\n"}};
  texts.paths["/home/u/p/.env"] = {.mode = 0644, .git = GitState::tracked};
  CHECK(told_at(texts) == Told{});
  texts.place.dotenvs = {{"/home/u/.qwen/.env", "K=" + good_key + "\n"}};
  texts.place.env = {};
  texts.daemon = {};
  texts.paths["/home/u/.qwen/.env"] = {.mode = 0600, .git = GitState::ignored};
  CHECK(told_at(texts) == Told{});
  texts.paths["/home/u/.qwen/.env"] = {.mode = 0644};
  CHECK(told_at(texts) == Told{"F804 warning"});
  CHECK(contains(findings_at(texts)[0].evidence[0], "/home/u/.qwen/.env:1: K = sk-"));
  CHECK_FALSE(contains(findings_at(texts)[0].evidence[0], good_key));
  texts.paths["/home/u/.qwen/.env"] = {.mode = 0644, .git = GitState::tracked};
  CHECK(told_at(texts) == Told{"F805 error"});
  texts.paths["/home/u/.qwen/.env"] = {.mode = 0600, .git = GitState::untracked};
  CHECK(told_at(texts) == Told{"F805 warning"});
}

TEST_CASE("F801, F806: a member that occurs twice") {
  const auto with = [](const std::string& more) { return DoctorTexts{.place = {.user = doctored({.more = ",\n  " + more})}}; };
  // The second env hides the key, and E105 is what comes of it.
  const auto hidden = findings_at(with(R"("env": {"THEME": "dark"})"));
  REQUIRE(hidden.size() == 1);
  CHECK(hidden[0].code == "F801");
  CHECK(hidden[0].weight() == Severity::error);
  CHECK(hidden[0].evidence == Told{"env: /home/u/.qwen/settings.json:3 and line 7"});
  CHECK(hidden[0].hides == Told{"E105"});
  CHECK(told_at(with(R"("ui": {"a": 1, "a": 2})")) == Told{"F801 warning"});
  CHECK(told_at(with(R"("mcpServers": {"a": {}}, "mcpServers": {"b": {}})")) == Told{"F801 warning"});
  CHECK(told_at(with(R"("ui": {"a": 1, "a": 1})")) == Told{"F806 warning"});
  // The second has all that the first has.
  CHECK(told_at(with(R"("env": {"K": "sk-1234567890abcdef1234567890abcdef", "B": "1"})")) == Told{"F806 warning"});
  CHECK(told_at(with(R"("a": {"x": 1}, "b": {"x": 2})")) == Told{});
}

TEST_CASE("E101: an exported variable with another value, and a variable of its own mends it") {
  DoctorTexts texts = user({});
  texts.place.env = {{"K", "sk-other-1234567890abcdef"}};
  texts.daemon = texts.place.env;
  texts.exports = {{"~/.bashrc:12", "K"}};
  CHECK(told_at(texts) == Told{"E101 error"});
  const auto findings = findings_at(texts);
  CHECK(findings[0].evidence.back() == "~/.bashrc:12: exports it");
  CHECK(findings[0].fixes[1].command == "unset K");
  const Json after = Json::parse(mended(texts.place, "E101"));
  CHECK(after["env"] == Json{{"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_API_OPENAI_COM_V1", good_key}});
  CHECK(after["modelProviders"]["openai"][0]["envKey"] == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_API_OPENAI_COM_V1");
  // Of the variables that name endpoint and model, too.
  const PlaceTexts plain{.user = R"({"env": {"OPENAI_BASE_URL": "https://a.example/v1"}, "security": {"auth": {"selectedType": "openai"}}})",
                         .env = {{"OPENAI_API_KEY", good_key}, {"OPENAI_BASE_URL", "https://b.example/v1"}}};
  CHECK(told_at({.place = plain, .daemon = plain.env}) == Told{"E101 error"});
}

TEST_CASE("E102: a project's .env, but not one that is meant for Qwen Code") {
  DoctorTexts texts = user({});
  texts.place.dotenvs = {{"/home/u/p/.env", "K=sk-project-1234567890\n"}};
  CHECK(told_at(texts) == Told{"E102 warning"});
  texts.place.dotenvs = {{"/home/u/p/.qwen/.env", "K=sk-project-1234567890\n"}};
  CHECK(told_at(texts) == Told{});
}

TEST_CASE("E104: a key in a folder that is not trusted") {
  DoctorTexts texts = user({.env = "", .more = R"(, "security": {"folderTrust": {"enabled": true}, "auth": {"selectedType": "openai"}})"});
  texts.place.user = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]},
    "security": {"folderTrust": {"enabled": true}, "auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})";
  texts.place.dotenvs = {{"/home/u/p/.env", "K=" + good_key + "\n"}};
  CHECK(told_at(texts) == Told{"E104 error"});
  texts.place.trusted_folders = R"({"/home/u/p": "TRUST_FOLDER"})";
  CHECK(told_at(texts) == Told{});
}

TEST_CASE("E105: a key that is set nowhere, unless a command prints it") {
  DoctorTexts texts = user({.env = ""});
  CHECK(told_at(texts) == Told{"E105 error"});
  CHECK(findings_at(texts)[0].message == "K is named by 1 model and set nowhere.");
  texts.commands["K"] = {};
  CHECK(told_at(texts) == Told{});
}

TEST_CASE("E106: nearly the right name, and never another vendor's") {
  DoctorTexts texts = user({.entries = R"({"id": "m1", "baseUrl": "https://openrouter.ai/api/v1", "envKey": "OPENROUTER_API_KEY"})",
                            .env = R"("OPEN_ROUTER_API_KEY": "sk-or-1234567890abcdef")"});
  CHECK(told_at(texts) == Told{"E106 error"});
  CHECK(findings_at(texts)[0].hides == Told{"E105"});
  CHECK(Json::parse(mended(texts.place, "E106"))["env"] == Json{{"OPENROUTER_API_KEY", "sk-or-1234567890abcdef"}});
  const DoctorTexts other = user({.entries = R"({"id": "m1", "baseUrl": "https://api.x.ai/v1", "envKey": "XAI_API_KEY"})",
                                  .env = R"("ZAI_API_KEY": "1234567890abcdef")"});
  CHECK(told_at(other) == Told{"E105 error"});
  const DoctorTexts base{.place = {.user = R"({"security": {"auth": {"selectedType": "openai"}}})",
                                   .env = {{"OPENAI_API_KEY", good_key}, {"OPENAI_API_BASE", "https://a.example/v1"}}},
                         .daemon = {{"OPENAI_API_KEY", good_key}}};
  CHECK(told_at(base) == Told{"E106 warning"});
}

TEST_CASE("E107: a key that only one environment has") {
  DoctorTexts texts = user({.env = ""});
  texts.place.env = {{"K", good_key}};
  CHECK(told_at(texts) == Told{"E107 info"});
  texts.daemon = {{"INVOCATION_ID", "1"}};
  CHECK(told_at(texts) == Told{"E107 warning"});
  texts.daemon = {{"K", good_key}};
  CHECK(told_at(texts) == Told{});
  texts.place.env = {};
  CHECK(told_at(texts) == Told{"E105 error", "E107 warning"});
}

TEST_CASE("E108: a # and quotes that change a value, but no comment") {
  DoctorTexts texts = user({.env = ""});
  const auto told = [&](const std::string& line) {
    texts.place.dotenvs = {{"/home/u/.qwen/.env", line + "\n"}};
    return told_at(texts);
  };
  CHECK(told("K=sk-1234567890#abcdef") == Told{"E108 warning"});
  CHECK(told("K=\"sk-1234567890abcdef") == Told{"E108 warning"});
  CHECK(told("K='\"sk-1234567890abcdef\"'") == Told{"E108 warning"});
  CHECK(told("K=sk-1234567890abcdef # mine") == Told{});
  CHECK(told("export K=\"sk-1234567890#abcdef\"\r") == Told{});
}

TEST_CASE("E109: a placeholder that stands for nothing") {
  CHECK(told_at(user({.env = R"("K": "${MISSING}")"})) == Told{"E109 error"});
  CHECK(told_at(user({.entries = R"({"id": "m1", "baseUrl": "https://$HOST_OF_MINE/v1", "envKey": "K"})"})) == Told{"E109 error"});
}

TEST_CASE("E103: versions that take the value from elsewhere") {
  DoctorTexts texts = user({.env = ""});
  texts.place.dotenvs = {{"/home/u/p/.env", "OTHER=1\n"}, {"/home/u/.qwen/.env", "K=" + good_key + "\n"}};
  texts.other_version = test::v0_15_6;
  CHECK(told_at(texts) == Told{"E103 info"});
  texts.place.dotenvs.erase("/home/u/p/.env");
  CHECK(told_at(texts) == Told{});
}

TEST_CASE("K205, K206: what is no key") {
  CHECK(with_key(" " + good_key) == Told{"K205 error"});
  CHECK(Json::parse(mended({.user = doctored({.env = "\"K\": " + Json("\xEF\xBB\xBF" + good_key + " ").dump()})}, "K205"))["env"]["K"] == good_key);
  CHECK(with_key("sk-1234567890\xE2\x80\xA6" "abcdef") == Told{"K205 error"});
  CHECK(with_key("Bearer " + good_key) == Told{"K206 error"});
  CHECK(Json::parse(mended({.user = doctored({.env = "\"K\": \"Bearer " + good_key + "\""})}, "K206"))["env"]["K"] == good_key);
  CHECK(with_key("OPENAI_API_KEY=" + good_key) == Told{"K206 error"});
  CHECK(with_key("https://platform.openai.com/keys") == Told{"K206 error"});
  CHECK(with_key("sk-12***********cdef") == Told{"K206 error"});
  CHECK(with_key("my secret key") == Told{"K206 error"});
  CHECK(with_key("short") == Told{"K206 error"});
  CHECK(with_key("c2stMTIzNDU2Nzg5MGFiY2RlZg==") == Told{});
}

TEST_CASE("K207, K201: hints of vendors and plans, where both are known") {
  CHECK(with_key("sk-or-v1-1234567890abcdef") == Told{"K207 warning"});
  CHECK(with_key("sk-or-v1-1234567890abcdef", "https://gateway.example/v1") == Told{});
  CHECK(with_key("sk-or-v1-1234567890abcdef", "https://openrouter.ai/api/v1") == Told{});
  CHECK(with_key("sk-sp-1234567890abcdef", "https://dashscope.aliyuncs.com/compatible-mode/v1") == Told{"K201 warning"});
  CHECK(with_key("sk-sp-1234567890abcdef", "https://coding.dashscope.aliyuncs.com/v1") == Told{});
  CHECK(with_key("sk-1234567890abcdef", "https://coding-intl.dashscope.aliyuncs.com/v1") == Told{"K201 warning"});
  CHECK(with_key("sk-sp-1234567890abcdef", "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1") == Told{});
}

TEST_CASE("K209: a key in envKey moves to env") {
  const Set set{.entries = R"({"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "sk-1234567890abcdef1234"})", .env = ""};
  CHECK(told_at(user(set)) == Told{"K209 error"});
  const auto findings = findings_at(user(set));
  for (const std::string& line : findings[0].evidence) CHECK_FALSE(contains(line, "1234567890"));
  const Json after = Json::parse(mended({.user = doctored(set)}, "K209"));
  CHECK(after["env"] == Json{{"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_API_OPENAI_COM_V1", "sk-1234567890abcdef1234"}});
  CHECK(after["modelProviders"]["openai"][0]["envKey"] == "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_API_OPENAI_COM_V1");
  // Of a model that is not selected it is a warning.
  CHECK(told_at(user({.entries = Set().entries + R"(, {"id": "m2", "baseUrl": "https://a.example/v1", "envKey": "sk-1234567890abcdef1234"})"})) ==
        Told{"K209 warning"});
}

TEST_CASE("U301 to U304: what Qwen Code makes of a base URL") {
  CHECK(with_url("https://api.anthropic.com/v1", "anthropic") == Told{"U301 error"});
  CHECK(with_url("https://generativelanguage.googleapis.com/v1beta", "gemini") == Told{"U301 error"});
  CHECK(with_url("https://api.openai.com") == Told{"U301 error"});
  CHECK(with_url("https://dashscope.aliyuncs.com") == Told{"U301 error"});
  CHECK(with_url("https://unknown.example") == Told{"U301 warning"});
  CHECK(with_url("http://localhost:11434") == Told{"U301 error"});
  CHECK(with_url("http://localhost:4000") == Told{"U301 info"});
  CHECK(with_url("https://api.openai.com", "openai-responses") == Told{});
  CHECK(with_url("https://api.openai.com/v1/chat/completions") == Told{"U302 error"});
  CHECK(with_url("https://dashscope.aliyuncs.com/api/v1") == Told{"U303 error"});
  CHECK(with_url("http://localhost:11434/api") == Told{"U303 error"});
  CHECK(with_url("https://api.openai.com/v1 ") == Told{"U304 warning"});
  CHECK(with_url("api.openai.com/v1") == Told{"U304 warning"});
  CHECK(with_url("https://api.openai.com//v1") == Told{"U304 warning"});
  CHECK(with_url("http://api.example.com/v1") == Told{"U304 warning"});
  CHECK(with_url("http://10.0.0.5:8000/v1") == Told{});
  const Set set{.entries = R"({"id": "m1", "baseUrl": "https://dashscope.aliyuncs.com/api/v1", "envKey": "K"})",
                .model = R"({"name": "m1", "baseUrl": "https://dashscope.aliyuncs.com/api/v1"})"};
  const Json after = Json::parse(mended({.user = doctored(set)}, "U303"));
  CHECK(after["modelProviders"]["openai"][0]["baseUrl"] == "https://dashscope.aliyuncs.com/compatible-mode/v1");
  CHECK(after["model"]["baseUrl"] == "https://dashscope.aliyuncs.com/compatible-mode/v1");
}

TEST_CASE("P401 to P404: what the selection says") {
  CHECK(told_at({.place = {.user = R"({"security": {"auth": {"selectedType": "qwen-oauth"}}})"}}) == Told{"P401 error"});
  CHECK(told_at({.place = {}}) == Told{"P401 error"});
  CHECK(told_at(user({.model = R"({"name": "zzz"})"})) == Told{"P404 error"});
  CHECK(told_at(user({.model = "{}"})) == Told{"P404 info"});
  const PlaceTexts wrong_type{.user = R"({"env": {"K": "sk-1234567890abcdef"}, "modelProviders": {
      "anthropic": [{"id": "c1", "baseUrl": "https://api.anthropic.com", "envKey": "K"}],
      "openai": [{"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]},
    "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "c1"}})"};
  CHECK(told_at({.place = wrong_type}) == Told{"P401 error"});
  CHECK(Json::parse(mended(wrong_type, "P401"))["security"]["auth"]["selectedType"] == "anthropic");
  const PlaceTexts unknown{.user = R"({"env": {"K": "sk-1234567890abcdef"}, "modelProviders": {
      "openrouter": [{"id": "r1", "baseUrl": "https://openrouter.ai/api/v1", "envKey": "K"}],
      "openai": [{"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]},
    "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})"};
  CHECK(told_at({.place = unknown}) == Told{"P402 warning"});
  CHECK(Json::parse(mended(unknown, "P402"))["providerProtocol"] == Json{{"openrouter", "openai"}});
  CHECK(told_at(user({.entries = R"({"id": "m1", "baseUrl": "https://a.example/v1", "envKey": "K"},
                                    {"id": "m1", "baseUrl": "https://b.example/v1", "envKey": "K"})"})) == Told{"P403 warning"});
}

TEST_CASE("P405, P406, P408, P409") {
  const PlaceTexts enforced{.user = doctored({}), .system = R"({"security": {"auth": {"enforcedType": "anthropic"}}})"};
  CHECK(told_at({.place = enforced}) == Told{"P406 error"});
  const PlaceTexts system{.user = doctored({}), .system = R"({"model": {"name": "m9"}})"};
  CHECK(told_at({.place = system}) == Told{"P406 error"});
  PlaceTexts other = system;
  other.system = R"({"model": {"name": "m2"}})";
  other.user = doctored({.entries = Set().entries + R"(, {"id": "m2", "baseUrl": "https://api.openai.com/v1", "envKey": "K"})"});
  CHECK(told_at({.place = other}) == Told{"P406 warning"});
  const PlaceTexts folder{.user = doctored({.entries = Set().entries + R"(, {"id": "m2", "baseUrl": "https://api.openai.com/v1", "envKey": "K"})"}),
                          .workspace = R"({"model": {"name": "m2"}})"};
  CHECK(told_at({.place = folder}) == Told{"P406 info"});
  CHECK(told_at(user({.entries = Set().entries + R"(, {"baseUrl": "https://a.example/v1"})"})) == Told{"P408 error"});
  CHECK(told_at(user({.more = R"(, "codingPlan": {"region": "china"})"})) == Told{"P405 warning"});
  CHECK(told_at({.place = {.user = R"({"security": {"auth": {"selectedType": "openai"}}})", .env = {{"OPENAI_API_KEY", good_key}}},
                 .daemon = {{"OPENAI_API_KEY", good_key}}}) == Told{"P409 warning"});
}

TEST_CASE("S901: a repository that redirects a key, unless the key is bound to the host") {
  DoctorTexts texts = user({});
  texts.place.workspace = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": "https://evil.example/v1", "envKey": "K"}]}})";
  CHECK(told_at(texts)[0] == "S901 error");
  texts.place.workspace = R"({"modelProviders": {"openai": [{"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]}})";
  CHECK(told_at(texts) == Told{});
  DoctorTexts plain{.place = {.dotenvs = {{"/home/u/p/.env", "OPENAI_BASE_URL=https://evil.example/v1\n"}},
                              .env = {{"OPENAI_API_KEY", good_key}, {"OPENAI_MODEL", "m"}}},
                    .daemon = {{"OPENAI_API_KEY", good_key}}};
  CHECK(told_at(plain) == Told{"S901 error"});
  plain.place.dotenvs = {{"/home/u/p/.env", "OPENAI_BASE_URL=https://mine.example/v1\nOPENAI_API_KEY=" + good_key + "2\n"}};
  plain.place.env = {{"OPENAI_MODEL", "m"}};
  plain.daemon = {};
  CHECK(told_at(plain) == Told{});
}

TEST_CASE("N702: certificates that are not checked") {
  DoctorTexts texts = user({});
  texts.place.env = {{"NODE_TLS_REJECT_UNAUTHORIZED", "0"}};
  CHECK(told_at(texts) == Told{"N702 warning"});
  texts.place.env = {{"NODE_TLS_REJECT_UNAUTHORIZED", "1"}};
  CHECK(told_at(texts) == Told{});
  // Qwen Code does not take it from settings.json.
  CHECK(told_at(user({.env = Set().env + R"(, "NODE_TLS_REJECT_UNAUTHORIZED": "0")"})) == Told{});
}

TEST_CASE("E101: a .env file of the user's outranks settings.json, but one .env file may outrank another") {
  DoctorTexts texts = user({});
  texts.place.dotenvs = {{"/home/u/.env", "K=sk-fedcba0987654321fedcba0987654321\n"}};
  const auto findings = findings_at(texts);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "E101");
  CHECK(findings[0].message ==
        "/home/u/.env:1 sets K, so the other value in /home/u/.qwen/settings.json:3 is not used.");
  texts.place.dotenvs = {{"/home/u/.env", "K=" + good_key + "\n"}};
  CHECK(told_at(texts) == Told{});
  // A placeholder that this version leaves as it is, is no other key.
  DoctorTexts named = user({.env = R"("K": "$K")"});
  named.place.dotenvs = {{"/home/u/.qwen/.env", "K=" + good_key + "\n"}};
  CHECK(told_at(named) == Told{});
  named.place.version = test::v0_15_6;
  CHECK(told_at(named) == Told{});
  DoctorTexts files = user({.env = ""});
  files.place.dotenvs = {{"/home/u/.qwen/.env", "K=" + good_key + "\n"}, {"/home/u/.env", "K=sk-of-another-tool-1234\n"}};
  CHECK(told_at(files) == Told{});
}

TEST_CASE("E108: only for variables that decide something") {
  DoctorTexts texts = user({});
  texts.place.dotenvs = {{"/home/u/.env", "AWS_SECRET_ACCESS_KEY=ab/c#d\nOPENAI_API_KEY=sk-abcdef#1234567890\n"}};
  CHECK(told_at(texts) == Told{});
  texts.place.dotenvs = {{"/home/u/.env", "REAL=sk-abcdefghijkl#1234567890\n"}};
  CHECK(told_at(texts) == Told{});
  texts.place.user = doctored({.env = R"("K": "${REAL}")"});
  CHECK(told_at(texts) == Told{"E108 warning"});
  texts = user({});
  texts.place.dotenvs = {{"/home/u/.env", "HTTPS_PROXY=http://u:p#w@proxy:8080\n"}};
  CHECK(told_at(texts) == Told{"E108 warning"});
}

TEST_CASE("E111: the general key is sent instead of the entry's own") {
  DoctorTexts texts = user({.env = R"("OPENAI_API_KEY": "sk-1234567890abcdef1234567890abcdef")"});
  CHECK(told_at(texts) == Told{"E111 warning"});
  CHECK(findings_at(texts)[0].message ==
        "The entry names K, which is not set; Qwen Code sends the key in OPENAI_API_KEY to https://api.openai.com/v1 instead.");
  CHECK(findings_at(texts)[0].subject == "K");
  // Where a command prints the key, it is there when Qwen Code runs.
  texts.commands["K"] = {.command = {"pass", "show", "k"}};
  CHECK(told_at(texts) == Told{});
  CHECK(told_at(user({.env = Set().env + R"(, "OPENAI_API_KEY": "sk-of-another-tool-1234567890")"})) == Told{});
}

TEST_CASE("E109: placeholders that no entry has") {
  const auto plain = [](const std::string& auth) {
    return DoctorTexts{.place = {.user = R"({"$version": 4, "security": {"auth": {"selectedType": "openai", )" + auth + R"(}}, "model": {"name": "m"}})"}};
  };
  CHECK(told_at(plain(R"("apiKey": "${NOT_SET}", "baseUrl": "https://api.openai.com/v1")")) == Told{"E109 error"});
  CHECK(told_at(plain(R"("apiKey": "sk-1234567890abcdef", "baseUrl": "https://${NOT_SET}/v1")")) == Told{"E109 error"});
  CHECK(told_at(plain(R"("apiKey": "sk-1234567890abcdef", "baseUrl": "https://api.openai.com/v1")")) == Told{});
}

TEST_CASE("P401: the selected type has no entry, and all models are another's") {
  const auto selected = [](const std::string& type, const Variables& env = {}) {
    std::string text = doctored({});
    const std::string wanted = R"("selectedType": "openai")";
    text.replace(text.find(wanted), wanted.size(), R"("selectedType": ")" + type + "\"");
    return DoctorTexts{.place = {.user = text, .env = env}, .daemon = env};
  };
  const auto findings = findings_at(selected("anthropic"));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "P401");
  CHECK(findings[0].message ==
        "The authentication type is anthropic, and no model of it is configured: the model m1 is of openai.");
  CHECK(findings[0].hides == Told{"E105"});
  CHECK(told_at(selected("gemini", {{"GEMINI_API_KEY", "AIzaSyA1234567890123456789012345678901"}})) == Told{"P401 error"});
  CHECK(told_at(selected("openai")) == Told{});
}

TEST_CASE("P402, P408: what comes of an entry that is left out is not told") {
  std::string text = doctored({});
  const std::string wanted = R"("modelProviders": {"openai")";
  text.replace(text.find(wanted), wanted.size(), R"("modelProviders": {"openrouter")");
  const auto findings = findings_at({.place = {.user = text}});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "P402");
  CHECK(findings[0].hides == Told{"E105", "P409"});
  CHECK(told_at(user({.entries = R"({"id": "m1", "baseUrl": "https://api.openai.com/v1", "envKey": "OPENAI_API_KEY", "wireApi": "chat"})",
                      .env = R"("OPENAI_API_KEY": "sk-proj-1234567890abcdef1234567890abcdef")"})) == Told{"P408 error"});
  // The selected model is judged, though a leftover under another type stops Qwen Code.
  std::string null_entry = doctored({.env = ""});
  null_entry.replace(null_entry.find(R"("modelProviders": {)"), 19, R"("modelProviders": {"gemini": [null], )");
  CHECK(told_at({.place = {.user = null_entry}}) == Told{"P408 error", "E105 error"});
}

TEST_CASE("P403: versions that do not read model.baseUrl get the entry that is meant put first") {
  const std::string a = R"({"id": "m1", "baseUrl": "https://a.example/v1", "envKey": "K"})",
                    b = R"({"id": "m1", "baseUrl": "https://b.example/v1", "envKey": "K"})";
  const auto old = [](const Set& set) { return PlaceTexts{.user = doctored(set), .version = test::v0_15_6}; };
  const PlaceTexts texts = old({.entries = a + ", " + b, .model = R"({"name": "m1", "baseUrl": "https://b.example/v1"})"});
  CHECK(told_at({.place = texts}) == Told{"P403 warning"});
  const PlaceTexts ordered = old({.entries = b + ", " + a, .model = R"({"name": "m1", "baseUrl": "https://b.example/v1"})"});
  CHECK(mended(texts, "P403") == *ordered.user);
  CHECK(told_at({.place = ordered}) == Told{});
  CHECK(told_at({.place = old({.entries = a + ", " + b})}) == Told{"P403 warning"});
}

TEST_CASE("P403: the list of the folder hides the entry that is selected") {
  DoctorTexts texts = user({});
  texts.place.workspace = R"({"modelProviders": {"openai": [{"id": "m2", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]}})";
  CHECK(told_at(texts) == Told{"P404 error", "P403 warning"});
  texts.place.workspace = R"({"modelProviders": {"openai": [{"id": "m2", "baseUrl": "https://api.openai.com/v1", "envKey": "K"}]}, "model": {"name": "m2"}})";
  CHECK(told_at(texts) == Told{"P406 info"});
}

TEST_CASE("N703: a proxy gets what is for this machine") {
  DoctorTexts texts = user({.entries = R"({"id": "m1", "baseUrl": "http://localhost:11434/v1", "envKey": "K"})"});
  const auto with = [&](const Variables& env) {
    texts.place.env = texts.daemon = env;
    return told_at(texts);
  };
  CHECK(with({{"HTTP_PROXY", "http://proxy.corp:3128"}}) == Told{"N703 error"});
  CHECK(findings_at(texts)[0].fixes[0].command == "export NO_PROXY=localhost,127.0.0.1,::1");
  CHECK(with({{"https_proxy", "http://127.0.0.1:7890"}, {"no_proxy", ".corp"}}) == Told{"N703 warning"});
  CHECK(findings_at(texts)[0].fixes[0].command == "export NO_PROXY=.corp,localhost,127.0.0.1,::1");
  // The name is compared, not the address.
  CHECK(with({{"HTTP_PROXY", "http://proxy.corp:3128"}, {"NO_PROXY", "127.0.0.1"}}) == Told{"N703 error"});
  CHECK(with({{"HTTP_PROXY", "http://proxy.corp:3128"}, {"NO_PROXY", "localhost"}}) == Told{});
  CHECK(with({{"HTTP_PROXY", "http://proxy.corp:3128"}, {"NO_PROXY", "*"}}) == Told{});
  CHECK(with({}) == Told{});
  texts.place.version = test::v0_15_6;
  CHECK(with({{"HTTP_PROXY", "http://proxy.corp:3128"}, {"NO_PROXY", "localhost"}}) == Told{"N703 error"});
  texts = user({});
  CHECK(with({{"HTTP_PROXY", "http://proxy.corp:3128"}}) == Told{});
}

TEST_CASE("S902: a key among the arguments, and traces that were found") {
  DoctorTexts texts = user({});
  const auto with = [&](const std::vector<std::string>& args) {
    texts.place.args = args;
    return told_at(texts);
  };
  CHECK(with({"--openai-api-key", good_key}) == Told{"S902 warning"});
  CHECK(findings_at(texts)[0].evidence[0].starts_with("argument 1: sk-"));
  CHECK_FALSE(contains(findings_at(texts)[0].evidence[0], good_key));
  CHECK(with({"--openai-api-key=" + good_key}) == Told{"S902 warning"});
  CHECK(with({"--openaiApiKey", good_key}) == Told{"S902 warning"});
  CHECK(with({"--openai-api-key", "$K"}) == Told{});
  CHECK(with({"--openai-api-key", "ollama"}) == Told{});
  CHECK(with({"--model", "m1", "-p", "say hi"}) == Told{});
  texts = user({});
  texts.traces = {{"~/.bash_history:7", "sk-••••"}};
  CHECK(told_at(texts) == Told{"S902 warning"});
  CHECK(findings_at(texts)[0].evidence == Told{"~/.bash_history:7: sk-••••"});
}

TEST_CASE("D951, D952: the daemon's socket, and sessions with the former key") {
  DoctorTexts texts = user({});
  texts.socket_trouble = "The path of the socket has 131 bytes; 107 are the most.";
  CHECK(told_at(texts) == Told{"D951 error"});
  CHECK(findings_at(texts)[0].message == "The path of the socket has 131 bytes; 107 are the most.");
  texts = user({});
  texts.stale_sessions = {"process 1234, since 2026-01-02 10:22"};
  CHECK(told_at(texts) == Told{"D952 info"});
  CHECK(findings_at(texts)[0].message ==
        "A session of Qwen Code still has the former keys: process 1234, since 2026-01-02 10:22. Restart it.");
}

TEST_CASE("F804: copies of the settings with keys are as private as the settings") {
  DoctorTexts texts = user({});
  const std::string copy = "/home/u/.qwen/settings.json.orig";
  texts.backups = {copy};
  texts.paths[copy] = {.mode = 0644};
  CHECK(told_at(texts) == Told{"F804 warning"});
  CHECK(findings_at(texts)[0].subject == copy);
  CHECK(findings_at(texts)[0].fixes[0].command == "chmod 600 /home/u/.qwen/settings.json.orig");
  texts.paths[copy] = {.mode = 0600};
  CHECK(told_at(texts) == Told{});
}

TEST_CASE("F802: what another program lost and is still missing") {
  const auto parsed = [](const std::string& text) { return Jsonc::parse(text).value(); };
  const Jsonc before = parsed("{\n  // Ann's\n  \"env\": {\"K\": \"$REAL\", \"B\": \"1\"},\n  \"hooks\": {}\n}");
  const Jsonc after = parsed(R"({"env": {"K": "sk-1234567890abcdef"}})");
  const auto loss = [&](const std::string& now) { return lasting_loss(before, after, parsed(now), "settings.json", "10:22"); };
  const auto all = loss(R"({"env": {"K": "sk-1234567890abcdef"}})");
  REQUIRE(all);
  CHECK(all->message ==
        "Another program rewrote settings.json at 10:22 and dropped 2 members: env.B, hooks, and dropped 1 comment, and put "
        "literal values in place of the placeholders in 1 member: env.K; that is still so.");
  CHECK(all->keys == std::vector<Path>{{"env", "K"}, {"env", "B"}, {"hooks"}});
  const auto some = loss("{\n  // Ann's\n  \"env\": {\"K\": \"$REAL\"},\n  \"hooks\": {}\n}");
  REQUIRE(some);
  CHECK(some->keys == std::vector<Path>{{"env", "B"}});
  CHECK_FALSE(loss("{\n  // Ann's\n  \"env\": {\"K\": \"$REAL\", \"B\": \"2\"},\n  \"hooks\": {}\n}"));
  // An entry whose base URL became literal is another entry, and the same model.
  const auto entry = [](const std::string& url) { return R"({"modelProviders": {"openai": [{"id": "m", "baseUrl": ")" + url + "\"}]}}"; };
  const Jsonc named = parsed(entry("https://${HOST}/v1")), written = parsed(entry("https://a.example/v1"));
  const auto literal = lasting_loss(named, written, written, "settings.json", "10:22");
  REQUIRE(literal);
  CHECK(contains(literal->message, "put literal values in place of the placeholders in 1 member: modelProviders.openai (baseUrl)"));
  CHECK_FALSE(lasting_loss(named, written, named, "settings.json", "10:22"));
  DoctorTexts texts = user({});
  texts.lossy_writes = {{user_path, "20260102T102200Z-1a2b", "10:22", *some}};
  CHECK(told_at(texts) == Told{"F802 warning"});
  CHECK(findings_at(texts)[0].fixes[0].command == "qwen-authctl restore 20260102T102200Z-1a2b --member env.B");
}

TEST_CASE("a fix says what has to be there, and does nothing where that is gone") {
  const SettingsFile file = test::settings_file(Scope::user, user_path, R"({"a": [{"b": "1", "c": "x"}, {"b": "2"}]})");
  const auto plan = plan_edits(file, {{{"a", "0", "b"}, Json("9"), Json("1")}, {{"a", "1", "d"}, Json("new")}, {{"e"}, Json(true)}});
  REQUIRE(plan);
  CHECK(Json::parse(plan->new_text) == Json::parse(R"({"a": [{"b": "9", "c": "x"}, {"b": "2", "d": "new"}], "e": true})"));
  CHECK(plan->keys == std::vector<Path>{{"a"}, {"e"}});
  const auto gone = plan_edits(file, {{{"a", "1", "b"}, Json("9"), Json("1")}});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == ErrorKind::settings_conflict);
  CHECK(plan_edits(file, {{{"a", "7", "b"}, Json("9")}}).error().kind == ErrorKind::settings_conflict);
  const auto removed = plan_edits(file, {{{"a", "0"}, std::nullopt}});
  REQUIRE(removed);
  CHECK(Json::parse(removed->new_text) == Json::parse(R"({"a": [{"b": "2"}]})"));
}

}  // namespace authd::core
