// Where things stand in files of an older shape.
#include <catch2/catch.hpp>

#include "daemon/core/settings_shape.hpp"
#include "tests/unit/support.hpp"

namespace authd::core {
namespace {

using test::parsed;

}  // namespace

TEST_CASE("a file of the present shape has its members in sections") {
  const auto text = GENERATE(as<std::string>(), "{}", R"({"$version": 4, "env": {}})", R"({"$version": 2, "selectedAuthType": "openai"})",
                             R"({"$version": 6, "model": "m"})", R"({"model": {"name": "m"}})", R"({"folderTrust": {}})",
                             R"({"contentGenerator": {"timeout": 5}})", R"({"theme": "dark"})", "[]");
  CAPTURE(text);
  const SettingsShape shape = shape_of(parsed(text));
  CHECK_FALSE(shape.is_v1);
  CHECK(shape.selected_type == Path{"security", "auth", "selectedType"});
  CHECK(shape.model_name == Path{"model", "name"});
  CHECK(shape.model_base_url == Path{"model", "baseUrl"});
}

TEST_CASE("one flat member without a version of 2 makes a file V1") {
  const auto text = GENERATE(as<std::string>(), R"({"selectedAuthType": "openai"})", R"({"enforcedAuthType": "openai"})",
                             R"({"useExternalAuth": true})", R"({"model": "m"})", R"({"model": null})",
                             R"({"contentGenerator": []})", R"({"excludedProjectEnvVars": ["A"]})", R"({"folderTrust": false})",
                             R"({"$version": 1, "model": "m"})", R"({"$version": "4", "model": "m"})",
                             R"({"env": {}, "modelProviders": {}, "folderTrust": true})");
  CAPTURE(text);
  const SettingsShape shape = shape_of(parsed(text));
  CHECK(shape.is_v1);
  CHECK(shape.selected_type == Path{"selectedAuthType"});
  CHECK(shape.model_name == Path{"model"});
  CHECK_FALSE(shape.model_base_url);
}

TEST_CASE("what a V1 file has nested already is found nested") {
  const SettingsShape model = shape_of(parsed(R"({"selectedAuthType": "openai", "model": {"name": "m"}})"));
  CHECK(model.is_v1);
  CHECK(model.selected_type == Path{"selectedAuthType"});
  CHECK(model.model_name == Path{"model", "name"});
  CHECK(model.model_base_url == Path{"model", "baseUrl"});

  // The migration puts security.auth over what it made of selectedAuthType.
  const auto both = GENERATE(as<std::string>(), R"({"selectedAuthType": "openai", "security": {"auth": {"apiKey": "k"}}})",
                             R"({"model": "m", "security": {"auth": {"selectedType": "openai"}}})");
  CAPTURE(both);
  CHECK(shape_of(parsed(both)).selected_type == Path{"security", "auth", "selectedType"});
  CHECK(shape_of(parsed(R"({"model": "m", "security": {"folderTrust": {}}})")).selected_type == Path{"selectedAuthType"});
}

TEST_CASE("a model list is found in either shape, with the reason where it is of no use") {
  struct Row {
    std::string text, path, array, unusable;
  };
  const std::string wrapped = "an array, because {protocol, models} is read from a file of $version 5 only";
  const auto row = GENERATE_COPY(values<Row>({
      {"{}", "modelProviders.openai", "", ""},
      {R"({"modelProviders": null})", "modelProviders.openai", "", ""},
      {R"({"modelProviders": {"gemini": [{"id": "a"}]}})", "modelProviders.openai", "", ""},
      {R"({"modelProviders": {"openai": null}})", "modelProviders.openai", "", ""},
      {R"({"modelProviders": {"openai": []}})", "modelProviders.openai", "[]", ""},
      {R"({"modelProviders": {"openai": [{"id": "a"}]}})", "modelProviders.openai", R"([{"id": "a"}])", ""},
      {R"({"$version": 5, "modelProviders": {"openai": {"protocol": "openai", "models": [{"id": "a"}]}}})",
       "modelProviders.openai.models", R"([{"id": "a"}])", ""},
      {R"({"modelProviders": {"openai": {"models": []}}})", "modelProviders.openai.models", "[]", ""},
      {R"({"$version": 5.0, "modelProviders": {"openai": {}}})", "modelProviders.openai.models", "", ""},
      {R"({"$version": 4, "modelProviders": {"openai": {"models": [{"id": "a"}]}}})", "modelProviders.openai", "", wrapped},
      {R"({"$version": "5", "modelProviders": {"openai": {"models": []}}})", "modelProviders.openai", "", wrapped},
      {R"({"$version": 6, "modelProviders": {"openai": {}}})", "modelProviders.openai", "", wrapped},
      {R"({"model": "m", "modelProviders": {"openai": {"models": []}}})", "modelProviders.openai", "", wrapped},
      {R"({"modelProviders": {"openai": {"models": "a"}}})", "modelProviders.openai.models", "",
       "an array"},
      {R"({"modelProviders": {"openai": "gpt"}})", "modelProviders.openai", "",
       "an array"},
      {R"({"modelProviders": {"openai": true}})", "modelProviders.openai", "",
       "an array"},
      {R"({"modelProviders": [1]})", "modelProviders.openai", "",
       "an object"},
      {R"({"modelProviders": {"openai": [{"id": "a"}, null]}})", "modelProviders.openai", R"([{"id": "a"}, null])",
       ""},
      {R"({"modelProviders": {"openai": [{"id": ""}]}})", "modelProviders.openai", R"([{"id": ""}])",
       ""},
  }));
  CAPTURE(row.text);
  const Jsonc document = parsed(row.text);
  const ModelList list = model_list(document, "openai");
  CHECK(path_text(list.path) == row.path);
  CHECK((list.array == Jsonc::none ? "" : std::string(document.source(list.array))) == row.array);
  CHECK(list.unusable == row.unusable);
}

TEST_CASE("a provider's name with a dot is one name") {
  const Jsonc document = parsed(R"({"modelProviders": {"my.gw": 5}})");
  CHECK(model_list(document, "my.gw").unusable ==
        "an array");
}

}  // namespace authd::core
