#include "scenario.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <stdexcept>

namespace authd::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* home_prefix = "~/";
constexpr const char* system_prefix = "system/";
constexpr const char* cwd_prefix = "cwd/";
constexpr const char* usual_cwd = "~/projects/app";

Kind kind_of(const std::string& name) {
  if (name == "has") return Kind::has;
  if (name == "near-miss") return Kind::near_miss;
  if (name == "healthy") return Kind::healthy;
  throw std::runtime_error("no such kind: " + name);
}

std::string bytes_of(const std::string& digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) bytes += static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
  return bytes;
}

// Text as it is, {"hex": bytes}, lines, or a value that is written with indent.
std::string text_of(const OrderedJson& content) {
  if (content.is_object() && content.contains("hex")) return bytes_of(content["hex"]);
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return content.dump(2) + "\n";
  std::string text;
  for (const OrderedJson& line : content) text += line.get<std::string>() + "\n";
  return text;
}

mode_t mode_of(const OrderedJson& digits) {
  return static_cast<mode_t>(std::stoul(digits.get<std::string>(), nullptr, 8));
}

void git(const std::string& directory, const tests::Environment& environment, std::vector<std::string> arguments) {
  std::string output;
  arguments.insert(arguments.begin(), {"-C", directory});
  if (tests::run("git", arguments, environment, output) != 0) throw std::runtime_error("git: " + output);
}

}  // namespace

std::vector<Scenario> read_scenarios(const std::string& directory) {
  std::vector<Scenario> scenarios;
  for (const std::string& name : tests::names_in(directory)) {
    if (!name.ends_with(".json") || name == "replies.json") continue;
    const OrderedJson list = OrderedJson::parse(tests::read_file(directory + "/" + name));
    for (const OrderedJson& data : list) {
      Scenario scenario{name, data.at("name"), {}, kind_of(data.at("kind")), data};
      if (!data.at("code").is_null()) scenario.code = data["code"];
      if (scenario.code.empty() != (scenario.kind == Kind::healthy))
        throw std::runtime_error(scenario.name + ": only what is healthy has no code");
      scenarios.push_back(std::move(scenario));
    }
  }
  return scenarios;
}

std::vector<std::string> secrets_of(const Scenario& scenario) {
  static const std::regex secret("(sk-|AIza|gsk_)[A-Za-z0-9_-]{16,}");
  const std::string text = scenario.data.dump();
  return {std::sregex_token_iterator(text.begin(), text.end(), secret), std::sregex_token_iterator()};
}

OrderedJson filled(OrderedJson value, const Placeholders& placeholders) {
  if (value.is_string()) {
    std::string text = value;
    for (const auto& [name, content] : placeholders)
      for (std::size_t at = 0; (at = text.find("{{" + name + "}}", at)) != std::string::npos; at += content.size())
        text.replace(at, name.size() + 4, content);
    return text;
  }
  if (value.is_array())
    for (OrderedJson& element : value) element = filled(element, placeholders);
  if (!value.is_object()) return value;
  OrderedJson object = OrderedJson::object();
  for (const auto& [name, member] : value.items()) object[filled(name, placeholders).get<std::string>()] = filled(member, placeholders);
  return object;
}

Place::Place() {
  for (const char* directory : {"home", "state", "system"}) mkdir(scratch_.path(directory).c_str(), 0700);
}

std::string Place::path(const Scenario& scenario, const std::string& name) const {
  if (name.starts_with(home_prefix)) return home() + "/" + name.substr(2);
  if (name.starts_with(system_prefix)) return scratch_.path(name);
  if (name.starts_with(cwd_prefix)) return cwd(scenario).value() + name.substr(3);
  throw std::runtime_error(scenario.name + ": where is " + name + "?");
}

std::optional<std::string> Place::cwd(const Scenario& scenario) const {
  const OrderedJson cwd = scenario.data.value("cwd", OrderedJson(usual_cwd));
  if (cwd.is_null()) return std::nullopt;
  return cwd == "~" ? home() : path(scenario, cwd);
}

void Place::write(const Scenario& scenario, const std::string& name, const OrderedJson& content) const {
  tests::write_file(path(scenario, name), text_of(content));
}

void Place::lay_out(const Scenario& scenario) const {
  const auto each = [&](const char* member, const auto& apply) {
    if (scenario.data.contains(member))
      for (const auto& [name, value] : scenario.data[member].items()) apply(name, value);
  };
  if (const auto directory = cwd(scenario)) {
    fs::create_directories(*directory);
    for (fs::path at = *directory; at != home(); at = at.parent_path()) fs::permissions(at, fs::perms::owner_all);
  }
  each("files", [&](const std::string& name, const OrderedJson& content) { write(scenario, name, content); });
  each("links", [&](const std::string& name, const OrderedJson& target) {
    fs::create_directories(fs::path(path(scenario, name)).parent_path());
    fs::create_symlink(target.get<std::string>(), path(scenario, name));
  });
  if (scenario.data.contains("git")) {
    tests::Environment environment = tests::bare_environment();
    environment["HOME"] = home();
    const std::string top = path(scenario, scenario.data.value("gitRoot", std::string(cwd_prefix)));
    git(top, environment, {"init", "-q"});
    for (const std::string& tracked : scenario.words("git")) git(top, environment, {"add", "-f", tracked});
  }
  each("modes", [&](const std::string& name, const OrderedJson& digits) { chmod(path(scenario, name).c_str(), mode_of(digits)); });
  each("owners", [&](const std::string& name, const OrderedJson& uid) {
    if (chown(path(scenario, name).c_str(), uid.get<uid_t>(), static_cast<gid_t>(-1)) != 0) throw std::runtime_error("cannot chown");
  });
}

Json Place::context(const Scenario& scenario) const {
  Json environment = {{"HOME", home()}, {"USER", "dev"}, {"QWEN_CODE_SYSTEM_SETTINGS_PATH", scratch_.path("system/settings.json")}};
  if (scenario.data.contains("env"))
    for (const auto& [name, value] : scenario.data["env"].items()) environment[name] = value.get<std::string>();
  Json context = {{"env", environment}, {"home", home()}, {"args", scenario.words("args")}};
  if (const auto directory = cwd(scenario)) context["cwd"] = *directory;
  if (!scenario.text("version").empty()) context["cliVersion"] = scenario.text("version");
  return context;
}

}  // namespace authd::doctor
