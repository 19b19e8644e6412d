// The PRD's model provider merge rule, on files as people have them.
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::contains;
using test::openrouter;
using test::plan;
using test::read_value;

// A file with everything in it: comments, tabs, the Coding Plan's and ModelStudio's entries, an
// older set-up of the endpoint, another custom endpoint, another protocol, and members of others.
const std::string lived_in = R"(// my settings
{
	"$version": 4, // do not touch
	"ui": { "theme" : "Qwen Dark" },   /* odd   spacing */
	"env": {
		// the plan
		"BAILIAN_CODING_PLAN_API_KEY": "sk-sp-plan", // renews in May
		"DASHSCOPE_API_KEY": "sk-standard",
		"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1": "sk-former" // openrouter
	},
	"modelProviders": {
		"openai": [
			// Coding Plan
			{ "id": "qwen3-coder-plus", "name": "[Coding InstallationPlan] qwen3-coder-plus",
			  "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY",
			  "generationConfig": {"extra_body": {"enable_thinking": true}, "big": 12345678901234567890} }, // plan
			// replaced: model A
			{"id": "qwen/qwen3-coder", "name": "mine", "baseUrl": "https://openrouter.ai/api/v1", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1",
			 "generationConfig": {"timeout": 60000}},
			// Standard
			{"id":"qwen3.5-plus","name":"[ModelStudio Standard] qwen3.5-plus","baseUrl":"https://dashscope.aliyuncs.com/compatible-mode/v1","envKey":"DASHSCOPE_API_KEY"}, // std
			{"id": "gone", "name": "gone", "baseUrl": "https://openrouter.ai/api/v1", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"},
			// by hand
			{"id": "local", "baseUrl": "http://localhost:1234/v1", "envKey": "LM_KEY"} // last
		],
		"anthropic": [ {"id": "claude", "envKey": "ANTHROPIC_API_KEY"} ] // other protocol
	},
	"unknown": {"kept": [1, 2.50, "\u00e9"]},
	"security": {"auth": {"selectedType": "qwen-oauth"}},
	"model": {"name": "qwen3-coder-plus"}
}
)";

const std::string coding_plan_entry = R"(			// Coding Plan
			{ "id": "qwen3-coder-plus", "name": "[Coding InstallationPlan] qwen3-coder-plus",
			  "baseUrl": "https://coding.dashscope.aliyuncs.com/v1", "envKey": "BAILIAN_CODING_PLAN_API_KEY",
			  "generationConfig": {"extra_body": {"enable_thinking": true}, "big": 12345678901234567890} }, // plan
)";
const std::string standard_entry = R"(			// Standard
			{"id":"qwen3.5-plus","name":"[ModelStudio Standard] qwen3.5-plus","baseUrl":"https://dashscope.aliyuncs.com/compatible-mode/v1","envKey":"DASHSCOPE_API_KEY"}, // std
)";
const std::string by_hand_entry = R"(			// by hand
			{"id": "local", "baseUrl": "http://localhost:1234/v1", "envKey": "LM_KEY"} // last
)";

std::vector<std::string> ids(const Json& list) {
  std::vector<std::string> names;
  for (const Json& entry : list) names.push_back(entry.at("id").get<std::string>());
  return names;
}

}  // namespace

TEST_CASE("new entries come first, those with the same name go, all others stay in their order") {
  Json value = read_value(plan({.user = lived_in}, openrouter()).new_text);
  CHECK(ids(value["modelProviders"]["openai"]) ==
        std::vector<std::string>{"qwen/qwen3-coder", "openai/gpt-4.1", "qwen3-coder-plus", "qwen3.5-plus", "local"});
}

TEST_CASE("entries that stay keep every byte and their comments") {
  const std::string text = plan({.user = lived_in}, openrouter()).new_text;
  CHECK(contains(text, coding_plan_entry));
  CHECK(contains(text, standard_entry));
  CHECK(contains(text, by_hand_entry));
  CHECK_FALSE(contains(text, "\"gone\""));
}

TEST_CASE("everything outside the edited members keeps its bytes") {
  const std::string text = plan({.user = lived_in}, openrouter(), "sk-later").new_text;
  for (const std::string part : {
           "// my settings\n{\n\t\"$version\": 4, // do not touch\n\t\"ui\": { \"theme\" : \"Qwen Dark\" },   /* odd   spacing */\n",
           "\t\t// the plan\n\t\t\"BAILIAN_CODING_PLAN_API_KEY\": \"sk-sp-plan\", // renews in May\n\t\t\"DASHSCOPE_API_KEY\": \"sk-standard\",\n",
           "_V1\": \"sk-later\" // openrouter\n",
           "\t\t\"anthropic\": [ {\"id\": \"claude\", \"envKey\": \"ANTHROPIC_API_KEY\"} ] // other protocol\n",
           "\t\"unknown\": {\"kept\": [1, 2.50, \"\\u00e9\"]},\n",
           "\t\"security\": {\"auth\": {\"selectedType\": \"openai\"}},\n\t\"model\": {\"name\": \"qwen/qwen3-coder\"}\n}\n",
       }) {
    CAPTURE(part);
    CHECK(contains(text, part));
  }
}

