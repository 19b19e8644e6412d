// The laws of an installation, on generated settings files.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/support/document_generator.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::Tape;
using Bytes = std::vector<std::uint8_t>;

const std::string installed_key = "sk-canary-0123456789";

OrderedJson some_entry(Tape& tape) {
  static const std::vector<std::string> names{"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1",
                                              "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27", "DASHSCOPE_API_KEY", ""};
  static const std::vector<std::string> urls{"https://openrouter.ai/api/v1", "https://openrouter-ai/api/v1", "https://openrouter.ai/api/v1/", ""};
  static const std::vector<std::string> ids{"qwen/qwen3-coder", "x", "openai/gpt-4.1"};
  OrderedJson entry = {{"id", ids[tape.below(ids.size())]}, {"baseUrl", urls[tape.below(urls.size())]}, {"envKey", names[tape.below(names.size())]}};
  if (tape.yes()) entry["generationConfig"] = test::any_value(tape, 2);
  return entry;
}

OrderedJson some_list(Tape& tape) {
  OrderedJson list = OrderedJson::array();
  for (std::size_t count = tape.below(4); count > 0; --count) list.push_back(some_entry(tape));
  return list;
}

// Settings of the right shape, with anything beside them.
std::string some_settings(Tape& tape) {
  OrderedJson value = OrderedJson::object();
  if (tape.yes()) value["$version"] = 4;
  if (tape.yes()) value[test::odd_string(tape)] = test::any_value(tape, 2);
  if (tape.yes()) value["modelProviders"] = {{"gemini", some_list(tape)}};
  if (tape.yes()) value["modelProviders"]["openai"] = some_list(tape);
  if (tape.yes()) value["env"] = {{"OTHER", "sk-other-secret-1"}, {"\"QUOTED\"", "a\nb-secret-value"}};
  if (tape.yes()) value["security"] = {{"auth", {{"selectedType", "gemini"}, {"apiKey", "legacy-secret-12"}}}};
  if (tape.yes()) value["model"] = {{"name", "x"}, {"baseUrl", "https://stale"}};
  if (tape.yes()) value["model"] = nullptr;
  const test::Writing writing = test::Writing::of(tape);
  return test::DocumentWriter(tape, writing).write(value);
}

Installation some_installation(Tape& tape) {
  Installation installation = test::openrouter();
  if (tape.yes()) installation.base_url = "https://openrouter-ai/api/v1";
  if (tape.yes()) installation.model_ids = {"x", "\"quoted\"", "é"};
  return installation;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

}  // namespace

TEST_CASE("planning twice is planning once") {
  REQUIRE(rc::check("idempotent", [](const Bytes& bytes) {
    Tape tape(bytes);
    const std::string text = some_settings(tape);
    const Installation wanted = some_installation(tape);
    const InstallationPlan once = test::plan({.user = text}, wanted, installed_key);
    const InstallationPlan twice = test::plan({.user = once.new_text}, wanted, installed_key);
    RC_ASSERT(twice.new_text == once.new_text);
    RC_ASSERT(!twice.changed());
    RC_ASSERT(twice.keys.empty());
    RC_ASSERT(twice.env_key == once.env_key);
  }));
}

