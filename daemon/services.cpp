#include "daemon/services.hpp"

#include <algorithm>
#include <array>

#include "daemon/wire.hpp"

namespace authd {

void Services::drop_from_overlay(const std::vector<core::Path>& keys) const {
  std::vector<std::string> names;
  for (const core::Path& key : keys)
    if (key.size() == 2 && key.front() == "env" && overlay.remove(key.back()))
      names.push_back(key.back());
  if (!names.empty()) publish("env", "env.changed", {{"names", names}});
}

void Services::publish_saved(const io::Saved& saved) const {
  if (!saved.changed) return;
  publish("settings", "settings.changed",
          {{"path", saved.path},
           {"etag", saved.etag},
           {"by", "self"},
           {"keys", wire::keys(saved.keys)},
           {"snapshot", saved.snapshot}});
  publish_models(saved.path, saved.keys);
}

void Services::publish_models(const std::string& path, const std::vector<core::Path>& keys) const {
  constexpr std::array<std::string_view, 5> members{"modelProviders", "providerProtocol", "model",
                                                    "security", "selectedAuthType"};
  const auto concerns_models = [&](const core::Path& key) {
    return key.empty() || std::ranges::find(members, key.front()) != members.end();
  };
  if (std::ranges::any_of(keys, concerns_models))
    publish("models", "models.changed", {{"path", path}});
}

}  // namespace authd
