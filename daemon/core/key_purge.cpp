#include "daemon/core/key_purge.hpp"

#include <functional>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

constexpr std::size_t repeated_value_bytes_min = 8;  // a shorter one is part of too many words
constexpr std::string_view replacement = "purged";

bool replace_all(std::string& text, std::string_view what, std::string_view with) {
  std::string result;
  std::size_t copied = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, copied)) {
    result.append(text, copied, at - copied).append(with);
    copied = at + what.size();
  }
  if (copied == 0) return false;
  text = result.append(text, copied);
  return true;
}

// All of them: the object "env" and the members in it may each be there twice.
std::vector<Jsonc::Node> env_members(const Jsonc& document) {
  std::vector<Jsonc::Node> members;
  if (document.kind(document.root()) != Jsonc::Kind::object) return members;
  for (const Jsonc::Node env : document.children(document.root())) {
    if (document.kind(env) != Jsonc::Kind::object || document.key(env) != "env") continue;
    for (const Jsonc::Node member : document.children(env)) members.push_back(member);
  }
  return members;
}

// Edits are made on documents without trailing commas, which moves the nodes.
Jsonc editable(const Jsonc& document) {
  return document.trailing_commas().empty() ? document : document.without_trailing_commas();
}

std::expected<Jsonc, JsoncError> without(const Jsonc& document,
                                         const std::vector<Jsonc::Node>& members) {
  Jsonc::Edit edit(document);
  for (const Jsonc::Node member : members) edit.remove(member);
  return edit.apply();
}

}  // namespace

std::vector<Jsonc::Node> KeyPurge::members_of(const Jsonc& document) const {
  std::vector<Jsonc::Node> members = env_members(document);
  std::erase_if(members, [&](const Jsonc::Node member) { return document.key(member) != name_; });
  return members;
}

bool KeyPurge::concerns(const std::string& text) const {
  const auto document = Jsonc::parse(text);
  return document ? !members_of(*document).empty() : text.find(name_) != std::string::npos;
}

void KeyPurge::learn(const std::string& text) {
  const auto document = Jsonc::parse(text);
  if (!document) return;
  for (const Jsonc::Node member : members_of(*document)) {
    const std::string value = document->string(member);
    // A reference to another variable ("${OTHER}") is no secret.
    if (value.size() >= repeated_value_bytes_min && !expandable_name(value)) values_.insert(value);
  }
}

// As bytes: in comments, in names, and in what does not parse.
std::string KeyPurge::without_values(std::string text) const {
  for (const std::string& value : values_) {
    replace_all(text, value, replacement);
    const std::string literal = quote(value);
    replace_all(text, std::string_view(literal).substr(1, literal.size() - 2), replacement);
  }
  return text;
}

// As strings, however their characters are escaped; then as bytes.
std::string KeyPurge::without_values(const Jsonc& document) const {
  std::string text;
  std::size_t copied = 0;
  const std::function<void(Jsonc::Node)> visit = [&](Jsonc::Node node) {
    for (const Jsonc::Node child : document.children(node)) visit(child);
    if (document.kind(node) != Jsonc::Kind::string) return;
    std::string string = document.string(node);
    bool found = false;
    for (const std::string& value : values_) found |= replace_all(string, value, replacement);
    if (!found) return;
    text.append(document.text(), copied, document.offset(node) - copied).append(quote(string));
    copied = document.offset(node) + document.source(node).size();
  };
  visit(document.root());
  return without_values(text.append(document.text(), copied));
}

bool KeyPurge::stands_elsewhere(const std::string& text) const {
  const auto document = Jsonc::parse(text);
  if (!document) return without_values(text) != text;
  const Jsonc whole = editable(*document);
  const auto rest = without(whole, env_members(whole));
  return rest && without_values(*rest) != rest->text();
}

std::optional<std::string> KeyPurge::purged(const std::string& text) const {
  auto document = Jsonc::parse(text);
  if (!document) {
    if (text.find(name_) != std::string::npos) return std::nullopt;
    return without_values(text);
  }
  if (!members_of(*document).empty()) {
    const Jsonc whole = editable(*document);
    document = without(whole, members_of(whole));
    if (!document) return std::nullopt;
  }
  std::string result = without_values(*document);
  if (result != document->text() && !Jsonc::parse(result)) return std::nullopt;
  return result;
}

}  // namespace authd::core
