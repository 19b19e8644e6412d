// Taking a write back.
#include <catch2/catch.hpp>

#include "daemon/io/settings_store.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::read_text;
using test::read_value;
using test::ScratchDirectory;
using test::write_text;

struct House {
  ScratchDirectory scratch;
  std::string home = scratch / "home", file = home + "/.qwen/settings.json";
  core::Environment environment;
  SettingsStore store{scratch / "state"};

  House() {
    fs::create_directories(home);
    environment.home = home;
    environment.variables = {{"QWEN_CODE_SYSTEM_SETTINGS_PATH", scratch / "etc/settings.json"}};
  }
  // Installs over `text` (no text: over nothing) and says what was saved.
  Saved save(const std::optional<std::string>& text, bool repair = false) {
    if (text) write_text(file, *text);
    const auto plan = core::plan_installation(store.load(environment, SettingsStore::Freshness::by_content), environment,
                                              {"auto", test::openrouter(), "sk-0123456789abc", repair});
    if (!plan) throw std::runtime_error(plan.error().message);
    return store.write(*plan).value();
  }
  void replace(const std::string& old, const std::string& with) {
    std::string text = read_text(file);
    const auto at = text.find(old);
    if (at == std::string::npos) throw std::runtime_error("not in the file: " + old);
    write_text(file, text.replace(at, old.size(), with));
  }
};

const std::string lived_in = "{ // mine\n\t\"env\": {\"A\": \"b\"},\n\t\"model\": {\"name\": \"x\", \"k\": [1,2]}, // m\n\t\"ui\": {}\n}";
const std::string key_name = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1";

}  // namespace

TEST_CASE("restoring puts every byte back") {
  House house;
  const auto text = GENERATE(as<std::string>(), lived_in, "{}", "\xEF\xBB\xBF{\r\n}\r\n");
  const Saved saved = house.save(text);
  const auto restored = house.store.restore(saved.snapshot);
  REQUIRE(restored);
  CHECK(read_text(house.file) == text);
  CHECK(test::mode_of(house.file) == 0600);
  CHECK(restored->changed);
  CHECK(restored->path == house.file);
}

TEST_CASE("restoring a repaired file puts even the trailing comma back") {
  House house;
  const Saved saved = house.save("{\"a\": 1,}", true);
  REQUIRE(house.store.restore(saved.snapshot));
  CHECK(read_text(house.file) == "{\"a\": 1,}");
}

TEST_CASE("restoring what was before the first write removes the file") {
  House house;
  const Saved saved = house.save(std::nullopt);
  const auto restored = house.store.restore(saved.snapshot);
  REQUIRE(restored);
  CHECK_FALSE(fs::exists(house.file));
  CHECK(restored->etag == "absent");
  REQUIRE(restored->backup);
  CHECK(test::contains(read_text(*restored->backup), "sk-0123456789abc"));
}

TEST_CASE("a restore can be taken back, too") {
  House house;
  const Saved saved = house.save(lived_in);
  const std::string written = read_text(house.file);
  const auto restored = house.store.restore(saved.snapshot);
  REQUIRE(restored);
  REQUIRE(house.store.restore(restored->snapshot));
  CHECK(read_text(house.file) == written);
}

TEST_CASE("restoring keeps what others changed elsewhere in the file since") {
  House house;
  const Saved saved = house.save(lived_in);
  house.replace("\"ui\": {}", "\"ui\": {\"theme\": \"dark\"} /* later */");
  house.replace("{\"A\": \"b\"", "{\"LATER\": \"c\", \"A\": \"b\"");
  REQUIRE(house.store.restore(saved.snapshot));
  Json value = read_value(read_text(house.file));
  CHECK(value["ui"] == Json::parse(R"({"theme": "dark"})"));
  CHECK(value["env"] == Json::parse(R"({"LATER": "c", "A": "b"})"));
  CHECK(value["model"] == Json::parse(R"({"name": "x", "k": [1, 2]})"));
  CHECK_FALSE(test::contains(read_text(house.file), key_name));
  CHECK(test::contains(read_text(house.file), "/* later */"));
}

TEST_CASE("objects that the write made go with their last member, objects that were there stay") {
  House house;
  const Saved saved = house.save(R"({"security": {}, "x": 1})");
  house.replace("\"x\": 1", "\"x\": 2");
  REQUIRE(house.store.restore(saved.snapshot));
  CHECK(read_value(read_text(house.file)) == Json::parse(R"({"security": {}, "x": 2})"));
}

