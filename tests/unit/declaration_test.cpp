// settings.apply: a document that says what the settings are to say, made into a plan.
#include "daemon/core/declaration.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "protocol/messages.hpp"
#include "tests/support/document_generator.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::find_warning;
using test::key_texts;
using test::read_value;
using test::refusal;
using test::Tape;

using Texts = std::vector<std::string>;

struct Wish {
  std::string document;
  Texts keys = {};  // one per provider; missing ones are empty
  std::string scope = "auto";
  Environment environment = {};
};

Result<Plan> try_apply(const test::SettingsTexts& files, const Wish& wish) {
  const auto declaration = decode<Declaration>(Json::parse(wish.document));
  if (!declaration) return std::unexpected(declaration.error());
  std::vector<Secret> keys;
  for (std::size_t i = 0; i < declaration->providers.size(); ++i)
    keys.emplace_back(std::string_view(i < wish.keys.size() ? wish.keys[i] : std::string()));
  return plan_declaration(test::settings_files(files), wish.environment, {wish.scope, *declaration, keys, false});
}

Plan apply(const test::SettingsTexts& files, const Wish& wish) {
  auto plan = try_apply(files, wish);
  if (!plan) throw std::runtime_error(plan.error().message + " (" + plan.error().field + ")");
  return *std::move(plan);
}

// One provider with a key of its own.
const std::string one = R"({"providers": [{"protocol": "openai", "baseUrl": "https://h/v1", "apiKey": "env:K", "models": ["m", "n"]}]})";
const std::string name_of_one = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1";

}  // namespace

TEST_CASE("a declaration makes a whole file, and a second time nothing") {
  const Plan plan = apply({}, {one, {"sk-0123456789"}});
  CHECK(plan.new_text == R"({
  "$version": 4,
  "env": {
    "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1": "sk-0123456789"
  },
  "modelProviders": {
    "openai": [
      {
        "id": "m",
        "name": "m",
        "baseUrl": "https://h/v1",
        "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1"
      },
      {
        "id": "n",
        "name": "n",
        "baseUrl": "https://h/v1",
        "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1"
      }
    ]
  },
  "security": {
    "auth": {
      "selectedType": "openai"
    }
  },
  "model": {
    "name": "m"
  }
}
)");
  CHECK(key_texts(plan.keys) == Texts{"$version", "env." + name_of_one, "modelProviders.openai", "security.auth.selectedType", "model.name"});
  CHECK(plan.warnings.empty());
  const Plan again = apply({.user = plan.new_text}, {one, {"sk-0123456789"}});
  CHECK_FALSE(again.changed());
  CHECK(again.keys.empty());
}

TEST_CASE("a declaration that says nothing makes no file") {
  for (const char* document : {"{}", R"({"providers": [], "settings": {}})"}) {
    const Plan plan = apply({}, {document});
    CHECK_FALSE(plan.changed());
    CHECK(plan.keys.empty());
    CHECK_FALSE(apply({.user = "{ }"}, {document}).changed());
  }
}

