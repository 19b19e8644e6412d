// Every text of the PRD's screens, as the daemon serves it: a frontend only draws.
#include <catch2/catch.hpp>
#include <set>

#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

const Json documentation = Json::array(
    {{{"label", "Need advanced generationConfig or capabilities? See:"},
      {"url", "https://qwenlm.github.io/qwen-code-docs/en/users/configuration/model-providers/"}}});

// The texts of a step, without what the user answered.
Json texts_of(const Json& state) {
  Json texts = Json::object();
  for (const char* name : {"id", "kind", "title", "prompt", "label", "context", "options", "examples", "hint", "links"})
    texts[name] = state["step"][name];
  return texts;
}

Json labelled(std::initializer_list<std::pair<const char*, const char*>> list) {
  Json array = Json::array();
  for (const auto& [label, value] : list) array.push_back({{"label", label}, {"value", value}});
  return array;
}

const Json none = Json::array();

}  // namespace

TEST_CASE("The screens of the OpenAI-compatible walk are the PRD's") {
  const Daemon daemon;
  Client client = daemon.connect();
  Json state = start(client);
  const std::string session = state["sessionId"];
  CHECK(state["flow"] == "custom-api-key");
  CHECK(texts_of(state) ==
        Json{{"id", "custom-protocol-select"},
             {"kind", "select"},
             {"title", "Custom API Key · Select Protocol"},
             {"prompt", ""},
             {"label", "Protocol"},
             {"context", none},
             {"options",
              {{{"value", "openai"}, {"label", "OpenAI-compatible"}, {"description", "OpenAI, OpenRouter, Fireworks, vLLM, Ollama, LM Studio"}},
               {{"value", "anthropic"}, {"label", "Anthropic-compatible"}, {"description", "Anthropic-compatible endpoints"}},
               {{"value", "gemini"}, {"label", "Gemini-compatible"}, {"description", "Gemini-compatible endpoints"}}}},
             {"examples", none},
             {"hint", "Enter to select, ↑↓ to navigate, Esc to go back"},
             {"links", none}});
  state = submit(client, session, "custom-protocol-select", "openai");
  CHECK(texts_of(state) ==
        Json{{"id", "custom-base-url-input"},
             {"kind", "text"},
             {"title", "Custom API Key · Base URL"},
             {"prompt", "Enter the OpenAI-compatible API endpoint."},
             {"label", "Base URL"},
             {"context", labelled({{"Protocol", "OpenAI-compatible"}})},
             {"options", none},
             {"examples", labelled({{"OpenAI", "https://api.openai.com/v1"},
                                    {"OpenRouter", "https://openrouter.ai/api/v1"},
                                    {"Fireworks", "https://api.fireworks.ai/inference/v1"},
                                    {"Ollama", "http://localhost:11434/v1"},
                                    {"LM Studio", "http://localhost:1234/v1"}})},
             {"hint", "Enter to continue, Esc to go back"},
             {"links", documentation}});
  state = submit(client, session, "custom-base-url-input", "https://openrouter.ai/api/v1");
  const Json context = labelled({{"Protocol", "OpenAI-compatible"}, {"Endpoint", "https://openrouter.ai/api/v1"}});
  CHECK(texts_of(state) == Json{{"id", "custom-api-key-input"},
                                {"kind", "secret"},
                                {"title", "Custom API Key · API Key"},
                                {"prompt", "Enter the API key for this endpoint."},
                                {"label", "API key"},
                                {"context", context},
                                {"options", none},
                                {"examples", none},
                                {"hint", "Enter to continue, Esc to go back"},
                                {"links", none}});
  state = submit(client, session, "custom-api-key-input", canary);
  CHECK(texts_of(state) == Json{{"id", "custom-model-id-input"},
                                {"kind", "text"},
                                {"title", "Custom API Key · Model IDs"},
                                {"prompt", "Enter one or more model IDs, separated by commas."},
                                {"label", "Model IDs"},
                                {"context", context},
                                {"options", none},
                                {"examples", none},
                                {"hint", "Enter to continue, Esc to go back"},
                                {"links", none}});
  state = submit(client, session, "custom-model-id-input", "qwen/qwen3-coder, openai/gpt-4.1, qwen/qwen3-coder,,");
  CHECK(texts_of(state) == Json{{"id", "custom-review-json"},
                                {"kind", "review"},
                                {"title", "Custom API Key · Review"},
                                {"prompt", "The following JSON will be saved to settings.json:"},
                                {"label", "Review"},
                                {"context", none},
                                {"options", none},
                                {"examples", none},
                                {"hint", "Enter to save, Esc to go back"},
                                {"links", documentation}});
}

TEST_CASE("Each protocol names itself on the later screens") {
  const Daemon daemon;
  Client client = daemon.connect();
  for (const auto& [protocol, label] : {std::pair{"anthropic", "Anthropic-compatible"}, {"gemini", "Gemini-compatible"}}) {
    const std::string session = start(client)["sessionId"];
    Json state = submit(client, session, "custom-protocol-select", protocol);
    CHECK(state["step"]["prompt"] == "Enter the " + std::string(label) + " API endpoint.");
    CHECK(state["step"]["context"] == labelled({{"Protocol", label}}));
    CHECK(state["step"]["examples"] == none);
    state = submit(client, session, "custom-base-url-input", "https://example.com");
    CHECK(state["step"]["context"] == labelled({{"Protocol", label}, {"Endpoint", "https://example.com"}}));
  }
}