TEST_CASE("a plan makes what the PRD says and leaves everything else") {
  REQUIRE(rc::check("the PRD's result", [](const Bytes& bytes) {
    Tape tape(bytes);
    const std::string text = some_settings(tape);
    const Installation wanted = some_installation(tape);
    const InstallationPlan made = test::plan({.user = text}, wanted, installed_key);
    Json before = test::read_value(text), after = test::read_value(made.new_text);
    RC_ASSERT((after["env"][made.env_key] == installed_key));
    // In a file of the first shape the selection stands where that has it.
    const SettingsShape shape = shape_of(Jsonc::parse(text).value());
    const auto at = [&](Path path) {
      Json value = after;
      for (const std::string& name : path) value = Json(value.at(name));
      return value;
    };
    RC_ASSERT((at(shape.selected_type) == "openai"));
    RC_ASSERT((at(shape.model_name) == wanted.model_ids.front()));
    if (after["model"].is_object() && after["model"].contains("baseUrl")) RC_ASSERT((after["model"]["baseUrl"] == wanted.base_url));
    const Json& list = after["modelProviders"]["openai"];
    RC_ASSERT(list.size() >= wanted.model_ids.size());
    for (std::size_t i = 0; i < wanted.model_ids.size(); ++i) {
      RC_ASSERT((list[i]["id"] == wanted.model_ids[i]));
      RC_ASSERT((list[i]["name"] == wanted.model_ids[i]));
      RC_ASSERT((list[i]["baseUrl"] == wanted.base_url));
      RC_ASSERT((list[i]["envKey"] == made.env_key));
    }
    Json kept = Json::array();
    if (before.contains("modelProviders") && before["modelProviders"].contains("openai"))
      for (const Json& entry : before["modelProviders"]["openai"])
        if (entry.value("envKey", "") != made.env_key) kept.push_back(entry);
    RC_ASSERT(Json(std::vector<Json>(list.begin() + static_cast<std::ptrdiff_t>(wanted.model_ids.size()), list.end())).dump() == kept.dump());
    // Nobody else's key is taken.
    for (const Json& entry : kept) RC_ASSERT(entry.value("envKey", "") != made.env_key);
    // Everything beside our members is what it was.
    Json before_rest = before, after_rest = after;
    for (Json* rest : {&before_rest, &after_rest}) {
      Json& value = *rest;
      for (const char* name : {"env", "model", "modelProviders", "security", "selectedAuthType"})
        if (!value[name].is_object()) value[name] = Json::object();
      if (!value["security"]["auth"].is_object()) value["security"]["auth"] = Json::object();
      value["env"].erase(made.env_key);
      value["security"]["auth"].erase("selectedType");
      value["model"].erase("name");
      value["model"].erase("baseUrl");
      value["modelProviders"].erase("openai");
    }
    RC_ASSERT(before_rest.dump() == after_rest.dump());
  }));
}

TEST_CASE("nothing that is shown of a plan holds a secret") {
  REQUIRE(rc::check("secrets", [](const Bytes& bytes) {
    Tape tape(bytes);
    const InstallationPlan made = test::plan({.user = some_settings(tape)}, some_installation(tape), installed_key);
    std::string shown = made.patch.dump(2) + plan_diff(made);
    for (const Warning& warning : made.warnings) shown += warning.message + warning.suggestion.value_or("");
    for (const char* secret : {"canary", "other-secret", "b-secret", "legacy-secret"}) RC_ASSERT(shown.find(secret) == std::string::npos);
  }));
}

TEST_CASE("masked text has the lines of the text itself") {
  REQUIRE(rc::check("lines", [](const Bytes& bytes) {
    Tape tape(bytes);
    const std::string text = some_settings(tape);
    const auto document = Jsonc::parse(text);
    RC_ASSERT(document.has_value());
    const std::string masked = masked_text(*document);
    RC_ASSERT(std::count(masked.begin(), masked.end(), '\n') == std::count(text.begin(), text.end(), '\n'));
    RC_ASSERT(Jsonc::parse(masked).has_value());
  }));
}

TEST_CASE("a plan's diff, applied to the masked old text, gives the masked new text") {
  REQUIRE(rc::check("diff", [](const Bytes& bytes) {
    Tape tape(bytes);
    std::string text = some_settings(tape);
    std::erase(text, '\r');  // a diff shows lines without their carriage returns
    const InstallationPlan made = test::plan({.user = text}, some_installation(tape), installed_key);
    const std::vector<std::string> old_lines = lines(masked_text(*Jsonc::parse(made.file.text())));
    std::vector<std::string> result;
    std::size_t at = 0;
    for (const std::string& line : lines(plan_diff(made))) {
      if (line.starts_with("---") || line.starts_with("+++") || line.starts_with("\\")) continue;
      if (line.starts_with("@@ -")) {
        const std::size_t first = std::stoul(line.substr(4));
        for (; at + 1 < first; ++at) result.push_back(old_lines.at(at));
      } else if (line[0] == '+') {
        result.push_back(line.substr(1));
      } else {
        RC_ASSERT(old_lines.at(at) == line.substr(1));
        if (line[0] == ' ') result.push_back(old_lines[at]);
        ++at;
      }
    }
    for (; at < old_lines.size(); ++at) result.push_back(old_lines[at]);
    RC_ASSERT(result == lines(masked_text(*Jsonc::parse(made.new_text))));
  }));
}

}  // namespace authd::core
