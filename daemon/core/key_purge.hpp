// Takes a key out of settings texts of the past: the member env.NAME, and its values wherever else
// they stand. First every text is shown to `learn`, then every text goes through `purged`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/jsonc.hpp"

namespace authd::core {

class KeyPurge {
 public:
  explicit KeyPurge(std::string name) : name_(std::move(name)) {}

  // Whether a text holds env.NAME; of one that does not parse, whether it has the name anywhere.
  bool concerns(const std::string& text) const;

  // Remembers the values that env.NAME has in a text, also those that a later duplicate hides.
  void learn(const std::string& text);

  // The text without env.NAME, and with "purged" for each value of 8 bytes or more that was
  // learned, however it is spelled. Nothing where that cannot be had and the text has to go: one
  // that does not parse and has the name, or that would no longer parse.
  std::optional<std::string> purged(const std::string& text) const;

  // Whether a text says a learned value elsewhere than in `env`, from where a purge could learn it.
  bool stands_elsewhere(const std::string& text) const;

 private:
  std::vector<Jsonc::Node> members_of(const Jsonc& document) const;
  std::string without_values(std::string text) const;
  std::string without_values(const Jsonc& document) const;

  std::string name_;
  // The longest first: one value may be a part of another one.
  struct LongerFirst {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  std::set<std::string, LongerFirst> values_;
};

}  // namespace authd::core
