#include "protocol/fields.hpp"

#include <catch2/catch.hpp>

#include "protocol/messages.hpp"

namespace authd {
namespace {

struct Inner {
  std::string text;
  std::vector<bool> flags_unused;
  static auto fields() { return std::tuple{required("text", &Inner::text, "a text")}; }
};

struct Sample {
  std::string name, mode = "slow";
  bool loud = true;
  std::optional<Secret> key;
  std::vector<std::string> list;
  std::map<std::string, std::string> map;
  std::optional<Inner> inner;
  Json anything;
  static auto fields() {
    return std::tuple{required("name", &Sample::name, "who"),
                      optional("mode", &Sample::mode, "how", {"slow", "fast"}),
                      optional("loud", &Sample::loud, "whether"),
                      optional("key", &Sample::key, "secret"),
                      optional("list", &Sample::list, "many"),
                      optional("map", &Sample::map, "named"),
                      optional("inner", &Sample::inner, "within"),
                      optional("anything", &Sample::anything, "whatever")};
  }
};

}  // namespace

TEST_CASE("params are read by name") {
  const auto sample = decode<Sample>(Json::parse(R"({"name":"n","mode":"fast","loud":false,"key":"k","list":["a","b"],
      "map":{"x":"y"},"inner":{"text":"t"},"anything":[1],"unknown":{"is":"ignored"}})"));
  REQUIRE(sample);
  CHECK(sample->name == "n");
  CHECK(sample->mode == "fast");
  CHECK_FALSE(sample->loud);
  CHECK(sample->key.value().reveal() == "k");
  CHECK(sample->list == std::vector<std::string>{"a", "b"});
  CHECK(sample->map.at("x") == "y");
  CHECK(sample->inner.value().text == "t");
  CHECK(sample->anything == Json::array({1}));
}

TEST_CASE("params are read by position, in declared order, and null leaves one out") {
  const auto sample = decode<Sample>(Json::parse(R"(["n",null,false])"));
  REQUIRE(sample);
  CHECK(sample->name == "n");
  CHECK(sample->mode == "slow");
  CHECK_FALSE(sample->loud);
  CHECK_FALSE(sample->key);
}

TEST_CASE("what is absent or null keeps its default") {
  for (const char* params : {R"({"name":"n"})", R"({"name":"n","mode":null,"loud":null,"key":null,"list":null,"inner":null})"}) {
    const auto sample = decode<Sample>(Json::parse(params));
    REQUIRE(sample);
    CHECK(sample->mode == "slow");
    CHECK(sample->loud);
    CHECK_FALSE(sample->key);
    CHECK(sample->list.empty());
  }
  CHECK(decode<NoParams>(Json()));
  CHECK(decode<NoParams>(Json::parse(R"({"x":1})")));
}

TEST_CASE("a wrong shape is invalid_params and names the path") {
  struct Row {
    std::string params, message, field;
  };
  const auto row = GENERATE(values<Row>({
      {"null", "params.name: expected a value, it is required", "params.name"},
      {"{}", "params.name: expected a value, it is required", "params.name"},
      {R"({"name":null})", "params.name: expected a value, it is required", "params.name"},
      {R"({"name":5})", "params.name: expected a string", "params.name"},
      {R"({"name":"n","mode":"x"})", "params.mode: expected one of slow, fast", "params.mode"},
      {R"({"name":"n","mode":1})", "params.mode: expected a string", "params.mode"},
      {R"({"name":"n","loud":"yes"})", "params.loud: expected true or false", "params.loud"},
      {R"({"name":"n","key":{}})", "params.key: expected a string", "params.key"},
      {R"({"name":"n","list":"a"})", "params.list: expected an array", "params.list"},
      {R"({"name":"n","list":["a",7]})", "params.list[1]: expected a string", "params.list[1]"},
      {R"({"name":"n","map":[]})", "params.map: expected an object", "params.map"},
      {R"({"name":"n","map":{"x":1}})", "params.map.x: expected a string", "params.map.x"},
      // A name that is no name may be a key in the wrong place.
      {R"({"name":"n","map":{"sk-canary":1}})", "params.map.*: expected a string", "params.map.*"},
      {R"({"name":"n","inner":"t"})", "params.inner: expected an object", "params.inner"},
      {R"({"name":"n","inner":{}})", "params.inner.text: expected a value, it is required", "params.inner.text"},
      {"[5]", "params.name: expected a string", "params.name"},
      {"[1,2,3,4,5,6,7,8,9]", "params: expected at most 8 values", "params"},
  }));
  CAPTURE(row.params);
  const auto sample = decode<Sample>(Json::parse(row.params));
  REQUIRE_FALSE(sample);
  CHECK(wire_code(sample.error().kind) == -32602);
  CHECK(sample.error().message == row.message);
  CHECK(sample.error().field == row.field);
}

TEST_CASE("a wrong value that may be a key is not quoted") {
  const auto sample = decode<WizardSubmitStep>(Json::parse(R"({"sessionId":"s","step":"x","value":["sk-canary"]})"));
  REQUIRE_FALSE(sample);
  CHECK_THAT(dump(to_json(sample.error())), !Catch::Contains("canary"));
}

TEST_CASE("the context of a caller is read, and what is wrong in it is named") {
  const auto start = decode<WizardStart>(Json::parse(R"({"flow":"custom-api-key","context":{"cwd":"/repo","env":{"A":"b"},"args":["-p"],"home":"/h","cliVersion":"0.24.4"}})"));
  REQUIRE(start);
  CHECK(start->flow == "custom-api-key");
  CHECK(start->scope == "auto");
  CHECK(start->context.cwd == "/repo");
  CHECK(start->context.env.value().at("A") == "b");
  CHECK(start->context.args == std::vector<std::string>{"-p"});
  CHECK(start->context.cli_version == "0.24.4");
  CHECK(decode<WizardStart>(Json()).value().flow == "auth");
  CHECK(decode<WizardStart>(Json::parse(R"({"context":{"cwd":5}})")).error().message == "params.context.cwd: expected a string");
  CHECK(decode<WizardStart>(Json::parse(R"({"scope":"system"})")).error().field == "params.scope");
  CHECK(decode<WizardCommit>(Json::parse(R"({"sessionId":"s","check":"never"})")).error().field == "params.check");
  CHECK(decode<WizardCommit>(Json::parse(R"({"sessionId":"s"})")).value().check == "after");
}

TEST_CASE("the OpenRPC description has the required params first, each with its schema") {
  Json params = openrpc_params<WizardCommit>();
  REQUIRE(params.size() == 6);
  CHECK(params[0]["name"] == "sessionId");
  CHECK(params[0]["required"] == true);
  CHECK(params[0]["schema"]["type"] == "string");
  for (std::size_t i = 1; i < params.size(); ++i) CHECK(params[i]["required"] == false);
  for (const Json& param : params)
    if (param["name"] == "check") CHECK(param["schema"]["enum"] == Json{"after", "before", "none"});
  Json sample = openrpc_params<Sample>();
  CHECK(sample[4]["schema"] == Json::parse(R"({"type":"array","items":{"type":"string"},"description":"many"})"));
  CHECK(sample[5]["schema"]["additionalProperties"] == Json::parse(R"({"type":"string"})"));
  CHECK(sample[6]["schema"]["required"] == Json::array({"text"}));
}

}  // namespace authd
