#include "daemon/core/settings_merge.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/settings_plan.hpp"

namespace authd::core {
namespace {

constexpr std::array<std::string_view, 4> merged_by_name{"env", "mcpServers", "channels", "serve"};
constexpr std::array<std::string_view, 7> not_from_a_workspace{
    "tools.executionSandbox",
    "tools.workflowsEnabled",
    "security.allowPrivateNetworkHooks",
    "security.allowedInsecureVoiceBaseUrls",
    "goals.modelProposed",
    "outboundCorrelation.allowDynamicHeaderValues",
    "serve.tokenQr"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Merger {
 public:
  MergedSettings take() { return std::move(merged_); }

  void add(const Json& settings, Scope scope) {
    Path path;
    merge_object(merged_.value, settings, path, scope);
  }

 private:
  void merge_object(Json& into, const Json& from, Path& path, Scope scope) {
    for (const auto& [name, value] : from.items()) {
      if (is_skipped_name(name)) continue;
      path.push_back(name);
      const bool is_restricted =
          scope == Scope::workspace && is_one_of(not_from_a_workspace, path_text(path));
      if (!is_restricted) merge_member(into[name], value, path, scope);
      path.pop_back();
    }
  }

  void merge_member(Json& into, const Json& value, Path& path, Scope scope) {
    const bool whole = path.size() == 2 && is_one_of(merged_by_name, path.front());
    if (value.is_object() && !value.empty() && !whole) {
      if (!into.is_object()) {
        forget(path);
        into = Json::object();
      }
      merged_.origins.erase(path);  // of an empty object
      return merge_object(into, value, path, scope);
    }
    if (value.is_object() && into.is_object() && !whole) return;  // an empty object hides nothing
    forget(path);
    into = value;
    merged_.origins[path] = scope;
  }

  // What stood below a member that is replaced.
  void forget(const Path& path) {
    auto below = merged_.origins.lower_bound(path);
    while (below != merged_.origins.end() && is_below(below->first, path))
      below = merged_.origins.erase(below);
  }

  MergedSettings merged_;
};

}  // namespace

MergedSettings merge(const SettingsFiles& files) {
  Merger merger;
  std::vector<Warning> warnings;
  for (const SettingsFile* file : files.trusted()) {
    if (!file->exists) continue;
    if (const auto document = editable_document(*file, false))
      merger.add(document->value(document->root()), file->scope);
    else
      warnings.push_back(
          {"F801", "file.unparseable", {}, document.error().message + " Nothing in it counts."});
  }
  MergedSettings merged = merger.take();
  merged.warnings = std::move(warnings);
  return merged;
}

}  // namespace authd::core
