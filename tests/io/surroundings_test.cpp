// Reading what decides about a place: .env files, trust, and which version of Qwen Code is there.
#include "daemon/io/surroundings.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <sys/stat.h>

#include "daemon/core/resolution.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::ScratchDirectory;
using test::write_text;

core::Environment at(const ScratchDirectory& scratch, const std::string& cwd, core::Variables variables = {}) {
  variables.try_emplace("QWEN_CODE_SYSTEM_SETTINGS_PATH", scratch / "etc/settings.json");
  core::Environment environment;
  environment.variables = std::move(variables);
  environment.home = scratch / "home";
  environment.cwd = scratch / cwd;
  return environment;
}

// The paths of the files that exist, without the scratch directory.
std::vector<std::string> existing(const core::Surroundings& surroundings, const ScratchDirectory& scratch) {
  std::vector<std::string> paths;
  for (const core::DotenvFile& file : surroundings.dotenvs)
    if (file.exists) paths.push_back(file.path.substr(scratch.path().size()) + (file.trouble.empty() ? "" : ": " + file.trouble));
  return paths;
}

void write_program(const std::string& path, const std::string& text = "#!/usr/bin/env node\n") {
  write_text(path, text);
  fs::permissions(path, fs::perms::owner_all);
}

// An installed Qwen Code: a package, and a link to its program on the search path.
void install(const ScratchDirectory& scratch, const std::string& version, const std::string& bin = "bin") {
  const std::string package = scratch / ("lib/node_modules/@qwen-code/qwen-code-" + bin);
  write_text(package + "/package.json", Json{{"name", "@qwen-code/qwen-code"}, {"version", version}}.dump());
  write_program(package + "/cli.js");
  fs::create_directories(scratch / bin);
  fs::remove(scratch / (bin + "/qwen"));
  fs::create_symlink(package + "/cli.js", scratch / (bin + "/qwen"));
}

}  // namespace

TEST_CASE(".env files are read from the working directory up to the home (facts, 8)") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "home/p/a/.env", "K=near");
  write_text(scratch / "home/p/.qwen/.env", "K=far");
  write_text(scratch / "home/.env", "K=home");
  write_text(scratch / ".env", "K=above");
  const core::Environment environment = at(scratch, "home/p/a");
  const core::Surroundings surroundings = load_surroundings(store, environment);
  CHECK(existing(surroundings, scratch) == std::vector<std::string>{"/home/p/a/.env", "/home/p/.qwen/.env", "/home/.env"});
  CHECK(surroundings.version == core::newest_known_version);
  CHECK(surroundings.version_from == "assumed");
  CHECK(core::effective_variables(surroundings, environment, {}).at("K") == "near");
  const core::Surroundings old = load_surroundings(store, environment, {0, 15, 6});
  CHECK(existing(old, scratch) == std::vector<std::string>{"/home/p/a/.env", "/home/p/.qwen/.env", "/home/.env", "/.env"});
}

TEST_CASE("without a workspace only the home's .env files count") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "home/.env", "K=home");
  write_text(scratch / "work/.env", "K=work");
  core::Environment environment = at(scratch, "work");
  environment.cwd.reset();
  CHECK(existing(load_surroundings(store, environment), scratch) == std::vector<std::string>{"/home/.env"});
}

TEST_CASE("a working directory behind a link is searched where it really is") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "srv/project/.env", "K=real");
  fs::create_directories(scratch / "home");
  fs::create_directory_symlink(scratch / "srv/project", scratch / "home/link");
  CHECK(existing(load_surroundings(store, at(scratch, "home/link")), scratch) == std::vector<std::string>{"/srv/project/.env"});
}

TEST_CASE("what cannot be read is there with its trouble, and nothing waits for it") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  fs::create_directories(scratch / "home/p/.env");
  fs::create_directories(scratch / "home/.qwen");
  REQUIRE(mkfifo((scratch / "home/.qwen/.env").c_str(), 0600) == 0);
  write_text(scratch / "home/.env", std::string(1024 * 1024 + 1, '#'));
  fs::create_directories(scratch / "home/p/.qwen");
  fs::create_symlink(scratch / "nowhere", scratch / "home/p/.qwen/.env");
  CHECK(existing(load_surroundings(store, at(scratch, "home/p")), scratch) ==
        std::vector<std::string>{"/home/p/.env: it is a directory", "/home/.qwen/.env: it is not a regular file",
                                 "/home/.env: it is larger than 1 MiB"});
}

TEST_CASE("a link to a .env file is read, and a changed file is read anew") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "real", "K=1");
  fs::create_directories(scratch / "home/p");
  fs::create_symlink(scratch / "real", scratch / "home/p/.env");
  const core::Environment environment = at(scratch, "home/p");
  const auto value = [&] { return core::effective_variables(load_surroundings(store, environment), environment, {}).at("K"); };
  CHECK(value() == "1");
  write_text(scratch / "real", "K=2");
  CHECK(value() == "2");
}

