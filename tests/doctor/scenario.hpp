// A set-up as data (scenarios/README.md), and the place where it is laid out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../integration/process.hpp"
#include "../integration/scratch.hpp"
#include "protocol/json.hpp"

namespace authd::doctor {

enum class Kind { has, near_miss, healthy };

struct Scenario {
  std::string file;  // "E101.json"
  std::string name, code;
  Kind kind = Kind::has;
  OrderedJson data;

  std::string text(const char* member) const { return data.value(member, std::string()); }
  bool flag(const char* member) const { return data.value(member, false); }
  std::vector<std::string> words(const char* member) const { return data.value(member, std::vector<std::string>()); }
};

// All of a directory, in the order of its files' names. Throws where one is not a scenario.
std::vector<Scenario> read_scenarios(const std::string& directory);
// Literal secrets of a scenario, which no answer may hold.
std::vector<std::string> secrets_of(const Scenario& scenario);

// The values of {{home}} and its like.
using Placeholders = std::map<std::string, std::string>;
OrderedJson filled(OrderedJson value, const Placeholders& placeholders);

// A home, a project and the system's settings in a directory of their own, as the scenario says.
class Place {
 public:
  Place();

  const std::string& root() const { return scratch_.path(); }
  std::string home() const { return scratch_.path("home"); }
  // "~/x", "system/x", "cwd/x" as a path of this machine.
  std::string path(const Scenario& scenario, const std::string& name) const;
  std::optional<std::string> cwd(const Scenario& scenario) const;
  void lay_out(const Scenario& scenario) const;
  void write(const Scenario& scenario, const std::string& name, const OrderedJson& content) const;
  // What doctor.run is called with.
  Json context(const Scenario& scenario) const;

 private:
  tests::Scratch scratch_;
};

}  // namespace authd::doctor
