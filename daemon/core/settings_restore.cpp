// Taking a write back: the inverse of its members on the file as it is now.
#include "daemon/core/settings.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

std::vector<std::string> path_of(const std::string& key) {
  std::vector<std::string> path;
  for (const std::string_view part : split(key, '.')) path.emplace_back(part);
  return path;
}

std::string fingerprint_at(const Jsonc& document, const std::string& key) {
  const Jsonc::Node node = document.find(path_of(key));
  return node == Jsonc::none ? "absent" : fingerprint(dump(document.value(node)));
}

Error edited_since(const SettingsFile& now, const std::vector<std::string>& keys) {
  return Error{ErrorKind::settings_conflict,
               join(keys, ", ") + (keys.size() == 1 ? " was" : " were") + " edited since in " + now.path + ".", "snapshot",
               "Take that edit back first, or set the member yourself.",
               {{"path", now.path}, {"etag", now.etag}, {"keys", keys}}};
}

// Objects that the write made and that hold nothing any more. An empty modelProviders is not
// nothing: it would draw later saves into a workspace (PRD, Persist scope).
Jsonc without_new_empty_parents(Jsonc document, const std::optional<Jsonc>& before, std::vector<std::string> path) {
  for (path.pop_back(); !path.empty(); path.pop_back()) {
    const Jsonc::Node parent = document.find(path);
    const bool empty = parent != Jsonc::none && document.kind(parent) == Jsonc::Kind::object &&
                       document.children(parent).empty();
    if (!empty || (before && before->find(path) != Jsonc::none)) break;
    document = document.remove(parent);
  }
  return document;
}

// The member as it was before, or no member where there was none.
std::expected<Jsonc, WrongShape> taken_back(const Jsonc& document, const std::optional<Jsonc>& before,
                                            const std::string& key) {
  const std::vector<std::string> path = path_of(key);
  const Jsonc::Node former = before ? before->find(path) : Jsonc::none;
  if (former != Jsonc::none) return document.set(path, before->ordered_value(former));
  Jsonc without = document;
  if (const Jsonc::Node node = without.find(path); node != Jsonc::none) without = without.remove(node);
  return without_new_empty_parents(std::move(without), before, path);
}

}  // namespace

std::map<std::string, std::string> member_fingerprints(const Jsonc& document, const std::vector<std::string>& keys) {
  std::map<std::string, std::string> fingerprints;
  for (const std::string& key : keys) fingerprints.emplace(key, fingerprint_at(document, key));
  return fingerprints;
}

Result<Plan> plan_restoration(const SettingsFile& now, const Restoration& restoration) {
  Plan plan{};
  plan.scope = restoration.scope;
  plan.path = restoration.path;
  plan.exists = now.exists;
  plan.etag = now.etag;
  plan.keys = restoration.keys;
  if (now.document) plan.old_text = now.document->text();
  if (restoration.unchanged || !now.exists) {
    plan.removes_file = !restoration.before && now.exists;
    plan.new_text = restoration.before.value_or("");
    return plan;
  }
  auto editable = editable_document(now, false);
  if (!editable) return std::unexpected(editable.error());
  std::vector<std::string> edited;
  for (const auto& [key, fingerprint] : restoration.fingerprints_after)
    if (fingerprint_at(*now.document, key) != fingerprint) edited.push_back(key);
  if (!edited.empty() || restoration.fingerprints_after.empty())
    return std::unexpected(edited_since(now, edited.empty() ? std::vector<std::string>{"The file"} : edited));
  std::optional<Jsonc> before;
  if (restoration.before)
    if (auto parsed = Jsonc::parse(*restoration.before)) before = *std::move(parsed);
  Jsonc document = *std::move(editable);
  for (const std::string& key : restoration.keys) {
    auto edit = taken_back(document, before, key);
    if (!edit) return std::unexpected(edited_since(now, {key}));
    document = *std::move(edit);
  }
  plan.new_text = document.text();
  plan.new_document = document;
  return plan;
}

}  // namespace authd::core