TEST_CASE("QWEN_HOME moves settings and .env files, but not for 0.15.6 (facts, 1.1)") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "home/.env", "QWEN_HOME=" + (scratch / "alt"));
  write_text(scratch / "alt/.env", "K=alt");
  write_text(scratch / "alt/settings.json", "{}");
  write_text(scratch / "home/.qwen/.env", "K=legacy");
  const core::Environment environment = at(scratch, "home/p");
  const core::Surroundings newest = load_surroundings(store, environment);
  CHECK(newest.files.user.path == scratch / "alt/settings.json");
  CHECK(existing(newest, scratch) == std::vector<std::string>{"/alt/.env", "/home/.qwen/.env", "/home/.env"});
  CHECK(core::effective_variables(newest, environment, {}).at("K") == "alt");
  const core::Surroundings old = load_surroundings(store, environment, {0, 15, 6});
  CHECK(old.files.user.path == scratch / "home/.qwen/settings.json");
  CHECK(core::effective_variables(old, environment, core::rules_of({0, 15, 6})).at("K") == "legacy");
  core::Environment exported = environment;
  exported.variables["QWEN_HOME"] = scratch / "alt";
  CHECK(load_surroundings(store, exported, {0, 15, 6}).files.user.path == scratch / "home/.qwen/settings.json");
}

TEST_CASE("Qwen Code's second start looks where a file told it, and keeps what the first one set (measured)") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  const auto settings = [](const std::string& base, const std::string& env) {
    return R"({"env": {)" + env + R"(}, "modelProviders": {"openai": [{"id": "m1", "baseUrl": "http://)" + base +
           R"(", "envKey": "K"}]}, "security": {"auth": {"selectedType": "openai"}}, "model": {"name": "m1"}})";
  };
  write_text(scratch / "home/.qwen/settings.json", settings("first", R"("K": "sk-first")"));
  write_text(scratch / "sys.json", settings("second", R"("K": "sk-second", "L": "2")"));
  const auto outcome = [&](const core::Environment& environment) {
    const core::Surroundings surroundings = load_surroundings(store, environment);
    const core::Resolution r = core::resolve(surroundings, environment, {});
    return r.base_url + " " + std::string(r.key.reveal()) + " " + (r.key_source ? r.key_source->where.substr(scratch.path().size()) : "");
  };
  core::Environment environment = at(scratch, "home/p", {{"QWEN_CODE_SYSTEM_SETTINGS_PATH", ""}});
  CHECK(outcome(environment) == "http://first sk-first /home/.qwen/settings.json:1");
  write_text(scratch / "home/.env", "QWEN_CODE_SYSTEM_SETTINGS_PATH=" + (scratch / "sys.json"));
  CHECK(outcome(environment) == "http://second sk-first /home/.qwen/settings.json:1");
  const core::Surroundings second = load_surroundings(store, environment);
  CHECK(core::effective_variables(second, environment, {}).at("L") == "2");
  const core::Explanation explained = core::explain("L", second, environment, {});
  REQUIRE(explained.winner);
  CHECK(explained.sources[*explained.winner].where == (scratch / "sys.json") + ":1");
  environment.variables["SANDBOX"] = "podman";  // it does not start again
  CHECK(outcome(environment) == "http://first sk-first /home/.qwen/settings.json:1");

  write_text(scratch / "home/.env", "QWEN_HOME=" + (scratch / "alt"));
  write_text(scratch / "alt/settings.json", settings("alt", R"("K": "sk-alt")"));
  environment = at(scratch, "home/p");
  CHECK(outcome(environment) == "http://alt sk-alt /alt/settings.json:1");
  environment.variables["QWEN_HOME"] = "";
  CHECK(outcome(environment) == "http://alt sk-first /home/.qwen/settings.json:1");
}

TEST_CASE("trust is read with the settings, also of a folder behind a link") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "home/.qwen/settings.json", R"({"security": {"folderTrust": {"enabled": true}}})");
  write_text(scratch / "srv/p/.qwen/settings.json", R"({"env": {"K": "ws"}})");
  write_text(scratch / "srv/p/.env", "L=1");
  fs::create_directory_symlink(scratch / "srv/p", scratch / "home/link");
  core::Environment environment = at(scratch, "srv/p");
  CHECK_FALSE(load_surroundings(store, environment).files.workspace_trusted);
  CHECK(load_surroundings(store, environment, {0, 15, 6}).files.workspace_trusted);
  write_text(scratch / "home/.qwen/trustedFolders.json", "{// c\n\"" + (scratch / "home/link") + "\": \"TRUST_FOLDER\"}");
  const core::Surroundings trusted = load_surroundings(store, environment);
  CHECK(trusted.files.workspace_trusted);
  CHECK(core::effective_variables(trusted, environment, {}).contains("L"));
  write_text(scratch / "home/.qwen/trustedFolders.json", "{\"" + (scratch / "home/link/x") + "\": \"TRUST_PARENT\"}");
  CHECK(load_surroundings(store, environment).files.workspace_trusted);
  for (const char* broken : {"{", "[]", "{\"/a\": \"TRUST_FOLDER\",}"}) {
    CAPTURE(broken);
    write_text(scratch / "home/.qwen/trustedFolders.json", broken);
    const core::Surroundings surroundings = load_surroundings(store, environment);
    CHECK_FALSE(surroundings.files.workspace_trusted);
    CHECK(surroundings.trust_trouble.starts_with("Error in " + (scratch / "home/.qwen/trustedFolders.json") + ": "));
  }
}

