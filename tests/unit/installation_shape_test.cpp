// Setting up an endpoint in files of an older or a withdrawn shape: they stay in it.
#include <catch2/catch.hpp>

#include "daemon/core/installation.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

const Installation wanted{"openai", "https://h/v1", {"m"}};
const std::string wanted_name = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1";
const std::string wanted_entry = R"({"id": "m", "name": "m", "baseUrl": "https://h/v1", "envKey": "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1"})";

}  // namespace

TEST_CASE("a selection is written where the file's shape has it") {
  struct Row {
    std::string what, before, after;
  };
  const std::string ours = R"("env": {"QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_H_V1": "k"}, "modelProviders": {"openai": [)" + wanted_entry + "]}";
  const auto row = GENERATE_COPY(values<Row>({
      {"flat", R"({"selectedAuthType": "gemini", "model": "g"})", R"({"selectedAuthType": "openai", "model": "m", )" + ours + "}"},
      {"flat, with a comment", R"({"model": "g" /* mine */})", R"({"model": "m" /* mine */, )" + ours + R"(, "selectedAuthType": "openai"})"},
      {"flat, with a section for the type", R"({"model": "g", "security": {"auth": {}}})",
       R"({"model": "m", "security": {"auth": {"selectedType": "openai"}}, )" + ours + "}"},
      {"flat type, model in a section", R"({"selectedAuthType": "gemini", "model": {"name": "g"}})",
       R"({"selectedAuthType": "openai", "model": {"name": "m"}, )" + ours + "}"},
      {"flat names in a file of version 2", R"({"$version": 2, "selectedAuthType": "gemini"})",
       R"({"$version": 2, "selectedAuthType": "gemini", )" + ours + R"(, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m"}})"},
  }));
  CAPTURE(row.what);
  const InstallationPlan made = test::plan({.user = row.before}, wanted, "k");
  CHECK(made.new_text == row.after);
  CHECK_FALSE(test::plan({.user = made.new_text}, wanted, "k").changed());
}

TEST_CASE("a V1 file has no place for model.baseUrl") {
  const std::string before =
      R"({"selectedAuthType": "openai", "model": "m", "modelProviders": {"openai": [{"id": "m", "baseUrl": "https://other/v1", "envKey": "O"}]}})";
  CHECK(test::read_value(test::plan({.user = before}, wanted, "k").new_text)["model"] == "m");
}

TEST_CASE("a V5 provider's models are edited inside it") {
  struct Row {
    std::string before, after;
  };
  const auto row = GENERATE(values<Row>({
      {R"({"protocol": "openai", "models": [{"id": "f"}]})", R"({"protocol": "openai", "models": [ENTRY, {"id": "f"}]})"},
      {R"({"protocol": "openai", "models": []})", R"({"protocol": "openai", "models": [ENTRY]})"},
  }));
  const auto file = [](std::string provider) {
    if (const auto at = provider.find("ENTRY"); at != std::string::npos) provider.replace(at, 5, wanted_entry);
    return test::read_value(R"({"$version": 5, "modelProviders": {"openai": )" + provider + "}}");
  };
  const InstallationPlan made = test::plan({.user = file(row.before).dump()}, wanted, "k");
  CHECK(test::read_value(made.new_text)["modelProviders"] == file(row.after)["modelProviders"]);
  CHECK(test::read_value(made.new_text)["$version"] == 5);
  CHECK_FALSE(test::plan({.user = made.new_text}, wanted, "k").changed());
}

TEST_CASE("a V5 provider without models gets them inside it") {
  const InstallationPlan made = test::plan({.user = R"({"$version": 5, "modelProviders": {"openai": {"protocol": "openai"}}})"}, wanted, "k");
  CHECK(test::read_value(made.new_text)["modelProviders"]["openai"] == Json{{"protocol", "openai"}, {"models", {Json::parse(wanted_entry)}}});
  CHECK_FALSE(test::plan({.user = made.new_text}, wanted, "k").changed());
}

TEST_CASE("a V5 provider in a file that Qwen Code does not migrate is refused and named") {
  const auto made = test::try_plan({.user = R"({"$version": 4, "modelProviders": {"openai": {"protocol": "openai", "models": []}}})"}, wanted);
  REQUIRE_FALSE(made);
  CHECK(wire_code(made.error().kind) == -32020);
  CHECK(test::contains(made.error().message, "modelProviders.openai in /home/u/.qwen/settings.json"));
  CHECK(test::contains(made.error().message, "$version 5"));
}

}  // namespace authd::core
