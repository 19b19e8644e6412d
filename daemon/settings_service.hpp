// settings.*: everything about the settings files but the wizards. Io thread only; files are read
// and written on the settings thread.
#pragma once

#include "daemon/rpc/dispatcher.hpp"
#include "daemon/settings_jobs.hpp"
#include "protocol/messages.hpp"

namespace authd {

class SettingsService {
 public:
  explicit SettingsService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  void scopes(SettingsScopes params, rpc::Request request);
  void get(SettingsGet params, rpc::Request request);
  void set(SettingsSet params, rpc::Request request);
  void remove(SettingsRemove params, rpc::Request request);
  void apply(SettingsApply params, rpc::Request request);
  void history(SettingsHistory params, rpc::Request request);
  void diff(SettingsDiff params, rpc::Request request);
  void undo(SettingsUndo params, rpc::Request request);
  void restore(SettingsRestore params, rpc::Request request);

  Result<Written> take_back(io::SettingsStore& store, const io::Snapshot& snapshot,
                            const std::string& method, const std::vector<core::Path>& keys,
                            const std::optional<std::string>& etag) const;

  Services& services_;
};

}  // namespace authd