TEST_CASE("a broken settings file is what .orig says for versions that restore it (runs, 2.3)") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "home/.qwen/settings.json", R"({"env": {"K": "new"},})");
  write_text(scratch / "home/.qwen/settings.json.orig", R"({"env": {"K": "orig"}})");
  const core::Environment environment = at(scratch, "home/p");
  const auto value = [&](const core::CliVersion& version) {
    const auto variables = core::effective_variables(load_surroundings(store, environment, version), environment, core::rules_of(version));
    return variables.contains("K") ? variables.at("K") : "-";
  };
  CHECK(value({0, 15, 6}) == "orig");
  CHECK(value({0, 24, 4}) == "-");
  CHECK(test::read_text(scratch / "home/.qwen/settings.json") == R"({"env": {"K": "new"},})");
}

TEST_CASE("the installed version is found by the package that `qwen` on the PATH belongs to") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  install(scratch, "0.21.2");
  const auto found = [&](const std::string& path, std::optional<std::string> said = std::nullopt) {
    core::Environment environment = at(scratch, "home", {{"PATH", path}});
    environment.cli_version = std::move(said);
    const core::Surroundings surroundings = load_surroundings(store, environment);
    return surroundings.version.text() + " " + surroundings.version_from;
  };
  CHECK(found(scratch / "bin") == "0.21.2 installed");
  CHECK(found("/nowhere::relative:" + (scratch / "bin")) == "0.21.2 installed");
  CHECK(found(scratch / "bin", "0.15.6") == "0.15.6 context");
  CHECK(found("") == "0.24.4 assumed");
  CHECK(found("/nowhere") == "0.24.4 assumed");
  install(scratch, "0.15.6", "other");
  CHECK(found((scratch / "other") + ":" + (scratch / "bin")) == "0.15.6 installed");
  // An update is seen, without being told of it.
  install(scratch, "0.24.40");
  CHECK(found(scratch / "bin") == "0.24.40 installed");
}

TEST_CASE("a script that a package manager wrote is followed to the package") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_text(scratch / "store/@qwen-code/qwen-code/package.json", R"({"name": "@qwen-code/qwen-code", "version": "0.23.0"})");
  write_text(scratch / "store/@qwen-code/qwen-code/cli.js", "");
  write_program(scratch / "bin/qwen", "#!/bin/sh\nbasedir=$(dirname \"$0\")\nexec \"$basedir/node\" \"$basedir/../store/@qwen-code/qwen-code/cli.js\" \"$@\"\n");
  const auto version = [&] { return load_surroundings(store, at(scratch, "home", {{"PATH", scratch / "bin"}})).version.text(); };
  CHECK(version() == "0.23.0");
}

TEST_CASE("a `qwen` that is something else ends the search, as it would for a shell") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  install(scratch, "0.21.2");
  const auto from = [&](const std::string& path) {
    return load_surroundings(store, at(scratch, "home", {{"PATH", path + ":" + (scratch / "bin")}})).version_from;
  };
  write_program(scratch / "else/qwen");
  CHECK(from(scratch / "else") == "assumed");
  write_text(scratch / "plain/qwen", "not executable");
  CHECK(from(scratch / "plain") == "installed");
  fs::create_directories(scratch / "dir/qwen");
  CHECK(from(scratch / "dir") == "installed");
  for (const char* package : {"", "{", "[]", R"({"name": "other", "version": "1.2.3"})"}) {
    CAPTURE(package);
    write_text(scratch / "else/package.json", package);
    CHECK(from(scratch / "else") == "assumed");
  }
  write_text(scratch / "else/package.json", R"({"name": "@qwen-code/qwen-code", "version": "x"})");
  CHECK(from(scratch / "else") == "assumed");
  fs::remove(scratch / "else/package.json");
  REQUIRE(mkfifo((scratch / "else/package.json").c_str(), 0600) == 0);
  CHECK(from(scratch / "else") == "assumed");
}

TEST_CASE("no program is run to learn its version") {
  const ScratchDirectory scratch;
  SettingsStore store(scratch / "state");
  write_program(scratch / "bin/qwen", "#!/bin/sh\ntouch '" + (scratch / "ran") + "'\necho 0.24.4\n");
  load_surroundings(store, at(scratch, "home", {{"PATH", scratch / "bin"}}));
  CHECK_FALSE(fs::exists(scratch / "ran"));
}

}  // namespace authd::io
