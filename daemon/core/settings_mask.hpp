// What of the settings may be shown. Secrets are learned from every text that takes part; then each
// text is masked, so that a key is hidden wherever it stands and whichever part is asked for.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/jsonc.hpp"
#include "daemon/core/redact.hpp"

namespace authd::core {

struct SettingsFiles;

class Secrets {
 public:
  // Learns what secret_strings names, and what looks like a credential in any string. Not what is
  // short, only refers to a secret ("${NAME}") or may be a word.
  void learn(const Jsonc& document);
  void learn(const std::string& secret);

  // A text without what was learned, and without what looks like a credential.
  std::string masked(std::string_view text) const;
  // The same in the values, names and comments of a document, whose secret_strings are masked as a
  // whole. Its nodes are those of `document`, and it has as many lines.
  Jsonc masked(const Jsonc& document) const;

 private:
  std::size_t length_at(std::string_view text) const;

  std::set<std::string, std::less<>> learned_;
  std::vector<bool> beginnings_ =
      std::vector<bool>(0x10000);  // the first two bytes of what was learned
};

// What all files say of secrets, also those that take no part.
Secrets secrets_of(const SettingsFiles& files);

// The strings that are secrets because of where they stand: below "env" and headers, below members
// whose name says that they hold a credential, and behind arguments like "--api-key". In the order
// of the text.
std::vector<Jsonc::Node> secret_strings(const Jsonc& document);

// Whether a text is one placeholder and nothing else.
bool is_placeholder(const std::string& text);

// The text of a document alone, masked.
std::string masked_text(const Jsonc& document);

// The unified diff of two settings texts, masked with the secrets of both.
// `new_secrets` are masked wherever they stand.
std::string masked_diff(const std::string& old_text, const std::string& new_text,
                        const std::string& path, const std::vector<std::string>& new_secrets = {});

}  // namespace authd::core