TEST_CASE("The flows of the dialog are all listed, and each can be opened") {
  const Daemon daemon;
  Client client = daemon.connect();
  std::map<std::string, Json> flows;
  const Json list = client.call("wizard.flows")["flows"];
  for (const Json& flow : list) {
    CHECK_FALSE(flow["title"].get<std::string>().empty());
    CHECK(flow["description"].is_string());
    flows[flow["id"]] = flow;
  }
  for (const char* id : {"auth", "api-key", "custom-api-key", "coding-plan", "alibaba-standard", "qwen-oauth", "ollama"}) {
    INFO(id);
    CHECK_FALSE(flows.at(id).contains("unavailable"));
    CHECK(client.call("wizard.start", {{"flow", id}})["flow"] == id);
  }
  CHECK_FALSE(flows.at("qwen-oauth").value("deprecated", "").empty());
  const Json error = client.refusal("wizard.start", {{"flow", "no-such-flow"}});
  CHECK(error["code"] == -32012);
  CHECK(error["data"]["kind"] == "invalid_input");
  CHECK(error["data"]["field"] == "flow");
}

TEST_CASE("The dialog leads from the root menu to the custom flow and all the way back") {
  const Daemon daemon;
  Client client = daemon.connect();
  Json state = client.call("wizard.start");
  const std::string session = state["sessionId"];
  CHECK(state["flow"] == "auth");
  CHECK(state["step"]["id"] == "main");
  CHECK(state["step"]["title"] == "Select Authentication Method");
  CHECK(state["canGoBack"] == false);
  std::vector<std::string> labels;
  for (const Json& option : state["step"]["options"]) labels.push_back(option["label"]);
  CHECK(labels == std::vector<std::string>{"Alibaba Cloud Coding Plan", "API Key", "Qwen OAuth"});

  const Json refused = client.refusal("wizard.submitStep", {{"sessionId", session}, {"step", "main"}, {"value", "oauth"}});
  CHECK(refused["code"] == -32012);
  CHECK(refused["data"]["field"] == "value");

  state = submit(client, session, "main", "api-key");
  CHECK(state["flow"] == "api-key");
  CHECK(state["step"]["id"] == "api-key-type-select");
  CHECK(state["step"]["title"] == "Select API Key Type");
  CHECK(state["canGoBack"] == true);
  CHECK(state["step"]["options"][0]["label"] == "Alibaba Cloud ModelStudio Standard API Key");
  CHECK(state["step"]["options"][1]["label"] == "Custom API Key");

  state = submit(client, session, "api-key-type-select", "custom-api-key");
  CHECK(state["flow"] == "custom-api-key");
  CHECK(state["step"]["id"] == "custom-protocol-select");
  const std::vector<std::pair<std::string, std::string>> answers{{"custom-protocol-select", "openai"},
                                                                 {"custom-base-url-input", "https://example.com/v1"},
                                                                 {"custom-api-key-input", std::string(canary)},
                                                                 {"custom-model-id-input", "m1, m2"}};
  for (const auto& [step, value] : answers) state = submit(client, session, step, value);
  CHECK(state["step"]["id"] == "custom-review-json");

  for (auto answer = answers.rbegin(); answer != answers.rend(); ++answer) {
    state = client.call("wizard.back", {{"sessionId", session}});
    CHECK(state["step"]["id"] == answer->first);
    CHECK(state["step"]["hasValue"] == true);
    CHECK(state["canGoBack"] == true);
    // A secret is never given back.
    if (answer->first == "custom-api-key-input")
      CHECK_FALSE(state["step"].contains("value"));
    else
      CHECK(state["step"]["value"] == answer->second);
  }
  CHECK(client.call("wizard.back", {{"sessionId", session}})["step"]["id"] == "api-key-type-select");
  state = client.call("wizard.back", {{"sessionId", session}});
  CHECK(state["step"]["id"] == "main");
  CHECK(state["canGoBack"] == false);
  CHECK(client.call("wizard.back", {{"sessionId", session}}) == Json{{"closed", true}});
  CHECK(client.refusal("wizard.state", {{"sessionId", session}})["code"] == -32010);
}

TEST_CASE("A flow started on its own closes at the step before its first one") {
  const Daemon daemon;
  Client client = daemon.connect();
  const Json state = start(client);
  CHECK(state["canGoBack"] == false);
  CHECK(client.call("wizard.back", {{"sessionId", state["sessionId"]}}) == Json{{"closed", true}});
}

TEST_CASE("Answers given before are kept when a step is submitted without a value") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string session = walk_to_review(client, {.base_url = "https://example.com/v1", .model_ids = "m1,m2"});
  for (int i = 0; i < 4; ++i) client.call("wizard.back", {{"sessionId", session}});
  for (const char* step : {"custom-protocol-select", "custom-base-url-input", "custom-api-key-input", "custom-model-id-input"})
    submit(client, session, step, nullptr);
  const Json plan = preview(client, session);
  CHECK(plan["patch"]["modelProviders"]["openai"].size() == 2);
  CHECK(plan["patch"]["env"].begin().value() == "sk-••••••••••••••••");
}
