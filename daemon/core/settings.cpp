// Settings files as values: scopes, and what they say.
#include "daemon/core/settings.hpp"

#include <algorithm>

#include "daemon/core/settings_shape.hpp"
#include "daemon/core/sha256.hpp"

namespace authd::core {

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::system_defaults: return "system-defaults";
    case Scope::user: return "user";
    case Scope::workspace: return "workspace";
    case Scope::system: return "system";
  }
  return "user";
}

Scope scope_named(std::string_view name) {
  for (const Scope scope : {Scope::system_defaults, Scope::workspace, Scope::system})
    if (scope_name(scope) == name) return scope;
  return Scope::user;
}

const SettingsFile& SettingsFiles::at(Scope scope) const {
  switch (scope) {
    case Scope::system_defaults: return system_defaults;
    case Scope::user: return user;
    case Scope::workspace: return workspace ? *workspace : user;
    case Scope::system: return system;
  }
  return user;
}

std::vector<const SettingsFile*> SettingsFiles::trusted() const {
  std::vector<const SettingsFile*> files;
  for (const SettingsFile* file : {&system_defaults, &user}) files.push_back(file);
  if (workspace && workspace_trusted) files.push_back(&*workspace);
  files.push_back(&system);
  return files;
}

std::vector<const SettingsFile*> SettingsFiles::merged() const {
  std::vector<const SettingsFile*> files = trusted();
  std::erase_if(files, [](const SettingsFile* file) { return !file->document; });
  return files;
}

std::vector<ModelEntry> model_entries(const SettingsFiles& files, Scope target) {
  std::vector<ModelEntry> entries;
  std::vector<const SettingsFile*> read = files.merged();
  const SettingsFile* const written = &files.at(target);
  if (written->document && std::find(read.begin(), read.end(), written) == read.end())
    read.push_back(written);
  for (const SettingsFile* file : read) {
    const Jsonc& document = *file->document;
    for (const Jsonc::Node provider :
         document.children(document.member(document.root(), "modelProviders"))) {
      const std::string protocol = document.key(provider);
      for (const Jsonc::Node entry : document.children(model_list(document, protocol).array))
        entries.push_back({file->scope, protocol, document.string_member(entry, "id"),
                           document.string_member(entry, "baseUrl"),
                           document.string_member(entry, "envKey")});
    }
  }
  return entries;
}

std::optional<MergedValue> merged_value(const SettingsFiles& files, MemberPath path) {
  const auto merged = files.merged();
  for (auto file = merged.rbegin(); file != merged.rend(); ++file) {
    const Jsonc& document = *(*file)->document;
    if (const Jsonc::Node node = document.find(path); node != Jsonc::none)
      return MergedValue{document.value(node), (*file)->scope};
  }
  return std::nullopt;
}

Scope persist_scope(const SettingsFiles& files) {
  if (!files.workspace || !files.workspace_trusted || !files.workspace->document)
    return Scope::user;
  const Jsonc& document = *files.workspace->document;
  const bool owns = document.member(document.root(), "modelProviders") != Jsonc::none;
  return owns ? Scope::workspace : Scope::user;
}

std::string content_id(std::string_view text) { return sha256_hex(text); }
std::string etag_of(std::string_view text) { return content_id(text).substr(0, 16); }

const std::string& SettingsFile::text() const {
  static const std::string none;
  return document ? document->text() : raw ? *raw : none;
}

}  // namespace authd::core