TEST_CASE("a member of the write that was edited since is a conflict, and nothing is restored") {
  House house;
  const Saved saved = house.save(lived_in);
  const auto& [old, with] = GENERATE(table<std::string, std::string>({
      {"sk-0123456789abc", "sk-rotated-by-hand"},
      {"\"name\": \"qwen/qwen3-coder\"}", "\"name\": \"gpt\"}"},
      {"\"selectedType\": \"openai\"", "\"selectedType\": \"gemini\""},
      {"\"id\": \"openai/gpt-4.1\"", "\"id\": \"other\""},
  }));
  CAPTURE(old);
  if (old.starts_with("\"name\""))
    house.replace("\"name\": \"qwen/qwen3-coder\", \"k\"", "\"name\": \"gpt\", \"k\"");
  else
    house.replace(old, with);
  const std::string edited = read_text(house.file);
  const auto restored = house.store.restore(saved.snapshot);
  REQUIRE_FALSE(restored);
  CHECK(wire_code(restored.error().kind) == -32021);
  CHECK(read_text(house.file) == edited);
}

TEST_CASE("a file that does not parse any more is unreadable and stays") {
  House house;
  const Saved saved = house.save(lived_in);
  write_text(house.file, "{ broken");
  const auto restored = house.store.restore(saved.snapshot);
  REQUIRE_FALSE(restored);
  CHECK(wire_code(restored.error().kind) == -32020);
  CHECK(restored.error().data.at("line") == 1);
  CHECK(read_text(house.file) == "{ broken");
}

TEST_CASE("a trailing comma that somebody left since does not make a restore fail badly") {
  House house;
  const auto base = GENERATE(as<std::string>(), "{}", R"({"env": {}, "modelProviders": {}, "security": {"auth": {}}, "model": {}})", lived_in);
  CAPTURE(base);
  const Saved saved = house.save(base);
  std::string text = read_text(house.file);
  // Behind every value that ends an object or an array.
  for (std::size_t at = text.size(); at-- > 1;) {
    std::size_t end = at;
    while (end > 0 && std::string_view(" \t\r\n").find(text[end - 1]) != std::string_view::npos) --end;
    if ((text[at] == '}' || text[at] == ']') && end > 0 && text[end - 1] != '{' && text[end - 1] != '[' && text.substr(0, end).find("//", text.rfind('\n', end - 1)) == std::string::npos)
      text.insert(end, ",");
  }
  write_text(house.file, text);
  REQUIRE_NOTHROW(house.store.restore(saved.snapshot));
}

TEST_CASE("a snapshot that is not there is unknown, whatever its name") {
  House house;
  const Saved saved = house.save(lived_in);
  write_text(house.scratch / "state/secret.before", "x");
  for (const std::string id : {"", "nonsense", "../secret", "/etc/passwd", ".", saved.snapshot.c_str() + 1}) {
    CAPTURE(id);
    const auto restored = house.store.restore(id);
    REQUIRE_FALSE(restored);
    CHECK(wire_code(restored.error().kind) == -32032);
  }
  fs::remove(*saved.backup);
  const auto restored = house.store.restore(saved.snapshot);
  REQUIRE_FALSE(restored);
  CHECK(wire_code(restored.error().kind) == -32032);
}

TEST_CASE("two writes are taken back one after the other") {
  House house;
  const Saved first = house.save(lived_in);
  const std::string after_first = read_text(house.file);
  const auto plan = core::plan_installation(house.store.load(house.environment, SettingsStore::Freshness::by_content), house.environment,
                                            {"auto", {"gemini", "https://g.example", {"g"}}, "AIza-0123456789", false});
  const Saved second = house.store.write(plan.value()).value();
  CHECK(first.snapshot != second.snapshot);
  REQUIRE(house.store.restore(second.snapshot));
  CHECK(read_text(house.file) == after_first);
  REQUIRE(house.store.restore(first.snapshot));
  CHECK(read_text(house.file) == lived_in);
}

TEST_CASE("a restore through a symlink keeps the symlink") {
  House house;
  fs::create_directories(house.home + "/.qwen");
  write_text(house.scratch / "target.json", lived_in);
  fs::create_symlink(house.scratch / "target.json", house.file);
  const Saved saved = house.save(std::nullopt);
  REQUIRE(house.store.restore(saved.snapshot));
  CHECK(fs::is_symlink(house.file));
  CHECK(read_text(house.scratch / "target.json") == lived_in);
}

}  // namespace authd::io