TEST_CASE("new entries go first; those that are there keep their place, bytes and further members") {
  // Elements of modelProviders.openai.
  struct Row {
    std::string what, before, models, after;
  };
  const std::string ours = R"("baseUrl":"https://h/v1","envKey":"K")";
  const auto entry = [&](const std::string& head) { return "{" + head + "," + ours + "}"; };
  const auto added = [](const std::string& id, const std::string& more = "") {
    return R"({"id": ")" + id + R"(", "name": ")" + id + R"(", "baseUrl": "https://h/v1", "envKey": "K")" + more + "}";
  };
  const std::string foreign = R"({"id":"f", "baseUrl":"https://f", "envKey":"F" /* mine */})";
  const auto row = GENERATE_COPY(values<Row>({
      {"all there", "[" + foreign + ", " + entry(R"("id":"m","name":"m")") + "]", R"(["m"])",
       "[" + foreign + ", " + entry(R"("id":"m","name":"m")") + "]"},
      {"a new one", "[" + foreign + "]", R"(["m", "n"])", "[" + added("m") + ", " + added("n") + ", " + foreign + "]"},
      {"a new one beside a former one", "[" + foreign + ", " + entry(R"("id":"m","name":"m","x":1.0)") + "]", R"(["n", "m"])",
       "[" + added("n") + ", " + foreign + ", " + entry(R"("id":"m","name":"m","x":1.0)") + "]"},
      {"a name of one's own", "[" + entry(R"("id":"m","name":"mine","x":1.0)") + "]", R"(["m"])", "[" + entry(R"("id":"m","name":"mine","x":1.0)") + "]"},
      {"another name is declared", "[" + entry(R"("id":"m","name":"old","x":1.0)") + "]", R"([{"id": "m", "name": "m"}])",
       "[" + entry(R"("id":"m","name":"m","x":1.0)") + "]"},
      {"no name is wished", "[" + entry(R"("id":"m","name":"old")") + "]", R"([{"id": "m"}])", "[" + entry(R"("id":"m","name":"old")") + "]"},
      {"an object is merged", "[" + entry(R"("id":"m","name":"m","generationConfig":{"a":1.0,"b":2})") + "]",
       R"([{"id": "m", "generationConfig": {"b": 3}}])", "[" + entry(R"("id":"m","name":"m","generationConfig":{"a":1.0,"b":3})") + "]"},
      {"another spelling of the endpoint", R"([{"id":"m","name":"m","baseUrl":"https://h/v1/","envKey":"K"}])", R"(["m"])",
       "[" + entry(R"("id":"m","name":"m")") + "]"},
      {"the same id at another endpoint", R"([{"id":"m","baseUrl":"https://f","envKey":"F"}])", R"(["m"])",
       "[" + added("m") + R"(, {"id":"m","baseUrl":"https://f","envKey":"F"}])"},
      {"entries that nobody can read", R"([1, null, {"id": 5}])", R"(["m"])", "[" + added("m") + R"(, 1, null, {"id": 5}])"},
      {"one id twice", "[" + foreign + "]", R"(["m", "m"])", "[" + added("m") + ", " + foreign + "]"},
  }));
  CAPTURE(row.what);
  const auto file = [](const std::string& list) {
    return R"({"modelProviders": {"openai": )" + list + R"(}, "security": {"auth": {"selectedType": "gemini"}}})";
  };
  const Wish wish{R"({"providers": [{"protocol": "openai", "baseUrl": "https://h/v1", "envKey": "K", "models": )" + row.models + "}]}"};
  const Plan plan = apply({.user = file(row.before)}, wish);
  CHECK(plan.new_text == file(row.after));
  CHECK(key_texts(plan.keys) == (row.before == row.after ? Texts{} : Texts{"modelProviders.openai"}));
}

TEST_CASE("a V5 list is edited in its shape") {
  const std::string before = R"({"$version": 5, "modelProviders": {"openai": {"protocol": "openai", "models": [{"id": "f"}]}}, "security": {"auth": {"selectedType": "x"}}})";
  const Plan plan = apply({.user = before}, {R"({"providers": [{"protocol": "openai", "baseUrl": "https://h/v1", "envKey": "K", "models": ["m"]}]})"});
  const Json provider = read_value(plan.new_text)["modelProviders"]["openai"];
  CHECK(provider["protocol"] == "openai");
  CHECK(provider["models"][0]["id"] == "m");
  CHECK(provider["models"][1] == Json{{"id", "f"}});
  CHECK(key_texts(plan.keys) == Texts{"modelProviders.openai.models"});
}

TEST_CASE("the variable is the endpoint's own, and never another endpoint's by accident") {
  struct Row {
    std::string what, entries, name;
  };
  const auto row = GENERATE(values<Row>({
      {"a generated one", "", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"},
      {"the one that its entries have", R"({"id": "m", "baseUrl": "https://openrouter.ai/api/v1/", "envKey": "MINE"})", "MINE"},
      {"not another protocol's", R"({"id": "m", "baseUrl": "https://other/api/v1", "envKey": "MINE"})",
       "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"},
      {"hashed where another endpoint has the plain one",
       R"({"id": "m", "baseUrl": "https://openrouter-ai/api/v1", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"})",
       "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27"},
  }));
  CAPTURE(row.what);
  const Wish wish{R"({"providers": [{"protocol": "openai", "baseUrl": "https://openrouter.ai/api/v1", "apiKey": "stdin", "models": ["m"]}]})", {"k"}};
  const Plan plan = apply({.user = R"({"modelProviders": {"openai": [)" + row.entries + "]}}"}, wish);
  CHECK(read_value(plan.new_text)["env"] == Json{{row.name, "k"}});
}

TEST_CASE("two declared endpoints whose plain names are the same get two names") {
  const Wish wish{R"({"providers": [
      {"protocol": "openai", "baseUrl": "https://openrouter-ai/api/v1", "apiKey": "env:A", "models": ["a"]},
      {"protocol": "openai", "baseUrl": "https://openrouter.ai/api/v1", "apiKey": "env:B", "models": ["b"]}]})", {"key-a", "key-b"}};
  const Plan plan = apply({}, wish);
  CHECK(read_value(plan.new_text)["env"] == Json{{"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1", "key-a"},
                                                {"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27", "key-b"}});
  CHECK_FALSE(apply({.user = plan.new_text}, wish).changed());
}

TEST_CASE("the first model is selected where nothing is, and a wish always") {
  struct Row {
    std::string what;
    test::SettingsTexts files;
    std::string selection, security, model;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing selected", {.user = "{}"}, "", R"({"auth": {"selectedType": "openai"}})", R"({"name": "m"})"},
      {"something selected", {.user = R"({"security": {"auth": {"selectedType": "gemini"}}, "model": {"name": "g"}})"}, "",
       R"({"auth": {"selectedType": "gemini"}})", R"({"name": "g"})"},
      {"in another scope", {.user = "{}", .system = R"({"security": {"auth": {"selectedType": "gemini"}}})"}, "", "null", "null"},
      {"a wish", {.user = R"({"security": {"auth": {"selectedType": "gemini"}, "x": 1}, "model": {"name": "g", "y": 2}})"},
       R"({"protocol": "openai", "model": "n"})", R"({"auth": {"selectedType": "openai"}, "x": 1})", R"({"name": "n", "y": 2})"},
      {"a stale base URL is set right", {.user = R"({"model": {"baseUrl": "https://stale"}})"}, "",
       R"({"auth": {"selectedType": "openai"}})", R"({"name": "m", "baseUrl": "https://h/v1"})"},
      {"an id at two endpoints", {.user = R"({"modelProviders": {"openai": [{"id": "m", "baseUrl": "https://o"}]}})"}, "",
       R"({"auth": {"selectedType": "openai"}})", R"({"name": "m", "baseUrl": "https://h/v1"})"},
      {"another id at the other endpoint", {.user = R"({"modelProviders": {"openai": [{"id": "x", "baseUrl": "https://o"}]}})"}, "",
       R"({"auth": {"selectedType": "openai"}})", R"({"name": "m"})"},
      {"an old file", {.user = R"({"selectedAuthType": "gemini", "model": "g"})"}, R"({"protocol": "openai", "model": "m"})", "null", R"("m")"},
  }));
  CAPTURE(row.what);
  Json document = Json::parse(one);
  if (!row.selection.empty()) document["selection"] = Json::parse(row.selection);
  const Plan plan = apply(row.files, {document.dump(), {"sk-0123456789"}});
  const Json value = read_value(plan.new_text);
  CHECK(value.value("security", Json()) == Json::parse(row.security));
  CHECK(value.value("model", Json()) == Json::parse(row.model));
  CHECK(plan.warnings.empty());
}

TEST_CASE("a selection that no entry has is written, and warned of") {
  const Plan plan = apply({.user = R"({"model": {"baseUrl": "x"}})"}, {R"({"selection": {"protocol": "openai", "model": "nope"}})"});
  CHECK(plan.new_text == R"({"model": {"baseUrl": "x", "name": "nope"}, "security": {"auth": {"selectedType": "openai"}}})");
  REQUIRE(find_warning(plan.warnings, "P404"));
  CHECK(contains(find_warning(plan.warnings, "P404")->message, "modelProviders.openai has the id nope"));
}

TEST_CASE("a workspace's list takes the user's models along, once and by name") {
  const test::SettingsTexts files{.user = R"({"modelProviders": {"openai": [{"id": "mine", "x": 1.0 /* c */}, {"id": "m", "baseUrl": "https://h/v1"}]}})",
                                  .workspace = R"({"modelProviders": {}})"};
  const Plan plan = apply(files, {one, {"k"}});
  CHECK(plan.file.path == "/repo/.qwen/settings.json");
  Texts ids;
  const Json value = read_value(plan.new_text);
  for (const Json& entry : value["modelProviders"]["openai"]) ids.push_back(entry["id"]);
  CHECK(ids == Texts{"m", "n", "mine"});
  CHECK(contains(plan.new_text, R"({"id": "mine", "x": 1.0 /* c */})"));
  REQUIRE(find_warning(plan.warnings, "P407"));
  CHECK(contains(find_warning(plan.warnings, "P407")->message, "1 model of /home/u/.qwen/settings.json is copied along (mine)"));
  // A list that is there hides them already.
  CHECK_FALSE(find_warning(apply({.user = files.user, .workspace = R"({"modelProviders": {"openai": []}})"}, {one, {"k"}}).warnings, "P407"));
}

TEST_CASE("other members are merged, and what differs is all that changes") {
  const std::string before = "{\n  // mine\n  \"ui\": {\"a\": 1.0, \"b\": 2}, // u\n  \"x\": [1]\n}";
  const Plan plan = apply({.user = before}, {R"({"settings": {"ui": {"a": 1, "b": 3}, "x": [2]}})"});
  CHECK(plan.new_text == "{\n  // mine\n  \"ui\": {\"a\": 1.0, \"b\": 3}, // u\n  \"x\": [\n    2\n  ]\n}");
  CHECK(key_texts(plan.keys) == Texts{"ui.b", "x"});
}

TEST_CASE("what a key, a name or the file have against them is warned of") {
  Environment environment;
  environment.variables = {{name_of_one, "sk-exported-0000000"}};
  const Plan plan = apply({.user = R"({"env": {}, "env": {}})"}, {one, {"k"}, "auto", environment});
  REQUIRE(find_warning(plan.warnings, "E101"));
  CHECK(contains(find_warning(plan.warnings, "E101")->message, "sk-••••••••••••••••"));
  CHECK(find_warning(plan.warnings, "F806", "env occurs twice"));
  CHECK(find_warning(apply({.workspace = "{}", .trusted = false}, {one, {"k"}, "workspace"}).warnings, "P406", "not trusted"));
  CHECK(find_warning(apply({}, {R"({"providers": [{"protocol": "openai", "baseUrl": "https://api.openai.com/v1/chat/completions", "envKey": "K", "models": ["m"]}]})"}).warnings, "U302"));
}

TEST_CASE("a document that cannot be meant is refused with the member at fault") {
  struct Row {
    std::string document, field, words;
  };
  const auto provider = [](const std::string& more) {
    Json made = Json::parse(R"({"protocol": "openai", "baseUrl": "https://h/v1", "envKey": "K", "models": ["m"]})");
    made.update(Json::parse(more));
    return Json{{"providers", {Json::parse(one)["providers"][0], made}}}.dump();
  };
  const auto row = GENERATE_COPY(values<Row>({
      {R"({"provider": []})", "params", "no member provider"},
      {R"({"selection": {"protocol": "openai", "models": "m"}})", "params.selection", "no member models"},
      {provider(R"({"apikey": "env:K"})"), "params.providers[1]", "no member apikey"},
      {provider(R"({"protocol": "vertex-ai"})"), "params.providers[1].protocol", "one of openai, anthropic, gemini"},
      {provider(R"({"models": null})"), "params.providers[1].models", "required"},
      {provider(R"({"baseUrl": " "})"), "document.providers[1].baseUrl", "Base URL cannot be empty."},
      {provider(R"({"baseUrl": "ftp://x"})"), "document.providers[1].baseUrl", "Base URL must start with http:// or https://."},
      {provider(R"({"envKey": "PATH"})"), "document.providers[1].envKey", "cannot be the name of a key's variable"},
      {provider(R"({"envKey": "A-B"})"), "document.providers[1].envKey", "cannot be the name of a key's variable"},
      {provider(R"({"models": []})"), "document.providers[1].models", "Model IDs cannot be empty."},
      {provider(R"({"models": [""]})"), "document.providers[1].models", "needs an id"},
      {provider(R"({"models": [{"name": "x"}]})"), "document.providers[1].models", "needs an id"},
      {provider(R"({"models": [5]})"), "document.providers[1].models", "needs an id"},
      {provider(R"({"models": [{"id": "m", "wireApi": "x"}]})"), "document.providers[1].models", "wireApi"},
      {provider(R"({"models": ["x", {"id": "x", "name": "y"}]})"), "document.providers[1].models", "declared twice"},
      {provider(R"({"baseUrl": "https://h/v1/"})"), "document.providers[1].models", "declared twice"},
      {provider(R"({"envKey": null, "baseUrl": "https://other"})"), "document.providers[1].apiKey", "where the key of https://other comes from"},
      {R"({"selection": {"protocol": "openapi", "model": "m"}})", "document.selection.protocol", "An authentication type is one of"},
      {R"({"selection": {"protocol": "openai", "model": ""}})", "document.selection.model", "Model IDs cannot be empty."},
      {R"({"settings": 5})", "document.settings", "must be an object"},
      {R"({"settings": {"ui": null}})", "document.settings.ui", "null says nothing"},
      {R"({"settings": {"env": {"A": 5}}})", "document.settings.env", "env.A must be a string"},
      {R"({"settings": {"ui": {"theme": null}}})", "document.settings.ui", "ui.theme: null says nothing"},
      {R"({"settings": {"ui": {"__proto__": 1}}})", "document.settings.ui", "__proto__"},
      {R"({"settings": {"env": {"NODE_OPTIONS": "x"}}})", "document.settings.env", "env.NODE_OPTIONS is no variable"},
      {R"({"settings": {"$version": 1}})", "document.settings.$version", "Qwen Code writes it itself"},
      {R"({"settings": {"model": "m"}})", "document.settings.model", "model must be an object"},
      {R"({"settings": {"env": {"FOO_KEY": "sk-secret-22222222"}}})", "document.settings.env.FOO_KEY", "env.FOO_KEY has the name of a secret"},
      {R"({"settings": {"mcpServers": {"x": {"headers": {"Authorization": "Bearer sk-secret-22222222"}}}}})",
       "document.settings.mcpServers.x.headers.Authorization", "has the name of a secret"},
      {R"({"settings": {"security": {"auth": {"apiKey": "sk-secret-$x"}}}})", "document.settings.security.auth.apiKey", "has the name of a secret"},
      {provider(R"({"models": [{"id": "m", "generationConfig": {"customHeaders": {"x-api-key": "sk-secret-22222222"}}}]})"),
       "document.providers[1].models", "generationConfig.customHeaders.x-api-key has the name of a secret"},
      {R"({"providers": [{"protocol": "openai", "baseUrl": "https://a", "envKey": "GW", "apiKey": "env:A", "models": ["m"]},
                         {"protocol": "openai", "baseUrl": "https://b", "envKey": "GW", "apiKey": "env:B", "models": ["m"]}]})",
       "document.providers[1].envKey", "The key of https://b would take the place of that of https://a: both go to GW."},
      {R"({"settings": {"security": {"auth": {"selectedType": "x"}}}})", "document.settings.security", "An authentication type"},
  }));
  CAPTURE(row.document);
  const Error error = refusal(try_apply({}, {row.document, {"k", contains(row.document, "env:B") ? "l" : ""}}));
  CHECK_FALSE(contains(error.message + error.hint, "sk-secret"));
  CHECK((wire_code(error.kind) == -32012 || wire_code(error.kind) == -32602));
  CHECK(error.field == row.field);
  CHECK(contains(error.message, row.words));
}

TEST_CASE("what only refers to a secret, or has no name of one, may be declared") {
  const auto settings = GENERATE(as<std::string>(),
      R"({"env": {"HTTP_PROXY": "http://proxy:3128", "FOO_KEY": "$OTHER", "GOOGLE_APPLICATION_CREDENTIALS": "/etc/key.json"}})",
      R"({"mcpServers": {"token-counter": {"command": "npx", "headers": {"Authorization": "Bearer ${MCP_TOKEN}", "Accept": "text/plain"}}}})",
      R"({"mcpServers": {"x": {"oauth": {"tokenUrl": "https://h/token", "clientSecret": "${SECRET}"}}}})",
      R"({"security": {"auth": {"apiKey": ""}}, "model": {"sessionTokenLimit": 5}})");
  CHECK(apply({}, {R"({"settings": )" + settings + "}"}).changed());
}

TEST_CASE("one key for two endpoints is no clash, and neither is a variable that the environment fills") {
  const auto document = [](const std::string& second) {
    return R"({"providers": [{"protocol": "openai", "baseUrl": "https://a", "envKey": "GW", "apiKey": "env:A", "models": ["m"]},
                             {"protocol": "openai", "baseUrl": "https://b", "envKey": "GW", "models": ["m"])" + second + "}]}";
  };
  CHECK(apply({}, {document(R"(, "apiKey": "env:A")"), {"sk-0123456789ab", "sk-0123456789ab"}}).warnings.size() == 2);  // U301, twice
  CHECK_FALSE(find_warning(apply({}, {document(""), {"sk-0123456789ab"}}).warnings, "K211"));
}

TEST_CASE("a key that another endpoint's entries take for theirs is warned of, until it is there") {
  const std::string other = R"("modelProviders": {"openai": [{"id": "x", "baseUrl": "https://other/v1", "envKey": "GW"}]})";
  const std::string key = "sk-0123456789ab";
  const Wish wish{R"({"providers": [{"protocol": "openai", "baseUrl": "https://h/v1", "envKey": "GW", "apiKey": "env:A", "models": ["m"]}]})", {key}};
  const Plan plan = apply({.user = R"({"env": {"GW": "sk-of-the-other-01"}, )" + other + "}"}, wish);
  REQUIRE(find_warning(plan.warnings, "K211"));
  CHECK(find_warning(plan.warnings, "K211")->message ==
        "GW is also the variable of https://other/v1, which gets the key of https://h/v1 with it. Give an envKey of its own if the two keys differ.");
  CHECK(find_warning(apply({.user = "{" + other + "}"}, wish).warnings, "K211"));
  CHECK_FALSE(find_warning(apply({.user = plan.new_text}, wish).warnings, "K211"));
  CHECK_FALSE(find_warning(apply({.user = R"({"env": {"GW": ")" + key + R"("}, )" + other + "}"}, wish).warnings, "K211"));
  // Its own entries, also under another spelling, are no others.
  CHECK_FALSE(find_warning(apply({.user = R"({"modelProviders": {"openai": [{"id": "x", "baseUrl": "https://h/v1/", "envKey": "GW"}]}})"}, wish).warnings, "K211"));
}

TEST_CASE("entries with which Qwen Code does not start are warned of, whoever wrote them") {
  const auto list = GENERATE(as<std::string>(), "[null]", R"([{"name": "noid"}])", R"(["str"])", R"([{"id": 5}])");
  const Plan plan = apply({.user = R"({"modelProviders": {"openai": )" + list + "}}"}, {one, {"sk-0123456789ab"}});
  REQUIRE(find_warning(plan.warnings, "P408"));
  CHECK(find_warning(plan.warnings, "P408")->message == "An entry under modelProviders has no id. Qwen Code does not start while it is there.");
}

TEST_CASE("a reference says where a key is, and a literal one is refused without being quoted") {
  using Kind = KeyReference::Kind;
  struct Row {
    std::string text;
    Kind kind;
    std::string name;
  };
  const auto row = GENERATE(values<Row>({{"env:OPENAI_API_KEY", Kind::environment, "OPENAI_API_KEY"},
                                         {"file:keys/a b", Kind::file, "keys/a b"},
                                         {"file:/run/key", Kind::file, "/run/key"},
                                         {"stdin", Kind::standard_input, ""}}));
  const auto reference = parse_key_reference(row.text, "f");
  REQUIRE(reference);
  CHECK(reference->kind == row.kind);
  CHECK(reference->name == row.name);
  for (const char* text : {"sk-literal-0000", "env:sk-literal-0000", "env:", "env:PATH", "file:", "stdin:", "Env:K", ""}) {
    const auto refused = parse_key_reference(text, "document.providers[0].apiKey");
    REQUIRE_FALSE(refused);
    CHECK(wire_code(refused.error().kind) == -32012);
    CHECK(refused.error().field == "document.providers[0].apiKey");
    CHECK_FALSE(contains(refused.error().message + refused.error().hint, "literal"));
  }
}

namespace {

OrderedJson entry_before(Tape& tape) {
  static const Texts names{name_of_one, "OTHER", ""}, urls{"https://h/v1", "https://h/v1/", "https://o", ""}, ids{"m", "n", "x"};
  OrderedJson entry = {{"id", ids[tape.below(3)]}, {"baseUrl", urls[tape.below(4)]}, {"envKey", names[tape.below(3)]}};
  if (tape.yes()) entry["generationConfig"] = test::any_value(tape, 2);
  return entry;
}

std::string settings_before(Tape& tape) {
  OrderedJson value = OrderedJson::object();
  if (tape.yes()) value["$version"] = static_cast<int>(tape.below(6));
  if (tape.yes()) value[test::odd_string(tape)] = test::any_value(tape, 2);
  if (tape.yes()) {
    OrderedJson list = OrderedJson::array();
    for (std::size_t count = tape.below(4); count > 0; --count) list.push_back(entry_before(tape));
    value["modelProviders"] = {{"openai", list}};
  }
  if (tape.yes()) value["env"] = {{"OTHER", "sk-other-secret-1"}};
  if (tape.yes()) value["security"] = {{"auth", {{"selectedType", "gemini"}}}};
  if (tape.yes()) value["model"] = tape.yes() ? OrderedJson("x") : OrderedJson{{"name", "m"}, {"baseUrl", "https://stale"}};
  if (tape.yes()) value["ui"] = test::any_value(tape, 2);
  const test::Writing writing = test::Writing::of(tape);
  return test::DocumentWriter(tape, writing).write(value);
}

std::string some_document(Tape& tape) {
  Json document = Json::parse(one);
  if (tape.yes()) document["providers"][0]["models"] = Json::parse(R"([{"id": "x", "generationConfig": {"timeout": 1}}, "m"])");
  if (tape.yes()) document["providers"].push_back({{"protocol", "openai"}, {"baseUrl", "https://o"}, {"envKey", "OTHER"}, {"models", {"m"}}});
  if (tape.yes()) document["selection"] = {{"protocol", "openai"}, {"model", tape.yes() ? "m" : "nope"}};
  if (tape.yes()) document["settings"] = {{"ui", {{"a", Json::parse(test::any_value(tape, 1).dump())}, {"b", 1}}}};
  return document.dump();
}

}  // namespace

TEST_CASE("applying twice is applying once, and what nobody declared stays") {
  REQUIRE(rc::check("idempotent", [](const std::vector<std::uint8_t>& bytes) {
    Tape tape(bytes);
    const std::string text = settings_before(tape);
    const Wish wish{some_document(tape), {"sk-0123456789", ""}};
    const auto once = try_apply({.user = text}, wish);
    if (!once) {  // a member in the way, such as a string at "ui"; or a null that is declared
      const bool declares_null = contains(wish.document, "null") && wire_code(once.error().kind) == -32012;
      RC_ASSERT(declares_null || wire_code(once.error().kind) == -32020);
      return;
    }
    const Plan twice = apply({.user = once->new_text}, wish);
    RC_ASSERT(twice.new_text == once->new_text);
    RC_ASSERT(twice.keys.empty());
    RC_ASSERT(once->changed() == !once->keys.empty());
    Json before = read_value(text), after = read_value(once->new_text);
    for (Json* value : {&before, &after})
      for (const char* name : {"env", "model", "modelProviders", "security", "selectedAuthType", "ui"}) value->erase(name);
    RC_ASSERT(before.dump() == after.dump());
    // Nor is a comment lost, unless it was in a value that was to be another.
    if (!contains(wish.document, "settings")) RC_ASSERT(test::Pieces(once->new_text).comments.size() == test::Pieces(text).comments.size());
  }));
}

}  // namespace authd::core