TEST_CASE("other protocols' entries are kept even under the same name") {
  const std::string text = R"({"modelProviders": {"anthropic": [{"id": "claude", "baseUrl": "https://openrouter.ai/api/v1",
      "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"}], "openai": []}})";
  Json before = read_value(text), after = read_value(plan({.user = text}, openrouter()).new_text);
  CHECK(after["modelProviders"]["anthropic"] == before["modelProviders"]["anthropic"]);
}

TEST_CASE("a model that is set up again keeps what was added to it by hand") {
  const InstallationPlan made = plan({.user = lived_in}, openrouter());
  Json list = read_value(made.new_text)["modelProviders"]["openai"];
  CHECK(list[0] == Json{{"id", "qwen/qwen3-coder"},
                        {"name", "qwen/qwen3-coder"},
                        {"baseUrl", "https://openrouter.ai/api/v1"},
                        {"envKey", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"},
                        {"generationConfig", {{"timeout", 60000}}}});
  CHECK(made.first_entry == list[0]);
  CHECK(list[1].size() == 4);
}

TEST_CASE("configuring another endpoint or protocol leaves the earlier custom entries") {
  Json before = read_value(lived_in)["modelProviders"];
  Json other_url =
      read_value(plan({.user = lived_in}, {"openai", "https://api.fireworks.ai/inference/v1", {"f"}}).new_text)["modelProviders"];
  CHECK(ids(other_url["openai"]) ==
        std::vector<std::string>{"f", "qwen3-coder-plus", "qwen/qwen3-coder", "qwen3.5-plus", "gone", "local"});
  CHECK(other_url["anthropic"] == before["anthropic"]);
  Json other_protocol =
      read_value(plan({.user = lived_in}, {"gemini", "https://generativelanguage.googleapis.com", {"g"}}).new_text)["modelProviders"];
  CHECK(ids(other_protocol["gemini"]) == std::vector<std::string>{"g"});
  CHECK(other_protocol["openai"] == before["openai"]);
}

TEST_CASE("a list is made where there is none, and used where it is empty") {
  struct Row {
    std::string user, expected;
  };
  const auto row = GENERATE(values<Row>({
      {"{}", "[0]"},
      {R"({"modelProviders": {}})", "[0]"},
      {R"({"modelProviders": null})", "[0]"},
      {R"({"modelProviders": {"openai": null}})", "[0]"},
      {R"({"modelProviders": {"openai": []}})", "[0]"},
      {R"({"modelProviders": {"openai": [ /* empty */ ]}})", "[0]"},
      {R"({"modelProviders": {"openai": [1, null, {"id": 5}, {"x": []}, "s"]}})", R"([0, 1, null, {"id": 5}, {"x": []}, "s"])"},
  }));
  CAPTURE(row.user);
  const InstallationPlan made = plan({.user = row.user}, {"openai", "https://h/v1", {"m"}});
  Json expected = Json::parse(row.expected);
  expected[0] = {{"id", "m"}, {"name", "m"}, {"baseUrl", "https://h/v1"}, {"envKey", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1"}};
  CHECK(read_value(made.new_text)["modelProviders"]["openai"] == expected);
}

TEST_CASE("where modelProviders occurs twice the one that counts is edited, and that is said") {
  const InstallationPlan made = plan({.user = R"({"modelProviders": {"openai": [{"id": "dead"}]}, "modelProviders": {"openai": [{"id": "live"}]}})"},
                         openrouter());
  CHECK(ids(read_value(made.new_text)["modelProviders"]["openai"]).back() == "live");
  CHECK(contains(made.new_text, R"("modelProviders": {"openai": [{"id": "dead"}]})"));
  CHECK(test::find_warning(made.warnings, "F806", "modelProviders") != nullptr);
}

TEST_CASE("line breaks, indentation, byte order mark and final line break stay as they are") {
  const std::string text =
      plan({.user = "\xEF\xBB\xBF{\r\n    \"modelProviders\": {\r\n        \"openai\": [\r\n            {\r\n                \"id\": \"a\"\r\n            }\r\n        ]\r\n    }\r\n}"},
           {"openai", "http://localhost/v1", {"m"}}, "k")
          .new_text;
  CHECK(text ==
        "\xEF\xBB\xBF{\r\n    \"modelProviders\": {\r\n        \"openai\": [\r\n            {\r\n"
        "                \"id\": \"m\",\r\n                \"name\": \"m\",\r\n                \"baseUrl\": \"http://localhost/v1\",\r\n"
        "                \"envKey\": \"QWEN_CUSTOM_API_KEY_OPENAI_HTTP_LOCALHOST_V1\"\r\n            },\r\n            {\r\n"
        "                \"id\": \"a\"\r\n            }\r\n        ]\r\n    },\r\n    \"env\": {\r\n"
        "        \"QWEN_CUSTOM_API_KEY_OPENAI_HTTP_LOCALHOST_V1\": \"k\"\r\n    },\r\n    \"security\": {\r\n"
        "        \"auth\": {\r\n            \"selectedType\": \"openai\"\r\n        }\r\n    },\r\n    \"model\": {\r\n"
        "        \"name\": \"m\"\r\n    }\r\n}");
}

}  // namespace authd::core
